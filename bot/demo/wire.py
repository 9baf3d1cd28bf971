"""What everything here is made of: JSON objects, Slack's errors, ids and timestamps of Slack's shape."""

import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Refused(Exception):
    """A call that Slack would answer with `{"ok": false, "error": ...}`; `more` joins the answer."""

    def __init__(self, error: str, *, status: int = 200, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.more = more

    def answer(self) -> Json:
        return {"ok": False, "error": self.error, **self.more}


class Numbers:
    """Gives out ids and timestamps, none twice, also not after a restart of the workspace."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._next = int(clock() * 1000)
        self._micros = 0

    def id(self, prefix: str) -> str:
        """Such as "F" and ten letters and digits."""
        self._next += 1
        return prefix + _base36(self._next).rjust(10, "0")

    def secret(self, prefix: str) -> str:
        self._next += 1
        return f"{prefix}{_base36(self._next * 7_919).lower()}"

    def ts(self) -> str:
        """A message's timestamp: it grows strictly, so that it is the message's id in its channel."""
        self._micros = max(self._micros + 1, int(self.clock() * 1_000_000))
        seconds, micros = divmod(self._micros, 1_000_000)
        return f"{seconds}.{micros:06d}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
