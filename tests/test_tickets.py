"""What each act does, who may do it, and what they are told who may not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.errors import Shown
from bot.model import Place, Priority, Verdict
from bot.model.telling import Tell, Whom
from bot.model.tickets import (
    BOT,
    Act,
    ActKind,
    Actor,
    Again,
    Closing,
    Level,
    LiveTicket,
    Reporter,
    Said3,
    TicketState,
)
from bot.tickets import acts, apply, recorded
from bot.tickets.closing import needs_reason, open_steps
from bot.tickets.permission import MAY
from bot.tickets.telling import CODES, tells
from tests.ticketkit import (
    ANN,
    BEN,
    REPORTING_VICTIM,
    START,
    STEPS,
    TEA,
    TOM,
    VIC,
    guess,
    new_ticket,
    opening,
    reporter,
)

LATER = START + timedelta(hours=1)
TOMORROW = START + timedelta(days=1)


def after(ticket: LiveTicket, *done: Act, at: datetime = LATER) -> LiveTicket:
    for act in done:
        ticket = apply(ticket, replace(act, at=at))
    return ticket


def settled(by: Actor = TEA) -> tuple[Act, ...]:
    return tuple(acts.tick(by, step.id) for step in STEPS if step.must)


TAKEN = after(new_ticket(), acts.take(TEA))
CLOSED = after(TAKEN, *settled(), acts.close(TEA, Closing.HACKED_FIXED))
ASKED = after(new_ticket(), acts.ask_sender(TEA, "UVIC"))
PROPOSED = after(TAKEN, acts.propose_notice(TEA, ("UBEN",), "Delete it."))

REFUSED: tuple[tuple[str, LiveTicket, Act, str], ...] = (
    ("somebody else has it", TAKEN, acts.take(TOM), "taken"),
    ("it is theirs already", TAKEN, acts.take(TEA), "already-yours"),
    ("somebody else's to close", TAKEN, acts.close(TOM, Closing.SPAM, "No."), "taken"),
    ("somebody else's to hold", TAKEN, acts.hold(TOM, TOMORROW), "taken"),
    ("somebody else's to ask with", TAKEN, acts.ask(TOM, "Well?"), "taken"),
    ("nobody has it to release", new_ticket(), acts.release(TEA), "not-taken"),
    ("handed over to whom it is", TAKEN, acts.hand_over(TOM, "UTEA", "Tea"), "same-owner"),
    ("handed over to the one it is about", TAKEN, acts.hand_over(TEA, "UVIC", "Vic"), "own-account"),
    ("taken by the one it is about", new_ticket(), acts.take(VIC), "own-account"),
    ("asked by the one it is about", new_ticket(), acts.ask(VIC, "Well?"), "own-account"),
    ("a reporter takes", new_ticket(), acts.take(ANN), "not-allowed"),
    ("a reporter notes", new_ticket(), acts.note(ANN, "Hm."), "not-allowed"),
    ("a technician reminds", new_ticket(), replace(acts.remind(Level.SOON), by=TEA), "not-allowed"),
    ("somebody answers who reported nothing", new_ticket(), acts.answered(BEN, "Yes.", "inq1"), "not-yours"),
    ("somebody closes who reported nothing", new_ticket(), acts.close(BEN, Closing.WITHDRAWN), "not-yours"),
    ("a reporter says how it ended", new_ticket(), acts.close(ANN, Closing.GENUINE), "not-allowed"),
    ("a question without a text", TAKEN, acts.ask(TEA, "  "), "text-missing"),
    ("a question to nobody of it", TAKEN, acts.ask(TEA, "Well?", "inq9"), "not-a-reporter"),
    ("a verdict without a reason", TAKEN, acts.change_verdict(TEA, Verdict.GENUINE, ""), "text-missing"),
    ("the same verdict", CLOSED, acts.change_verdict(TEA, Verdict.HACKED_ACCOUNT, "So."), "closed"),
    ("a hold that is over", TAKEN, acts.hold(TEA, START), "bad-date"),
    ("a hold for a year", TAKEN, acts.hold(TEA, START + timedelta(days=365)), "bad-date"),
    ("back from nothing", TAKEN, acts.resume(TEA), "not-held"),
    ("back too early", after(TAKEN, acts.hold(TEA, TOMORROW)), acts.resume(BOT), "not-due"),
    ("a step that isn't there", TAKEN, acts.tick(TEA, "nothing"), "no-step"),
    ("a step twice", after(TAKEN, acts.tick(TEA, STEPS[0].id)), acts.tick(TOM, STEPS[0].id), "already-ticked"),
    ("a step that is open", TAKEN, acts.untick(TEA, STEPS[0].id), "not-ticked"),
    ("a step waived without a reason", TAKEN, acts.waive(TEA, STEPS[0].id, ""), "text-missing"),
    ("closed as fixed with open steps", TAKEN, acts.close(TEA, Closing.HACKED_FIXED, "Done."), "steps-open"),
    ("closed as contained with open steps", TAKEN, acts.close(TEA, Closing.HARM_CONTAINED, "Done."), "steps-open"),
    ("closed as fixed without a checklist", guess(), acts.close(TEA, Closing.HACKED_FIXED, "Done."), "no-checklist"),
    ("closed against the record", TAKEN, acts.close(TEA, Closing.GENUINE), "text-missing"),
    ("a strong case ended without a finding", TAKEN, acts.close(TEA, Closing.UNRESOLVED), "text-missing"),
    ("the bot closes a strong case", TAKEN, acts.close(BOT, Closing.SENDER_CONFIRMED), "not-allowed"),
    ("the bot closes a guess that nobody confirmed", guess(), acts.close(BOT, Closing.SENDER_CONFIRMED), "not-allowed"),
    ("taken when closed", CLOSED, acts.take(TOM), "closed"),
    ("ticked when closed", CLOSED, acts.untick(TEA, STEPS[0].id), "closed"),
    ("reopened when open", TAKEN, acts.reopen(TEA, Again.TECHNICIAN), "still-open"),
    ("feedback before the end", TAKEN, acts.feedback(ANN, "inq1", True), "still-open"),
    ("feedback on somebody else's", CLOSED, acts.feedback(ANN, "inq2", True), "not-yours"),
    ("a reminder twice", after(TAKEN, acts.remind(Level.SOON)), acts.remind(Level.SOON), "already-reminded"),
    ("the sender is nobody of ours", TAKEN, acts.ask_sender(TEA, ""), "nobody-to-ask"),
    ("the sender is asked already", ASKED, acts.ask_sender(TOM, "UVIC"), "already-asked"),
    ("somebody else says that they did", ASKED, acts.sender_said("UOTH", "Otho", Said3.YES), "not-yours"),
    ("nobody was asked", TAKEN, acts.sender_said("UVIC", "Vic", Said3.NO), "not-yours"),
    ("nobody is left to tell", PROPOSED, acts.propose_notice(TEA, ("UVIC",), "Delete it."), "nobody-to-tell"),
    ("nothing to approve", TAKEN, acts.approve_notice(TEA), "no-notice"),
    ("sent without approval", PROPOSED, acts.notice_sent(), "not-approved"),
    ("approved twice", after(PROPOSED, acts.approve_notice(TOM)), acts.approve_notice(TEA), "already-approved"),
    ("nothing waits", TAKEN, acts.confirm(TEA, 1), "not-waiting"),
    ("opened once more", TAKEN, acts.opened(opening()), "already-open"),
)


@pytest.mark.parametrize(("ticket", "act", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_allowed_is_told_and_changes_nothing(ticket: LiveTicket, act: Act, code: str) -> None:
    with pytest.raises(Shown) as told:
        apply(ticket, replace(act, at=LATER))
    assert told.value.code == code
    assert told.value.message
    assert told.value.hint


def test_who_is_late_hears_who_was_faster() -> None:
    with pytest.raises(Shown, match="Tea Koch has ticket 1"):
        after(TAKEN, acts.take(TOM))
    with pytest.raises(Shown, match="Tea Koch closed it"):
        after(CLOSED, acts.take(TOM))
    with pytest.raises(Shown, match="Tea Koch has done that already"):
        after(TAKEN, acts.tick(TEA, STEPS[0].id), acts.tick(TOM, STEPS[0].id))


def test_every_kind_of_act_may_be_done_by_somebody() -> None:
    assert MAY.keys() == set(ActKind)
    assert all(MAY.values())


def test_whoever_works_on_what_nobody_has_has_it() -> None:
    asked = after(new_ticket(), acts.ask(TEA, "Did you click?"))
    assert (asked.state, asked.owner, asked.answered_at) == (TicketState.WAITING, "UTEA", LATER)
    noted = after(new_ticket(), acts.note(TEA, "Looks bad."), acts.tick(TEA, STEPS[0].id))
    assert (noted.state, noted.owner, noted.answered_at) == (TicketState.NEW, "", None)


def test_handing_over_may_be_done_by_any_technician() -> None:
    given = after(TAKEN, acts.hand_over(TOM, "UTOM", "Tom Adler"))
    assert (given.owner, given.owner_name, given.state) == ("UTOM", "Tom Adler", TicketState.TAKEN)


def test_a_question_while_it_rests_waits_after_the_rest() -> None:
    held = after(TAKEN, acts.hold(TEA, TOMORROW), acts.ask(TEA, "Well?"))
    assert held.state is TicketState.ON_HOLD
    back = after(held, acts.resume(BOT), at=TOMORROW)
    assert back.state is TicketState.WAITING
    assert after(back, acts.answered(ANN, "Well.", "inq1"), at=TOMORROW).state is TicketState.TAKEN


def test_an_answer_while_it_rests_is_kept_and_it_rests_on() -> None:
    held = after(TAKEN, acts.ask(TEA, "Well?"), acts.hold(TEA, TOMORROW), acts.answered(ANN, "Well.", "inq1"))
    assert (held.state, held.asked_at) == (TicketState.ON_HOLD, None)


def test_released_it_is_new_again_and_reopened_if_it_was() -> None:
    assert after(TAKEN, acts.release(TEA)).state is TicketState.NEW
    again = after(CLOSED, acts.reopen(TOM, Again.TECHNICIAN), acts.take(TOM), acts.release(TOM))
    assert again.state is TicketState.REOPENED


def test_what_was_waived_says_by_whom_and_why() -> None:
    step = after(TAKEN, acts.waive(TOM, STEPS[1].id, "No password there.")).steps[1]
    assert (step.waived, step.ticked, step.by, step.why) == (True, False, TOM, "No password there.")
    assert after(TAKEN, acts.waive(TOM, STEPS[1].id, "x"), acts.untick(TEA, STEPS[1].id)).steps[1] == STEPS[1]


def test_closed_as_fixed_once_every_mandatory_step_is_settled() -> None:
    assert [step.topic for step in open_steps(TAKEN)] == ["sessions", "password", "second-factor"]
    nearly = after(TAKEN, acts.tick(TEA, STEPS[0].id), acts.waive(TEA, STEPS[1].id, "None there."))
    with pytest.raises(Shown, match="second-factor"):
        after(nearly, acts.close(TEA, Closing.HACKED_FIXED))
    done = after(nearly, acts.tick(TOM, STEPS[2].id), acts.close(TEA, Closing.HACKED_FIXED))
    assert (done.state, done.outcome, done.theirs) == (TicketState.CLOSED, Closing.HACKED_FIXED, Verdict.HACKED_ACCOUNT)


def test_a_relapse_has_every_step_done_again_and_another_reopening_has_not() -> None:
    assert not any(step.settled for step in after(CLOSED, acts.reopen(BOT, Again.RELAPSE, opening=opening())).steps)
    assert any(step.settled for step in after(CLOSED, acts.reopen(TEA, Again.TECHNICIAN)).steps)


def test_harm_contained_says_nothing_of_the_mail() -> None:
    acted = new_ticket(acted=True, reason="typed-password", verdict=Verdict.SPOOFED_NAME)
    done = after(acted, *settled(), acts.close(TEA, Closing.HARM_CONTAINED))
    assert (done.verdict, done.theirs) == (Verdict.SPOOFED_NAME, None)
    fixed = after(acted, *settled(), acts.close(TEA, Closing.HACKED_FIXED))
    assert fixed.verdict is Verdict.SPOOFED_NAME
    assert not fixed.overturned


def test_a_reason_is_needed_where_the_finding_is_another() -> None:
    assert needs_reason(TAKEN, Closing.SPAM)
    assert not needs_reason(TAKEN, Closing.HACKED_TOLD)
    assert not needs_reason(guess(), Closing.UNRESOLVED)
    assert needs_reason(guess(), Closing.SPAM)


SUSPECT = (
    ("closes", acts.close(VIC, Closing.SPAM, "Nothing.")),
    ("changes the verdict", acts.change_verdict(VIC, Verdict.GENUINE, "It was me.")),
    ("ticks", acts.tick(VIC, STEPS[0].id)),
    ("waives", acts.waive(VIC, STEPS[0].id, "No need.")),
    ("holds", acts.hold(VIC, TOMORROW)),
    ("wants to be forgotten", acts.forget(REPORTING_VICTIM)),
    ("withdraws", acts.close(REPORTING_VICTIM, Closing.WITHDRAWN)),
    ("says that they did it", acts.sender_said("UVIC", "Vic Brandt", Said3.YES)),
)


@pytest.mark.parametrize("act", [act for _, act in SUSPECT], ids=[name for name, _ in SUSPECT])
def test_what_a_suspect_account_presses_waits_for_a_technician(act: Act) -> None:
    ticket = after(new_ticket(reporter=Reporter("inq1", "UVIC", "Vic Brandt")), acts.ask_sender(TEA, "UVIC"))
    waiting = after(ticket, act)
    assert replace(waiting, parked=(), version=ticket.version, changed_at=ticket.changed_at) == ticket
    assert waiting.parked[0].act.kind is act.kind
    with pytest.raises(Shown, match="waits for a technician already"):
        after(waiting, act)
    with pytest.raises(Shown, match="own account"):
        after(waiting, acts.confirm(VIC, waiting.version))
    counted = after(waiting, acts.confirm(TEA, waiting.version))
    refused = after(waiting, acts.refuse(TEA, waiting.version))
    assert counted.parked == refused.parked == ()
    assert replace(refused, version=ticket.version) == ticket
    assert replace(counted, version=ticket.version) != ticket


def test_a_suspect_sender_who_says_no_is_believed_at_once() -> None:
    said = after(ASKED, acts.sender_said("UVIC", "Vic Brandt", Said3.NO))
    assert (said.sender_said, said.strong) == (Said3.NO, True)


def test_a_reporter_ends_a_guess_but_not_a_strong_case() -> None:
    assert after(guess(), acts.close(ANN, Closing.WITHDRAWN)).state is TicketState.CLOSED
    strong = after(new_ticket(), acts.close(ANN, Closing.WITHDRAWN))
    assert (strong.state, len(strong.parked)) == (TicketState.NEW, 1)


def test_priority_only_rises_and_reasons_are_added() -> None:
    low = replace(opening(), reason="clicked", priority=Priority.NORMAL, reporter=reporter(BEN, "inq2"))
    high = replace(low, reason="paid", priority=Priority.URGENT, summary="Paid. Bank first.")
    ticket = after(new_ticket(), acts.joined(low), acts.raised(high))
    assert (ticket.priority, ticket.reasons) == (Priority.URGENT, ("hacked-staff", "clicked", "paid"))
    assert (ticket.summary, ticket.reports) == ("Paid. Bank first.", 2)


def test_an_act_that_arrives_late_never_turns_the_clock_back() -> None:
    ticket = after(TAKEN, acts.hold(TEA, TOMORROW))
    late = apply(ticket, replace(acts.resume(TEA), at=START))
    assert late.changed_at == ticket.changed_at
    assert all(span.start <= span.end for span in late.pauses)


# What is told


def told(before: LiveTicket, act: Act) -> list[Tell]:
    stamped = replace(act, at=LATER)
    now = apply(before, stamped)
    return [each for each in tells(before, recorded(before, stamped, now), now) if each.whom is not Whom.POST]


TOLD: tuple[tuple[LiveTicket, Act, list[tuple[str, str, str]]], ...] = (
    (new_ticket(), acts.take(TEA), [("reporter", "taken-up", "inq1")]),
    (after(TAKEN, acts.release(TEA)), acts.take(TOM), []),
    (TAKEN, acts.release(TEA), [("thread", "released", "")]),
    (
        TAKEN,
        acts.hand_over(TEA, "UTOM", "Tom Adler"),
        [("thread", "handed-over", ""), ("technician", "handed-to-you", "UTOM")],
    ),
    (TAKEN, acts.ask(TEA, "Did you?"), [("reporter", "question", "inq1"), ("thread", "asked", "")]),
    (TAKEN, acts.answered(ANN, "No.", "inq1"), [("thread", "wrote", ""), ("technician", "yours-answered", "UTEA")]),
    (TAKEN, acts.note(TEA, "Odd."), [("thread", "noted", "")]),
    (TAKEN, acts.tick(TEA, STEPS[0].id), []),
    (TAKEN, acts.hold(TEA, TOMORROW), [("thread", "rests", ""), ("reporter", "held", "inq1")]),
    (
        TAKEN,
        acts.change_verdict(TEA, Verdict.SPOOFED_NAME, "Another account."),
        [("thread", "new-verdict", ""), ("reporter", "corrected", "inq1")],
    ),
    (
        after(TAKEN, *settled()),
        acts.close(TEA, Closing.HACKED_FIXED),
        [("thread", "closed", ""), ("reporter", "ended", "inq1")],
    ),
    (
        CLOSED,
        acts.reopen(ANN, Again.WROTE, "It is back."),
        [("on-call", "reopened", ""), ("technician", "yours-reopened", "UTEA"), ("reporter", "open-again", "inq1")],
    ),
    (CLOSED, acts.feedback(ANN, "inq1", True), [("thread", "helped", "")]),
    (CLOSED, acts.feedback(ANN, "inq1", False), [("thread", "not-helped", "")]),
    (TAKEN, acts.remind(Level.SOON), [("technician", "soon", "UTEA")]),
    (new_ticket(), acts.remind(Level.FIRST_SOON), [("thread", "first-soon", "")]),
    (TAKEN, acts.remind(Level.DUE), [("on-call", "due", "")]),
    (TAKEN, acts.remind(Level.LATE), [("manager", "late", "")]),
    (
        ASKED,
        acts.sender_said("UVIC", "Vic", Said3.NO),
        [("thread", "sender-no", ""), ("technician", "sender-no", "UTEA")],
    ),
    (PROPOSED, acts.approve_notice(TOM), [("recipient", "notice", "UBEN")]),
    (TAKEN, acts.pack_made(TEA, "gmail"), []),
    (TAKEN, acts.forget(ANN), []),
)


@pytest.mark.parametrize(
    ("before", "act", "expected"), TOLD, ids=[f"{act.kind}-{n}" for n, (_, act, _) in enumerate(TOLD)]
)
def test_each_act_is_told_to_whom_it_concerns(
    before: LiveTicket, act: Act, expected: list[tuple[str, str, str]]
) -> None:
    if act.kind is ActKind.SENDER_SAID:
        before = replace(before, owner="UTEA", owner_name="Tea Koch", state=TicketState.TAKEN)
    heard = told(before, act)
    assert [(each.whom.value, each.code, each.user or each.inquiry) for each in heard] == expected
    assert all(each.code in CODES for each in heard)
    assert len({each.mark for each in heard}) == len(heard)


def test_neither_side_sees_the_others_channel() -> None:
    post = after(TAKEN, acts.posted(Place("CTECH", "1764000000.000100")))
    for act in (acts.ask(TEA, "Did you?"), acts.answered(ANN, "No.", "inq1"), acts.hold(TEA, TOMORROW)):
        assert "CTECH" not in repr([each for each in told(post, act) if each.whom is Whom.REPORTER])


def test_a_campaign_is_spoken_of_at_round_counts_only() -> None:
    ticket, spoken = new_ticket(), list[int]()
    for index in range(2, 30):
        act = acts.joined(replace(opening(), reporter=Reporter(f"inq{index}", f"U{index}", "R")))
        heard = told(ticket, act)
        ticket = after(ticket, act)
        spoken += [ticket.reports for each in heard if each.code == "joined"]
    assert spoken == [2, 3, 5, 10, 20]
