"""knowledge/lists/links.toml: shorteners, free hosts and mailing services that links go to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.handbook.faults import Fault
from bot.handbook.tables import check_keys, read_table, text_of
from bot.model import LinkClass

FILE = "lists/links.toml"

_CLASSES = (LinkClass.SHORTENER, LinkClass.FREE_HOST, LinkClass.TRACKER)
_KEYS = frozenset({"class", "why", "hosts"})
_PLACE = re.compile(
    r"(?=[^/]{3,253}(?:/|\Z))(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{0,62}(?:/[\w./-]{1,80})?"
)


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Hosts of one kind, with the reason why they matter."""

    name: str
    cls: LinkClass
    why: str


@dataclass(frozen=True, slots=True)
class LinkLists:
    """All groups; made by `load_link_lists`."""

    places: Mapping[str, tuple[tuple[str, LinkGroup], ...]]
    """A host to the beginnings of paths ("" for any) with the group of each, the longest first."""

    def group(self, host: str, path: str = "") -> LinkGroup | None:
        """The group that the host, or one that it lies below, stands in with this path; the nearest host wins."""
        path = "/" + path.lstrip("/")
        below = host
        while "." in below:
            for beginning, group in self.places.get(below, ()):
                if _begins(path, beginning):
                    return group
            below = below.partition(".")[2]
        return None


def load_link_lists(root: Path, faults: list[Fault]) -> LinkLists:
    """The lists of `root`/lists/links.toml. What is wrong is appended to `faults`, all of it, and left out."""
    places: dict[str, dict[str, LinkGroup]] = {}
    for name, entry in read_table(root, FILE, faults).items():
        if not isinstance(entry, dict):
            faults.append(Fault(FILE, f"{name} stands outside of a section", f"begin the group with [{name}]"))
            continue
        where = f"{FILE} [{name}]"
        check_keys(entry, _KEYS, where, faults)
        cls = _class(entry, where, faults)
        why, hosts = text_of(entry, "why", where, faults), text_of(entry, "hosts", where, faults)
        if cls is not None:
            _add(places, LinkGroup(name, cls, why), hosts.split(), where, faults)
    longest_first = {
        host: tuple(sorted(paths.items(), key=lambda item: -len(item[0]))) for host, paths in places.items()
    }
    return LinkLists(longest_first)


def _class(entry: Mapping[str, object], where: str, faults: list[Fault]) -> LinkClass | None:
    written = entry.get("class")
    for cls in _CLASSES:
        if written == cls.value:
            return cls
    faults.append(Fault(where, f"class = {written!r}", f"write one of {', '.join(cls.value for cls in _CLASSES)}"))
    return None


def _add(
    places: dict[str, dict[str, LinkGroup]], group: LinkGroup, listed: list[str], where: str, faults: list[Fault]
) -> None:
    for place in listed:
        if not _PLACE.fullmatch(place):
            faults.append(Fault(where, f"{place!r} isn't a host", "write it like example.com or example.com/forms"))
            continue
        host, slash, path = place.partition("/")
        paths = places.setdefault(host, {})
        if slash + path in paths:
            other = paths[slash + path].name
            faults.append(Fault(where, f"{place} stands in [{other}] already", "keep it in one place"))
            continue
        paths[slash + path] = group


def _begins(path: str, beginning: str) -> bool:
    """Whether the path is the beginning, or goes on behind it with anything that isn't part of its last word."""
    if not path.startswith(beginning):
        return False
    rest = path[len(beginning) : len(beginning) + 1]
    return not beginning or beginning.endswith("/") or not (rest.isalnum() or rest == "-")
