"""A ticket's forms: one for each button that needs words, the checklist, the story. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.handbook.checklists import FriendPack
from bot.model import Verdict
from bot.model.tickets import CheckStep, Closing, Entry, LiveTicket
from handlers.blocks.kit import (
    Block,
    Option,
    Style,
    actions,
    button,
    context,
    input_block,
    line,
    modal,
    paragraph,
    plain,
    rich,
    text_box,
    told,
)
from handlers.blocks.lines import cut
from handlers.blocks.tickets import moment
from handlers.blocks.wording import Wording
from handlers.tickets.names import CHOICE, DAY, FORM, TEXT, USER, Press, Value

MOST_STEPS = 30
"""Of the checklist, the open ones first: each takes three of a view's hundred blocks."""
MOST_LINES = 60
_SUBMIT = {Press.CLOSE: "end", Press.ASK: "send", Press.NOTICE: "save"}
_LABELS = {Press.ASK: "question", Press.NOTE: "note", Press.NOTICE: "notice", Press.CLOSE: "note"}


def form(press: Press, ticket: LiveTicket, value: Value, wording: Wording) -> Block:
    """The form of a button."""
    talk = wording.talk
    blocks: list[Block] = []
    if press in (Press.ASK, Press.NOTE, Press.CLOSE, Press.VERDICT, Press.HOLD):
        blocks.append(context(talk.text(f"ticket-{press.value}-hint")))
    if press is Press.HAND_OVER:
        blocks.append(input_block(talk.text("label-ticket-to"), _users(), block_id=USER))
    if press is Press.VERDICT:
        options = [Option(each.value, talk.text(f"verdict-{each.value}")) for each in Verdict]
        blocks.append(input_block(talk.text("label-ticket-verdict"), _select(options), block_id=CHOICE))
    if press is Press.CLOSE:
        options = [Option(each.value, talk.text(f"outcome-{each.value}")) for each in Closing]
        blocks.append(input_block(talk.text("label-ticket-outcome"), _select(options), block_id=CHOICE))
    if press is Press.HOLD:
        picker: Block = {"type": "datepicker", "action_id": DAY}
        blocks.append(input_block(talk.text("label-ticket-until"), picker, block_id=DAY))
    if press is not Press.HAND_OVER:
        box = text_box(TEXT, several_lines=True)
        if press is Press.NOTICE:
            named = ticket.affected or talk.text("ticket-nobody-named")
            box["initial_value"] = cut(talk.text("ticket-notice-default", who=plain(named, 150)["text"]), 2_900)
        label = talk.text(f"label-ticket-{_LABELS.get(press, 'reason')}")
        blocks.append(input_block(label, box, block_id=TEXT, optional=press in (Press.CLOSE, Press.HOLD)))
    return modal(
        talk.text(f"title-ticket-{press.value}"),
        blocks,
        callback_id=FORM + press.value,
        submit=talk.text(f"submit-ticket-{_SUBMIT.get(press, 'save')}"),
        close=talk.text("submit-cancel"),
        metadata=str(value),
    )


def checklist(ticket: LiveTicket, wording: Wording) -> Block:
    """Each step with its buttons; a click shows the list anew."""
    talk = wording.talk
    steps = sorted(ticket.steps, key=lambda step: (step.settled, not step.must))[:MOST_STEPS]
    blocks = [block for step in steps for block in _step(step, ticket, wording)]
    return modal(
        talk.text("title-ticket-checklist"),
        blocks or [paragraph(talk.text("ticket-story-empty"))],
        callback_id=FORM + Press.CHECKLIST.value,
        close=talk.text("submit-close"),
        metadata=str(ticket.number),
    )


def _step(step: CheckStep, ticket: LiveTicket, wording: Wording) -> tuple[Block, ...]:
    talk, value = wording.talk, str(Value(ticket.number, step.id))
    if step.settled:
        who = step.by.name if step.by and step.by.name else talk.text("ticket-nobody-named")
        code = "ticket-step-done" if step.ticked else "ticket-step-waived"
        below = [talk.text(code, who=who, **({"why": cut(step.why, 200)} if step.waived else {}))]
        if step.at:
            below.append(f"{step.at:%Y-%m-%d %H:%M} UTC")
        row = [_button(Press.UNDO, value, wording)]
    else:
        below = [talk.text("ticket-step-must")] if step.must else []
        row = [_button(Press.DONE, value, wording), _button(Press.WAIVE, value, wording)]
    shown = [*below, *([step.account] if step.account else [])]
    small = (context(*shown),) if shown else ()
    title = paragraph(cut(step.text, 600), wording.links | ({step.source} if step.source else set()))
    return (title, *small, actions(*row, block_id=f"step-{step.id}"[:255]))


def story(ticket: LiveTicket, entries: Sequence[Entry], wording: Wording) -> Block:
    """The record, the newest first."""
    talk, lines = wording.talk, list[Block]()
    for entry in list(reversed(entries))[:MOST_LINES]:
        act = talk.text(f"act-{entry.act.kind.value}")
        who = entry.act.by.name or (talk.text("ticket-nobody-named") if entry.act.by.user else "checkmail")
        text = talk.text("ticket-story-line", who=who, act=act)
        more = f" ({cut(entry.act.text, 300)})" if entry.act.text else ""
        lines.append(rich(line(moment(entry.act.at), {"type": "text", "text": ": "}, *told(text + more))))
    blocks = lines or [paragraph(talk.text("ticket-story-empty"))]
    title = talk.text("ticket-number", number=str(ticket.number))
    return modal(title, blocks, callback_id=FORM + Press.STORY.value, close=talk.text("submit-close"))


def pack(made: FriendPack, wording: Wording) -> Block:
    """What is read out to an owner outside, and what is sent them as a text message."""
    talk = wording.talk
    blocks = [paragraph(talk.text("ticket-pack-phone"), bold=True)]
    blocks += [paragraph(cut(each, 900), wording.links) for each in made.phone[:40]]
    blocks += [paragraph(talk.text("ticket-pack-text"), bold=True), paragraph(made.text, wording.links)]
    title = talk.text("title-ticket-pack")
    return modal(title, blocks, callback_id=FORM + Press.PACK.value, close=talk.text("submit-close"))


def earliest(day: str) -> date | None:
    """A datepicker's value read; None for what is no date."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def _button(press: Press, value: str, wording: Wording) -> Block:
    style = Style.PRIMARY if press is Press.DONE else Style.PLAIN
    return button(wording.talk.text(f"button-ticket-{press.value}"), press.action, value=value, style=style)


def _users() -> Block:
    return {"type": "users_select", "action_id": USER}


def _select(options: Sequence[Option]) -> Block:
    return {
        "type": "static_select",
        "action_id": CHOICE,
        "options": [{"text": plain(each.label, 75), "value": each.value} for each in options],
    }
