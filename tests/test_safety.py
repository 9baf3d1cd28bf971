"""What must never be said, whatever the mail is, to people who told us that something is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.advice.steps import ASKED, SENT_ITEMS
from bot.handbook.pages import When
from bot.intake.archives import Entry, walk
from bot.model import Case, Priority, Reader, Told, Verdict
from tests.casekit import shipped
from tests.line import outcome
from tests.outlook_samples import SAMPLES

ENTRIES = tuple(walk(SAMPLES))
NAMES = [str(Path(entry.label).relative_to(SAMPLES)) for entry in ENTRIES]
READERS = (Reader.RECEIVER, Reader.NAMED, Reader.TECHNICIAN)

CALMING = (
    "You don't have to",
    "no part in it",
    "had a part in it",
    "not broken into",
    "all is well",
    "treat it like any other mail",
    "nothing wrong with it",
    "Nothing to reset",
    "No ticket",
    "then delete it",
    "Probably fine",
)
"""Sentences that send somebody away."""
SIGNS = Told(strange_account_signs=True)
DENIED = Told(sender_denies=True)
each_sample = pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
each_reader = pytest.mark.parametrize("reader", READERS)


def case_of(entry: Entry, told: Told, reader: Reader) -> Case:
    said = outcome(entry.content, told=replace(told, own_account=reader is Reader.NAMED), reader=reader)
    assert isinstance(said, Case)
    return said


def lines(case: Case) -> Iterator[str]:
    reply = case.reply
    yield from (reply.headline, *reply.steps, *reply.reasons, reply.settles, *reply.advice)
    for _, section in reply.sections:
        yield from section


def says(case: Case, *phrases: str) -> list[str]:
    return [line for line in lines(case) if any(phrase in line for phrase in phrases)]


@each_reader
@each_sample
def test_who_found_strange_signs_in_the_account_is_never_sent_away(entry: Entry, reader: Reader) -> None:
    case = case_of(entry, SIGNS, reader)
    assert not says(case, *CALMING)
    assert Verdict.HACKED_ACCOUNT in (case.diagnosis.verdict, *case.diagnosis.also)
    assert case.ticket is not None
    assert case.ticket.priority is Priority.URGENT
    assert says(case, "rules, forwarding or sign-ins that its owner doesn't know")


@each_sample
def test_the_owner_of_an_account_with_strange_signs_changes_the_password_elsewhere_and_calls(entry: Entry) -> None:
    first, second, *_ = case_of(entry, SIGNS, Reader.NAMED).reply.steps
    assert "On another device" in first
    assert "change your mail password" in first
    assert second.startswith("Call ")


@each_reader
@each_sample
def test_what_the_sender_denies_is_never_called_genuine(entry: Entry, reader: Reader) -> None:
    case = case_of(entry, DENIED, reader)
    assert Verdict.GENUINE not in (case.diagnosis.verdict, case.diagnosis.leaning)
    assert not says(case, "all is well", "treat it like any other mail", "nothing wrong with it", "Probably fine")
    assert says(case, "The sender says that they didn't send it.")


@each_sample
def test_what_is_proven_and_denied_was_sent_by_somebody_else_from_the_account(entry: Entry) -> None:
    """The samples whose origin is proven to be the address that the reporter answers for."""
    plain = case_of(entry, Told(), Reader.RECEIVER).diagnosis
    if plain.verdict is Verdict.GENUINE:
        assert case_of(entry, DENIED, Reader.RECEIVER).diagnosis.verdict is Verdict.HACKED_ACCOUNT


@each_reader
@each_sample
def test_who_paid_calls_the_bank_first_and_who_typed_a_password_changes_it_first(entry: Entry, reader: Reader) -> None:
    paid = case_of(entry, Told(paid=True), reader)
    assert "your bank" in paid.reply.steps[0]
    typed = case_of(entry, Told(typed_password=True), reader)
    assert "password" in typed.reply.steps[0]
    for case in (paid, typed):
        assert not says(case, "You don't have to", "all is well", "then delete it", "No ticket")
        assert case.ticket is not None


@each_sample
def test_nobody_is_asked_what_they_have_just_told(entry: Entry) -> None:
    case = case_of(entry, Told(in_sent_items=True, strange_account_signs=True, sender_denies=True), Reader.NAMED)
    assert not [step for step in case.reply.steps if SENT_ITEMS in step or ASKED in step]
    step = case.diagnosis.next_step
    assert step is None or step.code not in ("sign-ins", "ask-other-channel")


def test_the_steps_that_are_left_out_for_an_answer_do_stand_in_knowledge() -> None:
    book = shipped()
    steps = [step for page in book.verdicts for text in page.readers for step in text.steps]
    assert any(SENT_ITEMS in step for step in steps)
    assert any(ASKED in step for step in steps)
    assert book.told(When.ACCOUNT_SIGNS)


@each_reader
@each_sample
def test_a_server_is_never_both_allowed_and_unknown_to_every_check(entry: Entry, reader: Reader) -> None:
    rules = {finding.rule for finding in case_of(entry, Told(), reader).diagnosis.findings}
    assert not {"nothing-vouches-for-it", "spf-of-the-author-passed"} <= rules
