"""Facts made by hand, for tests of what follows from them."""

from collections.abc import Mapping
from typing import Any

from bot.model import (
    DomainClass,
    DomainFacts,
    Facts,
    Finding,
    Grade,
    Hop,
    Judged,
    Kind,
    Mailbox,
    Message,
    Passage,
    Question,
    Told,
    Zone,
)

BORDER = Hop(0, Zone.BORDER, helo="mail.example.org", host="mail.example.org", ip="192.0.2.1", by="mx.example.com")


def message(**changes: Any) -> Message:
    """An ordinary mail from maria@example.org, whole, with a border hop."""
    values: dict[str, Any] = {
        "kind": Kind.EML,
        "grade": Grade.WHOLE,
        "senders": (Mailbox("Maria Example", "maria@example.org"),),
        "to": (Mailbox("Bob", "bob@example.com"),),
        "subject": "Lunch",
        "text": "See you at noon.",
        "hops": (BORDER,),
        "raw": b"From: Maria Example <maria@example.org>\n\nSee you at noon.\n",
    }
    return Message(**(values | changes))


def facts(*, mail: Mapping[str, Any] | None = None, **changes: Any) -> Facts:
    """Facts about that mail; `mail` changes the message, the rest the facts."""
    said = message(**(mail or {}))
    values: dict[str, Any] = {
        "message": said,
        "told": Told(),
        "author": DomainFacts("example.org", "example.org", DomainClass.OTHER),
        "judged": Judged(Passage.DIRECT, said.border, ()),
    }
    return Facts(**(values | changes))


def finding(question: Question, weight: float, name: str = "") -> Finding:
    return Finding(name or f"made-up-{question.value}", question, name or question.value, weight, "made up", "made up")
