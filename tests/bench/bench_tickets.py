"""How the queue stands with many tickets: `python -m tests.bench.bench_tickets [--tickets 10000] [--rounds 40]`.

Tickets lie in the real store, open and closed ones, of some technicians, each with acts in its record. Measured is
what a person waits for: Home (totals, mine, unowned, campaigns), a page of the queue, one ticket with its story, an
act, and a report that joins. Nothing of Slack is in it. Home and queue have to be under 300 ms.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.model import Priority
from bot.model.tickets import Actor, Closing, Role
from bot.tickets import acts
from bot.tickets.ports import Pile
from tests.ticketstore import ANN, TEAM, Shop, hacked, inquiry, make_shop, opened_line

TARGET_MS = 300
MEASURED = ("Home", "queue")
TECHNICIANS = tuple(Actor(Role.TECHNICIAN, f"UTECH{number}", f"Technician {number}") for number in range(5))
PRIORITIES = tuple(Priority)


def fill(shop: Shop, number: int) -> None:
    """Most are closed, as in a desk that does its work; a tenth is open."""
    for index in range(number):
        shop.clock.go(timedelta(minutes=5))
        person = replace(ANN, user=f"UR{index % 700}", name=f"Reporter {index % 700}")
        outcome = hacked(f"account{index}@firm.example", priority=PRIORITIES[index % 3])
        done = shop.ticketing.report(inquiry(person, f"i{index:07d}"), replace(outcome, campaign=f"c{index}"))
        assert done is not None
        if index % 4:
            by = TECHNICIANS[index % len(TECHNICIANS)]
            shop.ticketing.act(TEAM, done.ticket.number, acts.take(by))
            if index % 10:
                shop.ticketing.act(TEAM, done.ticket.number, acts.close(by, Closing.SPAM, "Looked at it."))


def home(shop: Shop) -> None:
    me = TECHNICIANS[0].user
    shop.ticketing.totals(TEAM, me)
    for pile in (Pile.MINE, Pile.UNOWNED, Pile.CAMPAIGNS):
        for ticket in shop.ticketing.queue(TEAM, pile, me, count=10).tickets:
            shop.ticketing.due_of(ticket)


def queue(shop: Shop, start: int) -> None:
    for ticket in shop.ticketing.queue(TEAM, Pile.OPEN, start=start, count=25).tickets:
        shop.ticketing.due_of(ticket)


def questions(shop: Shop, number: int) -> dict[str, Callable[[int], object]]:
    known = shop.ticketing.queue(TEAM, count=200).tickets

    def story(turn: int) -> None:
        ticket = known[turn % len(known)]
        shop.ticketing.find(TEAM, ticket.number)
        shop.ticketing.story(TEAM, ticket.number)

    def note(turn: int) -> None:
        shop.ticketing.act(TEAM, known[turn % len(known)].number, acts.note(TECHNICIANS[1], f"Seen {turn}."))

    def join(turn: int) -> None:
        person = replace(ANN, user=f"UX{turn}")
        outcome = hacked(known[turn % len(known)].accounts[0].address)
        assert shop.ticketing.report(inquiry(person, f"x{turn:07d}"), outcome) is not None

    return {
        "Home": lambda _: home(shop),
        "queue": lambda turn: queue(shop, 25 * (turn % max(1, number // 100))),
        "ticket with its story": story,
        "act": note,
        "report that joins": join,
        "the clock's look": lambda _: shop.ticketing.due(),
    }


def measured(ask: Callable[[int], object], rounds: int) -> list[float]:
    took: list[float] = []
    for turn in range(rounds):
        begin = time.perf_counter()
        ask(turn)
        took.append(1_000 * (time.perf_counter() - begin))
    return took


def report(figures: dict[str, list[float]]) -> Iterable[str]:
    for name, took in figures.items():
        line = f"{name:24} median {statistics.median(took):7.1f} ms   worst {max(took):7.1f} ms"
        yield line + (f"   target {TARGET_MS} ms" if name in MEASURED else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened_line(Path(folder)) as line:
        shop = make_shop(line)
        begin = time.perf_counter()
        fill(shop, wanted.tickets)
        took, open_ = time.perf_counter() - begin, shop.ticketing.totals(TEAM)[Pile.OPEN]
        print(f"{wanted.tickets} tickets in {took:.0f} s, {open_} open")
        figures = {name: measured(ask, wanted.rounds) for name, ask in questions(shop, wanted.tickets).items()}
        print("\n".join(report(figures)))
        shop.tickets.close()
    return 0 if all(max(figures[name]) < TARGET_MS for name in MEASURED) else 1


if __name__ == "__main__":
    sys.exit(main())
