"""The acts that people and the bot can want, each with what it needs; `bot.ticketing` stamps them with the time."""

from datetime import UTC, datetime

from bot.model.diagnosis import Verdict
from bot.model.inquiry import Place
from bot.model.tickets import (
    BOT,
    Act,
    ActKind,
    Actor,
    Again,
    CheckStep,
    Closing,
    Level,
    Opening,
    Role,
    Said3,
)

UNSTAMPED = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 3_000
"""Characters of a text that somebody writes: what a form's field of Slack holds."""


def take(by: Actor) -> Act:
    return Act(ActKind.TAKE, by, UNSTAMPED)


def release(by: Actor) -> Act:
    return Act(ActKind.RELEASE, by, UNSTAMPED)


def hand_over(by: Actor, user: str, name: str) -> Act:
    """To another technician, or to oneself from whoever has it."""
    return Act(ActKind.HAND_OVER, by, UNSTAMPED, user=user, name=name[:200])


def ask(by: Actor, question: str, inquiry: str = "") -> Act:
    """Asks a reporter; without an inquiry, the first."""
    return Act(ActKind.ASK, by, UNSTAMPED, text=_cut(question), inquiry=inquiry)


def answered(by: Actor, text: str, inquiry: str) -> Act:
    return Act(ActKind.ANSWERED, by, UNSTAMPED, text=_cut(text), inquiry=inquiry)


def change_verdict(by: Actor, verdict: Verdict, reason: str, steps: tuple[CheckStep, ...] = ()) -> Act:
    return Act(ActKind.CHANGE_VERDICT, by, UNSTAMPED, text=_cut(reason), verdict=verdict, steps=steps)


def hold(by: Actor, until: datetime, reason: str = "") -> Act:
    return Act(ActKind.HOLD, by, UNSTAMPED, text=_cut(reason), until=until)


def resume(by: Actor = BOT) -> Act:
    """Back from hold, or without the reporter's answer."""
    return Act(ActKind.RESUMED, by, UNSTAMPED)


def note(by: Actor, text: str) -> Act:
    return Act(ActKind.NOTE, by, UNSTAMPED, text=_cut(text))


def tick(by: Actor, step: str) -> Act:
    return Act(ActKind.TICK, by, UNSTAMPED, step=step)


def untick(by: Actor, step: str) -> Act:
    return Act(ActKind.UNTICK, by, UNSTAMPED, step=step)


def waive(by: Actor, step: str, reason: str) -> Act:
    return Act(ActKind.WAIVE, by, UNSTAMPED, text=_cut(reason), step=step)


def close(by: Actor, outcome: Closing, text: str = "") -> Act:
    """A reporter's outcome is WITHDRAWN. `text` must give the reason where `closing.needs_reason`."""
    return Act(ActKind.CLOSE, by, UNSTAMPED, text=_cut(text), outcome=outcome)


def reopen(by: Actor, again: Again, text: str = "", opening: Opening | None = None) -> Act:
    return Act(ActKind.REOPENED, by, UNSTAMPED, text=_cut(text), again=again, opening=opening)


def remind(level: Level, missed: tuple[Level, ...] = (), together: tuple[int, ...] = ()) -> Act:
    """Says one level; what was `missed` meanwhile isn't said any more."""
    return Act(ActKind.REMINDED, BOT, UNSTAMPED, level=level, missed=missed, together=together)


def feedback(by: Actor, inquiry: str, helped: bool) -> Act:
    return Act(ActKind.FEEDBACK, by, UNSTAMPED, inquiry=inquiry, helped=helped)


def ask_sender(by: Actor, user: str, name: str = "") -> Act:
    """Asks the apparent sender in Slack whether they sent it."""
    return Act(ActKind.SENDER_ASKED, by, UNSTAMPED, user=user, name=name[:200])


def sender_said(user: str, name: str, said: Said3) -> Act:
    return Act(ActKind.SENDER_SAID, Actor(Role.SENDER, user, name), UNSTAMPED, said=said)


def propose_notice(by: Actor, recipients: tuple[str, ...], text: str) -> Act:
    """To everybody who may have got the mail too, by Slack's id."""
    return Act(ActKind.NOTICE_PROPOSED, by, UNSTAMPED, text=_cut(text), recipients=recipients)


def approve_notice(by: Actor) -> Act:
    return Act(ActKind.NOTICE_APPROVED, by, UNSTAMPED)


def notice_sent() -> Act:
    return Act(ActKind.NOTICE_SENT, BOT, UNSTAMPED)


def pack_made(by: Actor, provider: str) -> Act:
    return Act(ActKind.PACK_MADE, by, UNSTAMPED, name=provider)


def confirm(by: Actor, number: int) -> Act:
    """Lets something count that came from a suspect account (`LiveTicket.parked`)."""
    return Act(ActKind.CONFIRMED, by, UNSTAMPED, number=number)


def refuse(by: Actor, number: int) -> Act:
    return Act(ActKind.REFUSED, by, UNSTAMPED, number=number)


def forget(by: Actor) -> Act:
    """By a reporter: their name; by a technician or the bot: content and names. What is open goes when it is closed."""
    return Act(ActKind.FORGOTTEN, by, UNSTAMPED)


def posted(place: Place) -> Act:
    """The technicians' post: its channel, and its ts as `thread`."""
    return Act(ActKind.POSTED, BOT, UNSTAMPED, place=place)


def opened(opening: Opening) -> Act:
    return Act(ActKind.OPENED, BOT, UNSTAMPED, opening=opening)


def joined(opening: Opening) -> Act:
    return Act(ActKind.JOINED, BOT, UNSTAMPED, opening=opening)


def raised(opening: Opening) -> Act:
    return Act(ActKind.RAISED, BOT, UNSTAMPED, opening=opening)


def _cut(text: str) -> str:
    return text.strip()[:LONGEST]
