"""A case on a terminal with rich. Text objects only: neither rich markup nor escape sequences of a mail get through."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.advice.words import tame
from bot.model import Case, Verdict
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


def print_terminal(console: Console, case: Case, technician: bool) -> None:
    """Print the reply, and for a technician all that it rests on; readable at 80 columns."""
    _print(console, Text(tame(case.reply.headline, LIMIT), style=COLOURS[case.diagnosis.verdict]))
    for block in for_technician(case) if technician else for_person(case):
        console.print()
        _print(console, Text(tame(block.heading, LIMIT), style="bold"))
        if block.columns:
            _table(console, block)
        else:
            _lines(console, block)


def _lines(console: Console, block: Block) -> None:
    wide = len(str(len(block.lines))) + 2
    for number, line in enumerate(block.lines, 1):
        text = Text(tame(line, LIMIT) if block.ours else shown(line))
        if block.prose:
            _print(console, Padding(text, (0, 0, 0, 2)))
            continue
        mark = f"{number}." if block.numbered else "-"
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=wide if block.numbered else 1, justify="right", no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_row(Text(mark), text)
        _print(console, Padding(grid, (0, 0, 0, 2)))


def _table(console: Console, block: Block) -> None:
    table = Table(box=None, padding=(0, 1), show_edge=False, header_style="dim", show_header=any(block.columns))
    for column in block.columns:
        table.add_column(Text(column), overflow="fold")
    for row in block.rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    _print(console, Padding(table, (0, 0, 0, 2)))


def _print(console: Console, what: Text | Padding) -> None:
    console.print(what, highlight=False, markup=False, emoji=False)
