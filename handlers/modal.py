"""The forms: a mail handed in, what was clicked or typed, who the mail claims to be from, and forgetting."""

from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.errors import TooLarge
from bot.model import Asker, Inquiry, Piece, Place, Reader, Submission, Surface, Told
from handlers import reading
from handlers.actions import (
    CLAIMS_MODAL,
    FORGET,
    FORGET_MODAL,
    HARM_MODAL,
    MODAL,
    OWN_ACCOUNT,
    REPORT,
    Field,
    Harm,
)
from handlers.calls import open_view
from handlers.clicks import Form, form_of, told_of_harm
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.taking import NOT_ADMITTED, by, team_of

FORGOTTEN = "command-forgotten"
"""The talk's code that is said in direct message when everything is forgotten."""


def register(app: App, desk: Desk) -> None:
    app.view_submission(MODAL)(partial(on_report, desk))
    app.view_submission(HARM_MODAL)(partial(on_harm, desk))
    app.view_submission(CLAIMS_MODAL)(partial(on_claims, desk))
    app.view_submission(FORGET_MODAL)(partial(on_forget, desk))
    app.action(REPORT)(partial(on_open_report, desk))
    app.action(FORGET)(partial(on_open_forget, desk))


def on_open_report(desk: Desk, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
    ack()
    open_view(client, string(body.get("trigger_id")), desk.views.report())


def on_open_forget(desk: Desk, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
    ack()
    open_view(client, string(body.get("trigger_id")), desk.views.forget())


def on_report(desk: Desk, ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
    """A mail handed in by the form; it stays open with the fault beside its field. Raises StoreUnavailable."""
    form, asker = form_of(view), desk.people.whois(_user(body), team_of(context))
    if asker.belonging not in desk.admitted:
        _fault(desk, ack, Field.PASTE, NOT_ADMITTED)
        return
    try:
        pieces = _pieces(form, f"{desk.reception.clock.now().timestamp():.6f}")
    except TooLarge as cannot:
        _fault(desk, ack, Field.FILE, cannot.code)
        return
    if not pieces and not form.harm - {Harm.NONE}:
        _fault(desk, ack, Field.PASTE, "modal-nothing")
        return
    # A mail may be added afterwards, so that it needn't be there to say what happened.
    pieces = pieces or (Piece(f"{desk.reception.clock.now().timestamp():.6f}"),)
    if desk.reception.receive(_submission(form, asker, pieces)) is None:
        _fault(desk, ack, Field.PASTE, "rate-limited")
        return
    ack()


def on_harm(desk: Desk, ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
    """What was clicked, opened, typed or paid. Raises StoreUnavailable."""
    form = form_of(view)
    if not form.harm:
        _fault(desk, ack, Field.HARM, "form-harm-hint")
    elif _told(desk, form, told_of_harm(form.harm), by(context, _user(body))) is None:
        _fault(desk, ack, Field.HARM, "gone")
    else:
        ack()


def on_claims(desk: Desk, ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
    """Who the mail claims to be from. Raises StoreUnavailable."""
    form = form_of(view)
    if not form.claims:
        _fault(desk, ack, Field.CLAIMS, "claims-intro")
    elif _told(desk, form, Told(claims=form.claims), by(context, _user(body))) is None:
        _fault(desk, ack, Field.CLAIMS, "gone")
    else:
        ack()


def on_forget(desk: Desk, ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
    """Everything that this person handed in is taken out of the store. Raises StoreUnavailable."""
    asker = by(context, _user(body))
    if desk.tickets is not None:
        mine = tuple(each.id for each in desk.reception.of(asker))
        desk.tickets.ticketing.forget(asker, mine)
    desk.reception.forget(asker)
    desk.reception.remark(Place(asker.user), FORGOTTEN, f"view:{string(view.get('id'))}")
    ack()


def _submission(form: Form, asker: Asker, pieces: tuple[Piece, ...]) -> Submission:
    harm, own = told_of_harm(form.harm), form.choice == OWN_ACCOUNT
    told = Told(
        claims=form.claims or None,
        clicked=harm.clicked,
        opened=harm.opened,
        typed_password=harm.typed_password,
        paid=harm.paid,
        own_account=own,
    )
    reader = Reader.NAMED if own else Reader.RECEIVER
    return Submission(f"view:{form.id}", Surface.COMMAND, asker, Place(asker.user), pieces, told, reader)


def _pieces(form: Form, ts: str) -> tuple[Piece, ...]:
    return reading.pieces({"ts": ts, "text": _escaped(form.paste), "files": list(form.files)})


def _escaped(text: str) -> str:
    """A form's text comes as it was typed; a message's, which is what is read here, comes escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(desk: Desk, form: Form, told: Told, who: Asker) -> Inquiry | None:
    return desk.reception.told(form.inquiry, told, who, f"view:{form.id}")


def _user(body: Json) -> str:
    user = body.get("user")
    return string(user.get("id")) if isinstance(user, dict) else ""


def _fault(desk: Desk, ack: Ack, field: Field, code: str) -> None:
    """Keeps the form open, with the text beside the field; plain text, so that nothing needs escaping."""
    ack(response_action="errors", errors={field.value: _fault_text(desk, code)})


def _fault_text(desk: Desk, code: str) -> str:
    """Slack takes 150 characters or so beside a field: the number comes with what turns somebody away alone."""
    return desk.turned_away(code) if code in ("rate-limited", "gone") else desk.talk.text(code)
