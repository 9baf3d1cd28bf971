"""The buttons and forms of a ticket. Who may is looked at when they press; what an old button asks for is decided by
the ticket as it is now, so that of two people one wins and the other is told who.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from typing import Any, cast
from zoneinfo import ZoneInfo

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.errors import Shown, StoreUnavailable
from bot.model import Verdict
from bot.model.tickets import Act, Actor, Again, Closing, LiveTicket, Role, Said3
from bot.ticketing import Done
from bot.tickets import acts
from handlers.blocks import ticketforms
from handlers.blocks.kit import escaped
from handlers.calls import REFUSED, open_view, whisper
from handlers.clicks import Click, click_of
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.taking import team_of
from handlers.tickets.names import CHOICE, DAY, FEEDBACK, FORM, FORMS, SENDER_SAYS, TEXT, USER, Press, Value, value_of
from handlers.tickets.room import TicketRoom

_SIMPLE: dict[Press, Callable[[Actor, Value], Act]] = {
    Press.TAKE: lambda by, _: acts.take(by),
    Press.RELEASE: lambda by, _: acts.release(by),
    Press.RESUME: lambda by, _: acts.resume(by),
    Press.REOPEN: lambda by, _: acts.reopen(by, Again.TECHNICIAN),
    Press.SENDER: lambda by, _: acts.ask_sender(by, ""),
    Press.APPROVE: lambda by, _: acts.approve_notice(by),
    Press.CONFIRM: lambda by, value: acts.confirm(by, _number(value.more)),
    Press.REFUSE: lambda by, value: acts.refuse(by, _number(value.more)),
    Press.DONE: lambda by, value: acts.tick(by, value.more),
    Press.UNDO: lambda by, value: acts.untick(by, value.more),
}
_IN_LIST = (Press.DONE, Press.UNDO)
"""Pressed in the checklist, which is shown anew."""


def register(app: App, desk: Desk, room: TicketRoom) -> None:
    for press in Press:
        app.action(press.action)(partial(on_press, desk, room, press))
    for press in FORMS:
        app.view_submission(FORM + press.value)(partial(on_form, desk, room, press))
    for said, action in SENDER_SAYS.items():
        app.action(action)(partial(on_sender, desk, room, Said3(said)))
    for helped, action in FEEDBACK.items():
        app.action(action)(partial(on_feedback, desk, room, helped == "helped"))


def on_press(
    desk: Desk, room: TicketRoom, press: Press, ack: Ack, body: Json, context: BoltContext, client: WebClient
) -> None:
    """A technician's button. Raises StoreUnavailable."""
    click, team = click_of(body), team_of(context)
    value = value_of(click.value)
    try:
        by, ticket = _technician(desk, team, click.user), _found(room, team, value)
        assert value is not None  # or there would be no ticket
        if press in FORMS:
            _open(client, click, body, ticketforms.form(press, ticket, value, room.wording))
        elif press is Press.CHECKLIST:
            open_view(client, click.trigger, ticketforms.checklist(ticket, room.wording))
        elif press is Press.STORY:
            entries = room.ticketing.story(team, ticket.number)
            open_view(client, click.trigger, ticketforms.story(ticket, entries, room.wording))
        elif press is Press.PACK:
            _, made = room.ticketing.pack(team, ticket.number, by, _key(click))
            open_view(client, click.trigger, ticketforms.pack(made, room.wording))
        else:
            done = room.ticketing.act(team, ticket.number, _SIMPLE[press](by, value), _key(click))
            if press in _IN_LIST:
                _again(client, body, done.ticket, room)
            _say_if_parked(client, click, done, room)
    except StoreUnavailable:
        raise
    except Shown as refused:
        _refused(client, click, body, refused, room)
    ack()


def on_form(
    desk: Desk,
    room: TicketRoom,
    press: Press,
    ack: Ack,
    body: Json,
    view: Json,
    context: BoltContext,
    client: WebClient,
) -> None:
    """What a technician wrote. What isn't possible is said beside the field. Raises StoreUnavailable."""
    team, user = team_of(context), string(_object(body, "user").get("id"))
    value, fields = value_of(string(view.get("private_metadata"))), _object(_object(view, "state"), "values")
    try:
        by, ticket = _technician(desk, team, user), _found(room, team, value)
        assert value is not None
        act = _written(press, by, ticket, value, fields, desk, room)
        done = room.ticketing.act(team, ticket.number, act, f"view:{string(view.get('id'))}")
    except StoreUnavailable:
        raise
    except Shown as refused:
        blocks = view.get("blocks") or ()
        field = next((string(each.get("block_id")) for each in blocks if each.get("type") == "input"), TEXT)
        ack(response_action="errors", errors={field: f"{refused.message} {refused.hint}"})
        return
    if press is Press.WAIVE:
        _list_below(client, view, done.ticket, room)
    ack()


def on_sender(
    desk: Desk, room: TicketRoom, said: Said3, ack: Ack, body: Json, context: BoltContext, client: WebClient
) -> None:
    """The apparent sender's answer. Raises StoreUnavailable."""
    click, team = click_of(body), team_of(context)
    value = value_of(click.value)
    name = desk.people.whois(click.user, team).name
    try:
        ticket = _found(room, team, value)
        done = room.ticketing.act(team, ticket.number, acts.sender_said(click.user, name, said), _key(click))
        code = "ticket-waits" if done.parked else "sender-noted"
        whisper(client, click.channel, click.user, escaped(room.wording.talk.text(code)), click.thread)
    except StoreUnavailable:
        raise
    except Shown as refused:
        _refused(client, click, body, refused, room)
    ack()


def on_feedback(
    desk: Desk, room: TicketRoom, helped: bool, ack: Ack, body: Json, context: BoltContext, client: WebClient
) -> None:
    """Whether it helped the reporter. Raises StoreUnavailable."""
    click, team = click_of(body), team_of(context)
    value = value_of(click.value)
    by = Actor(Role.REPORTER, click.user, desk.people.whois(click.user, team).name)
    try:
        ticket = _found(room, team, value)
        room.ticketing.act(team, ticket.number, acts.feedback(by, value.more if value else "", helped), _key(click))
        text = escaped(room.wording.talk.text("reporter-thanks-feedback"))
        whisper(client, click.channel, click.user, text, click.thread)
    except StoreUnavailable:
        raise
    except Shown as refused:
        _refused(client, click, body, refused, room)
    ack()


def _written(
    press: Press, by: Actor, ticket: LiveTicket, value: Value, fields: Json, desk: Desk, room: TicketRoom
) -> Act:
    """The act that a form asks for. Raises Shown where something in it can't be."""
    text = string(_field(fields, TEXT).get("value"))
    choice = string(_object(_field(fields, CHOICE), "selected_option").get("value"))
    match press:
        case Press.HAND_OVER:
            return _handed(by, ticket, string(_field(fields, USER).get("selected_user")), desk)
        case Press.ASK:
            return acts.ask(by, text)
        case Press.VERDICT:
            return acts.change_verdict(by, Verdict(choice), text)
        case Press.HOLD:
            return acts.hold(by, _until(string(_field(fields, DAY).get("selected_date")), room), text)
        case Press.CLOSE:
            return acts.close(by, Closing(choice), text)
        case Press.NOTICE:
            return acts.propose_notice(by, room.ticketing.blast(ticket), text)
        case Press.WAIVE:
            return acts.waive(by, value.more, text)
        case _:
            return acts.note(by, text)


def _handed(by: Actor, ticket: LiveTicket, user: str, desk: Desk) -> Act:
    if not desk.people.is_technician(user):
        raise Shown("not-a-technician", "That person is no technician.", "Name somebody of the technicians.")
    return acts.hand_over(by, user, desk.people.whois(user, ticket.team).name)


def _until(day: str, room: TicketRoom) -> datetime:
    """The day's morning, where the help desk is."""
    found = ticketforms.earliest(day)
    if found is None:
        raise Shown("bad-date", "No day was chosen.", "Choose one.")
    return datetime.combine(found, time(8), ZoneInfo(room.hours.zone)).astimezone(UTC)


def _technician(desk: Desk, team: str, user: str) -> Actor:
    if not desk.people.is_technician(user):
        raise Shown("not-technician", desk.talk.text("ticket-not-technician"), "")
    return Actor(Role.TECHNICIAN, user, desk.people.whois(user, team).name)


def _found(room: TicketRoom, team: str, value: Value | None) -> LiveTicket:
    number = value.number if value else 0
    ticket = room.ticketing.find(team, number)
    if ticket is None:
        raise Shown("no-ticket", room.wording.talk.text("ticket-none-there", number=str(number)), "")
    return ticket


def _open(client: WebClient, click: Click, body: Json, view: dict[str, Any]) -> None:
    """Above the checklist where it was pressed there."""
    if not _object(body, "view"):
        open_view(client, click.trigger, view)
        return
    try:
        client.views_push(trigger_id=click.trigger, view=view)
    except REFUSED:
        open_view(client, click.trigger, view)


def _again(client: WebClient, body: Json, ticket: LiveTicket, room: TicketRoom) -> None:
    _update(client, string(_object(body, "view").get("id")), ticket, room)


def _list_below(client: WebClient, view: Json, ticket: LiveTicket, room: TicketRoom) -> None:
    below = string(view.get("previous_view_id")) or string(view.get("root_view_id"))
    if below != string(view.get("id")):
        _update(client, below, ticket, room)


def _update(client: WebClient, id: str, ticket: LiveTicket, room: TicketRoom) -> None:
    if not id:
        return
    try:
        client.views_update(view_id=id, view=ticketforms.checklist(ticket, room.wording))
    except REFUSED:
        return  # it was closed meanwhile, and is made anew when it is opened


def _say_if_parked(client: WebClient, click: Click, done: Done, room: TicketRoom) -> None:
    if done.parked:
        whisper(client, click.channel, click.user, escaped(room.wording.talk.text("ticket-waits")), click.thread)


def _refused(client: WebClient, click: Click, body: Json, refused: Shown, room: TicketRoom) -> None:
    """Told in passing below the post; in a modal, which hides that, the checklist says how it is."""
    text = escaped(f"{refused.message} {refused.hint}".strip())
    if click.channel:
        whisper(client, click.channel, click.user, text, click.thread)
        return
    ticket = room.ticketing.find(string(_object(body, "team").get("id")), (value_of(click.value) or Value(0)).number)
    if ticket is not None:
        _again(client, body, ticket, room)


def _key(click: Click) -> str:
    return f"{click.action}:{click.user}:{click.at}"


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else 0


def _field(fields: Json, name: str) -> Json:
    return _object(_object(fields, name), name)


def _object(value: Json, key: str) -> Json:
    found = value.get(key)
    return cast("Json", found) if isinstance(found, dict) else {}
