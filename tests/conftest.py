"""Shared by all tests: where ../shared is, and no network but loopback."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.blockkit import watching

# A busy machine is no fault of the code: nothing here is timed.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What looks back over a run comes last; without ../shared its tests are deselected, which is said in one line."""
    items.sort(key=lambda item: "_in_this_run_" in item.name)
    if (SHARED / "corpus" / "labels.csv").is_file():
        return
    absent = [item for item in items if item.get_closest_marker("shared")]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if item not in absent]
        config.stash[_SAID] = f"../shared is absent: {len(absent)} tests that read it are deselected"


_SAID = pytest.StashKey[str]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    said = config.stash.get(_SAID, "")
    if said:
        terminalreporter.write_line(said)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ../shared."""
    return SHARED


@pytest.fixture(autouse=True)
def only_what_slack_takes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test in which the bot sends what Slack would refuse fails."""
    with watching(monkeypatch):
        yield


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails instead of reaching it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(str(address[0])):
            raise AssertionError(f"a test reached for the network: {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
