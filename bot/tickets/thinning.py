"""What stays of a ticket when its content's time is over, or somebody wants to be forgotten.

Texts, names, addresses and the ids of whoever isn't a technician go. What was done, when, in which role and by which
technician stays: a record that anybody could empty wouldn't be one.
"""

from dataclasses import replace

from bot.model.tickets import (
    Account,
    Act,
    ActKind,
    Actor,
    CheckStep,
    Entry,
    LiveTicket,
    Opening,
    Parked,
    Reporter,
    Role,
)


def thin(ticket: LiveTicket) -> LiveTicket:
    """Without content and names."""
    return replace(
        ticket,
        summary="",
        affected="",
        task="",
        accounts=tuple(dict.fromkeys(map(_account, ticket.accounts))),
        reporters=tuple(map(_reporter, ticket.reporters)),
        owner_name="",
        closed_by=actor(ticket.closed_by) if ticket.closed_by else None,
        steps=tuple(map(_step, ticket.steps)),
        apparent="",
        recipients=(),
        sender="",
        notice=replace(ticket.notice, recipients=(), text="") if ticket.notice else None,
        told=(),
        parked=tuple(Parked(each.number, act(each.act)) for each in ticket.parked),
    )


def entry(line: Entry) -> Entry:
    """A line of the record without content and names."""
    return replace(line, act=act(line.act))


def without(line: Entry, user: str) -> Entry:
    """A line of the record without what it says of one person; of what others did and wrote, nothing goes."""
    done = line.act
    reporter = done.opening.reporter if done.opening else None
    if done.by.user == user and done.by.role is not Role.TECHNICIAN:
        return entry(line)
    if done.opening and reporter and reporter.user == user:
        return replace(line, act=replace(done, opening=replace(done.opening, reporter=_reporter(reporter))))
    return line


def act(full: Act) -> Act:
    """One act without content and names."""
    return replace(
        full,
        by=actor(full.by),
        text="",
        user=full.user if full.kind is ActKind.HAND_OVER else "",
        name=full.name if full.kind is ActKind.PACK_MADE else "",
        opening=_opening(full.opening) if full.opening else None,
        recipients=(),
        accounts=tuple(map(_account, full.accounts)),
        steps=tuple(map(_step, full.steps)),
    )


def actor(full: Actor) -> Actor:
    return Actor(full.role, full.user if full.role is Role.TECHNICIAN else "")


def _opening(full: Opening) -> Opening:
    return replace(
        full,
        reporter=_reporter(full.reporter),
        summary="",
        affected="",
        task="",
        accounts=tuple(map(_account, full.accounts)),
        apparent="",
        recipients=(),
        steps=tuple(map(_step, full.steps)),
    )


def _reporter(full: Reporter) -> Reporter:
    return replace(full, user="", name="")


def _account(full: Account) -> Account:
    return replace(full, address="", user="")


def _step(full: CheckStep) -> CheckStep:
    return replace(full, account="", by=actor(full.by) if full.by else None, why="")
