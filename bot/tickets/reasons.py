"""Why a ticket opens, and what it then begins with. Pure: an inquiry with what was found, or wished, goes in."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.advice.words import NAME_LIMIT, THIN, fill, from_mail, how_sure
from bot.handbook.checklists import checklist
from bot.handbook.escalation import DESK, Escalation
from bot.model.diagnosis import Diagnosis, Priority, Ticket, Verdict
from bot.model.inquiry import Inquiry, Outcome, Wish
from bot.model.tickets import Account, CheckStep, Opening, Reporter
from bot.tickets.accounts import AccountBook

ACTED = frozenset({"paid", "typed-password", "approved-sign-in", "opened", "clicked", "wish-urgent"})
"""Entries about what the reporter did: the mail's verdict is another matter."""
OPEN_ACCOUNT = frozenset({"typed-password", "approved-sign-in", "wish-urgent"})
"""Of those, the ones after which the reporter's own account counts as open."""
_HACKED = ("hacked-", "also-hacked-", "leaning-hacked-", "sent-items")
"""How entries about the sender's account begin."""
_SURE = 0.5


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the desk knows besides the mail."""

    wish: Wish | None = None
    vip: bool = False
    many: bool = False
    """Enough people reported the same campaign."""


def wanted(
    entries: tuple[Escalation, ...], outcome: Outcome | None, grounds: Grounds, values: Mapping[str, str]
) -> Ticket | None:
    """The ticket that the mail asks for, or the one that the desk's own conditions do, whichever is more urgent."""
    asked = outcome.ticket if outcome else None
    holds = _holds(outcome, grounds)
    fitting = (each for each in entries if DESK.intersection(each.when) and holds.issuperset(each.when))
    entry = min(fitting, key=lambda each: list(Priority).index(each.priority), default=None)
    if entry is None:
        return asked
    if asked and list(Priority).index(asked.priority) <= list(Priority).index(entry.priority) and not grounds.wish:
        return asked
    affected = asked.affected if asked else values.get("address", "")
    return Ticket(entry.id, entry.priority, fill(entry.summary, values), affected, asked.task if asked else "")


def _holds(outcome: Outcome | None, grounds: Grounds) -> frozenset[str]:
    told = {f"wish:{grounds.wish.value}"} if grounds.wish else set()
    told |= {name for name, yes in (("vip", grounds.vip), ("reported:many", grounds.many)) if yes}
    if outcome is not None:
        told |= _found(outcome.diagnosis)
    return frozenset(told)


def _found(diagnosis: Diagnosis) -> set[str]:
    asked_all = diagnosis.verdict is Verdict.UNDETERMINED and diagnosis.next_step is None
    return {
        f"verdict:{diagnosis.verdict}",
        *(f"also:{verdict}" for verdict in diagnosis.also),
        *([f"leaning:{diagnosis.leaning}"] if diagnosis.leaning else []),
        *(["suspected"] if diagnosis.suspected else []),
        "material:little" if diagnosis.grade in THIN else "material:much",
        *(["asked:all"] if asked_all else []),
    }


def spoken(outcome: Outcome | None, help_desk: str) -> Mapping[str, str]:
    """What the placeholders of a summary stand for."""
    if outcome is None:
        return {"sender": "unknown", "help_desk": help_desk}
    name, address = from_mail(outcome.sender_name, NAME_LIMIT), from_mail(outcome.sender_address, NAME_LIMIT)
    both = f"{name} ({address})" if name and address else name or address
    return {
        "name": name,
        "address": address,
        "sender": both or "unknown",
        "help_desk": help_desk,
        "likely": how_sure(outcome.diagnosis.confidence, outcome.diagnosis.grade),
        "server": from_mail(outcome.server_host or outcome.server_ip, NAME_LIMIT),
    }


def opening(inquiry: Inquiry, outcome: Outcome | None, ticket: Ticket, book: AccountBook) -> Opening:
    """What the inquiry brings to a ticket, without the checklist (`steps`)."""
    diagnosis = outcome.diagnosis if outcome else None
    acted = ticket.reason in ACTED
    accounts = accounts_of(inquiry, outcome, ticket.reason, book)
    return Opening(
        reason=ticket.reason,
        priority=ticket.priority,
        reporter=Reporter(inquiry.id, inquiry.asker.user, inquiry.asker.name, inquiry.received_at),
        summary=ticket.summary,
        affected=ticket.affected,
        accounts=accounts,
        campaign=outcome.campaign if outcome else "",
        verdict=diagnosis.verdict if diagnosis else None,
        confidence=diagnosis.confidence if diagnosis else 0.0,
        strong=acted or _strong(diagnosis) or bool(accounts),
        acted=acted,
        task=ticket.task,
        apparent=_apparent(inquiry, outcome, book),
        recipients=_recipients(inquiry, outcome, book),
    )


def accounts_of(inquiry: Inquiry, outcome: Outcome | None, reason: str, book: AccountBook) -> tuple[Account, ...]:
    """The accounts that may be in somebody else's hands: the reporter's, the sender's, or both."""
    accounts: list[Account] = []
    own_signs = reason == "account-signs" and inquiry.told.own_account
    if reason in OPEN_ACCOUNT or own_signs:
        accounts.append(book.of_asker(inquiry.asker))
    if outcome is not None and not own_signs and _sender_hacked(outcome.diagnosis, reason):
        address = _hacked_address(outcome)
        if address:
            accounts.append(book.account(inquiry.asker.team, address, (outcome.server_host,)))
    return tuple(dict.fromkeys(accounts))


def steps(book: AccountBook, accounts: tuple[Account, ...], *, first: int = 1, help_desk: str) -> tuple[CheckStep, ...]:
    """The checklist for accounts that are new to a ticket; `first` is the number of the first of them in it."""
    return tuple(
        step
        for number, account in enumerate(accounts, first)
        for step in checklist(
            book.handbook.checklists, book.handbook.providers, account, number=number, values={"help_desk": help_desk}
        )
    )


def _strong(diagnosis: Diagnosis | None) -> bool:
    """More than a guess: a verdict that says that somebody did wrong."""
    if diagnosis is None or diagnosis.verdict in (Verdict.UNDETERMINED, Verdict.GENUINE):
        return False
    return diagnosis.confidence >= _SURE or diagnosis.verdict is Verdict.HACKED_ACCOUNT


def _sender_hacked(diagnosis: Diagnosis, reason: str) -> bool:
    told = reason.startswith(_HACKED) or reason == "account-signs"
    return told or Verdict.HACKED_ACCOUNT in (diagnosis.verdict, *diagnosis.also)


def _hacked_address(outcome: Outcome) -> str:
    """The account that was broken into: not always the address shown (`Diagnosis.affected`)."""
    hacked = (each.who for each in outcome.diagnosis.affected if each.verdict is Verdict.HACKED_ACCOUNT)
    return next((who for who in hacked if "@" in who and " " not in who), outcome.sender_address)


def _apparent(inquiry: Inquiry, outcome: Outcome | None, book: AccountBook) -> str:
    address = outcome.sender_address if outcome else ""
    return book.whose(inquiry.asker.team, address.casefold()) if address else ""


def _recipients(inquiry: Inquiry, outcome: Outcome | None, book: AccountBook) -> tuple[str, ...]:
    """Who of this workspace stands in To and Cc besides the reporter."""
    addresses = outcome.recipients[:200] if outcome else ()
    users = (book.whose(inquiry.asker.team, address.casefold()) for address in addresses)
    return tuple(dict.fromkeys(user for user in users if user and user != inquiry.asker.user))
