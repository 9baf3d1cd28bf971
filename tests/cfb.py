"""Writes compound files ([MS-CFB], version 3) and Outlook items ([MS-OXMSG]) in them, for tests of .msg reading."""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Union

Properties = Mapping[int, str | bytes | int | datetime]
Node = Union[bytes, "Mapping[str, Node]"]
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_HEADER = struct.Struct("<8s16sHHHHH6xIIIIIIIIII")
_ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def compound(root: Mapping[str, Node]) -> bytes:
    """A compound file with these storages (mappings) and streams (bytes)."""
    entries: list[list[object]] = []
    _add(entries, "Root Entry", root, 5)
    mini = bytearray()
    minifat: list[int] = []
    sectors: list[bytes] = []
    fat: list[int] = []
    for entry in entries:
        data = entry[5]
        if not isinstance(data, bytes):
            continue
        entry[7] = len(data)
        if not data:
            entry[6] = _END
        elif len(data) < _CUTOFF:
            entry[6] = _chain(minifat, -(-len(data) // _MINI))
            mini += data.ljust(-(-len(data) // _MINI) * _MINI, b"\0")
        else:
            entry[6] = _store(data, sectors, fat)
    entries[0][6] = _store(bytes(mini), sectors, fat) if mini else _END
    entries[0][7] = len(mini)
    directory = b"".join(_packed(entry) for entry in entries)
    directory = directory.ljust(-(-len(directory) // _SECTOR) * _SECTOR, b"\0")
    directory_at = _store(directory, sectors, fat)
    table = b"".join(struct.pack("<I", value) for value in minifat)
    minifat_at = _store(table.ljust(-(-len(table) // _SECTOR) * _SECTOR, b"\xff"), sectors, fat) if minifat else _END
    return _finish(sectors, fat, directory_at, minifat_at, len(minifat) // 128 + bool(len(minifat) % 128))


def _finish(sectors: list[bytes], fat: list[int], directory_at: int, minifat_at: int, minifats: int) -> bytes:
    count = 1
    while count * 128 < len(fat) + count:
        count += 1
    places = list(range(len(sectors), len(sectors) + count))
    fat += [_FAT] * count
    fat += [_FREE] * (count * 128 - len(fat))
    packed = struct.pack(f"<{len(fat)}I", *fat)
    sectors += [packed[at : at + _SECTOR] for at in range(0, len(packed), _SECTOR)]
    head = _HEADER.pack(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6,
        0, count, directory_at, 0, _CUTOFF, minifat_at, minifats, _END, 0, places[0],
    )  # fmt: skip
    difat = struct.pack("<108I", *(places[1:] + [_FREE] * (108 - len(places[1:]))))
    return head + difat + b"".join(sectors)


def _add(entries: list[list[object]], name: str, node: Node, kind: int) -> int:
    """Entry: name, kind, left, right, child, data, start, size. Siblings hang to the right, one below the other."""
    at = len(entries)
    entries.append([name, kind, _NONE, _NONE, _NONE, node if isinstance(node, bytes) else None, 0, 0])
    if not isinstance(node, bytes):
        above = -1
        for child in sorted(node, key=lambda one: (len(one), one.upper())):
            value = node[child]
            index = _add(entries, child, value, 2 if isinstance(value, bytes) else 1)
            if above < 0:
                entries[at][4] = index
            else:
                entries[above][3] = index
            above = index
    return at


def _packed(entry: list[object]) -> bytes:
    name, kind, left, right, child, _, start, size = entry
    raw = str(name).encode("utf-16-le")
    return _ENTRY.pack(raw, len(raw) + 2, kind, 1, left, right, child, bytes(16), 0, 0, 0, start, size)


def _chain(table: list[int], count: int) -> int:
    start = len(table)
    table += [start + number + 1 for number in range(count - 1)] + [_END]
    return start


def _store(data: bytes, sectors: list[bytes], fat: list[int]) -> int:
    start = _chain(fat, -(-len(data) // _SECTOR))
    sectors += [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
    return start


def item(properties: Properties, *, header: int, wide: bool = True) -> dict[str, Node]:
    """The streams of an item: variable-length properties as streams, all listed in the property stream.

    `header` is 32 for a mail, 24 for one within an attachment, 8 for recipients and attachments.
    """
    streams: dict[str, Node] = {}
    rows = b""
    for id_, value in properties.items():
        if isinstance(value, int):
            rows += struct.pack("<HHIq", 0x0003, id_, 6, value)
        elif isinstance(value, datetime):
            ticks = int((value - _EPOCH).total_seconds()) * 10_000_000
            rows += struct.pack("<HHIQ", 0x0040, id_, 6, ticks)
        else:
            kind = 0x0102 if isinstance(value, bytes) else 0x001F if wide else 0x001E
            raw = value if isinstance(value, bytes) else value.encode("utf-16-le" if wide else "cp1252")
            streams[f"__substg1.0_{id_:04X}{kind:04X}"] = raw
            rows += struct.pack("<HHIII", kind, id_, 6, len(raw), 0)
    streams["__properties_version1.0"] = bytes(header) + rows
    return streams


def mail(
    properties: Properties,
    *,
    recipients: tuple[Properties, ...] = (),
    attachments: tuple[Mapping[str, Node], ...] = (),
    header: int = 32,
    wide: bool = True,
) -> dict[str, Node]:
    """A mail item with its recipients and attachments."""
    streams = item(properties, header=header, wide=wide)
    for number, recipient in enumerate(recipients):
        streams[f"__recip_version1.0_#{number:08X}"] = item(recipient, header=8, wide=wide)
    for number, attachment in enumerate(attachments):
        streams[f"__attach_version1.0_#{number:08X}"] = attachment
    return streams


def attached_mail(name: str, inner: Mapping[str, Node]) -> dict[str, Node]:
    """An attachment that is a mail stored as an object (its `header` is 24)."""
    return {**item({0x3707: name, 0x3705: 5}, header=8), "__substg1.0_3701000D": inner}


def attached_file(name: str, data: bytes, mime: str = "") -> dict[str, Node]:
    """An attachment that is a file."""
    return item({0x3707: name, 0x3705: 1, 0x370E: mime, 0x3701: data}, header=8)
