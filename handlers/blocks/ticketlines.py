"""What is said about a ticket besides its post: lines in its thread, messages to people, the queue. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.model.telling import Tell, Whom
from bot.model.tickets import LiveTicket
from bot.tickets.ports import Page, Pile
from handlers.blocks.kit import Block, Post, actions, button, escaped, line, paragraph, rich, told
from handlers.blocks.lines import cut
from handlers.blocks.wording import Wording
from handlers.tickets.names import FEEDBACK, SENDER_SAYS

_CODES = {
    Whom.THREAD: "thread-{}",
    Whom.ON_CALL: "thread-{}",
    Whom.MANAGER: "thread-{}",
    Whom.REPORTER: "reporter-{}",
    Whom.TECHNICIAN: "technician-{}",
    Whom.SENDER: "sender-{}",
}
_WORDS = ("by", "text", "who", "to", "until", "reason", "priority", "count", "verdict", "was", "number", "numbers",
          "act", "outcome")  # fmt: skip
_MOST_PARTS = 3


def said(tell: Tell, ticket: LiveTicket, wording: Wording, *, group: str = "") -> Post | None:
    """The text for a Tell that isn't the post; None where nobody has to hear that."""
    talk = wording.talk
    if tell.whom is Whom.RECIPIENT:
        return Post(escaped(tell.value("text")), (paragraph(cut(tell.value("text"), 2_000)),))
    code = _CODES.get(tell.whom, "").format(tell.code)
    if not talk.has(code):
        return None
    text = talk.text(code, **_values(tell, ticket, wording)).strip()
    called: list[Block] = [{"type": "usergroup", "usergroup_id": group}, {"type": "text", "text": " "}] if group else []
    blocks = (rich(line(*called, *told(text))), *_buttons(tell, wording))
    return Post(escaped(text), blocks)


def _values(tell: Tell, ticket: LiveTicket, wording: Wording) -> dict[str, str]:
    talk = wording.talk
    values = dict.fromkeys(_WORDS, "") | {"number": str(ticket.number)} | dict(tell.values)
    values = {key: cut(text, 1_800) for key, text in values.items()}
    for key in ("by", "who", "to"):
        values[key] = values[key] or (talk.text("ticket-nobody-named") if tell.code != "ended" else "")
    for key in ("verdict", "was"):
        values[key] = talk.text(f"verdict-{values[key]}") if values[key] else ""
    if values["outcome"]:
        code = "ended-{}" if tell.whom is Whom.REPORTER else "outcome-{}"
        values["outcome"] = talk.text(code.format(values["outcome"]))
    if values["priority"]:
        values["priority"] = talk.text(f"priority-{values['priority']}")
    if values["act"]:
        values["act"] = talk.text(f"act-{values['act']}")
    if values["until"]:
        values["until"] = f"{datetime.fromisoformat(values['until']):%Y-%m-%d}"
    if tell.code == "ended" and values["who"]:
        values["who"] = f"({values['who']})"
    if tell.code == "raised":
        values["reason"] = cut(ticket.summary, 200)
    return values


def _buttons(tell: Tell, wording: Wording) -> tuple[Block, ...]:
    talk = wording.talk
    if tell.whom is Whom.SENDER:
        names = SENDER_SAYS.items()
        return (actions(*(button(talk.text(f"button-ticket-{key}"), id, value=str(tell.number)) for key, id in names)),)
    if tell.whom is Whom.REPORTER and tell.code == "ended":
        value, marks = f"{tell.number} {tell.inquiry}", FEEDBACK.items()
        return (actions(*(button(talk.text(f"button-ticket-{key}"), id, value=value) for key, id in marks)),)
    return ()


def queue_line(ticket: LiveTicket, wording: Wording) -> str:
    talk = wording.talk
    return talk.text(
        "ticket-line",
        number=str(ticket.number),
        summary=cut(ticket.summary, 120) or talk.text("ticket-nobody-named"),
        state=talk.text(f"state-{ticket.state.value}"),
        priority=talk.text(f"priority-{ticket.priority.value}"),
    )


def queue(pages: Sequence[tuple[str, Page]], wording: Wording) -> tuple[Block, ...]:
    """Each pile with its heading (a code of the talk) and its first tickets; empty ones aren't shown."""
    blocks: list[Block] = []
    for code, page in pages:
        if not page.tickets:
            continue
        blocks.append(paragraph(wording.talk.text(code, count=str(page.total)), bold=True))
        blocks += [paragraph(queue_line(each, wording)) for each in page.tickets]
    return tuple(blocks[:40]) or (paragraph(wording.talk.text("ticket-queue-empty")),)


def stats(totals: dict[Pile, int], wording: Wording) -> str:
    names = {"open": Pile.OPEN, "unowned": Pile.UNOWNED, "urgent": Pile.URGENT, "waiting": Pile.WAITING,
             "resting": Pile.ON_HOLD, "closed": Pile.CLOSED}  # fmt: skip
    return wording.talk.text("ticket-stats", **{name: str(totals.get(pile, 0)) for name, pile in names.items()})
