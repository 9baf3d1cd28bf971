"""The names that ticket posts write and ticket handlers read. A button's value is the ticket's number, then at most
one word more: it works however old it is.
"""

from dataclasses import dataclass
from enum import StrEnum

ACTION = "ticket_"
"""How the action ids of a ticket's buttons begin."""
FORM = "ticket_form_"
"""How the callback ids of its forms begin; private_metadata: the button's value."""


class Press(StrEnum):
    """What a technician's button does."""

    TAKE = "take"
    RELEASE = "release"
    HAND_OVER = "hand-over"
    ASK = "ask"
    VERDICT = "verdict"
    HOLD = "hold"
    RESUME = "resume"
    NOTE = "note"
    CLOSE = "close"
    REOPEN = "reopen"
    CHECKLIST = "checklist"
    STORY = "story"
    SENDER = "sender"
    PACK = "pack"
    NOTICE = "notice"
    APPROVE = "approve"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    DONE = "done"
    """A step of the checklist; the word more is its id."""
    UNDO = "undo"
    WAIVE = "waive"

    @property
    def action(self) -> str:
        return ACTION + self.value


FORMS = (Press.HAND_OVER, Press.ASK, Press.VERDICT, Press.HOLD, Press.NOTE, Press.CLOSE, Press.NOTICE, Press.WAIVE)
"""Those that open a form."""
SENDER_SAYS = {each: f"ticket_sender_says_{each}" for each in ("yes", "no", "unsure")}
FEEDBACK = {"helped": "ticket_feedback_helped", "not-helped": "ticket_feedback_not_helped"}
"""Value: number and inquiry."""
TEXT, CHOICE, USER, DAY = "text", "choice", "user", "day"
"""The forms' fields: block id and action id."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a button or a form says it is about."""

    number: int
    more: str = ""

    def __str__(self) -> str:
        return f"{self.number} {self.more}".strip()


def value_of(text: str) -> Value | None:
    """Read back; None for what isn't one."""
    number, _, more = text[:300].partition(" ")
    return Value(int(number), more) if number.isascii() and number.isdigit() and len(number) < 10 else None
