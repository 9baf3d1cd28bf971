"""One exhibit made a Message: unpacked, its kind told, read, and looked into for the mail that it forwards."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.errors import TooLarge
from bot.intake import eml
from bot.intake.charsets import text_of
from bot.intake.fieldnames import is_trace
from bot.intake.forwarded import suspect
from bot.intake.headers import divide, split_headers
from bot.intake.kinds import Form, Material, sniff
from bot.intake.msg import Outlook, read_item, read_msg
from bot.intake.ole import Item
from bot.intake.pasted import read_pasted
from bot.intake.pasted_pages import page_text
from bot.intake.slack_email import read_slack_email
from bot.model import Defect, Grade, Limits, Message, Trust

_DEEPEST = 6
"""Forwards of forwards that are followed."""


@dataclass(frozen=True, slots=True)
class _Way:
    """What a reading carries along: whom to trust, the bounds, and how deep in forwards it is."""

    trust: Trust
    limits: Limits
    depth: int = 0


def read_exhibit(content: bytes, *, trust: Trust, limits: Limits) -> Message:
    """The mail that one piece of material is, shows, holds or forwards. Raises Unreadable and TooLarge only."""
    return _read(content, _Way(trust, limits))


def read_material(material: Material, *, trust: Trust, limits: Limits) -> Message:
    """The same for material whose kind was told already."""
    return _material(material, _Way(trust, limits))


def _read(content: bytes, way: _Way) -> Message:
    if way.depth > _DEEPEST:
        raise TooLarge("too-deep", "It is a forward of a forward of a forward.", "Hand in the innermost mail itself.")
    return _material(sniff(content, way.limits), way)


def _material(material: Material, way: _Way) -> Message:
    if material.form is Form.MAIL:
        message = _mail(material, way)
    elif material.form is Form.MSG:
        message = _outlook(read_msg(material.content, trust=way.trust, limits=way.limits), way)
    elif material.form is Form.SLACK:
        message = read_slack_email(material.text, trust=way.trust, limits=way.limits)
    elif material.form is Form.HTML:
        note = Defect("web-page", "the headers were taken out of a saved web page")
        text = page_text(material.text)
        return read_pasted(text, trust=way.trust, limits=way.limits, defects=(*material.defects, note))
    else:
        return read_pasted(material.text, trust=way.trust, limits=way.limits, defects=material.defects)
    return replace(message, defects=(*material.defects, *message.defects))


def _mail(material: Material, way: _Way) -> Message:
    content = material.content
    section, body_at = divide(content)
    if not content[body_at : body_at + 10_000].strip():
        return read_pasted(text_of(section), trust=way.trust, limits=way.limits)
    grade = Grade.WHOLE if _is_traced(section, way.limits) else Grade.SOME_HEADERS
    outer = eml.parse(content, trust=way.trust, limits=way.limits, grade=grade)
    return _suspect(outer, eml.attached_messages(content, way.limits), way)


def _outlook(outlook: Outlook, way: _Way) -> Message:
    return _suspect(outlook.message, outlook.attached, way)


def _suspect(outer: Message, attached: tuple[bytes | Item, ...], way: _Way) -> Message:
    readers: list[Callable[[], Message]] = [partial(_inner, one, replace(way, depth=way.depth + 1)) for one in attached]
    return suspect(outer, readers, trust=way.trust, limits=way.limits)


def _inner(one: bytes | Item, way: _Way) -> Message:
    if isinstance(one, bytes):
        return _read(one, way)
    if way.depth > _DEEPEST:
        raise TooLarge("too-deep", "It is a forward of a forward of a forward.", "Hand in the innermost mail itself.")
    return _outlook(read_item(one, trust=way.trust, limits=way.limits), way)


def _is_traced(section: bytes, limits: Limits) -> bool:
    """Whether a server wrote any of the fields; a draft or a copy from Sent Items has none, and proves no way."""
    headers, _ = split_headers(section, limits)
    return any(is_trace(header.name) for header in headers)
