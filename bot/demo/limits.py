"""Slack's rate limits: so many calls a minute of each method, one post a second in each channel, with short bursts.

Source: docs.slack.dev/apis/web-api/rate-limits and each method's page.
"""

import math
from collections.abc import Callable

from bot.demo.config import Limits
from bot.demo.wire import Refused

TIERS = {
    "apps.connections.open": 1,
    "assistant.threads.setStatus": 4,
    "assistant.threads.setSuggestedPrompts": 3,
    "bots.info": 3,
    "chat.delete": 3,
    "chat.postEphemeral": 4,
    "chat.update": 3,
    "conversations.history": 3,
    "conversations.info": 3,
    "conversations.list": 2,
    "conversations.members": 4,
    "conversations.open": 3,
    "conversations.replies": 3,
    "files.completeUploadExternal": 4,
    "files.getUploadURLExternal": 4,
    "files.info": 4,
    "functions.completeError": 3,
    "functions.completeSuccess": 3,
    "reactions.add": 3,
    "reactions.remove": 2,
    "team.info": 3,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "users.conversations": 3,
    "users.info": 4,
    "users.list": 2,
    "users.lookupByEmail": 3,
    "views.open": 4,
    "views.publish": 4,
    "views.push": 4,
    "views.update": 4,
}


class Gate:
    """Lets calls through as long as their bucket has something left; buckets fill up by and by."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def pass_call(self, method: str, token: str, channel: str) -> None:
        """Raises Refused with 429 and Retry-After's seconds."""
        if not self.limits.on:
            return
        if method == "chat.postMessage":
            self._take(f"post {channel}", self.limits.posts_a_second, self.limits.posts_at_once)
            if self.limits.posts_a_minute:
                self._take(f"posts {token}", self.limits.posts_a_minute / 60, self.limits.posts_a_minute)
        elif method in TIERS:
            minute = self.limits.tiers[TIERS[method] - 1]
            self._take(f"{method} {token}", minute / 60, max(1.0, minute * self.limits.burst))

    def _take(self, key: str, rate: float, room: float) -> None:
        now = self._clock()
        left, since = self._buckets.get(key, (room, now))
        left = min(room, left + (now - since) * rate)
        if left < 1:
            self._buckets[key] = (left, now)
            raise Refused("ratelimited", status=429, retry_after=max(1, math.ceil((1 - left) / rate)))
        self._buckets[key] = (left - 1, now)
