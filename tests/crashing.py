"""A worker process for tests that kill it: it says things into a file, as slowly as a network would."""

import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot import deciding
from bot.adapters.store import Line
from bot.engine import LoopEngine
from bot.errors import Shown
from bot.model import Inquiry, Outcome, Place, Report, Wish
from bot.ports import Said, Voice
from tests.deskline import ScriptedEngine, offline_tools, open_office

HEARTBEAT_MS, LEASE_S = 2_000, 1.5
POISON = b"this mail takes the process down"


@dataclass
class FileVoice(Voice):
    """Slack as a file of lines: what stands in it was said."""

    path: Path
    pause_s: float = 0.04
    steps: list[str] = field(default_factory=list)

    def acknowledge(self, inquiry: Inquiry, mark: str) -> Said:
        return self._say("acknowledge", inquiry.id, mark, inquiry.place)

    def working(self, inquiry: Inquiry, busy: bool) -> None:
        return

    def answer(self, inquiry: Inquiry, outcome: Outcome, mark: str) -> Said:
        return self._say("answer", inquiry.id, mark, inquiry.place)

    def cannot(self, inquiry: Inquiry, why: Shown, mark: str) -> Said:
        return self._say("cannot", inquiry.id, mark, inquiry.place)

    def remark(self, place: Place, code: str, mark: str, **values: str) -> Said:
        return self._say("remark", "", mark, place)

    def call_technicians(self, inquiry: Inquiry, wish: Wish | None, mark: str) -> Said | None:
        return self._say("call", inquiry.id, mark, Place("CTECH"))

    def complain(self, inquiry: Inquiry, why: Shown, mark: str) -> Said | None:
        return self._say("complain", inquiry.id, mark, Place("CTECH"))

    def finish_step(self, inquiry: Inquiry, outcome: Outcome | None, why: Shown | None) -> None:
        self.steps.append(inquiry.step)

    def unsay(self, said: Said) -> None:
        """Nothing is taken out of the file, which is what tests count."""
        return

    def find(self, place: Place, inquiry: str, mark: str) -> Said | None:
        time.sleep(self.pause_s)
        found = [each for each in said(self.path) if (each["inquiry"], each["mark"]) == (inquiry, mark)]
        return Said(found[0]["channel"], found[0]["ts"], place.thread) if found else None

    def _say(self, what: str, inquiry: str, mark: str, place: Place) -> Said:
        time.sleep(self.pause_s)
        ts = f"{time.time_ns() / 1e9:.9f}"
        told = {"what": what, "inquiry": inquiry, "mark": mark, "channel": place.channel, "ts": ts}
        with self.path.open("a", encoding="utf-8") as file:  # one write of one line: it stands there or it doesn't
            file.write(json.dumps(told) + "\n")
        time.sleep(self.pause_s)
        return Said(place.channel, ts, place.thread)


def said(path: Path) -> list[dict[str, str]]:
    """What stands in a FileVoice's file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def main(url: str, path: str) -> None:
    """Works until it is killed; a mail that says so kills it."""
    deciding.MOST_STARTS = 2
    loop = LoopEngine(offline_tools)
    loop.start()

    def die(report: Report) -> None:
        if any(POISON in each.content for each in report.exhibits):
            os.kill(os.getpid(), signal.SIGKILL)

    engine, voice = ScriptedEngine(loop, die), FileVoice(Path(path))
    with open_office(Line(url), engine, voice=voice, heartbeat_ms=HEARTBEAT_MS, lease_s=LEASE_S) as office:
        office.worker.start()
        print("ready", flush=True)
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
