"""The Home tab: what the bot does, how to use it, and what this person asked."""

from functools import partial
from typing import Any

import structlog
from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from handlers.calls import REFUSED, code_of
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.taking import by
from handlers.tickets.queue import with_tickets

log = structlog.get_logger()


def register(app: App, desk: Desk) -> None:
    app.event("app_home_opened", matchers=[is_home_tab])(partial(on_home_opened, desk))


def is_home_tab(event: Json) -> bool:
    return event.get("tab") == "home"


def on_home_opened(desk: Desk, event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """Shown anew each time it is opened, so that nothing has to be kept up to date in between."""
    asker = by(context, string(event.get("user")))
    view = with_tickets(desk, asker, desk.views.home(desk.reception.of(asker)))
    try:
        client.views_publish(user_id=asker.user, view=view)
    except REFUSED as refused:
        log.warning("Home not shown", code=code_of(refused))
