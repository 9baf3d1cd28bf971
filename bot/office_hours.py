"""Working time: when the help desk is there, and how long that is between two moments. Pure; all times have a zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_FARTHEST = 3_700
"""Days that are looked ahead: with holidays on every working day of ten years, nothing is ever due."""
_RULE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d{1,2}:\d{2})-(\d{1,2}:\d{2})")
_EVERY_YEAR = re.compile(r"(\d{2})-(\d{2})")
_MOST = 4_000
"""Characters of a setting that are read."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of one weekday (0 is Monday), in minutes of the day: 0 to 1440, in local time."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When there is somebody. Without a shift there is always somebody, holidays too."""

    zone: str = "UTC"
    """IANA's name: "Europe/Berlin"."""
    shifts: tuple[Shift, ...] = ()
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    """Holidays of every year: month and day."""

    def works(self, at: datetime) -> bool:
        """Whether somebody is there at that moment."""
        return not self.shifts or any(start <= at < end for start, end in self._spans(self._local(at)))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between; zero where the end comes first."""
        if end <= start:
            return timedelta()
        if not self.shifts:
            return end - start
        total, day, last = timedelta(), self._local(start), self._local(end)
        while day <= last:
            for begins, ends in self._spans(day):
                total += max(timedelta(), min(ends, end) - max(begins, start))
            day += _DAY
        return total

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The moment at which that much working time has passed since `start`; what lies farther than ten years
        ahead is there."""
        if not self.shifts:
            return start + span
        left, day = max(span, timedelta()), self._local(start)
        for _ in range(_FARTHEST):
            for begins, ends in self._spans(day):
                room = ends - max(begins, start)
                if room > timedelta() and left <= room:
                    return max(begins, start) + left
                left -= max(room, timedelta())
            day += _DAY
        return start + _FARTHEST * _DAY

    def _local(self, at: datetime) -> date:
        return at.astimezone(_zone(self.zone)).date()

    def _spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The shifts of a day as moments. Where the clocks change, the shift is as long as people are there."""
        if day in self.holidays or (day.month, day.day) in self.yearly:
            return ()
        return tuple(
            (self._moment(day, shift.start), self._moment(day, shift.end))
            for shift in self.shifts
            if shift.day == day.weekday()
        )

    def _moment(self, day: date, minute: int) -> datetime:
        at = datetime.combine(day + (_DAY if minute == 1440 else timedelta()), time(), _zone(self.zone))
        wall = at.replace(hour=minute // 60, minute=minute % 60) if minute < 1440 else at
        return wall.astimezone(UTC)


ALWAYS = OfficeHours()


def read_hours(hours: str, zone: str = "UTC", holidays: str = "") -> OfficeHours:
    """Working hours as somebody writes them.

    `hours`: "Mon-Fri 9:00-12:00, Mon-Thu 13:00-17:30, Sat 10:00-14:00"; "" or "always" for round the clock.
    `holidays`: "2026-12-24, 12-25, 01-01"; without a year it is every year's. Raises ValueError with what is wrong.
    """
    try:
        _zone(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{zone[:60]!r} is no time zone; write one such as Europe/Berlin") from None
    rules = [part.strip().lower() for part in hours[:_MOST].split(",") if part.strip()]
    shifts = () if rules in ([], ["always"]) else tuple(shift for rule in rules for shift in _shifts(rule))
    _overlaps(shifts)
    dates, yearly = _holidays(holidays)
    return OfficeHours(zone, tuple(sorted(shifts, key=lambda each: (each.day, each.start))), dates, yearly)


def _shifts(rule: str) -> tuple[Shift, ...]:
    found = _RULE.fullmatch(" ".join(rule.split()))
    if not found or found.group(1) not in DAYS or (found.group(2) or "mon") not in DAYS:
        raise ValueError(f"{rule[:60]!r} isn't readable; write such as Mon-Fri 9:00-17:00")
    first, last = DAYS.index(found.group(1)), DAYS.index(found.group(2) or found.group(1))
    start, end = _minute(found.group(3)), _minute(found.group(4))
    if first > last or start >= end:
        raise ValueError(f"{rule[:60]!r} ends before it begins")
    return tuple(Shift(day, start, end) for day in range(first, last + 1))


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    total = 60 * int(hour) + int(minute)
    if total > 1440 or int(minute) > 59:
        raise ValueError(f"{text!r} is no time of the day")
    return total


def _overlaps(shifts: tuple[Shift, ...]) -> None:
    ordered = sorted(shifts, key=lambda each: (each.day, each.start))
    for one, other in pairwise(ordered):
        if one.day == other.day and other.start < one.end:
            raise ValueError(f"two stretches of {DAYS[one.day].capitalize()} overlap")


def _holidays(text: str) -> tuple[frozenset[date], frozenset[tuple[int, int]]]:
    dates, yearly = set[date](), set[tuple[int, int]]()
    for part in (part.strip() for part in text[:_MOST].split(",")):
        if not part:
            continue
        every = _EVERY_YEAR.fullmatch(part)
        try:
            day = date.fromisoformat(f"2028-{part}" if every else part)  # 2028 has a 29 February
        except ValueError:
            raise ValueError(f"{part[:40]!r} is no date; write 2026-12-24, or 12-25 for every year") from None
        if every:
            yearly.add((day.month, day.day))
        else:
            dates.add(day)
    return frozenset(dates), frozenset(yearly)


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
