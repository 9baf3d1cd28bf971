"""The short posts: "I've got it", what can't be read, small talk, what a click brought. Pure."""

from bot.errors import Shown
from bot.model import Inquiry, Surface, Told
from handlers.blocks.answer import wishes
from handlers.blocks.fitting import shrunk
from handlers.blocks.kit import Block, Post, context, escaped, paragraph
from handlers.blocks.lines import cut
from handlers.blocks.wording import Wording

NUMBERED = frozenset({"rate-limited"})
"""The texts that turn one of ours away, who must know whom to call; a stranger calls their own."""
LIMITS = (1_500, 500, 150)
"""Characters of a paragraph: the most that fits is taken."""


def acknowledgement(inquiry: Inquiry, wording: Wording) -> Post:
    """ "I've got it": in the thread of what was handed in, or as the root of a new one."""
    rooted = bool(inquiry.place.thread)
    code = "acknowledged" if rooted else "acknowledged-root"
    said = wording.talk.text(code if _brings(inquiry) or inquiry.told == Told() else "acknowledged-told")
    private = inquiry.surface is not Surface.CHANNEL
    more = wording.talk.text("more")
    return _post((said,), context(more, *(() if private else (wording.talk.text("privacy-channel"),))))


def _brings(inquiry: Inquiry) -> bool:
    return any(piece.text or piece.file for piece in inquiry.pieces)


def refusal(inquiry: Inquiry, why: Shown, wording: Wording) -> Post:
    """What was handed in can't be read, or the work failed: what to do, and the way to a person."""
    help_desk = (wording.talk.text("call-us", help_desk=wording.help_desk),) if wording.help_desk else ()
    return _post((person_told(why, wording), *help_desk), wishes(inquiry, wording, answered=False))


def remark(code: str, wording: Wording, **values: str) -> Post:
    """One text of knowledge/talk. Raises KeyError where it or a value that it needs is unknown."""
    numbered = code in NUMBERED and wording.help_desk
    number = (wording.talk.text("call-us", help_desk=wording.help_desk),) if numbered else ()
    return _post((wording.talk.text(code, **values), *number))


def person_told(why: Shown, wording: Wording) -> str:
    """What went wrong, in the talk's words where it has some for the code, else in the error's own."""
    return wording.talk.text(why.code) if wording.talk.has_refusal(why.code) else _own(why)


def admin_told(why: Shown, wording: Wording) -> str:
    """The same for the technicians: what to mend."""
    code = f"admin-{why.code}"
    return wording.talk.text(code) if wording.talk.has(code) else _own(why)


def _own(why: Shown) -> str:
    return f"{cut(why.message, LIMITS[0])} {cut(why.hint, LIMITS[0])}".strip()


def _post(paragraphs: tuple[str, ...], *below: Block) -> Post:
    def made(limit: int) -> tuple[Block, ...]:
        return (*(paragraph(cut(text, limit)) for text in paragraphs), *below)

    return Post(escaped("\n".join(paragraphs)), shrunk(made, LIMITS))
