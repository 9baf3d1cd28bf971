"""What each act makes of a ticket. Nothing is refused here: `bot.tickets.permission` has done that."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.model.diagnosis import Priority, Verdict
from bot.model.tickets import (
    Account,
    Act,
    ActKind,
    Again,
    CheckStep,
    Level,
    LiveTicket,
    Notice,
    Opening,
    Parked,
    Reporter,
    Role,
    Said3,
    Span,
    TicketState,
)
from bot.tickets.closing import untold, verdict_of
from bot.tickets.thinning import thin

T = TypeVar("T")
MOST_REPORTERS = 1_000
MOST_ACCOUNTS = 50
MOST_STEPS = 400
MOST_PAUSES = 500
PAUSED = frozenset({TicketState.WAITING, TicketState.ON_HOLD})
_FIRST = frozenset({ActKind.TAKE, ActKind.HAND_OVER, ActKind.ASK, ActKind.CHANGE_VERDICT, ActKind.CLOSE})
"""What counts as the first answer: from then on the reporter knows that somebody has it."""


def opened(team: str, number: int, act: Act) -> LiveTicket:
    """The ticket that the first act makes."""
    assert act.opening is not None
    blank = LiveTicket(
        team,
        number,
        TicketState.NEW,
        act.opening.priority,
        (),
        act.at,
        act.at,
        1,
        clock_from=act.at,
    )
    return _brought(blank, act.opening)


def effect(ticket: LiveTicket, act: Act) -> LiveTicket:
    """The ticket after an act that counts; its version isn't touched."""
    after = _EFFECTS[act.kind](ticket, act)
    if act.kind in _FIRST and act.by.role is Role.TECHNICIAN and after.answered_at is None:
        after = replace(after, answered_at=act.at)
    return thin(after) if after.forgotten and not after.is_open else after


def parked(ticket: LiveTicket, act: Act) -> LiveTicket:
    """The ticket with an act that waits for a technician."""
    return replace(ticket, parked=(*ticket.parked, Parked(ticket.version + 1, act)))


def _brought(ticket: LiveTicket, opening: Opening) -> LiveTicket:
    """With what one more inquiry brings; what stands there already stays."""
    reporters, new = _with_reporter(ticket.reporters, opening.reporter)
    return replace(
        ticket,
        priority=_sooner(ticket.priority, opening.priority),
        reasons=_added(ticket.reasons, (opening.reason,)),
        summary=ticket.summary or opening.summary,
        affected=ticket.affected or opening.affected,
        task=ticket.task or opening.task,
        accounts=_with_accounts(ticket.accounts, opening.accounts),
        reporters=reporters,
        reports=ticket.reports + new,
        campaign=ticket.campaign or opening.campaign,
        ours=ticket.ours or opening.verdict,
        confidence=ticket.confidence if ticket.ours else opening.confidence,
        strong=ticket.strong or opening.strong,
        acted=ticket.acted or opening.acted,
        steps=_with_steps(ticket.steps, opening.steps),
        apparent=ticket.apparent or opening.apparent,
        recipients=_added(ticket.recipients, opening.recipients)[:MOST_REPORTERS],
    )


def _raised(ticket: LiveTicket, act: Act) -> LiveTicket:
    assert act.opening is not None
    after = _brought(ticket, act.opening)
    urgent = after.priority is not ticket.priority
    return replace(after, summary=act.opening.summary or after.summary) if urgent else after


def _joined(ticket: LiveTicket, act: Act) -> LiveTicket:
    assert act.opening is not None
    if ticket.is_open:
        return _brought(ticket, act.opening)
    # What is closed gets one more reporter, who has the known answer; nothing is left to do.
    reporters, new = _with_reporter(ticket.reporters, act.opening.reporter)
    return replace(ticket, reporters=reporters, reports=ticket.reports + new)


def _take(ticket: LiveTicket, act: Act) -> LiveTicket:
    return _owned(ticket, act.by.user, act.by.name, act.at)


def _release(ticket: LiveTicket, act: Act) -> LiveTicket:
    free = replace(ticket, owner="", owner_name="")
    return _moved(free, _active(free), act.at) if ticket.state is TicketState.TAKEN else free


def _hand_over(ticket: LiveTicket, act: Act) -> LiveTicket:
    return _owned(ticket, act.user, act.name, act.at)


def _ask(ticket: LiveTicket, act: Act) -> LiveTicket:
    mine = _worked_on(ticket, act)
    held = mine.state is TicketState.ON_HOLD
    return replace(mine if held else _moved(mine, TicketState.WAITING, act.at), asked_at=act.at)


def _answered(ticket: LiveTicket, act: Act) -> LiveTicket:
    after = replace(ticket, asked_at=None, reminded=tuple(x for x in ticket.reminded if x is not Level.NO_ANSWER))
    return _moved(after, _active(after), act.at) if ticket.state is TicketState.WAITING else after


def _change_verdict(ticket: LiveTicket, act: Act) -> LiveTicket:
    mine = _worked_on(ticket, act)
    return replace(
        mine,
        theirs=act.verdict,
        strong=mine.strong or act.verdict is Verdict.HACKED_ACCOUNT,
        accounts=_with_accounts(mine.accounts, act.accounts),
        steps=_with_steps(mine.steps, act.steps),
    )


def _hold(ticket: LiveTicket, act: Act) -> LiveTicket:
    return replace(_moved(_worked_on(ticket, act), TicketState.ON_HOLD, act.at), hold_until=act.until)


def _resumed(ticket: LiveTicket, act: Act) -> LiveTicket:
    """From hold back to the open question, if there is one; from waiting, the question is given up."""
    asked = ticket.asked_at if ticket.state is TicketState.ON_HOLD else None
    after = replace(ticket, hold_until=None, asked_at=asked)
    return _moved(after, TicketState.WAITING if asked else _active(after), act.at)


def _settled(ticket: LiveTicket, act: Act) -> LiveTicket:
    def changed(step: CheckStep) -> CheckStep:
        if step.id != act.step:
            return step
        if act.kind is ActKind.UNTICK:
            return replace(step, ticked=False, waived=False, by=None, at=None, why="")
        waived = act.kind is ActKind.WAIVE
        return replace(step, ticked=not waived, waived=waived, by=act.by, at=act.at, why=act.text)

    return replace(ticket, steps=tuple(changed(step) for step in ticket.steps))


def _close(ticket: LiveTicket, act: Act) -> LiveTicket:
    assert act.outcome is not None
    mine = _worked_on(ticket, act) if act.by.role is Role.TECHNICIAN else ticket
    says = verdict_of(mine, act.outcome) if act.by.role is Role.TECHNICIAN else None
    return replace(
        _moved(mine, TicketState.CLOSED, act.at),
        theirs=says or mine.theirs,
        outcome=act.outcome,
        closed_at=act.at,
        closed_by=act.by,
        asked_at=None,
        hold_until=None,
        parked=tuple(each for each in mine.parked if each.act.kind is ActKind.FORGOTTEN),
    )


def _reopened(ticket: LiveTicket, act: Act) -> LiveTicket:
    """With a clock and reminders anew. After a relapse every step has to be done again."""
    again = replace(
        ticket,
        state=TicketState.REOPENED,
        owner="",
        owner_name="",
        outcome=None,
        closed_at=None,
        closed_by=None,
        clock_from=act.at,
        answered_at=None,
        paused_at=None,
        pauses=(),
        reminded=(),
        rounds=ticket.rounds + 1,
        forgotten=False,
        steps=tuple(map(_undone, ticket.steps)) if act.again is Again.RELAPSE else ticket.steps,
    )
    return _brought(again, act.opening) if act.opening else again


def _reminded(ticket: LiveTicket, act: Act) -> LiveTicket:
    assert act.level is not None
    return replace(ticket, reminded=_added(ticket.reminded, (*act.missed, act.level)))


def _feedback(ticket: LiveTicket, act: Act) -> LiveTicket:
    reporters = (replace(each, helped=act.helped) if each.inquiry == act.inquiry else each for each in ticket.reporters)
    return replace(ticket, reporters=tuple(reporters))


def _sender_said(ticket: LiveTicket, act: Act) -> LiveTicket:
    """A "no" makes more than a guess of it."""
    return replace(ticket, sender_said=act.said, strong=ticket.strong or act.said is Said3.NO)


def _proposed(ticket: LiveTicket, act: Act) -> LiveTicket:
    return replace(ticket, notice=Notice(untold(ticket, act.recipients)[:MOST_REPORTERS], act.text))


def _approved(ticket: LiveTicket, act: Act) -> LiveTicket:
    assert ticket.notice is not None
    return replace(ticket, notice=replace(ticket.notice, approved_by=act.by.user))


def _sent(ticket: LiveTicket, _act: Act) -> LiveTicket:
    assert ticket.notice is not None
    return replace(ticket, notice=replace(ticket.notice, sent=True), told=_added(ticket.told, ticket.notice.recipients))


def _confirmed(ticket: LiveTicket, act: Act) -> LiveTicket:
    waiting = next(each for each in ticket.parked if each.number == act.number)
    rest = replace(ticket, parked=tuple(each for each in ticket.parked if each.number != act.number))
    return effect(rest, replace(waiting.act, at=act.at))


def _refused(ticket: LiveTicket, act: Act) -> LiveTicket:
    return replace(ticket, parked=tuple(each for each in ticket.parked if each.number != act.number))


def _forgotten(ticket: LiveTicket, act: Act) -> LiveTicket:
    """A reporter's name goes at once; what a technician works with, when they are done."""
    if act.by.role is not Role.REPORTER:
        return replace(ticket, forgotten=True)
    reporters = tuple(
        replace(each, user="", name="") if each.user == act.by.user else each for each in ticket.reporters
    )
    waiting = tuple(
        replace(each, act=replace(each.act, by=replace(each.act.by, name=""), text=""))
        if each.act.by.user == act.by.user
        else each
        for each in ticket.parked
    )
    forgotten = all(not each.user for each in reporters)
    return replace(ticket, reporters=reporters, parked=waiting, forgotten=forgotten)


def _moved(ticket: LiveTicket, state: TicketState, at: datetime) -> LiveTicket:
    """In another state; the clock stands while it waits or rests."""
    pauses, since = ticket.pauses, ticket.paused_at
    if state in PAUSED:
        since = since or at
    elif since is not None:
        pauses, since = (*pauses[-MOST_PAUSES:], Span(since, max(since, at))), None
    hold = ticket.hold_until if state is TicketState.ON_HOLD else None
    return replace(ticket, state=state, paused_at=since, pauses=pauses, hold_until=hold)


def _active(ticket: LiveTicket) -> TicketState:
    """Where it stands when nothing holds it up."""
    if ticket.owner:
        return TicketState.TAKEN
    return TicketState.REOPENED if ticket.rounds else TicketState.NEW


def _owned(ticket: LiveTicket, user: str, name: str, at: datetime) -> LiveTicket:
    mine = replace(ticket, owner=user, owner_name=name)
    return mine if mine.state in PAUSED else _moved(mine, _active(mine), at)


def _worked_on(ticket: LiveTicket, act: Act) -> LiveTicket:
    """Whoever works on what nobody has, has it."""
    return ticket if ticket.owner else _owned(ticket, act.by.user, act.by.name, act.at)


def _undone(step: CheckStep) -> CheckStep:
    return replace(step, ticked=False, waived=False, by=None, at=None, why="")


def _with_accounts(before: tuple[Account, ...], new: tuple[Account, ...]) -> tuple[Account, ...]:
    return _added(before, new)[:MOST_ACCOUNTS]


def _with_reporter(before: tuple[Reporter, ...], new: Reporter) -> tuple[tuple[Reporter, ...], int]:
    """And how many more reports that makes: none where the inquiry is there; one that was forgotten is named again."""
    if all(each.inquiry != new.inquiry for each in before):
        return (*before, new)[:MOST_REPORTERS], 1
    again = (
        replace(each, user=new.user, name=new.name) if each.inquiry == new.inquiry and not each.user else each
        for each in before
    )
    return tuple(again), 0


def _with_steps(before: tuple[CheckStep, ...], new: tuple[CheckStep, ...]) -> tuple[CheckStep, ...]:
    known = {step.id for step in before}
    return (*before, *(step for step in new if step.id not in known))[:MOST_STEPS]


def _sooner(one: Priority, other: Priority) -> Priority:
    return min(one, other, key=list(Priority).index)


def _added(before: tuple[T, ...], new: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*before, *new)))


_EFFECTS: dict[ActKind, Callable[[LiveTicket, Act], LiveTicket]] = {
    ActKind.JOINED: _joined,
    ActKind.RAISED: _raised,
    ActKind.POSTED: lambda ticket, act: replace(ticket, post=act.place),
    ActKind.TAKE: _take,
    ActKind.RELEASE: _release,
    ActKind.HAND_OVER: _hand_over,
    ActKind.ASK: _ask,
    ActKind.ANSWERED: _answered,
    ActKind.CHANGE_VERDICT: _change_verdict,
    ActKind.HOLD: _hold,
    ActKind.RESUMED: _resumed,
    ActKind.NOTE: lambda ticket, _: ticket,
    ActKind.TICK: _settled,
    ActKind.UNTICK: _settled,
    ActKind.WAIVE: _settled,
    ActKind.CLOSE: _close,
    ActKind.REOPENED: _reopened,
    ActKind.REMINDED: _reminded,
    ActKind.FEEDBACK: _feedback,
    ActKind.SENDER_ASKED: lambda ticket, act: replace(ticket, sender=act.user, sender_said=None),
    ActKind.SENDER_SAID: _sender_said,
    ActKind.NOTICE_PROPOSED: _proposed,
    ActKind.NOTICE_APPROVED: _approved,
    ActKind.NOTICE_SENT: _sent,
    ActKind.PACK_MADE: lambda ticket, act: replace(ticket, packs=_added(ticket.packs, (act.name,))),
    ActKind.CONFIRMED: _confirmed,
    ActKind.REFUSED: _refused,
    ActKind.FORGOTTEN: _forgotten,
}
