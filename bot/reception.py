"""The reception: takes what the handlers bring, joins it to its inquiry, keeps it, and queues the work.

All of it runs before Slack is answered, so it only talks to the store. What is handed in twice is taken once.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.model import Asker, Inquiry, Place, Submission, Told, Wish
from bot.ports import Clock, Inquiries, Meter, Queue


@dataclass(frozen=True, slots=True)
class Reception:
    """One for each process. Every method raises StoreUnavailable, on which Slack must not be acknowledged."""

    inquiries: Inquiries
    queue: Queue
    clock: Clock
    meter: Meter
    remember: timedelta = timedelta(days=1)
    """How long a delivery's key is known (Slack's last retry comes after 5 minutes)."""

    def receive(self, submission: Submission) -> Inquiry | None:
        """Opens an inquiry, or adds to the one whose thread (or whose paste within 20 s) this continues.

        None where nothing was taken: the person is over their rate (they hear of it once), or it stands in the
        thread of somebody else's inquiry.
        """
        raise NotImplementedError

    def told(self, inquiry: str, told: Told, by: Asker, key: str) -> Inquiry | None:
        """Adds answers (fields that aren't None win over earlier ones) and re-decides; None where it is unknown
        or `by` may not answer for it.
        """
        raise NotImplementedError

    def wish(self, inquiry: str, wish: Wish, by: Asker, key: str) -> Inquiry | None:
        """Records "get a person", "this is wrong" or "I clicked or typed my password", and calls the technicians."""
        raise NotImplementedError

    def remark(self, place: Place, code: str, key: str) -> None:
        """Queues a short reply to something that isn't material: thanks, hello, help, nothing."""
        raise NotImplementedError

    def find(self, inquiry: str, by: Asker) -> Inquiry | None:
        """The inquiry, if `by` asked it."""
        raise NotImplementedError

    def of(self, asker: Asker) -> tuple[Inquiry, ...]:
        """For `/checkmail status` and Home."""
        raise NotImplementedError

    def forget(self, asker: Asker) -> int:
        """For `/checkmail forget`."""
        raise NotImplementedError
