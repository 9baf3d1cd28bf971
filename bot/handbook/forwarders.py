"""knowledge/lists/forwarders.toml: who hands on other people's mail, and whose word about it is believed."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.handbook.faults import Fault
from bot.handbook.tables import check_keys, read_table

FILE = "lists/forwarders.toml"
_TABLES = ("lists", "forwarders", "sealers")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{1,62}")


@dataclass(frozen=True, slots=True)
class Forwarders:
    """Domains in lower case, as the file has them."""

    lists: frozenset[str] = frozenset()
    """Servers of mailing lists."""
    forwarders: frozenset[str] = frozenset()
    """Alias and forwarding services."""
    sealers: frozenset[str] = frozenset()
    """Who seals ARC sets that are believed."""


def load_forwarders(root: Path, faults: list[Fault]) -> Forwarders:
    """Reads the file below `root`, the folder knowledge/; what is wrong is left out and becomes a fault."""
    table = read_table(root, FILE, faults)
    check_keys(table, frozenset(_TABLES), FILE, faults)
    lists, forwarders, sealers = (_domains(table.get(name), name, faults) for name in _TABLES)
    return Forwarders(lists, forwarders, sealers)


def _domains(entries: object, name: str, faults: list[Fault]) -> frozenset[str]:
    if not isinstance(entries, dict):
        faults.append(Fault(FILE, f"has no table [{name}]", 'add it, with lines such as "example.org" = "why"'))
        return frozenset()
    kept: set[str] = set()
    for domain, why in entries.items():
        if not _HOST.fullmatch(domain):
            faults.append(
                Fault(FILE, f"[{name}] {domain!r} isn't a domain", "write it in lower case, like example.org")
            )
        elif not isinstance(why, str) or not why.strip():
            faults.append(Fault(FILE, f"[{name}] {domain} has no reason", "say in a few words why it is believed"))
        else:
            kept.add(domain)
    return frozenset(kept)
