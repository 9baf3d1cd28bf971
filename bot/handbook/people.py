"""knowledge/lists/people.toml: people of public note whose names are borrowed for scams."""

from dataclasses import dataclass
from pathlib import Path

from bot.handbook.brands import HOST
from bot.handbook.faults import Fault
from bot.handbook.tables import check_keys, read_table, text_of

FILE = "lists/people.toml"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody of public note; `domains` are those that they or their office send from, if any."""

    name: str
    spellings: tuple[str, ...]
    """Every way to write the name, the first being `name`."""
    domains: tuple[str, ...] = ()
    rare: bool = False
    """Initial and surname are enough."""
    common: bool = False
    """Many bear the name: it counts only in a mail that speaks of giving money."""


def load_people(root: Path, faults: list[Fault]) -> tuple[KnownPerson, ...]:
    """All of `root`/lists/people.toml; what is wrong is appended to `faults` and left out."""
    table = read_table(root, FILE, faults)
    check_keys(table, frozenset({"people"}), FILE, faults)
    lines = map(str.strip, text_of(table, "people", FILE, faults).splitlines())
    people = [_person(line, faults) for line in lines if line and not line.startswith("#")]
    known = tuple(person for person in people if person is not None)
    seen: set[str] = set()
    for person in known:
        if person.name in seen:
            faults.append(Fault(FILE, f"{person.name} stands there twice", "keep one of the two"))
        seen.add(person.name)
    return known


def _person(line: str, faults: list[Fault]) -> KnownPerson | None:
    rest, signs = line, ""
    while rest and rest[-1] in "!~":
        signs, rest = signs + rest[-1], rest[:-1].rstrip()
    names, _, hosts = rest.partition("@")
    name, _, others = names.partition("=")
    spellings = tuple(part for part in (name.strip(), *map(str.strip, others.split(";"))) if part)
    domains = tuple(hosts.split())
    wrong = next((host for host in domains if not HOST.fullmatch(host)), "")
    if wrong:
        faults.append(Fault(FILE, f"{line!r}: {wrong!r} isn't a host name", "write it like example.com, lower case"))
        return None
    if len(name.split()) < 2:
        faults.append(Fault(FILE, f"{line!r}: a name of one word", "write first name and surname"))
        return None
    return KnownPerson(name.strip(), spellings, domains, "!" in signs, "~" in signs)
