"""Whatever the bytes: a Message or a Shown error, within bounds."""

import base64
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Shown
from bot.intake.attachments import describe
from bot.intake.decoding import base64_octets, decode_words, parameters, quoted_printable_octets, uuencoded_octets
from bot.intake.eml import attached_messages, parse
from bot.intake.htmltext import read_page
from bot.intake.linkhosts import host_of
from bot.intake.linkrewrites import undo_rewriting
from bot.model import Limits, Message, Trust

SHARED = Path(__file__).parents[2] / "shared" / "corpus" / "mail"
HEAD = b"From: a@example.org\r\nSubject: x\r\n"
FRAGMENTS = (
    *(b"From: ", b"Subject: ", b"Date: ", b"Received: from a by b; ", b"Content-Type: text/html\r\n"),
    *(b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: message/rfc822\r\n"),
    *(b"Content-Transfer-Encoding: base64\r\n", b"\r\n", b"\n", b"\r", b"--x", b"--x--", b"begin 644 a\n"),
    *(b"=?utf-8?q?", b"=?b?b?", b"?=", b"<a@b>", b"@", b"<", b">", b'"', b"(", b")", b",", b";", b":", b"\0", b"\xff"),
    *(b" ", b"<a href='", b"<style>", b"<!--", b"&#x", b"filename*0*=", b"charset="),
)


def survives(content: bytes) -> Message | None:
    try:
        message = parse(content, trust=Trust())
    except Shown:
        return None
    limits = Limits()
    assert len(message.text) <= limits.text
    assert len(message.links) <= limits.links
    assert len(message.attachments) <= limits.attachments
    assert len(message.headers) <= limits.headers
    assert len({mailbox.address.lower() for mailbox in message.senders}) == len(message.senders)
    assert message.date is None or message.date.tzinfo is not None
    attached_messages(content, limits)
    return message


@given(st.binary(max_size=2_000))
def test_any_bytes_end_in_a_message_or_a_shown_error(content: bytes) -> None:
    survives(content)
    survives(HEAD + content)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=60))
def test_any_mixture_of_mail_syntax_ends_in_a_message_or_a_shown_error(pieces: list[bytes]) -> None:
    survives(b"".join(pieces))
    survives(HEAD + b"".join(pieces))


@pytest.mark.shared
def test_mutations_of_real_mail_end_in_a_message_or_a_shown_error() -> None:
    chance = random.Random(7)
    for path in sorted(SHARED.iterdir()):
        content = bytearray(path.read_bytes()[:30_000])
        for _ in range(chance.randrange(1, 40)):
            at = chance.randrange(len(content))
            content[at : at + chance.randrange(3)] = chance.choice(FRAGMENTS)
        survives(bytes(content))
        survives(bytes(content[: chance.randrange(len(content))]))


def nested(depth: int) -> bytes:
    pieces = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + b"".join(pieces) + b"\r\ntext"


def of_type(kind: bytes, body: bytes) -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + body


BOMBS = {
    "multiparts a thousand deep": (nested(1_000), "too-deep"),
    "a hundred thousand headers": (HEAD + b"X: y\r\n" * 100_000 + b"\r\n", "too-many-headers"),
    "a header line of 10 MB": (HEAD + b"X: " + b"y" * 10_000_000 + b"\r\n\r\n", "header-cut"),
    "a From of 10 MB": (b"From: " + b"a@b, " * 2_000_000 + b"\r\n\r\n", "from-cut"),
    "a hundred thousand parts": (of_type(b"multipart/mixed; boundary=x", b"--x\n\nhi\n" * 100_000), "too-many-parts"),
    "lines that look like boundaries": (of_type(b"multipart/mixed; boundary=x", b"\n--y" * 500_000), "too-many-parts"),
    "attached mails in one another": (HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 50_000, None),
    "nothing but open tags": (of_type(b"text/html", b"<div>" * 300_000), "html-cut"),
    "a tag of 100,000 attributes": (of_type(b"text/html", b"<p " + b"a=1 " * 100_000 + b">"), None),
    "quotes that never close": (of_type(b"text/html", b'<a href="' * 100_000), None),
    "a number of 100,000 digits": (of_type(b"text/html", b"&#" + b"9" * 100_000), None),
    "padding everywhere": (of_type(b"application/zip\r\nContent-Transfer-Encoding: base64", b"A=" * 2_000_000), None),
    "line feeds and nothing else": (HEAD + b"\n" * 5_000_000, None),
    "carriage returns in a field": (HEAD + b"X:" + b"\r" * 1_000_000 + b"\n\n", None),
    "comments without end": ((b"From: " + b"(" * 4_000 + b"\r\n") * 50 + b"\r\n", "several-from"),
    "encoded words without end": (HEAD + b"Subject: " + b"=?x?b?" * 30_000 + b"\r\n\r\n", None),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_within_the_limits_and_says_what_was_cut(name: str) -> None:
    content, defect = BOMBS[name]
    message = survives(content)
    assert message is not None
    assert defect is None or defect in [found.code for found in message.defects]


@given(st.binary(max_size=600))
def test_decoders_take_any_octets(octets: bytes) -> None:
    text = octets.decode("latin-1")
    base64_octets(octets)
    quoted_printable_octets(octets)
    uuencoded_octets(b"begin 644 a\n" + octets)
    parameters(text)
    decode_words(f"=?{text[:20]}?b?{text}?= {text}")
    describe(text[:20], "", octets, inline=False)
    read_page(text, most=100, most_links=5)
    host_of(text)
    undo_rewriting(text)


@given(st.text(alphabet="<>/a=\"' -!&;bp#", max_size=300))
def test_html_of_any_shape_is_read_without_making_up_characters(source: str) -> None:
    page = read_page(source, most=1_000, most_links=10)
    assert len(page.text) + page.hidden <= 2 * len(source) + 1


@given(st.binary(max_size=400))
def test_base64_comes_back_whatever_white_space_stands_in_it(octets: bytes) -> None:
    assert base64_octets(base64.encodebytes(octets)) == octets


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_an_encoded_word_comes_back_even_split_inside_a_character(text: str) -> None:
    octets = text.encode("utf-8", "replace")
    halves = (octets[: len(octets) // 2], octets[len(octets) // 2 :])
    words = " ".join(f"=?utf-8?b?{base64.b64encode(half).decode()}?=" for half in halves)
    assert decode_words(words) == octets.decode()
