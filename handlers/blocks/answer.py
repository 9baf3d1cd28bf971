"""The answer: what happened, what to do, why, what isn't known, what would settle it, and the buttons.

All of it is the reply's own text; nothing is decided here but what is left out when it doesn't fit.
"""

import re
from collections.abc import Iterable

from bot.advice.sections import EXPLAINS, ORIGINAL
from bot.model import Inquiry, Outcome, Surface, Verdict, Wish
from handlers.actions import EVIDENCE, WISHES
from handlers.blocks.fitting import Part, fit
from handlers.blocks.kit import (
    Block,
    Post,
    Style,
    actions,
    button,
    context,
    escaped,
    leaf,
    line,
    paragraph,
    rich,
    told,
)
from handlers.blocks.lines import cut, list_under
from handlers.blocks.questions import answers
from handlers.blocks.wording import Wording

LINES = (600, 300, 150, 70)
"""Characters of a line: the most with which everything that must be said fits is taken."""
MOST_TEXT = 3_000
SURER = 0.05
"""From which difference in confidence on it is worth a word."""
_FORWARDS = (
    "forward-as-attachment-outlook",
    "forward-as-attachment-gmail",
    "forward-as-attachment-apple",
    "forward-as-attachment-thunderbird",
)
_FIRST_SENTENCE = re.compile(r"(.{40,400}?[.!?])\s+(?=[A-Z])")


def answer(inquiry: Inquiry, outcome: Outcome, wording: Wording) -> Post:
    """The answer to the person who asked."""
    text = summary(outcome, wording)
    if inquiry.about:
        text = f"{escaped(wording.talk.text('answer-of-several', about=cut(inquiry.about, 100)))}\n{text}"
    for limit in LINES:
        blocks = fit(_parts(inquiry, outcome, wording, limit))
        if blocks is not None:
            return Post(text, blocks)
    return Post(text)


def summary(outcome: Outcome, wording: Wording) -> str:
    """The message's `text`: verdict and steps, as a screen reader or a notification tells them."""
    reply = outcome.reply
    steps = [f"{number}. {step}" for number, step in enumerate(reply.steps, 1)]
    heading = [wording.talk.text("label-summary-steps")] if steps else []
    said = escaped("\n".join((reply.headline, *heading, *steps, reply.contact)), MOST_TEXT).strip()
    return said or wording.talk.text(f"verdict-{outcome.diagnosis.verdict.value}")


def wishes(inquiry: Inquiry, wording: Wording, *, answered: bool = True) -> Block:
    """The buttons that stand under everything: evidence and "this is wrong" only where there is an answer."""
    talk, id = wording.talk, inquiry.id
    said: list[Block] = []
    if answered:
        said.append(button(talk.text("button-evidence"), EVIDENCE, value=id, spoken=talk.text("spoken-evidence")))
    for wish in (Wish.URGENT, Wish.PERSON, *((Wish.WRONG,) if answered else ())):
        style = Style.DANGER if wish is Wish.URGENT else Style.PLAIN
        label, spoken = talk.text(f"button-{wish.value}"), talk.text(f"spoken-{wish.value}")
        said.append(button(label, WISHES[wish], value=id, style=style, spoken=spoken))
    return actions(*said, block_id="wishes")


def _parts(inquiry: Inquiry, outcome: Outcome, wording: Wording, limit: int) -> tuple[Part, ...]:
    talk, reply = wording.talk, outcome.reply
    evidence = talk.text("more-in-evidence", button=talk.text("button-evidence"))
    return (
        *((Part((context(talk.text("answer-of-several", about=cut(inquiry.about, 100))),)),) if inquiry.about else ()),
        Part(_headline(reply.headline, wording, limit)),
        Part(_changed(inquiry, outcome, wording, limit), rank=1),
        Part(list_under(talk.text("label-steps"), reply.steps, wording, limit, numbered=True)),
        *(
            Part(list_under(title, lines, wording, limit, numbered=": " in title), rank=2)
            for title, lines in reply.sections
            if title not in (EXPLAINS, ORIGINAL)
        ),
        Part(list_under(_why(outcome, wording), reply.reasons, wording, limit), rank=4),
        Part(list_under(talk.text("label-unchecked"), reply.unchecked, wording, limit), rank=5),
        Part(_settles(inquiry, outcome, wording, limit)),
        Part(_how(inquiry, outcome, wording, limit), rank=3),
        Part((context(evidence),), only_if_cut=True),
        Part((context(*_small_print(inquiry, outcome, wording)), wishes(inquiry, wording))),
    )


def _headline(text: str, wording: Wording, limit: int) -> tuple[Block, ...]:
    """The verdict's sentence in bold, and what is added to it below."""
    whole = cut(text, limit * 2)
    first = _FIRST_SENTENCE.match(whole)
    if first is None:
        return (paragraph(whole, wording.links, bold=True),)
    return (
        paragraph(first.group(1), wording.links, bold=True),
        paragraph(whole[first.end() :], wording.links),
    )


def _changed(inquiry: Inquiry, outcome: Outcome, wording: Wording, limit: int) -> tuple[Block, ...]:
    before = inquiry.previous
    if before is None or not before.reply.headline:
        return ()
    code = _change(before, outcome)
    values = {"before": cut(before.reply.headline, limit)} if code == "changed-verdict" else {}
    bold = leaf(f"{wording.talk.text('label-changed')}: ", bold=True)
    # `clean` takes the blank at the end away, which parts the two.
    bold["text"] += " "
    return (rich(line(bold, *told(wording.talk.text(code, **values), wording.links))),)


def _change(before: Outcome, now: Outcome) -> str:
    """The talk's code of what is different."""
    one, other = before.diagnosis, now.diagnosis
    if (one.verdict, one.leaning) != (other.verdict, other.leaning):
        return "changed-verdict"
    if before.reply.steps != now.reply.steps:
        return "changed-steps"
    if abs(other.confidence - one.confidence) < SURER:
        return "changed-same"
    return "changed-surer" if other.confidence > one.confidence else "changed-less-sure"


def _why(outcome: Outcome, wording: Wording) -> str:
    if outcome.diagnosis.verdict is not Verdict.UNDETERMINED:
        return wording.talk.text("label-why")
    return wording.talk.text("label-points" if outcome.diagnosis.leaning else "label-found")


def _settles(inquiry: Inquiry, outcome: Outcome, wording: Wording, limit: int) -> tuple[Block, ...]:
    if not outcome.reply.settles:
        return ()
    step = outcome.diagnosis.next_step
    asked = answers(inquiry.id, step.code, wording) if step else ()
    said = list_under(wording.talk.text("label-settles"), (outcome.reply.settles,), wording, limit, bullets=False)
    return (*said, *((actions(*asked, block_id="answers"),) if asked else ()))


def _how(inquiry: Inquiry, outcome: Outcome, wording: Wording, limit: int) -> tuple[Block, ...]:
    """How to hand in what would settle it: after a forward into Slack, how to forward it so that the headers stay."""
    ways = next((lines for title, lines in outcome.reply.sections if title == ORIGINAL), ())
    if not ways:
        return ()
    talk = wording.talk
    if any(piece.file and piece.file.mode == "email" for piece in inquiry.pieces):
        ways = (talk.text("headers-lost"), *map(talk.text, _FORWARDS))
    each = tuple(item for way in ways for item in _one_by_one(way))
    return list_under(talk.text("label-how"), each, wording, limit)


def _one_by_one(way: str) -> tuple[str, ...]:
    """A row of programs ("Other programs: Gmail: …; Thunderbird: …") with a line for each."""
    lead, _, programs = way.partition(": ")
    return (f"{lead}:", *programs.split("; ")) if "; " in programs else (way,)


def _small_print(inquiry: Inquiry, outcome: Outcome, wording: Wording) -> Iterable[str]:
    talk = wording.talk
    yield cut(outcome.reply.contact, 300)
    called = outcome.ticket is not None and wording.has_technicians
    if called:
        yield talk.text("from-a-technician")
    if outcome.borrowed:
        yield talk.text("borrowed")
    elif outcome.seen_before:
        many = outcome.seen_before > 1
        yield talk.text("seen-before", count=str(outcome.seen_before)) if many else talk.text("seen-before-one")
    private = "privacy-told" if called else "privacy-direct"
    yield talk.text("privacy-channel" if inquiry.surface is Surface.CHANNEL else private)
