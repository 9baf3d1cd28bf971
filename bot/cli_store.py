"""The commands about what is remembered: `learn`, `forget`."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Protocol

import typer

from bot import settings as configuration
from bot.advice.words import tame
from bot.checks import examine
from bot.cli import SOME_NOT, Compose, entries, print_error, shown_errors
from bot.errors import Shown
from bot.learning import LearnReport, Memory, learn
from bot.model import Exhibit, Facts, Report, Told
from bot.triage import Tools, read

_SUBJECT = re.compile(r"(?:[^\s@<>\"]{1,64}@)?(?:[^\s@.<>\"]{1,63}\.){1,8}[^\s@.<>\"]{2,63}")
"""An address or a domain, in letters of any language."""


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
            if not _SUBJECT.fullmatch(subject.strip()):
                message = f"{tame(subject, 100)!r} is neither an address nor a domain"
                raise Shown("no-subject", message, "Write maria@example.org, or example.org for the whole domain.")
            known = asyncio.run(_forget(open_memory, configuration.load(), subject))
        typer.echo(f"{subject}: {'forgotten' if known else 'nothing was known'}")


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
