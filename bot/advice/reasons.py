"""Why, and what couldn't be checked: a few sentences chosen from all findings."""

from collections.abc import Mapping

from bot.advice.sender import about
from bot.advice.words import capital, from_mail, listed
from bot.model import Diagnosis, Finding, Question, Unchecked, Verdict

REASONS = 3
UNCHECKED_LINES = 4
UNCHECKED_IN_LINE = 4

_Side = tuple[Question, int]
_IDENTITY, _ORIGIN, _INTENT, _STANDING = Question.IDENTITY, Question.ORIGIN, Question.INTENT, Question.STANDING

SPEAKS_FOR: Mapping[Verdict, tuple[tuple[_Side, ...], tuple[_Side, ...]]] = {
    # The sides of which one reason each comes first, and the sides that fill up the rest.
    Verdict.HACKED_ACCOUNT: (((_ORIGIN, 1), (_INTENT, -1)), ((_STANDING, 1), (_IDENTITY, 1))),
    Verdict.SPOOFED_ADDRESS: (((_ORIGIN, -1),), ((_INTENT, -1), (_STANDING, 1))),
    Verdict.SPOOFED_NAME: (((_IDENTITY, -1),), ((_INTENT, -1), (_STANDING, -1))),
    Verdict.PLAIN_SPAM: (((_INTENT, -1), (_STANDING, -1)), ()),
    Verdict.GENUINE: (((_ORIGIN, 1), (_INTENT, 1)), ((_IDENTITY, 1), (_STANDING, 1))),
    Verdict.UNDETERMINED: ((), ()),
}


def reasons(diagnosis: Diagnosis) -> tuple[str, ...]:
    """The strongest counted findings that speak for the verdict (or the leaning), at most three."""
    chosen = _chosen(diagnosis)
    return tuple(dict.fromkeys(capital(from_mail(finding.text)) for finding in chosen))[:REASONS]


def unchecked_lines(
    unchecked: tuple[Unchecked, ...], plain_what: Mapping[str, str], plain_why: Mapping[str, str]
) -> tuple[str, ...]:
    """What couldn't be checked, in plain words: one line for each cause, at most four.

    Within a line they stand in the order of knowledge/plain-words.toml.
    """
    causes: dict[str, list[str]] = {}
    seen: set[str] = set()
    order = {what: place for place, what in enumerate(plain_what)}
    for each in sorted(unchecked, key=lambda item: order.get(item.what, len(order))):
        if each.what in seen:
            continue
        seen.add(each.what)
        why = _plain_cause(each.why, plain_why)
        causes.setdefault(why, []).append(plain_what.get(each.what, from_mail(each.what, 80)))
    ranked = sorted(causes.items(), key=lambda item: -len(item[1]))
    return tuple(_unchecked_line(why, what) for why, what in ranked[:UNCHECKED_LINES])


def _plain_cause(why: str, plain_why: Mapping[str, str]) -> str:
    """A cause in plain words, by how it begins; "TXT of example.org: no answer" is told by its last part."""
    last = why.rpartition(": ")[2]
    known = [key for key in plain_why if why.startswith(key) or last.startswith(key)]
    return plain_why[max(known, key=len)] if known else from_mail(why, 120)


def _unchecked_line(why: str, what: list[str]) -> str:
    shown = what if len(what) <= UNCHECKED_IN_LINE else [*what[: UNCHECKED_IN_LINE - 1], "other things"]
    return f"{capital(listed(shown))}: {why}."


def _chosen(diagnosis: Diagnosis) -> list[Finding]:
    ranked = sorted(
        (finding for finding in diagnosis.findings if finding.counted and finding.weight),
        key=lambda finding: -abs(finding.weight),
    )
    first, rest = SPEAKS_FOR[about(diagnosis)]
    if not first:
        return ranked[:REASONS]
    chosen = [found for side in first if (found := next((f for f in ranked if _side(f) == side), None))]
    fits = [f for f in ranked if _side(f) in first] + [f for f in ranked if _side(f) in rest]
    for finding in fits:
        if len(chosen) < REASONS and finding not in chosen:
            chosen.append(finding)
    return sorted(chosen, key=lambda finding: -abs(finding.weight))


def _side(finding: Finding) -> _Side:
    return finding.question, 1 if finding.weight > 0 else -1
