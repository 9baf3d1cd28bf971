"""What is remembered of one sender: counts that halve with time, added up, bounded, and written as text.

A profile is a Usual at a moment. A mail counts 1.0 on the day it came and half of that each half-life later,
so that adding, ageing and adding again gives what adding everything at once would give.
"""

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from bot.model import Usual

MOST_VALUES = 20
"""Different values kept of each kind, the most frequent; the rest is noise or somebody's attempt to fill the store."""
LONGEST_VALUE = 120
_SMALLEST = 0.001
"""A count below this is forgotten: ten half-lives after a single mail."""

Counts = tuple[tuple[str, float], ...]
KINDS = tuple(field.name for field in fields(Usual) if field.name not in ("subject", "mails"))


@dataclass(frozen=True, slots=True)
class Profile:
    """What was known at a moment."""

    usual: Usual
    at: datetime

    def aged(self, now: datetime, half_life_days: float) -> Usual:
        """The counts as they weigh at another moment; a moment before `at` changes nothing."""
        return _scaled(self.usual, _weight(self.at, now, half_life_days))


def added(old: Profile | None, new: Usual, at: datetime, half_life_days: float) -> Profile:
    """The profile with one more observation that was made at `at`, however old that is."""
    if old is None:
        return Profile(_scaled(new, 1.0), at)
    moment = max(old.at, at)
    before, fresh = old.aged(moment, half_life_days), _scaled(new, _weight(at, moment, half_life_days))
    summed = {kind: _sum(getattr(before, kind), getattr(fresh, kind)) for kind in KINDS}
    return Profile(Usual(before.subject, before.mails + fresh.mails, **summed), moment)


def dump(profile: Profile) -> str:
    counts = {kind: getattr(profile.usual, kind) for kind in KINDS}
    return json.dumps({"at": profile.at.timestamp(), "mails": profile.usual.mails, **counts}, ensure_ascii=False)


def load(subject: str, text: str) -> Profile:
    """The profile that `dump` wrote; kinds that it doesn't know are left out, missing ones are empty."""
    kept = json.loads(text)
    counts = {kind: tuple((str(value), float(count)) for value, count in kept.get(kind, ())) for kind in KINDS}
    return Profile(Usual(subject, float(kept["mails"]), **counts), datetime.fromtimestamp(kept["at"], UTC))


def _weight(at: datetime, now: datetime, half_life_days: float) -> float:
    days = max(0.0, (now - at).total_seconds() / 86_400)
    return float(0.5 ** (days / half_life_days))


def _scaled(usual: Usual, factor: float) -> Usual:
    counts = {kind: _kept({value: count * factor for value, count in getattr(usual, kind)}) for kind in KINDS}
    return Usual(usual.subject, usual.mails * factor, **counts)


def _sum(one: Counts, other: Counts) -> Counts:
    total = dict(one)
    for value, count in other:
        total[value] = total.get(value, 0.0) + count
    return _kept(total)


def _kept(counts: dict[str, float]) -> Counts:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((value[:LONGEST_VALUE], count) for value, count in ranked[:MOST_VALUES] if count >= _SMALLEST)
