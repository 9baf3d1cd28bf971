"""What a person asked, as Home and `/checkmail status` show it. Pure."""

from collections.abc import Sequence

from bot.model import Inquiry, Stage
from handlers.actions import FORGET, REPORT
from handlers.blocks.kit import (
    Block,
    Post,
    Style,
    actions,
    button,
    context,
    escaped,
    header,
    home,
    leaf,
    listed,
    paragraph,
    rich,
)
from handlers.blocks.lines import cut
from handlers.blocks.wording import Wording

MOST = 10
"""Inquiries that are listed."""


def home_view(inquiries: Sequence[Inquiry], wording: Wording, *, hours: int, days: int) -> Block:
    """The Home tab: what the bot does, how to use it, and what this person asked."""
    talk = wording.talk
    keeping = talk.text("privacy-keeping", hours=str(hours), days=str(days))
    deleting = (button(talk.text("button-forget"), FORGET),) if inquiries else ()
    check = button(talk.text("button-report"), REPORT, style=Style.PRIMARY)
    return home(
        (
            paragraph(talk.text("home-intro")),
            paragraph(talk.text("home-how")),
            actions(check, *deleting),
            header(talk.text("label-your-cases")),
            _listed(inquiries, wording) if inquiries else paragraph(talk.text("home-none")),
            context(keeping),
        )
    )


def status(inquiries: Sequence[Inquiry], wording: Wording) -> Post:
    """The same list, as a message."""
    talk = wording.talk
    if not inquiries:
        return Post(escaped(talk.text("command-nothing")), (paragraph(talk.text("command-nothing")),))
    lines = "\n".join(f"{_when(each)}: {_ended(each, wording)}" for each in inquiries[:MOST])
    text = talk.text("command-status")
    return Post(escaped(f"{text}\n{lines}"), (paragraph(text), _listed(inquiries, wording)))


def _listed(inquiries: Sequence[Inquiry], wording: Wording) -> Block:
    """Each with its time as the reader's own clock shows it."""
    return rich(listed((_date(each), _after(_ended(each, wording))) for each in inquiries[:MOST]))


def _date(inquiry: Inquiry) -> Block:
    return {
        "type": "date",
        "timestamp": int(inquiry.received_at.timestamp()),
        "format": "{date_num} {time}",
        "fallback": _when(inquiry),
    }


def _after(text: str) -> Block:
    made = leaf(text, limit=200)
    made["text"] = f": {made['text']}"
    return made


def _when(inquiry: Inquiry) -> str:
    return f"{inquiry.received_at:%Y-%m-%d %H:%M} UTC"


def _ended(inquiry: Inquiry, wording: Wording) -> str:
    """How it ended, with whom the mail seemed to come from."""
    talk, outcome = wording.talk, inquiry.outcome
    if inquiry.stage is Stage.FORGOTTEN:
        return talk.text("status-forgotten")
    if inquiry.stage is Stage.FAILED:
        return talk.text("status-failed")
    if outcome is None:
        return talk.text("status-failed" if inquiry.stage is Stage.ANSWERED else "status-waiting")
    verdict = talk.text(f"verdict-{outcome.diagnosis.verdict.value}")
    sender = cut(outcome.sender_name or outcome.sender_address, 80)
    return f"{sender}: {verdict}" if sender else verdict
