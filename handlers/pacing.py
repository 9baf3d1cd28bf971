"""How often Slack lets us speak: one message a second to a channel, with short bursts; niceties by the minute.

Each process counts for itself; where several speak to one channel, Slack's 429 tells the rest.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_CHANNELS = 10_000
"""Channels that are remembered; one that is forgotten has been quiet for long."""


@dataclass
class Pace:
    """A bucket of tokens for each channel. Safe in threads.

    Who has to wait gets a moment of their own, so that however many wait, each comes again once.
    """

    per_second: float = 1.0
    burst: int = 3
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _moments: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)
    """When who waits may speak, by channel and what they wait to say."""
    _quiet: OrderedDict[str, float] = field(default_factory=OrderedDict)
    """Until when Slack asked for quiet."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, channel: str, what: str = "") -> float:
        """0.0 where it may be spoken now, and then that is counted; else the seconds until it may. With `what` is
        to be said, that moment is kept for it.
        """
        with self._lock:
            now = self.clock()
            kept = self._moments.pop((channel, what), None)
            if kept is not None and kept >= self._quiet.get(channel, kept):
                if kept <= now + 1e-6:
                    return 0.0
                self._moments[channel, what] = kept
                return kept - now
            tokens, since = self._buckets.pop(channel, (float(self.burst), now))
            tokens = min(float(self.burst), tokens + (now - since) * self.per_second)
            # A hair less than one: after the seconds that were asked for, rounding mustn't ask for more.
            free = tokens >= 1.0 - 1e-6
            self._buckets[channel] = (tokens - 1.0 if free or what else tokens, now)
            wait = 0.0 if free else (1.0 - tokens) / self.per_second
            if what and not free:
                self._moments[channel, what] = now + wait
            for some in (self._buckets, self._moments, self._quiet):
                if len(some) > MOST_CHANNELS:
                    some.popitem(last=False)
            return wait

    def hold(self, channel: str, seconds: float) -> None:
        """Slack asked for quiet: nothing for so long."""
        with self._lock:
            self._buckets.pop(channel, None)
            self._buckets[channel] = (1.0 - seconds * self.per_second, self.clock())
            self._quiet[channel] = self.clock() + seconds


@dataclass
class Budget:
    """So many a minute, and no more. Safe in threads."""

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self._pace = Pace(self.per_minute / 60.0, self.per_minute, self.clock)

    def take(self) -> bool:
        return self._pace.take("") == 0.0
