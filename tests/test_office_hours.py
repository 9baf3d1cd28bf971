"""Working time: shifts, holidays, the change of the clocks, and what somebody may write for them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office_hours import ALWAYS, OfficeHours, read_hours

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = read_hours("Mon-Fri 9:00-17:00", "Europe/Berlin", "2026-12-24, 12-25, 01-01")
SPLIT = read_hours("Mon-Thu 9:00-12:00, Mon-Thu 13:00-18:00, Fri 9:00-12:00, Sat 22:00-24:00", "Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


BETWEEN = (
    ("within a day", WEEK, "2026-11-24 10:00", "2026-11-24 12:30", 2.5),
    ("before and after work", WEEK, "2026-11-24 06:00", "2026-11-24 22:00", 8),
    ("over a night", WEEK, "2026-11-24 16:00", "2026-11-25 10:00", 2),
    ("over a weekend", WEEK, "2026-11-27 16:00", "2026-11-30 10:00", 2),
    ("on a weekend", WEEK, "2026-11-28 10:00", "2026-11-29 20:00", 0),
    ("over Christmas", WEEK, "2026-12-23 16:00", "2026-12-28 10:00", 2),
    ("a holiday of one year isn't one the year after", WEEK, "2027-12-24 00:00", "2027-12-25 00:00", 8),
    ("a holiday of every year", WEEK, "2029-12-25 00:00", "2029-12-26 00:00", 0),
    ("over a lunch break", SPLIT, "2026-11-24 11:00", "2026-11-24 14:00", 2),
    ("until midnight", SPLIT, "2026-11-28 12:00", "2026-11-29 12:00", 2),
    ("backwards", WEEK, "2026-11-25 10:00", "2026-11-24 10:00", 0),
)


@pytest.mark.parametrize(
    ("hours_", "start", "end", "expected"), [row[1:] for row in BETWEEN], ids=[r[0] for r in BETWEEN]
)
def test_working_time_is_counted_while_somebody_is_there(
    hours_: OfficeHours, start: str, end: str, expected: float
) -> None:
    assert hours_.between(at(start), at(end)) == hours(expected)


AFTER = (
    ("within a day", WEEK, "2026-11-24 10:00", 2, "2026-11-24 12:00"),
    ("until work ends", WEEK, "2026-11-24 10:00", 7, "2026-11-24 17:00"),
    ("over a night", WEEK, "2026-11-24 16:00", 2, "2026-11-25 10:00"),
    ("from a Friday evening", WEEK, "2026-11-27 20:00", 4, "2026-11-30 13:00"),
    ("over Christmas and the New Year", WEEK, "2026-12-23 16:00", 1 + 8 * 4 + 1, "2027-01-04 10:00"),
    ("nothing at night is when work begins", WEEK, "2026-11-24 03:00", 0, "2026-11-24 09:00"),
    ("nothing by day is now", WEEK, "2026-11-24 10:15", 0, "2026-11-24 10:15"),
    ("over a lunch break", SPLIT, "2026-11-24 11:00", 2, "2026-11-24 14:00"),
    ("over the change to winter time", WEEK, "2026-10-23 16:00", 2, "2026-10-26 10:00"),
)


@pytest.mark.parametrize(("hours_", "start", "span", "expected"), [row[1:] for row in AFTER], ids=[r[0] for r in AFTER])
def test_a_moment_is_found_by_working_time(hours_: OfficeHours, start: str, span: float, expected: str) -> None:
    assert hours_.after(at(start), hours(span)) == at(expected)


def test_a_shift_over_the_change_of_the_clocks_is_as_long_as_people_are_there() -> None:
    night = read_hours("Sun 0:00-6:00", "Europe/Berlin")
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert night.between(spring, spring + timedelta(days=2)) == hours(5)
    assert night.between(autumn, autumn + timedelta(days=2)) == hours(7)


def test_without_hours_there_is_always_somebody() -> None:
    start = at("2026-12-25 03:00")
    assert ALWAYS.works(start)
    assert ALWAYS.after(start, hours(5)) == start + hours(5)
    assert ALWAYS.between(start, start + hours(5)) == hours(5)
    assert read_hours("always") == read_hours("") == ALWAYS


def test_holidays_on_every_day_make_nothing_due_and_end() -> None:
    every_day = ", ".join(
        f"{day:%m-%d}" for day in (datetime(2028, 1, 1, tzinfo=UTC) + timedelta(n) for n in range(366))
    )
    never = read_hours("Mon-Sun 9:00-17:00", "UTC", every_day)
    assert never.after(at("2026-11-24 10:00"), hours(1)).year > 2035


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.integers(0, 60 * 200), st.sampled_from((WEEK, SPLIT, ALWAYS)))
def test_after_and_between_agree(start: datetime, minutes: int, rules: OfficeHours) -> None:
    end = rules.after(start, timedelta(minutes=minutes))
    assert end >= start
    assert rules.between(start, end) == timedelta(minutes=minutes)
    assert rules.works(end) or rules.works(end - timedelta(microseconds=1))


@given(moments, moments, moments)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    assert WEEK.between(first, middle) + WEEK.between(middle, last) == WEEK.between(first, last)


WRONG = (
    ("Mon-Fri", "UTC", "", "isn't readable"),
    ("Mo-Fr 9:00-17:00", "UTC", "", "isn't readable"),
    ("Fri-Mon 9:00-17:00", "UTC", "", "ends before"),
    ("Mon 17:00-9:00", "UTC", "", "ends before"),
    ("Mon 9:00-25:00", "UTC", "", "no time of the day"),
    ("Mon 9:00-12:00, Mon-Fri 11:00-17:00", "UTC", "", "overlap"),
    ("Mon 9:00-17:00", "Berlin/Europe", "", "no time zone"),
    ("Mon 9:00-17:00", "../etc/passwd", "", "no time zone"),
    ("Mon 9:00-17:00", "UTC", "24.12.2026", "no date"),
    ("Mon 9:00-17:00", "UTC", "2026-02-30", "no date"),
    ("Mon 9:00-17:00", "UTC", "13-01", "no date"),
)


@pytest.mark.parametrize(("text", "zone", "holidays", "problem"), WRONG)
def test_what_cannot_be_read_is_named(text: str, zone: str, holidays: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_hours(text, zone, holidays)


def test_a_leap_day_may_be_a_holiday_of_every_year() -> None:
    leap = read_hours("Mon-Sun 0:00-24:00", "UTC", "02-29")
    assert not leap.works(datetime(2028, 2, 29, 12, tzinfo=UTC))
    assert leap.works(datetime(2027, 3, 1, 12, tzinfo=UTC))
