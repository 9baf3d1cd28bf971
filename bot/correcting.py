"""A technician's verdict goes into the casebook, where it weighs more than ours when the sender writes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import deciding
from bot.errors import Shown
from bot.model import Inquiry, Message, Report, Verdict
from bot.model.tickets import LiveTicket


@dataclass(frozen=True, slots=True)
class Correcting:
    """Called for each reporter's inquiry of a ticket; done twice, it changes nothing."""

    desk: deciding.Desk
    remember: Callable[[Message, Verdict, datetime], None]
    """The casebook, by a technician (`bot.engine.LoopEngine.remember`)."""

    def __call__(self, ticket: LiveTicket, inquiry: Inquiry) -> None:
        """Nothing where no technician said what the mail is, or the mail isn't kept any more.

        Raises Later, StoreUnavailable.
        """
        if ticket.theirs in (None, Verdict.UNDETERMINED) or not inquiry.pieces:
            return
        assert ticket.theirs is not None
        exhibits, _ = deciding.material(self.desk, inquiry)
        if not exhibits:
            return
        message = self.desk.engine.read(Report(exhibits, inquiry.told, inquiry.reader, inquiry.received_at))
        if not isinstance(message, Shown):
            self.remember(message, ticket.theirs, self.desk.clock.now())
