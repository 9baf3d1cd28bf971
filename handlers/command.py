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
from handlers.taking import NOT_ADMITTED, by, team_of
from handlers.tickets.queue import answer, is_for_technicians

_WORD = re.compile(r"[a-z]{1,20}")


def register(app: App, desk: Desk) -> None:
    app.command(COMMAND)(partial(on_command, desk))


def on_command(desk: Desk, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """What is typed behind the command. Raises StoreUnavailable."""
    user, trigger = string(body.get("user_id")), string(body.get("trigger_id"))
    text = reading.plain(string(body.get("text"))).strip()
    if not text:  # the form is opened before anybody is looked up; who may ask is looked at when it is submitted
        ack("" if open_view(client, trigger, desk.views.report()) else _said(desk, "command-help"))
    elif desk.tickets is not None and is_for_technicians(text):
        shown = answer(desk, desk.tickets, by(context, user), text)
        ack(shown.text, blocks=shown.blocks)
    elif _WORD.fullmatch(text.lower()):
        _word(desk, ack, client, by(context, user), text.lower(), trigger)
    elif (small := desk.talk.small(text)) is not None:
        ack(_said(desk, small))
    else:
        code = _checked(desk, desk.people.whois(user, team_of(context)), text, trigger)
        ack(escaped(desk.turned_away(code)) if code == "rate-limited" else _said(desk, code))


def _checked(desk: Desk, asker: Asker, text: str, trigger: str) -> str:
    """Hands the text in; the talk's code of what is said to it."""
    if asker.belonging not in desk.admitted:
        return NOT_ADMITTED
    piece = Piece(f"{desk.reception.clock.now().timestamp():.6f}", text)
    submission = Submission(f"command:{trigger}", Surface.COMMAND, asker, Place(asker.user), (piece,))
    return "command-taken" if desk.reception.receive(submission) else "rate-limited"


def _word(desk: Desk, ack: Ack, client: WebClient, who: Asker, word: str, trigger: str) -> None:
    """One word: help, status, forget, small talk, or something that was meant to be one of them."""
    if word == "help":
        ack(_said(desk, "command-help"))
    elif word == "status":
        listed = desk.views.status(desk.reception.of(who))
        ack(listed.text, blocks=listed.blocks)
    elif word == "forget":
        ack("" if open_view(client, trigger, desk.views.forget()) else _said(desk, "command-help"))
    elif (small := desk.talk.small(word)) is not None:
        ack(_said(desk, small))
    else:
        ack(escaped(desk.talk.text("command-unknown", word=word)))


def _said(desk: Desk, code: str) -> str:
    return escaped(desk.talk.text(code))
