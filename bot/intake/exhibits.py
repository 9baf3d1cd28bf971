"""Several pieces of one report made one Message: the strongest leads, the others complete it."""

from dataclasses import dataclass, replace

from bot.errors import Shown, Unreadable
from bot.intake.charsets import text_of
from bot.intake.kinds import Form, Material, sniff
from bot.intake.pasted import is_headers
from bot.intake.reading import read_material
from bot.intake.words import read_words
from bot.model import Defect, Exhibit, Kind, Limits, Message, Report, Trust

_MOST = 50
"""Exhibits looked at."""
_GRADES = "ABCDEF"


@dataclass(frozen=True, slots=True)
class _Piece:
    material: Material
    words: bool = False
    """The way in told that these are the reporter's own words."""


def read(report: Report, *, trust: Trust, limits: Limits = Limits()) -> Message:  # noqa: B008  (frozen)
    """The mail that a report is about: the first arrow of the straight line.

    The exhibit of the strongest grade leads. Headers pasted in several pieces are read as one paste; other
    exhibits of the same mail fill what the leading one lacks, and the reporter's words its text if it has none.
    What can't be read beside something that can is a defect.

    Raises Unreadable or TooLarge, with a hint that says what to do next, and nothing else on any bytes.
    """
    pieces, errors = _sniffed(report.exhibits[:_MOST], limits)
    messages: list[Message] = []
    for piece in _joined(pieces):
        try:
            messages.append(_message(piece, trust, limits))
        except Shown as error:
            errors.append(error)
    if not messages:
        raise (
            errors[0]
            if errors
            else Unreadable("empty", "Nothing was handed in.", "Hand in the mail as a file, or paste its headers.")
        )
    messages.sort(key=lambda message: _GRADES.index(message.grade.value))
    lead = messages[0]
    for other in messages[1:]:
        lead = _completed(lead, other)
    notes = tuple(Defect("exhibit-unread", f"{error.message} {error.hint}") for error in errors)
    return replace(lead, defects=(*lead.defects, *notes))


def _sniffed(exhibits: tuple[Exhibit, ...], limits: Limits) -> tuple[list[_Piece], list[Shown]]:
    pieces: list[_Piece] = []
    errors: list[Shown] = []
    for exhibit in exhibits:
        try:
            material = sniff(exhibit.content, limits)
        except Shown as error:
            errors.append(error)
        else:
            pieces.append(_Piece(material, words=exhibit.kind is Kind.WORDS))
    return pieces, errors


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Pastes that go on with one another as one, in their order; where one of them alone is whole, as they are.

    A message of a chat holds some thousand characters, and a header section twelve thousand: people paste
    it in pieces, and a cut may lie within a field.
    """
    if len(pieces) < 2:
        return pieces
    pastes = [piece for piece in pieces if _is_paste(piece)]
    if len(pastes) < 2 or not any(is_headers(_text(piece)) for piece in pastes):
        return pieces
    run = _run(pastes)
    if len(run) < 2:
        return pieces
    text = "\n".join(_text(piece).rstrip().lstrip("\r\n") for piece in run)
    note = Defect("several-pastes", f"{len(run)} pastes were read as one")
    material = Material(Form.TEXT, text.encode("utf-8", "replace"), text, (note,))
    return [_Piece(material), *(piece for piece in pieces if all(piece is not one for one in run))]


def _is_paste(piece: _Piece) -> bool:
    """Text, or headers without a body, which look like a mail of their own."""
    if piece.words:
        return False
    return piece.material.form is Form.TEXT or (
        piece.material.form is Form.MAIL and b"\n\n" not in piece.material.content.replace(b"\r", b"").strip()
    )


def _text(piece: _Piece) -> str:
    return piece.material.text or text_of(piece.material.content)


def _run(pastes: list[_Piece]) -> list[_Piece]:
    """The first paste of headers and those that go on with it: not a repetition, not another mail's headers."""
    run: list[_Piece] = []
    for piece in pastes:
        text = _text(piece)
        if any(text.strip() in _text(one) for one in run):
            continue
        if not run and not is_headers(text):
            continue
        if run and (_has_from(text) and any(_has_from(_text(one)) for one in run)):
            continue
        if run and not is_headers(text) and not _is_rest(text):
            continue
        run.append(piece)
    return run


def _has_from(text: str) -> bool:
    return any(line.lstrip("> \t*|").lower().startswith("from:") for line in text.splitlines())


def _is_rest(text: str) -> bool:
    """Whether a text without a field of its own may be the rest of a field: tokens rather than sentences."""
    words = text.split()
    marks = sum(1 for word in words if any(mark in word for mark in "=;<>[]@+/") or len(word) > 30)
    return len(words) > 0 and marks * 3 >= len(words)


def _message(piece: _Piece, trust: Trust, limits: Limits) -> Message:
    if piece.words and piece.material.form is not Form.MSG:
        return read_words(_text(piece), limits=limits, defects=piece.material.defects)
    return read_material(piece.material, trust=trust, limits=limits)


def _completed(lead: Message, other: Message) -> Message:
    """The leading message with what only the other has; an exhibit about another mail is left out and named."""
    if other.kind is Kind.WORDS:
        if lead.text.strip():
            return replace(
                lead, defects=(*lead.defects, Defect("words-beside", "the reporter's words were handed in too"))
            )
        return replace(lead, text=other.text, senders=lead.senders or other.senders)
    if differ(lead, other):
        shown = other.author.address or other.subject[:80]
        note = Defect("another-mail", f"another mail was handed in too and left out: {shown}")
        return replace(lead, defects=(*lead.defects, note))
    return replace(
        lead,
        senders=lead.senders or other.senders,
        from_fields=lead.from_fields or other.from_fields,
        sender=lead.sender or other.sender,
        reply_to=lead.reply_to or other.reply_to,
        return_path=other.return_path if lead.return_path is None else lead.return_path,
        to=lead.to or other.to,
        cc=lead.cc or other.cc,
        subject=lead.subject or other.subject,
        date=lead.date or other.date,
        message_id=lead.message_id or other.message_id,
        in_reply_to=lead.in_reply_to or other.in_reply_to,
        references=lead.references or other.references,
        hops=lead.hops or other.hops,
        stamps=lead.stamps or other.stamps,
        signatures=lead.signatures or other.signatures,
        text=lead.text if lead.text.strip() else other.text,
        links=lead.links or other.links,
        attachments=lead.attachments or other.attachments,
    )


def differ(one: Message, two: Message) -> bool:
    """Whether two exhibits tell of two mails: both have a Message-ID, or else an author, and not the same."""
    if one.message_id and two.message_id:
        return one.message_id != two.message_id
    first, second = one.author.address.lower(), two.author.address.lower()
    return bool(first and second and first != second)
