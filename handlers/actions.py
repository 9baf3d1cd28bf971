"""The names that blocks write and buttons read: action ids, callback ids, and what a button's value says."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model import Wish

COMMAND = "/checkmail"
SHORTCUT = "check_mail_message"
"""Callback id of the message shortcut."""
FUNCTION = "check_mail"
"""Callback id of the Workflow Builder step."""
MODAL = "checkmail_report"
"""Callback id of the modal in which a mail is handed in."""
HARM_MODAL = "checkmail_harm"
"""Callback id of the modal that asks what was clicked, opened, typed or paid; private_metadata: the inquiry's id."""
CLAIMS_MODAL = "checkmail_claims"
"""Callback id of the modal that asks who the mail claims to be from; private_metadata: the inquiry's id."""
FORGET_MODAL = "checkmail_forget"
"""Callback id of the modal that asks whether to forget everything."""

EVIDENCE = "checkmail_evidence"
"""Value: the inquiry's id."""
REPORT = "checkmail_open_report"
"""Opens the modal, from Home; no value."""
FORGET = "checkmail_open_forget"
"""Opens the modal that asks whether to forget everything, from Home; no value."""
ANSWER = "checkmail_answer"
"""Beginning of the action ids of the next question's answers, which must differ: "checkmail_answer_0" and so on.
Value: `Answered.value`."""
WISHES = {wish: f"checkmail_wish_{wish.value}" for wish in Wish}
"""The action id of each wish's button; value: the inquiry's id."""


class Field(StrEnum):
    """The modals' fields: each is its input's block id and action id; errors of a submission are told by it."""

    PASTE = "paste"
    FILE = "file"
    CLAIMS = "claims"
    HARM = "harm"
    """Checkboxes with the values of `Harm`."""
    NAMED = "named"
    """Radio buttons: "receiver" (the person got the mail) or "own-account" (others got it from them)."""


class Harm(StrEnum):
    """What a person has done already; the values of the checkboxes."""

    CLICKED = "clicked"
    OPENED = "opened"
    TYPED_PASSWORD = "typed-password"
    PAID = "paid"
    NONE = "none"


RECEIVER, OWN_ACCOUNT = "receiver", "own-account"
"""The choices of `Field.NAMED`."""
YES, NO, UNSURE, SAY = "yes", "no", "unsure", "say"
"""The choices of a question's answers. SAY opens the modal in which a name is written."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a click on one of the next question's answers says."""

    inquiry: str
    question: str
    """The question's code: a page under knowledge/questions/."""
    choice: str

    @property
    def value(self) -> str:
        """The button's value (Slack: at most 2,000 characters)."""
        return f"{self.inquiry} {self.question} {self.choice}"


def answered(value: str) -> Answered | None:
    """A button's value read back; None for what isn't one."""
    parts = value[:500].split(" ")
    return Answered(*parts) if len(parts) == 3 and all(parts) else None
