"""The ARC chain as validated now: the suite, and chains of our own."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.checks import arc
from bot.model import ArcNow, Result
from tests.fakeresolver import FakeResolver, Zones
from tests.signing import MAIL, key_zone, seal, sign
from tests.test_dkim import suite

ENDED = {"cv_fail_i1_as_cv_fail", "cv_fail_i2_as2_fail", "cv_fail_i2_as1_fail"}
"""The suite's draft gave no result for a chain whose seal says cv=fail; RFC 8617, 5.2 ended in fail."""

KEYS = key_zone("s1.forwarder.test", "s1.second.test")


def _check(raw: bytes, zones: Zones = KEYS) -> ArcNow:
    return asyncio.run(arc.check(raw, FakeResolver(zones)))


def _cases(shared: Path) -> list[tuple[str, bytes, Zones, str]]:
    documents = yaml.safe_load_all((shared / "suites" / "arc" / "arc-draft-validation-tests.yml").read_text("utf-8"))
    found: list[tuple[str, bytes, Zones, str]] = []
    for document in documents:
        zones: dict[str, Any] = {name.lower(): {"TXT": [text]} for name, text in document["txt-records"].items()}
        for name, test in document["tests"].items():
            found.append((name, test["message"].encode(), zones, str(test["cv"]).lower()))
    return found


@pytest.mark.shared
def test_every_case_of_the_suite_has_its_result(shared: Path) -> None:
    wrong = {}
    cases = _cases(shared)
    for name, raw, zones, expected in cases:
        now = _check(raw, zones)
        if now.result.value != ("fail" if name in ENDED else expected):
            wrong[name] = (expected, now)
    assert (wrong, len(cases)) == ({}, 171)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "sealers"), [("001.txt", ("google.com",)), ("002.txt", ("scamorza.org", "manchego.org"))]
)
def test_real_chains_hold(shared: Path, file: str, sealers: tuple[str, ...]) -> None:
    zones, raw = suite(shared / "suites" / "arc" / file)
    assert _check(raw, zones) == ArcNow(Result.PASS, sealers)


def test_a_chain_of_two_forwarders_holds() -> None:
    assert _check(seal(MAIL)) == ArcNow(Result.PASS, ("forwarder.test",))
    twice = seal(seal(MAIL), domain="second.test", instance_cv="pass")
    assert _check(twice) == ArcNow(Result.PASS, ("forwarder.test", "second.test"))


OUTCOMES: list[tuple[str, bytes, Zones, Result, str]] = [
    ("no chain", MAIL, KEYS, Result.NONE, ""),
    ("only a signature", sign(), KEYS, Result.NONE, ""),
    (
        "a changed body",
        seal(MAIL) + b"more\r\n",
        KEYS,
        Result.FAIL,
        "the newest message signature: body hash did not verify",
    ),
    (
        "a changed result",
        seal(MAIL).replace(b"i=1; forwarder.test;", b"i=1; other.test;", 1),
        KEYS,
        Result.FAIL,
        "seal 1: signature did not verify",
    ),
    ("a set's field missing", seal(MAIL).replace(b"ARC-Seal:", b"X-Seal:"), KEYS, Result.FAIL, "a set is incomplete"),
    (
        "a field twice",
        seal(MAIL)[: seal(MAIL).index(b"ARC-Message")] + seal(MAIL),
        KEYS,
        Result.FAIL,
        "set 1 holds a field twice",
    ),
    ("no key", seal(MAIL), {}, Result.FAIL, "no key for signature"),
    (
        "no answer",
        seal(MAIL),
        {"*": {"TXT": "SERVFAIL"}},
        Result.TEMPERROR,
        "DNS TXT s1._domainkey.forwarder.test: SERVFAIL",
    ),
    ("no instance", b"ARC-Seal: hello=1\r\n" + MAIL, KEYS, Result.FAIL, "a field without an instance"),
    ("a great instance", b"ARC-Seal: i=999999999\r\n" + MAIL, KEYS, Result.FAIL, "a field without an instance"),
    (
        "many sets",
        b"".join(
            b"ARC-Seal: i=%d\r\nARC-Message-Signature: i=%d\r\nARC-Authentication-Results: i=%d; x\r\n" % (n, n, n)
            for n in range(1, 41)
        )
        + MAIL,
        KEYS,
        Result.POLICY,
        "only chains of up to 12 sets are verified",
    ),
]


@pytest.mark.parametrize(("raw", "zones", "result", "reason"), [r[1:] for r in OUTCOMES], ids=[r[0] for r in OUTCOMES])
def test_what_does_not_hold_says_why(raw: bytes, zones: Zones, result: Result, reason: str) -> None:
    now = _check(raw, zones)
    assert (now.result, now.reason) == (result, reason)


def test_one_sealers_key_is_asked_for_once() -> None:
    resolver = FakeResolver(KEYS)
    asyncio.run(arc.check(seal(MAIL), resolver))
    assert set(resolver.asked) == {("s1._domainkey.forwarder.test", "TXT")}
