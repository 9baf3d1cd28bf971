"""How an inquiry is written into the store, what stays of it when its content's time is over, and what then goes."""

import base64
import json
import re
import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from pydantic_core import PydanticSerializationError, ValidationError

from bot.errors import Shown
from bot.model import (
    Affected,
    Asker,
    Diagnosis,
    Exhibit,
    Inquiry,
    Kind,
    NextStep,
    Outcome,
    Place,
    Reply,
    Stage,
    Ticket,
)
from bot.ports import Said

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = 1
"""Grows with every change that the version before can't read; told where a record can't be."""
LARGEST_KEPT = 5_000_000
"""Octets of fetched material that are kept, compressed, for a later decision; more is fetched again."""


class Strange(Shown):
    """A record that this version can't read: a newer one wrote it, or it is broken."""

    def __init__(self, schema: str) -> None:
        super().__init__(
            "strange-record",
            f"A question was kept in a form (schema {schema}) that this version (schema {SCHEMA}) can't read.",
            "Run the version that wrote it, or hand the mail in again.",
        )


def prepare() -> None:
    """Builds what the first of the others would have to wait for, about a tenth of a second."""
    _inquiries()


@cache
def _inquiries() -> "TypeAdapter[Inquiry]":
    from pydantic import TypeAdapter

    return TypeAdapter(Inquiry)


def dump(inquiry: Inquiry) -> bytes:
    """As JSON in UTF-8. Half a surrogate pair, which Slack may cut a text to, becomes a question mark."""
    try:
        text = _inquiries().dump_json(inquiry)
    except PydanticSerializationError:
        plain = _inquiries().dump_python(inquiry, mode="json")
        text = json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")
    return b'{"schema":%d,%b' % (SCHEMA, text[1:])


def load(text: bytes) -> Inquiry:
    """What `dump` wrote, by this version or another whose fields and values we know. Raises Strange."""
    try:
        return _inquiries().validate_json(text)
    except ValidationError:
        raise Strange(_schema(text)) from None  # pydantic's words quote what somebody wrote


def _schema(text: bytes) -> str:
    found = re.match(rb'\{"schema": ?([0-9]{1,6})\b', text)
    return found[1].decode() if found else "unknown"


def dump_exhibits(exhibits: tuple[Exhibit, ...]) -> bytes | None:
    """Compressed; None where that is larger than LARGEST_KEPT."""
    rows = [[each.name, each.kind, base64.b64encode(each.content).decode()] for each in exhibits]
    packed = zlib.compress(json.dumps(rows).encode(), 1)
    return packed if len(packed) <= LARGEST_KEPT else None


def load_exhibits(packed: bytes) -> tuple[Exhibit, ...] | None:
    """What `dump_exhibits` wrote; None where another version wrote it in a way that we can't read."""
    try:
        rows = json.loads(zlib.decompress(packed))
        return tuple(Exhibit(base64.b64decode(body), name, Kind(kind) if kind else None) for name, kind, body in rows)
    except (ValueError, TypeError, zlib.error):
        return None


def dump_said(said: Said) -> bytes:
    return json.dumps([said.channel, said.ts, said.thread]).encode()


def load_said(text: bytes) -> Said:
    channel, ts, thread = json.loads(text)
    return Said(channel, ts, thread)


def thinned(inquiry: Inquiry) -> Inquiry:
    """Without texts, names and addresses; who asked and where, verdicts, codes, weights and times stay."""
    return replace(
        inquiry,
        asker=replace(inquiry.asker, name="", address=""),
        pieces=(),
        told=replace(inquiry.told, claims=None),
        part="",
        about="",
        outcome=_thin_outcome(inquiry.outcome),
        previous=_thin_outcome(inquiry.previous),
    )


def forgotten(inquiry: Inquiry) -> Inquiry:
    """The bare fact: a verdict with its codes, of nobody and nowhere."""
    thin = thinned(inquiry)
    return replace(
        thin,
        asker=Asker(inquiry.asker.team, "", belonging=inquiry.asker.belonging),
        place=Place("", ""),
        step="",
        stage=Stage.FORGOTTEN,
        outcome=replace(thin.outcome, mail="", campaign="") if thin.outcome else None,
        previous=replace(thin.previous, mail="", campaign="") if thin.previous else None,
    )


def is_thin(inquiry: Inquiry) -> bool:
    """Whether nothing is left that could be decided anew."""
    return not inquiry.pieces


def _thin_outcome(outcome: Outcome | None) -> Outcome | None:
    if outcome is None:
        return None
    ticket = outcome.ticket
    return replace(
        outcome,
        diagnosis=_thin_diagnosis(outcome.diagnosis),
        reply=_thin_reply(outcome.reply),
        technician=_thin_reply(outcome.technician),
        ticket=Ticket(ticket.reason, ticket.priority, "", "") if ticket else None,
        sender_name="",
        sender_address="",
        server_ip="",
        server_host="",
        recipients=(),
    )


def _thin_diagnosis(diagnosis: Diagnosis) -> Diagnosis:
    step = diagnosis.next_step
    return replace(
        diagnosis,
        affected=tuple(Affected(each.verdict, "") for each in diagnosis.affected),
        findings=tuple(replace(each, text="") for each in diagnosis.findings),
        unchecked=(),
        next_step=NextStep(step.code, "") if step else None,
    )


def _thin_reply(reply: Reply) -> Reply:
    return Reply(reply.reader, "", (), (), (), "", (), "")
