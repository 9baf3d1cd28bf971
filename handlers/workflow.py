"""Workflow Builder's step "Check a mail": text in; verdict, confidence and reply out, when the worker has them."""

import re
from functools import partial
from typing import Any

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from bot.errors import TooLarge
from bot.model import Place, Submission, Surface, Told
from handlers import reading
from handlers.actions import FUNCTION
from handlers.calls import REFUSED, code_of
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.taking import NOT_ADMITTED, log, team_of

_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")


def register(app: App, desk: Desk) -> None:
    app.function(FUNCTION)(partial(on_step, desk))


def on_step(desk: Desk, event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """A step begins; the worker completes it. Raises StoreUnavailable."""
    step, team = string(event.get("function_execution_id")), team_of(context)
    given = event.get("inputs")
    inputs: Json = given if isinstance(given, dict) else {}
    reporter = string(inputs.get("reporter"))
    if not _PERSON.fullmatch(reporter):  # the answer is posted there: it must not be a channel
        _failed(desk, client, step, "step-no-person")
        return
    asker = desk.people.whois(reporter, team)
    if asker.belonging not in desk.admitted:
        _failed(desk, client, step, NOT_ADMITTED)
        return
    try:
        pieces = reading.pieces({"ts": string(event.get("event_ts")), **_text(inputs.get("mail"))})
    except TooLarge as cannot:
        _failed(desk, client, step, cannot.code)
        return
    if not pieces:
        _failed(desk, client, step, "modal-nothing")
        return
    claims = " ".join(string(inputs.get("claims")).split())[:300]
    submission = Submission(
        f"function:{step}",
        Surface.WORKFLOW,
        asker,
        Place(asker.user),
        pieces,
        Told(claims=claims or None),
        step=step,
    )
    if desk.reception.receive(submission) is None:
        _failed(desk, client, step, "rate-limited")


def _text(value: object) -> Json:
    """A text input, or one of rich text, which is a block or a list of them."""
    if isinstance(value, dict):
        return {"blocks": [value]}
    return {"blocks": value} if isinstance(value, list) else {"text": string(value)}


def _failed(desk: Desk, client: WebClient, step: str, code: str) -> None:
    try:
        client.functions_completeError(
            function_execution_id=step, error=desk.talk.text("step-failed", why=desk.talk.text(code))
        )
    except REFUSED as refused:
        log.warning("step not failed", code=code_of(refused))
