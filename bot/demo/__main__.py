"""`python -m bot.demo`: a workspace as a process of its own, for the load run and for trying things out."""

import argparse
import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bot.demo.config import Config, Habits, Limits, acme, load
from bot.demo.server import Server


def main(arguments: list[str] | None = None) -> int:
    """Prints its address as the first line, and serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m bot.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--config", type=Path, help="a JSON file with the fields of bot.demo.config.Config")
    parser.add_argument("--crowd", type=int, default=0, help="so many more members of staff")
    parser.add_argument("--no-limits", action="store_true", help="without rate limits")
    parser.add_argument("--lean", action="store_true", help="blocks are neither checked nor kept, for a load run")
    parser.add_argument("--request-url", default="", help="HTTP mode: where the app takes requests, on loopback")
    parser.add_argument("--retries", default="", help="seconds before each new try of a delivery, such as 0,1,2")
    options = parser.parse_args(arguments)
    asyncio.run(_serve(_config(options), options.port))
    return 0


def _config(options: argparse.Namespace) -> Config:
    config = load(options.config) if options.config else acme()
    if options.request_url:
        config = replace(config, app=replace(config.app, request_url=options.request_url))
    if options.retries:
        seconds = tuple(float(part) for part in options.retries.split(","))
        config = replace(config, times=replace(config.times, retries=seconds))
    if options.crowd:
        config = replace(config, crowd=options.crowd)
    if options.no_limits:
        config = replace(config, limits=Limits(on=False))
    if options.lean:
        config = replace(config, habits=Habits(check_blocks=False, keep_blocks=False, keep_log=2000, echo=False))
    return config


async def _serve(config: Config, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    server = Server(config)
    try:
        sys.stdout.write(f"{await server.start(port)}\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await server.stop()


if __name__ == "__main__":
    sys.exit(main())
