"""DKIM signatures as they verify now (RFC 6376, 8301, 8463); dkimpy does the cryptography.

A signature that doesn't hold says little: keys are withdrawn, lists add footers. One that holds says
much, so nothing that RFC 8301 rules out counts as a pass.
"""

import asyncio
import time
from datetime import datetime

from bot.checks.answers import Answers
from bot.checks.keys import fetch_key
from bot.checks.signed import Field, NotVerified, Signed, Tags, signed_names, tags_of, usable_key, valid_form
from bot.model import DkimNow, Message, Result
from bot.ports import Resolver

MAX_SIGNATURES = 10
"""The topmost ones are verified, the rest named as skipped."""

IN_THREAD = 200_000
"""Octets of message from which hashing moves off the event loop."""

_WANTED = [b"v", b"a", b"b", b"bh", b"d", b"h", b"s"]


async def check(raw: bytes, resolver: Resolver, *, delivered: datetime | None = None) -> tuple[DkimNow, ...]:
    """Every signature of a message, the topmost first; () for a message without any.

    An expiry (x=) counts as of `delivered`, the time at which the receiver took the mail, else as of now.
    """
    try:
        signed = Signed(raw)
    except NotVerified as refused:
        return (DkimNow("", "", refused.result, refused.reason),)
    answers = Answers(resolver)
    fields = signed.fields(b"dkim-signature")
    judged = await asyncio.gather(*(_one(signed, field, answers, delivered) for field in fields[:MAX_SIGNATURES]))
    skipped = [_skipped(field) for field in fields[MAX_SIGNATURES : 2 * MAX_SIGNATURES]]
    return (*judged, *skipped)


async def _one(signed: Signed, field: Field, answers: Answers, delivered: datetime | None) -> DkimNow:
    tags: Tags = {}
    try:
        tags = tags_of(field)
        names = _checked(tags, delivered)
        key = usable_key(await fetch_key(answers, tags[b"s"], tags[b"d"]), tags[b"a"])
        _refuse_other_identity(tags, key)
        await _in_time(signed, tags, names, field, key)
        return _now(tags, Result.PASS, _remark(signed, tags))
    except NotVerified as refused:
        return _now(tags, refused.result, refused.reason)


async def _in_time(signed: Signed, tags: Tags, names: list[bytes], field: Field, key: bytes) -> None:
    if signed.octets < IN_THREAD:
        signed.verify(tags, names, field, key)
    else:
        await asyncio.to_thread(signed.verify, tags, names, field, key)


def _checked(tags: Tags, delivered: datetime | None) -> list[bytes]:
    """The signed fields' names, if everything that needs no key is in order."""
    valid_form(tags, _WANTED)
    moment = delivered.timestamp() if delivered is not None else time.time()
    if b"x" in tags and not (tags[b"x"].isdigit() and len(tags[b"x"]) <= 12 and int(tags[b"x"]) >= moment):
        raise NotVerified(Result.FAIL, "signature expired")
    names = signed_names(tags)
    if b"from" not in names:
        raise NotVerified(Result.PERMERROR, "the signature doesn't cover From")  # RFC 6376, 6.1.1
    return names


def _refuse_other_identity(tags: Tags, key: bytes) -> None:
    """t=s in the key: the identity must be of the very domain, not of one below (RFC 6376, 3.6.1)."""
    flags = tags_of(Field(b"", key)).get(b"t", b"").split(b":")
    identity = tags.get(b"i", b"@" + tags[b"d"]).rpartition(b"@")[2]
    if b"s" in [flag.strip() for flag in flags] and identity.lower() != tags[b"d"].lower():
        raise NotVerified(Result.PERMERROR, "the key doesn't allow an identity below its domain")


def _remark(signed: Signed, tags: Tags) -> str:
    unsigned = signed.unsigned_octets(tags)
    return f"the last {unsigned} octets of the body aren't signed (l=)" if unsigned else ""


def _skipped(field: Field) -> DkimNow:
    try:
        return _now(tags_of(field), Result.POLICY, f"only the first {MAX_SIGNATURES} signatures are verified")
    except NotVerified as refused:
        return _now({}, refused.result, refused.reason)


def _now(tags: Tags, result: Result, reason: str) -> DkimNow:
    domain = tags.get(b"d", b"").decode("ascii", "replace").lower()
    return DkimNow(domain, tags.get(b"s", b"").decode("ascii", "replace"), result, reason)


def delivered_at(message: Message) -> datetime | None:
    """When the receiver took the mail, by its own border line."""
    return None if message.border is None else message.border.at
