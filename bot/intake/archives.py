"""Where the command line's mails come from: files, folders (Maildir and others), mbox files and zips.

The only part of intake that reads files. Nothing here raises: what can't be read is an entry with its error.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.errors import Shown, TooLarge, Unreadable
from bot.intake.unpack import GZIP, ZIP, gunzip, unzip
from bot.model import Limits

MOST_ENTRIES = 1_000_000
DEEPEST = 30
"""Folders below the one named."""
_MAILDIR_TMP = "tmp"
_POSTMARK = re.compile(rb"(?:^|(?<=\n))From [^\r\n]{0,500}\r?\n(?=[!-9;-~]{1,80}[ \t]{0,8}:|>From )")
"""A "From " line that a header field follows (RFC 4155); prose that begins with "From " isn't followed by one."""
_ESCAPED = re.compile(rb"(?m)^>(>*From )")


@dataclass(frozen=True, slots=True)
class Entry:
    """One mail found: its label (path, or path#n within an mbox, path!name within a zip) and its octets.

    `content` is empty where `error` says why there is none.
    """

    label: str
    content: bytes = b""
    error: Shown | None = None


def walk(path: Path, limits: Limits = Limits()) -> Iterator[Entry]:  # noqa: B008 (frozen)
    """Every mail under `path`, folders in the order of their names. Raises nothing.

    Symbolic links are followed for `path` itself only; below it they are left out when they lead out of
    the folder. FIFOs, sockets and devices are never opened.
    """
    try:
        root = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as cause:
        yield Entry(str(path), error=_unreadable(cause))
        return
    if root.is_dir():
        yield from _folder(path, root, limits, 0)
    else:
        yield from _file(path, limits)


def split_mbox(content: bytes) -> Iterator[bytes]:
    """The mails of an mbox, with ">From " unescaped (RFC 4155, appendix A, the mboxrd reading).

    Content without a "From " line is one mail, given as it is.
    """
    marks = list(_POSTMARK.finditer(content))
    if not marks or content[: marks[0].start()].strip():
        yield content
        return
    ends = [mark.start() for mark in marks[1:]] + [len(content)]
    for mark, end in zip(marks, ends, strict=True):
        yield _ESCAPED.sub(rb"\1", content[mark.end() : end])


def count_mails(content: bytes) -> int:
    """How many mails an mbox holds; 1 for anything that is none."""
    marks = list(_POSTMARK.finditer(content))
    return len(marks) if marks and not content[: marks[0].start()].strip() else 1


def split(label: str, content: bytes, limits: Limits = Limits()) -> Iterator[Entry]:  # noqa: B008 (frozen)
    """The mails within one file's content: an mbox's, a zip's, a gzip's, or the content itself. Raises nothing."""
    try:
        if content.startswith(GZIP):
            content = gunzip(content, limits.exhibit)
        if content.startswith(ZIP):
            for name, data in unzip(content, limits.exhibit):
                yield from _mbox(f"{label}!{_printable(name)}", data)
            return
    except Shown as error:
        yield Entry(label, error=error)
        return
    yield from _mbox(label, content)


def _mbox(label: str, content: bytes) -> Iterator[Entry]:
    mails = count_mails(content) if content.startswith(b"From ") else 1
    if mails == 1:
        yield Entry(label, content)
        return
    for number, mail in enumerate(split_mbox(content), start=1):
        yield Entry(f"{label}#{number}", mail)


def _folder(shown: Path, root: Path, limits: Limits, depth: int) -> Iterator[Entry]:
    try:
        names = sorted(os.listdir(shown))
    except OSError as cause:
        yield Entry(str(shown), error=_unreadable(cause))
        return
    for name in names[:MOST_ENTRIES]:
        child = shown / name
        if name.startswith(".") and not (child / "cur").is_dir():
            continue  # hidden files and folders are programs' own; only a Maildir's sub-folders are mail
        if not _stays_inside(child, root):
            continue
        if not child.is_dir():
            yield from _file(child, limits)
        elif child.is_symlink() or (name == _MAILDIR_TMP and "cur" in names):
            continue  # a folder's link would be walked twice or for ever; Maildir's tmp holds mail half written
        elif depth >= DEEPEST:
            yield Entry(str(child), error=TooLarge("too-deep", "The folders are nested too deeply.", "Name it itself."))
        else:
            yield from _folder(child, root, limits, depth + 1)


def _stays_inside(child: Path, root: Path) -> bool:
    if not child.is_symlink():
        return True
    try:
        return child.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _file(path: Path, limits: Limits) -> Iterator[Entry]:
    label = str(path)
    try:
        stream = _open(path)
    except OSError as cause:
        yield Entry(label, error=_unreadable(cause))
        return
    except Shown as error:
        yield Entry(label, error=error)
        return
    with stream:
        yield from _stream(label, stream, limits)


def _stream(label: str, stream: BinaryIO, limits: Limits) -> Iterator[Entry]:
    try:
        content = stream.read(limits.exhibit + 1)
        if len(content) <= limits.exhibit:
            yield from split(label, content, limits)
        elif content.startswith(b"From "):
            yield from _long_mbox(label, stream, content, limits)
        else:
            yield Entry(label, error=_too_large(limits))
    except OSError as cause:
        yield Entry(label, error=_unreadable(cause))


def _long_mbox(label: str, stream: BinaryIO, held: bytes, limits: Limits) -> Iterator[Entry]:
    """An mbox larger than one mail may be, read on piece by piece; only a single mail over the limit is left out."""
    number = 0
    while held:
        more = stream.read(max(limits.exhibit // 2, 1))
        held += more
        marks = list(_POSTMARK.finditer(held))
        last = marks[-1].start() if more and len(marks) > 1 else len(held)
        if more and len(marks) < 2:
            if len(held) > limits.exhibit * 3:
                yield Entry(f"{label}#{number + 1}", error=_too_large(limits))
                return
            continue
        for mail in split_mbox(held[:last]):
            number += 1
            fits = len(mail) <= limits.exhibit
            yield Entry(f"{label}#{number}", mail if fits else b"", None if fits else _too_large(limits))
        held = held[last:]


def _open(path: Path) -> BinaryIO:
    """O_NONBLOCK and fstat: a FIFO put there between looking and opening neither blocks nor is read."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise Unreadable("not-a-file", "That is not an ordinary file.", "Name the mail's own file.")
    return stream


def _too_large(limits: Limits) -> TooLarge:
    return TooLarge(
        "too-large", f"It is larger than {limits.exhibit} bytes.", "Hand in the one mail that you ask about."
    )


def _unreadable(cause: Exception) -> Unreadable:
    why = cause.strerror if isinstance(cause, OSError) and cause.strerror else "the name leads nowhere"
    return Unreadable("cannot-open", f"The file can't be opened: {why}.", "Check the name and that you may read it.")


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:300]
