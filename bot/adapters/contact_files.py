"""Contact files read: CSV as spreadsheets, Outlook and Google export it, and vCard 2.1, 3.0 and 4.0."""

import csv
import io
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

MOST_ROWS = 500_000
MOST_FIELD = 10_000
"""Characters of one field; a longer one is no contact's."""

_ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@(?:[^\s@<>,;.\"]{1,63}\.){1,8}[^\s@<>,;.\"\d][^\s@<>,;.\"]{1,62}")
_YES = frozenset({"1", "y", "yes", "true", "x", "ja", "oui", "si", "sí", "sim"})
_NAME_COLUMNS = (
    "name",
    "full name",
    "display name",
    "displayname",
    "file as",
    "anzeigename",
    "nom complet",
    "nombre completo",
)
_GIVEN = ("first name", "given name", "firstname", "vorname", "prénom", "prenom", "nombre")
_MIDDLE = ("middle name", "additional name", "weitere vornamen")
_FAMILY = ("last name", "family name", "lastname", "surname", "nachname", "nom", "apellidos", "apellido")
_NICK = ("nickname", "nicknames", "spitzname", "surnom")
_EMAIL = re.compile(r"e-?mail.{0,40}|address|adresse|addresses|mail|correo(?: electr[oó]nico.{0,20})?|courriel.{0,20}")
_NOT_EMAIL = re.compile(r".*(?:type|label|display name|typ|anzeigename|street|postal|home address|business address)$")


@dataclass(frozen=True, slots=True)
class Row:
    """One contact as a file says it."""

    name: str
    addresses: tuple[str, ...]
    staff: bool = False
    vip: bool = False
    nicknames: tuple[str, ...] = ()

    def joined(self, other: "Row") -> "Row":
        """This contact with what another row of the same name adds."""
        return replace(
            self,
            addresses=(*self.addresses, *other.addresses),
            staff=self.staff or other.staff,
            vip=self.vip or other.vip,
            nicknames=(*self.nicknames, *other.nicknames),
        )


def read_rows(content: bytes) -> tuple[list[Row], list[str]]:
    """The contacts of a file and its faults, each fault with its row or card number. Raises nothing."""
    text = _decoded(content)
    if re.match(r"\s*BEGIN\s*:\s*VCARD", text, re.IGNORECASE):
        return _read_vcards(text)
    return _read_csv(text)


def _decoded(content: bytes) -> str:
    """UTF-16 and UTF-8 by their marks, else UTF-8, else the encoding of Western Windows."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _read_csv(text: str) -> tuple[list[Row], list[str]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    rows: list[Row] = []
    faults: list[str] = []
    columns: _Columns | None = None
    try:
        for number, cells in enumerate(reader, 1):
            if not any(map(str.strip, cells)):
                continue
            if columns is None:
                columns = _columns(cells)
                if columns.named:
                    continue
            _take(cells, number, columns, rows, faults)
            if number > MOST_ROWS:
                faults.append(f"row {number}: more than {MOST_ROWS} rows; split the file")
                break
    except csv.Error as why:  # a quote that is never closed, a field without end
        faults.append(f"row {reader.line_num}: can't be read as CSV ({why})")
    if not rows and not faults:
        faults.append("row 1: no contacts; write rows such as Maria Example,maria@example.org")
    return rows, faults


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which cells hold what."""

    named: bool
    """The first row is a header."""
    name: tuple[int, ...]
    emails: tuple[int, ...]
    nick: int = -1
    staff: int = -1
    vip: int = -1


def _columns(cells: list[str]) -> _Columns:
    heads = {head.strip().casefold(): at for at, head in reversed(list(enumerate(cells)))}
    emails = tuple(at for head, at in sorted(heads.items(), key=lambda item: item[1]) if _is_email_head(head))
    if any("@" in cell for cell in cells) or not emails:
        return _Columns(False, (0,), (1,), nick=4, staff=2, vip=3)
    parts = tuple(at for group in (_GIVEN, _MIDDLE, _FAMILY) for at in (_first(heads, group),) if at >= 0)
    whole = _first(heads, _NAME_COLUMNS)
    return _Columns(
        True,
        (whole,) if whole >= 0 and not (parts and heads.get("file as") == whole) else parts,
        emails,
        nick=_first(heads, _NICK),
        staff=heads.get("staff", -1),
        vip=heads.get("vip", -1),
    )


def _is_email_head(head: str) -> bool:
    return _EMAIL.fullmatch(head) is not None and _NOT_EMAIL.fullmatch(head) is None


def _first(heads: Mapping[str, int], names: tuple[str, ...]) -> int:
    return next((heads[name] for name in names if name in heads), -1)


def _take(cells: list[str], number: int, columns: _Columns, rows: list[Row], faults: list[str]) -> None:
    def cell(at: int) -> str:
        return cells[at].strip()[:MOST_FIELD] if 0 <= at < len(cells) else ""

    name = " ".join(filter(None, map(cell, columns.name)))
    written = [part for at in columns.emails for part in re.split(r"[;,\s]+|:::", cell(at)) if part]
    addresses, wrong = _sorted(written)
    if wrong:
        faults.append(f"row {number}: {wrong[0][:80]!r} isn't an address; write one like maria@example.org")
    elif not addresses and columns.named and len(cells) > 6:
        return  # an export lists contacts that have only a telephone
    elif not addresses:
        faults.append(f"row {number}: no address; write name,address")
    elif not name:
        faults.append(f"row {number}: no name beside {addresses[0]}; write name,address")
    else:
        nicknames = tuple(filter(None, map(str.strip, re.split("[;|/]", cell(columns.nick)))))
        rows.append(Row(name, addresses, _yes(cell(columns.staff)), _yes(cell(columns.vip)), nicknames))


def _sorted(written: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Addresses, and what is none."""
    stripped = [part.strip("<>\"'").removeprefix("mailto:") for part in written]
    good = tuple(part for part in stripped if _ADDRESS.fullmatch(part))
    return good, [part for part in stripped if part not in good]


def _yes(text: str) -> bool:
    return text.casefold() in _YES


def _read_vcards(text: str) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    faults: list[str] = []
    for number, card in enumerate(_cards(text), 1):
        emails = [value for name, value in card if name == "EMAIL"]
        fields = dict(reversed(card))
        name = fields.get("FN", "").strip() or _from_n(fields.get("N", "")) or fields.get("ORG", "").partition(";")[0]
        addresses, wrong = _sorted([value.strip() for value in emails if value.strip()])
        if wrong:
            faults.append(f"card {number}: {wrong[0][:80]!r} isn't an address; write one like maria@example.org")
        elif addresses and not name:
            faults.append(f"card {number}: no name (FN) beside {addresses[0]}")
        elif addresses:
            nicknames = tuple(filter(None, map(str.strip, fields.get("NICKNAME", "").split(","))))
            rows.append(Row(name, addresses, nicknames=nicknames))
    if not rows and not faults:
        faults.append("card 1: no card with an EMAIL")
    return rows, faults


def _cards(text: str) -> Iterator[list[tuple[str, str]]]:
    """Each card's properties as (name, decoded value), groups ("item1.EMAIL") and parameters taken off."""
    card: list[tuple[str, str]] = []
    for line in _unfolded(text):
        head, colon, value = line.partition(":")
        name, *parameters = head.upper().split(";")
        name = name.rpartition(".")[2].strip()
        if name == "BEGIN":
            card = []
        elif name == "END":
            yield card
        elif colon:
            card.append((name, _value(value, parameters)[:MOST_FIELD]))


def _unfolded(text: str) -> Iterator[str]:
    """Logical lines: folds joined (RFC 6350, 3.2), soft line breaks of quoted-printable too (vCard 2.1)."""
    held = ""
    for line in text.splitlines():
        if held.endswith("=") and "QUOTED-PRINTABLE" in held.partition(":")[0].upper():
            held = held[:-1] + line.lstrip(" \t")
        elif line[:1] in (" ", "\t"):
            held += line[1:]
        else:
            if held:
                yield held
            held = line
        if len(held) > 50 * MOST_FIELD:  # a photo: nothing of it is needed
            held = held[:MOST_FIELD]
    if held:
        yield held


def _value(value: str, parameters: list[str]) -> str:
    if "ENCODING=QUOTED-PRINTABLE" in parameters or "QUOTED-PRINTABLE" in parameters:
        charset = next((item.partition("=")[2] for item in parameters if item.startswith("CHARSET=")), "utf-8")
        octets = quopri.decodestring(value.encode("utf-8", "replace"))
        try:
            value = octets.decode(charset, "replace")
        except LookupError:  # a charset that Python doesn't know
            value = octets.decode("utf-8", "replace")
    return re.sub(r"\\([,;:\\])", r"\1", re.sub(r"\\[nN]", " ", value))


def _from_n(value: str) -> str:
    """N is family;given;middle;… (RFC 6350, 6.2.2)."""
    family, given, middle = (*value.split(";"), "", "", "")[:3]
    return " ".join(part.strip() for part in (given, middle, family) if part.strip())
