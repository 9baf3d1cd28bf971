"""The composition root: the only place that knows concrete adapters."""

import io
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import typer

from bot import cli, cli_doctor, cli_jobs, cli_serve, cli_store, cli_weights, handbook, running
from bot.adapters import embedded
from bot.adapters.clock import SystemClock
from bot.adapters.contacts import Contacts
from bot.adapters.geoip import GeoAtlas
from bot.checks import Instruments
from bot.checks.names import name_words
from bot.checkup import Checked
from bot.errors import StoreUnavailable
from bot.ports import Casebook, Directory, Meter, Resolver
from bot.rules import all_rules
from bot.settings import Settings
from bot.triage import Tools

if TYPE_CHECKING:
    from bot.adapters.casebook import RedisCasebook

log = structlog.get_logger()


@asynccontextmanager
async def compose(
    settings: Settings, directory: Directory | None = None, meter: Meter | None = None
) -> AsyncIterator[Tools]:
    """The tools of one run; `directory` in place of the owner's contacts alone, look-ups told to `meter`.

    Raises Shown where a setting, a file or knowledge/ is wrong.
    """
    known = handbook.load(rules=[rule.id for rule in all_rules()])
    async with AsyncExitStack() as stack:
        resolver = None if settings.offline else _resolver(settings, stack, meter)
        instruments = Instruments(
            lists=known.lists,
            phrases=known.phrases,
            link_lists=known.link_lists,
            forwarders=known.forwarders,
            servers=known.servers,
            trust=settings.trust,
            atlas=GeoAtlas(city=settings.geoip_city, asn=settings.geoip_asn),
            directory=directory or Contacts.load(settings.contacts, name_words(known.lists), settings.vips),
            casebook=await _casebook(settings, stack),
            resolver=resolver,
            deadline_s=settings.deadline_s,
            reveal_local_part=settings.reveal_local_part,
            clock=SystemClock(),
        )
        yield Tools(known, instruments, settings.help_desk)


def _resolver(settings: Settings, stack: AsyncExitStack, meter: Meter | None) -> Resolver:
    """DNS, closed with the run; its libraries take a tenth of a second to import, which offline nobody needs."""
    from bot.adapters.dns import Dns

    resolver = Dns(settings.resolvers)
    stack.push_async_callback(resolver.aclose)
    if meter is None:
        return resolver
    from bot.adapters.metrics import MeteredResolver

    return MeteredResolver(resolver, meter)


@asynccontextmanager
async def open_memory(settings: Settings) -> AsyncIterator["RedisCasebook"]:
    """The store for learning; starts the embedded server where no REDIS_URL is set."""
    # redis-py takes half a second to import, so only runs that need a store pay for it.
    from bot.adapters.casebook import RedisCasebook
    from bot.adapters.store import open_store

    async with open_store(settings.redis_url or None, _data_dir(settings)) as store:
        yield RedisCasebook(store, SystemClock(), keep_verdicts_days=settings.keep_verdicts_d)


def look_at_store(settings: Settings) -> tuple[Checked, ...]:
    """How the store is, for `doctor`. Raises Shown where it can't be opened."""
    from bot.adapters import storecheck
    from bot.adapters.queue import open_dead_letters
    from bot.adapters.store import open_line

    with open_line(settings.redis_url or None, _data_dir(settings)) as line, open_dead_letters(line) as letters:
        return (*storecheck.look_at(line), storecheck.queue(letters))


@contextmanager
def open_letters(settings: Settings) -> Iterator[cli_jobs.Letters]:
    """The queue's dead letters. Raises Shown where the store can't be opened."""
    from bot.adapters.queue import open_dead_letters
    from bot.adapters.store import open_line

    with open_line(settings.redis_url or None, _data_dir(settings)) as line, open_dead_letters(line) as letters:
        yield letters


def open_desk(
    settings: Settings, role: cli_serve.Role, stop: running.Stop, children: int
) -> AbstractContextManager[cli_serve.Running]:
    """A process that serves; Slack's client and the queue are imported only here."""
    from bot import desk

    return desk.open_desk(compose, settings, role, stop, children)


async def _casebook(settings: Settings, stack: AsyncExitStack) -> Casebook | None:
    """The casebook, if anything was ever kept: a first check needn't start a server to find it empty."""
    if not settings.redis_url and not embedded.is_kept(_data_dir(settings)):
        return None
    try:
        return await stack.enter_async_context(open_memory(settings))
    except StoreUnavailable as away:
        log.warning("store away", why=away.message)
        return None


def _data_dir(settings: Settings) -> Path:
    return settings.data_dir.expanduser()


def app() -> typer.Typer:
    """Every command over the real adapters."""

    def extend(commands: typer.Typer) -> None:
        cli_weights.add_to(commands, compose)
        cli_store.add_to(commands, compose, open_memory)
        cli_doctor.add_to(commands, compose, look_at_store)
        cli_serve.add_to(commands, open_desk)
        cli_jobs.add_to(commands, open_letters)

    return cli.make_app(compose, extend)


def main() -> None:
    """`checkmail`: the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't write a mail's letters shows them escaped instead of ending the run.
            stream.reconfigure(errors="backslashreplace")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

    app()()


if __name__ == "__main__":
    main()
