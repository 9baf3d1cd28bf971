"""The same mail: one check does for exact copies, a forwarded copy is warned by whole ones, and nobody is fooled."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.sightings import MOST, RedisSightings
from bot.adapters.store import Line
from bot.engine import LoopEngine
from bot.model import (
    Belonging,
    Grade,
    Header,
    Hop,
    Inquiry,
    Link,
    Mailbox,
    Message,
    Method,
    Reader,
    Result,
    Signature,
    Stage,
    Told,
    Verdict,
    Wish,
    Zone,
)
from bot.sameness import (
    SKETCH,
    Sighting,
    alike,
    exactly,
    founds,
    likeness,
    passes_on,
    person,
    plain_subject,
    similarity,
    sketch,
    taken_over,
)
from tests.deskline import PASTED, ScriptedEngine, engine, open_office, pasted
from tests.inquirykit import MARIA, diagnosis, inquiry, outcome
from tests.mails import NOW, mail, stamp
from tests.storefixtures import line, server

__all__ = ["engine", "line", "server"]
NOTHING = (Told(), Reader.RECEIVER)
TEXT = "Are you free? I need you to buy gift cards for me, and keep it between the two of us until tonight."
LURE = Link("our portal", "https://portal.example.org/login", "portal.example.org")
EVIL = Link("our portal", "https://portal.example.test/login", "portal.example.test")


def key(message: Message, told: Told = Told(), reader: Reader = Reader.RECEIVER) -> str:  # noqa: B008 (frozen)
    return exactly(message, told, reader)


SAME: list[dict[str, Any]] = [
    {"to": (Mailbox("Anna", "anna@example.net"),), "headers": (*mail().headers,)},
    {"return_path": "bounce+anna=example.net@example.org"},
    {
        "hops": (
            Hop(0, Zone.INSIDE, "mx", "mx", "10.0.0.9", "box7.example.net", recipient="anna@example.net"),
            replace(mail().hops[0], index=1, recipient="anna@example.net", at=None, raw="…", by="mx2.example.net"),
            *mail().hops[1:],
        )
    },
]
BASE = mail(to=(Mailbox("Maria", "maria@example.net"),), return_path="bounce+maria=example.net@example.org")


@pytest.mark.parametrize("changes", SAME, ids=["another recipient", "another bounce address", "another mailbox"])
def test_what_differs_from_mailbox_to_mailbox_leaves_a_mail_the_same(changes: dict[str, Any]) -> None:
    assert key(replace(BASE, **changes)) == key(BASE) != ""


OTHER: list[dict[str, Any]] = [
    {"senders": (Mailbox("Maria Example", "maria@example.test"),)},
    {"senders": (Mailbox("Maria the Boss", "Maria@example.org"),)},
    {"reply_to": (Mailbox("", "maria@example.test"),)},
    {"return_path": "maria@example.test"},
    {"subject": "Minutes!"},
    {"date": NOW},
    {"message_id": "<other@example.org>"},
    {"text": BASE.text + "!"},
    {"links": (EVIL,)},
    {"stamps": (stamp(Method.DMARC, Result.FAIL),)},
    {"stamps": (stamp(Method.DMARC, Result.PASS),)},
    {"signatures": ()},
    {"signatures": (Signature("example.org", "s1", raw="b=forged"),)},
    {"hops": (replace(BASE.hops[0], ip="192.0.2.66"), *BASE.hops[1:])},
    {"hops": (replace(BASE.hops[0], helo="evil.test"), *BASE.hops[1:])},
    {"hops": (*BASE.hops[:1], replace(BASE.hops[1], ip="192.0.2.66"))},
    {"headers": (*BASE.headers, Header("X-PHISHTEST", "1"))},
    {"headers": (Header("Content-Type", "text/html"),)},
    {"to": (Mailbox("", "anna@elsewhere.test"),)},
    {"to": ()},
    {"kind": "msg"},
]


@pytest.mark.parametrize("changes", OTHER, ids=[" ".join(each) + str(at) for at, each in enumerate(OTHER)])
def test_a_copy_that_was_doctored_anywhere_a_verdict_looks_is_another_mail(changes: dict[str, Any]) -> None:
    assert key(replace(BASE, **changes)) != key(BASE)


def test_whoever_told_something_else_or_reads_as_somebody_else_gets_a_check_of_their_own() -> None:
    assert len({key(BASE), key(BASE, Told(clicked=True)), key(BASE, reader=Reader.NAMED)}) == 3


@pytest.mark.parametrize("grade", [Grade.SOME_HEADERS, Grade.SLACK_REST, Grade.SCREENSHOT, Grade.WORDS])
def test_what_is_not_whole_is_never_exactly_the_same(grade: Grade) -> None:
    assert key(replace(BASE, grade=grade)) == ""


SUBJECTS = [
    ("Re: Gift cards", "gift cards"),
    ("FWD: re: AW: WG: gift  cards", "gift cards"),
    ("[External] Re[2]: Gift cards", "gift cards"),
    ("Regarding gift cards", "regarding gift cards"),
    ("Ｇift cards", "gift cards"),
    ("Re: " * 50 + "x", ("re: " * 40 + "x")),
    ("", ""),
]


@pytest.mark.parametrize(("subject", "plain"), SUBJECTS)
def test_subjects_are_compared_without_what_forwarding_adds(subject: str, plain: str) -> None:
    assert plain_subject(subject) == plain


def like(text: str = TEXT, **changes: Any) -> Any:
    found = likeness(mail(text=text, subject="gift cards", **changes))
    assert found is not None
    return found


LONG = " ".join(f"word{number} of the newsletter" for number in range(60))
COPIES = [
    ("the same", TEXT, TEXT, True),
    (
        "quoted",
        TEXT,
        "> Are you free? I need you to buy gift\n> cards for me, and keep it between the\n> two of us until tonight.",
        True,
    ),
    ("a greeting by name", f"Dear Maria,\n{TEXT}", f"Dear Josef,\n{TEXT}", True),
    ("a forwarder's words above", TEXT, f"Hi, I got this today. Is it real?\n\n{TEXT}", True),
    ("a signature below", LONG, f"{LONG}\n-- \nJosef Example, Example Society, third floor", True),
    ("another mail", TEXT, "Here are the minutes of our meeting that you asked me for on Tuesday evening.", False),
    (
        "half of it",
        LONG,
        " ".join(LONG.split()[:60]) + " " + " ".join(f"other{number}" for number in range(180)),
        False,
    ),
]


@pytest.mark.parametrize(("one", "other", "same"), [case[1:] for case in COPIES], ids=[case[0] for case in COPIES])
def test_copies_are_told_from_other_mails(one: str, other: str, same: bool) -> None:
    assert alike(like(one), like(other)) is same
    assert alike(like(other), like(one)) is same


def test_a_copy_keeps_its_group_through_forwarding_and_case() -> None:
    forwarded = likeness(mail(text=TEXT, subject="FW: Gift Cards", senders=(Mailbox("", "MARIA@example.org"),)))
    assert forwarded is not None
    assert forwarded.group == like(senders=(Mailbox("Maria", "maria@EXAMPLE.org"),)).group
    assert like(senders=(Mailbox("Maria", "maria@example.test"),)).group != forwarded.group


def test_a_copied_text_with_other_links_is_not_alike() -> None:
    assert not alike(like(links=(LURE,)), like(links=(EVIL,)))
    assert alike(like(links=(LURE,)), like(links=())), "a forwarded text may have lost them"


@pytest.mark.parametrize(
    "message",
    [mail(text="Are you free?"), mail(senders=()), mail(senders=(Mailbox("Boss", ""),))],
    ids=["hardly a text", "no sender", "no address"],
)
def test_a_mail_with_too_little_of_its_own_is_like_no_other(message: Message) -> None:
    assert likeness(message) is None


@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=300), st.data())
def test_similarity_is_a_share_and_the_same_both_ways(words: list[str], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=300))
    one, two = sketch(words), sketch(other)
    assert len(one) <= SKETCH
    assert 0.0 <= similarity(one, two) <= 1.0
    assert similarity(one, two) == similarity(two, one)
    assert similarity(one, one) == 1.0


def seen(verdict: Verdict, *, whole: bool = True, id: str = "theirs01") -> Sighting:
    return Sighting(id, "somebody", whole, verdict, (), ())


UNDECIDED = diagnosis(Verdict.UNDETERMINED, grade=Grade.SLACK_REST)
FOUND = [
    ("a harmful whole one", (seen(Verdict.SPOOFED_ADDRESS),), "theirs01"),
    ("two that agree", (seen(Verdict.PLAIN_SPAM, id="newer001"), seen(Verdict.PLAIN_SPAM)), "newer001"),
    ("a genuine one", (seen(Verdict.GENUINE),), None),
    ("a harmful one that imitates a genuine one", (seen(Verdict.SPOOFED_NAME), seen(Verdict.GENUINE)), None),
    ("two that don't agree", (seen(Verdict.SPOOFED_NAME), seen(Verdict.HACKED_ACCOUNT)), None),
    ("another forwarded one", (seen(Verdict.SPOOFED_NAME, whole=False),), None),
    ("an undecided whole one beside", (seen(Verdict.UNDETERMINED), seen(Verdict.SPOOFED_NAME)), "theirs01"),
    ("none", (), None),
]


@pytest.mark.parametrize(("copies", "source"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_a_forwarded_copy_takes_over_only_what_whole_ones_agree_is_harmful(
    copies: tuple[Sighting, ...], source: str | None
) -> None:
    assert founds(UNDECIDED, copies) == source


def test_what_is_decided_or_whole_stays_with_its_own_verdict() -> None:
    copies = (seen(Verdict.SPOOFED_ADDRESS),)
    assert founds(diagnosis(Verdict.SPOOFED_NAME, grade=Grade.SLACK_REST), copies) is None
    assert founds(diagnosis(Verdict.UNDETERMINED, grade=Grade.WHOLE), copies) is None


def theirs(**changes: Any) -> Inquiry:
    made = replace(inquiry("theirs01"), told=Told(), stage=Stage.ANSWERED, outcome=outcome())
    return replace(made, **changes)


def unsure() -> Any:
    return replace(outcome(), diagnosis=diagnosis(Verdict.SPOOFED_ADDRESS, confidence=0.5))


KEPT_BACK = [
    ("what somebody answered", {"told": Told(clicked=True)}),
    ("nothing decided", {"outcome": None}),
    ("what somebody called wrong", {"wishes": (Wish.WRONG,)}),
    ("a verdict on more than is there now", {"revision": 2}),
    ("an unsure verdict", {"outcome": unsure()}),
    ("a forwarded one's", {"outcome": outcome(grade=Grade.SLACK_REST)}),
    ("one that was taken over itself", {"outcome": replace(outcome(), borrowed=True)}),
    ("a clearance", {"outcome": outcome(verdict=Verdict.GENUINE)}),
]


@pytest.mark.parametrize("changes", [case[1] for case in KEPT_BACK], ids=[case[0] for case in KEPT_BACK])
def test_what_is_not_of_the_mail_alone_or_not_sure_is_not_passed_on(changes: dict[str, Any]) -> None:
    own = replace(outcome(verdict=Verdict.UNDETERMINED), ticket=None)
    assert passes_on(theirs(), own)
    assert not passes_on(theirs(**changes), own)


def test_what_is_taken_over_never_makes_less_of_a_case_for_a_technician() -> None:
    harmless = theirs(outcome=replace(outcome(verdict=Verdict.PLAIN_SPAM), ticket=None))
    assert not passes_on(harmless, outcome(verdict=Verdict.UNDETERMINED))


def test_what_is_taken_over_says_that_it_is() -> None:
    own = replace(outcome(3, Verdict.UNDETERMINED, grade=Grade.SLACK_REST), mail="", seen_before=4)
    told = taken_over(own, outcome())
    assert (told.borrowed, told.revision, told.seen_before, told.mail) == (True, 3, 4, "")
    assert told.diagnosis == outcome().diagnosis


def test_a_group_remembers_its_last_reports_and_each_inquiry_once(line: Line) -> None:
    sightings = RedisSightings(line)
    for number in range(MOST + 5):
        sightings.sighted("T1", seen(Verdict.PLAIN_SPAM, id=f"i{number}"), "group", "")
    sightings.sighted("T1", seen(Verdict.GENUINE, id="i50"), "group", "mail")
    kept = sightings.copies("T1", "group")
    assert len(kept) == MOST
    assert kept[0] == seen(Verdict.GENUINE, id="i50")
    assert len({each.inquiry for each in kept}) == MOST
    assert sightings.same("T1", "mail") == "i50"
    assert (sightings.copies("T2", "group"), sightings.same("T2", "mail")) == ((), None), "another workspace"
    sightings.close()


FORWARDED = """can somebody look at this?

---------- Forwarded message ---------
From: Boss Example <boss@example.org>
Date: Tue, 24 Nov 2026 at 12:00
Subject: gift cards
To: <josef@example.org>

Are you free? I need you to buy gift cards for me, and keep it between us.
"""
WHO = [
    pytest.param(MARIA, "UOTHER", Belonging.STAFF, True, id="among colleagues"),
    pytest.param(MARIA, "UOTHER", Belonging.STRANGER, False, id="not to strangers"),
    pytest.param(replace(MARIA, belonging=Belonging.GUEST), "UOTHER", Belonging.STAFF, False, id="not from guests"),
    pytest.param(replace(MARIA, team="T2"), "UOTHER", Belonging.STAFF, False, id="not from another workspace"),
]


@pytest.mark.parametrize(("first", "user", "belonging", "shared"), WHO)
def test_a_colleagues_forwarded_copy_gets_the_verdict_of_the_whole_mail(
    line: Line, engine: LoopEngine, first: Any, user: str, belonging: Belonging, shared: bool
) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        assert office.answered(office.reception.receive(pasted("1764000000.000100", asker=first)))
        second = replace(MARIA, user=user, belonging=belonging)
        later = office.reception.receive(pasted("1764000100.000100", FORWARDED, asker=second))
        assert office.answered(later)
        assert later is not None
        kept = office.inquiries.find(later.id)
        assert kept is not None
        assert kept.outcome is not None
        told = kept.outcome
        assert (told.borrowed, told.seen_before) == ((True, 1) if shared else (False, 0))
        assert (told.diagnosis.verdict is Verdict.SPOOFED_ADDRESS) is shared


def test_who_forgets_takes_what_they_handed_in_out_of_others_verdicts(line: Line, engine: LoopEngine) -> None:
    scripted = ScriptedEngine(engine)
    with open_office(line, scripted) as office:
        office.worker.start()
        assert office.answered(office.reception.receive(pasted("1764000000.000100")))
        assert office.reception.forget(MARIA) == 1
        for ts, text in (("1764000100.000100", FORWARDED), ("1764000200.000100", PASTED)):
            later = office.reception.receive(pasted(ts, text, asker=replace(MARIA, user=f"U{ts}")))
            assert office.answered(later)
            assert later is not None
            kept = office.inquiries.find(later.id)
            assert kept is not None
            assert kept.outcome is not None
            assert not kept.outcome.borrowed
            assert kept.outcome.seen_before == int(text is PASTED), "only the one before it is left"
        assert scripted.checked == 3


def test_people_are_digests() -> None:
    assert person("T1", "U1") != person("T1", "U2")
    assert "U1" not in person("T1", "U1")
