"""A store of its own for a test: the real embedded server in a folder that goes away."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.adapters.store import Line, Store, open_line, open_store


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(None, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """One server for a module's tests; `line` empties it for each."""
    with open_line(None, tmp_path_factory.mktemp("store")) as line:
        yield line


@pytest.fixture
def line(server: Line) -> Line:
    with server.client() as client:
        client.flushall()
    return server
