"""How a ticket and its record are written into the store. The number isn't: it stands in the key."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticSerializationError

from bot.model.telling import Tell
from bot.model.tickets import Entry, LiveTicket

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = 1
"""Of what is written; raised when an older program couldn't read it any more."""


@cache
def _tickets() -> "TypeAdapter[LiveTicket]":
    """Built when first used: it takes a tenth of a second."""
    from pydantic import TypeAdapter

    return TypeAdapter(LiveTicket)


@cache
def _entries() -> "TypeAdapter[Entry]":
    from pydantic import TypeAdapter

    return TypeAdapter(Entry)


@cache
def _tells() -> "TypeAdapter[tuple[Tell, ...]]":
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Tell, ...])


def dump(ticket: LiveTicket) -> bytes:
    return _written(_tickets(), ticket)


def load(text: bytes) -> LiveTicket:
    """What `dump` wrote, by this version or one before whose fields are a part of ours."""
    return _tickets().validate_json(text)


def dump_entry(entry: Entry) -> bytes:
    return _written(_entries(), entry)


def load_entry(text: bytes) -> Entry:
    return _entries().validate_json(text)


def dump_tells(tells: tuple[Tell, ...]) -> bytes:
    return _written(_tells(), tells)


def load_tells(text: bytes) -> tuple[Tell, ...]:
    return _tells().validate_json(text)


def _written(adapter: "TypeAdapter[Any]", value: object) -> bytes:
    """As JSON in UTF-8. Half a surrogate pair, which Slack may cut a text to, becomes a question mark."""
    try:
        return adapter.dump_json(value)
    except PydanticSerializationError:
        return json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False).encode("utf-8", "replace")
