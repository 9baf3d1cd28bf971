"""An Outlook item's properties out of a compound file ([MS-CFB], [MS-OXMSG]), within bounds.

olefile reads the file, oxmsg the code pages and the fixed-length properties. Both raise whatever comes on a
broken file, so that every touch of them stands in one of the two functions that name those exceptions.
"""

import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime

from olefile.olefile import OleFileError, OleFileIO
from oxmsg.domain.encodings import encoding_from_codepage
from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError
from oxmsg.properties import Properties
from oxmsg.storage import Storage, Stream

from bot.errors import TooLarge, Unreadable
from bot.intake.charsets import text_of

_BROKEN = (
    OleFileError,
    OSError,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    MemoryError,
)
"""What olefile and oxmsg raise on files that break [MS-CFB]; found by mutating files."""
MOST_ENTRIES = 20_000
_PROPERTIES = "__properties_version1.0"
_CODE_PAGE, _INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
_STRING8, _UNICODE, _BINARY, _OBJECT = "001E", "001F", "0102", "000D"
_HOW = "Open the mail in Outlook, save it again as .msg, or forward it as an attachment, and hand that in."


class Item:
    """One item (mail, recipient, attachment) in a compound file: its properties by id, and the items within it."""

    __slots__ = ("_budget", "_encoding", "_names", "_ole", "_path")

    def __init__(
        self, ole: OleFileIO, names: dict[tuple[str, ...], int], path: tuple[str, ...], budget: list[int]
    ) -> None:
        self._ole = ole
        self._names = names
        self._path = path
        self._budget = budget
        self._encoding = ""

    @property
    def is_message(self) -> bool:
        """Whether it holds a message's property stream."""
        return (*self._path, _PROPERTIES) in self._names

    def text(self, *ids: int) -> str:
        """The first of these string properties that is there and not empty, in Unicode or the item's code page."""
        for id_ in ids:
            wide = self._stream(f"__substg1.0_{id_:04X}{_UNICODE}")
            if wide:
                return wide.decode("utf-16-le", "replace").rstrip("\0")
            narrow = self._stream(f"__substg1.0_{id_:04X}{_STRING8}")
            if narrow:
                return self._decoded(narrow).rstrip("\0")
        return ""

    def octets(self, id_: int) -> bytes:
        """A binary property; empty where there is none."""
        return self._stream(f"__substg1.0_{id_:04X}{_BINARY}")

    def page_text(self, id_: int) -> str:
        """A property that is either a string or octets in the internet code page (PidTagHtml)."""
        raw = self.octets(id_)
        if not raw:
            return self.text(id_)
        return _decode(raw, self._code_page(_INTERNET_CODE_PAGE) or self._code_page(_CODE_PAGE))

    def number(self, id_: int) -> int | None:
        """A 32-bit integer property."""
        value = self._fixed(id_)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def moment(self, id_: int) -> datetime | None:
        """A PtypTime property, in UTC."""
        value = self._fixed(id_)
        return value.astimezone(UTC) if isinstance(value, datetime) else None

    def inner(self, prefix: str) -> Iterator["Item"]:
        """The items within this one whose storage's name begins so, in the order of their names."""
        depth = len(self._path)
        names = sorted(
            {
                path[depth]
                for path in self._names
                if len(path) > depth + 1 and path[:depth] == self._path and path[depth].startswith(prefix)
            }
        )
        return (Item(self._ole, self._names, (*self._path, name), self._budget) for name in names)

    def embedded(self, id_: int) -> "Item | None":
        """A message stored as an object property (an attached mail), or None."""
        item = next(self.inner(f"__substg1.0_{id_:04X}{_OBJECT}"), None)
        return item if item is not None and item.is_message else None

    def _stream(self, name: str) -> bytes:
        """A stream's octets; every octet read counts against the budget of the whole file."""
        size = self._names.get((*self._path, name))
        if size is None:
            return b""
        if size > self._budget[0]:
            raise TooLarge("too-large", "This Outlook file holds more than can be read.", _HOW)
        self._budget[0] -= size
        try:
            with self._ole.openstream([*self._path, name]) as stream:
                return bytes(stream.read(size))
        except _BROKEN:
            return b""

    def _fixed(self, id_: int) -> object:
        """A fixed-length property from the property stream; its header is longer in a message ([MS-OXMSG], 2.4)."""
        raw = self._stream(_PROPERTIES)[:200_000]
        if not raw:
            return None
        last = self._path[-1] if self._path else ""
        offset = 32 if not self._path else 24 if last.startswith("__substg1.0_3701") else 8
        storage = Storage("", (Stream(_PROPERTIES, raw),), ())
        try:
            found = Properties(storage, offset)._get_property(id_, (0x0003, 0x0040))
            return getattr(found, "value", None)
        except _BROKEN:
            return None

    def _code_page(self, id_: int) -> str:
        number = self.number(id_)
        if number is None:
            return ""
        try:
            return encoding_from_codepage(number)
        except (UnrecognizedCodePageError, UnsupportedEncodingError):
            return ""

    def _decoded(self, raw: bytes) -> str:
        if not self._encoding:
            self._encoding = self._code_page(_CODE_PAGE) or self._code_page(_INTERNET_CODE_PAGE) or "cp1252"
        return _decode(raw, self._encoding)


def _decode(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding) if encoding else text_of(raw)
    except (UnicodeError, LookupError):
        return text_of(raw)


def open_item(content: bytes, most: int) -> Item:
    """The item that a compound file holds; `most` bounds the octets read of all its streams together.

    Raises Unreadable where the file is broken or no Outlook item (a document, an installer), TooLarge
    where it has too many entries.
    """
    try:
        ole = OleFileIO(io.BytesIO(content))
        names = {tuple(path): ole.get_size(path) for path in ole.listdir()[: MOST_ENTRIES + 1]}
    except _BROKEN:
        raise Unreadable("damaged-msg", "This Outlook file is damaged or was cut short.", _HOW) from None
    if len(names) > MOST_ENTRIES:
        raise TooLarge("too-many-entries", "This Outlook file holds too many pieces.", _HOW)
    item = Item(ole, names, (), [most])
    if not item.is_message:
        raise Unreadable("not-a-mail", "This is an Office file, but not a mail.", _HOW)
    return item
