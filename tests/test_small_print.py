"""The small print under an answer says one thing: who has been told, or who would be, and never both."""

from dataclasses import replace

import pytest

from bot.model import Inquiry, Outcome, Surface
from handlers.blocks.answer import answer
from handlers.blocks.wording import Wording
from tests.blocktext import as_text, wording
from tests.inquirykit import inquiry, outcome

TALK = wording().talk
CASES = [
    ("told", True, True, Surface.DIRECT, ("from-a-technician", "privacy-told")),
    ("no ticket", False, True, Surface.DIRECT, ("privacy-direct",)),
    ("nobody to tell", True, False, Surface.DIRECT, ("privacy-direct",)),
    ("told in a channel", True, True, Surface.CHANNEL, ("from-a-technician", "privacy-channel")),
]
ALL = ("from-a-technician", "privacy-told", "privacy-direct", "privacy-channel")


def shown(asked: Inquiry, found: Outcome, words: Wording) -> str:
    return as_text(answer(asked, found, words).blocks)


@pytest.mark.parametrize(
    ("ticket", "technicians", "surface", "codes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_who_has_been_told_is_said_once(
    ticket: bool, technicians: bool, surface: Surface, codes: tuple[str, ...]
) -> None:
    found = outcome() if ticket else replace(outcome(), ticket=None)
    text = shown(replace(inquiry("i1"), surface=surface), found, replace(wording(), has_technicians=technicians))
    assert tuple(code for code in ALL if TALK.text(code) in text) == codes


def test_an_answer_of_several_says_which_mail_it_is_about_and_nothing_of_it_is_live() -> None:
    text = "Re: <!channel> https://evil.test"
    made = answer(replace(inquiry("i1"), about=text), outcome(), wording())
    assert TALK.text("answer-of-several", about="").strip() in made.text
    assert "<!channel>" not in made.text
    assert made.blocks[0]["type"] == "context"
    assert made.blocks[0]["elements"][0]["type"] == "plain_text"
