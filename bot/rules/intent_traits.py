"""intent, by links, attachments, where answers go, where it was written, and what people say.

Positive weights: an honest owner of this address would send it.
"""

import re

from bot.model import (
    ClaimKind,
    DomainClass,
    Facts,
    Grade,
    IpKind,
    LinkClass,
    Passage,
    Question,
    Relation,
    Want,
    Zone,
)
from bot.rules.intent_signin import sign_in_links
from bot.rules.reading import (
    claims_wrongly,
    class_of,
    dangerous,
    hosts,
    is_page,
    links_of,
    owned,
    quoted,
    replies_elsewhere,
    rewritten_by_list,
    some,
    vouched,
    wanted,
    within,
)
from bot.ruling import Observation, rule

ENOUGH_MAILS = 3.0
_WAS = {
    "hacked-account": "came from an account that was broken into",
    "spoofed-address": "had a forged address",
    "spoofed-name": "only used somebody's name",
    "plain-spam": "was junk",
}
"""A verdict, as what is said of a mail."""
TRICKS = frozenset({LinkClass.LOOKALIKE, LinkClass.IP, LinkClass.SHORTENER, LinkClass.FREE_HOST})
ROLES = frozenset(
    "info contact contato contacto kontakt hello hi noreply noresponder naoresponda donotreply reply news newsletter "
    "mail mailer email service services support help helpdesk sales office team admin administrator postmaster root "
    "webmaster marketing notification notifications notify alert alerts update updates security account accounts "
    "orders order bestellung bestellungen buchhaltung rechnung rechnungen invoice invoices accounting accounts finance "
    "payroll lohn personal jobs career careers bewerbung einkauf verkauf vertrieb purchasing export versand shipping "
    "logistics dispo office buero sekretariat secretary reception empfang praxis kanzlei schule school verein club "
    "booking bookings reservierung reservation reservations shop store kundenservice kundendienst customerservice "
    "comptabilite facturation commercial accueil secretariat compras ventas pedidos facturacion administracion "
    "amministrazione ordini vendite segreteria financeiro vendas inkoop verkoop administratie boekhouding "
    "billing rss rssfeeds feed feeds list lists bounce system daemon robot bot conta atendimento servizio".split()
)
"""Mailboxes named after a task: any name may stand before them."""
NOBODY = re.compile(r"^$|undisclosed|unlisted|recipients?\b|destinat", re.IGNORECASE)
"""What stands in To where nobody is named."""
PICTURES = ("png", "jpeg", "jpg", "gif", "bmp", "webp", "pdf")
BLOCKS = re.compile("[\u2580-\u259f\u25a0\u25a1\u2b1b\u2b1c]")
"""Block elements and squares, with which a code is drawn as text."""
DRAWN = 80
"""So many draw a code: the smallest has 21 rows of 21 squares, two rows to a line."""
FREE = frozenset({DomainClass.FREEMAIL, DomainClass.DISPOSABLE})


@rule(question=Question.INTENT, group="reply-to")
def reply_goes_to_freemail(facts: Facts) -> Observation | None:
    """Answers would go to a free mailbox, not to the sender."""
    box = replies_elsewhere(facts)
    if box is None or class_of(facts, box.domain) not in FREE or rewritten_by_list(facts):
        return None
    if box.name and box.name == facts.message.author.name and wanted(facts, Want.TECHNICAL_TALK):
        return None
    return Observation(f"Answers would go to {box.address}, not to {facts.message.author.address or 'a sender shown'}.")


@rule(question=Question.INTENT, group="reply-to")
def reply_goes_elsewhere(facts: Facts) -> Observation | None:
    """Answers would go to a different organisation than the sender's."""
    box = replies_elsewhere(facts)
    if box is None or class_of(facts, box.domain) in FREE or facts.judged.passage is Passage.LIST:
        return None
    if class_of(facts, box.domain) in (DomainClass.OURS, DomainClass.CONTACT):
        return None  # people whom we know: a service writes for them
    return Observation(f"Answers would go to {box.address}, not to {facts.message.author.address or 'a sender shown'}.")


@rule(question=Question.INTENT, group="link-trick")
def link_hides_its_target(facts: Facts) -> Observation | None:
    """A link shows one address and goes to another."""
    hit = next((j for j in facts.links if j.shows_other_host and j.cls is not LinkClass.TRACKER), None)
    return Observation(f"A link shows {hit.shows_other_host} and goes to {hit.link.host}.") if hit else None


@rule(question=Question.INTENT, group="link-trick")
def link_to_an_imitation(facts: Facts) -> Observation | None:
    """A link goes to a domain that imitates a known one."""
    found = links_of(facts, LinkClass.LOOKALIKE)
    return Observation(f"A link goes to {hosts(found)}, which imitates a known name.") if found else None


@rule(question=Question.INTENT, group="link-trick")
def link_to_a_bare_number(facts: Facts) -> Observation | None:
    """A link goes to a bare IP address."""
    found = links_of(facts, LinkClass.IP)
    return Observation(f"A link goes to {hosts(found)}, a number instead of a name.") if found else None


@rule(question=Question.INTENT, group="link-trick")
def link_behind_a_shortener(facts: Facts) -> Observation | None:
    """A link hides behind a shortener."""
    found = links_of(facts, LinkClass.SHORTENER)
    return Observation(f"A link hides behind {hosts(found)}.") if found else None


@rule(question=Question.INTENT, group="link-trick")
def link_to_a_free_host(facts: Facts) -> Observation | None:
    """A link goes to a free form, file share or site builder."""
    found = links_of(facts, LinkClass.FREE_HOST)
    if not found or (facts.judged.passage is Passage.LIST and wanted(facts, Want.TECHNICAL_TALK)):
        return None
    return Observation(f"A link goes to {hosts(found)}, where anybody can put up a page.")


@rule(question=Question.INTENT, group="link-trick")
def code_instead_of_a_link(facts: Facts) -> Observation | None:
    """The only way on is a code in a picture, which the phone opens: no filter reads it, no mouse shows its target."""
    asked = wanted(facts, Want.QR_CODE)
    # A brand's own pages stand below its imitations, too; whoever links to their own site needs no picture for it.
    if not asked or any(judged.cls is not LinkClass.BRAND for judged in facts.links):
        return None
    message = facts.message
    picture = next((a for a in message.attachments if a.declared.startswith("image/") or a.sniffed in PICTURES), None)
    if picture is not None:
        return Observation(f"It holds no link but a picture ({picture.name[:60] or 'unnamed'}): {quoted(asked, 2)}.")
    if len(BLOCKS.findall(message.text[:20_000])) >= DRAWN:
        return Observation(f"It holds no link but a code drawn with signs: {quoted(asked, 2)}.")
    if message.raw:  # all of it is here, and there is nothing to scan
        return None
    return Observation(f"It holds no link, but speaks of a code to scan: {quoted(asked, 2)}.", strength=0.6)


@rule(question=Question.INTENT, group="link-aim")
def links_only_to_strangers(facts: Facts) -> Observation | None:
    """Every link goes to somebody who isn't the sender."""
    real = [judged for judged in facts.links if judged.link.host and judged.cls is not LinkClass.TRACKER]
    real = [judged for judged in real if not within(judged.link.host, facts.our_service)]
    own = (LinkClass.OWN, LinkClass.BRAND)
    if not real or any(judged.cls in own for judged in real) or facts.judged.passage is Passage.LIST:
        return None
    return Observation(f"Its links go to {hosts(real)}, none to {facts.author.organisational or 'the sender'}.")


@rule(question=Question.INTENT, group="link-aim")
def links_only_to_its_own_site(facts: Facts) -> Observation | None:
    """Its links go to the sender's own domain."""
    real = [judged for judged in facts.links if judged.link.host]
    trusted = (LinkClass.OWN, LinkClass.TRACKER)
    if not any(judged.cls is LinkClass.OWN for judged in real) or any(j.cls not in trusted for j in real):
        return None
    return Observation(f"Its links go to {facts.author.organisational}.")


@rule(question=Question.INTENT, group="own-business")
def organisations_own_mailing(facts: Facts) -> Observation | None:
    """A known organisation writes from its own address, proven, with no trick in its links."""
    known = owned(facts, ClaimKind.BRAND, ClaimKind.PUBLIC_BODY)
    if (facts.author.cls is not DomainClass.BRAND and known is None) or not vouched(facts):
        return None
    tricks = links_of(facts, LinkClass.LOOKALIKE, LinkClass.IP, LinkClass.FREE_HOST, LinkClass.SHORTENER)
    if tricks or replies_elsewhere(facts):
        return None
    who = known.who if known else facts.author.owner
    own = links_of(facts, LinkClass.OWN, LinkClass.BRAND)
    return Observation(f"{who} writes from its own address.", strength=1.0 if own or not facts.links else 0.7)


@rule(question=Question.INTENT, group="own-business")
def nothing_speaks_against_it(facts: Facts) -> Observation | None:
    """It is proven to be the sender's, and nothing in it lures, hurries or misleads."""
    proven = vouched(facts) or facts.judged.passage is Passage.INTERNAL
    contact = owned(facts, ClaimKind.CONTACT, ClaimKind.STAFF)
    stranger = (
        facts.author.cls in FREE and contact is None and not (facts.message.references or facts.message.in_reply_to)
    )
    bill = bool(wanted(facts, Want.INVOICE)) and not facts.links
    lures = {phrase.want for phrase in facts.phrases} - {Want.TECHNICAL_TALK} - ({Want.INVOICE} if bill else set())
    tricks = any(judged.shows_other_host or judged.cls in TRICKS for judged in facts.links)
    if not proven or stranger or lures or tricks or replies_elsewhere(facts) or claims_wrongly(facts):
        return None
    if any(dangerous(each) or each.encrypted or is_page(each) for each in facts.message.attachments):
        return None
    if sign_in_links(facts):
        return None
    if not facts.message.shows_text:
        return Observation("It is proven to be the sender's; what it says wasn't handed in.")
    return Observation(
        "It is proven to be the sender's, and nothing in it lures, hurries or misleads.", strength=0.6 if bill else 1.0
    )


@rule(question=Question.INTENT, group="attachment")
def dangerous_attachment(facts: Facts) -> Observation | None:
    """It carries a kind of file that runs programs."""
    hit = next((a for a in facts.message.attachments if dangerous(a)), None)
    if hit is None:
        return None
    return Observation(f"Attached is {hit.name[:60] or 'a file'}, a file that can run a program when it is opened.")


@rule(question=Question.INTENT, group="attachment")
def locked_attachment(facts: Facts) -> Observation | None:
    """It carries an attachment locked with a password, which no filter can look into."""
    hit = next((a for a in facts.message.attachments if a.encrypted), None)
    if hit is None:
        return None
    # Payroll offices, banks and doctors lock what only the receiver may read; archives hide programs from filters.
    readable = hit.sniffed == "pdf" or hit.name.lower().endswith((".pdf", ".xlsx", ".docx"))
    return Observation(
        f"{hit.name[:60] or 'The attachment'} is locked with a password.", strength=0.5 if readable else 1.0
    )


@rule(question=Question.INTENT, group="attachment")
def page_as_attachment(facts: Facts) -> Observation | None:
    """It carries a web page as an attachment."""
    hit = next((each for each in facts.message.attachments if is_page(each)), None)
    return Observation(f"{hit.name[:60] or 'The attachment'} is a web page.") if hit else None


@rule(question=Question.INTENT, group="attachment")
def invites_by_calendar(facts: Facts) -> Observation | None:
    """It is a calendar invitation from outside."""
    hit = next((a for a in facts.message.attachments if "calendar" in a.declared or a.sniffed == "ics"), None)
    if hit is None or facts.author.cls is DomainClass.OURS:
        return None
    return Observation(f"{hit.name[:60] or 'An attachment'} puts an invitation into the calendar.")


@rule(question=Question.INTENT, group="client-place")
def written_in_an_unusual_country(facts: Facts) -> Observation | None:
    """It was written in a country where this sender never writes."""
    client, usual = facts.client(), facts.usual()
    known = {name for name, _ in usual.client_countries} | {name for name, _ in usual.countries}
    if not client.country or usual.mails < ENOUGH_MAILS or not known or client.country in known:
        return None
    return Observation(f"It was written in {client.country}; {usual.subject} writes from {some(known)}.")


@rule(question=Question.INTENT, group="client-place")
def written_abroad(facts: Facts) -> Observation | None:
    """It was written in another country than the one in which the sender's server stands."""
    client, server = facts.client(), facts.server()
    here, there = server.network.country, client.country
    if not here or not there or here == there or client.kind is not IpKind.PUBLIC:
        return None
    return Observation(f"It was written in {there} ({client.ip}), the sender's server stands in {here}.")


@rule(question=Question.INTENT, group="bulk")
def sent_to_nobody_named(facts: Facts) -> Observation | None:
    """It names no recipient: sent to many, blind."""
    message = facts.message
    shown = message.grade is Grade.WHOLE or any(field.name.lower() in ("to", "cc") for field in message.headers)
    if not message.headers or message.traits.list_id or not shown:  # who pastes some lines may leave out To
        return None
    own = message.author.address.lower()
    boxes = (*message.to, *message.cc)
    real = [box for box in boxes if box.address.lower() != own and not NOBODY.search(box.address or box.name)]
    return None if real else Observation("It names no recipient; it went to many at once, blind.")


@rule(question=Question.INTENT, group="owner-name")
def another_name_on_the_mailbox(facts: Facts) -> Observation | None:
    """The name isn't the one that the mailbox is named after."""
    author = facts.message.author
    if facts.author.cls in (DomainClass.PLATFORM, DomainClass.NOT_A_DOMAIN) or not author.name or not author.address:
        return None
    if owned(facts, ClaimKind.CONTACT, ClaimKind.STAFF):
        return None
    name, local = _letters(author.name), _letters(author.local)
    if len(local) < 4 or len(name) < 4 or rewritten_by_list(facts) or local.rstrip("0123456789") in ROLES:
        return None
    words = [_letters(word) for word in author.name.split() if len(_letters(word)) > 2]
    registered = _letters(facts.author.organisational.partition(".")[0])
    if any(word in local or word in registered or local in word for word in words) or registered in name:
        return None
    return Observation(f"“{author.name[:60]}” writes from the mailbox {author.address}.")


@rule(question=Question.INTENT, group="filter")
def filter_calls_it_spam(facts: Facts) -> Observation | None:
    """The receiver's filter calls it spam or phishing."""
    codes = {"PHSH", "HPHSH", "HPHISH", "SPM", "HSPM", "MALW", "BULK"}
    hit = next((f for f in facts.message.filters if f.value in codes and f.zone is not Zone.OUTSIDE), None)
    return Observation(f"{hit.source} {hit.code}:{hit.value} — {hit.meaning}") if hit else None


@rule(question=Question.INTENT, group="denies")
def sender_denies_it(facts: Facts) -> Observation | None:
    """The sender says, by another channel, that they didn't send it."""
    return Observation("The sender says that they didn't send it.") if facts.told.sender_denies else None


@rule(question=Question.INTENT, group="denies")
def sender_confirms_it(facts: Facts) -> Observation | None:
    """The sender says, by another channel, that they sent it."""
    return Observation("The sender says that they sent it.") if facts.told.sender_confirms else None


@rule(question=Question.INTENT, group="account-signs")
def strange_signs_in_the_account(facts: Facts) -> Observation | None:
    """The account shows rules, forwarding or sign-ins that its owner doesn't know."""
    if not facts.told.strange_account_signs:
        return None
    return Observation("The account shows rules, forwarding or sign-ins that its owner doesn't know.")


@rule(question=Question.INTENT, group="sent-unknown")
def lies_in_sent_items_unknown(facts: Facts) -> Observation | None:
    """It lies in the sender's Sent Items, and a mail that was asked about is rarely a known one."""
    if not facts.told.in_sent_items or facts.told.sender_confirms:
        return None
    return Observation("It lies in the sender's Sent Items, and nobody has said that they wrote it.")


@rule(question=Question.INTENT, group="others")
def many_contacts_got_it(facts: Facts) -> Observation | None:
    """Many of the sender's contacts got it at once."""
    return Observation("Others who know the sender got the same mail.") if facts.told.others_got_it else None


@rule(question=Question.INTENT, group="precedent")
def sender_was_decided_before(facts: Facts) -> Observation | None:
    """An earlier case of the same sender or campaign was decided as harmful."""
    bad = [p for p in facts.precedents if p.verdict not in ("genuine", "undetermined")]
    if not bad:
        return None
    best = min(bad, key=lambda p: p.age_days)
    strength = (1.0 if best.by_technician else 0.6) * 0.5 ** (best.age_days / 90.0)
    was = _WAS.get(best.verdict, "was harmful")
    return Observation(
        f"An earlier mail of the same {best.same} {was}, as we found {_ago(best.age_days)}.", strength=strength
    )


def _ago(days: float) -> str:
    whole = round(days)
    return "today" if whole < 1 else "yesterday" if whole == 1 else f"{whole} days ago"


@rule(question=Question.INTENT, group="precedent")
def sender_was_genuine_before(facts: Facts) -> Observation | None:
    """A technician decided an earlier mail of the same sender to be genuine."""
    good = [p for p in facts.precedents if p.verdict == "genuine" and p.by_technician]
    return Observation(f"A technician found the same {good[0].same} genuine before.") if good else None


@rule(question=Question.INTENT, group="known-sender")
def writes_as_always(facts: Facts) -> Observation | None:
    """Genuine mail of this sender is known, and nothing here is new."""
    usual = facts.usual()
    server = facts.server()
    known = {name for name, _ in usual.countries}
    if "@" not in usual.subject or usual.mails < ENOUGH_MAILS or server.network.country not in known:
        return None
    return Observation(f"{usual.mails:.0f} genuine mails of {usual.subject} are known, from the same country.")


@rule(question=Question.INTENT, group="proven-sender")
def established_sender_proven(facts: Facts) -> Observation | None:
    """A sender whom we know, and whose own server handed it over."""
    known = facts.author.cls in (DomainClass.OURS, DomainClass.CONTACT)
    known = known or owned(facts, ClaimKind.CONTACT, ClaimKind.STAFF) is not None
    if not known or facts.server_relation not in (Relation.SAME_DOMAIN, Relation.ITS_PROVIDER):
        return None
    person = facts.author.cls is DomainClass.FREEMAIL
    who = facts.message.author.address if person else facts.author.organisational
    return Observation(f"{who} is known to us, and its own mail system sent it.")


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
