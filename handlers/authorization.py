"""Which token a request is worked on with: the one installation's, asked of Slack once and then remembered."""

import threading

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk import WebClient

from handlers.calls import REFUSED, REVOKED, code_of
from handlers.desk import Link

log = structlog.get_logger()


class NotAuthorized(Exception):
    """Slack didn't say who we are: the request mustn't be acknowledged, so that it comes again."""


class SingleInstallation(Authorize):
    """One workspace, one token. `auth.test` is asked at the first request and kept until the token is revoked.

    Bolt's own acknowledges a request when `auth.test` fails, which would lose it.
    """

    def __init__(self, client: WebClient, link: Link) -> None:
        self._client = client
        self._link = link
        self._lock = threading.Lock()
        self._known: AuthorizeResult | None = None

    def __call__(self, *, user_id: str | None = None, **_: object) -> AuthorizeResult:
        """Raises NotAuthorized."""
        with self._lock:
            if self._known is None:
                self._known = self._ask()
        return AuthorizeResult(
            enterprise_id=self._known.enterprise_id,
            team_id=self._known.team_id,
            bot_id=self._known.bot_id,
            bot_user_id=self._known.bot_user_id,
            bot_token=self._client.token,
            user_id=user_id,
        )

    def forget(self) -> None:
        """The token was revoked: the next request asks again."""
        with self._lock:
            self._known = None

    def _ask(self) -> AuthorizeResult:
        try:
            answer = self._client.auth_test()
        except REFUSED as refused:
            code = code_of(refused)
            if code in REVOKED:
                self._link.lost(code)
            log.error("not authorized", code=code)
            raise NotAuthorized(code) from refused
        self._link.restored()
        return AuthorizeResult(
            enterprise_id=answer.get("enterprise_id"),
            team_id=answer.get("team_id"),
            bot_id=answer.get("bot_id"),
            bot_user_id=answer.get("user_id"),
            bot_token=self._client.token,
        )
