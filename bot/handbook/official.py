"""The web addresses that knowledge/ itself names: the only ones that may be live in what people are told."""

import re
from collections.abc import Iterator

from bot.handbook import Handbook

_ADDRESS = re.compile(r"https://[^\s<>\"'`|()]{4,400}")


def official_links(handbook: Handbook) -> frozenset[str]:
    """Every https address in a step, an item or an explanation; without the full stop that ends the sentence."""
    found = (each.group() for text in _texts(handbook) for each in _ADDRESS.finditer(text))
    return frozenset(address.rstrip(".,;:") for address in found)


def _texts(handbook: Handbook) -> Iterator[str]:
    for provider in handbook.providers:
        for step in (*provider.owner, *provider.administrator):
            yield step.text
            yield step.source
    for advice in handbook.advice:
        yield from advice.items
    for verdict in handbook.verdicts:
        for reader in verdict.readers:
            yield from reader.steps
            yield from reader.explains
    for export in handbook.exports:
        yield from (*export.headers, *export.original)
