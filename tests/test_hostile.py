"""Any bytes at all, through the whole line: a verdict or a clear error, within bounds of time and memory."""

import asyncio
import gzip
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Shown
from bot.model import Case, Exhibit, Reader, Report
from bot.render.json import error_json, to_json
from bot.render.markdown import to_markdown
from bot.triage import triage_or_tell
from tests.line import offline_tools, outcome

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "mail"
SAMPLES = sorted(path for path in (ROOT / "knowledge" / "samples").rglob("*") if path.is_file())
MEMORY_MB = 300
KILLED_AFTER_S = 20
FRAGMENTS = (
    *(b"From: ", b"From: Bank <a@b.test>\r\n", b"Reply-To: x@y.test\r\n", b"Subject: =?utf-8?q?=41?=\r\n", b"Date: "),
    *(b"Received: from a (b [203.0.113.9]) by mx.example.net; ", b"Authentication-Results: mx.example.net; dkim=pass "),
    *(b"X-Forefront-Antispam-Report: CIP:1;CTRY:;", b"ARC-Seal: i=1; cv=none; ", b"DKIM-Signature: v=1; d=;"),
    *(b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: text/html\r\n", b"--x\r\n", b"--x--"),
    *(b"Content-Type: message/rfc822\r\n", b"Content-Transfer-Encoding: base64\r\n", b"\r\n", b"\n", b"\r", b"\0"),
    *(b"<a href='http://[::1", b"https://\xff.test/", b"-----Original Message-----\r\n", b"> ", b"<mailto:a@b|a@b>"),
    *(b"{", b'{"type": "email", ', b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"From a b\n"),
    *(b"<html>", b"=?x?b?", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"dear customer, pay 900 euros now "),
)


def survives(content: bytes, reader: Reader = Reader.RECEIVER) -> Case | Shown:
    """The outcome; never "unexpected", and every form of it can be printed."""
    said = outcome(content, reader=reader)
    if isinstance(said, Shown):
        assert said.code != "unexpected", content[:2_000]
        assert said.message
        assert said.hint
        json.loads(error_json("x", said))
        return said
    assert 0.0 <= said.diagnosis.confidence <= 1.0
    json.loads(to_json("x", said))
    to_markdown(said, technician=True)
    return said


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Cut, doubled, swapped, spoilt: what damaged and hostile copies of a mail look like."""
    pieces = bytearray(content[:60_000])
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(pieces) + 1)
        end = min(len(pieces), at + chance.choice((1, 1, 8, 80, 800)))
        way = chance.randrange(5)
        if way == 0:
            del pieces[at:end]
        elif way == 1:
            pieces[at:at] = pieces[at:end]
        elif way == 2:
            pieces[at:at] = chance.choice(FRAGMENTS)
        elif way == 3:
            pieces[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
        else:
            pieces[at:end] = bytes(pieces[at:end]).translate(bytes.maketrans(b":;<>@", b";:><\0"))
    return bytes(pieces)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2_000))
def test_any_bytes_end_in_a_verdict_or_a_clear_error(content: bytes) -> None:
    survives(content)
    survives(b"From: a@example.org\r\nSubject: x\r\n" + content)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.sampled_from(Reader))
def test_any_mixture_of_mail_syntax_ends_in_a_verdict_or_a_clear_error(pieces: list[bytes], reader: Reader) -> None:
    survives(b"".join(pieces), reader)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_damaged_samples_end_in_a_verdict_or_a_clear_error(sample: Path) -> None:
    chance = random.Random(sample.name)
    for _ in range(6):
        survives(mutated(sample.read_bytes(), chance), chance.choice(tuple(Reader)))


@pytest.mark.shared
def test_damaged_real_mail_ends_in_a_verdict_or_a_clear_error() -> None:
    chance = random.Random(20260601)
    for path in sorted(CORPUS.rglob("*.eml"))[::2]:
        survives(mutated(path.read_bytes(), chance), chance.choice(tuple(Reader)))


def test_many_at_a_time_are_each_told_apart() -> None:
    async def together() -> list[Case | Shown]:
        reports = [Report((Exhibit(content),)) for content in (b"", b"\0", SAMPLES[0].read_bytes(), b"{}")]
        return await asyncio.gather(*(triage_or_tell(report, offline_tools()) for report in reports))

    said = asyncio.run(together())
    assert isinstance(said[2], Case)
    assert not [each for each in said if isinstance(each, Shown) and each.code == "unexpected"]


HEAD = b"From: a@example.org\r\nReceived: from a (a [203.0.113.9]) by mx.example.net; x\r\nSubject: x\r\n"
HTML = HEAD + b"Content-Type: text/html\r\n\r\n"
BASE64 = HEAD + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
RFC822 = b"Content-Type: message/rfc822\r\n\r\n"
RECEIVED = b"Received: from x (y [192.0.2.1]) by z with ESMTP id 1; 1 Jan 2026 00:00 +0000\r\n"
STAMP = b"Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=x.test; dkim=pass header.d=x.test\r\n"
MAIL = b"From: a@example.org\r\n\r\nx"


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))


def zipped(count: int, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"{number}.eml", content)
    return out.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "nothing": bytes,
    "multiparts nested a thousand deep": lambda: HEAD + nested(1000) + b"deep",
    "attached mails nested a thousand deep": lambda: HEAD + RFC822 * 1000 + b"From: b@example.org\r\n\r\ndeep",
    "a hundred thousand header fields": lambda: HEAD + b"X-A: b\r\n" * 100_000 + b"\r\ntext",
    "a hundred thousand Received lines": lambda: HEAD + RECEIVED * 100_000 + b"\r\ntext",
    "a hundred thousand stamps": lambda: HEAD + STAMP * 100_000 + b"\r\ntext",
    "a hundred thousand From fields": lambda: HEAD + b"From: Bank <a@b.test>\r\n" * 100_000 + b"\r\ntext",
    "fifty megabytes of text": lambda: HEAD + b"\r\n" + b"click https://a.test/ now \r\n" * 1_850_000,
    "fifty megabytes of base64": lambda: BASE64 + b"QUJD" * 12_500_000,
    "fifty megabytes of HTML": lambda: HTML + b"<div><a href=http://a.test>" * 1_850_000,
    "fifty megabytes without a line end": lambda: b"a" * 50_000_000,
    "fifty megabytes of zeros": lambda: bytes(50_000_000),
    "fifty megabytes of pasted fields": lambda: b"> From: a@b.test Received: from x by y; z\n" * 1_200_000,
    "over the limit": lambda: b"From: a@example.org\r\n\r\n" + b"a" * 70_000_000,
    "a From line of ten megabytes": lambda: b"From: " + b"(" * 10_000_000 + b" <a@example.org>\r\n\r\nx",
    "a Subject line of ten megabytes": lambda: HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 700_000 + b"\r\n\r\nx",
    "a Received line of ten megabytes": lambda: b"Received: from " + b"a(" * 5_000_000 + b"\r\n" + HEAD + b"\r\nx",
    "a stamp of ten megabytes": lambda: STAMP.strip() + b"; spf=pass" * 1_000_000 + b"\r\n" + HEAD + b"\r\nx",
    "a To line of a million addresses": lambda: HEAD + b"To: " + b"a@b.test, " * 1_000_000 + b"\r\n\r\nx",
    "a zip bomb": lambda: zipped(5, bytes(40_000_000)),
    "a zip of many": lambda: zipped(20_000, MAIL),
    "a gzip bomb": lambda: gzip.compress(bytes(400_000_000), 1),
    "a gzip within a gzip": lambda: gzip.compress(gzip.compress(gzip.compress(bytes(50_000_000)))),
    "JSON nested deeply": lambda: b"[" * 1_000_000,
    "a Slack e-mail nested deeply": lambda: b'{"files": ' * 200_000,
    "a compound file of noise": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(1).randbytes(5_000_000),
}
READER = f"""
import json, os, signal, sys, time
from pathlib import Path
import structlog
from bot.errors import Shown
from bot.render.json import to_json
from tests.line import offline_tools, outcome

def read(path):
    signal.alarm({KILLED_AFTER_S})
    began = time.perf_counter()
    said = outcome(Path(path).read_bytes())
    code = said.code if isinstance(said, Shown) else to_json("x", said) and said.diagnosis.verdict
    Path(path).write_text(json.dumps({{"code": code, "took": time.perf_counter() - began}}))

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
offline_tools()
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            read(line.strip())
        finally:
            os._exit(0)
    _, status, usage = os.wait4(child, 0)
    print(json.dumps([status, usage.ru_maxrss]), flush=True)
"""
"""Reads each file named on its standard input in a process of its own, which shares the loaded knowledge."""


@pytest.fixture(scope="module")
def reader() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", READER]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_in_a_verdict_or_a_clear_error_in_bounded_time_and_memory(
    bomb: str, tmp_path: Path, reader: subprocess.Popen[str]
) -> None:
    material = tmp_path / "bomb"
    material.write_bytes(BOMBS[bomb]())
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write(f"{material}\n")
    reader.stdin.flush()
    status, peak = json.loads(reader.stdout.readline())
    assert status == 0, f"killed after {KILLED_AFTER_S} s"
    said = json.loads(material.read_text())
    peak_mb = peak / (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(f"{bomb}: {said['code']}, {said['took']:.2f} s, {peak_mb:.0f} MB")
    assert said["code"] != "unexpected"
    assert peak_mb <= MEMORY_MB
