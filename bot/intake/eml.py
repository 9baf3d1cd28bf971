"""A whole Internet message (RFC 5322, MIME) read into a Message. Pure; raises only Unreadable and TooLarge."""

from collections.abc import Sequence

from bot.errors import TooLarge, Unreadable
from bot.intake.addresses import MOST_FROM, read_mailboxes, read_path, read_senders
from bot.intake.body import Body
from bot.intake.decoding import one_line
from bot.intake.fields import read_date, read_ids, read_mailer, read_message_id, read_traits
from bot.intake.headers import Fields, divide, split_headers
from bot.intake.mime import attached_messages, read_body
from bot.intake.texts import read_text
from bot.intake.trace import read_trace
from bot.model import Defect, Grade, Header, Kind, Limits, Mailbox, Message, Origin, Trust

__all__ = ["Body", "assemble", "attached_messages", "parse", "split_headers"]

_MOST_FROM_FIELDS = 20
_OF_A_MAIL = frozenset(
    "from to cc subject date message-id received return-path delivered-to sender reply-to mime-version content-type "
    "dkim-signature authentication-results x-mailer".split()
)
"""One of these at least makes it a mail: nearly any binary file has a line with a colon in it."""


def parse(
    content: bytes,
    *,
    trust: Trust,
    limits: Limits = Limits(),  # noqa: B008  (frozen)
    kind: Kind = Kind.EML,
    grade: Grade = Grade.WHOLE,
    origin: Origin = Origin.DIRECT,
) -> Message:
    """The message that these octets are.

    Raises TooLarge over `limits.exhibit` octets, and Unreadable where no header field of a mail can be found.
    Everything else that is wrong becomes a defect of the Message.
    """
    if len(content) > limits.exhibit:
        raise TooLarge(
            "too-large",
            f"This mail has {len(content) // 1_000_000} MB; at most {limits.exhibit // 1_000_000} MB can be read.",
            "Hand in its headers alone: they are enough for a first answer.",
        )
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    section, body_at = divide(content)
    headers, defects = split_headers(section, limits)
    if not any(header.name.lower() in _OF_A_MAIL for header in headers):
        raise Unreadable(
            "not-a-mail",
            "No mail header could be found in this.",
            "Save the mail as a file (.eml or .msg) and hand in that file, or paste its full headers.",
        )
    return assemble(
        headers,
        trust=trust,
        limits=limits,
        kind=kind,
        grade=grade,
        origin=origin,
        body=read_body(headers, content, body_at, limits),
        raw=content,
        defects=defects,
    )


def assemble(
    headers: Sequence[Header],
    *,
    trust: Trust,
    limits: Limits,
    kind: Kind,
    grade: Grade,
    origin: Origin = Origin.DIRECT,
    body: Body = Body(),  # noqa: B008  (frozen)
    raw: bytes = b"",
    defects: Sequence[Defect] = (),
) -> Message:
    """A Message of header fields (top first, unfolded, undecoded) and an optional body; raises nothing."""
    fields = Fields(headers)
    from_fields = fields.all("From")
    trace = read_trace(headers, trust, limits)
    date, date_defects = read_date(fields.first("Date"))
    return_path = read_path(fields.first("Return-Path")) if "Return-Path" in fields else None
    readable = read_text(body, limits)
    return Message(
        kind=kind,
        grade=grade,
        origin=origin,
        senders=read_senders(from_fields),
        from_fields=from_fields[:_MOST_FROM_FIELDS],
        sender=next(iter(_mailboxes(fields, "Sender")), None),
        reply_to=_mailboxes(fields, "Reply-To"),
        return_path=return_path,
        to=_mailboxes(fields, "To"),
        cc=_mailboxes(fields, "Cc"),
        subject=one_line(fields.first("Subject")[:10_000])[:2_000],
        date=date,
        message_id=read_message_id(fields.first("Message-ID")),
        in_reply_to=read_ids(fields.first("In-Reply-To")),
        references=read_ids(fields.first("References")),
        mailer=read_mailer(fields),
        hops=trace.hops,
        stamps=trace.stamps,
        signatures=trace.signatures,
        arc=trace.arc,
        originations=trace.originations,
        filters=trace.filters,
        traits=read_traits(fields, return_path),
        text=readable.text,
        links=readable.links,
        attachments=body.attachments,
        defects=(
            *defects,
            *_from_defects(from_fields),
            *date_defects,
            *trace.defects,
            *body.defects,
            *readable.defects,
        ),
        headers=tuple(headers),
        raw=raw,
    )


def _mailboxes(fields: Fields, name: str) -> tuple[Mailbox, ...]:
    """The field's mailboxes; the field may stand there more than once, against RFC 5322, 3.6."""
    return tuple(dict.fromkeys(mailbox for value in fields.all(name)[:5] for mailbox in read_mailboxes(value)))


def _from_defects(from_fields: Sequence[str]) -> tuple[Defect, ...]:
    if not from_fields:
        return (Defect("no-from", "there is no From field (RFC 5322, 3.6 demands one)"),)
    found: list[Defect] = []
    if len(from_fields) > 1:
        found.append(Defect("several-from", f"there are {len(from_fields)} From fields (RFC 5322, 3.6 allows one)"))
    longest = max(map(len, from_fields))
    if longest > MOST_FROM:
        found.append(Defect("from-cut", f"a From field has {longest} characters; the first {MOST_FROM} were read"))
    return tuple(found)
