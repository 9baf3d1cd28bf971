"""Whether Slack still takes our tokens, and what to do where it doesn't."""

import threading

import structlog
from slack_sdk import WebClient

from bot.errors import Shown
from handlers.calls import REFUSED, REVOKED, code_of
from handlers.desk import Link

log = structlog.get_logger()
USELESS = REVOKED | {"not_allowed_token_type", "missing_scope", "no_permission", "forbidden_team"}
"""What Slack says of a token that waiting doesn't mend."""
_LOOK_S = 60.0


class TokenWatch:
    """A part (`bot.running`): asks Slack once a minute whether the bot's token still works, and tells `link`."""

    name = "token"

    def __init__(self, client: WebClient, link: Link, every_s: float = _LOOK_S) -> None:
        self._client, self._link, self._every_s = client, link, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="token-watch", daemon=True)

    def start(self) -> None:
        """Asks a first time. Raises Shown where Slack refuses the token; not where it can't be reached."""
        code = self._ask()
        if code in USELESS:
            raise refusal("SLACK_BOT_TOKEN", code)
        self._thread.start()

    def drain(self, _seconds: float) -> None:
        self._stop.set()

    def close(self) -> None:
        self._stop.set()

    def fault(self) -> str:
        return ""

    def ready(self) -> str:
        """A probe: "" while the token works, as far as is known."""
        return f"Slack says {self._link.trouble}" if self._link.trouble else ""

    def _watch(self) -> None:
        while not self._stop.wait(self._every_s):
            self._ask()

    def _ask(self) -> str:
        try:
            self._client.auth_test()
        except REFUSED as refused:
            code = code_of(refused)
            if code in REVOKED:
                self._link.lost(code)
                log.error("the bot's token doesn't work any more", code=code)
            else:
                log.warning("Slack can't be asked", code=code)
            return code
        if self._link.trouble:
            log.info("the bot's token works again")
        self._link.restored()
        return ""


def refusal(variable: str, code: str) -> Shown:
    """What to do where Slack doesn't take a token."""
    hints = {
        "missing_scope": "Reinstall the app with the scopes of handlers/manifest.json; the app-level token needs "
        "connections:write.",
        "not_allowed_token_type": "The bot's token begins with xoxb-, the app-level token with xapp-.",
    }
    hint = hints.get(code, "Copy it anew from api.slack.com/apps, your app; was the app removed or reinstalled?")
    return Shown("slack-refused", f"{variable}: Slack doesn't take it ({code}).", hint)
