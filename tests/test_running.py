"""A serving process: parts start in order, stop in reverse, get the time that is left, and none is forgotten."""

from dataclasses import dataclass, field

import pytest

from bot import running
from bot.errors import Shown


@dataclass
class FakePart:
    name: str
    told: list[str]
    refuses: bool = False
    dead: str = ""
    drained: list[float] = field(default_factory=list)

    def start(self) -> None:
        if self.refuses:
            raise Shown("slack-refused", "Slack doesn't take it.", "Copy it anew.")
        self.told.append(f"start {self.name}")

    def drain(self, seconds: float) -> None:
        self.drained.append(seconds)
        self.told.append(f"drain {self.name}")

    def close(self) -> None:
        self.told.append(f"close {self.name}")

    def fault(self) -> str:
        return self.dead


def asked() -> running.Stop:
    stop = running.Stop()
    stop.ask()
    return stop


def test_parts_start_in_order_and_stop_in_reverse() -> None:
    told: list[str] = []
    parts = [FakePart(name, told) for name in ("web", "worker", "slack")]
    assert running.run(parts, asked(), 20.0, lambda: told.append("stopping")) == 0
    assert told[:3] == ["start web", "start worker", "start slack"]
    assert told[3:] == [
        "stopping",
        "drain slack",
        "drain worker",
        "drain web",
        "close slack",
        "close worker",
        "close web",
    ]
    assert all(0.0 < part.drained[0] <= 20.0 for part in parts)


def test_what_cant_start_closes_what_did() -> None:
    told: list[str] = []
    parts = [FakePart("web", told), FakePart("slack", told, refuses=True)]
    with pytest.raises(Shown, match="doesn't take it"):
        running.run(parts, asked(), 20.0)
    assert told == ["start web", "close web"]


def test_a_part_that_died_ends_the_process_with_a_status() -> None:
    told: list[str] = []
    parts = [FakePart("web", told), FakePart("worker", told, dead="its threads ended")]
    assert running.run(parts, running.Stop(), 0.0) == 1
    assert told[-2:] == ["close worker", "close web"]


def test_a_second_signal_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []

    def leave(status: int) -> None:
        ended.append(status)

    monkeypatch.setattr("os._exit", leave)
    stop = running.Stop()
    stop.ask()
    assert ended == []
    stop.ask()
    assert ended == [running.CUT_OFF]
