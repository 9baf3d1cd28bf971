"""`checkmail doctor`: tries settings, knowledge, GeoIP, DNS, the store and Slack, and says how to mend each."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console

from bot import settings as configuration
from bot.checkup import Checked
from bot.cli import SOME_NOT, Compose, shown_errors
from bot.errors import NotChecked, Shown
from bot.triage import Tools

OLD_DAYS = 200
"""Addresses move: a GeoIP file older than that misleads. GeoLite2 comes out twice a week."""
_COLUMN = 11


class LookAtStore(Protocol):
    """What can be tried of the store, the queue in it, and how they are. Raises Shown where it doesn't open."""

    def __call__(self, settings: configuration.Settings) -> Iterable[Checked]: ...


def add_to(app: typer.Typer, compose: Compose, look_at_store: LookAtStore) -> None:
    """Register the command."""

    @app.command("doctor")
    def doctor_command(
        offline: Annotated[bool | None, typer.Option("--offline/--online", help="Ask nothing of the network.")] = None,
    ) -> None:
        """Try settings, knowledge, GeoIP, DNS, the store and Slack; say what doesn't work and how to mend it."""
        with shown_errors():
            settings = configuration.load(offline=offline)
            console = Console(highlight=False, markup=False)
            wrong = asyncio.run(_report(console, _everything(settings, compose, look_at_store)))
        raise typer.Exit(SOME_NOT if wrong else 0)


async def _report(console: Console, found: AsyncIterator[Checked]) -> int:
    return sum([_say(console, checked) async for checked in found])


def _say(console: Console, checked: Checked) -> bool:
    """Prints one line, and its remedy below; whether something is wrong."""
    console.print(f"{checked.what:<{_COLUMN}} {checked.text}", soft_wrap=True)
    if checked.remedy:
        console.print(f"{'':<{_COLUMN}} → {checked.remedy}", soft_wrap=True)
    return checked.wrong


async def _everything(
    settings: configuration.Settings, compose: Compose, look_at_store: LookAtStore
) -> AsyncIterator[Checked]:
    for each in _misspelt():
        yield each
    public: frozenset[str] = frozenset()
    async with compose(settings) as tools:
        lists = tools.handbook.lists
        public = lists.freemail
        yield Checked("knowledge", f"fine: {len(tools.rules)} rules, {len(lists.brands)} brands")
        yield geoip_age(tools.instruments.atlas.describe(), datetime.now(UTC))
        yield Checked("contacts", f"{len(tools.instruments.directory.people())} people")
        yield await _dns(tools)
    try:
        for each in look_at_store(settings):
            yield each
    except Shown as error:
        yield Checked("store", error.message, error.hint)
    if not settings.offline:
        for each in _slack(settings, public):
            yield each


def _misspelt() -> Iterator[Checked]:
    """Variables that nothing reads, from the environment and `.env`."""
    names = set(os.environ)
    try:
        lines = Path(".env").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    names |= {
        match.group(1) for line in lines if (match := re.match(r"\s*(?:export\s+)?([A-Za-z_]\w{0,80})\s*=", line))
    }
    for name, likely in configuration.misspelt(names):
        remedy = f"Did you mean {likely}?" if likely else "Take it out; the README lists all of them."
        yield Checked("settings", f"{name} is no setting", remedy)


def geoip_age(described: str, now: datetime) -> Checked:
    """The GeoIP files, with their age told where it is too old to be believed."""
    dates = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in re.findall(r"\d{4}-\d{2}-\d{2}", described)]
    oldest = min(dates, default=now)
    days = (now - oldest).days
    if days <= OLD_DAYS:
        return Checked("GeoIP", described)
    return Checked(
        "GeoIP",
        f"{described}; {days} days old",
        "Fetch newer files and name them in CHECKMAIL_GEOIP_CITY and CHECKMAIL_GEOIP_ASN, or update this program.",
    )


async def _dns(tools: Tools) -> Checked:
    if tools.instruments.resolver is None:
        return Checked("DNS", "offline: nothing is asked")
    try:
        async with asyncio.timeout(tools.instruments.deadline_s):
            await tools.instruments.resolver.look_up("iana.org", "MX")
    except (NotChecked, TimeoutError) as error:
        return Checked("DNS", f"no answer ({error})", "Name a resolver in CHECKMAIL_DNS, or set CHECKMAIL_OFFLINE=1.")
    return Checked("DNS", "answers")


def _slack(settings: configuration.Settings, public: frozenset[str]) -> Iterable[Checked]:
    # Slack's client takes a tenth of a second to import, which no other command needs.
    from handlers.checkup import Wanted, look_at

    token = settings.slack_bot_token.get_secret_value()
    if not token:
        return [Checked("Slack", "not set up: SLACK_BOT_TOKEN isn't set (the README says how)")]
    socket = settings.mode is configuration.Mode.SOCKET
    missing = [
        Checked("Slack", f"{name} isn't set", f"CHECKMAIL_MODE={settings.mode.value} needs it: {where}.")
        for name, value, due, where in (
            ("SLACK_APP_TOKEN", settings.slack_app_token, socket, configuration.APP_TOKEN_AT),
            ("SLACK_SIGNING_SECRET", settings.slack_signing_secret, not socket, configuration.SECRET_AT),
        )
        if due and not value.get_secret_value()
    ]
    wanted = Wanted(
        token,
        settings.slack_app_token.get_secret_value() if socket else "",
        settings.slack_api_url,
        settings.help_desk_channels,
        settings.technicians_channel,
        settings.technicians_group,
        settings.our_domains,
        public,
    )
    return [*missing, *look_at(wanted)]
