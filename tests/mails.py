"""Mails and facts for tests of what is remembered, made by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from bot.hosts import organisation
from bot.model import (
    DomainClass,
    DomainFacts,
    Fact,
    Facts,
    Grade,
    Header,
    Hop,
    IpKind,
    Judged,
    Kind,
    Mailbox,
    Message,
    Method,
    Network,
    Passage,
    Result,
    Server,
    Signature,
    Stamp,
    Told,
    Zone,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class At:
    """A Clock that a test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def mail(**changes: Any) -> Message:
    """A genuine mail of Maria's, with fields changed."""
    made = Message(
        kind=Kind.EML,
        grade=Grade.WHOLE,
        senders=(Mailbox("Maria  Example", "Maria@example.org"),),
        return_path="maria@example.org",
        subject="Minutes",
        date=datetime(2026, 6, 1, 10, tzinfo=timezone(timedelta(hours=2))),
        message_id="<1780300800.12345@mail.example.org>",
        mailer="Microsoft Outlook 16.0",
        hops=(
            Hop(0, Zone.BORDER, "mail.example.org", "mail.example.org", "8.8.8.8", "mx.example.net", at=NOW),
            Hop(1, Zone.OUTSIDE, "laptop", "", "10.0.0.5"),
        ),
        signatures=(Signature("example.org", "s1"),),
        headers=(Header("Content-Type", 'text/plain; charset="utf-8"'),),
        text="Hello Anna,\nhere are the minutes that you asked for.\n-- \nMaria Example\nExample Society\n+00 555 0100",
    )
    return replace(made, **changes)


def stamp(method: Method = Method.DKIM, result: Result = Result.PASS, domain: str = "example.org") -> Stamp:
    return Stamp(method, result, Zone.INSIDE, domain=domain)


def facts(message: Message | None = None, *stamps: Stamp, **changes: Any) -> Facts:
    """What is known of a mail; without stamps, an aligned DKIM pass."""
    message = message or mail()
    network = Network("8.8.8.8", IpKind.PUBLIC, "CH", 64500, "Example Net")
    made = Facts(
        message=message,
        told=Told(),
        author=DomainFacts(message.author.domain, organisation(message.author.domain), DomainClass.OTHER),
        judged=Judged(Passage.DIRECT, message.border, stamps or (stamp(),)),
        server=Fact.known("the sending server", Server("8.8.8.8", "mail.example.org", "mail", network, 0)),
        client=Fact.known("where it was written", Network("9.9.9.9", IpKind.PUBLIC, "AT")),
    )
    return replace(made, **changes)
