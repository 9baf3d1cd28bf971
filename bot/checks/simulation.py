"""Our own phishing simulation, told from an attack that copied its headers."""

from bot.handbook.lists import Lists, Vendor
from bot.hosts import is_relay
from bot.model import Header, Judged, Message


def ours(message: Message, judged: Judged, lists: Lists, relays: tuple[str, ...] = ()) -> str:
    """The vendor of our own simulation, "" where it is none.

    A vendor's header and its network must both fit: the sending server lies in a network of the vendor's, has a
    name of the vendor's as the receiver looked it up, or is one of `relays` (OUR_RELAYS). Without a server nothing
    is ours: headers are copied easily.
    """
    for vendor in lists.simulations:
        if _has_header(message.headers, vendor) and _from_its_network(judged, vendor, relays):
            return vendor.name
    return ""


def _has_header(headers: tuple[Header, ...], vendor: Vendor) -> bool:
    for wanted in vendor.headers:
        name, _, value = (part.strip().lower() for part in wanted.partition(":"))
        if any(header.name.lower() == name and value in header.value.lower() for header in headers):
            return True
    return False


def _from_its_network(judged: Judged, vendor: Vendor, relays: tuple[str, ...]) -> bool:
    hop = judged.hop
    if hop is None or not hop.ip:
        return False
    looked_up = hop.host if hop.host and hop.host != "unknown" else ""
    # Never the HELO, which anybody may choose: an unknown name stands for it, so that it can't fit.
    return is_relay(looked_up or "unknown.invalid", "", hop.ip, (*vendor.networks, *vendor.hosts, *relays))
