"""The queue's broker: what a consumer took with it comes to another, and no fault of the store ends a consumer."""

import time
from collections.abc import Iterator

import pytest
from dramatiq import Message
from dramatiq.errors import ConnectionClosed
from redis.exceptions import TimeoutError as NoAnswer

from bot.adapters.broker import CHECKS, Broker, Consumer
from bot.adapters.queue import DeadLetters, RedisQueue, make_broker
from bot.adapters.store import Line
from bot.errors import StoreUnavailable
from tests.deskfakes import NullMeter
from tests.deskline import until
from tests.storefixtures import line, server

__all__ = ["line", "server"]


@pytest.fixture
def broker(line: Line) -> Iterator[Broker]:
    made = make_broker(line, NullMeter(), heartbeat_ms=300)
    yield made
    made.close()


def consumer(broker: Broker) -> Consumer:
    made = broker.consume(CHECKS, prefetch=4, timeout=10)
    assert isinstance(made, Consumer)
    return made


def taken(each: Consumer) -> list[str]:
    """The inquiries whose jobs it gets within a while, all in all."""
    found: list[str] = []
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        message = next(each)
        if message is not None:
            found.append(str(message.args[0]))
    return found


def test_jobs_come_in_the_order_in_which_they_were_queued(broker: Broker, line: Line) -> None:
    queue = RedisQueue(broker, line.url)
    for name in ("a", "b", "c"):
        queue.check(name, 1)
    assert taken(consumer(broker)) == ["a", "b", "c"]


def test_what_a_consumer_took_and_never_finished_comes_to_another(broker: Broker, line: Line) -> None:
    RedisQueue(broker, line.url).check("a", 1)
    assert taken(consumer(broker)) == ["a"]
    other = consumer(broker)
    assert until(lambda: taken(other) == ["a"], 5)


def test_a_consumer_that_still_works_keeps_what_it_took(
    broker: Broker, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.broker._BEAT_S", 0.05)
    RedisQueue(broker, line.url).check("a", 1)
    busy, idle = consumer(broker), consumer(broker)
    busy.prefetch = 1
    assert next(busy) is not None
    for _ in range(20):
        assert next(busy) is None, "its prefetch is full"
        assert next(idle) is None
        time.sleep(0.04)


def test_what_is_handed_back_comes_at_once(broker: Broker, line: Line) -> None:
    RedisQueue(broker, line.url).check("a", 1)
    first = consumer(broker)
    message = next(first)
    assert message is not None
    first.requeue([message])
    assert taken(consumer(broker)) == ["a"]


def test_what_is_done_never_comes_again(broker: Broker, line: Line) -> None:
    RedisQueue(broker, line.url).check("a", 1)
    first = consumer(broker)
    message = next(first)
    assert message is not None
    first.ack(message)
    time.sleep(0.4)
    assert taken(consumer(broker)) == []
    with line.client() as client:
        assert client.hlen("checkmail:checks.msgs") == 0


def test_a_dead_letter_says_why_it_died(broker: Broker, line: Line) -> None:
    RedisQueue(broker, line.url).check("a", 1)
    first, letters = consumer(broker), DeadLetters(line)
    message = next(first)
    assert message is not None
    message.options.update(why="TypeError", tries=3)
    first.nack(message)
    (dead,) = letters.dead()
    assert (dead.job, dead.args, dead.why, dead.tries, dead.queue) == ("check", ("a", "1"), "TypeError", 3, "checks")
    letters.close()


def test_a_job_queued_twice_in_doubt_is_given_out_without_an_empty_one(broker: Broker, line: Line) -> None:
    message: Message[object] = Message(CHECKS, "check", ("a", 1), {}, {})
    for _ in range(2):
        broker.do_enqueue(CHECKS, "one-id", message.copy(options={"redis_message_id": "one-id"}).encode())
    first = consumer(broker)
    first.prefetch = 1
    got = next(first)
    assert got is not None
    first.ack(got)
    assert taken(first) == []


def test_producers_leave_no_heartbeat_behind(broker: Broker, line: Line) -> None:
    RedisQueue(broker, line.url).check("a", 1)
    with line.client() as client:
        assert client.zcard("checkmail:__heartbeats__") == 0


def test_every_fault_of_the_store_is_a_lost_connection_to_a_consumer(
    broker: Broker, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    RedisQueue(broker, line.url).check("a", 1)
    first = consumer(broker)
    message = next(first)
    assert message is not None

    def late(*_: object) -> None:
        raise NoAnswer("Timeout reading from socket")

    monkeypatch.setattr(broker, "command", late)
    with pytest.raises(ConnectionClosed):
        next(first)
    with pytest.raises(ConnectionClosed):
        first.ack(message)
    with pytest.raises(ConnectionClosed):
        first.requeue([message])


def test_a_producer_without_a_store_says_so() -> None:
    line = Line("redis://127.0.0.1:1/0")
    broker = make_broker(line, NullMeter())
    with pytest.raises(StoreUnavailable):
        RedisQueue(broker, line.url).check("a", 1)
    broker.close()
