"""A message made to fit: Slack refuses one whose blocks are too many or too long together, without a word where."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handlers.blocks.kit import Block

MOST_BLOCKS = 50
MOST_CHARACTERS = 11_000
"""Of all blocks as JSON. No page of Slack's says so; 11,341 characters were refused in many small parts (bolt-js
issue 2867), 13,172 in few large ones (issue 2509).
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks that stand and fall together."""

    blocks: tuple[Block, ...]
    rank: int = 0
    """0: must be said. Of the others, the highest goes first."""
    only_if_cut: bool = False
    """Says that something was left out, and where it is."""


def size(blocks: Sequence[Block]) -> int:
    """Characters of the blocks as they are sent: slack_sdk writes what isn't ASCII in six."""
    return len(json.dumps(list(blocks)))


def fit(
    parts: Sequence[Part], *, most_blocks: int = MOST_BLOCKS, most_characters: int = MOST_CHARACTERS
) -> tuple[Block, ...] | None:
    """The blocks of as many parts as fit, in order; None where not even those of rank 0 do."""
    kept = [part for part in parts if part.blocks and not part.only_if_cut]
    blocks = _blocks(kept)
    while len(blocks) > most_blocks or size(blocks) > most_characters:
        worst = max(part.rank for part in kept) if kept else 0
        if worst == 0:
            return None
        kept = [part for part in kept if part.rank < worst]
        blocks = _blocks([part for part in parts if part in kept or part.only_if_cut])
    return blocks


def shrunk(make: Callable[[int], Sequence[Block]], limits: Sequence[int]) -> tuple[Block, ...]:
    """What `make` makes of the first of these limits with which it fits; with the last it must."""
    made: Sequence[Block] = ()
    for limit in limits:
        made = make(limit)
        if size(made) <= MOST_CHARACTERS:
            break
    return tuple(made)


def _blocks(parts: Sequence[Part]) -> tuple[Block, ...]:
    return tuple(block for part in parts for block in part.blocks)
