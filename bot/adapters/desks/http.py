"""Requests to a desk's interface: bounded in time and size, no redirects, every ending one of four."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase

from bot.adapters.desks.fates import of_failure, of_status
from bot.ports import Doubtful, Later

CONNECT_S = 5.0
READ_S = 20.0
"""Seconds of silence; the Standard Webhooks specification recommends 15 to 30."""
WHOLE_S = 60.0
LARGEST = 2 * 1024 * 1024
"""Octets of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its status, and its JSON, or None where it has none."""

    status: int
    json: Any


class Nobody(AuthBase):
    """No credentials; without it requests would look for some in ~/.netrc."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


class Http:
    """A desk's interface over HTTP. A session for each piece of work: requests' sessions aren't for threads."""

    def __init__(
        self, desk: str, url: str, auth: AuthBase, *, ca: str = "", connect_s: float = CONNECT_S, read_s: float = READ_S
    ) -> None:
        """`desk` is its name for people; `ca` a file of certificates to trust in place of the system's."""
        self.desk = desk
        self.url = url.rstrip("/")
        self._auth = auth
        self._verify: bool | str = ca or True
        self._wait = (connect_s, read_s)

    @contextmanager
    def session(self) -> Iterator["Line"]:
        """Requests that belong together."""
        with requests.Session() as session:
            session.auth = self._auth
            session.headers.update({"User-Agent": "checkmail", "Accept": "application/json"})
            yield Line(self.desk, self.url, session, self._verify, self._wait)


@dataclass(frozen=True, slots=True)
class Line:
    """An open session."""

    desk: str
    url: str
    session: requests.Session
    verify: bool | str
    wait: tuple[float, float]

    def get(self, path: str, **params: str) -> Answer:
        """Raises Later, Shown."""
        return self._ask("GET", path, creates=False, params=params)

    def post(self, path: str, content: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Raises Later, Doubtful, Shown."""
        sent = {**(headers or {}), "Content-Type": content_type}
        return self._ask("POST", path, creates=True, data=content, headers=sent)

    def upload(self, path: str, content: bytes, content_type: str, **params: str) -> Answer:
        """Of something that is nothing before it is referred to, so that it may be sent twice. Raises Later, Shown."""
        sent = {"Content-Type": content_type}
        return self._ask("POST", path, creates=False, params=params, data=content, headers=sent)

    def put(self, path: str, content: bytes) -> Answer:
        """Raises Later, Doubtful, Shown."""
        return self._ask("PUT", path, creates=True, data=content, headers={"Content-Type": "application/json"})

    def _ask(self, method: str, path: str, *, creates: bool, **rest: Any) -> Answer:
        try:
            with self.session.request(
                method,
                self.url + path,
                allow_redirects=False,
                stream=True,
                timeout=self.wait,
                # Given here: the environment's bundle would win over the session's.
                verify=self.verify,
                **rest,
            ) as answer:
                body = _read(answer)
        except requests.RequestException as error:
            raise of_failure(self.desk, error, creates=creates) from error
        if not 200 <= answer.status_code < 300:
            raise of_status(self.desk, answer.status_code, answer.headers, creates=creates, word=_word(_json(body)))
        return Answer(answer.status_code, _json(body))

    def strange(self, creates: bool) -> Later | Doubtful:
        """What is raised where a good answer doesn't hold what it should."""
        why = f"{self.desk}: an answer of another shape"
        return Doubtful(why) if creates else Later(WHOLE_S, why)


def _read(answer: requests.Response) -> bytes:
    """The body, cut at its limit; raises requests.ReadTimeout where it trickles."""
    until = time.monotonic() + WHOLE_S
    body = bytearray()
    for piece in answer.iter_content(65_536):
        body += piece
        if len(body) > LARGEST:
            break
        if time.monotonic() > until:
            raise requests.ReadTimeout("the answer trickles")
    return bytes(body)


def _word(told: Any) -> str:
    """The word of an error in JSON, if it is one: anything else may quote what we sent."""
    said = told.get("error") if isinstance(told, dict) else None
    return said if isinstance(said, str) and re.fullmatch(r"\w{1,60}", said, re.ASCII) else ""


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # not JSON, not text, or nested without end
        return None
