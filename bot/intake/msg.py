"""Outlook's .msg files made a Message: the transport headers where they are kept, else the properties.

[MS-OXMSG] 2.1 names the streams, [MS-OXPROPS] the property ids. Header fields come from the stream of
PidTagTransportMessageHeaders itself, so that repeated Received lines are kept.
"""

from dataclasses import dataclass
from email.utils import format_datetime

from bot.intake import eml
from bot.intake.attachments import describe
from bot.intake.body import Body
from bot.intake.fieldnames import is_trace
from bot.intake.headers import split_headers
from bot.intake.ole import Item, open_item
from bot.intake.rtf import html_of_rtf
from bot.model import Attachment, Defect, Grade, Header, Kind, Limits, Message, Trust

_HEADERS = 0x007D
_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_FROM_NAME, _FROM_SMTP, _FROM_ADDRESS = 0x0042, 0x5D02, 0x0065
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS = 0x0C1A, 0x5D01, 0x0C1F
_MESSAGE_ID, _IN_REPLY_TO, _REFERENCES = 0x1035, 0x1042, 0x1039
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_SHOWN_TO, _SHOWN_CC = 0x0E04, 0x0E03
_NAME, _ADDRESS, _SMTP, _RECIPIENT_TYPE = 0x3001, 0x3003, 0x39FE, 0x0C15
_DATA, _LONG_NAME, _SHORT_NAME, _MIME, _CONTENT_ID = 0x3701, 0x3707, 0x3704, 0x370E, 0x3712
_TO, _CC = 1, 2
MOST_RECIPIENTS = 500
_NO_HEADERS = Defect(
    "no-transport-headers",
    "this Outlook file holds no internet headers, as is usual for mail within one Exchange or saved from Sent Items; "
    "they can be copied from Outlook: open the mail, File, Properties, Internet headers",
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a .msg came down to: the message, and readers of the mails attached to it, in order."""

    message: Message
    attached: tuple[bytes | Item, ...]


def read_msg(content: bytes, *, trust: Trust, limits: Limits) -> Outlook:
    """The mail in an Outlook file.

    Grade A with transport headers that hold a trace, and a body; B without the body; else C, with a
    defect that says how to get the headers. Raises Unreadable and TooLarge as `ole.open_item` does.
    """
    return read_item(open_item(content, limits.exhibit), trust=trust, limits=limits)


def read_item(item: Item, *, trust: Trust, limits: Limits) -> Outlook:
    """The mail that an item is: a file's own, or one attached within it."""
    headers, defects = split_headers(_header_section(item), limits)
    kept = any(is_trace(header.name) for header in headers)
    if not headers:
        headers, defects = _from_properties(item), (_NO_HEADERS,)
    elif not any(header.name.lower() == "from" for header in headers):
        headers = (*headers, *(header for header in _from_properties(item) if header.name == "From"))
    plain, html = _texts(item)
    attachments, attached = _attachments(item, limits)
    has_body = bool(plain.strip() or html.strip() or attachments)
    grade = (Grade.WHOLE if has_body else Grade.FULL_HEADERS) if kept else Grade.SOME_HEADERS
    message = eml.assemble(
        headers,
        trust=trust,
        limits=limits,
        kind=Kind.MSG,
        grade=grade,
        body=Body(plain[: limits.text * 2], html[: limits.text * 10], attachments),
        defects=defects,
    )
    return Outlook(message, attached)


def _header_section(item: Item) -> bytes:
    """Outlook puts a line such as "Microsoft Mail Internet Headers Version 2.0" on top, and keeps part headers."""
    text = item.text(_HEADERS).replace("\r\n", "\n").lstrip("\n \t")
    if text.lower().startswith("microsoft mail internet headers"):
        text = text.partition("\n")[2]
    return text.partition("\n\n")[0].encode("utf-8", "replace")


def _from_properties(item: Item) -> tuple[Header, ...]:
    name, address = item.text(_FROM_NAME), _smtp(item, _FROM_SMTP, _FROM_ADDRESS)
    sender_name, sender = item.text(_SENDER_NAME), _smtp(item, _SENDER_SMTP, _SENDER_ADDRESS)
    if not name and not address:
        name, address = sender_name, sender
    sent = item.moment(_SUBMITTED) or item.moment(_DELIVERED)
    to, cc = _recipients(item)
    fields = (
        ("From", _mailbox(name, address)),
        ("Sender", _mailbox(sender_name, sender) if sender and address and sender.lower() != address.lower() else ""),
        ("To", to or item.text(_SHOWN_TO)),
        ("Cc", cc or item.text(_SHOWN_CC)),
        ("Subject", item.text(_SUBJECT)),
        ("Date", format_datetime(sent) if sent else ""),
        ("Message-ID", item.text(_MESSAGE_ID)),
        ("In-Reply-To", item.text(_IN_REPLY_TO)),
        ("References", item.text(_REFERENCES)),
    )
    return tuple(Header(name_, " ".join(value.split())) for name_, value in fields if value.strip())


def _smtp(item: Item, smtp: int, address: int) -> str:
    """The SMTP address; an Exchange address (/O=…/CN=…) isn't one."""
    return next((found for found in (item.text(smtp), item.text(address)) if "@" in found and "/" not in found[:1]), "")


def _mailbox(name: str, address: str) -> str:
    if not name and not address:
        return ""
    if not name.strip("'\" ") or name.strip("'\" ").lower() == address.lower():
        return f"<{address}>"
    quoted = name.replace("\\", "").replace('"', "'")
    return f'"{quoted}" <{address}>'


def _recipients(item: Item) -> tuple[str, str]:
    found: dict[int, list[str]] = {_TO: [], _CC: []}
    for number, recipient in enumerate(item.inner("__recip_version1.0_")):
        if number >= MOST_RECIPIENTS:
            break
        shown = _mailbox(recipient.text(_NAME), _smtp(recipient, _SMTP, _ADDRESS))
        found.setdefault(recipient.number(_RECIPIENT_TYPE) or _TO, []).append(shown)
    return ", ".join(filter(None, found[_TO])), ", ".join(filter(None, found[_CC]))


def _texts(item: Item) -> tuple[str, str]:
    """Plain and HTML text; the HTML may be wrapped in compressed RTF ([MS-OXRTFEX])."""
    plain, html = item.text(_BODY), item.page_text(_HTML)
    if not html:
        unwrapped = html_of_rtf(item.octets(_RTF))
        html, plain = (unwrapped.html, plain or unwrapped.plain)
    return plain, html


def _attachments(item: Item, limits: Limits) -> tuple[tuple[Attachment, ...], tuple[bytes | Item, ...]]:
    found: list[Attachment] = []
    mails: list[bytes | Item] = []
    for attachment in item.inner("__attach_version1.0_"):
        if len(found) >= limits.attachments:
            break
        name = attachment.text(_LONG_NAME, _SHORT_NAME, _NAME)
        embedded = attachment.embedded(_DATA)
        if embedded is not None:
            mails.append(embedded)
            found.append(Attachment(name or embedded.text(_SUBJECT), "message/rfc822", "message/rfc822", 0))
            continue
        data = attachment.octets(_DATA)
        told = describe(name, attachment.text(_MIME).lower(), data, inline=bool(attachment.text(_CONTENT_ID)))
        found.append(told)
        if name.lower().endswith((".eml", ".msg")) or told.declared in ("message/rfc822", "application/vnd.ms-outlook"):
            mails.append(data)
    return tuple(found), tuple(mails)
