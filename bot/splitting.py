"""Several mails in one message: which exhibits are one mail, so that each mail gets an answer of its own.

A mail with its picture, its headers or words beside it stays one; files, zips and mboxes of several mails don't.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePath

from bot.errors import Shown
from bot.intake.archives import count_mails, split
from bot.intake.exhibits import differ
from bot.intake.kinds import OLE, looks_like_mail
from bot.intake.unpack import GZIP, ZIP
from bot.model import Exhibit, Kind, Limits, Message
from bot.sameness import plain_subject

MOST = 5
"""Mails of one message that get an answer."""
_LOOKED_AT = 50
_SHOWN = 100
Read = Callable[[Exhibit], Message | Shown]


@dataclass(frozen=True, slots=True)
class Mail:
    """One of several mails: its exhibits, and what it is called when somebody is told of it."""

    key: str
    """A digest of its first exhibit."""
    about: str
    exhibits: tuple[Exhibit, ...]
    unread: tuple[Shown, ...] = ()
    """Why some of what came along can't be read."""

    def holds(self, key: str) -> bool:
        """Whether one of its exhibits has that key."""
        return any(key_of(each) == key for each in self.exhibits)


@dataclass(frozen=True, slots=True)
class _Read:
    message: Message
    exhibits: tuple[Exhibit, ...]


def mails(exhibits: tuple[Exhibit, ...], read: Read) -> tuple[Mail, ...]:
    """The different mails among these, in order; what is none of its own (words, pictures, a part of headers) goes
    with the first. Nothing is read, and there is at most one, where there is but one exhibit.
    """
    parts = tuple(islice(_unpacked(exhibits), _LOOKED_AT))
    if len(parts) < 2:
        return tuple(Mail(key_of(each), "", (each,)) for each in parts)
    groups: list[_Read] = []
    beside: list[Exhibit] = []
    unread: list[Shown] = []
    words = False
    for part in parts:
        message = read(part)
        if isinstance(message, Shown):
            unread.append(message)
            beside.append(part)
        elif message.kind is Kind.WORDS:
            words = True
            beside.append(part)
        else:
            _grouped(groups, part, message)
    if not groups:  # what can't be read at all is told by whoever reads it
        return (Mail(key_of(parts[0]), "", parts, tuple(unread) if words else ()),)
    first, *others = (Mail(key_of(each.exhibits[0]), _called(each), each.exhibits) for each in groups)
    return (replace(first, exhibits=(*first.exhibits, *beside), unread=tuple(unread)), *others)


def chosen(found: tuple[Mail, ...], key: str) -> Mail | None:
    """The one that holds that exhibit; without a key, or where none does, the first."""
    return next((mail for mail in found if key and mail.holds(key)), found[0] if found else None)


def key_of(exhibit: Exhibit) -> str:
    return hashlib.sha256(exhibit.content).hexdigest()[:16]


def _grouped(groups: list[_Read], part: Exhibit, message: Message) -> None:
    for at, group in enumerate(groups):
        if not _are_two(group.message, message):
            groups[at] = _Read(group.message, (*group.exhibits, part))
            return
    groups.append(_Read(message, (part,)))


def _are_two(one: Message, two: Message) -> bool:
    """Whether they are two mails. Where one has no Message-ID, one author's mails are told by their subjects."""
    if differ(one, two):
        return True
    if one.message_id and two.message_id:
        return False
    first, second = plain_subject(one.subject), plain_subject(two.subject)
    return bool(first and second and first != second)


def _called(mail: _Read) -> str:
    subject = " ".join(mail.message.subject.split())[:_SHOWN]
    names = [PurePath(each.name).name for each in mail.exhibits if each.name]
    return subject or (names[0][:_SHOWN] if names else "")


def _unpacked(exhibits: tuple[Exhibit, ...]) -> Iterator[Exhibit]:
    """With the mails of a zip or an mbox of several one by one."""
    for exhibit in exhibits:
        inside = _inside(exhibit)
        yield from inside if len(inside) > 1 else (exhibit,)


def _inside(exhibit: Exhibit) -> list[Exhibit]:
    head = exhibit.content[:5]
    packed = head.startswith((ZIP, GZIP))
    if exhibit.kind is Kind.SLACK_EMAIL or (not packed and not (head == b"From " and count_mails(exhibit.content) > 1)):
        return []
    entries = islice(split(exhibit.name, exhibit.content, Limits()), _LOOKED_AT * 4)
    found = (entry for entry in entries if entry.error is None and _is_mail(entry.content))
    return [Exhibit(entry.content, entry.label) for entry in islice(found, _LOOKED_AT)]


def _is_mail(content: bytes) -> bool:
    return content.startswith(OLE) or looks_like_mail(content)
