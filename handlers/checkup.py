"""Slack's side of `checkmail doctor`: tokens, scopes, channels, the technicians' group, and whose clock is wrong."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import resources
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.checkup import Checked
from handlers.calls import REFUSED, code_of, make_client

SKEW_S = 60.0
"""Slack's signatures hold for 5 minutes; a clock that is a minute off is on its way there."""
_PAGES = 50
"""Of a thousand channels each."""
_SAMPLE = 200
"""Members whose addresses are looked at."""
APPS = "api.slack.com/apps, your app"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say of Slack."""

    bot_token: str
    app_token: str
    """"" in HTTP mode."""
    api_url: str
    channels: tuple[str, ...] = ()
    technicians_channel: str = ""
    technicians_group: str = ""
    our_domains: tuple[str, ...] = ()
    public_domains: frozenset[str] = frozenset()
    """Of mailboxes that anybody can have: nobody's own."""


def look_at(wanted: Wanted, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Checked]:
    """Everything that can be tried from outside, one by one; raises nothing."""
    bot = make_client(wanted.bot_token, wanted.api_url, timeout_s=10)
    try:
        told = bot.auth_test()
    except REFUSED as refused:
        yield _refused("bot token", "SLACK_BOT_TOKEN", code_of(refused))
        return
    yield Checked("bot token", f"fine: {told.get('user')} in {told.get('team')}")
    yield _scopes(told)
    yield _clock(told, now())
    if wanted.app_token:
        yield _socket(wanted)
    yield from _channels(bot, wanted)
    if wanted.technicians_group:
        yield _group(bot, wanted.technicians_group)
    yield from _domains(bot, wanted)


def needed_scopes() -> frozenset[str]:
    """The bot's scopes in handlers/manifest.json."""
    told = json.loads(resources.files("handlers").joinpath("manifest.json").read_text("utf-8"))
    return frozenset(told["oauth_config"]["scopes"]["bot"])


def _scopes(told: SlackResponse) -> Checked:
    listed = _header(told, "x-oauth-scopes")
    if listed is None:
        return Checked("scopes", "Slack doesn't say which the token has")
    missing = sorted(needed_scopes() - {scope.strip() for scope in listed.split(",")})
    if not missing:
        return Checked("scopes", "fine: all of the manifest's")
    return Checked(
        "scopes",
        f"missing: {', '.join(missing)}",
        f'Add them at {APPS}, "OAuth & Permissions", "Bot Token Scopes", then "Reinstall to Workspace".',
    )


def _clock(told: SlackResponse, now: datetime) -> Checked:
    date = _header(told, "date")
    if date is None:
        return Checked("clock", "Slack doesn't say what time it is")
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return Checked("clock", "Slack says no time that can be read")
    off = (now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))).total_seconds()
    if abs(off) <= SKEW_S:
        return Checked("clock", "fine")
    ahead = "ahead of" if off > 0 else "behind"
    return Checked(
        "clock", f"{abs(off):.0f} s {ahead} Slack's", "Let the machine set its clock (NTP); signatures fail otherwise."
    )


def _socket(wanted: Wanted) -> Checked:
    app = make_client(wanted.app_token, wanted.api_url, timeout_s=10)
    try:
        app.apps_connections_open(app_token=wanted.app_token)
    except REFUSED as refused:
        code = code_of(refused)
        if code == "ratelimited":
            return Checked("app token", "Slack knows it, but too many connections were opened this minute")
        return _refused("app token", "SLACK_APP_TOKEN", code)
    return Checked("app token", "fine: Socket Mode opens")


def _channels(bot: WebClient, wanted: Wanted) -> Iterator[Checked]:
    settings = [("CHECKMAIL_HELP_DESK_CHANNELS", channel) for channel in wanted.channels]
    if wanted.technicians_channel:
        settings.append(("CHECKMAIL_TECHNICIANS_CHANNEL", wanted.technicians_channel))
    if not settings:
        return
    try:
        known = _all_channels(bot)
    except REFUSED as refused:
        code = code_of(refused)
        yield Checked("channels", f"can't be listed: {code}", _remedy(code, "channels:read and groups:read"))
        return
    for variable, name in settings:
        yield _channel(variable, name, known)


def _channel(variable: str, name: str, known: tuple[dict[str, Any], ...]) -> Checked:
    shown = name if name.isupper() else f"#{name}"
    found = next((each for each in known if name in (each.get("id"), each.get("name"))), None)
    if found is None:
        return Checked(
            "channel",
            f"{shown} ({variable}) isn't there, or it is private and the bot isn't in it",
            "Check its name; in a private channel write /invite @checkmail.",
        )
    if found.get("is_archived"):
        return Checked(
            "channel", f"{shown} ({variable}) is archived", "Name another one, or take it out of the archive."
        )
    if not found.get("is_member"):
        return Checked("channel", f"the bot isn't in {shown} ({variable})", f"Write /invite @checkmail in {shown}.")
    return Checked("channel", f"fine: the bot is in {shown}")


def _all_channels(bot: WebClient) -> tuple[dict[str, Any], ...]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = bot.conversations_list(types="public_channel,private_channel", limit=1000, cursor=cursor)
        found += page.get("channels") or []
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return tuple(found)


def _group(bot: WebClient, name: str) -> Checked:
    try:
        groups = bot.usergroups_list(include_count=True).get("usergroups") or []
    except REFUSED as refused:
        code = code_of(refused)
        return Checked("group", f"the technicians' group can't be looked up: {code}", _remedy(code, "usergroups:read"))
    found = next((each for each in groups if name in (each.get("id"), each.get("handle"))), None)
    if found is None:
        return Checked(
            "group",
            f"@{name} (CHECKMAIL_TECHNICIANS_GROUP) isn't there",
            "Check its handle, or make it: Slack, People, User groups (paid plans).",
        )
    if not int(found.get("user_count") or 0):
        return Checked("group", f"@{name} has no members", "Add the technicians to it.")
    return Checked("group", f"fine: @{found.get('handle')}, {found.get('user_count')} people")


def _domains(bot: WebClient, wanted: Wanted) -> Iterator[Checked]:
    """Domains that many of the staff have their addresses in, and that the settings don't call ours."""
    try:
        members = bot.users_list(limit=_SAMPLE).get("members") or []
    except REFUSED as refused:
        code = code_of(refused)
        yield Checked("people", f"can't be listed: {code}", _remedy(code, "users:read and users:read.email"))
        return
    counted = Counter(filter(None, map(_domain, members)))
    if not counted:
        yield Checked("people", "nobody's address can be seen", _remedy("missing_scope", "users:read.email"))
        return
    most = counted.most_common(1)[0][1]
    known = {domain.lower() for domain in wanted.our_domains} | wanted.public_domains
    missing = [domain for domain, count in counted.most_common(5) if count * 4 >= most and domain not in known]
    if missing:
        yield Checked(
            "our domains",
            f"staff have addresses in {', '.join(missing)}, which CHECKMAIL_OUR_DOMAINS doesn't name",
            f"If that is yours, set CHECKMAIL_OUR_DOMAINS={','.join((*wanted.our_domains, *missing))}.",
        )
    else:
        yield Checked("our domains", "fine: those of the staff's addresses")


def _domain(member: dict[str, Any]) -> str:
    """Of a member of staff; "" for anybody else."""
    if member.get("deleted") or member.get("is_bot") or member.get("is_restricted") or member.get("is_stranger"):
        return ""
    return str((member.get("profile") or {}).get("email") or "").lower().rpartition("@")[2]


def _refused(what: str, variable: str, code: str) -> Checked:
    return Checked(what, f"Slack doesn't take {variable}: {code}", _remedy(code, "connections:write"))


def _remedy(code: str, scopes: str) -> str:
    if code == "missing_scope":
        return f"It needs {scopes}: add it at {APPS}, and reinstall."
    if code in ("URLError", "TimeoutError", "RemoteDisconnected", "ConnectionRefusedError", "ConnectionResetError"):
        return "Slack can't be reached: check the network, the proxy (HTTPS_PROXY) and SLACK_API_URL."
    if code == "ratelimited":
        return "Slack asks to wait: try again in a minute."
    return f"Copy the token anew from {APPS}; was the app removed or reinstalled?"


def _header(told: SlackResponse, name: str) -> str | None:
    """A header of the response; slack_sdk hands them on as they came, a list or a string each."""
    for key, value in (told.headers or {}).items():
        if str(key).lower() == name:
            return str(value[0]) if isinstance(value, list) else str(value)
    return None
