"""`/checkmail`: with text it checks that text, without it opens the form; help, status and forget."""

import re
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.model import Asker, Inquiry, Piece, Place, Stage, Submission, Surface
from handlers import reading
from handlers.actions import COMMAND
from handlers.blocks.kit import escaped
from handlers.calls import open_view
from handlers.desk import Desk
from handlers.reading import string
from handlers.taking import NOT_ADMITTED, team_of

_MOST_LISTED = 10
_WORD = re.compile(r"[a-z]{1,20}")


def register(app: App, desk: Desk) -> None:
    app.command(COMMAND)(partial(on_command, desk))


def on_command(desk: Desk, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """What is typed behind the command. Raises StoreUnavailable."""
    team = team_of(context)
    asker = desk.people.whois(string(body.get("user_id")), team)
    text = reading.plain(string(body.get("text"))).strip()
    trigger = string(body.get("trigger_id"))
    if asker.belonging not in desk.admitted:
        ack(_said(desk, NOT_ADMITTED))
    elif not text:
        ack("" if open_view(client, trigger, desk.views.report()) else _said(desk, "command-help"))
    elif _WORD.fullmatch(text.lower()):
        _word(desk, ack, client, asker, text.lower(), trigger)
    elif (small := desk.talk.small(text)) is not None:
        ack(_said(desk, small))
    else:
        ts = f"{desk.reception.clock.now().timestamp():.6f}"
        piece = Piece(ts, text)
        taken = desk.reception.receive(
            Submission(f"command:{trigger}", Surface.COMMAND, asker, Place(asker.user), (piece,))
        )
        ack(_said(desk, "command-taken" if taken else "rate-limited"))


def _word(desk: Desk, ack: Ack, client: WebClient, asker: Asker, word: str, trigger: str) -> None:
    """One word: help, status, forget, small talk, or something that was meant to be one of them."""
    if word == "help":
        ack(_said(desk, "command-help"))
    elif word == "status":
        ack(status(desk, desk.reception.of(asker)))
    elif word == "forget":
        ack("" if open_view(client, trigger, desk.views.forget()) else _said(desk, "command-help"))
    elif (small := desk.talk.small(word)) is not None:
        ack(_said(desk, small))
    else:
        ack(escaped(desk.talk.text("command-unknown", word=word)))


def status(desk: Desk, inquiries: tuple[Inquiry, ...]) -> str:
    """What this person asked and how each ended, the newest first; for Slack, escaped."""
    if not inquiries:
        return _said(desk, "command-nothing")
    lines = [f"• {_when(each)} – {_ended(desk, each)}" for each in inquiries[:_MOST_LISTED]]
    return escaped("\n".join((desk.talk.text("command-status"), *lines)))


def _when(inquiry: Inquiry) -> str:
    return f"{inquiry.received_at:%Y-%m-%d %H:%M} UTC"


def _ended(desk: Desk, inquiry: Inquiry) -> str:
    """How it ended, with whom the mail seemed to come from."""
    if inquiry.stage is Stage.FORGOTTEN:
        return desk.talk.text("status-forgotten")
    if inquiry.stage is Stage.FAILED:
        return desk.talk.text("status-failed")
    outcome = inquiry.outcome
    if outcome is None or inquiry.stage is Stage.RECEIVED:
        return desk.talk.text("status-waiting")
    sender = outcome.sender_name or outcome.sender_address
    verdict = desk.talk.text(f"verdict-{outcome.diagnosis.verdict.value}")
    return f"{sender[:80]}: {verdict}" if sender else verdict


def _said(desk: Desk, code: str) -> str:
    return escaped(desk.talk.text(code))
