""" "Check this mail" on any message, in any channel: what the message holds is checked, privately for who chose it.

The bot needn't be in that channel. Files there may not be given to it, then; that shows when they are fetched, and
the person is asked for them in direct message.
"""

from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.errors import TooLarge
from bot.model import Place, Submission, Surface
from handlers import reading
from handlers.actions import SHORTCUT
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.taking import NOT_ADMITTED, bot_of, key_of, team_of

NOTHING = "shortcut-nothing"


def register(app: App, desk: Desk) -> None:
    app.message_shortcut(SHORTCUT)(partial(on_shortcut, desk))


def on_shortcut(desk: Desk, ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
    """The message as Slack passes it on, its files included. Raises StoreUnavailable."""
    team, message = team_of(context), _object(body, "message")
    asker = desk.people.whois(string(_object(body, "user").get("id")), team)
    channel, ts = string(_object(body, "channel").get("id")), string(message.get("ts"))
    own, key = Place(asker.user), f"{key_of(team, channel, ts)}:{asker.user}:{string(body.get('trigger_id'))}"
    if asker.belonging not in desk.admitted:
        desk.reception.remark(own, NOT_ADMITTED, key)
    else:
        try:
            pieces = () if message.get("user") == bot_of(context) else reading.pieces(message)
        except TooLarge as cannot:
            desk.reception.remark(own, cannot.code, key)
        else:
            if pieces:
                about = Place(channel, ts)
                desk.reception.receive(Submission(key, Surface.SHORTCUT, asker, own, pieces, about=about))
            else:
                desk.reception.remark(own, NOTHING, key)
    ack()


def _object(value: Json, key: str) -> Json:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
