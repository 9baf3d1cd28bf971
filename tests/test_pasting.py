"""Pasted pieces: what was cut is put together again, as it was, and two mails stay two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import FileRef, Piece
from bot.pasting import continues, in_order, is_cut, is_headers, seconds, texts

HEAD = "Received: from a by b\nFrom: Boss <boss@example.org>\nSubject: hello"
LONG = "\n".join(f"X-Filter-{number}: {'x' * 70}" for number in range(60))


def written(*parts: str, apart: int = 2) -> tuple[Piece, ...]:
    return tuple(Piece(f"{1764000000 + apart * at}.000100", text) for at, text in enumerate(parts))


JOINED = [
    ("two halves cut at a line's end", (HEAD, "Date: today\n\nhello"), [f"{HEAD}\nDate: today\n\nhello"]),
    ("a line break that is there stays one", (f"{HEAD}\n", "Date: today"), [f"{HEAD}\nDate: today"]),
    ("a long text cut within a line", (LONG, "yyy\nDate: today"), [f"{LONG}yyy\nDate: today"]),
    ("a long text cut before a field", (LONG, "Date: today"), [f"{LONG}\nDate: today"]),
    ("a long text cut before a folded line", (LONG, "\tb=abc"), [f"{LONG}\n\tb=abc"]),
    ("words apart from headers of a mail", ("hello there", "is it real?"), ["hello there", "is it real?"]),
    ("two mails", (HEAD, HEAD), [HEAD, HEAD]),
    ("nothing", ("", "  \n"), []),
]


@pytest.mark.parametrize(("parts", "whole"), [case[1:] for case in JOINED], ids=[case[0] for case in JOINED])
def test_what_was_written_in_one_go_is_one_text(parts: tuple[str, ...], whole: list[str]) -> None:
    assert [exhibit.content.decode() for exhibit in texts(written(*parts))] == whole


def test_texts_long_apart_stay_apart() -> None:
    assert len(texts(written(HEAD, "Date: today", apart=21))) == 2


def test_pieces_are_in_the_order_of_their_messages_whole_seconds_first() -> None:
    pieces = tuple(Piece(ts) for ts in ("10.2", "9.000001", "10.10", "", "9.000001"))
    assert [piece.ts for piece in in_order(pieces)] == ["", "9.000001", "9.000001", "10.2", "10.10"]


def test_a_file_continues_nothing() -> None:
    one, other = written(HEAD, HEAD)
    assert not continues(Piece(one.ts, file=FileRef("F1")), other)
    assert not continues(one, Piece(other.ts, file=FileRef("F1")))


CUT = [
    (LONG, True),
    (f"{LONG}\n\tb=folded", True),
    (f"{LONG}\n\nThe body of it.", False),
    (HEAD, False),
    ("x" * 9_000, False),
]


@pytest.mark.parametrize(
    ("text", "cut"), CUT, ids=["in fields", "in a folded field", "in the body", "short", "no fields"]
)
def test_only_a_long_text_that_ends_within_headers_looks_cut(text: str, cut: bool) -> None:
    assert is_cut(text) is cut


@pytest.mark.parametrize("text", ["From: me", "Hello: you\nhow are you", "https://example.org: see\nthere"])
def test_one_line_with_a_colon_makes_no_headers(text: str) -> None:
    assert not is_headers(text)


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_no_text_and_no_time_of_a_message_breaks_it(one: str, other: str, ts: str, later: str) -> None:
    pieces = (Piece(ts, one), Piece(later, other))
    assert len(texts(pieces)) <= 2
    assert seconds(ts) >= 0.0
    assert is_cut(one) is False
