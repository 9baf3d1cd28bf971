"""Saying a thing once: claimed in the store, looked up in Slack where a send's fate is unknown, then recorded."""

from collections.abc import Callable

from bot.errors import Shown
from bot.model import Place
from bot.ports import Inquiries, Later, Said, Voice

BUSY_S = 1.0
"""How soon to come again where another process is just saying it."""


class Busy(Later):
    """Somebody else is just saying it; they finish it, or their job comes again."""

    def __init__(self) -> None:
        super().__init__(BUSY_S, "busy")


TECHNICIANS = Place("")
"""Their channel, as `Voice.find` takes it."""


def once(
    inquiries: Inquiries,
    voice: Voice,
    inquiry: str,
    place: Place,
    mark: str,
    say: Callable[[], Said | None],
    *,
    wait_s: float = 0.0,
) -> Said | None:
    """What `say()` said under this mark, however often and wherever this runs; None where it says nothing.

    A claim that is found without a record is of somebody who died or lost the connection while sending: then the
    thread is searched before it is said again. Raises Busy where another process is at it for longer than `wait_s`,
    Later, Doubtful, Shown and StoreUnavailable; after Later and Shown the claim is given back, after Doubtful it stays.
    """
    if (known := inquiries.heard(inquiry, mark)) is not None:
        return known
    with inquiries.hold(f"say:{inquiry}:{mark}", wait_s) as alone:
        if not alone:
            raise Busy
        return once_alone(inquiries, voice, inquiry, place, mark, say)


def once_alone(
    inquiries: Inquiries, voice: Voice, inquiry: str, place: Place, mark: str, say: Callable[[], Said | None]
) -> Said | None:
    """`once`, where nobody else can be at it: under a lease of the inquiry that all who say this mark hold."""
    claim = inquiries.saying(inquiry, mark)
    if isinstance(claim, Said):
        return claim
    said = None if claim else voice.find(place, inquiry, mark)
    if said is None:
        said = _say(inquiries, inquiry, mark, say)
    if said is not None:
        inquiries.said(inquiry, mark, said)
    return said


def _say(inquiries: Inquiries, id: str, mark: str, say: Callable[[], Said | None]) -> Said | None:
    try:
        said = say()
    except (Later, Shown):
        inquiries.unsaid(id, mark)
        raise
    if said is None:
        inquiries.unsaid(id, mark)
    return said
