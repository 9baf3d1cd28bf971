"""chat.*, reactions.*, assistant.threads.*, functions.*"""

from typing import Any

from bot.demo import blockcheck
from bot.demo.calls import Call, Method
from bot.demo.state import Channel
from bot.demo.wire import Json, Refused

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
LONGEST_METADATA = 16_000


def own_message(call: Call, args: Json) -> Json:
    """A message of the bot from a call's arguments. Raises Refused where Slack wouldn't take it."""
    text = str(args.get("text") or "")
    blocks = checked_blocks(call, args.get("blocks"))
    if not text.strip() and not blocks and not args.get("attachments"):
        raise Refused("no_text")
    app = call.office.config.app
    message: Json = {"user": app.bot_user, "bot_id": app.bot_id, "app_id": app.id, "text": text}
    message |= {"team": call.office.config.team, "bot_profile": {"id": app.bot_id, "name": app.name, "app_id": app.id}}
    if blocks and call.office.config.habits.keep_blocks:
        message["blocks"] = blocks
    if args.get("metadata"):
        message["metadata"] = _metadata(args["metadata"])
    return message


def checked_blocks(call: Call, blocks: Any) -> list[Json]:
    if blocks in (None, "", []):
        return []
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if call.office.config.habits.check_blocks:
        blockcheck.check_message(blocks)
    return blockcheck.with_ids(blocks, call.office.numbers)


def _metadata(metadata: Any) -> Json:
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if len(str(metadata["event_payload"])) > LONGEST_METADATA:
        raise Refused("metadata_too_large")
    return metadata


def _post(call: Call) -> Json:
    channel = _open(call)
    if len(call.text("text")) > LONGEST_POST:
        raise Refused("msg_too_long")
    message = own_message(call, call.args)
    thread = call.text("thread_ts")
    if thread:
        message["thread_ts"] = _root(channel, thread)
    metadata = message.get("metadata")
    posted = call.office.post(channel, message)
    call.office.log.posted(channel.id, thread, metadata)
    call.state.status.pop((channel.id, thread), None)
    return {"channel": channel.id, "ts": posted["ts"], "message": {k: v for k, v in posted.items() if k != "metadata"}}


def _open(call: Call) -> Channel:
    """Here alone a person's id stands for their direct message (docs.slack.dev: chat.postMessage, "Channels")."""
    id = call.required("channel", "channel_not_found")
    channel = call.office.direct(id) if id in call.state.users else call.joined(call.channel())
    if channel.archived:
        raise Refused("is_archived")
    return channel


def _root(channel: Channel, ts: str) -> str:
    """The thread's root: a reply's ts stands for its own thread."""
    found = channel.messages.get(ts)
    return str(found.get("thread_ts", ts)) if found else ts


def _update(call: Call) -> Json:
    channel = call.joined(call.channel())
    message = call.state.message(channel, call.required("ts", "message_not_found"))
    if message.get("bot_id") != call.office.config.app.bot_id:
        raise Refused("cant_update_message")
    if len(call.text("text")) > LONGEST_UPDATE:
        raise Refused("msg_too_long")
    before = dict(message)
    new = own_message(call, call.args)
    if "blocks" not in call.args and "text" in call.args:
        message.pop("blocks", None)
    message |= {name: new[name] for name in ("text", "blocks", "metadata") if name in new}
    if "blocks" not in new:
        message["edited"] = {"user": new["user"], "ts": call.office.numbers.ts()}
    call.office.changed(channel, before, message)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}


def _delete(call: Call) -> Json:
    channel = call.joined(call.channel())
    message = call.state.message(channel, call.required("ts", "message_not_found"))
    if message.get("bot_id") != call.office.config.app.bot_id:
        raise Refused("cant_delete_message")
    del channel.messages[message["ts"]]
    for replies in channel.replies.values():
        if message["ts"] in replies:
            replies.remove(message["ts"])
    call.office.changed(channel, message, None)
    return {"channel": channel.id, "ts": message["ts"]}


def _ephemeral(call: Call) -> Json:
    channel = call.joined(call.channel())
    user = call.required("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    message = own_message(call, call.args)
    if call.text("thread_ts"):
        message["thread_ts"] = call.text("thread_ts")
    return {"message_ts": call.office.whisper(channel.id, user, message)}


def _permalink(call: Call) -> Json:
    channel = call.channel()
    ts = call.required("message_ts", "message_not_found")
    message = call.state.message(channel, ts)
    link = f"{call.office.base}/archives/{channel.id}/p{ts.replace('.', '')}"
    thread = message.get("thread_ts")
    return {"channel": channel.id, "permalink": link + (f"?thread_ts={thread}&cid={channel.id}" if thread else "")}


def _react(call: Call) -> Json:
    message, name, us = _reaction(call)
    for reaction in message.setdefault("reactions", []):
        if reaction["name"] == name:
            if us in reaction["users"]:
                raise Refused("already_reacted")
            reaction["users"].append(us)
            reaction["count"] += 1
            return {}
    message["reactions"].append({"name": name, "users": [us], "count": 1})
    return {}


def _unreact(call: Call) -> Json:
    message, name, us = _reaction(call)
    for reaction in message.get("reactions", []):
        if reaction["name"] == name and us in reaction["users"]:
            reaction["users"].remove(us)
            reaction["count"] -= 1
            message["reactions"] = [other for other in message["reactions"] if other["count"]]
            return {}
    raise Refused("no_reaction")


def _reaction(call: Call) -> tuple[Json, str, str]:
    channel = call.joined(call.channel())
    name = call.required("name", "invalid_name").strip(":")
    message = call.state.message(channel, call.required("timestamp", "no_item_specified"))
    call.office.feed.tell("changed", channel=channel.id, ts=message["ts"])
    return message, name, call.token.user


def _status(call: Call) -> Json:
    channel = call.state.channel(call.required("channel_id"))
    key = (channel.id, call.required("thread_ts"))
    call.state.status.pop(key, None)
    if call.text("status"):
        call.state.status[key] = call.text("status")
    call.office.feed.tell("status", channel=channel.id, thread=key[1])
    return {}


def _prompts(call: Call) -> Json:
    channel = call.state.channel(call.required("channel_id"))
    prompts = call.args.get("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise Refused("invalid_arguments")
    if not all(isinstance(prompt, dict) and prompt.get("title") and prompt.get("message") for prompt in prompts):
        raise Refused("invalid_arguments")
    call.state.prompts[channel.id] = {"title": call.text("title"), "prompts": prompts}
    call.office.feed.tell("prompts", channel=channel.id)
    return {}


def _succeed(call: Call) -> Json:
    outputs = call.args.get("outputs")
    if not isinstance(outputs, dict):
        raise Refused("invalid_arguments")
    return _complete(call, "succeeded", outputs, "")


def _fail(call: Call) -> Json:
    return _complete(call, "failed", {}, call.required("error"))


def _complete(call: Call, status: str, outputs: Json, error: str) -> Json:
    run = call.state.executions.get(call.required("function_execution_id"))
    if run is None:
        raise Refused("function_execution_not_found")
    if run.status != "running":
        raise Refused("invalid_function_execution_state")
    run.status, run.outputs, run.error = status, outputs, error
    call.office.feed.tell("step", execution=run.id)
    return {}


METHODS = {
    "assistant.threads.setStatus": Method(_status, ("assistant:write",)),
    "assistant.threads.setSuggestedPrompts": Method(_prompts, ("assistant:write",)),
    "chat.delete": Method(_delete, ("chat:write",)),
    "chat.getPermalink": Method(_permalink, takes_json=False),
    "chat.postEphemeral": Method(_ephemeral, ("chat:write",)),
    "chat.postMessage": Method(_post, ("chat:write",)),
    "chat.update": Method(_update, ("chat:write",)),
    "functions.completeError": Method(_fail),
    "functions.completeSuccess": Method(_succeed),
    "reactions.add": Method(_react, ("reactions:write",)),
    "reactions.remove": Method(_unreact, ("reactions:write",)),
}
