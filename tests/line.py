"""The whole straight line, offline, with the knowledge that ships; for tests that call it."""

import asyncio
from functools import cache
from pathlib import Path

from bot import settings as configuration
from bot.__main__ import compose
from bot.errors import Shown
from bot.model import Case, Exhibit, Reader, Report, Told
from bot.triage import Tools, triage_or_tell


@cache
def offline_tools() -> Tools:
    """Tools that ask nothing of the network and remember nothing."""

    async def made() -> Tools:
        settings = configuration.load(offline=True, data_dir=Path("/nonexistent/checkmail"))
        async with compose(settings) as tools:
            return tools

    return asyncio.run(made())


def outcome(content: bytes, *, told: Told | None = None, reader: Reader = Reader.RECEIVER) -> Case | Shown:
    """What the line makes of one piece of material."""
    report = Report((Exhibit(content),), told or Told(), reader)
    tools = offline_tools()
    said: list[Case | Shown] = []

    async def judge() -> None:
        # Not returned: `asyncio.run` makes a repr of its task's result (signal.getsignal does), and that costs.
        said.append(await triage_or_tell(report, tools))

    asyncio.run(judge())
    return said[0]
