"""How long a check takes: `python -m tests.bench.bench_check [--delay-ms 20] [--mails 200]`.

A DNS server in a process of its own delays every answer. Each mail is checked with a cold cache, small
ones again with a warm one, some with a server that never answers; authheaders does the same mails over
the same DNS beside us. Prints medians and 95th percentiles against the targets.
"""

import argparse
import asyncio
import gc
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bot.adapters.dns import Dns
from bot.ports import DnsAnswer, Resolver
from tests.bench.engine import Check, make_check
from tests.bench.world import Mail, Zones, mails, make_key, zones
from tests.dnsserver import DnsServer

TARGETS = {
    "cold median, ms": 75,
    "cold 95th percentile, ms": 150,
    "questions a mail, median": 8,
    "warm 10 kB median, ms": 5,
    "never answers, worst, ms": 2_500,
    "memory, MB": 120,
}


class Counting:
    """A resolver that counts the distinct questions that it is asked."""

    def __init__(self, inner: Resolver) -> None:
        self._inner = inner
        self.asked: set[tuple[str, str]] = set()

    async def look_up(self, name: str, rdtype: str) -> DnsAnswer:
        self.asked.add((name, rdtype))
        return await self._inner.look_up(name, rdtype)


@dataclass(frozen=True)
class Timed:
    ms: float
    questions: int


def serve(there: Connection, records: Zones, delay_s: float, silent: bool) -> None:
    """The DNS server's process: tells its address, then serves until its end is closed."""

    async def run() -> None:
        async with DnsServer(records, delay_s=delay_s, silent=silent) as server:
            there.send(server.address)
            await asyncio.get_running_loop().run_in_executor(None, there.poll, None)

    asyncio.run(run())


def start_server(records: Zones, delay_s: float, *, silent: bool = False) -> tuple[tuple[str, int], Callable[[], None]]:
    """The address of a server in a new process, and what stops it."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there, records, delay_s, silent))
    process.start()
    address: tuple[str, int] = here.recv()

    def stop() -> None:
        here.send("stop")
        process.join(5)

    return address, stop


async def timed(check: Check, mail: Mail, resolver: Resolver) -> Timed:
    counting, raw = Counting(resolver), mail.raw
    started = time.perf_counter()
    await check(raw, counting)
    return Timed((time.perf_counter() - started) * 1000, len(counting.asked))


async def cold(check: Check, wanted: list[Mail], address: tuple[str, int]) -> list[Timed]:
    """Each mail with a resolver that knows nothing."""
    await timed(check, wanted[0], Dns((address,)))  # what is loaded once, is loaded
    return [await timed(check, mail, Dns((address,))) for mail in wanted]


async def warm(check: Check, wanted: list[Mail], address: tuple[str, int]) -> list[Timed]:
    """Each mail again, with the answers still in the cache."""
    resolver = Dns((address,))
    for mail in wanted:
        await timed(check, mail, resolver)
    return [await timed(check, mail, resolver) for mail in wanted for _ in range(3)]


async def dead(check: Check, wanted: list[Mail], address: tuple[str, int]) -> list[Timed]:
    found = []
    for mail in wanted:
        resolver = Dns((address,))
        found.append(await timed(check, mail, resolver))
        await resolver.aclose()
    return found


def authheaders_process(there: Connection, wanted: list[Mail], address: tuple[str, int]) -> None:
    """authheaders in a process of its own: we replace a function of pyspf in ours."""
    import dns.resolver
    from authheaders import authenticate_message

    found: list[float] = []
    for mail in wanted:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [address[0]], address[1]
        dns.resolver.default_resolver = resolver
        raw = mail.raw
        started = time.perf_counter()
        authenticate_message(raw, "receiver.example", spf=True, ip=mail.ip, mail_from=mail.mail_from, helo=mail.helo)
        found.append((time.perf_counter() - started) * 1000)
    there.send(found)


def authheaders(wanted: list[Mail], address: tuple[str, int]) -> list[float]:
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=authheaders_process, args=(there, wanted, address))
    process.start()
    found: list[float] = here.recv()
    process.join(5)
    return found


def high_water_mb() -> float:
    """The most memory that this process has had, by the kernel (VmHWM)."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def report(name: str, value: float) -> bool:
    target = TARGETS[name]
    held = value <= target
    print(f"{name:<28}{value:>9.1f}   at most {target:>5}   {'held' if held else 'MISSED'}")
    return held


def run(work: Coroutine[object, object, list[Timed]]) -> list[Timed]:
    gc.collect()
    return asyncio.run(work)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--delay-ms", type=float, default=20)
    options.add_argument("--mails", type=int, default=200)
    options.add_argument("--no-authheaders", action="store_true")
    chosen = options.parse_args()
    key = make_key()
    address, stop = start_server(zones(key), chosen.delay_ms / 1000)
    silent, stop_silent = start_server({}, 0, silent=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            wanted = mails(Path(folder) / "all", key, chosen.mails)
            small = mails(Path(folder) / "small", key, 20, (10_000,))
            return _measure(make_check(), wanted, small, address, silent, beside=not chosen.no_authheaders)
    finally:
        stop()
        stop_silent()


def _measure(
    check: Check, wanted: list[Mail], small: list[Mail], address: tuple[str, int], silent: tuple[str, int], beside: bool
) -> int:
    first = run(cold(check, wanted, address))
    times = [each.ms for each in first]
    again = run(warm(check, small, address))
    never = run(dead(check, wanted[:4], silent))
    held = [
        report("cold median, ms", statistics.median(times)),
        report("cold 95th percentile, ms", percentile(times, 0.95)),
        report("questions a mail, median", statistics.median(each.questions for each in first)),
        report("warm 10 kB median, ms", statistics.median(each.ms for each in again)),
        report("never answers, worst, ms", max(each.ms for each in never)),
        report("memory, MB", high_water_mb()),
    ]
    if beside:
        theirs = authheaders(wanted, address)
        ratio = statistics.median(theirs) / statistics.median(times)
        print(f"authheaders, median ms      {statistics.median(theirs):>9.1f}   {ratio:.1f} times as long as we take")
        print(f"authheaders, 95th pct ms    {percentile(theirs, 0.95):>9.1f}")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
