"""Who may do what to a ticket, and when; what a suspect account does waits for a technician."""

from collections.abc import Callable
from datetime import timedelta

from bot.errors import Shown
from bot.model.tickets import Act, ActKind, Closing, LiveTicket, Role, Said3, TicketState
from bot.tickets.closing import DONE, bot_may_close, needs_reason, open_steps, untold, waits_for_technician

LONGEST_HOLD = timedelta(days=90)
K = ActKind
_T, _R, _B, _S = Role.TECHNICIAN, Role.REPORTER, Role.BOT, Role.SENDER
MAY: dict[ActKind, frozenset[Role]] = {
    **dict.fromkeys((K.OPENED, K.JOINED, K.RAISED, K.POSTED, K.REMINDED, K.NOTICE_SENT), frozenset({_B})),
    **dict.fromkeys(
        (
            *(K.TAKE, K.RELEASE, K.HAND_OVER, K.ASK, K.CHANGE_VERDICT, K.HOLD, K.NOTE, K.TICK, K.UNTICK, K.WAIVE),
            *(K.NOTICE_APPROVED, K.PACK_MADE, K.CONFIRMED, K.REFUSED),
        ),
        frozenset({_T}),
    ),
    **dict.fromkeys((K.ANSWERED, K.FEEDBACK), frozenset({_R})),
    **dict.fromkeys((K.RESUMED, K.SENDER_ASKED, K.NOTICE_PROPOSED), frozenset({_T, _B})),
    **dict.fromkeys((K.CLOSE, K.REOPENED, K.FORGOTTEN), frozenset({_T, _R, _B})),
    K.SENDER_SAID: frozenset({_S}),
}
"""Who may do what at all."""

ALSO_CLOSED = frozenset(
    {K.JOINED, K.POSTED, K.NOTE, K.PACK_MADE, K.SENDER_SAID, K.NOTICE_SENT, K.FORGOTTEN, K.CONFIRMED, K.REFUSED}
)
ONLY_CLOSED = frozenset({K.REOPENED, K.FEEDBACK})
OWNERS = frozenset({K.RELEASE, K.ASK, K.CHANGE_VERDICT, K.HOLD, K.CLOSE})
"""What the owner alone does; where there is none, whoever does it becomes the owner."""
HARMLESS = frozenset({K.NOTE, K.RELEASE, K.REOPENED, K.ANSWERED, K.FEEDBACK})
"""What a suspect account may do like any other."""
PARKED = frozenset(
    {K.CLOSE, K.FORGOTTEN, K.CHANGE_VERDICT, K.HOLD, K.TICK, K.UNTICK, K.WAIVE, K.NOTICE_APPROVED, K.SENDER_SAID}
)
"""What may come from a suspect account, but waits for a technician."""


def check(ticket: LiveTicket, act: Act) -> bool:
    """Raises Shown for what isn't allowed; True where it is to be parked."""
    _role(ticket, act)
    _state(ticket, act)
    _owner(ticket, act)
    if act.kind in _RULES:
        _RULES[act.kind](ticket, act)
    return _parked(ticket, act)


def recheck(ticket: LiveTicket, act: Act) -> None:
    """Raises Shown where what was parked isn't possible any more."""
    _state(ticket, act)
    if act.kind in _RULES:
        _RULES[act.kind](ticket, act)


def _role(ticket: LiveTicket, act: Act) -> None:
    if act.by.role not in MAY[act.kind]:
        raise Shown("not-allowed", "That isn't yours to do.", "Ask a technician.")
    if act.by.role is Role.REPORTER and act.by.user not in _reporters(ticket, act):
        raise Shown("not-yours", "Only the person who reported the mail can do that.", "Report the mail yourself.")
    if act.by.role is Role.SENDER and (not ticket.sender or act.by.user != ticket.sender):
        raise Shown("not-yours", "Only the person who was asked can answer that.", "Tell a technician what you know.")


def _reporters(ticket: LiveTicket, act: Act) -> set[str]:
    """With the one whom the act names again, after names were taken out."""
    back = {act.opening.reporter.user} if act.kind is ActKind.REOPENED and act.opening else set()
    return ({each.user for each in ticket.reporters} | back) - {""}


def _state(ticket: LiveTicket, act: Act) -> None:
    if act.kind is ActKind.OPENED:
        raise Shown("already-open", f"Ticket {ticket.number} is there already.", "Nothing has to be done.")
    if not ticket.is_open and act.kind not in ALSO_CLOSED | ONLY_CLOSED:
        by = ticket.closed_by.name if ticket.closed_by and ticket.closed_by.name else ""
        raise Shown(
            "closed",
            f"Ticket {ticket.number} is closed" + (f"; {by} closed it." if by else "."),
            "Reopen it first, if there is more to do.",
        )
    if ticket.is_open and act.kind in ONLY_CLOSED:
        raise Shown("still-open", f"Ticket {ticket.number} is open.", "That can be done once it is closed.")


def _owner(ticket: LiveTicket, act: Act) -> None:
    if act.kind not in OWNERS or act.by.role is not Role.TECHNICIAN:
        return
    if ticket.owner and ticket.owner != act.by.user:
        raise taken(ticket)


def taken(ticket: LiveTicket) -> Shown:
    """Somebody else has it; says who."""
    who = ticket.owner_name or "a colleague"
    return Shown("taken", f"{who} has ticket {ticket.number}.", "Talk to them, or have it handed over to you.")


def _parked(ticket: LiveTicket, act: Act) -> bool:
    suspect = bool(act.by.user) and act.by.user in ticket.suspects
    if act.kind is ActKind.SENDER_SAID:
        parks = suspect and act.said is Said3.YES
    elif act.kind is ActKind.CLOSE and waits_for_technician(ticket, act):
        parks = True
    elif not suspect or act.kind in HARMLESS or act.by.role is Role.BOT:
        return False
    elif act.kind in PARKED:
        parks = True
    else:
        raise Shown("own-account", "This ticket is about your own account.", "A colleague has to do that.")
    if parks and any(_same(each.act, act) for each in ticket.parked):
        raise Shown("already-waits", "That waits for a technician already.", "They were told.")
    return parks


def _same(one: Act, other: Act) -> bool:
    return (one.kind, one.by.user, one.step) == (other.kind, other.by.user, other.step)


def _take(ticket: LiveTicket, act: Act) -> None:
    if ticket.owner == act.by.user:
        raise Shown("already-yours", f"Ticket {ticket.number} is yours already.", "Go on with its first step.")
    if ticket.owner:
        raise taken(ticket)


def _release(ticket: LiveTicket, _act: Act) -> None:
    if not ticket.owner:
        raise Shown("not-taken", f"Nobody has ticket {ticket.number}.", "Take it, if you want to work on it.")


def _hand_over(ticket: LiveTicket, act: Act) -> None:
    if not act.user or act.user == ticket.owner:
        raise Shown("same-owner", "They have it already.", "Name somebody else.")
    if act.user in ticket.suspects:
        raise Shown("own-account", "The ticket is about that person's own account.", "Name somebody else.")


def _ask(ticket: LiveTicket, act: Act) -> None:
    _text(act, "a question")
    if all(not each.user for each in ticket.reporters):
        raise Shown("nobody-to-ask", "Nobody who reported it is known any more.", "Decide by what is there.")
    if act.inquiry and all(each.inquiry != act.inquiry for each in ticket.reporters):
        raise Shown("not-a-reporter", "That person didn't report this.", "Ask one of those who did.")


def _change_verdict(ticket: LiveTicket, act: Act) -> None:
    _text(act, "the reason")
    if act.verdict is None:
        raise Shown("no-verdict", "No verdict was chosen.", "Choose one.")
    if act.verdict is ticket.verdict and ticket.theirs is not None:
        raise Shown("same-verdict", "That is the verdict already.", "Nothing has to be done.")


def _hold(_ticket: LiveTicket, act: Act) -> None:
    if act.until is None or not act.at < act.until <= act.at + LONGEST_HOLD:
        days = LONGEST_HOLD.days
        raise Shown("bad-date", "The time until which it rests has to lie ahead.", f"Choose one within {days} days.")


def _resumed(ticket: LiveTicket, act: Act) -> None:
    if ticket.state not in (TicketState.ON_HOLD, TicketState.WAITING):
        raise Shown("not-held", f"Ticket {ticket.number} neither rests nor waits.", "Nothing has to be done.")
    if act.by.role is Role.BOT and (ticket.state is not TicketState.ON_HOLD or _early(ticket, act)):
        raise Shown("not-due", f"Ticket {ticket.number} isn't due yet.", "It comes back by itself.")


def _early(ticket: LiveTicket, act: Act) -> bool:
    return ticket.hold_until is not None and act.at < ticket.hold_until


def _step(ticket: LiveTicket, act: Act) -> None:
    step = next((each for each in ticket.steps if each.id == act.step), None)
    if step is None:
        raise Shown("no-step", "The checklist has no such step.", "Open the ticket again: the list has changed.")
    if act.kind is ActKind.UNTICK:
        if not step.settled:
            raise Shown("not-ticked", "That step is open.", "Nothing has to be done.")
        return
    if step.settled:
        who = step.by.name if step.by and step.by.name else "a colleague"
        raise Shown("already-ticked", f"{who} has done that already.", "Go on with the next step.")
    if act.kind is ActKind.WAIVE:
        _text(act, "the reason why the step isn't needed")


def _close(ticket: LiveTicket, act: Act) -> None:
    if act.outcome is None:
        raise Shown("no-outcome", "No outcome was chosen.", "Choose how it ended.")
    if act.by.role is Role.BOT:
        if not bot_may_close(ticket, act):
            raise Shown("not-allowed", "Only a technician can close this.", "Look at it.")
        return
    if act.by.role is Role.REPORTER:
        if act.outcome is not Closing.WITHDRAWN:
            raise Shown("not-allowed", "A technician says how it ended.", "Tell them what you know in the thread.")
        return
    if act.outcome is Closing.HACKED_FIXED and not any(step.must for step in ticket.steps):
        raise Shown(
            "no-checklist",
            "There is no checklist of what has to be done for the account.",
            "Change the verdict to hacked-account: then it comes.",
        )
    missing = open_steps(ticket) if act.outcome in DONE else ()
    if missing:
        topics = ", ".join(dict.fromkeys(step.topic for step in missing))
        raise Shown("steps-open", f"Steps that mustn't be skipped are open: {topics}.", "Do or waive each of them.")
    if needs_reason(ticket, act.outcome):
        _text(act, "the reason")


def _reopened(_ticket: LiveTicket, act: Act) -> None:
    if act.again is None:
        raise Shown("no-reason", "It isn't said why it opens again.", "Say why.")


def _reminded(ticket: LiveTicket, act: Act) -> None:
    if act.level is None or act.level in ticket.reminded:
        raise Shown("already-reminded", "That was said already.", "Nothing has to be done.")


def _feedback(ticket: LiveTicket, act: Act) -> None:
    if (act.inquiry, act.by.user) not in {(each.inquiry, each.user) for each in ticket.reporters}:
        raise Shown("not-yours", "Only the person who reported the mail can do that.", "Report the mail yourself.")
    if act.helped is None:
        raise Shown("no-answer", "Nothing was chosen.", "Choose one of the two.")


def _sender_asked(ticket: LiveTicket, act: Act) -> None:
    if not act.user:
        raise Shown("nobody-to-ask", "The address belongs to nobody in this workspace.", "Ask them by phone.")
    if ticket.sender == act.user and ticket.sender_said is None:
        raise Shown("already-asked", "They were asked already.", "Wait for their answer, or call them.")


def _sender_said(ticket: LiveTicket, act: Act) -> None:
    if act.said is None:
        raise Shown("no-answer", "Nothing was chosen.", "Choose one of the three.")
    if act.said is ticket.sender_said:
        raise Shown("already-said", "You have said so already.", "Nothing has to be done.")


def _proposed(ticket: LiveTicket, act: Act) -> None:
    _text(act, "the text of the notice")
    if not untold(ticket, act.recipients):
        raise Shown("nobody-to-tell", "Everybody concerned has been told.", "Nothing has to be done.")


def _approved(ticket: LiveTicket, _act: Act) -> None:
    if ticket.notice is None or ticket.notice.sent:
        raise Shown("no-notice", "There is no notice to approve.", "Propose one first.")
    if ticket.notice.approved_by:
        raise Shown("already-approved", "It is approved already.", "It is being sent.")


def _sent(ticket: LiveTicket, _act: Act) -> None:
    if ticket.notice is None or not ticket.notice.approved_by or ticket.notice.sent:
        raise Shown("not-approved", "No technician has approved the notice.", "Have one look at it.")


def _judged(ticket: LiveTicket, act: Act) -> None:
    parked = next((each for each in ticket.parked if each.number == act.number), None)
    if parked is None:
        raise Shown("not-waiting", "That doesn't wait any more.", "Open the ticket again.")
    if parked.act.by.user == act.by.user:
        raise Shown("own-account", "It came from your own account.", "A colleague has to decide that.")


def _text(act: Act, what: str) -> None:
    if not act.text.strip():
        raise Shown("text-missing", f"Something is missing: {what}.", "Write it, then send it again.")


_RULES: dict[ActKind, Callable[[LiveTicket, Act], None]] = {
    K.TAKE: _take,
    K.RELEASE: _release,
    K.HAND_OVER: _hand_over,
    K.ASK: _ask,
    K.CHANGE_VERDICT: _change_verdict,
    K.HOLD: _hold,
    K.RESUMED: _resumed,
    K.TICK: _step,
    K.UNTICK: _step,
    K.WAIVE: _step,
    K.CLOSE: _close,
    K.REOPENED: _reopened,
    K.REMINDED: _reminded,
    K.FEEDBACK: _feedback,
    K.SENDER_ASKED: _sender_asked,
    K.SENDER_SAID: _sender_said,
    K.NOTICE_PROPOSED: _proposed,
    K.NOTICE_APPROVED: _approved,
    K.NOTICE_SENT: _sent,
    K.CONFIRMED: _judged,
    K.REFUSED: _judged,
    K.ANSWERED: lambda _, act: _text(act, "the answer"),
    K.NOTE: lambda _, act: _text(act, "the note"),
}
