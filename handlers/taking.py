"""What all ways in have in common: who asks, whether they may, small talk or material, and off to the reception."""

from dataclasses import replace

import structlog
from slack_bolt import BoltContext

from bot.errors import TooLarge
from bot.intake.pasted import is_headers
from bot.model import Asker, Belonging, Piece, Place, Submission, Surface
from handlers import reading
from handlers.actions import Harm
from handlers.clicks import told_of_harm
from handlers.desk import Desk
from handlers.reading import Json, string
from handlers.tickets.reporter import PASSED_ON, to_ticket

log = structlog.get_logger()

NOTHING = "empty"
"""The talk's code for a message that holds nothing."""
NOT_ADMITTED = "not-admitted"
"""The talk's code for somebody whom the owner doesn't let ask."""


def team_of(context: BoltContext) -> str:
    """The workspace (or organisation) that the app is installed in; not that of a guest from elsewhere."""
    result = context.authorize_result
    installed = (result.team_id or result.enterprise_id) if result else None
    return installed or context.team_id or context.enterprise_id or ""


def bot_of(context: BoltContext) -> str:
    """The user id of the bot itself."""
    return (context.authorize_result.bot_user_id if context.authorize_result else None) or ""


def by(context: BoltContext, user: str) -> Asker:
    """Somebody who clicks or submits, as far as who they are matters: nothing is looked up, since a modal opens only
    within three seconds of the click.
    """
    return Asker(team_of(context), user)


def asker_of_event(desk: Desk, event: Json, body: Json, team: str) -> Asker:
    """Who wrote a message: a member, a guest, or in a shared channel somebody of another organisation.

    The poster of a forwarded mail is Slack itself; who forwarded it is found by the address that it came from.
    """
    if event.get("user") in (None, "USLACKBOT"):
        return _forwarder(desk, event, team)
    asker = desk.people.whois(string(event.get("user")), team)
    theirs = string(event.get("user_team")) or string(event.get("team"))
    if body.get("is_ext_shared_channel") is True and theirs not in ("", team, string(body.get("enterprise_id"))):
        return replace(asker, belonging=Belonging.STRANGER)
    return asker


def _forwarder(desk: Desk, event: Json, team: str) -> Asker:
    """A forwarded mail's From proves nothing: it names whom to answer to, who is unverified until they say so. In a
    direct message that is whose it is.
    """
    addresses, channel = reading.forwarders(event), string(event.get("channel"))
    known = desk.people.in_direct(channel, team) if channel.startswith("D") else None
    known = known or next(filter(None, (desk.people.found_by(address, team) for address in addresses[:3])), None)
    unknown = Asker(team, "", address=next(iter(addresses), ""), belonging=Belonging.GUEST)
    return replace(known or unknown, verified=False)


def key_of(team: str, channel: str, ts: str) -> str:
    """A message's key: the same for `message`, `app_mention` and every repetition of either."""
    return f"{team}:{channel}:{ts}"


def take(
    desk: Desk,
    message: Json,
    *,
    surface: Surface,
    asker: Asker,
    place: Place,
    key: str,
    bot: str = "",
    aside: Place,
    edited: bool = False,
) -> bool:
    """Hands a message to the reception: as material, whose answer goes to `place`, or as small talk, which is
    answered shortly where it was said, `aside`. Whether material was taken. Raises StoreUnavailable.

    One that was `edited` is decided again with what stands there now; to small talk that was, nothing is said again.
    """
    if edited:
        return _take_edited(desk, message, Submission(key, surface, asker, place), bot)
    if asker.belonging not in desk.admitted:
        desk.reception.remark(aside, NOT_ADMITTED, key)
        return False
    try:
        found = _without_bot(reading.pieces(message), bot)
    except TooLarge as cannot:
        log.info("message over a limit", code=cannot.code, surface=surface.value)
        desk.reception.remark(aside, cannot.code, key)
        return False
    harm = harm_in(desk, found)
    code = None if harm else _small(desk, found)
    if to_ticket(desk, asker, place, found, code, key):
        desk.reception.remark(aside, PASSED_ON, key)
        return True
    if code is not None:
        desk.reception.remark(aside, code, key)
        return False
    return desk.reception.receive(Submission(key, surface, asker, place, found, told_of_harm(harm))) is not None


def harm_in(desk: Desk, found: tuple[Piece, ...]) -> frozenset[Harm]:
    """What the person says in their own words that they did already; pasted headers are nobody's words."""
    texts = [piece.text for piece in found if not piece.file and not is_headers(piece.text)]
    return frozenset(Harm(kind) for text in texts for kind in desk.talk.harm(text))


def _take_edited(desk: Desk, message: Json, empty: Submission, bot: str) -> bool:
    if empty.asker.belonging not in desk.admitted:
        return False
    try:
        found = _without_bot(reading.pieces(message), bot)
    except TooLarge as cannot:
        desk.reception.remark(empty.place, cannot.code, empty.key)
        return False
    if _small(desk, found) is not None:
        return False
    return desk.reception.edit(replace(empty, pieces=found)) is not None


def _without_bot(found: tuple[Piece, ...], bot: str) -> tuple[Piece, ...]:
    if not bot:
        return found
    named = (replace(piece, text=reading.without_mention(piece.text, bot)) for piece in found)
    return tuple(piece for piece in named if piece.text or piece.file)


def _small(desk: Desk, found: tuple[Piece, ...]) -> str | None:
    """The code of a short reply where a message is no material; a file always is."""
    if any(piece.file for piece in found):
        return None
    text = "\n".join(piece.text for piece in found)
    return desk.talk.small(text) if text.strip() else NOTHING
