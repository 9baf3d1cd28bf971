"""knowledge/lists/servers.toml: whose machine a mail server is, as far as its name tells."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.handbook.faults import Fault
from bot.handbook.tables import check_keys, read_table

FILE = "lists/servers.toml"

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_MATCH = re.compile(r"[a-z0-9.*{}_-]{1,100}")
_IP = "{ip}"


@dataclass(frozen=True, slots=True)
class Provider:
    """A mail provider: the servers that it sends from, the domains that are its own."""

    name: str
    hosts: tuple[str, ...]
    domains: frozenset[str]
    tenants: tuple[str, ...]
    """Suffixes of domains under which it signs for its customers."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that sends bulk or automatic mail for others."""

    name: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hosting:
    """A shape of name that a rented machine has by default."""

    match: str
    why: str


@dataclass(frozen=True)
class Servers:
    """What is known of servers by their names; host names in lower case."""

    providers: tuple[Provider, ...] = ()
    services: tuple[Service, ...] = ()
    hosting: tuple[Hosting, ...] = ()

    def provider(self, host: str) -> Provider | None:
        """The provider whose outbound server carries that name."""
        return next((self._provider_of[name] for name in above(host) if name in self._provider_of), None)

    def service(self, host: str) -> Service | None:
        """The mailing service whose server carries that name."""
        return next((self._service_of[name] for name in above(host) if name in self._service_of), None)

    def hosted(self, host: str, ip: str) -> Hosting | None:
        """The default name of a rented machine that this one is."""
        return next((each for each in self.hosting if _fits(each.match, host.lower().rstrip("."), ip)), None)

    @cached_property
    def _provider_of(self) -> dict[str, Provider]:
        return {host: provider for provider in self.providers for host in provider.hosts}

    @cached_property
    def _service_of(self) -> dict[str, Service]:
        return {host: service for service in self.services for host in service.hosts}


def above(host: str) -> Iterator[str]:
    """The name and those that it lies below, the longest first."""
    labels = host.lower().rstrip(".").split(".")[-12:]
    return (".".join(labels[start:]) for start in range(len(labels)))


def load_servers(root: Path, faults: list[Fault]) -> Servers:
    """The file below `root` (knowledge/). What is wrong is appended to `faults`, all of it, and left out."""
    table = read_table(root, FILE, faults)
    check_keys(table, frozenset({"providers", "services", "hosting"}), FILE, faults)
    providers = tuple(
        Provider(
            name=str(entry["name"]),
            hosts=_hosts(id_, "hosts", entry, faults),
            domains=frozenset(_hosts(id_, "domains", entry, faults)),
            tenants=_hosts(id_, "tenants", entry, faults),
        )
        for id_, entry in _entries(table, "providers", faults)
    )
    services = tuple(
        Service(str(entry["name"]), _hosts(id_, "hosts", entry, faults))
        for id_, entry in _entries(table, "services", faults)
    )
    owners = [(each.name, each.hosts) for each in providers] + [(each.name, each.hosts) for each in services]
    _check_taken(owners, faults)
    return Servers(providers, services, _hosting(table.get("hosting", []), faults))


def _entries(table: Mapping[str, object], key: str, faults: list[Fault]) -> Iterator[tuple[str, dict[str, object]]]:
    entries = table.get(key, {})
    for id_, entry in entries.items() if isinstance(entries, dict) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not entry.get("why"):
            faults.append(Fault(FILE, f"[{key}.{id_}] lacks name or why", 'add name = "…" and why = "…"'))
        else:
            yield id_, entry


def _hosts(id_: str, key: str, entry: dict[str, object], faults: list[Fault]) -> tuple[str, ...]:
    text = entry.get(key, "")
    words = text.split() if isinstance(text, str) else []
    for word in words:
        if not _HOST.fullmatch(word):
            faults.append(Fault(FILE, f"[{id_}] {key}: {word!r} isn't a host name", "write example.com, lower case"))
    if key == "hosts" and not words:
        faults.append(Fault(FILE, f"[{id_}] has no hosts", 'add hosts = "example.com"'))
    return tuple(word for word in words if _HOST.fullmatch(word))


def _check_taken(owners: list[tuple[str, tuple[str, ...]]], faults: list[Fault]) -> None:
    taken: dict[str, str] = {}
    for name, hosts in owners:
        for host in hosts:
            if host in taken:
                faults.append(Fault(FILE, f"{host} stands under {taken[host]} and {name}", "keep one of the two"))
            taken.setdefault(host, name)


def _hosting(entries: object, faults: list[Fault]) -> tuple[Hosting, ...]:
    found: list[Hosting] = []
    for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        match, why = (entry.get("match"), entry.get("why")) if isinstance(entry, dict) else (None, None)
        if not (isinstance(match, str) and isinstance(why, str) and why and _MATCH.fullmatch(match)):
            faults.append(Fault(FILE, f"[[hosting]] {number} lacks match or why", 'add match = "*.example.com", why'))
        else:
            found.append(Hosting(match, why))
    return tuple(found)


def _fits(match: str, host: str, ip: str) -> bool:
    if _IP in match:
        return any(_fits_parts(match.replace(_IP, form).split("*"), host) for form in _forms(ip))
    return _fits_parts(match.split("*"), host)


def _fits_parts(parts: list[str], host: str) -> bool:
    """Whether the texts between the stars stand in the name in their order: linear, whatever the name."""
    if len(parts) == 1:
        return host == parts[0]
    if not (host.startswith(parts[0]) and host.endswith(parts[-1]) and len(host) >= len(parts[0]) + len(parts[-1])):
        return False
    at, end = len(parts[0]), len(host) - len(parts[-1])
    for part in parts[1:-1]:
        found = host.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _forms(ip: str) -> tuple[str, ...]:
    """How host names write an IPv4 address: joined by - or ., from either end, or as eight hex digits."""
    numbers = ip.split(".")
    if len(numbers) != 4 or not all(number.isdigit() and int(number) < 256 for number in numbers):
        return ()
    joined = [sign.join(order) for sign in "-._" for order in (numbers, numbers[::-1])]
    padded = ["-".join(number.zfill(3) for number in order) for order in (numbers, numbers[::-1])]
    return (*joined, *padded, bytes(int(number) for number in numbers).hex())
