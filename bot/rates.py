"""How many mails are taken within an hour. Only what opens an inquiry counts, each delivery once.

A member's own mails count against that member. Who forwarded a mail is what the mail says, which anybody can write:
those count against the address that is claimed, in that channel, and all of a channel together, never a member.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.model import Submission
from bot.ports import Inquiries

_HOUR = timedelta(hours=1)
_TOGETHER = 10
"""How many times the rate of one address a channel takes of forwarded mails in all."""
_LOOKED_AT = 2_000
_HARM = re.compile(
    r"\b(?:i|i've|i'd|we)\s{1,3}(?:[a-z']{1,12}\s{1,3}){0,3}(?:click|open|typ|enter|paid\b|pay|approv|gave|transfer|logg?|sign)"
    r"|\bpassword\b",
    re.IGNORECASE,
)


class Refusal(StrEnum):
    """What becomes of a mail over the rate."""

    TOLD = "told"
    SILENT = "silent"
    """A flood from outside gets no flood of answers."""


@dataclass(frozen=True, slots=True)
class Rates:
    """`most` mails an hour of one person or one claimed address. Every method raises StoreUnavailable."""

    inquiries: Inquiries
    most: int
    remember: timedelta

    def refusal(self, submission: Submission) -> Refusal | None:
        """Whether what would open an inquiry is too much; never where somebody says that harm was done."""
        if submission.asker.verified and says_harm(submission):
            return None
        refused = f"refused:{submission.key}"
        if not self.inquiries.first(f"counted:{submission.key}", self.remember):
            return Refusal.TOLD if self.inquiries.known(refused) else None
        found = self._member(submission) if submission.asker.verified else self._outside(submission)
        if found is not None:
            self.inquiries.first(refused, self.remember)
        return found

    def _member(self, submission: Submission) -> Refusal | None:
        asker = submission.asker
        count = self.inquiries.tally(f"rate:{asker.team}:{asker.user}", _HOUR)
        return Refusal.TOLD if count > self.most else None

    def _outside(self, submission: Submission) -> Refusal | None:
        channel = f"rate-mail:{submission.asker.team}:{submission.place.channel}"
        count = self.inquiries.tally(f"{channel}:{submission.asker.address}", _HOUR)
        if count > self.most:
            return Refusal.TOLD if count <= 2 * self.most else Refusal.SILENT
        if self.inquiries.tally(channel, _HOUR) <= _TOGETHER * self.most:
            return None
        return Refusal.TOLD if self.inquiries.first(f"{channel}:told", _HOUR) else Refusal.SILENT


def says_harm(submission: Submission) -> bool:
    """Whether the words say that a link was clicked, a file opened, a password typed or money paid."""
    told = submission.told
    if told.clicked or told.opened or told.typed_password or told.paid:
        return True
    return any(_HARM.search(piece.text[:_LOOKED_AT]) for piece in submission.pieces)
