"""The moment in a trace line: RFC 5322, 3.3 with the obsolete forms, and the ISO form that some senders write."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ZONES = {"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5}
_ZONES |= {"MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
"""RFC 5322, 4.3; other letters mean that the offset isn't known, which is read as UTC."""
_DATE = re.compile(
    r"\b(?P<day>\d{1,2})\s{1,4}(?P<month>[A-Za-z]{3})[a-z]{0,6}\s{1,4}(?P<year>\d{2,4})\s{1,4}"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d{1,9})?(?:\s{0,4}(?P<zone>[+-]\d{4}|[A-Z]{1,4}\b))?"
)
_ISO = re.compile(
    r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[T ](?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"(?:\.\d{1,9})?(?:\s?(?P<zone>[+-]\d{2}:?\d{2}|[A-Z]{1,4}\b))?"
)
_LONGEST = 400


def read_date(text: str) -> datetime | None:
    """The last date in the text with its offset, None where there is none that exists."""
    text = text[-_LONGEST:]
    for pattern in (_DATE, _ISO):
        found: datetime | None = None
        for match in pattern.finditer(text):
            found = _moment(match) or found
        if found:
            return found
    return None


def _moment(match: re.Match[str]) -> datetime | None:
    month = match["month"]
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    try:
        return datetime(
            _year(match["year"]),
            number,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            min(int(match["second"] or 0), 59),  # a leap second is 60 (RFC 5322, 3.3)
            tzinfo=_zone(match["zone"] or ""),
        )
    except ValueError:
        return None


def _year(text: str) -> int:
    """Two digits below 50 are this century, three digits count from 1900 (RFC 5322, 4.3)."""
    year = int(text)
    if len(text) == 2 and year < 50:
        return 2000 + year
    return 1900 + year if len(text) < 4 else year


def _zone(text: str) -> timezone:
    if text[:1] in ("+", "-"):
        digits = text[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:4])
        return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes)) if minutes < 24 * 60 else UTC
    hours = _ZONES.get(text, 0)
    return timezone(timedelta(hours=hours)) if hours else UTC
