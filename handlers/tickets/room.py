"""What the ticket handlers work with."""

from dataclasses import dataclass

from bot.office_hours import OfficeHours
from bot.ticketing import Ticketing
from handlers.blocks.wording import Wording


@dataclass(frozen=True, slots=True)
class TicketRoom:
    """One for each process that Slack delivers to, where a technicians' channel is set."""

    ticketing: Ticketing
    wording: Wording
    hours: OfficeHours
    """In whose zone a day begins."""
