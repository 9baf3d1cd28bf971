"""Whose MAIL FROM, and at which client, SPF is checked for (RFC 7208, 2.4)."""

from dataclasses import dataclass

from bot.checks.spf import WHAT
from bot.errors import NotChecked
from bot.model import IpKind, Judged, Message, Method, Passage, Server

_INNER = frozenset({IpKind.PRIVATE, IpKind.SHARED, IpKind.LOOPBACK, IpKind.LINK_LOCAL, IpKind.NONE})

_KEEPS_RETURN_PATH = frozenset({Passage.DIRECT, Passage.OUR_RELAY, Passage.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the client said at the hop that is judged; `mail_from` is "" for the null reverse-path."""

    ip: str
    mail_from: str
    helo: str


def envelope(message: Message, judged: Judged, server: Server | None) -> Envelope:
    """Raises NotChecked where the client's address or the return path of that hop isn't known."""
    hop = judged.hop
    if hop is None or server is None or judged.passage is Passage.INTERNAL:
        raise NotChecked(WHAT, judged.why or "no line of the receiver tells the sending server")
    if server.network.kind in _INNER:
        raise NotChecked(WHAT, f"the sending server's address is {server.network.kind.value}")
    return Envelope(hop.ip, _mail_from(message, judged), hop.helo or hop.host)


def _mail_from(message: Message, judged: Judged) -> str:
    if judged.hop is not None and judged.hop.envelope_from:
        return judged.hop.envelope_from
    if message.return_path is not None and judged.passage in _KEEPS_RETURN_PATH:
        return message.return_path
    stamp = next((each for each in judged.stamps if each.method is Method.SPF and each.domain), None)
    if stamp is None:
        raise NotChecked(WHAT, "the return path isn't known")
    # A domain alone stands for an address whose local part we don't know, not for postmaster.
    return stamp.identity if "@" in stamp.identity.strip("@") else f"unknown@{stamp.domain}"
