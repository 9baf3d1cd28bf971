"""Where IP addresses are: the Atlas over MaxMind DB files, read with geoip2.

Without files of the owner's the country database under knowledge/geo answers (its README tells how it is
made); it knows no networks. The owner's City (or Country, Enterprise) and ASN (or ISP) files take its place,
and are read again when they change.
"""

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import geoip2.database
import geoip2.errors
import maxminddb

from bot.adapters.ip_kinds import kind_of, parse_ip
from bot.errors import BadSetting
from bot.model import IpKind, Network

COUNTRY = Path(__file__).parents[2] / "knowledge" / "geo" / "country.mmdb"
LOOK_AGAIN_S = 5.0
"""How long a change of the owner's files may go unnoticed."""

_log = logging.getLogger(__name__)
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Open:
    """An open file: its reader, what of the file changes when somebody replaces it, and its description."""

    reader: geoip2.database.Reader
    stamp: _Stamp
    kind: str
    built: str


class GeoAtlas:
    """An Atlas. Safe to share between threads.

    `city` and `asn` are the owner's files; without `city` the country file of this program is used.
    Raises BadSetting if a file can't be read or is of another kind.
    """

    def __init__(
        self,
        *,
        city: Path | None = None,
        asn: Path | None = None,
        country: Path = COUNTRY,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = _Watched(city, _PLACE_KINDS, ticks) if city else _Fixed(country, _PLACE_KINDS)
        self._networks = _Watched(asn, _NETWORK_KINDS, ticks) if asn else None

    def find(self, ip: str) -> Network:
        """The kind of an address, and country, AS number and organisation of a public one.

        Brackets, the `IPv6:` tag (RFC 5321, 4.1.3) and a zone index are taken off. An IPv4-mapped address is
        shown and looked up as the IPv4 address that it is; for NAT64 (RFC 6052) and 6to4 (RFC 3056) the
        embedded address is looked up. What isn't an address is of the kind NONE.
        """
        address = parse_ip(ip)
        if address is None:
            return Network(ip[:64], IpKind.NONE)
        kind = kind_of(address.place)
        if kind is not IpKind.PUBLIC:
            return Network(str(address.shown), kind)
        place = str(address.place)
        number, organisation = _network(self._networks.current(), place) if self._networks else (0, "")
        return Network(str(address.shown), kind, _country(self._places.current(), place), number, organisation)

    def describe(self) -> str:
        """Which files, of which date."""
        places = self._places.current()
        networks = self._networks.current() if self._networks else None
        return f"countries: {places.kind} of {places.built}; networks: " + (
            f"{networks.kind} of {networks.built}" if networks else "no file"
        )


_PLACE_KINDS = ("Country", "City", "Enterprise")
_NETWORK_KINDS = ("ASN", "ISP")


class _Fixed:
    """A file that nobody replaces while the program runs."""

    def __init__(self, path: Path, kinds: tuple[str, ...]) -> None:
        self._open = _open(path, kinds, path)

    def current(self) -> _Open:
        return self._open


class _Watched:
    """A file of the owner's, opened again when its time, size or inode changes.

    The old reader isn't closed here: a look-up of another thread may still use it, and it closes with its
    last user.
    """

    def __init__(self, path: Path, kinds: tuple[str, ...], ticks: Callable[[], float]) -> None:
        self._path, self._kinds, self._ticks = path, kinds, ticks
        self._open = _open_copy(path, kinds)
        self._refused: _Stamp | None = None
        self._next_look = ticks() + LOOK_AGAIN_S
        self._lock = threading.Lock()

    def current(self) -> _Open:
        if self._ticks() >= self._next_look and self._lock.acquire(blocking=False):
            try:
                self._next_look = self._ticks() + LOOK_AGAIN_S
                self._look()
            finally:
                self._lock.release()
        return self._open

    def _look(self) -> None:
        try:
            stamp = _stamp(self._path)
        except OSError as gone:
            _log.warning("GeoIP file %s can't be looked at, the one read before stays: %s", self._path, gone)
            return
        if stamp in (self._open.stamp, self._refused):
            return
        try:
            self._open, self._refused = _open_copy(self._path, self._kinds), None
        except BadSetting as bad:
            self._refused = stamp
            _log.warning("%s The one read before stays.", bad.message)


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _open_copy(path: Path, kinds: tuple[str, ...]) -> _Open:
    """Opens a copy without a name: a file overwritten in place under a memory map kills its reader (SIGBUS)."""
    with tempfile.NamedTemporaryFile(prefix="checkmail-geo-", suffix=".mmdb") as copy:
        try:
            shutil.copyfile(path, copy.name)
        except OSError as unreadable:
            raise _refused(path, unreadable.strerror or str(unreadable)) from unreadable
        return _open(path, kinds, Path(copy.name))


def _open(path: Path, kinds: tuple[str, ...], content: Path) -> _Open:
    try:
        stamp = _stamp(path)
        reader = geoip2.database.Reader(content)
    except OSError as unreadable:
        raise _refused(path, unreadable.strerror or str(unreadable)) from unreadable
    except maxminddb.InvalidDatabaseError as broken:
        raise _refused(path, "it isn't a MaxMind DB file, or only part of one") from broken
    metadata = reader.metadata()
    if not any(kind in metadata.database_type for kind in kinds):
        raise _refused(path, f"it is a {metadata.database_type} file where {' or '.join(kinds)} is needed")
    built = datetime.fromtimestamp(metadata.build_epoch, UTC).date().isoformat()
    return _Open(reader, stamp, metadata.database_type, built)


def _refused(path: Path, why: str) -> BadSetting:
    return BadSetting(
        "bad-geoip-file",
        f"The GeoIP file {path} can't be used: {why}.",
        "Give the path of a GeoLite2 or GeoIP2 .mmdb file (City or Country; ASN), or leave the setting empty.",
    )


def _country(places: _Open, ip: str) -> str:
    look_up = (
        places.reader.enterprise
        if "Enterprise" in places.kind
        else places.reader.city
        if "City" in places.kind
        else places.reader.country
    )
    try:
        found = look_up(ip)
    except (geoip2.errors.AddressNotFoundError, maxminddb.InvalidDatabaseError):
        return ""
    return found.country.iso_code or found.registered_country.iso_code or ""


def _network(networks: _Open, ip: str) -> tuple[int, str]:
    look_up = networks.reader.isp if "ISP" in networks.kind else networks.reader.asn
    try:
        found = look_up(ip)
    except (geoip2.errors.AddressNotFoundError, maxminddb.InvalidDatabaseError):
        return 0, ""
    return found.autonomous_system_number or 0, found.autonomous_system_organization or ""
