"""The tag=value lists of DKIM-Signature (RFC 6376, 3.2) and of the ARC fields (RFC 8617, 4.1)."""

import re
from collections.abc import Sequence
from itertools import islice

from bot.hosts import clean_host
from bot.model import ArcSet, Header, Signature

MOST_SIGNATURES = 50
"""Signatures kept; a verifier may refuse to look at many (RFC 6376, 6.1), and so do we."""
LONGEST_FIELD = 16_384
_WHITE = re.compile(r"\s+")


def read_tags(value: str) -> dict[str, str]:
    """The tags of a list, white space inside values taken out; of a repeated tag the first counts."""
    tags: dict[str, str] = {}
    for part in value[:LONGEST_FIELD].split(";"):
        name, equals, text = part.partition("=")
        if equals and 0 < len(name.strip()) <= 64:
            tags.setdefault(name.strip().lower(), _WHITE.sub("", text))
    return tags


def read_signatures(headers: Sequence[Header]) -> tuple[Signature, ...]:
    """Every DKIM-Signature's tags, in message order, unverified. `domain` is "" if it isn't a host name."""
    fields = (header.value for header in headers if header.name.strip().lower() == "dkim-signature")
    return tuple(_signature(value) for value in islice(fields, MOST_SIGNATURES))


def _signature(value: str) -> Signature:
    tags = read_tags(value)
    length = tags.get("l", "")
    return Signature(
        domain=clean_host(tags.get("d", "")),
        selector=tags.get("s", "")[:255],
        identity=tags.get("i", "")[:320],
        signed_headers=tuple(name.lower() for name in tags.get("h", "").split(":") if name)[:200],
        algorithm=tags.get("a", "").lower()[:64],
        body_length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
        raw=value[:LONGEST_FIELD],
    )


def read_arc_sets(headers: Sequence[Header]) -> tuple[ArcSet, ...]:
    """One set for each ARC-Seal with an instance of 1 to 50 (RFC 8617, 4.2.1), the lowest instance first."""
    sets: dict[int, ArcSet] = {}
    for header in headers:
        if header.name.strip().lower() != "arc-seal":
            continue
        tags = read_tags(header.value)
        instance = arc_instance(tags)
        if instance:
            sets.setdefault(instance, ArcSet(instance, clean_host(tags.get("d", "")), tags.get("cv", "").lower()[:16]))
    return tuple(sets[instance] for instance in sorted(sets))


def arc_instance(tags: dict[str, str]) -> int:
    """The `i=` tag, or 0 where it isn't a number from 1 to 50."""
    text = tags.get("i", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= 50 else 0
