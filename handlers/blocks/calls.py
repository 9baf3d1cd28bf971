"""The technicians' post: the first line says what to do, the rest whom and what it concerns. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from bot.advice.words import how_sure
from bot.errors import Shown
from bot.model import Diagnosis, Inquiry, Outcome, Priority, Surface, Wish
from handlers.actions import EVIDENCE
from handlers.blocks.fitting import shrunk
from handlers.blocks.kit import Block, Post, actions, button, context, escaped, leaf, line, link, rich, told
from handlers.blocks.lines import cut
from handlers.blocks.posts import admin_told
from handlers.blocks.wording import Wording

_WHO = "\ue000"
"""Stands for who asks until it becomes a mention; a private-use character, which `tame` takes out elsewhere."""
_URGENT = frozenset({Wish.URGENT})
LIMITS = (400, 150, 60)
"""Characters of a line: the most with which the post fits is taken."""


def call(inquiry: Inquiry, wish: Wish | None, wording: Wording, *, group: str = "", permalink: str = "") -> Post:
    """A ticket of the outcome, or a wish. `group` is called in where it is urgent; `permalink` leads to a channel's
    thread: that of a direct message leads nowhere for anybody else, and isn't given.
    """
    outcome = inquiry.outcome
    ticket = outcome.ticket if outcome else None
    urgent = wish in _URGENT or (ticket is not None and ticket.priority is Priority.URGENT)
    return _post(
        inquiry, _first(inquiry, wish, wording), _facts(inquiry, wish, wording), wording, group * urgent, permalink
    )


def complaint(inquiry: Inquiry, why: Shown, wording: Wording, *, permalink: str = "") -> Post:
    """The work on an inquiry failed for good."""
    first = wording.talk.text("call-failed", who=_WHO)
    facts = tuple(dict.fromkeys((admin_told(why, wording), why.message, f"{why.code} / {inquiry.id}")))
    return _post(inquiry, first, facts, wording, "", permalink)


def _first(inquiry: Inquiry, wish: Wish | None, wording: Wording) -> str:
    if wish is not None:
        return wording.talk.text(f"call-wish-{wish.value}", who=_WHO)
    ticket = inquiry.outcome.ticket if inquiry.outcome else None
    if ticket is None:
        return wording.talk.text("call-wish-person", who=_WHO)
    return wording.talk.text(f"call-ticket-{ticket.priority.value}", summary=cut(ticket.summary, 300))


def _facts(inquiry: Inquiry, wish: Wish | None, wording: Wording) -> Iterator[str]:
    """What is known, one thing a line."""
    talk, outcome = wording.talk, inquiry.outcome
    if outcome is None:
        yield talk.text("call-no-verdict")
        return
    yield _verdict(outcome.diagnosis, wording)
    for each in outcome.diagnosis.affected[:3]:
        label = talk.text(f"verdict-{each.verdict.value}")
        yield talk.text("call-affected", who=cut(each.who, 120), verdict=label)
    yield from _where_from(outcome, wording)
    if outcome.ticket:
        yield talk.text("call-priority", priority=outcome.ticket.priority.value)
        if wish is not None:
            yield talk.text("call-reason", reason=cut(outcome.ticket.summary, 300))


def _verdict(diagnosis: Diagnosis, wording: Wording) -> str:
    talk = wording.talk
    values = {
        "verdict": talk.text(f"verdict-{diagnosis.verdict.value}"),
        "sure": f"{how_sure(diagnosis.confidence, diagnosis.grade)}, {round(100 * diagnosis.confidence)} %",
        "grade": diagnosis.grade.value,
    }
    if diagnosis.leaning is None:
        return talk.text("call-verdict", **values)
    return talk.text("call-verdict-open", leaning=talk.text(f"verdict-{diagnosis.leaning.value}"), **values)


def _where_from(outcome: Outcome, wording: Wording) -> Iterator[str]:
    sender = " ".join(filter(None, (cut(outcome.sender_name, 60), cut(outcome.sender_address, 120))))
    if sender:
        yield wording.talk.text("call-sender", sender=sender)
    known = (cut(outcome.server_host, 120), outcome.server_ip, outcome.server_country)
    server = ", ".join(filter(None, known))
    if server:
        yield wording.talk.text("call-server", server=server)


def _post(inquiry: Inquiry, first: str, facts: Iterable[str], wording: Wording, group: str, permalink: str) -> Post:
    lines, asked = tuple(facts), _asked(inquiry, wording)
    called: tuple[Block, ...] = ({"type": "usergroup", "usergroup_id": group}, _blank()) if group else ()

    def made(limit: int) -> list[Block]:
        blocks = [rich(line(*called, *_named(cut(first, limit), inquiry, wording, bold=True)))]
        blocks += [rich(_lines([cut(fact, limit) for fact in lines]))] if lines else []
        return [*blocks, *_below(inquiry, asked, wording, permalink)]

    name = cut(_name(inquiry, wording), 120)
    text = "\n".join((first.replace(_WHO, name), *lines, asked.replace(_WHO, name)))
    return Post(escaped(text), shrunk(made, LIMITS))


def _asked(inquiry: Inquiry, wording: Wording) -> str:
    where = wording.talk.text(f"call-where-{inquiry.surface.value}")
    return wording.talk.text("call-asked-by", who=_WHO, where=where)


def _below(inquiry: Inquiry, asked: str, wording: Wording, permalink: str) -> tuple[Block, ...]:
    """Who asked and where: a channel's case with the way there, a private one with what that means. The evidence,
    which only technicians can open.
    """
    talk = wording.talk
    spoken, label = talk.text("spoken-evidence"), talk.text("button-evidence")
    row = (actions(button(label, EVIDENCE, value=inquiry.id, spoken=spoken)),) if inquiry.outcome else ()
    if inquiry.surface is not Surface.CHANNEL:
        return rich(line(*_named(asked, inquiry, wording))), context(talk.text("call-private")), *row
    if not permalink:
        return rich(line(*_named(asked, inquiry, wording))), *row
    return rich(line(*_named(f"{asked}. ", inquiry, wording), link(permalink, talk.text("call-thread")))), *row


def _lines(lines: Sequence[str]) -> Block:
    """Each on a line of its own within one block; the line break is a leaf of ours."""
    elements: list[Block] = []
    for number, text in enumerate(lines):
        elements += [{"type": "text", "text": "\n"}] if number else []
        elements += told(text)
    return line(*elements)


def _named(text: str, inquiry: Inquiry, wording: Wording, *, bold: bool = False) -> list[Block]:
    """The text as leaves, with who asks as a mention where their id is known."""
    before, marked, after = text.partition(_WHO)
    who = _mention(inquiry, wording, bold=bold) if marked else None
    # `leaf` trims, and the blanks around a mention must stay.
    parts = (_raw(before, bold=bold), who, _raw(after, bold=bold))
    return [part for part in parts if part is not None]


def _mention(inquiry: Inquiry, wording: Wording, *, bold: bool) -> Block:
    if inquiry.asker.user:
        return {"type": "user", "user_id": inquiry.asker.user}
    named = leaf(_name(inquiry, wording), bold=bold, limit=120)
    return named if named["text"] else leaf(wording.talk.text("call-somebody"), bold=bold)


def _raw(text: str, *, bold: bool) -> Block | None:
    made = leaf(text, bold=bold, limit=600)
    if not made["text"]:
        return None
    made["text"] = f"{' ' * text.startswith(' ')}{made['text']}{' ' * text.endswith(' ')}"
    return made


def _blank() -> Block:
    return {"type": "text", "text": " "}


def _name(inquiry: Inquiry, wording: Wording) -> str:
    asker = inquiry.asker
    return asker.name or asker.address or wording.talk.text("call-somebody")
