"""Leases: claims on names over all processes, renewed while they are held, gone soon after their process died."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.exceptions import RedisError

LASTS_S = 12.0
"""How long a claim outlives its process, or a store that can't be reached."""
_POLL_S = 0.03
_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Leases:
    """The leases of one process. One daemon thread renews whatever is held; it starts with the first."""

    def __init__(self, client: redis.Redis, *, lasts_s: float = LASTS_S) -> None:
        self._client, self._lasts_ms = client, int(lasts_s * 1000)
        self._renew, self._release = client.register_script(_RENEW), client.register_script(_RELEASE)
        self._held: dict[str, str] = {}
        self._lock, self._keeper = threading.Lock(), threading.Event()

    @contextmanager
    def hold(self, name: str, wait_s: float = 0.0) -> Iterator[bool]:
        """Whether this block has the name for itself; waits for it at most `wait_s`. Raises RedisError."""
        key, token = f"checkmail:lease:{name}", secrets.token_hex(8)
        if not self._take(key, token, wait_s):
            yield False
            return
        with self._lock:
            self._held[key] = token
        self._start()
        try:
            yield True
        finally:
            with self._lock:
                self._held.pop(key, None)
            self._give_back(key, token)

    def _take(self, key: str, token: str, wait_s: float) -> bool:
        until = time.monotonic() + wait_s
        while not self._client.set(key, token, nx=True, px=self._lasts_ms):
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL_S)
        return True

    def _give_back(self, key: str, token: str) -> None:
        try:
            self._release(keys=[key], args=[token])
        except RedisError:  # it ends by itself; the block's own outcome counts
            return

    def _start(self) -> None:
        with self._lock:
            if self._keeper.is_set():
                return
            self._keeper.set()
        threading.Thread(target=self._keep, name="leases", daemon=True).start()

    def _keep(self) -> None:
        while True:
            time.sleep(self._lasts_ms / 4000)
            with self._lock:
                held = tuple(self._held.items())
            for key, token in held:
                try:
                    self._renew(keys=[key], args=[token, self._lasts_ms])
                except RedisError:  # tried again in a quarter of its time
                    break
