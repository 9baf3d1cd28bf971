"""Whether anything is lost when workers die: `python -m tests.bench.bench_crash [--reports 200] [--kills 20]`.

People report mails to a workspace double while the worker is killed with -9 again and again, at random moments of
its work, and once the front process too. In the end every report must have exactly one "I've got it" and one answer.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot.demo.config import Limits, acme
from bot.demo.workspace import Posted, Upload, Workspace
from tests.bench.world import mails, make_key
from tests.botprocess import Bot, Process
from tests.workspace import workspace


@dataclass(frozen=True)
class Crashed:
    reports: int
    kills: int
    acknowledged: Counter[int]
    """How many reports had so many first words."""
    answered: Counter[int]
    """How many reports had so many answers."""
    resent: int
    """Jobs that had to run again after a kill: looked up by their mark before anything was said again."""
    seconds: float

    @property
    def right(self) -> bool:
        return self.acknowledged == self.answered == Counter({1: self.reports})


def crash_run(folder: Path, reports: int, kills: int, *, seed: int = 5) -> Crashed:
    """Reports come in evenly while workers die; returns once everything is answered, or three minutes after."""
    dice, began = random.Random(seed), time.monotonic()
    made = mails(folder / "mails", make_key(), 20, (3_000,))
    with workspace(acme(crowd=reports, limits=Limits(on=False))) as running:
        bot = Bot(folder, running.api, running.app, {"CHECKMAIL_OFFLINE": "true"})
        posted: list[Posted] = []

        def report() -> None:
            for number in range(reports):
                mail = Upload("suspicious.eml", made[number % len(made)].raw)
                posted.append(running.say(f"U0CROWD{number + 1:05}", files=[mail]))
                time.sleep(dice.uniform(0.0, 0.4))

        with bot.running("serve", "--no-worker"):
            reporting = threading.Thread(target=report)
            reporting.start()
            for _ in range(kills):
                _killed_at_work(bot, dice)
            reporting.join()
            with bot.running("worker"):
                _wait(running, reports, 180)
        return _counted(running, posted, kills, time.monotonic() - began)


def _killed_at_work(bot: Bot, dice: random.Random) -> None:
    worker: Process = bot.start("worker")
    worker.until_ready()
    time.sleep(dice.uniform(0.0, 0.8))
    worker.kill()


def _wait(running: Workspace, reports: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = running.counts()["said"]
        if len({(channel, thread) for channel, thread, mark, _ in said if mark.startswith("answer-")}) >= reports:
            time.sleep(5)  # what would be said twice is said by then
            return
        time.sleep(0.5)


def _counted(running: Workspace, posted: list[Posted], kills: int, seconds: float) -> Crashed:
    said = running.counts()["said"]
    first, answers = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for channel, thread, mark, number in said:
        (first if mark == "acknowledge" else answers)[channel, thread] += number
    places = [(each.channel, each.ts) for each in posted]
    return Crashed(
        len(posted),
        kills,
        Counter(first[place] for place in places),
        Counter(answers[place] for place in places),
        int(running.counts()["calls"].get("conversations.replies", 0)),
        seconds,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_crash", description=__doc__)
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        done = crash_run(Path(name), options.reports, options.kills)
    print(f"{done.reports} reports, {done.kills} workers killed with -9, {done.seconds:.0f} s")
    print(f"answered once: {done.answered[1]}, not at all: {done.answered[0]}, twice or more: {_more(done.answered)}")
    print(f"first word once: {done.acknowledged[1]}, never: {done.acknowledged[0]}, more: {_more(done.acknowledged)}")
    print(f"threads looked through before saying something again: {done.resent}")
    return 0 if done.right else 1


def _more(counted: Counter[int]) -> int:
    return sum(number for times, number in counted.items() if times > 1)


if __name__ == "__main__":
    sys.exit(main())
