"""One page of knowledge/: TOML front matter between `+++` lines, then Markdown with lists under headings.

Only what knowledge/README.md describes is read: `##` and `###` headings, list items (`1.` or `-`, which may run
over several lines) and paragraphs. Anything else is prose for whoever opens the file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli

from bot.handbook.faults import Fault

MAX_PAGE = 100_000
"""Characters; a page is for people to read."""

_ITEM = re.compile(r"(?:\d{1,3}\.|-) +(\S.*)")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading; `part` is the `###` heading within it, "" above the first."""

    title: str
    part: str
    items: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as written, before its kind is checked. `file` is its path below knowledge/."""

    file: str
    slug: str
    front: "Front"
    sections: tuple[Section, ...]

    def section(self, title: str, part: str = "") -> Section | None:
        wanted = (title.lower(), part.lower())
        return next((each for each in self.sections if (each.title.lower(), each.part.lower()) == wanted), None)


@dataclass(slots=True)
class Front:
    """A page's front matter, read key by key: each wrong, missing or unknown key becomes a fault."""

    file: str
    values: dict[str, Any]
    faults: list[Fault]
    known: set[str] = field(default_factory=set)

    def text(self, key: str, *, required: bool = True) -> str:
        value = self._take(key, required)
        if value is None:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self._fault(f"{key} is {value!r}", f'write {key} = "some text"')
            return ""
        return value

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        value = self._take(key, required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self._fault(f"{key} is {value!r}", f'write {key} = ["one", "two"]')
            return ()
        return tuple(value)

    def number(self, key: str, default: int) -> int:
        value = self._take(key, required=False)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self._fault(f"{key} is {value!r}", f"write {key} = {default}")
            return default
        return value

    def choice(self, key: str, options: Iterable[str], *, default: str = "") -> str:
        allowed = tuple(options)
        value = self._take(key, required=not default)
        if value is None:
            return default
        if value not in allowed:
            self._fault(f"{key} is {value!r}", "write one of: " + ", ".join(allowed))
            return default or allowed[0]
        return str(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self._take(key, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._fault(f"{key} is {value!r}", f"write {key} = true or {key} = false")
            return default
        return value

    def finish(self) -> None:
        """Faults every key that nobody asked for."""
        for key in sorted(set(self.values) - self.known):
            self._fault(
                f"{key} is not a key of this kind of page", "remove it, or use: " + ", ".join(sorted(self.known))
            )

    def _take(self, key: str, required: bool) -> Any:
        self.known.add(key)
        if key not in self.values and required:
            self._fault(f"{key} is missing", f"add a line {key} = … between the +++ lines")
        return self.values.get(key)

    def _fault(self, problem: str, remedy: str) -> None:
        self.faults.append(Fault(self.file, problem, remedy))


def read_folder(root: Path, folder: str, faults: list[Fault]) -> tuple[RawPage, ...]:
    """Every page of a folder, by name; README.md is for people and skipped."""
    place = root / folder
    if not place.is_dir():
        faults.append(Fault(folder + "/", "the folder is missing", "put it back from the repository"))
        return ()
    paths = sorted(path for path in place.glob("*.md") if path.name != "README.md")
    pages = (read_page(root, path, faults) for path in paths)
    return tuple(page for page in pages if page is not None)


def read_page(root: Path, path: Path, faults: list[Fault]) -> RawPage | None:
    """One page, or None with a fault if it can't be read at all."""
    file = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        faults.append(Fault(file, f"can't be read: {wrong}", "save it as UTF-8 text"))
        return None
    if len(text) > MAX_PAGE:
        faults.append(Fault(file, f"has {len(text)} characters", f"keep it under {MAX_PAGE}"))
        return None
    head, body = _split(text)
    if head is None:
        faults.append(Fault(file, "has no front matter", "begin with a line +++, then keys, then a line +++"))
        return None
    try:
        values = tomli.loads(head)
    except tomli.TOMLDecodeError as wrong:
        faults.append(Fault(file, f"front matter: {wrong}", 'write key = "value" lines'))
        return None
    return RawPage(file, path.stem, Front(file, values, faults), _sections(body))


def _split(text: str) -> tuple[str | None, str]:
    lines = text.replace("\r\n", "\n").lstrip("\ufeff").split("\n")
    if not lines or lines[0].strip() != "+++":
        return None, text
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == "+++":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    return None, text


def _sections(body: str) -> tuple[Section, ...]:
    title = part = ""
    gathered: list[str] = []
    sections: list[Section] = []
    for line in body.split("\n"):
        heading = "## " if line.startswith("## ") else "### " if line.startswith("### ") else ""
        if not heading:
            gathered.append(line)
            continue
        sections.append(_section(title, part, gathered))
        gathered = []
        if heading == "## ":
            title, part = line[3:].strip(), ""
        else:
            part = line[4:].strip()
    sections.append(_section(title, part, gathered))
    return tuple(each for each in sections if each.title or each.items or each.paragraphs)


def _section(title: str, part: str, lines: list[str]) -> Section:
    items: list[str] = []
    paragraphs: list[str] = []
    current: list[str] | None = None
    into = paragraphs

    def close() -> None:
        if current:
            into.append(" ".join(current))

    for line in lines:
        item = _ITEM.match(line)
        if item:
            close()
            into, current = items, [item.group(1).strip()]
        elif not line.strip():
            close()
            into, current = paragraphs, None
        elif current is None:
            into, current = paragraphs, [line.strip()]
        else:
            current.append(line.strip())
    close()
    return Section(title, part, tuple(items), tuple(paragraphs))
