"""DKIM as verified now: the suite's mails, every way to fail by name, and hostile signatures within bounds."""

import asyncio
import base64
import re
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks import dkim
from bot.checks.signed import MAX_SIGNED_NAMES
from bot.model import DkimNow, Result
from tests.fakeresolver import FakeResolver, Zones
from tests.signing import ED25519_RECORD, MAIL, RSA_RECORD, key_zone, sign

KEY = key_zone("s1.example.org")


def _check(raw: bytes, zones: Zones = KEY, delivered: datetime | None = None) -> tuple[DkimNow, ...]:
    return asyncio.run(dkim.check(raw, FakeResolver(zones), delivered=delivered))


def _one(raw: bytes, zones: Zones = KEY) -> tuple[Result, str]:
    (now,) = _check(raw, zones)
    return now.result, now.reason


def suite(file: Path) -> tuple[Zones, bytes]:
    """A suite file's DNS records and message."""
    head, _, raw = file.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = [line.partition(" ") for line in head.decode().splitlines()]
    return {name.lower(): {"TXT": [record]} for name, _, record in lines}, raw


@pytest.mark.shared
@pytest.mark.parametrize("number", range(1, 7))
def test_the_suites_signatures_hold_at_the_time_of_signing(shared: Path, number: int) -> None:
    zones, raw = suite(shared / "suites" / "dkim" / f"{number:03}.txt")
    signed_at = re.search(rb"\bt=(\d{9,10})", raw)
    delivered = datetime.fromtimestamp(int(signed_at[1]), UTC) if signed_at else None
    found = _check(raw, zones, delivered)
    assert found
    assert {now.result for now in found} == {Result.PASS}


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ed25519-sha256"])
@pytest.mark.parametrize("body", ["relaxed", "simple"])
def test_a_signature_of_ours_holds(algorithm: str, body: str) -> None:
    record = ED25519_RECORD if algorithm.startswith("ed25519") else RSA_RECORD
    raw = sign(algorithm=algorithm, body=body)
    assert _one(raw, key_zone("s1.example.org", record=record)) == (Result.PASS, "")
    assert _one(raw.replace(b"\r\n", b"\n"), key_zone("s1.example.org", record=record)) == (Result.PASS, "")


def _small_key(bits: int, exponent: int = 65537) -> str:
    """A key record with a modulus of that many bits, as DER (RFC 8017, A.1.1)."""

    def integer(value: int) -> bytes:
        octets = value.to_bytes(value.bit_length() // 8 + 1, "big")
        return b"\x02\x82" + struct.pack("!H", len(octets)) + octets

    body = integer((1 << bits) - 1) + integer(exponent)
    return "p=" + base64.b64encode(b"\x30\x82" + struct.pack("!H", len(body)) + body).decode()


FAILURES: list[tuple[str, bytes, Zones, tuple[Result, str]]] = [
    ("a changed body", sign() + b"more\r\n", KEY, (Result.FAIL, "body hash did not verify")),
    (
        "a changed subject",
        sign().replace(b"Subject: Lunch", b"Subject: Dinner"),
        KEY,
        (Result.FAIL, "signature did not verify"),
    ),
    (
        "a second From",
        sign().replace(b"To: Bob", b"From: eve@evil.test\r\nTo: Bob"),
        KEY,
        (Result.FAIL, "signature did not verify"),
    ),
    ("no key", sign(), {}, (Result.PERMERROR, "no key for signature")),
    (
        "another text",
        sign(),
        {"s1._domainkey.example.org": {"TXT": ["hello"]}},
        (Result.PERMERROR, "no key for signature"),
    ),
    ("a withdrawn key", sign(), key_zone("s1.example.org", record="v=DKIM1; p="), (Result.PERMERROR, "key revoked")),
    (
        "a key of another kind",
        sign(),
        key_zone("s1.example.org", record=ED25519_RECORD),
        (Result.PERMERROR, "the key is for another algorithm"),
    ),
    (
        "a key for another service",
        sign(),
        key_zone("s1.example.org", record="s=tlsrpt; " + RSA_RECORD),
        (Result.PERMERROR, "the key isn't for e-mail"),
    ),
    (
        "a key for another hash",
        sign(),
        key_zone("s1.example.org", record=RSA_RECORD + "; h=sha1"),
        (Result.PERMERROR, "the key doesn't allow this hash"),
    ),
    ("a broken key", sign(), key_zone("s1.example.org", record="p=AAAA"), (Result.PERMERROR, "malformed key record")),
    ("no base64", sign(), key_zone("s1.example.org", record="p=%%%"), (Result.PERMERROR, "malformed key record")),
    (
        "a short key",
        sign(),
        key_zone("s1.example.org", record=_small_key(512)),
        (Result.POLICY, "a key of 512 bits is too short"),
    ),
    (
        "a huge key",
        sign(),
        key_zone("s1.example.org", record=_small_key(20_000)),
        (Result.POLICY, "a key of 20000 bits is over our bound"),
    ),
    (
        "a huge exponent",
        sign(),
        key_zone("s1.example.org", record=_small_key(4096, (1 << 4000) + 1)),
        (Result.POLICY, "a key of 4096 bits is over our bound"),
    ),
    (
        "a server failure",
        sign(),
        {"s1._domainkey.example.org": {"TXT": "SERVFAIL"}},
        (Result.TEMPERROR, "DNS TXT s1._domainkey.example.org: SERVFAIL"),
    ),
    ("sha1", sign(algorithm="rsa-sha1"), KEY, (Result.POLICY, "rsa-sha1 is no longer accepted")),
    ("no tags", b"DKIM-Signature: hello\r\n" + MAIL, KEY, (Result.NEUTRAL, "malformed signature")),
    ("a tag twice", sign().replace(b"v=1;", b"v=1; v=1;", 1), KEY, (Result.NEUTRAL, "malformed signature")),
    ("a missing tag", sign().replace(b"s=s1;", b"", 1), KEY, (Result.NEUTRAL, "malformed signature")),
    (
        "another identity",
        sign().replace(b"i=@example.org", b"i=@evil.test", 1),
        KEY,
        (Result.NEUTRAL, "malformed signature"),
    ),
    (
        "blanks without end",
        b"DKIM-Signature: v=1; b=" + b" " * 5000 + b"\r\n" + MAIL,
        KEY,
        (Result.POLICY, "the signature field is too long"),
    ),
    (
        "a long field",
        b"DKIM-Signature: v=1; b=" + b"A" * 50_000 + b"\r\n" + MAIL,
        KEY,
        (Result.POLICY, "the signature field is too long"),
    ),
    (
        "From unsigned",
        re.sub(rb"h=[^;]*;", b"h=to : subject;", sign(), count=1),
        KEY,
        (Result.PERMERROR, "the signature doesn't cover From"),
    ),
    (
        "many names",
        re.sub(rb"h=[^;]*;", b"h=from" + b":a" * MAX_SIGNED_NAMES + b";", sign(), count=1),
        KEY,
        (Result.POLICY, "the signature names too many fields"),
    ),
    (
        "a long header",
        sign(b"X-Long: " + b"a" * 300_000 + b"\r\n" + MAIL),
        KEY,
        (Result.POLICY, "the header is too long to verify signatures"),
    ),
    (
        "many folds",
        sign(MAIL) and b"X-Folds: a" + b"\r\n b" * 9_000 + b"\r\n" + MAIL,
        KEY,
        (Result.POLICY, "the header is too long to verify signatures"),
    ),
    ("no header", b" folded\r\n\r\nbody", KEY, (Result.NEUTRAL, "the header can't be read as one")),
]


@pytest.mark.parametrize(("raw", "zones", "outcome"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_what_does_not_count_says_why(raw: bytes, zones: Zones, outcome: tuple[Result, str]) -> None:
    assert _one(raw, zones) == outcome


def test_each_signature_is_told_for_itself() -> None:
    raw = sign(sign(domain="list.test", selector="k"))
    assert [(now.domain, now.selector, now.result) for now in _check(raw)] == [
        ("example.org", "s1", Result.PASS),
        ("list.test", "k", Result.PERMERROR),
    ]


def test_a_signed_part_of_the_body_is_remarked() -> None:
    raw = sign(length=True) + b"Buy now\r\n"
    assert _one(raw) == (Result.PASS, "the last 11 octets of the body aren't signed (l=)")


def test_an_expiry_counts_as_of_the_delivery() -> None:
    signed = datetime(2026, 6, 2, tzinfo=UTC)
    raw = sign().replace(b"v=1;", b"v=1; x=%d;" % int(signed.timestamp()), 1)
    results = [_check(raw, KEY, signed + timedelta(days=days))[0] for days in (-1, 1)]
    assert results[1].reason == "signature expired"
    assert results[0].reason != "signature expired"


def test_only_the_topmost_signatures_are_verified_and_the_rest_named() -> None:
    field = sign()[: -len(MAIL)]
    found = _check(field * 14 + MAIL)
    assert [now.result for now in found] == [Result.PASS] * 10 + [Result.POLICY] * 4


def test_an_identity_below_the_domain_needs_the_keys_consent() -> None:
    strict = key_zone("s1.example.org", record=RSA_RECORD + "; t=s")
    assert _one(sign(), strict) == (Result.PASS, "")
    below = sign().replace(b"i=@example.org", b"i=@sub.example.org", 1)
    assert _one(below, strict) == (Result.PERMERROR, "the key doesn't allow an identity below its domain")


def test_a_mail_without_signatures_has_none() -> None:
    assert _check(MAIL) == ()


BODIES = [
    b" " * 400_000 + b"x",
    b"\t " * 200_000 + b"\r\n",
    b"\r\n" * 200_000,
    b"a \r\n" * 100_000,
    b" \r\n" * 100_000 + b".",
]


@pytest.mark.parametrize("body", BODIES, ids=["blanks", "tabs", "empty lines", "trailing blanks", "blank lines"])
@pytest.mark.parametrize("kind", ["relaxed", "simple"])
def test_a_body_made_of_blanks_is_hashed_in_no_time(body: bytes, kind: str) -> None:
    raw = re.sub(rb"c=relaxed/\w+", b"c=relaxed/" + kind.encode(), sign(), count=1) + b"z" + body
    assert _one(raw) == (Result.FAIL, "body hash did not verify")


@given(st.lists(st.sampled_from([b" ", b"\t", b"a", b"\r\n", b"  ", b"\n", b"."]), max_size=40).map(b"".join))
@settings(max_examples=150, deadline=None)
def test_any_body_that_was_signed_verifies(body: bytes) -> None:
    text = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").rstrip(b" \t")
    for kind in ("relaxed", "simple"):
        assert _one(sign(MAIL + text, body=kind)) == (Result.PASS, "")


@given(st.binary(max_size=400), st.integers(0, 600))
@settings(max_examples=200, deadline=None)
def test_a_damaged_signature_never_passes_and_never_raises(damage: bytes, at: int) -> None:
    raw = sign()
    found = _check(raw[:at] + damage + raw[at + len(damage) :])
    assert all(isinstance(now.result, Result) for now in found)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_key_record_is_a_key_or_refused(record: bytes) -> None:
    for shown in (record, b"p=" + base64.b64encode(record), b"k=ed25519; p=" + base64.b64encode(record)):
        now = _check(sign(), {"s1._domainkey.example.org": {"TXT": [shown]}})
        assert now[0].result is not Result.PASS
