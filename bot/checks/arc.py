"""The ARC chain as it validates now (RFC 8617, 5.2).

dkimpy finds a message signature only where it is spaced as dkimpy itself would write it; so the
chain is put together here, and only single signatures are given to it.
"""

import asyncio
import re
from dataclasses import dataclass

from bot.checks.answers import Answers
from bot.checks.dkim import IN_THREAD
from bot.checks.keys import fetch_key
from bot.checks.signed import Field, NotVerified, Signed, Tags, signed_names, tags_of, usable_key, valid_form
from bot.model import ArcNow, Result
from bot.ports import Resolver

MAX_SETS = 50
"""RFC 8617, 4.2.1."""

MAX_VERIFIED = 12
"""Sets whose seals are verified: real chains have under five."""

_RESULTS, _SIGNATURE, _SEAL = b"arc-authentication-results", b"arc-message-signature", b"arc-seal"
_SIGNATURE_TAGS = [b"a", b"b", b"bh", b"d", b"h", b"s"]
_SEAL_TAGS = [b"a", b"b", b"cv", b"d", b"s"]
_INSTANCE = re.compile(rb"\s*i\s{0,9}=\s{0,9}([0-9]{1,3})\s*(?:;|$)")


@dataclass(frozen=True, slots=True)
class _Set:
    """One instance's three fields (RFC 8617, 4.2)."""

    results: Field
    signature: Field
    seal: Field
    signature_tags: Tags
    seal_tags: Tags

    def sealed(self) -> list[Field]:
        return [self.results, self.signature, self.seal]


async def check(raw: bytes, resolver: Resolver) -> ArcNow:
    """The chain's result: none, pass, or fail with a reason; temperror without DNS, policy over a bound."""
    try:
        signed = Signed(raw)
        found = signed.fields(_RESULTS, _SIGNATURE, _SEAL)
        if not found:
            return ArcNow(Result.NONE)
        sets = _sets(found)
    except NotVerified as refused:
        word = Result.POLICY if refused.result is Result.POLICY else Result.FAIL
        return ArcNow(word, (), refused.reason)
    sealers = tuple(each.seal_tags[b"d"].decode("ascii", "replace").lower() for each in sets)
    try:
        await _validate(signed, sets, Answers(resolver))
    except NotVerified as refused:
        word = Result.TEMPERROR if refused.result is Result.TEMPERROR else Result.FAIL
        return ArcNow(word, sealers, refused.reason)
    return ArcNow(Result.PASS, sealers)


def _sets(found: tuple[Field, ...]) -> list[_Set]:
    """The sets from the first to the newest. Raises NotVerified for gaps and doubles (RFC 8617, 5.2 step 2)."""
    by_place: dict[tuple[int, bytes], Field] = {}
    for field in found:
        place = (_instance(field), field.name.lower())
        if place in by_place:
            raise NotVerified(Result.FAIL, f"set {place[0]} holds a field twice")
        by_place[place] = field
    count = max(instance for instance, _ in by_place)
    if not 1 <= count <= MAX_SETS or len(by_place) != 3 * count:
        raise NotVerified(Result.FAIL, "a set is incomplete")
    if count > MAX_VERIFIED:
        raise NotVerified(Result.POLICY, f"only chains of up to {MAX_VERIFIED} sets are verified")
    try:
        return [_set(by_place, instance) for instance in range(1, count + 1)]
    except KeyError as gap:
        raise NotVerified(Result.FAIL, "a set is incomplete") from gap


def _instance(field: Field) -> int:
    if field.name.lower() == _RESULTS:
        found = _INSTANCE.match(field.value)  # its payload isn't a tag list (RFC 8617, 4.1.1)
        if found is None:
            raise NotVerified(Result.FAIL, "a field without an instance")
        return int(found[1])
    number = tags_of(field).get(b"i", b"")
    if not (number.isdigit() and len(number) <= 3):
        raise NotVerified(Result.FAIL, "a field without an instance")
    return int(number)


def _set(by_place: dict[tuple[int, bytes], Field], instance: int) -> _Set:
    results, signature, seal = (by_place[instance, name] for name in (_RESULTS, _SIGNATURE, _SEAL))
    one = _Set(results, signature, seal, tags_of(signature), tags_of(seal))
    for tags, wanted in ((one.signature_tags, _SIGNATURE_TAGS), (one.seal_tags, _SEAL_TAGS)):
        # Here i= is the instance; in DKIM it is an identity, and would be checked as one.
        _valid({tag: value for tag, value in tags.items() if tag != b"i"}, wanted)
    if b"h" in one.seal_tags:
        raise NotVerified(Result.FAIL, "a seal with h= (RFC 8617, 4.1.3)")
    expected = b"none" if instance == 1 else b"pass"
    if one.seal_tags[b"cv"].lower() != expected:
        raise NotVerified(Result.FAIL, f"set {instance} says cv={one.seal_tags[b'cv'].decode('ascii', 'replace')}")
    return one


def _valid(tags: Tags, wanted: list[bytes]) -> None:
    try:
        valid_form(tags, wanted)
    except NotVerified as refused:
        raise NotVerified(Result.FAIL, refused.reason) from refused


async def _validate(signed: Signed, sets: list[_Set], answers: Answers) -> None:
    """The newest message signature, then every seal (RFC 8617, 5.2 steps 3 to 5). Raises NotVerified."""
    newest = sets[-1].signature_tags
    wanted = [newest, *(each.seal_tags for each in sets)]
    keys = await asyncio.gather(*(_key(answers, tags) for tags in wanted))
    await _run(signed, sets, keys)


async def _key(answers: Answers, tags: Tags) -> bytes:
    return usable_key(await fetch_key(answers, tags[b"s"], tags[b"d"]), tags[b"a"])


async def _run(signed: Signed, sets: list[_Set], keys: list[bytes]) -> None:
    if signed.octets < IN_THREAD:
        _verify(signed, sets, keys)
    else:
        await asyncio.to_thread(_verify, signed, sets, keys)


def _verify(signed: Signed, sets: list[_Set], keys: list[bytes]) -> None:
    newest = sets[-1]
    tags = {b"c": b"relaxed/relaxed"} | newest.signature_tags
    names = signed_names(tags)
    if _SEAL in names:
        raise NotVerified(Result.FAIL, "the message signature covers a seal (RFC 8617, 4.1.2)")
    try:
        failing = "the newest message signature"
        signed.verify(tags, names, newest.signature, keys[0])
        fields: list[Field] = []
        for number, one in enumerate(sets, 1):
            fields += one.sealed()
            failing = f"seal {number}"
            signed.verify_seal(one.seal_tags, fields[:-1], one.seal, keys[number])
    except NotVerified as refused:
        raise NotVerified(refused.result, f"{failing}: {refused.reason}") from refused
