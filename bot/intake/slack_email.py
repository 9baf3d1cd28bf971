"""What Slack keeps of a mail that was forwarded to it: names, addresses, subject, text and four header fields.

Slack's object (`mode: "email"`) has `from`, `to`, `cc` (each with `address`, `name`, `original`), `subject`,
`plain_text` or `preview`, `attachments`, and `headers` of date, in_reply_to, reply_to and message_id. There is
no Received, Return-Path or Authentication-Results, so that it is of grade D.
"""

from dataclasses import replace

from bot.errors import Unreadable
from bot.intake import eml
from bot.intake.forwarded import has_marker, is_forward_subject, own_text, quoted_block
from bot.intake.kinds import HOW, slack_object
from bot.intake.pasted_pages import page_text
from bot.intake.quoted import as_mail
from bot.model import Attachment, Defect, Grade, Kind, Limits, Message, Origin, Trust

_MOST = 300
_OWN_TEXT = 1_500


def read_slack_email(text: str, *, trust: Trust, limits: Limits) -> Message:
    """The Message in Slack's e-mail object (also within the event or message that brought it), grade D.

    `from` is whoever sent it to Slack; where the text quotes a forwarded mail, that one is the suspect.
    Raises Unreadable where the text isn't such an object, or is the stub without a sender.
    """
    fields = slack_object(text)
    if fields is None:
        raise Unreadable("not-a-mail", "Slack's description of the mail is incomplete.", HOW)
    body = _body(fields)
    message = eml.parse(
        _as_mail(fields, body),
        trust=trust,
        limits=limits,
        kind=Kind.SLACK_EMAIL,
        grade=Grade.SLACK_REST,
    )
    message = replace(message, raw=b"", attachments=_attachments(fields), defects=(*message.defects, *_cut(fields)))
    return _suspect(message, body, trust, limits)


def _suspect(outer: Message, body: str, trust: Trust, limits: Limits) -> Message:
    block = quoted_block(body, outer.author.address)
    if block is None:
        return outer
    is_forward = is_forward_subject(outer.subject) or has_marker(block.above) or not own_text(block.above)
    if not is_forward or len(own_text(block.above)) > _OWN_TEXT:
        return outer
    inner = eml.parse(
        as_mail(block),
        trust=trust,
        limits=limits,
        kind=Kind.SLACK_EMAIL,
        grade=Grade.SLACK_REST,
        origin=Origin.QUOTED,
    )
    by = Defect("forwarded-by", f"forwarded by {outer.author.address or outer.author.name or 'somebody'}")
    return replace(
        inner, raw=b"", links=inner.links or outer.links, attachments=outer.attachments, defects=(*inner.defects, by)
    )


def _as_mail(fields: dict[str, object], body: str) -> bytes:
    kept = fields.get("headers")
    headers = kept if isinstance(kept, dict) else {}
    lines = [
        ("From", _addresses(fields.get("from"))),
        ("To", _addresses(fields.get("to"))),
        ("Cc", _addresses(fields.get("cc"))),
        ("Subject", _string(fields.get("subject")) or _string(fields.get("title"))),
        ("Date", _string(headers.get("date"))),
        ("Reply-To", _string(headers.get("reply_to"))),
        ("In-Reply-To", _string(headers.get("in_reply_to"))),
        ("Message-ID", _string(headers.get("message_id"))),
    ]
    head = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in lines if value.strip())
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return f"{head}{kind}\r\n{body}".encode("utf-8", "replace")


def _addresses(value: object) -> str:
    """The mailboxes of a list; `original` is the field as the mail had it, where Slack kept all of it."""
    items = [item for item in value[:_MOST] if isinstance(item, dict)] if isinstance(value, list) else []
    return ", ".join(filter(None, (_address(item) for item in items)))


def _address(item: dict[str, object]) -> str:
    original, address, name = (_string(item.get(key)).strip() for key in ("original", "address", "name"))
    if original and (not address or address.lower() in original.lower()):
        return original
    if not name or name == address:
        return f"<{address}>" if address else ""
    quoted = name.replace("\\", "").replace('"', "'")
    return f'"{quoted}" <{address}>'


def _body(fields: dict[str, object]) -> str:
    for key in ("plain_text", "preview_plain_text"):
        if text := _string(fields.get(key)).strip():
            return text
    for key in ("simplified_html", "preview"):
        if text := _string(fields.get(key)).strip():
            return page_text(text)
    return ""


def _cut(fields: dict[str, object]) -> tuple[Defect, ...]:
    defects = [Defect("slack-rest", "Slack keeps only a few lines of a mail's headers: no trace and no checks")]
    if fields.get("has_more") is True or fields.get("preview_is_truncated") is True:
        defects.append(Defect("text-cut", "Slack gave only the beginning of the text"))
    return tuple(defects)


def _attachments(fields: dict[str, object]) -> tuple[Attachment, ...]:
    listed = fields.get("attachments")
    items = [item for item in listed[:_MOST] if isinstance(item, dict)] if isinstance(listed, list) else []
    return tuple(_attachment(item) for item in items)


def _attachment(item: dict[str, object]) -> Attachment:
    size = item.get("size")
    return Attachment(
        name=_string(item.get("filename")) or _string(item.get("name")),
        declared=_string(item.get("mimetype")).lower(),
        sniffed="",
        size=size if isinstance(size, int) and size >= 0 else 0,
    )


def _string(value: object) -> str:
    return value[:2_000_000] if isinstance(value, str) else ""
