"""Where addresses are: kinds, countries, the owner's files, and what happens when those change or break."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MmdbU32, MMDBWriter
from netaddr import IPSet

from bot.adapters.geoip import COUNTRY, LOOK_AGAIN_S, GeoAtlas
from bot.adapters.ip_kinds import kind_of, parse_ip
from bot.errors import BadSetting
from bot.model import IpKind, Network

KINDS = (
    ("10.1.2.3", IpKind.PRIVATE),
    ("172.16.0.1", IpKind.PRIVATE),
    ("172.31.255.255", IpKind.PRIVATE),
    ("192.168.1.1", IpKind.PRIVATE),
    ("172.32.0.1", IpKind.PUBLIC),
    ("100.64.0.1", IpKind.SHARED),
    ("100.127.255.255", IpKind.SHARED),
    ("100.128.0.1", IpKind.PUBLIC),
    ("127.0.0.1", IpKind.LOOPBACK),
    ("169.254.9.9", IpKind.LINK_LOCAL),
    ("192.0.2.1", IpKind.DOCUMENTATION),
    ("198.51.100.200", IpKind.DOCUMENTATION),
    ("203.0.113.9", IpKind.DOCUMENTATION),
    ("0.0.0.0", IpKind.RESERVED),
    ("198.18.0.1", IpKind.RESERVED),
    ("224.0.0.1", IpKind.RESERVED),
    ("255.255.255.255", IpKind.RESERVED),
    ("::", IpKind.RESERVED),
    ("::1", IpKind.LOOPBACK),
    ("fe80::1%eth0", IpKind.LINK_LOCAL),
    ("fd00::1", IpKind.PRIVATE),
    ("2001:db8::1", IpKind.DOCUMENTATION),
    ("3fff:1::1", IpKind.DOCUMENTATION),
    ("2001:0:53aa:64c:0:0:0:1", IpKind.RESERVED),
    ("ff02::1", IpKind.RESERVED),
    ("4000::1", IpKind.RESERVED),
    ("2a00:1450::1", IpKind.PUBLIC),
    ("::ffff:10.0.0.1", IpKind.PRIVATE),
    ("64:ff9b::192.168.0.1", IpKind.PRIVATE),
    ("2002:c0a8:1::1", IpKind.PRIVATE),
    ("[IPv6:2a00:1450::1]", IpKind.PUBLIC),
    ("[192.0.2.1]", IpKind.DOCUMENTATION),
    ("", IpKind.NONE),
    ("unknown", IpKind.NONE),
    ("1.2.3", IpKind.NONE),
    ("999.1.1.1", IpKind.NONE),
    ("1.2.3.4.5", IpKind.NONE),
    ("١.٢.٣.٤", IpKind.NONE),
    ("1.2.3.4; DROP", IpKind.NONE),
    ("9" * 100_000, IpKind.NONE),
)

COUNTRIES = (
    ("8.8.8.8", "US"),
    ("193.0.6.139", "NL"),
    ("202.12.27.33", "JP"),
    ("200.160.2.3", "BR"),
    ("196.25.1.1", "ZA"),
    ("2001:4860:4860::8888", "US"),
    ("2001:67c:2e8:22::c100:68b", "NL"),
    ("2001:dc3::35", "JP"),
    ("::ffff:8.8.8.8", "US"),
    ("64:ff9b::808:808", "US"),
    ("2002:808:808::1", "US"),
)


@pytest.fixture(scope="module")
def atlas() -> GeoAtlas:
    return GeoAtlas()


class Ticks:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, kind: str, record: dict[str, object], network: str = "8.8.0.0/16") -> Path:
    """A MaxMind DB of one network, put in place by renaming, as updaters do."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=kind)
    writer.insert_network(IPSet([network]), record)
    fresh = path.with_suffix(".new")
    writer.to_db_file(str(fresh))
    fresh.rename(path)
    return path


def place(code: str) -> dict[str, object]:
    return {"country": {"iso_code": code}}


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_every_text_has_a_kind(atlas: GeoAtlas, text: str, kind: IpKind) -> None:
    assert atlas.find(text).kind is kind


@pytest.mark.parametrize(("ip", "country"), COUNTRIES)
def test_the_committed_database_knows_well_known_addresses(atlas: GeoAtlas, ip: str, country: str) -> None:
    assert atlas.find(ip).country == country


def test_a_mapped_address_is_shown_as_what_it_is_and_a_translated_one_as_it_came(atlas: GeoAtlas) -> None:
    assert atlas.find("::ffff:8.8.8.8").ip == "8.8.8.8"
    assert atlas.find("2002:808:808::1").ip == "2002:808:808::1"


def test_an_address_that_the_database_does_not_know_has_no_country(tmp_path: Path) -> None:
    known = GeoAtlas(city=write(tmp_path / "c.mmdb", "GeoLite2-City", place("CH")))
    assert known.find("9.9.9.9") == Network("9.9.9.9", IpKind.PUBLIC)


def test_the_committed_database_is_small_and_says_what_it_is(atlas: GeoAtlas) -> None:
    assert COUNTRY.stat().st_size < 6_000_000
    assert atlas.describe().startswith("countries: checkmail-Country of 20")


@pytest.mark.parametrize("kind", ["GeoLite2-City", "GeoLite2-Country", "GeoIP2-Enterprise"])
def test_the_owners_place_file_takes_the_committed_ones_place(tmp_path: Path, kind: str) -> None:
    owners = GeoAtlas(city=write(tmp_path / "c.mmdb", kind, place("CH")))
    assert owners.find("8.8.8.8").country == "CH"


def test_a_registered_country_stands_in_where_no_other_is_known(tmp_path: Path) -> None:
    record: dict[str, object] = {"registered_country": {"iso_code": "DE"}}
    assert GeoAtlas(city=write(tmp_path / "c.mmdb", "GeoLite2-City", record)).find("8.8.8.8").country == "DE"


@pytest.mark.parametrize("kind", ["GeoLite2-ASN", "GeoIP2-ISP"])
def test_the_owners_network_file_tells_number_and_organisation(tmp_path: Path, kind: str) -> None:
    record: dict[str, object] = {
        "autonomous_system_number": MmdbU32(64500),
        "autonomous_system_organization": "Example Net",
    }
    owners = GeoAtlas(asn=write(tmp_path / "a.mmdb", kind, record))
    assert owners.find("8.8.8.8") == Network("8.8.8.8", IpKind.PUBLIC, "US", 64500, "Example Net")
    assert owners.find("9.9.9.9").asn == 0
    assert kind in owners.describe()


def test_a_changed_file_is_read_within_the_time_promised_and_not_before(tmp_path: Path) -> None:
    ticks, path = Ticks(), tmp_path / "c.mmdb"
    owners = GeoAtlas(city=write(path, "GeoLite2-City", place("CH")), ticks=ticks)
    write(path, "GeoLite2-City", place("AT"))
    assert owners.find("8.8.8.8").country == "CH"
    ticks.now += LOOK_AGAIN_S
    assert owners.find("8.8.8.8").country == "AT"


def test_a_broken_new_file_is_logged_once_and_the_old_one_kept_until_a_good_one_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ticks, path = Ticks(), tmp_path / "c.mmdb"
    owners = GeoAtlas(city=write(path, "GeoLite2-City", place("CH")), ticks=ticks)
    path.write_bytes(path.read_bytes()[:200])  # in place: under a memory map this would kill the process
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            ticks.now += LOOK_AGAIN_S
            assert owners.find("8.8.8.8").country == "CH"
    assert len(caplog.records) == 1
    write(path, "GeoLite2-City", place("AT"))
    ticks.now += LOOK_AGAIN_S
    assert owners.find("8.8.8.8").country == "AT"


def test_a_file_taken_away_is_logged_and_the_old_one_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ticks, path = Ticks(), tmp_path / "c.mmdb"
    owners = GeoAtlas(city=write(path, "GeoLite2-City", place("CH")), ticks=ticks)
    path.unlink()
    ticks.now += LOOK_AGAIN_S
    with caplog.at_level(logging.WARNING):
        assert owners.find("8.8.8.8").country == "CH"
    assert str(path) in caplog.text


@pytest.mark.parametrize("content", [b"", b"nonsense" * 50, None])
def test_a_file_that_cannot_be_read_is_a_clear_error_at_the_start(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "c.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadSetting) as raised:
        GeoAtlas(city=path)
    assert str(path) in raised.value.message


def test_a_file_of_another_kind_is_a_clear_error_at_the_start(tmp_path: Path) -> None:
    networks = write(tmp_path / "a.mmdb", "GeoLite2-ASN", {"autonomous_system_number": MmdbU32(1)})
    with pytest.raises(BadSetting, match="GeoLite2-ASN file where Country or City"):
        GeoAtlas(city=networks)
    with pytest.raises(BadSetting, match="checkmail-Country file where ASN"):
        GeoAtlas(asn=COUNTRY)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files by /proc")
def test_many_reloads_leave_no_copies_and_no_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    ticks, path = Ticks(), tmp_path / "c.mmdb"
    owners = GeoAtlas(city=write(path, "GeoLite2-City", place("CH")), ticks=ticks)
    before = len(os.listdir("/proc/self/fd"))
    for code in ("AT", "DE", "FR", "IT"):
        write(path, "GeoLite2-City", place(code))
        ticks.now += LOOK_AGAIN_S
        assert owners.find("8.8.8.8").country == code
    assert list((tmp_path / "tmp").iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before
    assert Path("/proc/self/maps").read_text().count("checkmail-geo-") <= 1


@given(st.text(max_size=60) | st.ip_addresses().map(str))
def test_no_text_is_an_error(text: str) -> None:
    address = parse_ip(text)
    assert address is None or kind_of(address.place) in IpKind
