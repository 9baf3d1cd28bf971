"""Blocks as plain text, in the order in which they are read: for tests that look at a whole message, and the README.

`python -m tests.blocktext PATH [named]` prints the answer to a mail as the person gets it.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot import handbook
from bot.errors import Shown
from bot.handbook.official import official_links
from bot.model import Asker, Case, Inquiry, Outcome, Place, Reader, Surface, Told
from handlers.blocks.answer import answer
from handlers.blocks.wording import Wording
from tests.line import outcome as line_of

Json = dict[str, Any]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@cache
def wording() -> Wording:
    """With the knowledge that ships, as it is where a technicians' channel is set."""
    known = handbook.load()
    return Wording(known.talk, official_links(known), "the help desk (555 0100)", has_technicians=True)


def inquiry(**changes: Any) -> Inquiry:
    """One asked in direct message by Alice."""
    made: Json = {
        "id": "bcdf2345",
        "surface": Surface.DIRECT,
        "asker": Asker("T1", "U01ALICE", "Alice Anderson", "alice@example.com"),
        "place": Place("D1", "1764000000.000100"),
        "received_at": NOON,
    }
    return Inquiry(**made | changes)


def outcome(content: bytes, *, reader: Reader = Reader.RECEIVER, told: Told | None = None) -> Outcome:
    """What is kept of the case that one piece of material makes."""
    case, technician = (line_of(content, reader=each, told=told) for each in (reader, Reader.TECHNICIAN))
    assert isinstance(case, Case)
    assert isinstance(technician, Case)
    return outcome_of(case, technician)


def outcome_of(case: Case, technician: Case) -> Outcome:
    """What is kept of a case, with the reply for a technician's eyes."""
    server = case.facts.server.maybe()
    author = case.message.author
    return Outcome(
        1,
        case.diagnosis,
        case.reply,
        technician.reply,
        case.ticket,
        author.name,
        author.address,
        server.ip if server else "",
        server.host if server else "",
        server.network.country if server else "",
    )


def as_text(blocks: Iterable[Json]) -> str:
    """What somebody reads; buttons stand in brackets, each row on a line."""
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(block: Json) -> Iterator[str]:
    kind = block["type"]
    if kind == "rich_text":
        for element in block["elements"]:
            yield from _rich(element)
    elif kind in ("section", "header"):
        yield block["text"]["text"]
    elif kind == "context":
        yield from (element["text"] for element in block["elements"])
    elif kind == "actions":
        yield "  ".join(f"[{element['text']['text']}]" for element in block["elements"])
    elif kind == "input":
        yield f"{block['label']['text']}: <{block['element']['type']}>"
    else:
        yield "-" * 8


def _rich(element: Json) -> Iterator[str]:
    if element["type"] == "rich_text_section":
        yield _leaves(element)
        return
    for number, item in enumerate(element["elements"], 1):
        yield f"{f'{number}.' if element['style'] == 'ordered' else '-'} {_leaves(item)}"


def _leaves(element: Json) -> str:
    return "".join(_leaf(leaf) for leaf in element["elements"])


def _leaf(leaf: Json) -> str:
    said = {"user": f"@{leaf.get('user_id')}", "usergroup": f"@{leaf.get('usergroup_id')}"}
    return said.get(leaf["type"]) or str(leaf.get("text") or leaf.get("url") or leaf.get("fallback"))


def main() -> None:
    path, *named = sys.argv[1:]
    reader = Reader.NAMED if named else Reader.RECEIVER
    case = line_of(Path(path).read_bytes(), reader=reader)
    if isinstance(case, Shown):
        sys.exit(case.message)
    sys.stdout.write(as_text(answer(inquiry(), outcome_of(case, case), wording()).blocks) + "\n")


if __name__ == "__main__":
    main()
