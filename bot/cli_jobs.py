"""`checkmail jobs`: how deep the queue is, which jobs were given up for good, and giving them another try."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Annotated, Protocol

import typer

from bot import settings as configuration
from bot.cli import shown_errors
from bot.errors import Shown


class Dead(Protocol):
    """A job that was given up (`bot.adapters.queue`)."""

    @property
    def id(self) -> str: ...
    @property
    def job(self) -> str: ...
    @property
    def args(self) -> tuple[str, ...]: ...
    @property
    def why(self) -> str: ...
    @property
    def tries(self) -> int: ...
    @property
    def began_at(self) -> datetime: ...
    @property
    def died_at(self) -> datetime: ...


class Depth(Protocol):
    """How much waits in a queue."""

    @property
    def queue(self) -> str: ...
    @property
    def waiting(self) -> int: ...
    @property
    def unfinished(self) -> int: ...
    @property
    def delayed(self) -> int: ...
    @property
    def dead(self) -> int: ...
    @property
    def oldest_s(self) -> float: ...


class Letters(Protocol):
    """The dead letters and the queues' depth. Every method raises StoreUnavailable."""

    def depth(self) -> Iterable[Depth]: ...
    def dead(self, most: int = 200) -> Iterable[Dead]: ...
    def show(self, id: str) -> Dead: ...
    def retry(self, id: str) -> Dead: ...


class OpenLetters(Protocol):
    def __call__(self, settings: configuration.Settings) -> AbstractContextManager[Letters]: ...


def add_to(app: typer.Typer, open_letters: OpenLetters) -> None:
    """Register the commands."""
    jobs = typer.Typer(
        help="How deep the queue is; list, show and retry the jobs that were given up.", no_args_is_help=False
    )
    app.add_typer(jobs, name="jobs")

    @jobs.callback(invoke_without_command=True)
    def jobs_command(context: typer.Context) -> None:
        """How deep the queue is; list, show and retry the jobs that were given up."""
        if context.invoked_subcommand is None:
            list_command()

    @jobs.command("list")
    def list_command() -> None:
        """The queues' depth, and the jobs that were given up, the newest first."""
        with shown_errors(), open_letters(configuration.load()) as letters:
            for depth in letters.depth():
                typer.echo(_depth(depth))
            dead = tuple(letters.dead())
        if not dead:
            typer.echo("No job was given up.")
            return
        for line in _lines(dead):
            typer.echo(line)

    @jobs.command("show")
    def show_command(id: Annotated[str, typer.Argument(help="A job's id, as `jobs list` shows it.")]) -> None:
        """One job that was given up."""
        with shown_errors(), open_letters(configuration.load()) as letters:
            dead = letters.show(id)
        for name, text in _told(dead):
            typer.echo(f"{name:<9} {text}")

    @jobs.command("retry")
    def retry_command(
        ids: Annotated[list[str] | None, typer.Argument(help="Ids, as `jobs list` shows them.")] = None,
        everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    ) -> None:
        """Queue jobs again that were given up, as if they were new."""
        with shown_errors(), open_letters(configuration.load()) as letters:
            if bool(ids) == everything:
                raise Shown("which-jobs", "Say which: ids, or --all.", "List them: checkmail jobs.")
            wanted = [dead.id for dead in letters.dead(10_000)] if everything else ids or []
            for id in wanted:
                dead = letters.retry(id)
                typer.echo(f"{id} is queued again: {dead.job} {' '.join(dead.args)}")
            if not wanted:
                typer.echo("No job was given up.")


def _depth(depth: Depth) -> str:
    oldest = f", the oldest for {depth.oldest_s:.0f} s" if depth.waiting else ""
    return (
        f"{depth.queue}: {depth.waiting} waiting{oldest}, {depth.unfinished} at work, {depth.delayed} put off, "
        f"{depth.dead} given up"
    )


def _lines(dead: Iterable[Dead]) -> Iterator[str]:
    """A line each, in columns, the id first: to be read and to be cut by scripts."""
    yield f"{'id':<36}  {'job':<11}  {'given up':<23}  {'tries':>5}  why, of what"
    for each in dead:
        about = f"{each.why}: {' '.join(each.args)}"
        yield f"{each.id:<36}  {each.job:<11}  {_when(each.died_at):<23}  {each.tries:>5}  {about}"


def _told(dead: Dead) -> list[tuple[str, str]]:
    return [
        ("id", dead.id),
        ("job", dead.job),
        ("of", " ".join(dead.args)),
        ("why", dead.why),
        ("tries", str(dead.tries)),
        ("queued", _when(dead.began_at)),
        ("given up", _when(dead.died_at)),
    ]


def _when(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
