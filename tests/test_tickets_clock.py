"""A ticket's clock: working time, pauses, reopening, priorities, and when it has to be looked at next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Priority
from bot.model.tickets import Act, Again, Closing, Level, LiveTicket
from bot.office_hours import read_hours
from bot.tickets import acts, apply
from bot.tickets.clock import Timing, due, elapsed, opens, reminders, wakes
from bot.tickets.reminding import spoken
from tests.ticketkit import ANN, TEA, TOM, new_ticket, opening, reporter

WEEK = Timing(read_hours("Mon-Fri 9:00-17:00", "UTC", "12-25"))
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def at(days: float = 0, hours: float = 0) -> datetime:
    return MONDAY + timedelta(days=days, hours=hours)


def done(ticket: LiveTicket, act: Act, when: datetime) -> LiveTicket:
    return apply(ticket, replace(act, at=when))


def new(priority: Priority = Priority.URGENT, when: datetime = MONDAY) -> LiveTicket:
    return new_ticket(when, priority=priority)


DUES = (
    (Priority.URGENT, MONDAY, at(hours=0.5), at(hours=4)),
    (Priority.HIGH, MONDAY, at(hours=2), at(hours=8)),
    (Priority.NORMAL, MONDAY, at(hours=8), at(4, 8)),
    (Priority.URGENT, at(hours=20), at(1, 0.5), at(1, 4)),
    (Priority.HIGH, at(hours=7), at(1, 1), at(1, 7)),
    (Priority.URGENT, at(4, 7.75), at(7, 0.25), at(7, 3.75)),
)


@pytest.mark.parametrize(("priority", "opened", "first", "end"), DUES)
def test_targets_run_in_working_time(priority: Priority, opened: datetime, first: datetime, end: datetime) -> None:
    found = due(new(priority, opened), WEEK)
    assert (found.first, found.end, found.next) == (first, end, first)


def test_once_somebody_has_it_only_the_end_is_due() -> None:
    taken = done(new(), acts.take(TEA), at(hours=0.25))
    assert (due(taken, WEEK).first, due(taken, WEEK).next) == (None, at(hours=4))
    assert due(done(taken, acts.release(TEA), at(hours=1)), WEEK).first is None


def test_the_clock_stands_while_it_waits_and_rests() -> None:
    asked = done(new(), acts.ask(TEA, "Did you?"), at(hours=1))
    assert due(asked, WEEK).next is None
    assert elapsed(asked, at(3), WEEK) == timedelta(hours=1)
    back = done(asked, acts.answered(ANN, "No.", "inq1"), at(1, 2))
    assert due(back, WEEK).end == at(1, 5)
    held = done(back, acts.hold(TEA, at(3)), at(1, 3))
    again = done(held, acts.resume(), at(3))
    assert due(again, WEEK).end == at(3, 2)
    assert elapsed(again, at(3, 1), WEEK) == timedelta(hours=3)


def test_what_was_late_before_a_pause_stays_late() -> None:
    held = done(new(), acts.hold(TEA, at(2)), at(hours=6))
    assert due(done(held, acts.resume(), at(2)), WEEK).end == at(hours=4)


def test_a_closed_ticket_is_never_due_and_a_reopened_one_anew() -> None:
    closed = done(new(), acts.close(TEA, Closing.SPAM, "Junk."), at(hours=2))
    assert due(closed, WEEK).next is None
    assert wakes(closed, WEEK) is None
    assert elapsed(closed, at(5), WEEK) == timedelta(hours=2)
    again = done(closed, acts.reopen(TOM, Again.TECHNICIAN), at(2))
    assert (due(again, WEEK).first, due(again, WEEK).end) == (at(2, 0.5), at(2, 4))


def test_a_raised_priority_counts_from_the_beginning() -> None:
    low = new(Priority.NORMAL)
    raised = done(low, acts.raised(replace(opening(), priority=Priority.URGENT, reporter=reporter())), at(hours=3))
    assert due(raised, WEEK).end == at(hours=4)
    assert reminders(raised, at(hours=3), WEEK)[0] is Level.FIRST_LATE


def test_urgent_ones_may_run_round_the_clock() -> None:
    always = replace(WEEK, urgent_always=True)
    assert due(new(when=at(5, 3)), always).end == at(5, 7)
    assert due(new(Priority.HIGH, at(5, 3)), always).end == at(7, 8)


LEVELS = (
    (0.3, ()),
    (0.375, (Level.FIRST_SOON,)),
    (0.5, (Level.FIRST_DUE, Level.FIRST_SOON)),
    (0.75, (Level.FIRST_LATE, Level.FIRST_DUE, Level.FIRST_SOON)),
    (6, (Level.LATE, Level.FIRST_LATE, Level.DUE, Level.FIRST_DUE, Level.SOON, Level.FIRST_SOON)),
)


@pytest.mark.parametrize(("hours", "expected"), LEVELS)
def test_the_gravest_level_comes_first(hours: float, expected: tuple[Level, ...]) -> None:
    assert reminders(new(), at(hours=hours), WEEK) == expected


def test_each_level_is_said_once() -> None:
    ticket = done(new(), acts.remind(Level.FIRST_DUE, (Level.FIRST_SOON,)), at(hours=0.5))
    assert reminders(ticket, at(hours=0.6), WEEK) == ()
    assert reminders(ticket, at(hours=0.8), WEEK) == (Level.FIRST_LATE,)
    assert wakes(ticket, WEEK) == at(hours=0.75)


def test_what_is_due_when_work_ends_is_said_then_and_nothing_later_at_night() -> None:
    ticket = new(Priority.HIGH)
    assert reminders(ticket, at(hours=8), WEEK)[0] is Level.FIRST_LATE
    assert reminders(ticket, at(hours=9), WEEK) == ()
    assert opens(ticket, at(hours=9), WEEK) == at(1)


def test_it_is_looked_at_when_its_rest_is_over() -> None:
    assert wakes(done(new(), acts.hold(TEA, at(2, 3)), at(hours=1)), WEEK) == at(2, 3)


def test_a_silent_reporter_is_spoken_of_after_two_working_days_and_once() -> None:
    asked = done(new(), acts.ask(TEA, "Did you?"), at(hours=1))
    assert wakes(asked, WEEK) == at(2, 1)
    assert reminders(asked, at(2, 1), WEEK) == (Level.NO_ANSWER,)
    said = done(asked, acts.remind(Level.NO_ANSWER), at(2, 1))
    assert reminders(said, at(9), WEEK) == ()
    assert wakes(said, WEEK) is None
    answered = done(said, acts.answered(ANN, "No.", "inq1"), at(3))
    assert wakes(done(answered, acts.ask(TEA, "And now?"), at(3)), WEEK) == at(4, 8)


def test_up_to_three_are_told_alone_and_more_together() -> None:
    tickets = [replace(new(), number=number) for number in range(1, 5)]
    alone = [act for _, act in spoken(tickets[:3], at(hours=6), WEEK)]
    assert all(act is not None and act.together == () for act in alone)
    together = [act for _, act in spoken(tickets, at(hours=6), WEEK)]
    assert all(act is not None and act.together == (1, 2, 3, 4) for act in together)


@given(st.lists(st.tuples(st.integers(1, 600), st.integers(1, 6_000)), max_size=6), st.sampled_from(Priority))
def test_pauses_never_cost_and_never_give_time(gaps: list[tuple[int, int]], priority: Priority) -> None:
    """The working time that has run when it is due is the target, whatever pauses there were."""
    ticket, now = done(new(priority), acts.take(TEA), MONDAY), MONDAY
    for runs, rests in gaps:
        now += timedelta(minutes=runs)
        ticket = done(ticket, acts.ask(TEA, "Did you?"), now)
        now += timedelta(minutes=rests)
        ticket = done(ticket, acts.answered(ANN, "No.", "inq1"), now)
    end = due(ticket, WEEK).end
    assert end is not None
    target = WEEK.targets[priority].end
    if end >= now:
        assert elapsed(ticket, end, WEEK) == target
    else:
        assert elapsed(ticket, now, WEEK) >= target
