"""A ticket's case file, for technicians here and at other help desks: report, diagnosis, header, abuse report.

Whoever may read another desk's tickets may not know who reported what, so that no recipient's address is in it
(`bot.redaction`), and nothing in it can be clicked.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import TypeVar, cast

from bot import abuse
from bot.hosts import organisation
from bot.model import (
    Asker,
    Case,
    CaseFile,
    DomainClass,
    DomainFacts,
    Fact,
    Facts,
    IpKind,
    Judged,
    Kind,
    Mailbox,
    Message,
    Network,
    Outcome,
    Passage,
    Reply,
    Report,
    Server,
    Ticket,
    Told,
)
from bot.redaction import Redaction, in_lines
from bot.render.escaping import shown
from bot.render.json import to_json
from bot.render.markdown import to_markdown

LINE = 300
NAME = 80
T = TypeVar("T")


def of_case(
    case: Case, ticket: Ticket, number: str, opened_at: datetime, asker: Asker, technician: Reply | None = None
) -> CaseFile:
    """While the mail is at hand. `technician`: the reply for a technician's eyes, where the case holds another's."""
    told = replace(case, ticket=ticket, reply=technician or case.reply)
    inside = Redaction.of(case.message, asker.address)
    outside = Redaction.of(case.message, asker.address, outside=True)
    bare = mapped(_without_content(told), inside.text)
    return CaseFile(
        number=number,
        summary=shown(inside.text(ticket.summary), LINE),
        priority=ticket.priority,
        affected=shown(inside.text(ticket.affected), LINE),
        reporter=shown(inside.text(asker.name.partition("@")[0]), NAME),
        verdict=case.diagnosis.verdict,
        confidence=case.diagnosis.confidence,
        opened_at=opened_at,
        report=to_markdown(bare, technician=True),
        diagnosis=to_json(f"ticket {number}", bare),
        headers=in_lines(inside.fields(case.message.headers), harmless=True),
        abuse=abuse.report(
            mapped(_without_content(told), outside.text), outside.fields(case.message.headers), opened_at
        ),
    )


def of_outcome(
    outcome: Outcome, ticket: Ticket, number: str, opened_at: datetime, asker: Asker, told: Told
) -> CaseFile:
    """When the mail is no longer kept: what was decided, without its header and so without an abuse report."""
    box = Mailbox(outcome.sender_name, outcome.sender_address)
    message = Message(Kind.WORDS, outcome.diagnosis.grade, senders=(box,))
    domain = DomainFacts(box.domain, organisation(box.domain), DomainClass.OTHER)
    facts = Facts(message, told, domain, Judged(Passage.UNKNOWN, None, ()))
    if outcome.server_ip or outcome.server_host:
        network = Network(outcome.server_ip, IpKind.PUBLIC, outcome.server_country)
        server = Server(outcome.server_ip, outcome.server_host, "", network, 0)
        facts = replace(facts, server=Fact.known("the sending server", server))
    case = Case(Report((), told), message, facts, outcome.diagnosis, outcome.technician, ticket)
    return of_case(case, ticket, number, opened_at, asker)


def mapped(value: T, change: Callable[[str], str]) -> T:
    """The value with every text in it changed, however deep; names of enumerations aren't texts."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return cast(T, change(value))
    if isinstance(value, tuple):
        return cast(T, tuple(mapped(each, change) for each in value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: mapped(getattr(value, each.name), change) for each in fields(value)})
    return value


def _without_content(case: Case) -> Case:
    """The case without what no report shows: the material, the body and the raw header."""
    message = replace(case.message, text="", raw=b"", headers=(), from_fields=())
    return replace(
        case,
        report=replace(case.report, exhibits=()),
        message=message,
        facts=replace(case.facts, message=message),
    )
