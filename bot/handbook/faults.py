"""What is wrong with a file under knowledge/; loaders append to one list, and the loading ends with all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import BadKnowledge


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the file (below knowledge/), what is wrong with the value in it, what to write instead."""

    file: str
    problem: str
    remedy: str


def refuse(faults: Sequence[Fault]) -> None:
    """Raises BadKnowledge with every fault, one a line, if there is any."""
    if not faults:
        return
    lines = [f"{fault.file}: {fault.problem} ({fault.remedy})" for fault in faults]
    raise BadKnowledge("bad-knowledge", "\n".join(lines), "Mend the files named and run the command again.")
