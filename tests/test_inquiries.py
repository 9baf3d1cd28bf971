"""The record: what is handed in is kept once, changed by many at once, and gone when its time is over."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.inquiries import FORGOTTEN_AT_ONCE, LETTERS, RedisInquiries, make_id
from bot.adapters.leases import Leases
from bot.adapters.records import Strange, dump, forgotten, load, thinned
from bot.adapters.redis_url import QUICK_S
from bot.adapters.store import Line
from bot.errors import Shown, StoreUnavailable
from bot.model import Asker, Inquiry, Piece, Place, Stage, Told, Verdict, Wish
from bot.ports import Said
from tests.deskfakes import NOON, TestClock
from tests.inquirykit import EML, JOSEF, MARIA, SECRETS, inquiry, outcome
from tests.storefixtures import line, server

__all__ = ["line", "server"]
ROOT = Path(__file__).parents[1]
Make = Callable[..., RedisInquiries]


@pytest.fixture
def make(line: Line) -> Iterator[Make]:
    """Records of one store, as several processes would have them."""
    opened: list[RedisInquiries] = []

    def opener(**settings: object) -> RedisInquiries:
        clock = settings.pop("clock", None) or TestClock()
        opened.append(RedisInquiries(line, clock, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for each in opened:
        each.close()


def everything(line: Line) -> str:
    """All that the store holds, keys and values, as text."""
    with line.client() as client:
        found = []
        for key in client.keys("*"):
            read = {b"hash": client.hgetall, b"string": client.get}.get(client.type(key))
            found.append(f"{key!r} {read(key) if read else ''!r}")
    return "\n".join(found)


def test_an_inquiry_is_read_as_it_was_kept(make: Make) -> None:
    one, other = make(), make()
    kept = one.open(inquiry(), "T1:D1:1")
    assert kept == replace(inquiry(), id=kept.id)
    decided = one.change(kept.id, lambda it: replace(it, outcome=outcome(), previous=outcome(0), stage=Stage.ANSWERED))
    assert other.find(kept.id) == decided
    assert other.at(Place("D1", "1764000000.000100")) == decided
    assert other.of(MARIA) == (decided,)
    assert other.latest(MARIA) == decided
    assert other.of(JOSEF) == ()
    assert other.find("nothing2") is None


def test_ids_are_short_sayable_and_each_another() -> None:
    ids = {make_id() for _ in range(2000)}
    assert len(ids) == 2000
    assert all(len(id) == 8 and set(id) <= set(LETTERS) for id in ids)
    assert not set(LETTERS) & set("aeiou01l")


def test_an_id_that_is_taken_is_not_taken_again(make: Make) -> None:
    ids = iter(["bbbbbbbb", "bbbbbbbb", "cccccccc"])
    record = make(new_id=lambda: next(ids))
    assert record.open(inquiry(), "one").id == "bbbbbbbb"
    assert record.open(inquiry(), "two").id == "cccccccc"


def test_one_submission_that_comes_twice_is_one_inquiry(make: Make) -> None:
    first = make().open(inquiry(), "T1:D1:1")
    again = make().open(inquiry(), "T1:D1:1")
    assert again == first
    assert len(make().of(MARIA)) == 1


def test_many_that_open_one_key_at_once_agree_on_one(make: Make) -> None:
    records = [make() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda record: record.open(inquiry(), "T1:D1:1").id, records))
    assert len(set(opened)) == 1


def test_no_change_of_many_at_once_is_lost(make: Make) -> None:
    records = [make() for _ in range(6)]
    id = records[0].open(inquiry(), "k").id

    def grow(number: int) -> None:
        def grown(kept: Inquiry) -> Inquiry:
            return replace(kept, revision=kept.revision + 1, pieces=(*kept.pieces, Piece(f"{number}.0", "x")))

        records[number % 6].change(id, grown)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(grow, range(60)))
    kept = records[0].find(id)
    assert kept is not None
    assert kept.revision == 61
    assert {piece.ts for piece in kept.pieces[1:]} == {f"{number}.0" for number in range(60)}


def test_a_change_of_what_is_not_kept_is_told(make: Make) -> None:
    with pytest.raises(Shown, match="isn't kept any more"):
        make().change("nothing2", lambda kept: kept)


def test_later_messages_of_an_inquiry_lead_to_it(make: Make) -> None:
    record = make()
    id = record.open(inquiry(), "k").id
    record.change(id, lambda kept: replace(kept, pieces=(*kept.pieces, Piece("1764000009.000100", "more"))))
    found = record.at(Place("D1", "1764000009.000100"))
    assert found is not None
    assert found.id == id


def test_a_key_is_first_once_until_its_time_is_over(make: Make) -> None:
    record = make()
    assert not record.known("k")
    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(lambda _: record.first("k", timedelta(seconds=0.4)), range(8)))
    assert sorted(heard) == [False] * 7 + [True]
    assert record.known("k")
    time.sleep(0.5)
    assert not record.known("k")
    assert record.first("k", timedelta(seconds=1))


def test_a_tally_counts_within_its_time(make: Make) -> None:
    record = make()
    assert [record.tally("k", timedelta(seconds=0.3)) for _ in range(3)] == [1, 2, 3]
    time.sleep(0.4)
    assert record.tally("k", timedelta(seconds=0.3)) == 1


def test_fetched_material_is_kept_with_its_content(make: Make) -> None:
    record = make()
    id = record.open(inquiry(), "k").id
    assert record.kept(id, "F1") is None
    record.keep(id, "F1", EML)
    assert record.kept(id, "F1") == EML
    record.keep("nothing2", "F1", EML)
    assert record.kept("nothing2", "F1") is None, "of nothing"


def test_material_too_large_is_fetched_again_instead(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.records.LARGEST_KEPT", 10)
    record = make()
    id = record.open(inquiry(), "k").id
    record.keep(id, "F1", EML)
    assert record.kept(id, "F1") is None


def test_a_mark_is_claimed_once_then_looked_for_then_known(make: Make) -> None:
    one, other = make(), make()
    said = Said("D9", "5.5")
    assert one.saying("a", "answer-1") is True
    assert other.saying("a", "answer-1") is False
    other.unsaid("a", "answer-1")
    assert other.saying("a", "answer-1") is True
    other.said("a", "answer-1", said)
    assert one.saying("a", "answer-1") == said
    assert one.saying("a", "answer-2") is True


def test_the_thread_that_was_opened_leads_to_the_inquiry(make: Make) -> None:
    record = make()
    id = record.open(inquiry(place=Place("UMARIA")), "k").id
    record.said(id, "acknowledge", Said("D9", "5.5"))
    found = record.at(Place("D9", "5.5"))
    assert found is not None
    assert found.id == id


def test_content_goes_by_itself_and_the_verdict_stays(make: Make, line: Line) -> None:
    record = make(keep_content=timedelta(seconds=0.4), keep_verdicts=timedelta(seconds=60))
    id = record.open(inquiry(), "k").id
    record.keep(id, "F1", EML)
    record.change(id, lambda kept: replace(kept, outcome=outcome(), previous=outcome(0), stage=Stage.ANSWERED))
    assert all(secret in everything(line) for secret in SECRETS[:3])
    time.sleep(0.6)
    kept = record.find(id)
    assert kept is not None
    assert kept.outcome is not None
    assert kept.outcome.diagnosis.verdict is Verdict.SPOOFED_ADDRESS
    assert [(each.rule, each.weight) for each in kept.outcome.diagnosis.findings] == [("dmarc-failed", -14.0)]
    assert (kept.received_at, kept.told.clicked, kept.asker.user) == (inquiry().received_at, True, "UMARIA")
    assert kept.pieces == ()
    assert record.kept(id, "F1") is None
    held = everything(line)
    assert [secret for secret in SECRETS if secret in held] == []


def test_the_verdict_goes_when_its_time_is_over(make: Make, line: Line) -> None:
    record = make(keep_verdicts=timedelta(seconds=0.3), remember=timedelta(seconds=0.3))
    id = record.open(inquiry(), "k").id
    record.change(id, lambda kept: replace(kept, stage=Stage.ANSWERED))
    time.sleep(0.5)
    assert record.find(id) is None
    assert record.of(MARIA) == ()
    with line.client() as client:
        assert client.keys("*") == []


def test_content_is_not_dropped_before_the_answer(make: Make) -> None:
    record = make(keep_content=timedelta(0))
    id = record.open(inquiry(), "k").id
    assert record.find(id) == replace(inquiry(), id=id)
    record.change(id, lambda kept: replace(kept, stage=Stage.ANSWERED))
    thin = record.find(id)
    assert thin is not None
    assert thin.pieces == ()


def test_the_owner_says_until_when_content_is_kept(make: Make) -> None:
    record = make(keep_content=timedelta(0), content_until=lambda kept, at: None if kept.outcome else at)
    with_ticket, without = record.open(inquiry(), "a").id, record.open(inquiry(), "b").id
    record.change(with_ticket, lambda kept: replace(kept, outcome=outcome(), stage=Stage.ANSWERED))
    record.change(without, lambda kept: replace(kept, stage=Stage.ANSWERED))
    assert [bool(kept and kept.pieces) for kept in map(record.find, (with_ticket, without))] == [True, False]


def test_what_somebody_handed_in_is_forgotten_at_once_and_nobody_elses(make: Make, line: Line) -> None:
    record = make()
    mine, theirs = record.open(inquiry(), "a").id, record.open(inquiry(asker=JOSEF, place=Place("D2", "7.7")), "b").id
    record.keep(mine, "F1", EML)
    record.said(mine, "answer-1", Said("D1", "9.9", "1764000000.000100"))
    record.change(mine, lambda kept: replace(kept, outcome=outcome(), previous=outcome(0), stage=Stage.ANSWERED))
    assert record.forget(MARIA, NOON) == 1
    fact = record.find(mine)
    assert fact is not None
    assert (fact.stage, fact.asker, fact.place) == (Stage.FORGOTTEN, Asker("T1", ""), Place("", ""))
    assert fact.outcome is not None
    assert fact.outcome.diagnosis.verdict is Verdict.SPOOFED_ADDRESS
    assert record.of(MARIA) == ()
    assert record.at(Place("D1", "1764000000.000100")) is None
    kept = record.find(theirs)
    assert kept is not None
    assert kept.pieces
    with line.client() as client:
        client.delete(f"checkmail:inquiry:{theirs}")
    assert [word for word in (*SECRETS, "UMARIA", "F1") if word in everything(line)] == []


def test_what_is_forgotten_stays_so_whatever_was_under_way(make: Make, line: Line) -> None:
    record = make()
    id = record.open(inquiry(), "a").id
    record.forget(MARIA, NOON)
    record.keep(id, "F1", EML)
    assert record.kept(id, "F1") is None
    assert record.saying(id, "answer-1") is True
    record.said(id, "answer-1", Said("D1", "9.9", "8.8"))
    assert record.at(Place("D1", "8.8")) is None
    assert "answer-1" not in everything(line)
    assert record.open(inquiry(), "a").stage is Stage.FORGOTTEN
    assert record.forget(MARIA, NOON) == 0


def test_what_is_handed_in_while_the_rest_is_forgotten_stays(make: Make) -> None:
    record = make()
    for number in range(FORGOTTEN_AT_ONCE + 5):
        record.open(inquiry(place=Place("D1", f"176400{number:04}.000100")), f"k{number}")
    later = record.open(replace(inquiry(place=Place("D1", "9.9")), received_at=NOON + timedelta(seconds=1)), "later")
    assert [record.forget(MARIA, NOON) for _ in range(3)] == [FORGOTTEN_AT_ONCE, 5, 0]
    assert record.of(MARIA) == (later,)


def test_a_wish_that_nobody_heard_of_is_found_again(make: Make) -> None:
    clock = TestClock()
    record = make(clock=clock)
    id = record.open(inquiry(), "k").id
    record.change(id, lambda kept: replace(kept, stage=Stage.ANSWERED))
    record.change(id, lambda kept: replace(kept, wishes=(Wish.URGENT,)))
    assert record.overdue(9) == ()
    clock.go(timedelta(minutes=2))
    assert [each.id for each in record.overdue(9)] == [id]
    record.said(id, Wish.URGENT.called, Said("CTECH", "9.9"))
    clock.go(timedelta(hours=2))
    assert record.overdue(9) == ()


def test_thinning_leaves_no_text_of_the_mail_nor_a_name() -> None:
    full = replace(inquiry("a"), outcome=outcome(), previous=outcome(0))
    for rest in (thinned(full), forgotten(full)):
        assert [secret for secret in SECRETS if secret in str(rest)] == []
        assert load(dump(rest)) == rest


def test_half_a_surrogate_pair_is_kept_as_a_question_mark() -> None:
    cut = replace(inquiry("a"), pieces=(Piece("1.1", "smile \ud83d"),))
    assert load(dump(cut)).pieces == (Piece("1.1", "smile ?"),)


def test_those_that_wait_too_long_are_found_again_and_ever_more_seldom(make: Make) -> None:
    clock = TestClock()
    record = make(clock=clock, worry_s=60)
    waiting = record.open(inquiry(), "a").id
    answered = record.open(inquiry(), "b").id
    record.change(answered, lambda kept: replace(kept, stage=Stage.ANSWERED))
    found = []
    for _ in range(40):
        clock.go(timedelta(seconds=15))
        found.append(tuple(each.id for each in record.overdue(10)))
    at = [15 * (index + 1) for index, ids in enumerate(found) if ids]
    assert {id for ids in found for id in ids} == {waiting}
    assert at == [60, 120, 240, 480]


def test_an_answer_ends_the_wait_and_more_material_begins_it_anew(make: Make) -> None:
    clock = TestClock()
    record = make(clock=clock, worry_s=60)
    id = record.open(inquiry(), "a").id
    record.change(id, lambda kept: replace(kept, stage=Stage.ANSWERED))
    clock.go(timedelta(seconds=90))
    assert record.overdue(10) == ()
    record.change(id, lambda kept: replace(kept, stage=Stage.RECEIVED, revision=2, changed_at=clock.now()))
    assert record.overdue(10) == ()
    clock.go(timedelta(seconds=61))
    assert [each.id for each in record.overdue(10)] == [id]


def rewrite(line: Line, id: str, change: Callable[[dict[str, object]], object]) -> None:
    """Writes an inquiry's records as another version would have."""
    with line.client() as client:
        for key in (f"checkmail:inquiry:{id}", f"checkmail:verdict:{id}"):
            body = json.loads(client.hget(key, "b") or b"")
            change(body)
            client.hset(key, "b", json.dumps(body))


def test_a_record_of_a_newer_version_stands_in_nobodys_way_and_waits_for_that_version(make: Make, line: Line) -> None:
    clock = TestClock()
    record = make(clock=clock)
    strange, fine = record.open(inquiry(), "one"), record.open(inquiry(place=Place("D1", "1764000001.000100")), "two")
    rewrite(line, strange.id, lambda body: body.update(schema=2, stage="escalated"))
    assert record.find(strange.id) is None
    assert record.at(Place("D1", "1764000000.000100")) is None
    assert record.of(MARIA) == (fine,)
    clock.go(timedelta(minutes=2))
    assert record.overdue(9) == (fine,)
    with pytest.raises(Strange, match="schema 2"):
        record.change(strange.id, lambda kept: replace(kept, revision=9))
    rewrite(line, strange.id, lambda body: body.update(stage="received"))
    clock.go(timedelta(minutes=15))
    assert strange.id in [each.id for each in record.overdue(9)]
    rewrite(line, strange.id, lambda body: body.update(stage="escalated"))
    record.forget(MARIA, NOON)
    assert not any(word in everything(line) for word in SECRETS)


def test_fields_that_a_newer_version_added_are_passed_over(make: Make, line: Line) -> None:
    kept = make().open(inquiry(), "one")
    rewrite(line, kept.id, lambda body: body.update(schema=2, mood="good"))
    assert make().find(kept.id) == kept
    assert load(dump(kept).replace(b'{"schema":1,', b"{")) == kept, "one from before schemas were told"


def test_in_front_a_store_that_hangs_is_given_up_while_slack_still_waits() -> None:
    asked = 0
    with socket.create_server(("127.0.0.1", 0)) as hung:
        line = Line(f"redis://127.0.0.1:{hung.getsockname()[1]}/0").for_the_front()
        record = RedisInquiries(line, TestClock())
        with pytest.raises(StoreUnavailable, match="in time"):
            record.known("k")
        hung.settimeout(0.2)
        with suppress(TimeoutError):
            while True:
                hung.accept()[0].close()
                asked += 1
        record.close()
    assert asked == 1, "a question that isn't answered isn't asked again"
    assert QUICK_S * 3 < 3.0


def test_in_front_a_connection_that_broke_is_made_anew(line: Line) -> None:
    record = RedisInquiries(line.for_the_front(), TestClock())
    assert record.first("k", timedelta(minutes=1))
    with line.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert record.known("k")
    record.close()


def test_a_crash_while_reading_is_counted_and_an_end_clears_it(make: Make) -> None:
    record = make()
    assert [record.begin("a", 1), record.begin("a", 1), record.begin("a", 2)] == [1, 2, 1]
    record.end("a", 1)
    assert record.begin("a", 1) == 1


def test_a_lease_is_one_holders_and_renewed_as_long_as_it_is_held(line: Line) -> None:
    with line.client() as one, line.client() as other:
        mine, theirs = Leases(one, lasts_s=0.4), Leases(other, lasts_s=0.4)
        with mine.hold("n") as held:
            assert held
            time.sleep(0.9)
            with theirs.hold("n") as also:
                assert not also
        with theirs.hold("n") as after:
            assert after


def test_a_lease_is_waited_for(line: Line) -> None:
    with line.client() as one, line.client() as other, ThreadPoolExecutor(1) as pool:
        mine, theirs = Leases(one), Leases(other)

        def wait() -> bool:
            with theirs.hold("n", 5.0) as held:
                return held

        with mine.hold("n"):
            waiting = pool.submit(wait)
            time.sleep(0.1)
            assert not waiting.done()
        assert waiting.result(5)


DIE = """
import sys, os, signal
from bot.adapters.redis_url import connect
from bot.adapters.leases import Leases
with Leases(connect(sys.argv[1]), lasts_s=0.5).hold("n"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_holders_lease_ends_by_itself(line: Line) -> None:
    died = subprocess.run([sys.executable, "-c", DIE, line.url], cwd=ROOT, timeout=30)
    assert died.returncode == -9
    with line.client() as client:
        leases = Leases(client)
        with leases.hold("n") as at_once, leases.hold("n", 5.0) as later:
            assert (at_once, later) == (False, True)


RACE = """
import sys
from dataclasses import replace
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.store import Line
from bot.ports import Said
from tests.deskfakes import TestClock
from tests.inquirykit import inquiry
record = RedisInquiries(Line(sys.argv[1]), TestClock())
print("ready", flush=True)
sys.stdin.readline()
opened = [record.open(inquiry(), f"key{number}").id for number in range(20)]
for id in opened:
    record.change(id, lambda kept: replace(kept, revision=kept.revision + 1))
claims = [record.saying(id, "answer-1") is True for id in opened]
print(*opened, *map(int, claims), flush=True)
"""


def test_processes_agree_on_inquiries_changes_and_claims(make: Make, line: Line) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, line.url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[0].split() for process in processes]
    ids = [tuple(words[:20]) for words in told]
    assert len(set(ids)) == 1
    assert len(set(ids[0])) == 20
    claims = [sum(int(words[20 + index]) for words in told) for index in range(20)]
    assert claims == [1] * 20
    record = make()
    kept = [record.find(id) for id in ids[0]]
    assert [each.revision for each in kept if each] == [4] * 20


def test_what_was_told_is_kept(make: Make) -> None:
    record = make()
    id = record.open(inquiry(), "k").id
    told = Told(claims="Ünal <u@example.org>", paid=False, own_account=True)
    record.change(id, lambda kept: replace(kept, told=told))
    kept = record.find(id)
    assert kept is not None
    assert kept.told == told
