"""Where the command line prints: wrapped to a terminal's width, or whole lines into a file or another program."""

import os
import sys
from collections.abc import Sequence
from typing import Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNWRAPPED = 1_000_000
"""The width of what is no terminal: nothing is that wide, so nothing is cut or wrapped."""


class Trimmed:
    """A text stream without blanks at the ends of lines, which rich fills up to the width."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        self._stream.writelines(line.rstrip(" ") + "\n" for line in lines)
        return len(text)

    def flush(self) -> None:
        self._stream.write(self._begun)
        self._begun = ""
        self._stream.flush()


def open_console(stream: TextIO | None = None) -> Console:
    """For standard output. COLUMNS, where it is set, is the width of a pipe, too."""
    out = stream or sys.stdout
    if out.isatty():
        return Console(file=out, highlight=False)
    asked = os.environ.get("COLUMNS", "")
    width = int(asked) if asked.isdecimal() and int(asked) else UNWRAPPED
    return Console(file=Trimmed(out), width=width, highlight=False)  # type: ignore[arg-type]  # write and flush are enough


def unwrapped(console: Console) -> bool:
    return console.width >= UNWRAPPED


def print_columns(
    console: Console,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: frozenset[str] = frozenset(),
    indent: str = "",
    narrow: Sequence[str] = (),
) -> None:
    """A table; `right` names the columns of numbers. `narrow` are headings in two lines, for 80 columns."""
    if unwrapped(console):
        _print_lines(console, headings, rows, right, indent)
        return
    gap = 1 if narrow else 2
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, show_header=any(headings), header_style="dim")
    for heading, short in zip(headings, narrow or headings, strict=True):
        justify: Literal["left", "right"] = "right" if heading in right else "left"
        table.add_column(Text(short), justify=justify, overflow="fold", no_wrap=bool(narrow))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table, highlight=False, markup=False, emoji=False)


def _print_lines(
    console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[str], indent: str
) -> None:
    lines = [headings, *rows] if any(headings) else list(rows)
    widths = [max((cell_len(line[at]) for line in lines), default=0) for at in range(len(headings))]
    for line in lines:
        cells = (
            f"{' ' * (wide - cell_len(cell))}{cell}" if heading in right else f"{cell}{' ' * (wide - cell_len(cell))}"
            for heading, cell, wide in zip(headings, line, widths, strict=True)
        )
        print_line(console, indent + "  ".join(cells))


def print_line(console: Console, line: str, style: str = "") -> None:
    """One line as it is, however long."""
    console.print(Text(line, style=style), highlight=False, markup=False, emoji=False, soft_wrap=True)
