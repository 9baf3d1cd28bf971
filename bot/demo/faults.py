"""Faults on command: what the next calls of a method and the next deliveries suffer."""

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum


class Harm(StrEnum):
    STATUS = "status"
    """Answered with an HTTP status, such as 503, without effect."""
    ERROR = "error"
    """Answered with an error of Slack's, without effect."""
    RATE = "rate"
    """429 with Retry-After."""
    CUT_BEFORE = "cut-before"
    """The connection breaks before anything took place."""
    CUT_AFTER = "cut-after"
    """It took place, and then the connection breaks: the caller can't know."""
    SLOW = "slow"
    """It takes place at once; the answer comes late."""


@dataclass(frozen=True, slots=True)
class Fault:
    harm: Harm
    status: int = 503
    error: str = "internal_error"
    seconds: float = 1.0


class Faults:
    def __init__(self) -> None:
        self._calls: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._copies: deque[int] = deque()
        self.hold = 0
        """So many events are held back and then delivered in the opposite order."""
        self.deaf = 0
        """So many acknowledgements of the app are lost on their way."""

    def plan(self, method: str, fault: Fault, times: int) -> None:
        """`method` may be "*": every method."""
        self._calls[method].extend([fault] * times)

    def for_call(self, method: str) -> Fault | None:
        if not self._calls:
            return None
        for name in (method, "*"):
            if self._calls.get(name):
                return self._calls[name].popleft()
        return None

    def duplicate(self, copies: int, times: int) -> None:
        self._copies.extend([copies] * times)

    def copies(self) -> int:
        """How often the next event goes out."""
        return self._copies.popleft() if self._copies else 1

    def loses_ack(self) -> bool:
        if self.deaf < 1:
            return False
        self.deaf -= 1
        return True

    def clear(self) -> None:
        self._calls.clear()
        self._copies.clear()
        self.hold = self.deaf = 0
