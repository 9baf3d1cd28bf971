"""A message prepared for the verification of its signatures (RFC 6376, 3.4), within bounds.

dkimpy does the cryptography. What it does slowly on hostile input is done here first, or refused
with a reason: relaxed bodies by replacing instead of by regular expression, folded fields of
megabytes, huge keys.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

import dkim
import dkim.crypto
import dkim.util

from bot.model import Result

MAX_BODY = 25_000_000
"""Octets of body that are still hashed."""

MAX_HEADER_SECTION = 256_000
MAX_HEADER_LINES = 8_000
MAX_SIGNATURE = 16_000
"""Octets of a signature field; a real one has under 2,000."""

MAX_SIGNED_NAMES = 400

MIN_KEY_BITS = 1_024
"""RFC 8301, 3.2: signatures of shorter RSA keys don't count."""

MAX_KEY_BITS = 8_192
MAX_EXPONENT_BITS = 64

ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")
"""RFC 8301, 3.1 retires rsa-sha1."""

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_SPACES = re.compile(rb"\s{200}")

BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError, AssertionError)
"""What dkimpy lets escape on malformed signatures and keys, beside its own DKIMException."""


class NotVerified(Exception):
    """A signature that doesn't count: the result's word and why."""

    def __init__(self, result: Result, reason: str) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason


Tags = dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Field:
    """One header field as dkimpy splits it: name, and value with its folds and line end."""

    name: bytes
    value: bytes


class Signed:
    """A message's fields and canonical bodies, made once for all of its signatures; its lines may end in LF.

    Raises NotVerified (POLICY) for a message over the bounds, or one whose header is no header.
    """

    def __init__(self, raw: bytes) -> None:
        header, self._raw_body = _halves(raw)
        try:
            headers, _ = dkim.rfc822_parse(header)
        except (dkim.DKIMException, *BROKEN) as bad:
            raise NotVerified(Result.NEUTRAL, "the header can't be read as one") from bad
        self.octets = len(raw)
        self._headers: list[list[bytes]] = headers
        self._bodies: dict[bytes, bytes] = {}

    def fields(self, *names: bytes) -> tuple[Field, ...]:
        """The fields of these lower-case names, the topmost first."""
        return tuple(Field(name, value) for name, value in self._headers if name.lower() in names)

    def verify(self, tags: Tags, names: list[bytes], field: Field, key: bytes) -> None:
        """Raises NotVerified unless the signature over the body and these fields holds under that key."""
        self._verify_body(tags)
        # Without bh= dkimpy leaves the body alone; it would canonicalize it anew for each signature.
        _run(self._headers, {tag: value for tag, value in tags.items() if tag != b"bh"}, names, field, key)

    def unsigned_octets(self, tags: Tags) -> int:
        """Octets of the body behind the part that l= signs; 0 without l= (RFC 6376, 8.2)."""
        return max(0, len(self._canonical(tags)) - int(tags[b"l"])) if b"l" in tags else 0

    def _verify_body(self, tags: Tags) -> None:
        body = self._canonical(tags)
        if b"l" in tags:
            body = body[: int(tags[b"l"])]
        try:
            expected = base64.b64decode(re.sub(rb"\s+", b"", tags[b"bh"]))
        except binascii.Error as bad:
            raise NotVerified(Result.NEUTRAL, "malformed signature") from bad
        if hashlib.sha256(body).digest() != expected:
            raise NotVerified(Result.FAIL, "body hash did not verify")

    def verify_seal(self, tags: Tags, sealed: list[Field], field: Field, key: bytes) -> None:
        """The same for an ARC-Seal, which covers exactly these fields in this order (RFC 8617, 5.1.1)."""
        # dkimpy picks fields from the bottom up, so the first one sealed has to stand last.
        headers = [[each.name, each.value] for each in reversed(sealed)]
        names = [each.name.lower() for each in sealed]
        _run(headers, tags | {b"c": b"relaxed/relaxed"}, names, field, key)

    def _canonical(self, tags: Tags) -> bytes:
        """The body as canonicalized (RFC 6376, 3.4.3 and 3.4.4)."""
        _, _, kind = tags.get(b"c", b"simple/simple").partition(b"/")
        kind = kind or b"simple"
        if kind not in self._bodies:
            body = self._raw_body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            self._bodies[kind] = _relaxed(body) if kind == b"relaxed" else _without_empty_end(body)
        return self._bodies[kind]


def _run(headers: list[list[bytes]], tags: Tags, names: list[bytes], field: Field, key: bytes) -> None:
    signer = dkim.DKIM()  # one for each signature: dkimpy keeps the key in it, and threads share the message
    signer.headers = headers
    try:
        signer.pk, signer.keysize, signer.ktag, signer.seqtlsrpt = dkim.evaluate_pk("key", key)
        holds = signer.verify_sig_process(tags, list(names), (field.name, field.value), None)
    except (dkim.DKIMException, binascii.Error, *BROKEN) as bad:
        raise NotVerified(Result.PERMERROR, f"the signature can't be verified ({type(bad).__name__})") from bad
    if not holds:
        raise NotVerified(Result.FAIL, "signature did not verify")


def _relaxed(body: bytes) -> bytes:
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = _without_empty_end(body.replace(b" \r\n", b"\r\n").removesuffix(b" "))
    return b"" if body == b"\r\n" else body


def _without_empty_end(body: bytes) -> bytes:
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n"


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """Header section and body, divided at the first empty line (RFC 5322, 2.1). Raises NotVerified over a bound."""
    end = _EMPTY_LINE.search(raw)
    header, body = (raw, b"") if end is None else (raw[: end.start() + 1], raw[end.end() :])
    if len(header) > MAX_HEADER_SECTION or header.count(b"\n") > MAX_HEADER_LINES:
        raise NotVerified(Result.POLICY, "the header is too long to verify signatures")
    if len(body) > MAX_BODY:
        raise NotVerified(Result.POLICY, f"the body is over {MAX_BODY // 1_000_000} MB: not verified")
    return header, body


def tags_of(field: Field) -> Tags:
    """A signature's tags (RFC 6376, 3.2). Raises NotVerified."""
    if len(field.value) > MAX_SIGNATURE or _SPACES.search(field.value):
        raise NotVerified(Result.POLICY, "the signature field is too long")
    try:
        tags: Tags = dkim.util.parse_tag_value(field.value)
    except (dkim.util.InvalidTagValueList, *BROKEN) as bad:
        raise NotVerified(Result.NEUTRAL, "malformed signature") from bad
    return tags


def valid_form(tags: Tags, wanted: list[bytes]) -> None:
    """Checks tags as dkimpy does, x= aside: the caller knows the day of delivery. Raises NotVerified."""
    try:
        dkim.validate_signature_fields({tag: tags[tag] for tag in tags if tag != b"x"}, wanted)
        b"".join(tags.values()).decode("ascii")
    except (dkim.DKIMException, *BROKEN) as bad:
        raise NotVerified(Result.NEUTRAL, "malformed signature") from bad
    if tags[b"a"] not in ALGORITHMS:
        raise NotVerified(Result.POLICY, f"{tags[b'a'].decode('ascii', 'replace')} is no longer accepted")


def signed_names(tags: Tags) -> list[bytes]:
    """The names in h=, in lower case. Raises NotVerified for too many of them."""
    names = [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]
    if len(names) > MAX_SIGNED_NAMES:
        raise NotVerified(Result.POLICY, "the signature names too many fields")
    return names


def usable_key(record: bytes, algorithm: bytes) -> bytes:
    """The key record, if it may verify that algorithm (RFC 6376, 3.6.1; RFC 8301). Raises NotVerified."""
    try:
        tags: Tags = dkim.util.parse_tag_value(record)
    except (dkim.util.InvalidTagValueList, *BROKEN) as bad:
        raise NotVerified(Result.PERMERROR, "malformed key record") from bad
    kind, _, digest = algorithm.partition(b"-")
    if tags.get(b"v", b"DKIM1") != b"DKIM1" or b"p" not in tags:
        raise NotVerified(Result.PERMERROR, "malformed key record")
    if not tags[b"p"]:
        raise NotVerified(Result.PERMERROR, "key revoked")
    if tags.get(b"k", b"rsa") != kind:
        raise NotVerified(Result.PERMERROR, "the key is for another algorithm")
    if b"h" in tags and digest not in [each.strip() for each in tags[b"h"].split(b":")]:
        raise NotVerified(Result.PERMERROR, "the key doesn't allow this hash")
    if b"s" in tags and not {b"*", b"email"} & {each.strip() for each in tags[b"s"].split(b":")}:
        raise NotVerified(Result.PERMERROR, "the key isn't for e-mail")
    if kind == b"rsa":
        _refuse_key(tags[b"p"])
    return record


def _refuse_key(encoded: bytes) -> None:
    try:
        key = dkim.crypto.parse_public_key(base64.b64decode(re.sub(rb"\s+", b"", encoded)))
        bits, exponent = key["modulus"].bit_length(), key["publicExponent"].bit_length()
    except (dkim.crypto.UnparsableKeyError, binascii.Error, *BROKEN) as bad:
        raise NotVerified(Result.PERMERROR, "malformed key record") from bad
    if bits < MIN_KEY_BITS:
        raise NotVerified(Result.POLICY, f"a key of {bits} bits is too short")
    if bits > MAX_KEY_BITS or exponent > MAX_EXPONENT_BITS:
        raise NotVerified(Result.POLICY, f"a key of {bits} bits is over our bound")
