"""The commands that run for long: `serve` and `worker`; and `manifest`, which prints what Slack makes the app of."""

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Annotated, Protocol

import typer

from bot import logs, running
from bot import settings as configuration
from bot.cli import shown_errors


class Role(StrEnum):
    """What a process does."""

    BOTH = "both"
    FRONT = "front"
    """Takes what Slack delivers and queues it; `serve --no-worker`."""
    WORKER = "worker"
    """Works the queue off and answers."""

    @property
    def takes(self) -> bool:
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        return self is not Role.FRONT


@dataclass(frozen=True, slots=True)
class Running:
    """A process put together: its parts in the order of their start."""

    parts: tuple[running.Part, ...]
    stopping: Callable[[], None]
    """To be called once when a stop begins."""


class OpenDesk(Protocol):
    """Puts a process together over an open store, and closes the store at the end. Raises Shown, running.Stopped."""

    def __call__(
        self, settings: configuration.Settings, role: Role, stop: running.Stop, children: int
    ) -> AbstractContextManager[Running]: ...


def add_to(app: typer.Typer, open_desk: OpenDesk) -> None:
    """Register the commands."""

    @app.command("serve")
    def serve_command(
        worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Work the queue off, too.")] = True,
        workers: Annotated[
            int, typer.Option(min=1, max=64, help="Processes that work the queue off; more than one: beside this one.")
        ] = 1,
    ) -> None:
        """Answer in Slack. Stop it with SIGTERM or Ctrl-C: it finishes what it began."""
        with shown_errors():
            settings = configuration.load_as(configuration.ServeSettings)
            apart = worker and workers > 1
            role = Role.BOTH if worker and not apart else Role.FRONT
            status = _run(open_desk, settings, role, workers if apart else 0)
        raise typer.Exit(status)

    @app.command("worker")
    def worker_command(
        workers: Annotated[int, typer.Option(min=1, max=64, help="Processes, this one among them.")] = 1,
        until_closed: Annotated[bool, typer.Option("--until-closed", hidden=True)] = False,
    ) -> None:
        """Work the queue off that other machines' `serve` fills; as many of these as you like."""
        with shown_errors():
            settings = configuration.load_as(configuration.WorkerSettings)
            status = _run(open_desk, settings, Role.WORKER, workers - 1, until_closed)
        raise typer.Exit(status)

    @app.command("manifest")
    def manifest_command(
        url: Annotated[
            str, typer.Option(help="For HTTP mode: your public address, such as https://checkmail.example.org.")
        ] = "",
    ) -> None:
        """Print the manifest from which Slack makes the app."""
        with shown_errors():
            typer.echo(json.dumps(manifest(url), indent=2, ensure_ascii=False))


def manifest(url: str = "") -> dict[str, object]:
    """The app's manifest; with `url`, for HTTP mode. Raises BadSetting for a URL that Slack wouldn't take."""
    told: dict[str, object] = json.loads(resources.files("handlers").joinpath("manifest.json").read_text("utf-8"))
    return told if not url else for_http(told, configuration.public_url(url))


def for_http(told: dict[str, object], url: str) -> dict[str, object]:
    """A manifest for Socket Mode made over: Slack calls one address for everything."""
    address = f"{url}/slack/events"
    made: dict[str, object] = json.loads(json.dumps(told))
    settings = _part(made, "settings")
    settings["socket_mode_enabled"] = False
    for name in ("event_subscriptions", "interactivity"):
        _part(settings, name)["request_url"] = address
    commands = _part(made, "features").get("slash_commands")
    for command in commands if isinstance(commands, list) else ():
        command["url"] = address
    return made


def _part(of: dict[str, object], name: str) -> dict[str, object]:
    part = of.setdefault(name, {})
    assert isinstance(part, dict), f"the manifest's {name} is an object"
    return part


def _run(
    open_desk: OpenDesk, settings: configuration.Settings, role: Role, children: int, until_closed: bool = False
) -> int:
    """`until_closed`: the end of standard input is a stop, too, so that a child doesn't outlive its parent."""
    logs.set_up(settings.log, settings.log_level)
    stop = running.Stop()
    running.on_signals(stop)
    if until_closed:
        running.on_closed(stop, sys.stdin.fileno())
    try:
        with open_desk(settings, role, stop, children) as desk:
            return running.run(desk.parts, stop, settings.stop_s, desk.stopping)
    except running.Stopped:
        return 0
