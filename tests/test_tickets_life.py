"""Any order of acts by any people: no illegal state, nothing that isn't in the record, no suspect who has their way."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.errors import Shown
from bot.model import Verdict
from bot.model.tickets import Act, ActKind, Actor, Closing, Entry, LiveTicket, Role, TicketState
from bot.tickets import apply, recorded, replay, thinning
from bot.tickets.permission import MAY
from tests.ticketkit import START, TEA, guess, new_ticket, opening, some_act

S, K = TicketState, ActKind
OPEN = frozenset(TicketState) - {S.CLOSED}
MOVES: dict[ActKind, tuple[tuple[frozenset[TicketState], frozenset[TicketState]], ...]] = {
    K.TAKE: ((frozenset({S.NEW, S.REOPENED}), frozenset({S.TAKEN})),),
    K.HAND_OVER: ((frozenset({S.NEW, S.REOPENED}), frozenset({S.TAKEN})),),
    K.RELEASE: ((frozenset({S.TAKEN}), frozenset({S.NEW, S.REOPENED})),),
    K.ASK: ((frozenset({S.NEW, S.TAKEN, S.REOPENED}), frozenset({S.WAITING})),),
    K.ANSWERED: ((frozenset({S.WAITING}), frozenset({S.NEW, S.TAKEN, S.REOPENED})),),
    K.CHANGE_VERDICT: ((frozenset({S.NEW, S.REOPENED}), frozenset({S.TAKEN})),),
    K.HOLD: ((OPEN - {S.ON_HOLD}, frozenset({S.ON_HOLD})),),
    K.RESUMED: (
        (frozenset({S.ON_HOLD}), frozenset({S.NEW, S.TAKEN, S.REOPENED, S.WAITING})),
        (frozenset({S.WAITING}), frozenset({S.NEW, S.TAKEN, S.REOPENED})),
    ),
    K.CLOSE: ((OPEN, frozenset({S.CLOSED})),),
    K.REOPENED: ((frozenset({S.CLOSED}), frozenset({S.REOPENED})),),
}
"""The only moves there are; every other act leaves the state as it is."""
MOVES[K.CONFIRMED] = (*MOVES[K.CLOSE], *MOVES[K.HOLD], *MOVES[K.CHANGE_VERDICT])


def may_move(kind: ActKind, was: TicketState, became: TicketState) -> bool:
    return was is became or any(was in before and became in after for before, after in MOVES.get(kind, ()))


def what_counts(ticket: LiveTicket) -> tuple[object, ...]:
    """All that somebody could want to have changed."""
    return (
        *(ticket.state, ticket.theirs, ticket.outcome, ticket.steps, ticket.forgotten, ticket.sender_said),
        *(ticket.notice, ticket.owner, ticket.reporters, ticket.hold_until),
    )


class Life(RuleBasedStateMachine):
    """One ticket, tried by everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.at = START
        self.ticket = self.first()
        act = Act(K.OPENED, Actor(Role.BOT), START, opening=opening())
        self.record = [recorded(None, act, self.ticket)]

    def first(self) -> LiveTicket:
        return new_ticket()

    @rule(seed=st.integers(0, 2**48))
    def people_try_things(self, seed: int) -> None:
        """Ten in a row: drawn at random, not by hypothesis, which prefers a few kinds of them."""
        dice = Random(seed)
        for _ in range(10):
            self.at += timedelta(minutes=dice.choice((0, 1, 60, 3_000)))
            self.try_(some_act(dice, self.ticket, self.at))

    @precondition(lambda self: self.ticket.parked and self.ticket.is_open)
    @rule()
    def a_technician_confirms_what_waits(self) -> None:
        self.try_(Act(K.CONFIRMED, TEA, self.at, number=self.ticket.parked[0].number))

    @precondition(lambda self: any(not step.settled for step in self.ticket.steps) and self.ticket.is_open)
    @rule()
    def a_technician_ticks_the_next_step(self) -> None:
        step = next(step for step in self.ticket.steps if not step.settled)
        self.try_(Act(K.TICK, TEA, self.at, step=step.id))

    def try_(self, act: Act) -> None:
        before = self.ticket
        try:
            after = apply(before, act)
        except Shown:
            return
        entry = recorded(before, act, after)
        self.ticket = after
        self.record.append(entry)
        self.look(before, entry)

    def look(self, before: LiveTicket, entry: Entry) -> None:
        act, after = entry.act, self.ticket
        assert act.by.role in MAY[act.kind]
        assert after.version == before.version + 1
        assert may_move(act.kind, before.state, after.state), (act.kind, before.state, after.state)
        assert list(type(before.priority)).index(after.priority) <= list(type(before.priority)).index(before.priority)
        assert set(before.reasons) <= set(after.reasons)
        if entry.parked:
            assert what_counts(after) == what_counts(before)
            assert len(after.parked) == len(before.parked) + 1
        elif act.by.user in before.suspects:
            harmless = {K.NOTE, K.RELEASE, K.REOPENED, K.ANSWERED, K.FEEDBACK, K.SENDER_SAID}
            assert act.kind in harmless
            assert after.sender_said is before.sender_said or after.sender_said.value != "yes"  # type: ignore[union-attr]
        if after.outcome is Closing.HACKED_FIXED and before.outcome is not Closing.HACKED_FIXED:
            assert any(step.must for step in after.steps)
            assert all(step.settled for step in after.steps if step.must)
        if act.by.role is Role.BOT and act.kind is K.CLOSE:
            assert not before.strong

    @invariant()
    def the_state_fits_everything_else(self) -> None:
        ticket = self.ticket
        if ticket.state is S.TAKEN:
            assert ticket.owner
        if ticket.state in (S.NEW, S.REOPENED):
            assert not ticket.owner
        assert (ticket.state is S.CLOSED) == (ticket.outcome is not None) == (ticket.closed_at is not None)
        assert (ticket.paused_at is not None) == (ticket.state in (S.WAITING, S.ON_HOLD))
        assert (ticket.hold_until is not None) == (ticket.state is S.ON_HOLD)
        assert ticket.state is not S.WAITING or ticket.asked_at is not None
        assert all(span.start <= span.end for span in ticket.pauses)
        assert len(set(ticket.reminded)) == len(ticket.reminded)
        assert len({each.inquiry for each in ticket.reporters}) == len(ticket.reporters) <= ticket.reports

    @invariant()
    def whoever_settled_a_step_is_named(self) -> None:
        for step in self.ticket.steps:
            assert not (step.ticked and step.waived)
            if step.settled:
                assert step.by is not None
                assert step.at is not None
                assert not step.waived or step.why or any(line.act.kind is K.FORGOTTEN for line in self.record)

    @invariant()
    def nothing_is_sent_that_nobody_approved(self) -> None:
        if self.ticket.notice and self.ticket.notice.sent:
            assert self.ticket.notice.approved_by

    @invariant()
    def the_record_is_complete_and_makes_the_same_ticket_again(self) -> None:
        assert [entry.number for entry in self.record] == list(range(1, self.ticket.version + 1))
        pairs = zip(self.record, self.record[1:], strict=False)
        assert all(one.became is other.was for one, other in pairs)
        assert replay("T1", 1, self.record) == self.ticket

    @invariant()
    def what_was_taken_out_is_in_no_line_of_the_record(self) -> None:
        lines = [thinning.entry(entry) for entry in self.record]
        rest = thinning.thin(self.ticket)
        again = thinning.thin(replay("T1", 1, lines))
        assert replace(again, forgotten=rest.forgotten) == rest
        for private in ("example.org", "Meyer", "UANN", "UBEN", "Brandt", "phone call", "very likely"):
            assert private not in repr(lines)
            assert private not in repr(rest)
        if self.ticket.forgotten and not self.ticket.is_open:
            assert self.ticket == rest


class Guess(Life):
    """The same with a ticket that is nothing but a guess."""

    def first(self) -> LiveTicket:
        return guess()

    @invariant()
    def the_record_is_complete_and_makes_the_same_ticket_again(self) -> None:
        assert [entry.number for entry in self.record] == list(range(1, self.ticket.version + 1))

    @invariant()
    def what_was_taken_out_is_in_no_line_of_the_record(self) -> None:
        assert "Meyer" not in repr(thinning.thin(self.ticket))


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestGuess = Guess.TestCase
TestGuess.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)


def test_a_record_that_begins_with_something_else_makes_no_ticket() -> None:
    with pytest.raises(Shown, match="no ticket"):
        replay("T1", 1, ())
    line = recorded(new_ticket(), Act(K.TAKE, TEA, START), apply(new_ticket(), Act(K.TAKE, TEA, START)))
    with pytest.raises(Shown, match="no ticket"):
        replay("T1", 1, (line,))
    assert new_ticket().verdict is Verdict.HACKED_ACCOUNT
