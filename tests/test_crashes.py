"""Crashes: a worker killed at any moment, a mail that kills it, a store that is away; nothing is lost or said twice."""

import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.adapters.store import Line
from bot.engine import LoopEngine
from bot.model import Inquiry, Stage
from tests.crashing import HEARTBEAT_MS, LEASE_S, POISON, FileVoice, said
from tests.deskline import PASTED, Office, engine, open_office, pasted, until
from tests.inquirykit import MARIA
from tests.storefixtures import line, server
from tests.valkeys import Server, running

__all__ = ["engine", "line", "server"]
ROOT = Path(__file__).parents[1]


class Worker:
    """A worker in a process of its own."""

    def __init__(self, line: Line, path: Path) -> None:
        command = [sys.executable, "-m", "tests.crashing", line.url, str(path)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)

    def dies(self) -> bool:
        """Waits until it died by itself."""
        return until(lambda: self.process.poll() is not None, 30) and self.process.communicate() is not None


def reports(office: Office, count: int) -> list[Inquiry]:
    """So many different mails of so many people."""
    taken = []
    for number in range(count):
        text = PASTED.replace("gift cards for me", f"{number} gift cards for me").replace("<1@", f"<{number}@")
        person = replace(MARIA, user=f"U{number}")
        taken.append(office.reception.receive(pasted(f"1764000000.{number:06d}", text, asker=person)))
    return [each for each in taken if each is not None]


def times_said(path: Path, what: str) -> Counter[str]:
    return Counter(each["inquiry"] for each in said(path) if each["what"] == what)


def stand(path: Path, count: int) -> bool:
    """Whether so many messages stand there."""
    return len(said(path)) >= count


def test_a_worker_killed_again_and_again_answers_each_report_once(
    line: Line, engine: LoopEngine, tmp_path: Path
) -> None:
    path, chance = tmp_path / "slack", random.Random(4)
    with open_office(line, engine) as front:
        taken = reports(front, 24)
        for _ in range(3):
            worker, before = Worker(line, path), len(said(path))
            assert until(partial(stand, path, before + chance.randint(8, 16)))
            time.sleep(chance.uniform(0.0, 0.1))
            worker.kill()
        assert 0 < len(times_said(path, "answer")) < 24, "it was killed in the middle"
        last = Worker(line, path)
        assert until(lambda: all(front.stage(each) is Stage.ANSWERED for each in taken), 40)
        last.kill()
        assert times_said(path, "acknowledge") == {each.id: 1 for each in taken}
        assert times_said(path, "answer") == {each.id: 1 for each in taken}
        assert front.letters.dead() == ()


def test_a_mail_that_kills_its_worker_is_given_up_and_the_others_are_answered(
    line: Line, engine: LoopEngine, tmp_path: Path
) -> None:
    path = tmp_path / "slack"
    with open_office(line, engine) as front:
        poison = front.reception.receive(pasted("1764000001.000100", f"{PASTED}\n{POISON.decode()}\n"))
        assert poison is not None
        for _ in range(2):
            assert Worker(line, path).dies()
        fine = reports(front, 2)
        last = Worker(line, path)
        assert until(lambda: front.stage(poison) is Stage.FAILED)
        assert until(lambda: all(front.stage(each) is Stage.ANSWERED for each in fine))
        assert until(lambda: times_said(path, "cannot") == {poison.id: 1})
        assert times_said(path, "complain") == {poison.id: 1}
        last.kill()
        assert [each.why for each in front.letters.dead()] == ["takes-the-process-down"]


def test_while_the_store_is_away_jobs_wait_and_none_is_lost_or_said_twice(engine: LoopEngine, tmp_path: Path) -> None:
    one, path = Server(tmp_path / "store"), tmp_path / "slack"
    with running(one):
        line = Line(f"redis://127.0.0.1:{one.port}/0")
        voice = FileVoice(path, 0.05)
        with open_office(line, engine, voice=voice, heartbeat_ms=HEARTBEAT_MS, lease_s=LEASE_S) as office:
            taken = reports(office, 16)
            office.worker.start()
            assert until(lambda: len(times_said(path, "answer")) >= 2)
            one.kill()
            time.sleep(1.5)
            one.start()
            assert until(lambda: all(office.stage(each) is Stage.ANSWERED for each in taken), 60)
            assert office.worker.fault() == ""
        assert times_said(path, "acknowledge") == {each.id: 1 for each in taken}
        assert times_said(path, "answer") == {each.id: 1 for each in taken}
