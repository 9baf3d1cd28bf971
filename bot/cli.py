"""The command line: `checkmail check`, `learn`, `evaluate`, `calibrate`, `rules`, `doctor`.

Commands are thin: they turn words into values, call the engine, and print. `compose` (of the composition
root) builds the tools; this module knows no adapter.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import typer
from rich.console import Console

from bot import settings as configuration
from bot.advice.words import tame
from bot.errors import Shown
from bot.intake import archives
from bot.model import Case, Exhibit, Limits, Message, Reader, Report, Told
from bot.render.console import open_console
from bot.render.escaping import LIMIT, markdown
from bot.render.json import error_json, to_json
from bot.render.markdown import to_markdown
from bot.render.terminal import print_separator, print_summary, print_terminal, verdict_words
from bot.triage import Tools, read, triage_or_tell

T = TypeVar("T")
ALL_READ, SOME_NOT, WRONG_USAGE = 0, 1, 2
UNREAD = ("couldn't be read", "")
"""In the list of all mails, where others have their verdict."""


SentItems = Annotated[
    bool | None, typer.Option("--in-sent-items/--not-in-sent-items", help="It lies in the sender's Sent Items.")
]
Signs = Annotated[
    bool, typer.Option("--strange-signs", help="The account shows rules or sign-ins its owner doesn't know.")
]


class Form(StrEnum):
    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"


class Compose(Protocol):
    """Builds the tools of one run and closes what they hold open."""

    def __call__(self, settings: configuration.Settings) -> AbstractAsyncContextManager[Tools]: ...


@dataclass(frozen=True, slots=True)
class Ways:
    """How `check` prints."""

    form: Form
    technician: bool
    console: Console


def make_app(compose: Compose, extend: Callable[[typer.Typer], None]) -> typer.Typer:
    """The commands over one composition root; `extend` adds those that need more than the engine."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="What happened to the person that a suspicious mail seems to come from?",
    )
    app.callback()(_options)
    app.command("check")(_check_command(compose))
    extend(app)
    return app


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"checkmail {metadata.version('checkmail')}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """The options that stand before a command."""


def _check_command(compose: Compose) -> Callable[..., None]:
    def check(
        files: Annotated[list[Path], typer.Argument(help="Mails, folders, mbox files; - reads standard input.")],
        json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
        markdown: Annotated[bool, typer.Option("--markdown", help="Markdown.")] = False,
        technician: Annotated[bool, typer.Option("--technician", help="Everything that was found.")] = False,
        own: Annotated[bool, typer.Option("--own", help="Somebody got it from me: I am the person in From.")] = False,
        offline: Annotated[bool | None, typer.Option("--offline/--online", help="Ask nothing of the network.")] = None,
        our_domain: Annotated[list[str] | None, typer.Option(help="A domain of ours (repeatable).")] = None,
        our_relay: Annotated[list[str] | None, typer.Option(help="A filter gateway of ours: host or network.")] = None,
        trust: Annotated[list[str] | None, typer.Option(help="An authserv-id to believe (repeatable).")] = None,
        contacts: Annotated[Path | None, typer.Option(help="CSV (name,address) or vCard of known people.")] = None,
        claims: Annotated[str | None, typer.Option(help='Who it claims to be: "Name <address>".')] = None,
        compare: Annotated[Path | None, typer.Option(help="A genuine mail of the same person to set beside.")] = None,
        clicked: Annotated[bool, typer.Option("--clicked", help="A link was clicked.")] = False,
        opened: Annotated[bool, typer.Option("--opened", help="An attachment was opened.")] = False,
        typed_password: Annotated[bool, typer.Option("--typed-password", help="A password was typed.")] = False,
        paid: Annotated[bool, typer.Option("--paid", help="Money was sent.")] = False,
        sent_items: SentItems = None,
        denied: Annotated[bool, typer.Option("--sender-denies", help="The sender says they didn't send it.")] = False,
        confirmed: Annotated[bool, typer.Option("--sender-confirms", help="The sender says they sent it.")] = False,
        others: Annotated[bool, typer.Option("--others-got-it", help="Others who know the sender got it.")] = False,
        signs: Signs = False,
        bounces: Annotated[bool, typer.Option("--bounces", help="Bounces arrive for mail never sent.")] = False,
        dns: Annotated[list[str] | None, typer.Option(help="Resolver, host:port (repeatable).")] = None,
        geoip: Annotated[Path | None, typer.Option(help="A GeoIP City or Country file (.mmdb).")] = None,
        jobs: Annotated[int, typer.Option(min=1, max=64, help="Mails checked at the same time.")] = 4,
    ) -> None:
        """Read mails and say what happened to the person each seems to come from."""
        ways = _ways(json, markdown, technician)
        if denied and confirmed:
            raise typer.BadParameter("--sender-denies and --sender-confirms don't go together")
        if offline and dns:
            typer.echo("--dns isn't used: offline, nobody is asked.", err=True)
        told = Told(
            claims=claims,
            clicked=clicked or None,
            opened=opened or None,
            typed_password=typed_password or None,
            paid=paid or None,
            in_sent_items=sent_items,
            sender_denies=denied or None,
            sender_confirms=confirmed or None,
            others_got_it=others or None,
            strange_account_signs=signs or None,
            bounces=bounces or None,
            own_account=own,
        )
        reader = Reader.TECHNICIAN if technician else Reader.NAMED if own else Reader.RECEIVER
        with shown_errors():
            settings = _settings(offline, our_domain, our_relay, trust, contacts, dns, geoip)
            status = asyncio.run(_check(compose, settings, files, told, reader, compare, ways, jobs))
        raise typer.Exit(status)

    return check


def _ways(json: bool, markdown: bool, technician: bool) -> Ways:
    if json and markdown:
        raise typer.BadParameter("--json and --markdown don't go together")
    form = Form.JSON if json else Form.MARKDOWN if markdown else Form.TERMINAL
    return Ways(form, technician, open_console())


def _settings(
    offline: bool | None,
    our_domains: list[str] | None,
    our_relays: list[str] | None,
    trust: list[str] | None,
    contacts: Path | None,
    dns: list[str] | None,
    geoip: Path | None,
) -> configuration.Settings:
    """The settings with the options before them. Raises BadSetting."""
    return configuration.load(
        offline=offline,
        our_domains=_words(our_domains),
        our_relays=_words(our_relays),
        trusted_authserv_ids=_words(trust),
        contacts=contacts,
        dns=_words(dns),
        geoip_city=geoip,
    )


async def _check(
    compose: Compose,
    settings: configuration.Settings,
    files: list[Path],
    told: Told,
    reader: Reader,
    compare: Path | None,
    ways: Ways,
    jobs: int,
) -> int:
    async with compose(settings) as tools:
        good = _known_good(compare, tools) if compare else None

        async def one(entry: archives.Entry) -> tuple[str, Case | Shown]:
            if entry.error is not None:
                return entry.label, entry.error
            report = Report((Exhibit(entry.content, entry.label),), told, reader)
            return entry.label, await triage_or_tell(report, tools, known_good=good)

        status, printed = ALL_READ, list[tuple[str, tuple[str, str]]]()
        async for label, outcome in in_order(entries(files, tools.limits), one, jobs):
            show(label, outcome, ways, first=not printed)
            printed.append((label, UNREAD if isinstance(outcome, Shown) else verdict_words(outcome)))
            status = SOME_NOT if isinstance(outcome, Shown) else status
        if not printed:
            message, hint = "no mail was found there", "Name files, folders or mbox files that hold mail."
            show(str(files[0]), Shown("no-mail", message, hint), ways, first=True)
            return SOME_NOT
        if len(printed) > 1 and ways.form is Form.TERMINAL:
            print_summary(ways.console, printed)
    return status


def entries(files: list[Path], limits: Limits) -> Iterator[archives.Entry]:
    """Every mail that the paths name; `-` is standard input."""
    for path in files:
        if str(path) == "-":
            yield from archives.split("-", sys.stdin.buffer.read(limits.exhibit + 1), limits)
        else:
            yield from archives.walk(path, limits)


async def in_order(
    items: Iterator[archives.Entry], work: Callable[[archives.Entry], Coroutine[Any, Any, T]], jobs: int
) -> AsyncIterator[T]:
    """Up to `jobs` at a time, results in the order of `items`; never more than that in memory."""
    running: list[asyncio.Task[T]] = []
    for item in items:
        running.append(asyncio.create_task(work(item)))
        if len(running) >= jobs:
            yield await running.pop(0)
    for task in running:
        yield await task


def show(label: str, outcome: Case | Shown, ways: Ways, *, first: bool) -> None:
    """Print one mail's outcome in the form asked for."""
    if ways.form is Form.JSON:
        print(error_json(label, outcome) if isinstance(outcome, Shown) else to_json(label, outcome))  # noqa: T201 (the contract's output)
    elif isinstance(outcome, Shown):
        print_error(outcome, label)
    elif ways.form is Form.MARKDOWN:
        heading = "" if label == "-" else f"# {markdown(label)}\n\n"
        print(heading + to_markdown(outcome, ways.technician))  # noqa: T201 (made to be piped)
    else:
        if not first:
            ways.console.print()
        print_separator(ways.console, label, outcome)
        print_terminal(ways.console, outcome, ways.technician)


def print_error(error: Shown, label: str = "") -> None:
    """What happened and what to do, on standard error."""
    console = Console(stderr=True, highlight=False, markup=False)
    said = f"{label}: {error.message}" if label else error.message
    for line in (*said.splitlines(), *error.hint.splitlines()):
        console.print(tame(line, LIMIT), soft_wrap=True)


class shown_errors:
    """Errors that a person can mend end the command with their text and status 2; no traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Shown):
            print_error(error)
            raise typer.Exit(WRONG_USAGE) from error


def _known_good(path: Path, tools: Tools) -> Message:
    found = next(iter(archives.walk(path, tools.limits)), None)
    if found is None:
        raise Shown("no-mail", f"--compare {path}: it holds no mail.", "Name a saved mail.")
    try:
        if found.error is not None:
            raise found.error
        return read(Report((Exhibit(found.content, found.label),)), tools)
    except Shown as error:
        raise Shown(error.code, f"--compare {path}: {error.message}", error.hint) from error


def _words(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values else None
