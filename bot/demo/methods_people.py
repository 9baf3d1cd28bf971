"""auth.test, apps.connections.open, users.*, usergroups.*, team.info, bots.info"""

from bot.demo.calls import Call, Method
from bot.demo.config import Kind
from bot.demo.shapes import bot_json, group_json, user_json
from bot.demo.wire import Json, Refused


def _auth(call: Call) -> Json:
    config = call.office.config
    return {
        "url": f"{call.office.base}/",
        "team": config.name,
        "user": config.app.name,
        "team_id": config.team,
        "user_id": call.token.user,
        "bot_id": config.app.bot_id,
        "is_enterprise_install": False,
    }


def _connect(call: Call) -> Json:
    base = call.office.base.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={call.office.sockets.ticket()}&app_id={call.office.config.app.id}"}


def _users(call: Call) -> Json:
    email = "users:read.email" in call.token.scopes
    page, more = call.page(list(call.state.users.values()), 200)
    return {"members": [user_json(person, call.office.config, email=email) for person in page], "cache_ts": 1, **more}


def _user(call: Call) -> Json:
    email = "users:read.email" in call.token.scopes
    person = call.state.user(call.required("user", "user_not_found"))
    shown = user_json(person, call.office.config, email=email and person.kind is not Kind.STRANGER)
    if not call.flag("include_locale"):
        shown.pop("locale", None)
    return {"user": shown}


def _by_email(call: Call) -> Json:
    person = call.state.by_email.get(call.required("email").strip().lower())
    if person is None or person.deleted or person.kind is Kind.STRANGER:
        raise Refused("users_not_found")
    return {"user": user_json(person, call.office.config, email=True)}


def _groups(call: Call) -> Json:
    groups = [group_json(g, call.office.config, users=call.flag("include_users")) for g in call.office.config.groups]
    return {"usergroups": groups}


def _group_users(call: Call) -> Json:
    wanted = call.required("usergroup", "no_such_subteam")
    for group in call.office.config.groups:
        if group.id == wanted:
            return {"users": list(group.users)}
    raise Refused("no_such_subteam")


def _team(call: Call) -> Json:
    config = call.office.config
    return {"team": {"id": config.team, "name": config.name, "domain": config.domain, "email_domain": "", "icon": {}}}


def _bot(call: Call) -> Json:
    config = call.office.config
    if call.text("bot") not in ("", config.app.bot_id):
        raise Refused("bot_not_found")
    return {"bot": bot_json(config)}


METHODS = {
    "apps.connections.open": Method(_connect, ("connections:write",), app_level=True),
    "auth.test": Method(_auth),
    "bots.info": Method(_bot, ("users:read",), takes_json=False),
    "team.info": Method(_team, ("team:read",), takes_json=False),
    "usergroups.list": Method(_groups, ("usergroups:read",), takes_json=False),
    "usergroups.users.list": Method(_group_users, ("usergroups:read",), takes_json=False),
    "users.info": Method(_user, ("users:read",), takes_json=False),
    "users.list": Method(_users, ("users:read",), takes_json=False),
    "users.lookupByEmail": Method(_by_email, ("users:read.email",), takes_json=False),
}
