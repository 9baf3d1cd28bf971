"""A file of knowledge/ as a table, with what is wrong said in one place."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import tomli

from bot.handbook.faults import Fault


def read_table(root: Path, name: str, faults: list[Fault]) -> dict[str, object]:
    """The TOML file `root`/`name`; an empty table, and a fault, where it can't be read."""
    try:
        return tomli.loads((root / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        faults.append(Fault(name, "is missing", "put it back"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as why:
        faults.append(Fault(name, f"can't be read: {why}", "mend the file; every text stands in quotes"))
    return {}


def text_of(table: Mapping[str, object], key: str, name: str, faults: list[Fault]) -> str:
    """The text under `key`; "" and a fault where there is none."""
    value = table.get(key)
    if isinstance(value, str) and value.strip():
        return value
    faults.append(Fault(name, f"has no {key}", f'add {key} = """…"""'))
    return ""


def check_keys(table: Mapping[str, object], known: frozenset[str], name: str, faults: list[Fault]) -> None:
    """One fault for each key that nobody reads."""
    for key in sorted(table.keys() - known):
        faults.append(Fault(name, f"{key!r} isn't a key that is read", meant(key, known)))


def meant(written: str, known: Iterable[str]) -> str:
    """What to write instead of a misspelt word: the word that is most like it, else all that are known."""
    words = sorted(known)
    plain = written.lower().replace("_", "-")
    near = [word for word in words if word == plain] or difflib.get_close_matches(plain, words, n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else f"use {', '.join(words)}"
