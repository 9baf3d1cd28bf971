"""What verifiers wrote about a mail: Authentication-Results (RFC 8601) in every common form.

Microsoft writes no authserv-id, Google adds comments, opendkim forgets semicolons, others write one field
a method. The result is what the verifier found; a published policy in a comment (`p=reject`) never is.
"""

import re
from dataclasses import dataclass

from bot.hosts import clean_host, clean_ip
from bot.intake.stamps_scan import Piece, Segment, scan
from bot.model import Defect, Method, Result, Stamp, Zone

MOST_RESULTS = 60
"""Results kept of one field."""
_METHODS = {
    "spf": Method.SPF,
    "dkim": Method.DKIM,
    "dmarc": Method.DMARC,
    "arc": Method.ARC,
    "compauth": Method.COMPAUTH,
    "auth": Method.AUTH,
    "iprev": Method.IPREV,
}
_OTHER_METHODS = frozenset(
    {"dkim-adsp", "dkim-atps", "domainkeys", "dk", "sender-id", "senderid", "dnswl", "vbr", "bimi", "smime", "rrvs"}
    | {"adsp", "dara", "fp-gsmtp", "x-tls", "x-ptr", "x-me-sender", "x-arc-domain", "x-aligned-from", "x-dkim"}
)
_WORDS = {result.value: result for result in Result} | {
    "hardfail": Result.FAIL,  # RFC 5451's word for fail
    "timeout": Result.TEMPERROR,  # Microsoft: no answer from DNS
    "tempfail": Result.TEMPERROR,
    "error": Result.TEMPERROR,  # RFC 4408 before its errata, Sendmail's milters
    "permfail": Result.PERMERROR,
}
_IDENTITIES = {
    Method.SPF: (
        *("smtp.mailfrom", "smtp.mfrom", "smtp.mail", "smtp.envelope-from", "envelope-from"),
        *("smtp.helo", "smtp.ehlo", "helo"),
    ),
    Method.DKIM: ("header.d", "header.i", "header.from"),
    Method.DMARC: ("header.from", "from", "d"),
    Method.ARC: ("header.d", "arc.domain", "header.oldest-pass"),
    Method.AUTH: ("smtp.auth", "smtp.mailfrom", "smtp.mail"),
    Method.IPREV: ("smtp.remote-host", "policy.iprev"),
}
_ADDRESSES = ("smtp.remote-ip", "smtp.client-ip", "smtp.client", "policy.iprev", "sender-ip", "client-ip", "ip")
_ACTIONS = ("action", "policy.dmarc", "policy.applied-disposition", "dis")
_DISPOSITION = re.compile(r"\bdis=([A-Za-z]{1,20})")
_PLAIN_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}\.?")
_NOTHING = frozenset({"", "none", "<>", "unknown", "null", "@", "-"})


@dataclass(frozen=True, slots=True)
class ReadField:
    """One field's statements and what was wrong with it."""

    authserv_id: str = ""
    instance: int = 0
    stamps: tuple[Stamp, ...] = ()
    defects: tuple[Defect, ...] = ()


def read_results(value: str, source: str = "Authentication-Results") -> ReadField:
    """Reads one field's value; never raises.

    All stamps are OUTSIDE: their place in the mail decides later, not their words.
    """
    segments = scan(value)
    authserv_id, instance, rest = _preamble(segments)
    groups = _results(rest)[:MOST_RESULTS]
    stamps: list[Stamp] = []
    defects: list[Defect] = []
    for group in groups:
        stamp, wrong = _stamp(group, authserv_id, instance, source)
        stamps.append(stamp)
        defects.extend(wrong)
    return ReadField(authserv_id, instance, tuple(stamps), (*defects, *_repeated(stamps)))


def _preamble(segments: tuple[Segment, ...]) -> tuple[str, int, tuple[Segment, ...]]:
    """Takes the ARC instance and the authserv-id with its version off the front (RFC 8601, 2.2; RFC 8617, 4.1.1)."""
    rest, instance = segments, 0
    if rest and rest[0][0].key == "i" and rest[0][0].text.isdigit() and len(rest[0][0].text) < 3:
        instance = int(rest[0][0].text)
        rest = (rest[0][1:], *rest[1:]) if rest[0][1:] else rest[1:]
    words = [piece for piece in rest[0] if not piece.comment] if rest else []
    if not words or words[0].key:
        return "", instance, rest
    remainder = tuple(piece for piece in rest[0] if piece is not words[0])
    if len(words) > 1 and not words[1].key and words[1].text.isdigit():
        remainder = tuple(piece for piece in remainder if piece is not words[1])
    joined = (remainder, *rest[1:]) if any(piece.key for piece in remainder) else rest[1:]
    return words[0].text.lower()[:253], instance, joined


def _results(segments: tuple[Segment, ...]) -> list[list[Piece]]:
    """One group of pieces for each method.

    opendkim writes several without a semicolon between them; Amazon puts one before each property.
    """
    groups: list[list[Piece]] = []
    for segment in segments:
        for index, piece in enumerate(segment):
            if piece.key and (_is_method(piece.key) or (index == 0 and read_word(piece.text) is not Result.OTHER)):
                groups.append([piece])
            elif groups:
                groups[-1].append(piece)
    return groups


def _is_method(key: str) -> bool:
    name = key.partition("/")[0]
    return name in _METHODS or name in _OTHER_METHODS or (name.startswith("x-") and "." not in name)


def _stamp(group: list[Piece], authserv_id: str, instance: int, source: str) -> tuple[Stamp, list[Defect]]:
    name = group[0].key.partition("/")[0]
    method = _METHODS.get(name, Method.OTHER)
    comments = [piece.text for piece in group if piece.comment]
    properties: dict[str, str] = {}
    for piece in group[1:]:
        if piece.key:
            properties.setdefault(piece.key, piece.text)
    identity = _identity(method, properties)
    domain, wrong = _domain(identity, group[0].key)
    word = group[0].text.lower()
    stamp = Stamp(
        method=method,
        result=read_word(word),
        zone=Zone.OUTSIDE,
        word=word if method is not Method.OTHER else f"{name}={word}",
        authserv_id=authserv_id,
        domain=domain,
        identity=identity[:320],
        ip=_ip(properties, comments),
        reason=properties.get("reason", "") or "; ".join(comments)[:600],
        action=_action(properties, comments),
        source=source,
        arc_instance=instance,
        selector=properties.get("header.s", "")[:255],
    )
    return stamp, wrong


def read_word(word: str) -> Result:
    """The result that a verifier's word stands for; OTHER for one that no RFC has."""
    return _WORDS.get(word.strip().lower(), Result.OTHER)


def _identity(method: Method, properties: dict[str, str]) -> str:
    """The property that the result is about, the first that says something."""
    values = [properties[name] for name in _IDENTITIES.get(method, ()) if name in properties]
    return next((value for value in values if value.lower() not in _NOTHING), values[0] if values else "")


def _domain(identity: str, method: str) -> tuple[str, list[Defect]]:
    domain, clean = domain_of(identity)
    return domain, [] if clean else [Defect("unclean-stamp-domain", f"{method} names {identity[:120]!r}, not a host")]


def domain_of(identity: str) -> tuple[str, bool]:
    """The domain of an address or name, and whether the value was one: "" and False prove nothing.

    Nothing, "none" and a single label (`root@localhost`) are clean without being a domain.
    """
    text = identity.strip().strip("<>").rpartition("@")[2]
    if identity.strip().lower() in _NOTHING or text.lower() == "none" or _PLAIN_LABEL.fullmatch(text) or clean_ip(text):
        return "", True
    domain = clean_host(text)
    return domain, bool(domain)


def _ip(properties: dict[str, str], comments: list[str]) -> str:
    """The client's address: a property, or the first address in a comment ("sender IP is …", "designates … as")."""
    for name in _ADDRESSES:
        if ip := clean_ip(properties.get(name, "")):
            return ip
    return next((ip for comment in comments if (ip := ip_in(comment))), "")


def ip_in(text: str) -> str:
    """The first IP address that stands as a word of its own."""
    words = (word.strip(".,;()[]") for word in text[:600].split()[:80])
    return next((ip for word in words if (ip := clean_ip(word.rpartition("=")[2]))), "")


def _action(properties: dict[str, str], comments: list[str]) -> str:
    for name in _ACTIONS:
        if name in properties:
            return properties[name].lower()[:64]
    found = next((match for comment in comments if (match := _DISPOSITION.search(comment))), None)
    return found[1].lower() if found else ""


def _repeated(stamps: list[Stamp]) -> list[Defect]:
    """One verifier reaches one SPF and one DMARC result; two that differ in one field were made to mislead."""
    seen: dict[Method, str] = {}
    wrong: list[Defect] = []
    for stamp in stamps:
        if stamp.method not in (Method.SPF, Method.DMARC, Method.COMPAUTH):
            continue
        first = seen.setdefault(stamp.method, stamp.word)
        if first != stamp.word and stamp.method is not Method.SPF:  # SPF for HELO and MAIL FROM are two results
            wrong.append(Defect("contradicting-stamp", f"{stamp.method} is {first} and {stamp.word} in one field"))
    return wrong
