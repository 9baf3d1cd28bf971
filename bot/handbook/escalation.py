"""knowledge/escalation.toml: when a technician's ticket opens, in a closed vocabulary of conditions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from bot.handbook.faults import Fault
from bot.handbook.page_loading import check_placeholders
from bot.model import Priority, Verdict, Wish

FILE = "escalation.toml"

WHOSE = ("staff", "contact", "stranger")
TOLD = ("paid", "typed-password", "approved", "opened", "clicked", "account-signs", "sent-items", "danger")
DESK = frozenset({"vip", "reported:many", "asked:all", *(f"wish:{wish}" for wish in Wish)})
"""Conditions that the desk knows and one mail doesn't (`bot.tickets.reasons`)."""
CONDITIONS = DESK | frozenset(
    {
        *(f"{where}:{verdict}" for where in ("verdict", "also", "leaning") for verdict in Verdict),
        *(f"whose:{whose}" for whose in WHOSE),
        *(f"told:{told}" for told in TOLD),
        "suspected",
        "material:much",
        "material:little",
        "domain:ours",
    }
)
"""Every condition that an entry may name."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """One entry: a ticket of this priority opens when all conditions hold."""

    id: str
    when: tuple[str, ...]
    priority: Priority
    summary: str


def load_escalation(root: Path, faults: list[Fault]) -> tuple[Escalation, ...]:
    """The entries, urgent ones first, else as they stand in the file."""
    try:
        values = tomli.loads((root / FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as wrong:
        faults.append(Fault(FILE, f"can't be read: {wrong}", "write it as TOML with [[entry]] tables"))
        return ()
    listed = values.get("entry")
    if not isinstance(listed, list) or set(values) != {"entry"}:
        faults.append(Fault(FILE, "holds something else than [[entry]] tables", "write one [[entry]] for each rule"))
        return ()
    entries = [entry for number, raw in enumerate(listed, 1) if (entry := _entry(number, raw, faults))]
    ids = [entry.id for entry in entries]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        faults.append(Fault(FILE, f"id {twice!r} stands there twice", "give each entry an id of its own"))
    return tuple(sorted(entries, key=lambda entry: list(Priority).index(entry.priority)))


def _entry(number: int, raw: Any, faults: list[Fault]) -> Escalation | None:
    before = len(faults)
    keys = {"id", "when", "priority", "summary"}
    if not isinstance(raw, dict) or set(raw) != keys:
        faults.append(Fault(FILE, f"entry {number} has not the keys it needs", "write id, when, priority, summary"))
        return None
    name, when, priority, summary = raw["id"], raw["when"], raw["priority"], raw["summary"]
    if not isinstance(name, str) or not isinstance(summary, str) or not name or not summary:
        faults.append(Fault(FILE, f"entry {number}: id and summary must be texts", 'write id = "short-name"'))
        return None
    if not isinstance(when, list) or not when:
        faults.append(Fault(FILE, f"{name}: when is {when!r}", 'write when = ["verdict:hacked-account"]'))
        return None
    for condition in when:
        if condition not in CONDITIONS:
            remedy = "use one of: " + ", ".join(sorted(CONDITIONS))
            faults.append(Fault(FILE, f"{name}: {condition!r} is no condition", remedy))
    if priority not in tuple(Priority):
        faults.append(Fault(FILE, f"{name}: priority is {priority!r}", "write one of: " + ", ".join(Priority)))
    check_placeholders(FILE, (summary,), faults)
    if len(faults) > before:
        return None
    return Escalation(name, tuple(when), Priority(priority), summary)
