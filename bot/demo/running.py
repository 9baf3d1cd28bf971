"""Starts a workspace in a thread with its own event loop, beside whatever else the process does."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from bot.demo.config import Config
from bot.demo.server import Server
from bot.demo.wire import Json
from bot.demo.workspace import Workspace

T = TypeVar("T")
PATIENCE_S = 30.0


@contextmanager
def run(config: Config, port: int = 0) -> Iterator[Workspace]:
    """A workspace that listens on loopback until the block ends. Raises OSError where the port is taken."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="workspace", daemon=True)
    thread.start()

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE_S)

    server = Server(config)

    def do(name: str, args: Json) -> Json:
        return wait(server.control.do(name, args))

    try:
        yield Workspace(wait(server.start(port)), do, config.app)
    finally:
        wait(_end(server))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


async def _end(server: Server) -> None:
    """Stops it, and whatever still answers somebody: a slow file, a watcher."""
    await server.stop()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
