"""`/checkmail`: with text it checks that text, without it opens the form; help, status and forget."""

import re
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.model import Asker, Piece, Place, Submission, Surface
from handlers import reading
from handlers.actions import COMMAND
from handlers.blocks.kit import escaped
from handlers.calls import open_view
from handlers.desk import Desk
from handlers.reading import string
from handlers.taking import NOT_ADMITTED, team_of

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
        listed = desk.views.status(desk.reception.of(asker))
        ack(listed.text, blocks=listed.blocks)
    elif word == "forget":
        ack("" if open_view(client, trigger, desk.views.forget()) else _said(desk, "command-help"))
    elif (small := desk.talk.small(word)) is not None:
        ack(_said(desk, small))
    else:
        ack(escaped(desk.talk.text("command-unknown", word=word)))


def _said(desk: Desk, code: str) -> str:
    return escaped(desk.talk.text(code))
