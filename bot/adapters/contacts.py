"""Contacts and staff from a CSV or vCard file: the Directory port."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from bot.adapters.contact_files import Row, read_rows
from bot.errors import BadSetting
from bot.handbook.personal import NameWords, Parts, Sameness, compare, first_letters, parts_of, without_umlauts
from bot.handbook.romanised import sound_keys
from bot.ports import Person

MOST_FAULTS = 20
"""Faults that are listed; of more, only their number is told."""
MOST_CANDIDATES = 200


class Contacts:
    """The people of the files, found by address or by any form of their name."""

    def __init__(self, people: Iterable[Person], words: NameWords) -> None:
        self._people = tuple(people)
        self._words = words
        self._by_address: dict[str, Person] = {}
        self._by_name: dict[str, list[int]] = {}
        for at, person in enumerate(self._people):
            for address in person.addresses:
                self._by_address.setdefault(address.casefold(), person)
            for key in self._keys_of(person):
                self._by_name.setdefault(key, []).append(at)

    @classmethod
    def load(cls, path: Path | None, words: NameWords | None = None, vips: Sequence[str] = ()) -> "Contacts":
        """The directory of a file, empty without one; `vips` are names or addresses of people to mark.

        Raises BadSetting where the file can't be read or has faults.
        """
        if path is None:
            return cls((), words or NameWords())
        try:
            content = path.read_bytes()
        except OSError as why:
            raise BadSetting("bad-contacts", f"The contacts file can't be read: {why}", "Check CONTACTS.") from why
        known = load_contacts(content, path.name, words or NameWords())
        return cls(marked(known.people(), vips), words or NameWords()) if vips else known

    def people(self) -> tuple[Person, ...]:
        return self._people

    def owner(self, address: str) -> Person | None:
        """Whose address it is; case makes no difference."""
        return self._by_address.get(address.strip().casefold())

    def named(self, name: str) -> tuple[Person, ...]:
        """People whose name this is; where there is none, those whom it could mean."""
        shown = parts_of(name[:300], self._words)
        places = dict.fromkeys(at for key in _keys_shown(shown) for at in self._by_name.get(key, ()))
        graded: list[tuple[int, int]] = []
        for at in list(places)[:MOST_CANDIDATES]:
            answer = self._likeness(shown, self._people[at])
            if answer is not Sameness.NO:
                graded.append((0 if answer is Sameness.SAME else 1, at))
        best = min((grade for grade, _ in graded), default=0)
        return tuple(self._people[at] for grade, at in sorted(graded) if grade == best)

    def _likeness(self, shown: Parts, person: Person) -> Sameness:
        answers = [compare(shown, parts_of(person.name, self._words)).answer]
        answers += [Sameness.SAME for nick in person.nicknames if self._is_nickname(shown.tokens, nick, person)]
        return min(answers, key=(Sameness.SAME, Sameness.MAYBE, Sameness.NO).index)

    def _is_nickname(self, shown: tuple[str, ...], nickname: str, person: Person) -> bool:
        nick = parts_of(nickname, self._words).tokens
        family = parts_of(person.name, self._words).tokens[1:]
        return bool(nick) and shown in (nick, (*nick, *family[-1:]), (*nick, *family))

    def _keys_of(self, person: Person) -> set[str]:
        parts = parts_of(person.name, self._words)
        tokens, keys = parts.tokens, _keys_known(parts.tokens) | _keys_by_sound(parts)
        for nickname in person.nicknames:
            nick = parts_of(nickname, self._words).tokens
            keys |= {"".join(nick)} if len(nick) != 1 else {nick[0]}
            keys |= {f"{nick[0][0]} {word}" for word in tokens[1:]} if nick else set()
        return keys


def marked(people: Iterable[Person], vips: Iterable[str]) -> tuple[Person, ...]:
    """The people, with those marked as VIPs whose name or address is among `vips`."""
    wanted = {vip.strip().casefold() for vip in vips}
    return tuple(replace(person, vip=person.vip or _is_among(person, wanted)) for person in people)


def load_contacts(content: bytes, name: str, words: NameWords) -> Contacts:
    """The directory of a contacts file (CSV or vCard, told from its content).

    Raises BadSetting that lists every faulty row with its number and what to write instead.
    """
    return load_files(((name, content),), words)


def load_files(files: Sequence[tuple[str, bytes]], words: NameWords) -> Contacts:
    """One directory of several files, given as (name, content). Raises BadSetting with all faults of all files."""
    rows: list[Row] = []
    faults: list[str] = []
    for name, content in files:
        found, wrong = read_rows(content)
        rows += found
        faults += [f"{name}, {fault}" for fault in wrong]
    if faults:
        more = f"\n… and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise BadSetting(
            "bad-contacts",
            "The contacts file has faults:\n" + "\n".join(faults[:MOST_FAULTS]) + more,
            "Mend these rows; each needs a name and an address, such as: Maria Example,maria@example.org",
        )
    return Contacts(_merged(rows), words)


def _is_among(person: Person, wanted: set[str]) -> bool:
    return person.name.casefold() in wanted or any(address.casefold() in wanted for address in person.addresses)


def _merged(rows: Iterable[Row]) -> list[Person]:
    """One person for rows of one name that say the same of them, with all their addresses."""
    by_name: dict[str, Row] = {}
    for row in rows:
        key = " ".join(row.name.casefold().split())
        known = by_name.get(key)
        by_name[key] = row if known is None else known.joined(row)
    return [
        Person(row.name, tuple(dict.fromkeys(row.addresses)), row.staff, row.vip, tuple(dict.fromkeys(row.nicknames)))
        for row in by_name.values()
    ]


def _keys_known(tokens: tuple[str, ...]) -> set[str]:
    """Where a name is filed: its first letter with each other word, and the whole of it without spaces."""
    folded = without_umlauts(tokens)
    keys = {"".join(folded)}
    if len(folded) > 1:
        keys |= {f"{folded[0][0]} {word}" for word in folded[1:] if len(word) > 1}
    return keys


def _keys_by_sound(parts: Parts) -> set[str]:
    """Where a Slavic name is filed, or looked for, beside its spelling: by the sounds of each word of some length."""
    if not (parts.slavic or parts.foreign):
        return set()
    return {f"~ {key}" for word in parts.tokens if len(word) > 2 for key in sound_keys(word)}


def _keys_shown(shown: Parts) -> Iterable[str]:
    """Where a name shown may be filed: any word as the surname, the first letters of any other and its nicknames."""
    tokens = shown.tokens
    folded = without_umlauts(tokens)
    yield "".join(folded)
    for (at, given), (other, surname) in product(enumerate(tokens), enumerate(folded)):
        if at != other and len(surname) > 1:
            yield from (f"{letter} {surname}" for letter in sorted(first_letters(given)))
    yield from sorted(_keys_by_sound(shown))
