"""A DMARC record's tags (RFC 9989, 4.7)."""

import re
from dataclasses import dataclass

MAX_TAGS = 60

_POLICIES = ("none", "quarantine", "reject")
_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """What a record asks for; sp and np are "" where it doesn't say."""

    policy: str
    subdomain_policy: str = ""
    nonexistent_policy: str = ""
    testing: bool = False
    strict_spf: bool = False
    strict_dkim: bool = False
    psd: str = "u"
    usable: bool = True
    """False where p, sp or np isn't one of the policies and nobody asked for reports: no DMARC then."""


def only_record(texts: tuple[bytes, ...]) -> Record | None:
    """The one DMARC record among a name's TXT records; several count as none (RFC 9989, 4.10)."""
    found = [text.decode("utf-8", "replace") for text in texts if is_record(text)]
    return parse(found[0]) if len(found) == 1 else None


def is_record(text: bytes) -> bool:
    """Whether it begins with v=DMARC1, the value in exactly this case (RFC 9989, 4.8)."""
    shown = text[:40].decode("utf-8", "replace")
    return _VERSION.match(shown) is not None and "DMARC1" in shown


def parse(text: str) -> Record:
    """Unknown tags are left aside, and unusable values stand for their defaults (RFC 9989, 4.7)."""
    tags = _tags(text)
    policy, below, missing = tags.get("p", "none"), tags.get("sp", ""), tags.get("np", "")
    valid = policy in _POLICIES and below in ("", *_POLICIES) and missing in ("", *_POLICIES)
    if not valid:
        policy, below, missing = "none", "", ""
    return Record(
        policy=policy,
        subdomain_policy=below,
        nonexistent_policy=missing,
        testing=tags.get("t") == "y",
        strict_spf=tags.get("aspf") == "s",
        strict_dkim=tags.get("adkim") == "s",
        psd=tags["psd"] if tags.get("psd") in ("y", "n") else "u",
        usable=valid or "mailto:" in tags.get("rua", ""),
    )


def _tags(text: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    for part in text.split(";")[:MAX_TAGS]:
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip().lower())
    return tags
