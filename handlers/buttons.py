"""The buttons under an answer. Who may click is looked at when they click: only who asked, and technicians may look.

A click that comes twice counts once: wishes by what is wished, answers by the click's own time stamp.
"""

import re
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.model import Asker, Inquiry, Stage, Surface, Wish
from handlers.actions import ANSWER, EVIDENCE, SAY, WISHES, YES, Answered, answered
from handlers.blocks.kit import escaped
from handlers.calls import open_view, whisper
from handlers.clicks import Click, click_of, told_of_answer
from handlers.desk import Desk
from handlers.taking import NOT_ADMITTED, by

_ANSWERS = re.compile(rf"{ANSWER}_\d{{1,2}}")


def register(app: App, desk: Desk) -> None:
    app.action(EVIDENCE)(partial(on_evidence, desk))
    app.action(_ANSWERS)(partial(on_answer, desk))
    for wish in Wish:
        app.action(WISHES[wish])(partial(on_wish, desk, wish))


def on_evidence(desk: Desk, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """All the evidence, in a modal. Raises StoreUnavailable."""
    click = click_of(body)
    who = by(context, click.user)
    technician = desk.people.is_technician(who.user)
    inquiry = _theirs(desk, client, click, click.value, who, technician=technician)
    if inquiry is not None:
        open_view(client, click.trigger, desk.views.evidence(inquiry, technician))
    ack()


def on_answer(desk: Desk, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """An answer to the next question, which decides the case again. Raises StoreUnavailable."""
    click = click_of(body)
    who = by(context, click.user)
    said = answered(click.value)
    if said is not None and _theirs(desk, client, click, said.inquiry, who) is not None:
        _answer(desk, client, click, said, who)
    ack()


def _answer(desk: Desk, client: WebClient, click: Click, said: Answered, who: Asker) -> None:
    """What was clicked, or typed, can't be said by one button, and neither can a name: a form asks for it."""
    if said.choice == SAY:
        open_view(client, click.trigger, desk.views.claims(said.inquiry))
    elif (said.question, said.choice) == ("did-you-click", YES):
        open_view(client, click.trigger, desk.views.harm(said.inquiry))
        desk.reception.wish(said.inquiry, Wish.URGENT, who, f"{said.inquiry}:{Wish.URGENT.value}")
    else:
        told = told_of_answer(said.question, said.choice)
        key = f"{said.inquiry}:{click.action}:{click.at}"
        if told is None:
            _whisper(desk, client, click, "noted-unsure")
        elif desk.reception.told(said.inquiry, told, who, key) is None:
            _whisper(desk, client, click, "gone")
        else:
            _whisper(desk, client, click, "noted-answer")


def on_wish(desk: Desk, wish: Wish, ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """Get a person, this is wrong, or I clicked or typed my password: then what exactly is asked, too, in a modal,
    of whoever asked. In a help-desk channel everybody may call a person.

    That it was heard is said in the thread, when the technicians were called. Raises StoreUnavailable.
    """
    click = click_of(body)
    who = by(context, click.user)
    if wish is not Wish.WRONG and _is_gone(desk, click.value):
        _call(desk, client, click, wish, who)
        ack()
        return
    found = _theirs(desk, client, click, click.value, who, there=wish is not Wish.WRONG)
    if found is not None:
        if wish is Wish.URGENT and found.asker.user == who.user:
            open_view(client, click.trigger, desk.views.harm(click.value))
        desk.reception.wish(click.value, wish, who, f"{click.value}:{wish.value}")
    ack()


def _is_gone(desk: Desk, id: str) -> bool:
    found = desk.reception.inquiries.find(id)
    return found is None or found.stage is Stage.FORGOTTEN


def _call(desk: Desk, client: WebClient, click: Click, wish: Wish, who: Asker) -> None:
    """Under an answer that was forgotten, whoever needs a person gets one all the same."""
    known = desk.people.whois(who.user, who.team)
    if known.belonging not in desk.admitted:
        _whisper(desk, client, click, NOT_ADMITTED)
        return
    desk.reception.call(wish, known, f"{click.value}:{wish.value}:{who.user}")
    _whisper(desk, client, click, "gone-called")


def _theirs(
    desk: Desk,
    client: WebClient,
    click: Click,
    id: str,
    who: Asker,
    *,
    technician: bool = False,
    there: bool = False,
) -> Inquiry | None:
    """The inquiry, if they asked it, or may look at it as a technician of the same workspace; else they are told.

    With `there`, who is in the help-desk channel that it stands in may, too.
    """
    found = desk.reception.inquiries.find(id)
    if found is None or found.stage is Stage.FORGOTTEN:
        _whisper(desk, client, click, "gone")
        return None
    if not found.asker.user:
        found = _adopted(desk, found, who)
    shared = technician or (there and found.surface is Surface.CHANNEL)
    if desk.reception.find(id, who) is not None or (shared and found.asker.team == who.team):
        return found
    _whisper(desk, client, click, "not-yours")
    return None


def _adopted(desk: Desk, inquiry: Inquiry, who: Asker) -> Inquiry:
    """Of a forwarded mail whose sender nobody knows: the first who clicks goes on with it."""
    known = desk.people.whois(who.user, who.team)
    return (desk.reception.adopt(inquiry.id, known) or inquiry) if known.belonging in desk.admitted else inquiry


def _whisper(desk: Desk, client: WebClient, click: Click, code: str) -> None:
    text = desk.turned_away(code) if code in ("gone", "gone-called") else desk.talk.text(code)
    whisper(client, click.channel, click.user, escaped(text), click.thread)
