"""How long a check takes: `python -m tests.bench.bench_check [--delay-ms 20] [--mails 200]`.

A DNS server in a process of its own delays every answer. Each mail goes the whole straight line, from its octets
to the reply, with a cold cache; small ones (plain text, HTML, a scam's words) again with a warm one, some with a
server that never answers; authheaders does the same mails over the same DNS beside us, and does no more than
authenticate them. Prints a Markdown table of medians and 95th percentiles against the targets.
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
from tests.bench.engine import Check, make_check, make_tools
from tests.bench.world import TEXTS, Mail, Zones, mails, make_key, zones
from tests.dnsserver import DnsServer

TARGETS = {
    "cold median, ms": 75,
    "cold 95th percentile, ms": 150,
    "questions a mail, median": 8,
    "warm 10 kB talk median, ms": 5,
    "warm 10 kB html median, ms": 5,
    "warm 10 kB scam median, ms": 5,
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
    """By the clock, which other programs of the machine slow down."""
    cpu_ms: float
    """The processor time of this process alone."""
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
    started, worked = time.perf_counter(), time.process_time()
    await check(raw, counting)
    taken, used = time.perf_counter() - started, time.process_time() - worked
    return Timed(taken * 1000, used * 1000, len(counting.asked))


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


def report(name: str, value: float, cpu: list[Timed] | None = None) -> bool:
    """One row of the table; whether the target held."""
    target = TARGETS[name]
    held = value <= target
    used = f"{statistics.median(each.cpu_ms for each in cpu):.1f}" if cpu else ""
    print(f"| {name} | {value:.1f} | {used} | {target} | {'held' if held else 'MISSED'} |")
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
            small = [mails(Path(folder) / text, key, 20, (10_000,), text=text) for text in TEXTS]
            return _measure(wanted, small, address, silent, beside=not chosen.no_authheaders)
    finally:
        stop()
        stop_silent()


def _measure(
    wanted: list[Mail], small: list[list[Mail]], address: tuple[str, int], silent: tuple[str, int], beside: bool
) -> int:
    started = time.process_time()
    tools = make_tools()
    loaded = (time.process_time() - started) * 1000
    check = make_check(tools)
    first = run(cold(check, wanted, address))
    peak = high_water_mb()
    again = {text: run(warm(check, each, address)) for text, each in zip(TEXTS, small, strict=True)}
    never = run(dead(check, wanted[:4], silent))
    print("| figure | by the clock | processor, median ms | at most | |")
    print("|---|---|---|---|---|")
    times = [each.ms for each in first]
    held = [
        report("cold median, ms", statistics.median(times), first),
        report("cold 95th percentile, ms", percentile(times, 0.95)),
        report("questions a mail, median", statistics.median(each.questions for each in first)),
        *(report(f"warm 10 kB {text} median, ms", median(each), each) for text, each in again.items()),
        report("never answers, worst, ms", max(each.ms for each in never)),
        report("memory, MB", high_water_mb()),
    ]
    if beside:
        _authheaders_rows(authheaders(wanted, address), times)
    print(f"\nknowledge/ loads in {loaded:.0f} ms of processor time; {len(wanted)} mails take {peak:.0f} MB at most.")
    return 0 if all(held) else 1


def median(found: list[Timed]) -> float:
    return statistics.median(each.ms for each in found)


def _authheaders_rows(theirs: list[float], ours: list[float]) -> None:
    half, most = statistics.median(theirs), percentile(theirs, 0.95)
    ratios = half / statistics.median(ours), most / percentile(ours, 0.95)
    print(f"| authheaders, cold median, ms | {half:.1f} | | | {ratios[0]:.1f} times ours |")
    print(f"| authheaders, cold 95th percentile, ms | {most:.1f} | | | {ratios[1]:.1f} times ours |")


if __name__ == "__main__":
    sys.exit(main())
