"""A store of its own for a test: the real embedded server in a folder that goes away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.adapters.store import Store, open_store


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(None, tmp_path) as opened:
        yield opened
