"""The resolver: what it answers, how often it asks, and how every trouble ends."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters import dns_wire
from bot.adapters.dns import Cache, Dns, system_servers
from bot.errors import NotChecked
from bot.ports import DnsAnswer, DnsStatus
from tests.dnsserver import DnsServer, Trouble, Zones

ZONES: Zones = {
    "example.org": {
        "A": ["192.0.2.1"],
        "AAAA": ["2001:db8::1"],
        "MX": ["10 mx.example.org"],
        "TXT": ["v=spf1 -all", "other"],
    },
    "2.0.192.in-addr.arpa": {},
    "1.2.0.192.in-addr.arpa": {"PTR": ["Host.Example.ORG"]},
    "www.example.org": {"CNAME": ["web.example.org"]},
    "web.example.org": {"CNAME": ["example.org"]},
    "lost.example.org": {"CNAME": ["gone.test"]},
    "loop-a.example.org": {"CNAME": ["loop-b.example.org"]},
    "loop-b.example.org": {"CNAME": ["loop-a.example.org"]},
    "self.example.org": {"CNAME": ["self.example.org"]},
    "wide.example.org": {"TXT": ["x" * 2000]},
    "huge.example.org": {"TXT": ["x" * 60_000]},
    "many.example.org": {"A": [f"192.0.2.{number}" for number in range(250)]},
    "broken.example.org": {"*": Trouble.SERVFAIL},
    "silent.example.org": {"*": Trouble.SILENT},
    "flaky.example.org": {"TXT": Trouble.DROP_FIRST},
    "forged.example.org": {"*": Trouble.WRONG_ID},
    "binary.example.org": {"TXT": [b"\xff\x00 \\"]},
    **{f"link{number}.example.org": {"CNAME": [f"link{number + 1}.example.org"]} for number in range(20)},
}

FOUND = [
    ("example.org", "A", (b"192.0.2.1",)),
    ("EXAMPLE.org.", "AAAA", (b"2001:db8::1",)),
    ("example.org", "MX", (b"10 mx.example.org",)),
    ("example.org", "TXT", (b"v=spf1 -all", b"other")),
    ("1.2.0.192.in-addr.arpa", "PTR", (b"Host.Example.ORG",)),
    ("www.example.org", "A", (b"192.0.2.1",)),
    ("www.example.org", "CNAME", (b"web.example.org",)),
    ("wide.example.org", "TXT", (b"x" * 2000,)),
    ("binary.example.org", "TXT", (b"\xff\x00 \\",)),
]

NOTHING = [
    ("gone.example.test", "A", DnsStatus.NO_NAME),
    ("example.org", "PTR", DnsStatus.NO_DATA),
    ("lost.example.org", "A", DnsStatus.NO_NAME),
    ("flaky.example.org", "TXT", DnsStatus.NO_DATA),
]

TROUBLE = [
    ("broken.example.org", "TXT", "SERVFAIL"),
    ("loop-a.example.org", "A", "CNAME loop"),
    ("self.example.org", "A", "CNAME loop"),
    ("link0.example.org", "A", "CNAME loop"),
    ("huge.example.org", "TXT", "a record of 60000 octets is over the limit of 8192"),
    ("many.example.org", "A", "an answer of 250 records is over the limit of 200"),
    ("", "TXT", "not a valid name"),
    ("a..b", "TXT", "not a valid name"),
    ("x" * 64 + ".test", "TXT", "not a valid name"),
    (".".join(["x" * 60] * 5), "TXT", "not a valid name"),
    ("example.org", "AXFR", "not a record type that is asked"),
]


@pytest.mark.parametrize(("name", "rdtype", "records"), FOUND)
async def test_a_record_is_found(name: str, rdtype: str, records: tuple[bytes, ...]) -> None:
    async with DnsServer(ZONES) as server:
        answer = await Dns((server.address,)).look_up(name, rdtype)
    assert (answer.status, sorted(answer.records)) == (DnsStatus.FOUND, sorted(records))
    assert 0 < answer.ttl <= 300


@pytest.mark.parametrize(("name", "rdtype", "status"), NOTHING)
async def test_no_name_and_no_data_are_told_apart(name: str, rdtype: str, status: DnsStatus) -> None:
    async with DnsServer(ZONES) as server:
        answer = await Dns((server.address,)).look_up(name, rdtype)
    assert (answer.status, answer.records) == (status, ())


@pytest.mark.parametrize(("name", "rdtype", "why"), TROUBLE)
async def test_trouble_ends_in_a_named_cause(name: str, rdtype: str, why: str) -> None:
    async with DnsServer(ZONES) as server:
        with pytest.raises(NotChecked) as unknown:
            await Dns((server.address,)).look_up(name, rdtype)
    assert unknown.value.why == why
    assert unknown.value.what.startswith(f"DNS {rdtype} ")


@pytest.mark.parametrize("name", ["silent.example.org", "forged.example.org"])
async def test_a_question_without_an_answer_is_given_up_by_the_caller_in_time(name: str) -> None:
    async with DnsServer(ZONES) as server:
        resolver = Dns((server.address,))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await resolver.look_up(name, "A")
        await resolver.aclose()


async def test_a_cut_answer_is_asked_again_over_tcp() -> None:
    async with DnsServer(ZONES) as server:
        await Dns((server.address,)).look_up("wide.example.org", "TXT")
        assert server.asked == [("wide.example.org", "TXT", "udp"), ("wide.example.org", "TXT", "tcp")]


async def test_an_unreachable_server_is_passed_over_for_the_next() -> None:
    async with DnsServer(ZONES) as server:
        answer = await Dns((("127.0.0.1", 1), server.address)).look_up("example.org", "A")
    assert answer.records == (b"192.0.2.1",)


async def test_an_unreachable_server_alone_is_named_as_the_cause() -> None:
    with pytest.raises(NotChecked, match="the DNS server can't be reached"):
        await Dns((("127.0.0.1", 1),)).look_up("example.org", "A")


async def test_a_failing_server_is_asked_once_and_the_failure_remembered() -> None:
    async with DnsServer(ZONES) as server:
        resolver = Dns((server.address,))
        for _ in range(3):
            with pytest.raises(NotChecked):
                await resolver.look_up("broken.example.org", "TXT")
        assert server.names() == [("broken.example.org", "TXT")]


@pytest.mark.parametrize("name", ["example.org", "gone.example.test"])
async def test_one_question_is_asked_once_within_its_ttl(name: str) -> None:
    clock = [1000.0]
    async with DnsServer(ZONES) as server:
        resolver = Dns((server.address,), now=lambda: clock[0])
        await asyncio.gather(*(resolver.look_up(name, "A") for _ in range(20)))
        await resolver.look_up(name.upper() + ".", "A")
        assert server.names() == [(name, "A")]
        clock[0] += 301
        await resolver.look_up(name, "A")
        assert server.names() == [(name, "A")] * 2


async def test_an_asker_who_leaves_does_not_stop_the_question_for_others() -> None:
    async with DnsServer(ZONES, delay_s=0.05) as server:
        resolver = Dns((server.address,))
        first = asyncio.create_task(resolver.look_up("example.org", "A"))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(resolver.look_up("example.org", "A"))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).records == (b"192.0.2.1",)
        assert server.names() == [("example.org", "A")]


def test_a_resolver_serves_one_loop_after_another() -> None:
    resolver = Dns()

    async def once() -> DnsAnswer:
        async with DnsServer(ZONES) as server:
            resolver._servers = (server.address,)
            return await resolver.look_up("example.org", "A")

    assert [asyncio.run(once()).records for _ in range(2)] == [(b"192.0.2.1",)] * 2


def test_the_cache_keeps_to_its_bound_and_drops_the_least_used() -> None:
    cache = Cache(entries=2)
    for name in ("a", "b"):
        cache.put((name, "A"), DnsAnswer(name, "A", DnsStatus.FOUND, ttl=60), 0.0)
    cache.get(("a", "A"), 1.0)
    cache.put(("c", "A"), DnsAnswer("c", "A", DnsStatus.FOUND, ttl=60), 1.0)
    assert len(cache) == 2
    assert [cache.get((name, "A"), 2.0) is not None for name in "abc"] == [True, False, True]


def test_the_system_servers_are_addresses_with_a_port() -> None:
    assert all(isinstance(host, str) and port for host, port in system_servers())


async def test_no_server_at_all_is_named_as_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.dns.system_servers", lambda: ())
    with pytest.raises(NotChecked, match="no DNS server is configured"):
        await Dns().look_up("example.org", "A")


ASKED = dns_wire.question("example.org", "TXT")


@given(st.binary(max_size=600))
def test_any_octets_are_an_answer_or_refused(octets: bytes) -> None:
    _read(octets)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_answer_is_an_answer_or_refused(place: int, damage: bytes) -> None:
    server = DnsServer(ZONES)
    answer = server.reply(dns_wire.query(ASKED, 7), "tcp")
    assert answer is not None
    at = place % len(answer)
    _read(answer[:at] + damage + answer[at + len(damage) :])


def _read(octets: bytes) -> None:
    with contextlib.suppress(dns_wire.BadReply, NotChecked):
        dns_wire.read(octets, ASKED, 7, over_tcp=True)


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(name: str) -> None:
    with contextlib.suppress(NotChecked):
        asked = dns_wire.question(name, "A")
        assert len(dns_wire.query(asked, 1)) < 512
