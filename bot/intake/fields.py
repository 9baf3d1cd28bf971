"""The single fields: date, message ids, mailer, list traits (RFC 5322, 3.6; RFC 2369, 2919, 3834)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from bot.intake.decoding import one_line
from bot.intake.headers import Fields
from bot.model import Defect, ListTraits

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_SRS = re.compile(r"srs[01][=+-]", re.IGNORECASE)
# parsedate_tz takes an absent zone for UTC without saying so.
_ZONE = re.compile(r":\d{2}(?:\.\d{1,9})?\s{0,5}(?:[+-]\d{2}|[A-Za-z])|[+-]\d{4}")
_MAILERS = (
    "User-Agent",
    "X-Mailer",
    "Mailer",
    "X-Mailer-Version",
    "X-MimeOLE",
    "X-Newsreader",
    "X-PHP-Originating-Script",
)
_MOST_IDS = 200


def read_date(value: str) -> tuple[datetime | None, tuple[Defect, ...]]:
    """The Date with its offset; None where it isn't a date. Without a zone it is taken as UTC, with a defect."""
    text = " ".join(value[:300].replace("\0", "").split())
    if not text:
        return None, ()
    parsed = _parsed(text)
    if parsed is None:
        return None, (Defect("date-unreadable", f"Date is not a date: {text[:80]!r}"),)
    moment, has_zone = parsed
    if has_zone:
        return moment, ()
    return moment, (Defect("date-without-zone", f"Date has no zone and was taken as UTC: {text[:80]!r}"),)


def _parsed(text: str) -> tuple[datetime, bool] | None:
    try:
        broken = parsedate_tz(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        broken = None
    if broken is None:
        return _iso(text)
    try:
        zone = timezone(timedelta(seconds=broken[9] or 0))
        return datetime(*broken[:6], tzinfo=zone), _ZONE.search(text) is not None
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> tuple[datetime, bool] | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment, True) if moment.tzinfo is not None else (moment.replace(tzinfo=UTC), False)


def read_ids(value: str) -> tuple[str, ...]:
    """The message ids of a References or In-Reply-To field, without their brackets."""
    found = _MESSAGE_ID.findall(value[:50_000])[:_MOST_IDS]
    return tuple(dict.fromkeys(found)) or tuple(word for word in value.split()[:1] if "@" in word)


def read_message_id(value: str) -> str:
    return next(iter(read_ids(value)), "") or one_line(value[:500]).strip("<> ")


def read_mailer(fields: Fields) -> str:
    """The program that wrote the mail, by its own word."""
    return one_line(fields.first(*_MAILERS)[:1_000])[:300]


def read_traits(fields: Fields, return_path: str | None) -> ListTraits:
    path = return_path or ""
    return ListTraits(
        list_id=one_line(fields.first("List-Id")[:1_000])[:300],
        list_unsubscribe="List-Unsubscribe" in fields,
        list_post="List-Post" in fields,
        precedence=one_line(fields.first("Precedence", "X-Precedence")[:100]).lower(),
        auto_submitted=one_line(fields.first("Auto-Submitted")[:100]).lower(),
        resent=fields.starting("Resent-")
        or fields.starting("X-Forwarded-")
        or "+caf_=" in path
        or _SRS.match(path) is not None,
        feedback_id="Feedback-ID" in fields or "X-Feedback-ID" in fields,
    )
