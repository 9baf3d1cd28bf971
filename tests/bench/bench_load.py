"""How it stands under load: `python -m tests.bench.bench_load [--a-second 50] [--seconds 60] [--people 1000]`.

A workspace double that limits like Slack, a DNS server that delays each answer by 20 ms, the store, `checkmail
serve --no-worker` and two `checkmail worker` are processes of their own on these cores. People upload mails and
paste headers in their own direct messages, evenly spread over the time. Measured by the workspace's own clock (the
ts of messages): from a person's message to "I've got it", and to the answer. Every report must get one answer.
"""

import argparse
import asyncio
import base64
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo.config import AppConfig
from tests.bench.bench_check import start_server
from tests.bench.world import Mail, mails, make_key, zones
from tests.botprocess import Bot, Process

TARGETS = {"acknowledgement, 99th percentile, ms": 300, "verdict, 99th percentile, ms": 3_000}
PASTED = 0.3
"""The share of reports that are pasted headers; the others are uploads."""


@dataclass(frozen=True)
class Sent:
    user: str
    channel: str
    ts: str


@dataclass(frozen=True)
class Figures:
    acknowledged_ms: list[float]
    answered_ms: list[float]
    unanswered: int
    twice: int


@contextmanager
def workspace(people: int) -> Iterator[str]:
    """The double as a process of its own; its address."""
    command = [sys.executable, "-m", "bot.demo", "--crowd", str(people), "--lean"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(10)


async def drive(url: str, made: list[Mail], a_second: float, seconds: float, people: int) -> list[Sent]:
    """Reports at an even rate, each person's spread apart; a late one doesn't hold up the next."""
    dice, began = random.Random(11), time.monotonic()
    order = [number % people for number in range(int(a_second * seconds))]
    async with aiohttp.ClientSession() as session:

        async def report(number: int, person: int) -> Sent:
            await asyncio.sleep(max(0.0, began + number / a_second - time.monotonic()))
            user, raw = f"U0CROWD{person + 1:05}", made[number % len(made)].raw
            act: dict[str, Any] = {"user": user}
            if dice.random() < PASTED:
                act["text"] = raw.split(b"\n\n", 1)[0].decode("utf-8", "replace")[:3_900]
            else:
                act["files"] = [{"name": "suspicious.eml", "content": base64.b64encode(raw).decode()}]
            async with session.post(f"{url}/_control/say", json=act) as answer:
                done = await answer.json()
            return Sent(user, done["channel"], done["ts"])

        return list(await asyncio.gather(*(report(number, person) for number, person in enumerate(order))))


async def collect(url: str, sent: list[Sent], bot_id: str) -> Figures:
    """Each report's own thread as it stands in the workspace."""
    acknowledged, answered, unanswered, twice = list[float](), list[float](), 0, 0
    async with aiohttp.ClientSession() as session:
        for each in sent:
            async with session.post(
                f"{url}/_control/messages", json={"channel": each.channel, "thread": each.ts}
            ) as told:
                found = (await told.json())["messages"]
            said = [message for message in found if message.get("bot_id") == bot_id]
            waits = [1000 * (float(message["ts"]) - float(each.ts)) for message in said]
            if len(waits) < 2:
                unanswered += 1
                continue
            twice += len(waits) > 2
            acknowledged.append(waits[0])
            answered.append(waits[1])
    return Figures(acknowledged, answered, unanswered, twice)


async def finished(url: str, expected: int, seconds: float) -> None:
    """Until the workspace has seen the answers, or time is up."""
    end = time.monotonic() + seconds
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < end:
            async with session.post(f"{url}/_control/counts", json={}) as told:
                said = (await told.json())["said"]
            if sum(number for _, _, mark, number in said if mark.startswith("answer-")) >= expected:
                return
            await asyncio.sleep(0.5)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("inf")


def print_figures(figures: Figures, memory: dict[str, list[float]], cpu: dict[str, float], seconds: float) -> int:
    rows = [
        ("acknowledgement, median, ms", statistics.median(figures.acknowledged_ms or [float("inf")])),
        ("acknowledgement, 99th percentile, ms", percentile(figures.acknowledged_ms, 0.99)),
        ("verdict, median, ms", statistics.median(figures.answered_ms or [float("inf")])),
        ("verdict, 99th percentile, ms", percentile(figures.answered_ms, 0.99)),
    ]
    print("| figure | value | at most | |\n|---|---|---|---|")
    missed = 0
    for name, value in rows:
        target = TARGETS.get(name)
        held = "" if target is None else "held" if value <= target else "MISSED"
        missed += held == "MISSED"
        print(f"| {name} | {value:.0f} | {target or ''} | {held} |")
    print(
        f"| reports without an answer | {figures.unanswered} | 0 | {'held' if not figures.unanswered else 'MISSED'} |"
    )
    print(f"| reports answered twice | {figures.twice} | 0 | {'held' if not figures.twice else 'MISSED'} |")
    for name, values in memory.items():
        print(f"| memory of {name}, MB: after a third, at the end | {values[0]:.0f}, {values[-1]:.0f} | | |")
    for name, used in cpu.items():
        print(f"| processor of {name}, cores | {used / seconds:.2f} | | |")
    return missed + figures.unanswered + figures.twice


async def run(url: str, made: list[Mail], options: argparse.Namespace, watched: dict[str, Process]) -> int:
    memory: dict[str, list[float]] = {name: [] for name in watched}
    before, began = {name: each.cpu_s() for name, each in watched.items()}, time.monotonic()

    async def watch() -> None:
        while True:
            await asyncio.sleep(options.seconds / 3)
            for name, each in watched.items():
                memory[name].append(each.memory_mb())

    watching = asyncio.create_task(watch())
    sent = await drive(url, made, options.a_second, options.seconds, options.people)
    took = time.monotonic() - began
    await finished(url, len(sent), 60)
    watching.cancel()
    cpu = {name: each.cpu_s() - before[name] for name, each in watched.items()}
    figures = await collect(url, sent, AppConfig().bot_id)
    print(f"{len(sent)} reports of {options.people} people in {took:.0f} s\n")
    return print_figures(figures, memory, cpu, took)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_load", description=__doc__)
    parser.add_argument("--a-second", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--delay-ms", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2, help="worker processes; 0: `checkmail serve` alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, workspace(options.people) as url:
        folder, key = Path(name), make_key()
        made = mails(folder / "mails", key, 200, (3_000, 10_000))
        (host, port), stop = start_server(zones(key), options.delay_ms / 1000)
        bot = Bot(folder, f"{url}/api/", AppConfig(), {"CHECKMAIL_DNS": f"{host}:{port}"})
        watched: dict[str, Process] = {}
        try:
            if options.workers == 0:
                watched["serve"] = bot.start("serve")
            else:
                watched["serve --no-worker"] = bot.start("serve", "--no-worker")
            for number in range(options.workers):
                watched[f"worker {number + 1}"] = bot.start("worker")
            for each in watched.values():
                each.until_ready()
            return asyncio.run(run(url, made, options, watched))
        finally:
            for each in watched.values():
                each.stop()
            stop()


if __name__ == "__main__":
    sys.exit(main())
