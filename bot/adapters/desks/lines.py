"""What every desk shows of a case file: its title, its particulars, the sentence about what is attached."""

import unicodedata

from bot.model import CaseFile

TITLE = 200
"""Characters. Jira takes 255 for a summary, Zendesk 150 without cutting in lists, RFC 5322 has no limit of its own."""
VALUE = 500
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def line(text: str, limit: int = VALUE) -> str:
    """One line without control, bidi and other invisible characters, cut at `limit` characters."""
    seen = "".join(char for char in text[: limit * 8] if char.isspace() or unicodedata.category(char) not in _DROPPED)
    seen = " ".join(seen.split())
    return seen if len(seen) <= limit else seen[: limit - 1].rstrip() + "…"


def title(case: CaseFile) -> str:
    """The line that stands in lists of tickets."""
    return line(f"[checkmail {case.number}] {case.summary}", TITLE)


def particulars(case: CaseFile) -> tuple[tuple[str, str], ...]:
    """(what, value) of what a technician has to see first; plain text, unescaped."""
    rows = (
        ("What to do", case.summary),
        ("Who is affected", case.affected),
        ("Verdict", f"{case.verdict}, {case.confidence:.0%} sure"),
        ("Priority", case.priority.value),
        ("Reported by", case.reporter),
        ("Opened", f"{case.opened_at:%Y-%m-%d %H:%M %Z}"),
        ("Ticket in Slack", case.number),
        ("Reference", case.key),
    )
    return tuple((what, line(value)) for what, value in rows if value.strip())


def enclosed(case: CaseFile) -> str:
    """Which files come with it, and that they quote a hostile mail."""
    names = ", ".join(name for name, _, _ in case.attachments)
    return f"Attached: {names}. They quote a suspicious mail: open no address in them."
