"""A case on a terminal with rich. Text objects only: neither rich markup nor escape sequences of a mail get through."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.advice.words import how_sure, tame
from bot.model import Case, Verdict
from bot.render.console import print_columns, print_line, unwrapped
from bot.render.escaping import LIMIT, shown
from bot.render.outline import Block, for_person
from bot.render.technician import for_technician

COLOURS = {
    Verdict.HACKED_ACCOUNT: "bold red",
    Verdict.SPOOFED_ADDRESS: "bold yellow",
    Verdict.SPOOFED_NAME: "bold yellow",
    Verdict.PLAIN_SPAM: "bold blue",
    Verdict.GENUINE: "bold green",
    Verdict.UNDETERMINED: "bold magenta",
}
SEPARATOR = "──"
LEAST_NAME = 24
"""Columns for the line's strokes and some of the mail's name, for which the words of how sure it is give way."""


def print_terminal(console: Console, case: Case, technician: bool) -> None:
    """Print the reply, and for a technician all that it rests on; readable at 80 columns, unwrapped into a pipe."""
    _print(console, Text(tame(case.reply.headline, LIMIT), style=COLOURS[case.diagnosis.verdict]))
    for block in for_technician(case) if technician else for_person(case):
        console.print()
        _print(console, Text(tame(block.heading, LIMIT), style="bold"))
        if block.columns:
            _table(console, block)
        else:
            _lines(console, block)


def print_separator(console: Console, label: str, case: Case) -> None:
    """The line above a reply: which mail, and the verdict as the README names it. A long path loses its beginning."""
    slug, sure = verdict_words(case)
    said = ", ".join(filter(None, (slug, sure)))
    width = 0 if unwrapped(console) else console.width
    if width and width - cell_len(said) < LEAST_NAME:
        said = slug
    name, room = tame(label, LIMIT), width - cell_len(said) - cell_len(f"{SEPARATOR}  {SEPARATOR}  {SEPARATOR}")
    if width and cell_len(name) > room:
        name = "…" + name[len(name) - max(room - 1, 1) :]
    line = f"{SEPARATOR} {name} {SEPARATOR} {said} {SEPARATOR}"
    print_line(console, line + "─" * max(0, width - cell_len(line)), style="dim")


def print_summary(console: Console, outcomes: Sequence[tuple[str, tuple[str, str]]]) -> None:
    """A line for each mail: its name, the verdict, how sure."""
    console.print()
    _print(console, Text("All of them", style="bold"))
    rows = tuple((shown(label), *words) for label, words in outcomes)
    print_columns(console, ("file", "verdict", "how sure"), rows, indent="  ")


def verdict_words(case: Case) -> tuple[str, str]:
    """The verdict's slug with what it leans to, and how sure that is."""
    found = case.diagnosis
    if found.verdict is Verdict.UNDETERMINED:
        return found.verdict.value, f"leaning {found.leaning.value}" if found.leaning else ""
    return found.verdict.value, how_sure(found.confidence, found.grade)


def _lines(console: Console, block: Block) -> None:
    for mark, text in _marked(block):
        if unwrapped(console):
            print_line(console, f"  {mark} {text}" if mark else f"  {text}")
        elif not mark:
            _print(console, Padding(Text(text), (0, 0, 0, 2)))
        else:
            grid = Table.grid(padding=(0, 1))
            grid.add_column(width=len(mark), justify="right", no_wrap=True)
            grid.add_column(ratio=1, overflow="fold")
            grid.add_row(Text(mark), Text(text))
            _print(console, Padding(grid, (0, 0, 0, 2)))


def _marked(block: Block) -> Iterable[tuple[str, str]]:
    """Each line with its number or dash; prose has neither."""
    wide = len(str(len(block.lines))) + 2
    for number, line in enumerate(block.lines, 1):
        mark = "" if block.prose else f"{f'{number}.':>{wide}}" if block.numbered else "-"
        yield mark, tame(line, LIMIT) if block.ours else shown(line)


def _table(console: Console, block: Block) -> None:
    if unwrapped(console):
        rows = tuple(tuple(shown(cell) for cell in row) for row in block.rows)
        print_columns(console, block.columns, rows, indent="   ")
        return
    table = Table(box=None, padding=(0, 1), show_edge=False, header_style="dim", show_header=any(block.columns))
    for column in block.columns:
        table.add_column(Text(column), overflow="fold")
    for row in block.rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    _print(console, Padding(table, (0, 0, 0, 2)))


def _print(console: Console, what: Text | Padding) -> None:
    console.print(what, highlight=False, markup=False, emoji=False, soft_wrap=unwrapped(console))
