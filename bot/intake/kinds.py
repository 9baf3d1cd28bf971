"""What a piece of material is, told from its octets and never from its file's name."""

import json
import re
from dataclasses import dataclass
from enum import Enum

from bot.errors import TooLarge, Unreadable
from bot.intake import unpack
from bot.intake.archives import count_mails, split_mbox
from bot.intake.charsets import text_of
from bot.intake.fieldnames import TRACE, field_name, is_known, names_within
from bot.intake.headers import divide
from bot.model import Defect, Limits

_HEAD = 200_000
"""Octets looked at to tell a kind."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_PACKED = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\0", b"MSCF", b"\x28\xb5\x2f\xfd")
_TNEF = b"\x78\x9f\x3e\x22"
_HTML = re.compile(
    r"\s{0,200}(?:<!--.{0,500}?-->\s{0,200})?<(?:!doctype\s+html|html|head|body|pre|div|table|meta)\b", re.I | re.S
)
_SLACK_LINK = re.compile(r"<(?:mailto|https?|tel):[^<>|\s]{1,2000}\|")
_ANY_FIELD = re.compile(r"[!-9;-~]{1,200}[ \t]{0,8}:")


class Form(Enum):
    """How the material is read."""

    MAIL = "a mail with its header section as it was sent"
    MSG = "an Outlook message file"
    SLACK = "Slack's object of an e-mail"
    HTML = "a web page, such as a saved 'show original'"
    TEXT = "pasted text: headers, whole or damaged, or words"


@dataclass(frozen=True, slots=True)
class Material:
    """Unpacked material: octets for MAIL and MSG, text for the others, and what was done to get there."""

    form: Form
    content: bytes
    text: str = ""
    defects: tuple[Defect, ...] = ()


def sniff(content: bytes, limits: Limits) -> Material:
    """Tells the kind, after gzip, zip, mbox and UTF-16 were undone.

    Raises TooLarge above `limits.exhibit` (also for what comes out of an archive), and Unreadable, with
    the way to the headers as its hint, for what is empty or no mail: pictures, PDF, other archives.
    """
    _bound(content, limits)
    content, defects = _unpacked(content, limits)
    _refuse(content)
    if content.startswith(OLE):
        return Material(Form.MSG, content, "", defects)
    wide = _utf16(content)
    if wide is not None:
        content, defects = wide.encode("utf-8", "replace"), (*defects, Defect("utf-16", "the text was UTF-16"))
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.startswith(b"From ") and count_mails(content) > 1:
        raise _several(count_mails(content))
    if content.startswith(b"From ") and count_mails(content) == 1:
        content = next(split_mbox(content))
    return _textual(content, defects)


def _textual(content: bytes, defects: tuple[Defect, ...]) -> Material:
    if not content.strip(b" \t\r\n\0"):
        raise Unreadable("empty", "There is nothing in it.", "Hand in the mail as a file, or paste its headers.")
    if looks_like_mail(content):
        return Material(Form.MAIL, content, "", defects)
    if _is_binary(content):
        raise Unreadable("not-a-mail", "This file is no mail and no text.", HOW)
    text = text_of(content)
    if slack_object(text) is not None:
        return Material(Form.SLACK, content, text, defects)
    if _HTML.match(text):
        return Material(Form.HTML, content, text, defects)
    return Material(Form.TEXT, content, text, defects)


def looks_like_mail(content: bytes) -> bool:
    """Whether it begins with a header section whose lines and folds are as they were sent.

    Damage (quoting, lost folds, joined lines, Slack's links) means that it isn't: `pasted` mends those.
    """
    head = content[:_HEAD]
    section, body_at = divide(head)
    body = text_of(head[body_at : body_at + 4_000]).lstrip("\r\n")
    lines = text_of(section).splitlines()
    names, bad = _names(lines)
    known = {name.lower() for name in names if is_known(name)}
    tolerable = max(2, len(names) // 50) if body.strip() else 0
    if bad > tolerable or len(known) < 2 or not _begins(lines):
        return False
    if "from" not in known and (first := field_name(body)) is not None and is_known(first):
        return False  # a blank line stands within the headers
    return not _is_mangled("\n".join(lines), len(names), known)


def _names(lines: list[str]) -> tuple[list[str], int]:
    """The field names of a section ("?" for an unknown one), and how many lines are neither field nor fold."""
    names: list[str] = []
    bad = 0
    for line in lines:
        if line[:1] in (" ", "\t") or not line.strip() or line.startswith(("From ", ">From ")):
            continue
        name = field_name(line) or ("?" if _ANY_FIELD.match(line) else None)
        if name is None:
            bad += 1
        else:
            names.append(name)
    return names, bad


def _begins(lines: list[str]) -> bool:
    first = next((line for line in lines if line.strip()), "")
    return field_name(first) is not None or first.startswith(("From ", ">From ")) or ":" in first[:80]


def _is_mangled(section: str, fields: int, known: set[str]) -> bool:
    if _SLACK_LINK.search(section):
        return True
    if section.count("&lt;") >= 2 and section.count("&lt;") > section.count("<"):
        return True
    if "sent" in {line.partition(":")[0].strip().lower() for line in section.splitlines()} and not known & TRACE:
        return True  # "Sent:" is a line of the block that Outlook shows, not a header field
    if not known & TRACE and fields <= 4 and not known & {"message-id", "mime-version", "content-type"}:
        return "from" not in known
    joined = sum(
        1 for line in section.splitlines() if not line.lower().startswith("subject:") for _ in names_within(line)
    )
    return joined >= 3 and joined * 2 >= fields


def slack_object(text: str) -> dict[str, object] | None:
    """The fields of Slack's e-mail file object, also within a message or event that holds one; else None."""
    if text.lstrip()[:1] != "{" or len(text) > 5_000_000:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _mail_object(value, 4)


def _mail_object(value: object, depth: int) -> dict[str, object] | None:
    if not isinstance(value, dict) or depth == 0:
        return None
    if isinstance(value.get("from"), list) and ("subject" in value or "plain_text" in value or "headers" in value):
        return value
    files = value.get("files")
    inner = [value.get(key) for key in ("file", "message", "event", "payload")]
    inner += files[:20] if isinstance(files, list) else []
    return next((found for item in inner if (found := _mail_object(item, depth - 1)) is not None), None)


def _bound(content: bytes, limits: Limits) -> None:
    if len(content) > limits.exhibit:
        raise TooLarge(
            "too-large",
            f"It is larger than {limits.exhibit // 1_000_000} MB.",
            "Hand in the mail without its attachments, or only its headers.",
        )


def _unpacked(content: bytes, limits: Limits) -> tuple[bytes, tuple[Defect, ...]]:
    defects: tuple[Defect, ...] = ()
    for _ in range(4):
        if content.startswith(unpack.GZIP):
            content, form = unpack.gunzip(content, limits.exhibit), "gzip"
        elif content.startswith(unpack.ZIP):
            content, form = _single(content, limits), "zip"
        else:
            return content, defects
        defects = (*defects, Defect("unpacked", f"the material was packed ({form})"))
    raise TooLarge("too-deep", "It is packed more than four times over.", "Hand in the mail itself, unpacked.")


def _single(content: bytes, limits: Limits) -> bytes:
    """The one mail in a zip: the only file, or the only one that looks like a mail."""
    files = [(name, data) for name, data in unpack.unzip(content, limits.exhibit) if not name.startswith("__MACOSX/")]
    if len(files) == 1:
        return files[0][1]
    mails = [data for _, data in files if data.startswith(OLE) or looks_like_mail(data)]
    if len(mails) > 1:
        raise _several(len(mails))
    if not mails:
        raise Unreadable("no-mail-inside", "There is no mail in this zip file.", HOW)
    return mails[0]


def _several(count: int) -> Unreadable:
    return Unreadable(
        "several-mails",
        f"There are {count} mails in this file.",
        "Hand in the one that you ask about; `checkmail check FILE` reads them all, one after the other.",
    )


def _refuse(content: bytes) -> None:
    head = content[:16]
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or head[4:8] == b"ftyp":
        raise Unreadable("a-picture", "This is a picture, and a picture holds no headers.", HOW)
    if (
        head[:2] == b"BM"
        and content[6:10] == b"\0\0\0\0"
        and content[14:18] in (b"\x28\0\0\0", b"\x7c\0\0\0", b"\x6c\0\0\0")
    ):
        raise Unreadable("a-picture", "This is a picture, and a picture holds no headers.", HOW)
    if content[:64].lstrip().startswith(b"%PDF-"):
        raise Unreadable("a-pdf", "This is a PDF: a print of the mail, without its headers.", HOW)
    if head.startswith(_PACKED):
        raise Unreadable(
            "packed", "This is an archive of a kind that can't be opened here.", "Unpack it and hand in the mail."
        )
    if head.startswith(_TNEF):
        raise Unreadable("winmail-dat", "This is a winmail.dat, which holds attachments and no mail.", HOW)


HOW = (
    "Hand in the mail itself: save it as a file (.eml or .msg) and hand that in, forward it as an attachment, "
    "or copy its headers (Gmail: Show original; Outlook: File, Properties, Internet headers) and paste them."
)


def _utf16(content: bytes) -> str | None:
    """UTF-16 with a byte-order mark, or without one where every other octet of the start is NUL."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    sample = content[:2000]
    half = len(sample) // 2
    if half < 8:
        return None
    if sample[1::2].count(0) > half * 0.7 and sample[::2].count(0) < half * 0.1:
        return content.decode("utf-16-le", "replace")
    if sample[::2].count(0) > half * 0.7 and sample[1::2].count(0) < half * 0.1:
        return content.decode("utf-16-be", "replace")
    return None


def _is_binary(content: bytes) -> bool:
    sample = content[:4000]
    control = sum(1 for octet in sample if octet < 32 and octet not in (9, 10, 12, 13, 27))
    return control * 20 > len(sample)
