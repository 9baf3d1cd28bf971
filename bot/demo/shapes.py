"""How people, channels, files and bots look as Slack's JSON objects."""

import mimetypes
from pathlib import PurePath

from bot.demo.config import Config, Group, Kind, Person
from bot.demo.state import Channel, File
from bot.demo.wire import Json

_PRETTY = {"text": "Plain Text", "email": "Email", "pdf": "PDF", "png": "PNG", "binary": "Binary", "zip": "Zip"}


def user_json(person: Person, config: Config, *, email: bool) -> Json:
    """A user object; `email` where the token has users:read.email. Guests and strangers are marked as Slack does."""
    profile: Json = {
        "real_name": person.real_name or person.name,
        "real_name_normalized": person.real_name or person.name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "team": person.team or config.team,
        "title": "",
        "status_text": "",
    }
    if email and person.email:
        profile["email"] = person.email
    stranger = person.kind is Kind.STRANGER
    shown: Json = {
        "id": person.id,
        "team_id": person.team or config.team,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name or person.name,
        "profile": profile,
        "is_bot": person.kind is Kind.BOT,
        "is_app_user": False,
        "updated": 1,
    }
    if stranger:
        return shown | {"is_stranger": True}
    if person.deleted:
        return shown
    return shown | {
        "tz": "Europe/Berlin",
        "tz_offset": 3600,
        "locale": person.locale,
        "is_admin": person.kind is Kind.ADMIN,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.kind in (Kind.GUEST, Kind.SINGLE_GUEST),
        "is_ultra_restricted": person.kind is Kind.SINGLE_GUEST,
    }


def channel_json(channel: Channel, config: Config) -> Json:
    direct = channel.kind == "im"
    shown: Json = {
        "id": channel.id,
        "created": 1,
        "is_archived": channel.archived,
        "is_im": direct,
        "is_org_shared": False,
        "context_team_id": config.team,
    }
    if direct:
        return shown | {"user": next(user for user in channel.members if user != config.app.bot_user)}
    return shown | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_mpim": False,
        "is_private": channel.kind == "group",
        "is_member": config.app.bot_user in channel.members,
        "is_general": channel.name == "general",
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def bot_json(config: Config) -> Json:
    app = config.app
    return {
        "id": app.bot_id,
        "deleted": False,
        "name": app.name,
        "updated": 1,
        "app_id": app.id,
        "user_id": app.bot_user,
        "team_id": config.team,
    }


def group_json(group: Group, config: Config, *, users: bool) -> Json:
    shown: Json = {
        "id": group.id,
        "team_id": config.team,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return shown | ({"users": list(group.users)} if users else {})


def file_json(id: str, name: str, size: int, user: str, config: Config, base: str, now: int) -> Json:
    """A hosted file. Slack's own filetype for .eml isn't known; "binary" is what it gives to the unknown."""
    suffix = PurePath(name).suffix.lower()
    known = {".txt": "text", ".pdf": "pdf", ".png": "png", ".zip": "zip"}.get(suffix, "binary")
    mime = {".eml": "message/rfc822", ".msg": "application/vnd.ms-outlook"}.get(suffix) or mimetypes.guess_type(name)[0]
    path = f"{base}/files-pri/{config.team}-{id}"
    return {
        "id": id,
        "created": now,
        "timestamp": now,
        "name": name,
        "title": name,
        "mimetype": mime or "application/octet-stream",
        "filetype": known,
        "pretty_type": _PRETTY[known],
        "user": user,
        "user_team": config.team,
        "editable": False,
        "size": size,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{path}/{slug(name)}",
        "url_private_download": f"{path}/download/{slug(name)}",
        "permalink": f"{base}/files/{user}/{id}/{slug(name)}",
        "file_access": "visible",
    }


def snippet_json(shown: Json, text: str) -> Json:
    """The same as a snippet; `preview` is cut as Slack cuts it."""
    lines = text.split("\n")
    preview = "\n".join(lines[:5])[:400]
    return shown | {
        "mode": "snippet",
        "filetype": "text",
        "pretty_type": "Plain Text",
        "mimetype": "text/plain",
        "editable": True,
        "preview": preview,
        "lines": len(lines),
        "lines_more": max(0, len(lines) - 5),
        "preview_is_truncated": preview != text,
    }


def shared_file(file: File, stub_mail: bool) -> Json:
    """As an event shows it: whole, or only its id where the app has to ask `files.info`."""
    if file.check_info:
        return {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
    if stub_mail and file.shown["mode"] == "email":
        return {name: file.shown[name] for name in ("id", "mode", "filetype", "name", "file_access")}
    return file.shown


def slug(name: str) -> str:
    """A file's name as it stands in its URL."""
    return "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name
    ).lower()
