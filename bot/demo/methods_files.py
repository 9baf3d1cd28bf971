"""files.*, and what becomes of an upload that the app finishes."""

from bot.demo.calls import Call, Method
from bot.demo.shapes import file_json, shared_file
from bot.demo.state import File
from bot.demo.wire import Json, Refused


def _info(call: Call) -> Json:
    file = call.state.file(call.required("file", "file_not_found"))
    if not visible(call, file):
        raise Refused("file_not_found")
    return {"file": file.shown, "comments": [], "response_metadata": {"next_cursor": ""}}


def visible(call: Call, file: File) -> bool:
    """Whether the bot made it, is where it was shared, or got it by its form."""
    bot = call.office.config.app.bot_user
    if file.handed_in or file.shown["user"] == bot:
        return True
    return any(bot in call.state.channels[id].members for id in file.channels)


def _upload_url(call: Call) -> Json:
    name = call.required("filename")
    length = int(call.number("length", 0))
    id = call.office.numbers.id("F")
    office = call.office
    shown = file_json(id, name, length, call.token.user, office.config, office.base, int(office.clock()))
    ticket = office.numbers.secret("u")
    call.state.uploads[ticket] = File(id, shown, b"")
    return {"upload_url": f"{office.base}/upload/v1/{ticket}", "file_id": id}


def _complete(call: Call) -> Json:
    wanted = call.args.get("files")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("invalid_arguments")
    waiting = {file.id: (ticket, file) for ticket, file in call.state.uploads.items()}
    done = []
    for entry in wanted:
        if not isinstance(entry, dict) or entry.get("id") not in waiting:
            raise Refused("file_not_found")
        ticket, file = waiting[entry["id"]]
        file.shown["title"] = entry.get("title") or file.shown["name"]
        del call.state.uploads[ticket]
        done.append(call.office.keep(file))
    if call.text("channel_id"):
        _share(call, done)
    return {"files": [file.shown for file in done]}


def _share(call: Call, files: list[File]) -> None:
    channel = call.joined(call.state.channel(call.text("channel_id")))
    app = call.office.config.app
    for file in files:
        file.channels.add(channel.id)
    message: Json = {"user": app.bot_user, "bot_id": app.bot_id, "subtype": "file_share", "upload": True}
    message |= {"text": call.text("initial_comment"), "files": [shared_file(file, False) for file in files]}
    if call.text("thread_ts"):
        message["thread_ts"] = call.text("thread_ts")
    call.office.post(channel, message)


METHODS = {
    "files.completeUploadExternal": Method(_complete, ("files:write",)),
    "files.getUploadURLExternal": Method(_upload_url, ("files:write",), takes_json=False),
    "files.info": Method(_info, ("files:read",), takes_json=False),
}
