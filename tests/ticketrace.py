"""A technician as a process of its own, for races: `python -m tests.ticketrace URL TEAM NUMBER NAME KIND ROUNDS`.

Prints one line for each attempt: done, or the code of what it was told instead.
"""

import sys
import time

from bot.adapters.store import Line
from bot.errors import Shown
from bot.model.tickets import Act, Actor, Role
from bot.tickets import acts
from tests.ticketstore import make_shop


def main(url: str, team: str, number: int, name: str, kind: str, rounds: int) -> None:
    shop = make_shop(Line(url))
    me = Actor(Role.TECHNICIAN, f"U{name.upper()}", name)
    shop.tickets.find(team, number)  # what is built when first used, before the start
    print("ready", flush=True)
    sys.stdin.readline()
    for round in range(rounds):
        try:
            shop.ticketing.act(team, number, wanted(kind, me, round))
            print("done", flush=True)
        except Shown as told:
            print(told.code, flush=True)
        time.sleep(0)


def wanted(kind: str, me: Actor, round: int) -> Act:
    return acts.take(me) if kind == "take" else acts.note(me, f"{me.name} {round}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5], int(sys.argv[6]))
