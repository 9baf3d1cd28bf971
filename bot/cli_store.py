"""The commands about what is remembered: `learn`, `forget`; and `doctor`, which tries everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console

from bot import settings as configuration
from bot.checks import examine
from bot.cli import SOME_NOT, Compose, entries, print_error, shown_errors
from bot.errors import NotChecked, Shown
from bot.learning import LearnReport, Memory, learn
from bot.model import Exhibit, Facts, Report, Told
from bot.triage import Tools, read


class Memories(Memory, Protocol):
    """Where habits are kept, and can be taken out again."""

    async def forget(self, subject: str) -> bool: ...


class OpenMemory(Protocol):
    """Opens the store for writing and closes it."""

    def __call__(self, settings: configuration.Settings) -> AbstractAsyncContextManager[Memories]: ...


def add_to(app: typer.Typer, compose: Compose, open_memory: OpenMemory) -> None:
    """Register the commands."""

    @app.command("learn")
    def learn_command(
        paths: Annotated[list[Path], typer.Argument(help="Genuine mail: .eml files, folders, Maildirs, mbox files.")],
        offline: Annotated[bool | None, typer.Option("--offline/--online", help="Ask nothing of the network.")] = None,
        our_domain: Annotated[list[str] | None, typer.Option(help="A domain of ours (repeatable).")] = None,
    ) -> None:
        """Remember how genuine senders usually send. Only mail whose authentication holds teaches anything."""
        with shown_errors():
            domains = tuple(our_domain) if our_domain else None
            settings = configuration.load(offline=offline, our_domains=domains)
            unread = asyncio.run(_learn(compose, open_memory, settings, paths))
        raise typer.Exit(SOME_NOT if unread else 0)

    @app.command("forget")
    def forget_command(subject: Annotated[str, typer.Argument(help="An address or a domain.")]) -> None:
        """Take everything that is remembered of an address or domain out of the store."""
        with shown_errors():
            known = asyncio.run(_forget(open_memory, configuration.load(), subject))
        typer.echo(f"{subject}: {'forgotten' if known else 'nothing was known'}")

    @app.command("doctor")
    def doctor_command(
        offline: Annotated[bool | None, typer.Option("--offline/--online", help="Ask nothing of the network.")] = None,
    ) -> None:
        """Try settings, knowledge, GeoIP, DNS and the store, and say what doesn't work."""
        with shown_errors():
            wrong = asyncio.run(_doctor(compose, open_memory, configuration.load(offline=offline)))
        raise typer.Exit(SOME_NOT if wrong else 0)


async def _learn(compose: Compose, open_memory: OpenMemory, settings: configuration.Settings, paths: list[Path]) -> int:
    errors: list[Shown] = []
    async with compose(settings) as tools, open_memory(settings) as memory:
        report = await learn(_facts(paths, tools, errors), memory, tools.instruments.clock)
    print_learned(report)
    for error in errors:
        print_error(error)
    return len(errors)


async def _facts(paths: list[Path], tools: Tools, errors: list[Shown]) -> AsyncIterator[Facts]:
    for entry in entries(paths, tools.limits):
        try:
            if entry.error is not None:
                raise entry.error
            message = read(Report((Exhibit(entry.content, entry.label),)), tools)
        except Shown as error:
            errors.append(Shown(error.code, f"{entry.label}: {error.message}", error.hint))
            continue
        yield await examine(message, Told(), tools.instruments)


def print_learned(report: LearnReport) -> None:
    """What the mails taught."""
    typer.echo(
        f"Learned from {report.learned} mails of {report.addresses} addresses and {report.domains} domains"
        f"{f'; {report.known} were known already' if report.known else ''}."
    )
    for reason, count in report.skipped:
        typer.echo(f"  {count} taught nothing: {reason.value}")


async def _forget(open_memory: OpenMemory, settings: configuration.Settings, subject: str) -> bool:
    async with open_memory(settings) as memory:
        return await memory.forget(subject)


async def _doctor(compose: Compose, open_memory: OpenMemory, settings: configuration.Settings) -> int:
    """How many things don't work; each is said with its remedy."""
    console, wrong = Console(highlight=False, markup=False), 0
    async with compose(settings) as tools:
        console.print(f"knowledge   fine: {len(tools.rules)} rules, {len(tools.handbook.lists.brands)} brands")
        console.print(f"GeoIP       {tools.instruments.atlas.describe()}")
        console.print(f"contacts    {len(tools.instruments.directory.people())} people")
        wrong += await _try_dns(console, tools)
    wrong += await _try_store(console, open_memory, settings)
    return wrong


async def _try_dns(console: Console, tools: Tools) -> int:
    if tools.instruments.resolver is None:
        console.print("DNS         offline: nothing is asked")
        return 0
    try:
        async with asyncio.timeout(tools.instruments.deadline_s):
            await tools.instruments.resolver.look_up("iana.org", "MX")
    except (NotChecked, TimeoutError) as error:
        console.print(f"DNS         no answer ({error}): name a resolver in CHECKMAIL_DNS, or set CHECKMAIL_OFFLINE=1")
        return 1
    console.print("DNS         answers")
    return 0


async def _try_store(console: Console, open_memory: OpenMemory, settings: configuration.Settings) -> int:
    try:
        async with open_memory(settings):
            console.print(
                f"store       {'REDIS_URL' if settings.redis_url else settings.data_dir} answers", soft_wrap=True
            )
    except Shown as error:
        console.print(f"store       {error.message} {error.hint}", soft_wrap=True)
        return 1
    return 0
