"""conversations.*"""

from bot.demo.calls import HISTORY, READ, Call, Method
from bot.demo.shapes import channel_json
from bot.demo.state import Channel
from bot.demo.wire import Json, Refused


def _open(call: Call) -> Json:
    if call.text("channel"):
        channel = call.channel()
    else:
        users = [user for user in call.required("users", "users_list_not_supplied").split(",") if user]
        if len(users) != 1:
            raise Refused("not_enough_users" if not users else "method_not_supported_for_channel_type")
        if users[0] == call.office.config.app.bot_user:
            raise Refused("cannot_dm_bot")
        channel = call.office.direct(users[0])
    if call.flag("return_im"):
        return {"channel": channel_json(channel, call.office.config), "no_op": True, "already_open": True}
    return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}


def _seen(call: Call, scopes: dict[str, str]) -> Channel:
    """The channel that a call names, if its token may see that kind and the bot is in it."""
    channel = call.state.channel(call.required("channel", "channel_not_found"))
    call.needs(scopes[channel.kind])
    return channel if channel.kind == "channel" and scopes is READ else call.joined(channel)


def _info(call: Call) -> Json:
    return {"channel": channel_json(_seen(call, READ), call.office.config)}


def _list(call: Call) -> Json:
    return _listed(call, everyones=True)


def _of_the_bot(call: Call) -> Json:
    return _listed(call, everyones=False)


def _listed(call: Call, *, everyones: bool) -> Json:
    types = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    try:
        kinds = {types[name.strip()] for name in (call.text("types") or "public_channel").split(",")}
    except KeyError:
        raise Refused("invalid_types") from None
    call.needs(*(READ[kind] for kind in sorted(kinds)))
    bot = call.office.config.app.bot_user
    found = [
        channel_json(channel, call.office.config)
        for channel in call.state.channels.values()
        if channel.kind in kinds and (bot in channel.members or (everyones and channel.kind == "channel"))
    ]
    page, more = call.page(found, 100)
    return {"channels": page, **more}


def _members(call: Call) -> Json:
    page, more = call.page(_seen(call, READ).members, 100)
    return {"members": page, **more}


def _history(call: Call) -> Json:
    channel = _seen(call, HISTORY)
    roots = [m for m in channel.messages.values() if m.get("thread_ts", m["ts"]) == m["ts"]]
    page, more = call.page(_within(call, roots)[::-1], 100)
    return {"messages": _shown(call, channel, page), "has_more": bool(_cursor(more)), "pin_count": 0, **more}


def _replies(call: Call) -> Json:
    channel = _seen(call, HISTORY)
    ts = call.required("ts", "thread_not_found")
    root = channel.messages.get(ts)
    if root is None and ts not in channel.replies:
        raise Refused("thread_not_found")
    replies = [channel.messages[reply] for reply in channel.replies.get(ts, []) if reply in channel.messages]
    page, more = call.page(([root] if root else []) + _within(call, replies), 1000)
    return {"messages": _shown(call, channel, page), "has_more": bool(_cursor(more)), **more}


def _within(call: Call, messages: list[Json]) -> list[Json]:
    oldest, latest = call.number("oldest", 0.0), call.number("latest", float("inf"))
    edge = call.flag("inclusive")
    return [
        message
        for message in messages
        if oldest < float(message["ts"]) < latest or (edge and float(message["ts"]) in (oldest, latest))
    ]


def _shown(call: Call, channel: Channel, messages: list[Json]) -> list[Json]:
    hidden = () if call.flag("include_all_metadata") else ("metadata",)
    shown = [{name: value for name, value in message.items() if name not in hidden} for message in messages]
    for message in shown:
        replies = channel.replies.get(message["ts"])
        if replies:
            message |= {"thread_ts": message["ts"], "reply_count": len(replies), "latest_reply": replies[-1]}
    return shown


def _cursor(more: Json) -> str:
    return str(more["response_metadata"]["next_cursor"])


METHODS = {
    "conversations.history": Method(_history, takes_json=False),
    "conversations.info": Method(_info, takes_json=False),
    "conversations.list": Method(_list, takes_json=False),
    "conversations.members": Method(_members, takes_json=False),
    "conversations.open": Method(_open, ("im:write",)),
    "conversations.replies": Method(_replies, takes_json=False),
    "users.conversations": Method(_of_the_bot, takes_json=False),
}
