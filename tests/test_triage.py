"""What goes wrong unexpectedly is told with a reference, logged without content, and never as a traceback."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.errors import Shown
from bot.model import Exhibit, Facts, HelpDesk, Report
from bot.ruling import Observation
from bot.triage import triage_or_tell
from tests.line import offline_tools

MAIL = b"From: Maria Example <maria@example.org>\nSubject: A secret word\n\nHello.\n"


def _broken(facts: Facts) -> Observation | None:
    raise ZeroDivisionError(facts.message.subject)


def said(help_desk: HelpDesk) -> Shown:
    sound = offline_tools()
    rule = replace(sound.rules[0], look=_broken)
    tools = replace(sound, rules=(rule,), help_desk=help_desk)
    outcome = asyncio.run(triage_or_tell(Report((Exhibit(MAIL),)), tools))
    assert isinstance(outcome, Shown)
    assert outcome.code == "unexpected"
    return outcome


DESKS = [
    (HelpDesk("Support Riverton", "+49 30 1234", "8 to 5"), "give Support Riverton (+49 30 1234) the reference"),
    (HelpDesk("Support Riverton"), "give Support Riverton the reference"),
    (HelpDesk(), "give your company's IT support the reference"),
]


@pytest.mark.parametrize(("help_desk", "words"), DESKS)
def test_the_reference_goes_to_the_help_desk_that_is_set(help_desk: HelpDesk, words: str) -> None:
    assert words in said(help_desk).hint


def test_the_log_has_the_reference_and_the_kind_of_error_but_nothing_of_the_mail() -> None:
    with capture_logs() as logged:
        outcome = said(HelpDesk())
    assert [(each["event"], each["error"]) for each in logged] == [("unexpected", "ZeroDivisionError")]
    assert logged[0]["reference"] in outcome.message
    assert "secret" not in f"{logged}{outcome}"
