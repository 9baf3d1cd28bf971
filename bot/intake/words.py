"""A description in words: the text itself, with the name and address of a sender if it tells them."""

import re

from bot.errors import Unreadable
from bot.intake.addresses import read_mailboxes
from bot.model import Defect, Grade, Kind, Limits, Mailbox, Message

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_NAMED = re.compile(r"(?:\"([^\"\n]{1,80})\"|((?:[A-Z][\w'’.-]{0,30}\s){1,4}))\s{0,2}[<(\[]?(?:mailto:)?$")
_MOST = 60_000
_MAIL = r"(?:e-?mails?|mails?|messages?|nachricht(?:en)?|courriels?|correos?|messaggi[oi]?|berichte?n?)"
OWN = re.compile(
    rf"\b(?:{_MAIL} (?:supposedly |apparently )?from (?:me|myself)|(?:from|in) my (?:own )?(?:name|{_MAIL}|account|"
    rf"address|mailbox|{_MAIL} (?:account|address))|i (?:didn['’]?t|did not|never|haven['’]?t|have not) "
    r"(?:sen[dt]|wr[io]te|written)|my (?:e-?mail |mail )?account (?:was|has been|is|got) hacked|"
    rf"{_MAIL} von mir|(?:von|über) (?:meiner|meinem|mein) (?:adresse|konto|account|postfach|e-?mail-?adresse|"
    r"mail-?adresse)|in meinem namen|(?:habe|hab) ich (?:gar )?(?:nicht|nie) (?:geschrieben|geschickt|gesendet|"
    r"verschickt)|ich (?:habe|hab) .{0,40}(?:nicht|nie) (?:geschrieben|geschickt|gesendet|verschickt)|"
    r"de ma part|de mon (?:adresse|compte)|en mon nom|je n['’]ai (?:pas|jamais) (?:envoyé|écrit)|"
    r"(?:de|desde) mi (?:cuenta|dirección|correo)|en mi nombre|yo no (?:envié|escribí|mandé)|"
    r"dal mio (?:account|indirizzo)|a mio nome|non l['’]ho (?:inviat|scritt|mandat)[oa]|"
    rf"{_MAIL} van mij|uit mijn naam|van mijn (?:adres|account))\b",
    re.IGNORECASE,
)
"""Somebody tells of mail in their own name, in the languages that help desks hear most."""
_SLACK = re.compile(r"<(?:mailto:|https?://)[^<>|\n]{1,3000}\|([^<>\n]{0,3000})>")


def read_words(text: str, *, limits: Limits, defects: tuple[Defect, ...] = ()) -> Message:
    """A Message of kind WORDS, grade F. Raises Unreadable where there is no word in it."""
    plain = _SLACK.sub(r"\1", text.replace("\0", ""))
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
    if not any(letter.isalnum() for letter in plain[:_MOST]):
        raise Unreadable("empty", "There are no words in it.", "Say what the mail says and who it seems to be from.")
    cut = (
        () if len(plain) <= limits.text else (Defect("text-cut", f"only the first {limits.text} characters were read"),)
    )
    senders = _senders(plain[:_MOST])
    own = (Defect("own-account", "the description tells of the reporter's own account"),) if OWN.search(plain) else ()
    note = Defect("words-only", "there is only a description; hand in the mail or its headers for a surer answer")
    return Message(
        kind=Kind.WORDS,
        grade=Grade.WORDS,
        senders=senders,
        from_fields=(),
        text=plain[: limits.text],
        defects=(*defects, note, *own, *cut),
    )


def _senders(text: str) -> tuple[Mailbox, ...]:
    """The one address that the text names, with the name before it; none where it names several."""
    addresses = {found[0].rstrip(".").lower(): found for found in _ADDRESS.finditer(text)}
    if len(addresses) != 1:
        return ()
    found = next(iter(addresses.values()))
    address = found[0].rstrip(".")
    named = _NAMED.search(text[max(0, found.start() - 140) : found.start()])
    words = (named[1] or named[2] or "").strip() if named else ""
    shown = read_mailboxes(f'"{words}" <{address}>' if words else f"<{address}>")
    return shown[:1]
