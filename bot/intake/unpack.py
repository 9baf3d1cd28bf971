"""Inflating gzip and zip within bounds: a bomb ends in TooLarge before it is in memory."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from bot.errors import TooLarge, Unreadable

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
HIGHEST_RATIO = 200
"""Mail compresses at most about fiftyfold (long runs of base64 padding); a bomb a thousandfold."""
MOST_MEMBERS = 5_000
_FREE = 1_000_000
"""Octets that may come out whatever the ratio: tiny files of one letter are no bombs."""
_STEP = 65_536


def gunzip(content: bytes, most: int) -> bytes:
    """The first gzip member's data (RFC 1952), at most `most` octets.

    Raises TooLarge above that or above the ratio of a bomb, Unreadable where the data is damaged or cut.
    """
    inflater = zlib.decompressobj(wbits=31)
    out = bytearray()
    try:
        for start in range(0, len(content), _STEP):
            chunk = content[start : start + _STEP]
            while chunk:
                out += inflater.decompress(chunk, _STEP * 16)
                _refuse_bomb(len(out), len(content), most)
                chunk = inflater.unconsumed_tail
            if inflater.eof:
                return bytes(out)
    except zlib.error:
        raise _damaged("gzip") from None
    raise _damaged("gzip")


_DOCUMENT = (
    "Hand in the mail itself: save it from your mail program as a file, or forward it as an attachment. "
    "If the document came with a mail, don't open it; the mail is enough."
)


def unzip(content: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    """Each file of a zip as (name, octets), in the archive's order, folders left out.

    `most` bounds all files together. Raises TooLarge and Unreadable while being read from.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError):
        raise _damaged("zip") from None
    members = [info for info in archive.infolist() if not info.is_dir()]
    if any(info.filename == "[Content_Types].xml" for info in members[:50]):
        raise Unreadable("office-document", "This is an Office document, not the mail.", _DOCUMENT)
    if len(members) > MOST_MEMBERS:
        raise TooLarge("too-many-members", f"The zip file holds {len(members)} files.", _SPLIT)
    spent = 0
    for info in members:
        data = _member(archive, info, most - spent, len(content))
        spent += len(data)
        yield info.filename, data


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, packed: int) -> bytes:
    if info.flag_bits & 0x1:
        raise Unreadable(
            "password-protected",
            "The zip file is protected by a password.",
            "Unpack it on your computer and hand in the mail file itself.",
        )
    out = bytearray()
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(_STEP):
                out += chunk
                _refuse_bomb(len(out), min(max(info.compress_size, 1), packed), most)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, RuntimeError, OSError):
        raise _damaged("zip") from None
    return bytes(out)


def _refuse_bomb(size: int, packed: int, most: int) -> None:
    if size > most or (size > _FREE and size > packed * HIGHEST_RATIO):
        raise TooLarge("too-large", "The packed file grows too large when it is unpacked.", _SPLIT)


def _damaged(form: str) -> Unreadable:
    return Unreadable(
        "damaged-archive",
        f"The {form} file is damaged or was cut short.",
        "Save the mail again and hand it in without packing it.",
    )


_SPLIT = "Hand in the one mail that you ask about, unpacked."
