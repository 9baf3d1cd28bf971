"""Every text that a handler says exists in knowledge/talk, with the words that it needs."""

import pytest

from bot.handbook import load
from bot.handbook.talk import Talk
from handlers.direct import PROMPTS

CODES = """
    not-admitted empty answered-in-direct text-too-long too-many-files rate-limited
    command-help command-taken command-forgotten modal-nothing form-harm-hint claims-intro gone
    not-yours noted-answer noted-unsure shortcut-nothing store-unavailable
"""
WITH_VALUES = {
    "command-unknown": {"word": "statsu"},
    "unexpected": {"reference": "1a2b3c4d"},
    "step-failed": {"why": "nothing in it"},
}


@pytest.fixture(scope="module")
def talk() -> Talk:
    return load().talk


@pytest.mark.parametrize("code", [*CODES.split(), *PROMPTS])
def test_what_a_handler_says_has_a_text(talk: Talk, code: str) -> None:
    assert talk.text(code).strip()


@pytest.mark.parametrize(("code", "values"), WITH_VALUES.items())
def test_what_a_handler_says_with_values_shows_them(talk: Talk, code: str, values: dict[str, str]) -> None:
    text = talk.text(code, **values)
    assert all(value in text for value in values.values())


REPORTS = [
    "Hi, I got this mail from my boss asking for gift cards, is it real?",
    "Thanks for looking. From: Maria <maria@example.com>",
    "help, somebody is asking me for money",
    "Received: from mail.example.net by mx.example.org; Tue, 24 Nov 2026 10:00:00 +0000",
]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_that_begins_politely_is_a_report(talk: Talk, report: str) -> None:
    assert talk.small(report) is None


@pytest.mark.parametrize("said", ["Hi", "hello!", "Thanks a lot :)", "thank you 🙏", "help", "ok"])
def test_small_talk_is_small_talk(talk: Talk, said: str) -> None:
    assert talk.small(said) is not None
