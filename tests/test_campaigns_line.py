"""Campaigns on the whole line: two people's reports of one mail, checked by the engine, are one campaign."""

from dataclasses import replace

from bot.adapters.campaigns import RedisCampaigns
from bot.adapters.store import Line
from bot.deciding import decide
from bot.engine import LoopEngine
from bot.model import Asker, Belonging, Outcome, Submission
from tests.deskline import PASTED, engine, open_office, pasted
from tests.inquirykit import JOSEF, MARIA
from tests.storefixtures import line, server

__all__ = ["engine", "line", "server"]
GUEST = Asker("T1", "UGUEST", "Guest", belonging=Belonging.GUEST)


def handed_in(ts: str, asker: Asker, text: str) -> Submission:
    """The mail as this person pastes it."""
    made = pasted(ts)
    piece = replace(made.pieces[0], text=text)
    place = replace(made.place, channel=f"D{asker.user}")
    return replace(made, asker=asker, place=place, key=f"T1:{asker.user}:{ts}", pieces=(piece,))


def test_reports_of_one_mail_are_one_campaign_and_counted_by_person(line: Line, engine: LoopEngine) -> None:
    other = PASTED.replace("maria@", "josef@").replace("gift cards\n", "gift cards, please\n").replace("<1@", "<2@")
    with open_office(line, engine) as office:
        desk = replace(office.desk, campaigns=RedisCampaigns(line))

        def outcome(ts: str, asker: Asker, text: str) -> Outcome:
            inquiry = office.reception.receive(handed_in(ts, asker, text))
            assert inquiry is not None
            found = decide(desk, inquiry).outcome
            assert isinstance(found, Outcome)
            return found

        first = outcome("1764000000.000100", MARIA, PASTED)
        assert (first.campaign_people, first.recipients) == (1, ("maria@example.org",))
        same = outcome("1764000000.000200", JOSEF, PASTED)
        variant = outcome("1764000000.000300", MARIA, other)
        assert first.campaign == same.campaign == variant.campaign != ""
        assert (same.campaign_people, variant.campaign_people) == (2, 2)
        assert outcome("1764000000.000400", GUEST, PASTED).campaign == ""


def test_without_a_memory_of_campaigns_there_are_none(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        inquiry = office.reception.receive(handed_in("1764000000.000500", MARIA, PASTED))
        assert inquiry is not None
        found = decide(office.desk, inquiry).outcome
        assert isinstance(found, Outcome)
        assert found.campaign == ""
