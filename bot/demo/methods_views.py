"""views.*: modals by trigger, at most three on one another, and App Home."""

import json
from typing import Any

from bot.demo import blockcheck
from bot.demo.calls import Call, Method
from bot.demo.office import Office
from bot.demo.state import Trigger, View
from bot.demo.wire import Json, Refused

DEEPEST = 3
LARGEST = 250_000


def _open(call: Call) -> Json:
    trigger = _exchange(call)
    view = make(call.office, trigger.user, _checked(call, "modal"))
    for old in call.state.stacks.pop(trigger.user, []):
        call.state.views.pop(old, None)
    return {"view": show(call.office, view)}


def _push(call: Call) -> Json:
    trigger = _exchange(call)
    stack = call.state.stacks.get(trigger.user, [])
    if not trigger.view or trigger.view not in stack:
        raise Refused("invalid_trigger_id")
    if len(stack) >= DEEPEST:
        raise Refused("push_limit_reached")
    return {"view": show(call.office, make(call.office, trigger.user, _checked(call, "modal")))}


def _update(call: Call) -> Json:
    view = _found(call)
    if call.text("hash") and call.text("hash") != view.shown["hash"]:
        raise Refused("hash_conflict")
    return {"view": replace(call.office, view, _checked(call, "modal"))}


def _publish(call: Call) -> Json:
    user = call.state.user(call.required("user_id")).id
    old = call.state.homes.get(user)
    if old is not None and call.text("hash") and call.text("hash") != old.shown["hash"]:
        raise Refused("hash_conflict")
    content = _checked(call, "home")
    if old is not None:
        return {"view": replace(call.office, old, content)}
    view = make(call.office, user, content)
    call.state.homes[user] = view
    call.office.feed.tell("home", user=user)
    return {"view": view.shown}


def _exchange(call: Call) -> Trigger:
    """Takes the trigger_id. Raises Refused where it is unknown, used or too old."""
    trigger = call.state.triggers.get(call.required("trigger_id"))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if call.office.clock() - trigger.made_at > call.office.config.times.trigger:
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger


def _checked(call: Call, kind: str) -> Json:
    view = call.args.get("view")
    if not isinstance(view, dict) or view.get("type") != kind:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] view must be a {kind}"]})
    if call.office.config.habits.check_blocks:
        if len(json.dumps(view)) > LARGEST:
            raise Refused("view_too_large")
        blockcheck.check_view(view)
    external = view.get("external_id")
    if external and any(
        v.shown["external_id"] == external for v in call.state.views.values() if v.id != call.text("view_id")
    ):
        raise Refused("duplicate_external_id")
    return view


def _found(call: Call) -> View:
    external = call.text("external_id")
    for view in call.state.views.values():
        if view.id == call.text("view_id") or (external and view.shown["external_id"] == external):
            return view
    raise Refused("not_found")


def make(office: Office, user: str, content: Json) -> View:
    """A view of the app for this person, not yet shown."""
    id = office.numbers.id("V")
    stack = office.state.stacks.get(user, [])
    app = office.config.app
    shown: dict[str, Any] = {
        "id": id,
        "team_id": office.config.team,
        "app_id": app.id,
        "app_installed_team_id": office.config.team,
        "bot_id": app.bot_id,
        "root_view_id": stack[0] if stack else id,
        "previous_view_id": stack[-1] if stack else None,
    }
    view = View(id, user, shown)
    replace(office, view, content)
    office.state.views[id] = view
    return view


def replace(office: Office, view: View, content: Json) -> Json:
    """Gives the view another content, and so another hash."""
    view.shown |= {
        "type": content["type"],
        "blocks": blockcheck.with_ids(content.get("blocks") or [], office.numbers),
        "private_metadata": content.get("private_metadata") or "",
        "callback_id": content.get("callback_id") or "",
        "external_id": content.get("external_id") or "",
        "title": content.get("title"),
        "submit": content.get("submit"),
        "close": content.get("close"),
        "clear_on_close": bool(content.get("clear_on_close")),
        "notify_on_close": bool(content.get("notify_on_close")),
        "state": {"values": {}},
        "hash": f"{int(office.clock())}.{office.numbers.secret('')}",
    }
    office.feed.tell("view", user=view.user, view=view.id)
    return view.shown


def show(office: Office, view: View) -> Json:
    """Puts it on top of the person's modals."""
    stack = office.state.stacks.setdefault(view.user, [])
    view.shown["root_view_id"] = stack[0] if stack else view.id
    view.shown["previous_view_id"] = stack[-1] if stack else None
    stack.append(view.id)
    return view.shown


METHODS = {
    "views.open": Method(_open),
    "views.publish": Method(_publish),
    "views.push": Method(_push),
    "views.update": Method(_update),
}
