"""A signed outgoing webhook: the Standard Webhooks specification 1.0.0, symmetric signatures (`v1`).

One event, `ticket.opened`, with the whole case file. The `webhook-id` is the same however often a case is sent, so
that the receiver takes it once ("Webhook metadata"); the timestamp is that of the attempt. Of signing, the
specification is ten lines; its reference library verifies them in the tests.
"""

import base64
import binascii
import hashlib
import hmac
import json

from bot.adapters.desks.http import READ_S, Http, Nobody
from bot.adapters.desks.lines import line
from bot.errors import BadSetting
from bot.model import CaseFile, DeskStatus, Filed
from bot.ports import Clock, Desk

PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Octets of a secret ("Signature scheme": 192 to 512 bits)."""


class Webhook(Desk):
    """Posts each case to one address. The receiver's side is open, so it can't be asked for a status."""

    def __init__(self, url: str, secrets: str, clock: Clock, *, ca: str = "", read_s: float = READ_S) -> None:
        """`secrets`: whsec_… as the receiver has it; more than one, divided by spaces, while one replaces another.

        Raises BadSetting.
        """
        self._http = Http("The webhook", url, Nobody(), ca=ca, read_s=read_s)
        self._keys = tuple(key(secret) for secret in secrets.split())
        if not self._keys:
            raise _bad_secret()
        self._clock = clock

    def file(self, case: CaseFile) -> Filed:
        """Sends it, again if need be. Raises Later, Doubtful, Shown."""
        body = payload(case)
        stamp = int(self._clock.now().timestamp())
        headers = {
            "webhook-id": case.key,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signatures(self._keys, case.key, stamp, body),
        }
        with self._http.session() as line_:
            line_.post("", body, "application/json", headers)
        return Filed("webhook", case.key, case.number)

    def status(self, filed: Filed) -> DeskStatus | None:  # noqa: ARG002 (the port's)
        return None

    def check(self) -> str:
        """The address and how many secrets; a webhook can't be tried without sending something."""
        return f"a webhook, signed with {len(self._keys)} secret{'s' if len(self._keys) > 1 else ''}"


def payload(case: CaseFile) -> bytes:
    """The event in as few octets as JSON allows ("Payload structure")."""
    event = {
        "type": "ticket.opened",
        "timestamp": case.opened_at.isoformat(),
        "data": {
            "number": case.number,
            "reference": case.key,
            "summary": line(case.summary),
            "priority": case.priority,
            "affected": line(case.affected),
            "reporter": line(case.reporter),
            "verdict": case.verdict,
            "confidence": round(case.confidence, 4),
            "report_markdown": case.report,
            "diagnosis": json.loads(case.diagnosis or "null"),
            "headers": case.headers,
            "abuse_report": case.abuse.decode("ascii", "replace"),
        },
    }
    return json.dumps(event, separators=(",", ":")).encode("ascii")


def signatures(keys: tuple[bytes, ...], id: str, stamp: int, body: bytes) -> str:
    """One for each key, divided by spaces, so that a secret can be replaced without a gap ("Webhook headers")."""
    signed = b".".join((id.encode("ascii"), str(stamp).encode("ascii"), body))
    return " ".join(
        "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii") for key in keys
    )


def key(secret: str) -> bytes:
    """The octets of a `whsec_…` secret. Raises BadSetting, which doesn't quote it."""
    if not secret.startswith(PREFIX):
        raise _bad_secret()
    text = secret.removeprefix(PREFIX)
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):  # not base64; not ASCII
        raise _bad_secret() from None
    if not LEAST <= len(octets) <= MOST:
        raise _bad_secret()
    return octets


def _bad_secret() -> BadSetting:
    return BadSetting(
        "bad-setting",
        f"CHECKMAIL_DESK_TOKEN: not a webhook's secret: {PREFIX} and {LEAST} to {MOST} octets in base64.",
        f"Make one with: echo {PREFIX}$(openssl rand -base64 32)",
    )
