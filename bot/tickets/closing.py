"""How a ticket may end: what each ending says of the mail, and what has to be done before it."""

from bot.model.diagnosis import Verdict
from bot.model.tickets import Act, CheckStep, Closing, LiveTicket, Role, Said3

SAYS = {
    Closing.HACKED_FIXED: Verdict.HACKED_ACCOUNT,
    Closing.HACKED_TOLD: Verdict.HACKED_ACCOUNT,
    Closing.ADDRESS_FORGED: Verdict.SPOOFED_ADDRESS,
    Closing.NAME_BORROWED: Verdict.SPOOFED_NAME,
    Closing.SPAM: Verdict.PLAIN_SPAM,
    Closing.GENUINE: Verdict.GENUINE,
    Closing.SENDER_CONFIRMED: Verdict.GENUINE,
}
"""The verdict on the mail that an ending stands for; the others leave it as it is."""

DONE = frozenset({Closing.HACKED_FIXED, Closing.HARM_CONTAINED})
"""Endings that say that an account is safe again."""
_WITHOUT_FINDING = frozenset({Closing.UNRESOLVED, Closing.WITHDRAWN, Closing.DUPLICATE})


def verdict_of(ticket: LiveTicket, outcome: Closing) -> Verdict | None:
    """What closing with this outcome says of the mail; None where it says nothing.

    A reporter's account that was broken into, because they acted on the mail, doesn't make the mail's sender hacked.
    """
    verdict = SAYS.get(outcome)
    if verdict is Verdict.HACKED_ACCOUNT and ticket.acted and ticket.verdict is not Verdict.HACKED_ACCOUNT:
        return None
    return verdict


def open_steps(ticket: LiveTicket) -> tuple[CheckStep, ...]:
    """The steps that must not be skipped and are neither ticked nor waived."""
    return tuple(step for step in ticket.steps if step.must and not step.settled)


def needs_reason(ticket: LiveTicket, outcome: Closing) -> bool:
    """Whether whoever closes has to say why: they find otherwise than the record, or end a strong case without."""
    verdict = verdict_of(ticket, outcome)
    if verdict is not None and ticket.verdict is not None and verdict is not ticket.verdict:
        return True
    return ticket.strong and (outcome in _WITHOUT_FINDING or outcome is Closing.SENDER_CONFIRMED)


def bot_may_close(ticket: LiveTicket, act: Act) -> bool:
    """Only where nothing but a guess stands against an apparent sender's "I did"."""
    confirmed = ticket.sender_said is Said3.YES and ticket.sender not in ticket.suspects
    return act.outcome is Closing.SENDER_CONFIRMED and confirmed and not ticket.strong and not ticket.acted


def waits_for_technician(ticket: LiveTicket, act: Act) -> bool:
    """A reporter ends a weak case; a strong one is for a technician to end."""
    return act.by.role is Role.REPORTER and (ticket.strong or ticket.acted)


def untold(ticket: LiveTicket, recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Whom a notice may still go to: nobody twice, and nobody whose account an intruder may read."""
    return tuple(user for user in dict.fromkeys(recipients) if user not in {*ticket.told, *ticket.suspects})
