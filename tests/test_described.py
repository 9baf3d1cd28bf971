"""Descriptions in somebody's own words: what they ask for themselves isn't held against the mail."""

import pytest

from bot.checks.described import as_described
from bot.model import Phrase, Want

PLEA = Phrase(Want.SECRECY, "don't tell anyone", "text")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("They filmed me. please don't tell anyone", False),
        ("It is about a loan, and the sender says don't tell anyone", True),
        ("He wants money. please don't tell anyone", False),
    ],
)
def test_a_plea_counts_only_where_somebody_is_said_to_make_it(text: str, kept: bool) -> None:
    assert (PLEA in as_described((PLEA,), text)) == kept


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("they filmed me through my webcam and want bitcoin", True),
        ("someone has a video of me and says I must pay", True),
        ("I am being blackmailed", True),
        ("I recorded a video of my talk, where do I send it?", False),
        ("my colleague sent me photos of the fair", False),
    ],
)
def test_victims_tell_of_extortion_in_words_of_their_own(text: str, found: bool) -> None:
    assert any(phrase.want is Want.EXTORTION for phrase in as_described((), text)) == found
