"""What an attached file is, told from its first octets and its tables; nothing is opened or inflated."""

import re
import struct

from bot.model import Attachment

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "lnk"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "one"),
    (b"MSCF", "cab"),
    (b"conectix", "vhd"),
    (b"vhdxfile", "vhd"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x60\xea", "arj"),
    (b"xar!", "xar"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"BM", "bmp"),
    (b"\x7fELF", "exe"),
    (b"{\\rtf", "rtf"),
    (b"ITSF", "chm"),
    (b"%!PS", "ps"),
    (b"BEGIN:VCALENDAR", "ics"),
    (b"BEGIN:VCARD", "vcf"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"ID3", "mp3"),
)
_BY_EXTENSION = {
    "js": "js",
    "jse": "js",
    "vbs": "vbs",
    "vbe": "vbs",
    "wsf": "wsf",
    "wsh": "wsf",
    "hta": "hta",
    "ps1": "ps1",
    "bat": "bat",
    "cmd": "bat",
    "scr": "exe",
    "exe": "exe",
    "com": "exe",
    "msi": "msi",
    "jar": "jar",
    "iso": "iso",
    "img": "iso",
    "lnk": "lnk",
    "url": "url",
    "html": "html",
    "htm": "html",
    "shtml": "html",
    "xhtml": "html",
    "svg": "svg",
    "eml": "eml",
    "ics": "ics",
    "csv": "csv",
    "txt": "txt",
    "one": "one",
    "vhd": "vhd",
    "vhdx": "vhd",
    "pdf": "pdf",
}
_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html",
    "txt": "text/plain",
    "csv": "text/csv",
    "ics": "text/calendar",
    "svg": "image/svg+xml",
    "eml": "message/rfc822",
}
_HTML = re.compile(rb"<(?:!doctype\s{1,9}html|html|head|body|script|meta|iframe|form|table)[\s>/]", re.IGNORECASE)
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_HEADER_LINES = re.compile(
    rb"(?:Received|Return-Path|From|Date|Subject|MIME-Version|Message-ID|Delivered-To):", re.IGNORECASE
)
_ISO_MARK_AT = 0x8001
_ZIP_SCAN = 66_000
_MOST_ENTRIES = 2_000
_OFFICE = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"), (b"META-INF/MANIFEST.MF", "jar"))


def describe(name: str, declared: str, octets: bytes, *, inline: bool) -> Attachment:
    """An attachment by name, declared and sniffed type, size in octets, and whether it wants a password."""
    sniffed = sniff(name, octets)
    return Attachment(name, declared, sniffed, len(octets), is_encrypted(sniffed, octets), inline)


def type_by_name(name: str) -> str:
    """A media type for a file of which only the name is known."""
    return _TYPES.get(_BY_EXTENSION.get(_extension(name), ""), "application/octet-stream")


def sniff(name: str, octets: bytes) -> str:
    """A short word for what the octets are ("pdf", "docx", "html", …); else by name; else ""."""
    found = _by_magic(octets)
    if found == "zip":
        return _zip_kind(octets)
    if found == "ole":
        return _ole_kind(octets, name)
    return found or _by_text(octets) or _BY_EXTENSION.get(_extension(name), "")


def is_encrypted(sniffed: str, octets: bytes) -> bool:
    """Whether a password is asked for, as far as the file's own tables say."""
    if sniffed in ("zip", "docx", "xlsx", "pptx", "jar"):
        return any(flags & 1 for flags, _ in _zip_entries(octets))
    if sniffed == "pdf":
        return b"/Encrypt" in octets
    if sniffed == "rar":
        return _rar_encrypted(octets)
    if sniffed == "7z":
        # The AES-256 + SHA-256 coder's id, 06 F1 07 01, in the header at the end (7zFormat.txt, Methods.txt).
        return b"\x06\xf1\x07\x01" in octets[-100_000:]
    if sniffed in ("ole", "ole-encrypted"):
        return sniffed == "ole-encrypted"
    return False


def _by_magic(octets: bytes) -> str:
    head = octets[:16].removeprefix(b"\xef\xbb\xbf")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"%PDF-" in octets[:1_024]:
        return "pdf"
    if head[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return "webp"
    if octets[257:262] == b"ustar":
        return "tar"
    if octets[_ISO_MARK_AT : _ISO_MARK_AT + 5] == b"CD001":
        return "iso"
    if head[:2] == b"MZ":
        return "exe"
    return "vhd" if octets[-512:-504] == b"conectix" else ""


def _by_text(octets: bytes) -> str:
    head = octets[:4_096]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[2:].replace(b"\0", b"")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _SVG.search(head) and start[:1] == b"<" and not start[:14].lower().startswith(b"<!doctype html"):
        return "svg"
    if _HTML.search(head):
        return "html"
    if start[:18].startswith(b"[InternetShortcut]"):
        return "url"
    return "eml" if _HEADER_LINES.match(start) else ""


def _extension(name: str) -> str:
    return name.lower().rstrip(". ").rpartition(".")[2] if "." in name else ""


def _zip_kind(octets: bytes) -> str:
    names = [name for _, name in _zip_entries(octets)]
    for prefix, kind in _OFFICE:
        if any(name.startswith(prefix) for name in names):
            return kind
    return "zip"


def _zip_entries(octets: bytes) -> list[tuple[int, bytes]]:
    """Flags and names by the central directory (APPNOTE 4.3.12), else by the first local headers (4.3.7)."""
    end = octets.rfind(b"PK\x05\x06", max(0, len(octets) - _ZIP_SCAN))
    if end >= 0 and len(octets) >= end + 22:
        size, offset = struct.unpack_from("<II", octets, end + 12)
        # Octets may stand before the archive: count back from its end.
        found = _directory(octets, end - size if end - size >= 0 else offset)
        if found:
            return found
    return _local_headers(octets)


def _directory(octets: bytes, at: int) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    while len(found) < _MOST_ENTRIES and octets[at : at + 4] == b"PK\x01\x02" and len(octets) >= at + 46:
        flags, name, extra, comment = struct.unpack_from("<8xH18xHHH", octets, at)
        found.append((flags, octets[at + 46 : at + 46 + name][:512]))
        at += 46 + name + extra + comment
    return found


def _local_headers(octets: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    at = octets.find(b"PK\x03\x04")
    while at >= 0 and len(found) < _MOST_ENTRIES and len(octets) >= at + 30:
        flags, name = struct.unpack_from("<6xH18xH", octets, at)
        found.append((flags, octets[at + 30 : at + 30 + name][:512]))
        at = octets.find(b"PK\x03\x04", at + 30)
    return found


def _ole_kind(octets: bytes, name: str) -> str:
    """A password-protected Office file is an OLE file with a stream EncryptedPackage (MS-OFFCRYPTO, 1.3.3)."""
    if "EncryptedPackage".encode("utf-16-le") in octets:
        return "ole-encrypted"
    if "__substg1.0_".encode("utf-16-le") in octets[:2_000_000]:
        return "msg"
    return "msi" if _extension(name) == "msi" else "ole"


def _rar_encrypted(octets: bytes) -> bool:
    """RAR 5: an encryption header (type 4), or an encryption record in a file header. RAR 4: flags 0x80 and 0x04."""
    if octets[:8] == b"Rar!\x1a\x07\x01\x00":
        return _rar5_encrypted(octets)
    main_flags = struct.unpack_from("<3xH", octets, 7)[0] if len(octets) >= 12 else 0
    at = 7 + struct.unpack_from("<5xH", octets, 7)[0] if len(octets) >= 14 else 0
    is_file = octets[at + 2 : at + 3] == b"\x74" and len(octets) >= at + 5
    file_flags = struct.unpack_from("<3xH", octets, at)[0] if is_file else 0
    return bool(main_flags & 0x80 or file_flags & 0x04)


def _rar5_encrypted(octets: bytes) -> bool:
    """Walks the headers up to the first file: CRC (4), size, type, flags, then an extra area with records."""
    at = 8
    for _ in range(8):
        size, body = _vint(octets, at + 4)
        kind, after = _vint(octets, body)
        if not size or kind == 4:
            return kind == 4
        flags, after = _vint(octets, after)
        extra, _ = _vint(octets, after) if flags & 1 else (0, after)
        data, _ = _vint(octets, _vint(octets, after)[1] if flags & 1 else after) if flags & 2 else (0, after)
        if kind == 2:
            record = body + size - extra
            return bool(extra) and _vint(octets, _vint(octets, record)[1])[0] == 1
        at = body + size + data
    return False


def _vint(octets: bytes, at: int) -> tuple[int, int]:
    """RAR 5's variable-length number: seven bits an octet, the lowest first; 0 beyond the end."""
    value = 0
    for shift in range(0, 63, 7):
        if not 0 <= at < len(octets):
            return 0, at
        value |= (octets[at] & 0x7F) << shift
        at += 1
        if not octets[at - 1] & 0x80:
            break
    return value, at
