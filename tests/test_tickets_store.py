"""The same lives in the real store: nothing is lost between two who write at once, and nothing outlives its time."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bot.adapters.store import Line
from bot.errors import Shown, StoreUnavailable
from bot.model import Place
from bot.model.tickets import ActKind, Again, Closing, LiveTicket, TicketState
from bot.tickets import acts, replay, thinning
from bot.tickets.clock import due
from bot.tickets.ports import Pile
from tests.ticketkit import TEA, TOM, opening, some_act
from tests.ticketstore import ANN, BEN, TEAM, Shop, everything, hacked, inquiry, make_shop, opened_line

_TEAMS = count(1)
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with opened_line(tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture
def shop(line: Line) -> Iterator[Shop]:
    made = make_shop(line)
    yield made
    with line.client() as client:
        client.flushdb()
    made.tickets.close()


def new(shop: Shop, team: str = TEAM) -> LiveTicket:
    done = shop.ticketing.keeper.open(team, opening(), ())
    assert done is not None
    return done.ticket


def test_any_order_of_acts_by_two_processes_is_kept_without_loss(line: Line) -> None:
    """Two services over one store, each with what it read: the store holds what replaying its record makes."""

    class Kept(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.team = f"X{next(_TEAMS)}"
            self.shops = (make_shop(line), make_shop(line))
            self.ticket = new(self.shops[0], self.team)
            self.acts = 1

        @rule(seed=st.integers(0, 2**48))
        def they_act_in_turns(self, seed: int) -> None:
            dice = Random(seed)
            for _ in range(6):
                shop = dice.choice(self.shops)
                for each in self.shops:
                    each.clock.go(timedelta(minutes=dice.choice((0, 1, 60, 1_000))))
                now = self.shops[0].clock.now()
                ticket = shop.ticketing.find(self.team, 1)
                assert ticket is not None
                act = some_act(dice, ticket, now)
                if act.kind is ActKind.OPENED:
                    continue
                try:
                    done = shop.ticketing.act(self.team, 1, act)
                except Shown:
                    continue
                self.acts += 1
                assert done.entry is not None
                assert done.ticket.version == self.acts
            self.look()

        def look(self) -> None:
            shop = self.shops[0]
            ticket, story = shop.ticketing.find(self.team, 1), shop.ticketing.story(self.team, 1)
            assert ticket is not None
            assert [entry.number for entry in story] == list(range(1, self.acts + 1))
            assert all(one.became is other.was for one, other in pairwise(story))
            again = thinning.thin(replay(self.team, 1, story))
            assert replace(again, forgotten=ticket.forgotten) == replace(thinning.thin(ticket))
            open_, closed = (shop.ticketing.queue(self.team, pile).total for pile in (Pile.OPEN, Pile.CLOSED))
            assert (open_, closed) == ((1, 0) if ticket.is_open else (0, 1))
            mine = shop.ticketing.queue(self.team, Pile.MINE, ticket.owner).total
            assert mine == (1 if ticket.owner and ticket.is_open else 0)

        def teardown(self) -> None:
            for shop in self.shops:
                shop.tickets.close()

    run_state_machine_as_test(
        Kept, settings=settings(max_examples=15, stateful_step_count=8, deadline=None, database=None)
    )


def test_of_many_threads_that_take_it_at_once_one_wins_and_the_others_hear_who(shop: Shop) -> None:
    ticket = new(shop)
    people = [replace(TEA, user=f"U{index}", name=f"Number {index}") for index in range(8)]
    start = threading.Barrier(len(people))

    def take(index: int) -> str:
        start.wait()
        try:
            shop.ticketing.act(TEAM, ticket.number, acts.take(people[index]))
        except Shown as told:
            return told.message
        return ""

    with ThreadPoolExecutor(len(people)) as pool:
        heard = list(pool.map(take, range(len(people))))
    winner = heard.index("")
    assert heard.count("") == 1
    assert {told for told in heard if told} == {f"Number {winner} has ticket {ticket.number}."}
    assert [entry.act.by.name for entry in shop.ticketing.story(TEAM, 1)[1:]] == [f"Number {winner}"]


@pytest.mark.parametrize(("kind", "rounds"), [("take", 1), ("note", 15)])
def test_processes_that_write_at_once_lose_nothing(shop: Shop, line: Line, kind: str, rounds: int) -> None:
    ticket = new(shop)
    names = ("Ada", "Bob", "Cyd", "Dan")
    command = [sys.executable, "-m", "tests.ticketrace", line.url, TEAM, str(ticket.number)]
    running = [
        subprocess.Popen(
            [*command, name, kind, str(rounds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for name in names
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    heard = [process.communicate(timeout=60)[0].split() for process in running]
    assert all(process.returncode == 0 for process in running)
    done = sum(lines.count("done") for lines in heard)
    story = shop.ticketing.story(TEAM, ticket.number)
    kept = shop.ticketing.find(TEAM, ticket.number)
    assert kept is not None
    assert [entry.number for entry in story] == list(range(1, kept.version + 1))
    assert len(story) == 1 + done
    if kind == "take":
        assert done == 1
        assert sorted(word for lines in heard for word in lines) == ["done", "taken", "taken", "taken"]
    else:
        assert done == len(names) * rounds
        assert len({entry.act.text for entry in story[1:]}) == done


def test_of_many_who_report_one_account_at_once_all_are_in_one_ticket(shop: Shop) -> None:
    people = [replace(ANN, user=f"UR{index}", name=f"R {index}") for index in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda person: shop.ticketing.report(inquiry(person), hacked()), people))
    assert {done.ticket.number for done in made if done} == {1}
    ticket = shop.ticketing.find(TEAM, 1)
    assert ticket is not None
    assert sorted(each.user for each in ticket.reporters) == sorted(person.user for person in people)
    assert shop.tickets.next_number(TEAM) == 2


def test_numbers_are_sequential_however_many_are_opened_at_once(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: shop.ticketing.report(inquiry(), hacked(f"p{n}@firm.example")), range(24)))
    assert sorted(done.ticket.number for done in made if done) == list(range(1, 25))


def test_a_button_finds_its_ticket_however_old_and_after_a_restart(shop: Shop, line: Line) -> None:
    ticket = new(shop)
    post = Place("CTECH", "1764000000.000900")
    shop.ticketing.act(TEAM, ticket.number, acts.posted(post))
    shop.clock.go(timedelta(days=3_000))
    later = make_shop(line, shop.clock)
    found = later.ticketing.at(TEAM, post)
    assert found is not None
    assert found.post == post
    assert later.ticketing.act(TEAM, found.number, acts.take(TOM)).ticket.owner == "UTOM"


def test_what_is_closed_expires_its_content_first_and_then_the_record(line: Line) -> None:
    shop = make_shop(line, keep_content=timedelta(seconds=1_000), keep_record=timedelta(seconds=9_000))
    ticket = new(shop)
    with line.client() as client:
        assert all(client.ttl(key) == -1 for key in client.scan_iter("checkmail:ticket:*"))
        shop.ticketing.act(TEAM, ticket.number, acts.close(TEA, Closing.SPAM, "Only junk."))
        shop.outstanding()
        key = f"checkmail:ticket:{TEAM}:{ticket.number}"
        assert 900 < int(client.ttl(key)) <= 1_000
        assert 900 < int(client.ttl(f"{key}:record")) <= 1_000
        assert 8_900 < int(client.ttl(f"{key}:thin")) <= 9_000
        assert 8_900 < int(client.ttl(f"{key}:thin-record")) <= 9_000
        pointers = list(client.scan_iter("checkmail:ticket-of:*"))
        assert pointers
        assert all(8_900 < int(client.ttl(pointer)) <= 9_000 for pointer in pointers)
        shop.ticketing.act(TEAM, ticket.number, acts.reopen(TEA, Again.TECHNICIAN, "There is more."))
        assert all(client.ttl(key) == -1 for key in client.scan_iter("checkmail:ticket*"))
        client.flushdb()


def test_after_the_content_is_gone_the_story_tells_what_was_done_and_by_which_technician(line: Line) -> None:
    shop = make_shop(line, keep_content=timedelta(0))
    ticket = new(shop)
    shop.ticketing.act(TEAM, ticket.number, acts.note(TEA, "Ann sounded nervous."))
    shop.ticketing.act(TEAM, ticket.number, acts.close(TEA, Closing.SPAM, "Only junk."))
    shop.outstanding()
    story = shop.ticketing.story(TEAM, ticket.number)
    assert [(entry.act.kind, entry.act.by.user, entry.became) for entry in story] == [
        (ActKind.OPENED, "", TicketState.NEW),
        (ActKind.NOTE, "UTEA", TicketState.NEW),
        (ActKind.CLOSE, "UTEA", TicketState.CLOSED),
    ]
    with line.client() as client:
        rest = everything(client)
        client.flushdb()
    for private in (b"vic@example.org", b"Ann Meyer", b"UANN", b"nervous", b"junk"):
        assert private not in rest


def test_half_a_surrogate_pair_is_kept_as_a_question_mark(shop: Shop) -> None:
    ticket = new(shop)
    done = shop.ticketing.act(TEAM, ticket.number, acts.note(TEA, "cut \ud83d here"))
    assert done.entry is not None
    assert shop.ticketing.story(TEAM, ticket.number)[-1].act.text == "cut ? here"


def test_totals_of_a_closed_ticket_stand_on_no_open_pile(shop: Shop) -> None:
    shop.ticketing.report(inquiry(ANN), hacked())
    shop.ticketing.report(inquiry(BEN), hacked())
    assert shop.ticketing.totals(TEAM)[Pile.CAMPAIGNS] == 1
    shop.ticketing.act(TEAM, 1, acts.close(TEA, Closing.SPAM, "Only junk."))
    totals = shop.ticketing.totals(TEAM, "UTEA")
    assert {pile: total for pile, total in totals.items() if total} == {Pile.CLOSED: 1}
    assert [each.number for each in shop.tickets.closed_since(TEAM, shop.clock.now() - timedelta(days=1))] == [1]
    assert shop.tickets.closed_since(TEAM, shop.clock.now() + timedelta(days=1)) == ()


def test_a_ticket_that_was_closed_meanwhile_is_put_on_no_pile_again(shop: Shop) -> None:
    before = new(shop)
    shop.ticketing.act(TEAM, before.number, acts.close(TEA, Closing.SPAM, "Only junk."))
    shop.tickets.place(before, due(before, shop.ticketing.keeper.timing).next, shop.clock.now())
    assert shop.ticketing.totals(TEAM)[Pile.OPEN] == 0
    assert shop.tickets.waking(shop.clock.now() + timedelta(days=900), 10) == ()


def test_what_a_newer_version_has_written_is_not_misread(shop: Shop, line: Line) -> None:
    new(shop)
    with line.client() as client:
        client.hset(f"checkmail:ticket:{TEAM}:1:thin", "s", "99")
    with pytest.raises(StoreUnavailable, match="newer version"):
        shop.ticketing.find(TEAM, 1)


def test_a_store_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    shop = make_shop(Line(f"unix://{tmp_path}/nothing.sock"))
    with pytest.raises(StoreUnavailable):
        shop.ticketing.find(TEAM, 1)
