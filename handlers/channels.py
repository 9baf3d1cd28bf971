"""The help desk's channels: given by the owner as ids or names, told from a message by its channel's id."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import structlog
from slack_sdk import WebClient

from handlers.calls import REFUSED, code_of, quick
from handlers.reading import Json, string

log = structlog.get_logger()

_MOST_PAGES = 50
_OTHERS_S = 600.0
"""How long a channel of another name stays known as that."""
_AGAIN_S = 60.0
"""How soon names are looked up again when a message comes from a channel that isn't known."""


class SlackChannels:
    """`channel in channels`. Names are looked up among the channels that the bot is in, and kept. Safe in threads."""

    def __init__(
        self, client: WebClient, wanted: Sequence[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        words = [word.strip().lstrip("#") for word in wanted]
        self._ids = frozenset(word for word in words if is_channel_id(word))
        self._names = frozenset(word.lower() for word in words if word and not is_channel_id(word))
        self._client = quick(client)
        self._clock = clock
        self._lock = threading.Lock()
        self._others: frozenset[str] = frozenset()
        """Channels that we are in and that aren't the help desk's."""
        self._looked_at: float | None = None

    def __contains__(self, channel: object) -> bool:
        """Raises what the look-up raises, if names were never looked up: the message must come again then."""
        if channel in self._ids:
            return True
        if not self._names or self._is_other(channel) or not isinstance(channel, str):
            return False
        with self._lock:
            if channel not in self._ids and not self._is_other(channel) and self._is_due():
                self._look_up()
        return channel in self._ids

    def missing(self) -> tuple[str, ...]:
        """The names that no channel has in which the bot is; for the owner. Raises what the look-up raises."""
        with self._lock:
            return self._look_up()

    def _is_other(self, channel: object) -> bool:
        """Known not to be the help desk's; channels are renamed, so not for ever."""
        fresh = self._looked_at is not None and self._clock() - self._looked_at <= _OTHERS_S
        return fresh and channel in self._others

    def _is_due(self) -> bool:
        return self._looked_at is None or self._clock() - self._looked_at > _AGAIN_S

    def _look_up(self) -> tuple[str, ...]:
        try:
            found = {string(each.get("id")): string(each.get("name")).lower() for each in channels_of(self._client)}
        except REFUSED as refused:
            log.warning("channels not looked up", code=code_of(refused))
            if self._looked_at is None:
                raise
            return ()
        self._looked_at = self._clock()
        self._ids |= {id for id, name in found.items() if name in self._names}
        self._others = frozenset(found) - self._ids
        return tuple(sorted(self._names - set(found.values())))


def channels_of(client: WebClient) -> Iterator[Json]:
    """The channels, public and private, that the bot is in. Raises what the call raises."""
    cursor = ""
    for _ in range(_MOST_PAGES):
        page = client.users_conversations(
            types="public_channel,private_channel", exclude_archived=True, limit=200, cursor=cursor
        )
        channels = page.get("channels")
        yield from (each for each in channels or () if isinstance(each, dict))
        after = page.get("response_metadata")
        cursor = string(after.get("next_cursor")) if isinstance(after, dict) else ""
        if not cursor:
            return


def is_channel_id(word: str) -> bool:
    """Whether it is an id, such as C0123ABCD, and no name: names have no capitals."""
    return len(word) > 5 and word[0] in "CGD" and word.isalnum() and word.isupper()
