"""All the evidence, as a modal: what spoke for what, what isn't known, and for technicians the weights and codes. Pure.

Guests and strangers see what they were told, and none of what is known of servers and systems.
"""

from collections.abc import Iterable, Iterator

from bot.advice.sections import ORIGINAL
from bot.model import Belonging, Diagnosis, Finding, Inquiry, Outcome, Question
from handlers.blocks.fitting import Part, fit
from handlers.blocks.kit import Block, context, divider, modal, paragraph
from handlers.blocks.lines import cut, list_under
from handlers.blocks.wording import Wording

CALLBACK = "checkmail_evidence_view"
MOST_BLOCKS = 90
"""Slack takes 100 in a view."""
MOST_CHARACTERS = 60_000
"""Of the view; Slack takes 250,000 (`view_too_large`), and nobody reads more than this."""
LINES = (500, 200, 80)
_MOST_FINDINGS = 60
_IN_BLOCK = 15
"""Lines of one block: a rich_text block of many thousand characters is refused."""


def evidence(inquiry: Inquiry, technician: bool, wording: Wording) -> Block:
    """The modal's view, whatever is left of the inquiry."""
    talk = wording.talk
    blocks: tuple[Block, ...] = (paragraph(talk.text("label-nothing-yet")),)
    outcome = inquiry.outcome
    if outcome is not None:
        kept = bool(outcome.reply.headline)
        blocks = _whole(inquiry, outcome, technician, wording) if kept else _codes(outcome, wording, technician)
    title, close = talk.text("title-evidence"), talk.text("submit-close")
    return modal(title, blocks, callback_id=CALLBACK, close=close, metadata=inquiry.id)


def _whole(inquiry: Inquiry, outcome: Outcome, technician: bool, wording: Wording) -> tuple[Block, ...]:
    for limit in LINES:
        parts = tuple(_parts(inquiry, outcome, technician, wording, limit))
        blocks = fit(parts, most_blocks=MOST_BLOCKS, most_characters=MOST_CHARACTERS)
        if blocks is not None:
            return blocks
    return _codes(outcome, wording, technician)


def _parts(inquiry: Inquiry, outcome: Outcome, technician: bool, wording: Wording, limit: int) -> Iterator[Part]:
    talk, reply = wording.talk, outcome.reply
    yield Part((paragraph(cut(reply.headline, 1_000), wording.links, bold=True),))
    if technician or inquiry.asker.belonging is Belonging.STAFF:
        for number, question in enumerate(Question):
            yield Part(_about(question, outcome.diagnosis, technician, wording, limit), rank=2 + number)
    else:
        yield Part(list_under(talk.text("label-why"), reply.reasons, wording, limit))
    unchecked = reply.unchecked
    if technician:
        unchecked = tuple(f"{each.what}: {each.why}" for each in outcome.diagnosis.unchecked)
    yield Part(_lists(talk.text("label-unchecked"), unchecked, wording, limit), rank=7)
    if technician:
        yield Part((divider(), *_raw(outcome, wording, limit)), rank=1)
        yield from _for_technicians(outcome, wording, limit)
        return
    for title, lines in reply.sections:
        if title != ORIGINAL:
            yield Part(_lists(title, lines, wording, limit, numbered=": " in title), rank=8)
    yield Part(_lists(talk.text("label-advice"), reply.advice, wording, limit), rank=9)


def _about(
    question: Question, diagnosis: Diagnosis, technician: bool, wording: Wording, limit: int
) -> tuple[Block, ...]:
    """One question: its answer, and what was found on either side, the strongest first."""
    talk, point = wording.talk, diagnosis.standpoint(question)
    found = sorted((f for f in diagnosis.findings if f.question is question), key=lambda f: -abs(f.weight))
    asked = f"{talk.text(f'label-question-{question.value}')} {talk.text(f'answer-{point.answer.value}')}"
    heading = f"{asked} ({point.probability:.3f})" if technician else asked
    lines = [_line(each, technician) for each in found[:_MOST_FINDINGS] if technician or each.counted]
    return _lists(heading, lines or (talk.text("label-no-findings"),), wording, limit)


def _line(finding: Finding, technician: bool) -> str:
    if not technician:
        return finding.text or finding.title
    counted = "" if finding.counted else " ·"
    return f"{finding.weight:+.1f}{counted} {finding.text or finding.title} [{finding.rule} / {finding.group}]"


def _raw(outcome: Outcome, wording: Wording, limit: int) -> tuple[Block, ...]:
    """The facts that are kept beside the sentences."""
    diagnosis, talk = outcome.diagnosis, wording.talk
    shares = ", ".join(f"{verdict.value} {share:.3f}" for verdict, share in diagnosis.shares)
    server = " ".join(filter(None, (outcome.server_host, outcome.server_ip, outcome.server_country)))
    sender = " ".join(filter(None, (outcome.sender_name, outcome.sender_address)))
    lines = [
        f"{talk.text('label-verdict')}: {_verdict(diagnosis)}",
        *((f"{talk.text('label-sender')}: {sender}",) if sender else ()),
        *((f"{talk.text('label-server')}: {server}",) if server else ()),
        *(f"{talk.text('label-affected')}: {each.who}: {each.verdict.value}" for each in diagnosis.affected),
        *((f"{talk.text('label-settles')}: {diagnosis.next_step.code}",) if diagnosis.next_step else ()),
        f"{talk.text('label-shares')}: {shares}",
        *((f"{talk.text('label-ticket')}: {outcome.ticket.reason}",) if outcome.ticket else ()),
    ]
    return _lists(talk.text("label-raw"), lines, wording, limit)


def _verdict(diagnosis: Diagnosis) -> str:
    more = (
        f"leaning {diagnosis.leaning.value}" if diagnosis.leaning else "",
        "suspected" if diagnosis.suspected else "",
        *(f"also {verdict.value}" for verdict in diagnosis.also),
        f"{diagnosis.confidence:.2f}",
        f"grade {diagnosis.grade.value}",
    )
    return f"{diagnosis.verdict.value} ({', '.join(filter(None, more))})"


def _for_technicians(outcome: Outcome, wording: Wording, limit: int) -> Iterator[Part]:
    """Their steps, how the provider wants it done, and what the codes mean."""
    reply = outcome.technician
    yield Part(_lists(wording.talk.text("label-steps"), reply.steps, wording, limit, numbered=True), rank=1)
    for title, lines in reply.sections:
        if title != ORIGINAL:
            yield Part(_lists(title, lines, wording, limit, numbered=": " in title), rank=6)


def _codes(outcome: Outcome, wording: Wording, technician: bool) -> tuple[Block, ...]:
    """What is left when the content is deleted: the verdict in a phrase, the answers, and for technicians the rules."""
    talk, diagnosis = wording.talk, outcome.diagnosis
    answers = [
        f"{talk.text(f'label-question-{point.question.value}')} {talk.text(f'answer-{point.answer.value}')}"
        for point in diagnosis.standpoints
    ]
    verdict = talk.text(f"verdict-{diagnosis.verdict.value}")
    blocks = [
        paragraph(talk.text("label-expired")),
        *_lists(f"{verdict}, {diagnosis.confidence:.0%}", answers, wording, 200),
    ]
    if technician:
        rules = [f"{each.weight:+.1f} {each.rule}" for each in diagnosis.findings if each.counted]
        blocks += _lists(talk.text("label-rules"), rules[:_MOST_FINDINGS], wording, 200)
    return (*blocks, context(talk.text("more")))


def _lists(
    heading: str, lines: Iterable[str], wording: Wording, limit: int, *, numbered: bool = False
) -> tuple[Block, ...]:
    """A heading and its lines, over as many blocks as they need; a numbered list goes on counting nowhere else."""
    every = tuple(lines)
    if numbered:
        return list_under(heading, every[:40], wording, limit, numbered=True)
    parts = [every[at : at + _IN_BLOCK] for at in range(0, len(every), _IN_BLOCK)]
    return tuple(block for part in parts for block in list_under(heading, part, wording, limit))
