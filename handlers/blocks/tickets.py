"""A ticket's post in the technicians' channel, made anew after every act. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model.tickets import LiveTicket, TicketState
from bot.tickets.closing import open_steps
from handlers.actions import EVIDENCE
from handlers.blocks.fitting import shrunk
from handlers.blocks.kit import Block, Post, Style, actions, button, context, escaped, line, link, rich, told
from handlers.blocks.lines import cut
from handlers.blocks.wording import Wording
from handlers.tickets.names import Press

LIMITS = (400, 150, 60)
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """What the post shows besides the ticket itself."""

    first_due: datetime | None = None
    end_due: datetime | None = None
    permalink: str = ""
    """Of the reporter's thread, in a channel only."""
    private: bool = True
    """The first reporter asked where nobody else can look."""
    evidence: str = ""
    """The inquiry whose evidence the button shows; "" where there is none."""
    sender: str = ""
    """Name and address that the mail shows; text of a mail."""
    blast: int = 0
    """How many people a notice could go to."""


def ticket_post(ticket: LiveTicket, seen: Seen, wording: Wording, *, group: str = "") -> Post:
    """`group` is named in an urgent ticket that nobody has."""
    first, facts = _first(ticket, wording), tuple(_facts(ticket, wording))
    if seen.sender:
        facts += (wording.talk.text("call-sender", sender=cut(seen.sender, 200)),)
    named = bool(group) and ticket.priority.value == "urgent" and not ticket.owner and ticket.is_open
    called: tuple[Block, ...] = ({"type": "usergroup", "usergroup_id": group}, _text(" ")) if named else ()

    def made(limit: int) -> list[Block]:
        blocks = [rich(line(*called, *told(cut(first, limit), bold=True)))]
        blocks += [rich(_lines([told(cut(fact, limit)) for fact in facts] + list(_times(ticket, seen, wording))))]
        return [*blocks, *_below(seen, wording), *_rows(ticket, seen, wording)]

    return Post(escaped("\n".join((first, *facts))), shrunk(made, LIMITS))


def _first(ticket: LiveTicket, wording: Wording) -> str:
    talk = wording.talk
    number = talk.text("ticket-number", number=str(ticket.number))
    if ticket.outcome is not None and not ticket.is_open:
        return f"{number}. {talk.text('ticket-closed-as', outcome=talk.text(f'outcome-{ticket.outcome.value}'))}"
    summary = cut(ticket.summary, 300) or talk.text("ticket-nobody-named")
    return f"{number}. {talk.text(f'ticket-{ticket.priority.value}-now', summary=summary)}"


def _facts(ticket: LiveTicket, wording: Wording) -> Iterator[str]:
    talk = wording.talk
    if not ticket.is_open and ticket.summary:
        yield cut(ticket.summary, 300)
    state = talk.text(f"state-{ticket.state.value}")
    yield talk.text("ticket-state", state=state, priority=talk.text(f"priority-{ticket.priority.value}"))
    yield talk.text("ticket-owner", who=ticket.owner_name) if ticket.owner_name else talk.text("ticket-unowned")
    if ticket.affected:
        yield talk.text("ticket-affected", who=cut(ticket.affected, 150))
    if ticket.theirs and ticket.ours and ticket.overturned:
        verdict, was = (talk.text(f"verdict-{each.value}") for each in (ticket.theirs, ticket.ours))
        yield talk.text("ticket-theirs", verdict=verdict, was=was)
    elif ticket.verdict:
        verdict = talk.text(f"verdict-{ticket.verdict.value}")
        yield talk.text("ticket-verdict", verdict=verdict, confidence=str(round(100 * ticket.confidence)))
    names = [each.name or talk.text("ticket-nobody-named") for each in ticket.reporters[:_MOST_NAMED]]
    rest = ticket.reports - len(names)
    more = [talk.text("ticket-more-reporters", count=str(rest))] if rest > 0 else []
    yield talk.text("ticket-reporters", who=", ".join((*names, *more)))
    yield from _work(ticket, wording)


def _work(ticket: LiveTicket, wording: Wording) -> Iterator[str]:
    """What is to be done, and what is waited for."""
    talk = wording.talk
    if ticket.task:
        yield talk.text("ticket-task", task=ticket.task)
    if ticket.steps:
        done = sum(step.settled for step in ticket.steps)
        counts = {"done": str(done), "count": str(len(ticket.steps)), "open": str(len(open_steps(ticket)))}
        yield talk.text("ticket-steps", **counts)
    if ticket.sender:
        yield talk.text(f"ticket-sender-{ticket.sender_said.value if ticket.sender_said else 'asked'}")
    if ticket.notice and not ticket.notice.approved_by:
        yield talk.text("ticket-notice-waits", count=str(len(ticket.notice.recipients)))
    for each in ticket.parked[:3]:
        act = talk.text(f"act-{each.act.kind.value}")
        yield talk.text("ticket-parked", act=act, who=each.act.by.name or talk.text("ticket-nobody-named"))


def _times(ticket: LiveTicket, seen: Seen, wording: Wording) -> Iterator[list[Block]]:
    """As the reader's own clock shows them."""
    talk = wording.talk
    if not ticket.is_open:
        return
    if ticket.hold_until and ticket.state is TicketState.ON_HOLD:
        yield [_text(f"{talk.text('ticket-held-until')}: "), moment(ticket.hold_until)]
    elif ticket.paused_at:
        yield [_text(talk.text("ticket-clock-stands"))]
    if seen.first_due:
        yield [_text(f"{talk.text('ticket-due-first')}: "), moment(seen.first_due)]
    if seen.end_due:
        yield [_text(f"{talk.text('ticket-due-end')}: "), moment(seen.end_due)]


def _below(seen: Seen, wording: Wording) -> tuple[Block, ...]:
    if seen.permalink:
        return (rich(line(link(seen.permalink, wording.talk.text("ticket-thread-open")))),)
    return (context(wording.talk.text("ticket-private")),) if seen.private else ()


def _rows(ticket: LiveTicket, seen: Seen, wording: Wording) -> tuple[Block, ...]:
    """The buttons that mean something now; the others aren't there."""
    evidence = wording.talk.text("button-evidence")
    more = [_press(Press.STORY, ticket, wording)]
    if seen.evidence:
        more.append(button(evidence, EVIDENCE, value=seen.evidence, spoken=wording.talk.text("spoken-evidence")))
    rows = [_first_row(ticket), _second_row(ticket, seen), _third_row(ticket)]
    made = [[_press(each, ticket, wording) for each in row] for row in rows]
    made[1] += more
    return tuple(actions(*row, block_id=f"ticket{number}") for number, row in enumerate(made) if row)


def _first_row(ticket: LiveTicket) -> list[Press]:
    if not ticket.is_open:
        return [Press.REOPEN, Press.NOTE]
    own = [Press.RELEASE] if ticket.owner else [Press.TAKE]
    paused = ticket.state in (TicketState.ON_HOLD, TicketState.WAITING)
    return [*own, Press.ASK, *([Press.CHECKLIST] if ticket.steps else []), Press.NOTE, Press.CLOSE] + (
        [Press.RESUME] if paused else []
    )


def _second_row(ticket: LiveTicket, seen: Seen) -> list[Press]:
    if not ticket.is_open:
        return []
    row = [Press.HAND_OVER, Press.VERDICT, Press.HOLD]
    if ticket.apparent and (not ticket.sender or ticket.sender_said):
        row.append(Press.SENDER)
    if any(not account.ours for account in ticket.accounts):
        row.append(Press.PACK)
    waits = ticket.notice is not None and not ticket.notice.approved_by
    if seen.blast and not waits:
        row.append(Press.NOTICE)
    return row


def _third_row(ticket: LiveTicket) -> list[Press]:
    waits = ticket.is_open and ticket.notice is not None and not ticket.notice.approved_by
    return ([Press.APPROVE] if waits else []) + ([Press.CONFIRM, Press.REFUSE] if ticket.parked else [])


def _press(press: Press, ticket: LiveTicket, wording: Wording) -> Block:
    style = Style.PRIMARY if press is Press.TAKE else Style.PLAIN
    value = str(ticket.number)
    if press in (Press.CONFIRM, Press.REFUSE):
        value = f"{ticket.number} {ticket.parked[0].number}"
    return button(wording.talk.text(f"button-ticket-{press.value}"), press.action, value=value, style=style)


def moment(at: datetime) -> Block:
    """A date that everybody sees in their own zone."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty}, {time}",
        "fallback": f"{at:%Y-%m-%d %H:%M} UTC",
    }


def _lines(lines: Sequence[Sequence[Block]]) -> Block:
    elements: list[Block] = []
    for number, leaves in enumerate(lines):
        elements += [_text("\n")] if number else []
        elements += leaves
    return line(*elements)


def _text(text: str) -> Block:
    return {"type": "text", "text": text}
