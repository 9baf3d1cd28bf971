"""An inquiry of several mails: it is about the first, and each of the others gets one of its own."""

from collections.abc import Callable
from dataclasses import replace

from bot import splitting
from bot.errors import Shown
from bot.model import Exhibit, Inquiry, Message, Report, Stage, Told
from bot.ports import Inquiries, Queue
from bot.revisions import while_current

UNEXPECTED = "unexpected"
"""The code of a fault of ours."""
PICTURES = frozenset({"a-picture", "a-pdf", "needs-ocr"})
Read = Callable[[Report], Message | Shown]


def parted(
    inquiries: Inquiries, queue: Queue, read: Read, inquiry: Inquiry, exhibits: tuple[Exhibit, ...]
) -> tuple[Inquiry, tuple[Exhibit, ...], tuple[Shown, ...]]:
    """The one mail that this inquiry is about; each of the others gets an inquiry, and so an answer, of its own."""
    found = splitting.mails(exhibits, lambda each: read(Report((each,))))
    mine = splitting.chosen(found, inquiry.part)
    if mine is None:
        return inquiry, exhibits, ()
    if inquiry.parent or len(found) < 2:
        return replace(inquiry, part=inquiry.part or mine.key), mine.exhibits, _beside_the_rest(mine.unread)
    # The key stays the one that was chosen first, whatever is added before it.
    kept = inquiries.change(
        inquiry.id, while_current(inquiry, lambda kept: replace(kept, part=mine.key, about=mine.about))
    )
    if kept.stage is Stage.FORGOTTEN:
        return inquiry, mine.exhibits, ()
    others = tuple(mail for mail in found if mail is not mine)
    for number, mail in enumerate(others[: splitting.MOST - 1], 1):
        other = inquiries.open(_beside(inquiry, mail), f"{inquiry.id}:mail:{mail.key}")
        if other.stage is Stage.RECEIVED:
            queue.check(other.id, other.revision, delay_s=float(number))
    over = Shown("more-mails", "There are more mails in it.", "Please send the others in a new message.")
    left_out = (*((over,) if len(others) >= splitting.MOST else ()), *_beside_the_rest(found[0].unread))
    return replace(inquiry, part=mine.key, about=mine.about), mine.exhibits, left_out


def _beside_the_rest(unread: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """Where the rest was read, a picture needn't be sent again; but nobody must think that it was looked at."""
    other = Shown("picture-beside", "A picture can't be read yet; the rest was.", "")
    return tuple(other if why.code in PICTURES else why for why in unread if why.code != UNEXPECTED)


def _beside(inquiry: Inquiry, mail: splitting.Mail) -> Inquiry:
    """The inquiry of another mail that came along. What was told of harm is settled in the first."""
    return replace(
        inquiry,
        id="",
        told=Told(own_account=inquiry.told.own_account),
        wishes=(),
        stage=Stage.RECEIVED,
        revision=1,
        outcome=None,
        previous=None,
        step="",
        part=mail.key,
        about=mail.about,
        parent=inquiry.id,
    )
