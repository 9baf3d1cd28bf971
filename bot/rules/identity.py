"""identity: is the address shown really the address of whom the mail claims to be from?

Positive weights: yes, it is theirs. Negative: it isn't.
"""

import re

from bot.handbook.personal import NameWords, Sameness, compare, parts_of
from bot.handbook.spelling import LONGEST
from bot.hosts import FIRST_CONTACT_PAGE
from bot.model import ClaimKind, DomainClass, Facts, Kind, LookalikeKind, Passage, Question, Want, Zone
from bot.rules.reading import is_authors, owned, quoted, wanted, wrongly_claimed
from bot.ruling import Observation, rule

AS_ITSELF_BEFORE = (
    "your|the|dear|©|copyright|ihr|ihre|ihrem|votre|vos|su|tu|sua|seu|uw|team|from|by|equipe|équipe|equipo"
)
AS_ITSELF_AFTER = (
    "account|accounts|team|support|customer|member|user|users|wallet|security|inc|llc|ltd|gmbh|limited|corp|corporation|"
    "rewards|app|card|service|services|konto|kunde|kunden|compte|client|cuenta|cliente|conta|all rights|\\d{4}"
)
TASK_ENDINGS = ("bestätigung", "bestaetigung", "benachrichtigung", "mitteilung", "rechnung", "confirmation", "angebot")
TASKS = frozenset(
    "the and for from your our info support team customer customers service services security account accounts "
    "notification notifications notice alert alerts update updates newsletter news mail email admin help desk online "
    "department office official center centre payment payments billing invoice order orders delivery shipping reward "
    "rewards offer offers bonus gift prize winner sale deals promo special exclusive free new important urgent action "
    "deal xmas christmas black friday summer winter gewinn gutschein rabatt angebote "
    "cadeau cadeaux regalo premio promo "
    "mailer daemon postmaster system subsystem server undeliverable returned "
    "required kundenservice kundendienst client clients cliente clientes atendimento equipe equipo dept".split()
)
"""Words that name a task and not an organisation."""
IN_A_NAME = (Want.CREDENTIALS, Want.DELIVERY, Want.FINE, Want.REFUND_CALL, Want.MAILBOX, Want.CRYPTO)
NAMELESS = (Want.DATING, Want.PILLS, Want.CASINO, Want.LOAN, Want.MONEY, Want.INHERITANCE, Want.BUSINESS_OFFER)
IMITATION = {
    LookalikeKind.CONFUSABLE: "letters that look alike",
    LookalikeKind.MISSPELT: "a letter or two are different",
    LookalikeKind.ADDED_WORDS: "words were added",
    LookalikeKind.OTHER_TLD: "it ends differently",
    LookalikeKind.SUBDOMAIN: "the known name stands before a stranger's",
}
FIRST_CONTACT = "9.25"
"""SFTY's code (learn.microsoft.com/defender-office-365/message-headers-eop-mdo)."""
BANNER_WITHIN = 400
"""Characters at the top of the text in which Exchange's note stands."""
PERSONAL = (ClaimKind.CONTACT, ClaimKind.STAFF)
NAMED = ("display name",)


@rule(question=Question.IDENTITY, group="claim")
def contact_at_another_address(facts: Facts) -> Observation | None:
    """The name is a contact's or colleague's, the address isn't one of theirs."""
    claim = wrongly_claimed(facts, *PERSONAL)
    if claim is None:
        return None
    known = ", ".join(claim.addresses[:2]) or ", ".join(claim.domains[:2])
    shown = facts.message.author.address or "no address at all"
    who = claim.who[:1].upper() + claim.who[1:]
    return Observation(f"The mail says “{claim.matched[:80]}”. {who} is known at {known}; this came from {shown}.")


@rule(question=Question.IDENTITY, group="claim")
def brand_named_at_foreign_address(facts: Facts) -> Observation | None:
    """The sender's name is an organisation's, the address isn't."""
    claim = wrongly_claimed(facts, ClaimKind.BRAND, places=NAMED)
    return _foreign(facts, claim.who, claim.matched, claim.domains) if claim else None


@rule(question=Question.IDENTITY, group="claim")
def public_body_named_at_foreign_address(facts: Facts) -> Observation | None:
    """The sender's name is a public service's, the address isn't."""
    claim = wrongly_claimed(facts, ClaimKind.PUBLIC_BODY)
    return _foreign(facts, claim.who, claim.matched, claim.domains) if claim else None


@rule(question=Question.IDENTITY, group="claim")
def brand_in_subject_at_foreign_address(facts: Facts) -> Observation | None:
    """The subject speaks for an organisation, the address isn't its own."""
    claim = wrongly_claimed(facts, ClaimKind.BRAND, places=("subject",))
    return _foreign(facts, claim.who, claim.matched, claim.domains) if claim else None


@rule(question=Question.IDENTITY, group="claim")
def address_imitates_a_known_one(facts: Facts) -> Observation | None:
    """The address is built to look like somebody's."""
    claim = wrongly_claimed(facts, ClaimKind.BRAND, places=("address",))
    return _foreign(facts, claim.who, claim.matched, claim.domains) if claim else None


@rule(question=Question.IDENTITY, group="claim")
def known_person_at_foreign_address(facts: Facts) -> Observation | None:
    """The name is a person's of public note, whose name is borrowed for scams."""
    claim = wrongly_claimed(facts, ClaimKind.KNOWN_PERSON)
    if claim is None:
        return None
    return Observation(f"{claim.who} is a name often borrowed for scams; this came from {_shown(facts)}.")


@rule(question=Question.IDENTITY, group="claim")
def not_the_address_you_know(facts: Facts) -> Observation | None:
    """You said who it claims to be, and the address isn't theirs."""
    claim = wrongly_claimed(facts, ClaimKind.TOLD)
    if claim is None:
        return None
    theirs = ", ".join((*claim.addresses, *claim.domains)[:2]) or "another address"
    return Observation(f"You say that it claims to be {claim.who} ({theirs}); it came from {_shown(facts)}.")


@rule(question=Question.IDENTITY, group="claim")
def nobody_knows_it_for_theirs(facts: Facts) -> Observation | None:
    """You said who it claims to be, and whether the address is theirs isn't known."""
    claim = next((claim for claim in facts.claims if claim.kind is ClaimKind.TOLD and claim.owns is None), None)
    if claim is None:
        return None
    return Observation(f"You say that it claims to be {claim.who[:80]}; whether {_shown(facts)} is theirs isn't known.")


@rule(question=Question.IDENTITY, group="claim")
def address_is_the_persons_own(facts: Facts) -> Observation | None:
    """The address is one that we know to be this person's."""
    claim = owned(facts, ClaimKind.CONTACT, ClaimKind.STAFF, ClaimKind.TOLD)
    return Observation(f"{facts.message.author.address} is {claim.who}'s own address.") if claim else None


@rule(question=Question.IDENTITY, group="claim")
def domain_is_the_organisations_own(facts: Facts) -> Observation | None:
    """The address belongs to the organisation that the mail names."""
    claim = owned(facts, ClaimKind.BRAND, ClaimKind.PUBLIC_BODY, ClaimKind.KNOWN_PERSON)
    if claim is None:
        return None
    return Observation(f"{claim.who} sends from {facts.author.organisational}.")


@rule(question=Question.IDENTITY)
def domain_looks_like_a_known_one(facts: Facts) -> Observation | None:
    """The domain imitates one that we know."""
    twin = next((twin for twin in facts.lookalikes if twin.place == "from"), None)
    if twin is None:
        return None
    return Observation(f"{twin.domain} imitates {twin.imitates} ({twin.whose}): {IMITATION[twin.kind]}.")


@rule(question=Question.IDENTITY)
def name_holds_another_address(facts: Facts) -> Observation | None:
    """The display name shows an address that isn't the sender's."""
    name = facts.message.author.name[:300]
    found = re.search(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,5})", name)
    if found is None or is_authors(facts, found.group(1)) or " via " in name.lower():
        return None
    return Observation(f"The name shows {found.group(0)[:100]}, but the address is {_shown(facts)}.")


@rule(question=Question.IDENTITY)
def name_in_disguised_letters(facts: Facts) -> Observation | None:
    """The name is written with look-alike or hidden letters."""
    claim = next(
        (claim for claim in facts.claims if claim.trick and claim.where != "address" and claim.owns is not True), None
    )
    if claim is None:
        return None
    return Observation(f"“{claim.matched[:80]}” stands for {claim.who}, disguised ({claim.trick} letters).")


@rule(question=Question.IDENTITY)
def no_address_behind_the_name(facts: Facts) -> Observation | None:
    """Somebody is named, but there is no address that could be theirs."""
    if facts.message.kind is Kind.WORDS and not facts.message.author.address:  # who describes a mail may not tell it
        return None
    unusable = not facts.message.author.address or facts.author.cls is DomainClass.NOT_A_DOMAIN
    claimed = next((claim for claim in facts.claims if claim.owns is not True), None)
    if not unusable or claimed is None:
        return None
    shown = facts.message.author.address
    problem = f"“{shown[:100]}” can't be an address of theirs" if shown else "no address is shown"
    return Observation(f"{claimed.who} is named, and {problem}.")


@rule(question=Question.IDENTITY, group="readings")
def two_senders_shown(facts: Facts) -> Observation | None:
    """The From line can be read as more than one sender."""
    readings = [box.address or box.name for box in facts.message.senders]
    if len(readings) < 2:
        return None
    return Observation(f"Mail programs may show different senders: {', '.join(shown[:100] for shown in readings[:3])}.")


@rule(question=Question.IDENTITY, group="filter-impersonation")
def filter_saw_impersonation(facts: Facts) -> Observation | None:
    """The receiver's filter says that somebody is impersonated."""
    codes = {"UIMP", "DIMP", "GIMP", "9.20", "9.19", "BIMP"}
    hit = next((f for f in facts.message.filters if f.value in codes and f.zone is not Zone.OUTSIDE), None)
    return Observation(f"{hit.source} {hit.code}:{hit.value} — {hit.meaning}") if hit else None


@rule(question=Question.IDENTITY, group="first-contact")
def receiver_seldom_hears_from_it(facts: Facts) -> Observation | None:
    """The receiver's own system says that mail from this address is new or rare there."""
    code = next((f for f in facts.message.filters if f.value == FIRST_CONTACT and f.zone is not Zone.OUTSIDE), None)
    if code is not None:
        return Observation(f"{code.source} {code.code}:{code.value} — {code.meaning}")
    if not _has_banner(facts):
        return None
    return Observation(f"Outlook's note above the text says that mail from {_shown(facts)} is new or rare there.")


@rule(question=Question.IDENTITY, group="first-contact")
def first_mail_of_this_address(facts: Facts) -> Observation | None:
    """Genuine mail of this organisation is known, none of it from this address."""
    usual = facts.usual()
    if "@" in usual.subject or facts.earlier() > 0:
        return None
    return Observation(
        f"{usual.mails:.0f} genuine mails of {usual.subject} are known, none of them from {_shown(facts)}."
    )


@rule(question=Question.IDENTITY, group="familiar-name")
def name_known_with_this_address(facts: Facts) -> Observation | None:
    """Earlier genuine mail from this address carried the same name."""
    usual = facts.usual()
    name = facts.message.author.name
    if "@" not in usual.subject or not name or not any(_one_name(name, known) for known, _ in usual.names):
        return None
    return Observation(
        f"Earlier genuine mail from {usual.subject} carried the name “{facts.message.author.name[:60]}”."
    )


@rule(question=Question.IDENTITY, group="familiar-name")
def name_new_for_this_address(facts: Facts) -> Observation | None:
    """This address never used that name in earlier genuine mail."""
    usual = facts.usual()
    name = facts.message.author.name
    known = [spelling for spelling, _ in usual.names if spelling]
    if "@" not in usual.subject or not name or not known:
        return None
    if any(_one_name(name, spelling) for spelling in known):
        return None
    return Observation(f"{usual.subject} used to write as “{known[0]}”, this mail says “{name[:60]}”.")


@rule(question=Question.IDENTITY, group="own-name")
def name_fits_the_address(facts: Facts) -> Observation | None:
    """The name and the address fit each other."""
    words: list[str] = re.findall(r"[^\W\d_]{3,40}", facts.message.author.name.lower()[:200])
    target = re.sub(r"[^a-z0-9]", "", facts.message.author.address.lower())
    fitting = [word for word in words if word in target]
    if not fitting:
        return None
    return Observation(f"“{facts.message.author.name[:60]}” fits {facts.message.author.address}.")


@rule(question=Question.IDENTITY, group="own-name")
def organisation_not_in_its_address(facts: Facts) -> Observation | None:
    """The sender's name is an organisation's or a product's, and nothing of it is in the address."""
    words = _foreign_name(facts)
    local = re.sub(r"[^a-z0-9]", "", facts.message.author.local.casefold())
    if not words or any(word in local for word in words):  # "Petra" at petra@ is a person's first name
        return None
    name = facts.message.author.name[:60]
    return Observation(f"“{name}” sounds like an organisation; nothing of it is in {_shown(facts)}.")


@rule(question=Question.IDENTITY, group="own-name")
def text_speaks_as_that_organisation(facts: Facts) -> Observation | None:
    """The text speaks as an organisation whose name isn't in the address."""
    text = f"{facts.message.subject} {facts.message.text[:20_000]}".casefold()
    for word in _foreign_name(facts):
        spoken = re.search(
            rf"(?:{AS_ITSELF_BEFORE})\W{{1,3}}{re.escape(word)}\b|\b{re.escape(word)}\W{{1,3}}(?:{AS_ITSELF_AFTER})\b",
            text,
        )
        if spoken:
            return Observation(
                f"The text speaks as “{spoken.group(0)[:60]}”; the domain of {_shown(facts)} isn't theirs."
            )
    return None


@rule(question=Question.IDENTITY, group="own-name")
def asks_in_an_organisations_name(facts: Facts) -> Observation | None:
    """It asks what only an organisation asks of its customers, under a name of which the address has nothing."""
    if not _foreign_name(facts):
        return None
    asked = wanted(facts, *IN_A_NAME)
    if not asked or wanted(facts, Want.DATING, Want.PILLS, Want.CASINO):
        return None
    name = facts.message.author.name[:60]
    return Observation(
        f"“{name}” asks as an organisation asks its customers ({quoted(asked, 2)}), from {_shown(facts)}."
    )


@rule(question=Question.IDENTITY, group="boss-trick")
def asks_as_somebody_you_know(facts: Facts) -> Observation | None:
    """It asks what only somebody you know would ask, from a free mailbox that nobody here knows."""
    asked = wanted(facts, Want.GIFT_CARDS)
    if not asked or owned(facts, *PERSONAL):
        return None
    if not facts.message.author.address:
        # Mostly only the name is borrowed for it; who tells of it hasn't said what address stood behind the name.
        return Observation(
            f"It asks as somebody you know would ({quoted(asked, 2)}); no address is told.", strength=0.6
        )
    if facts.author.cls not in (DomainClass.FREEMAIL, DomainClass.DISPOSABLE):
        return None
    return Observation(
        f"It asks as somebody you know would ({quoted(asked, 2)}), from the free mailbox {_shown(facts)}."
    )


@rule(question=Question.IDENTITY, group="lure")
def lure_needs_no_name(facts: Facts) -> Observation | None:
    """It lures with what needs nobody's good name: dating, pills, gambling, a stranger's money."""
    if facts.claims:
        return None
    found = wanted(facts, *NAMELESS)
    return Observation(f"Its lure needs nobody's good name: {quoted(found, 2)}.") if found else None


def _foreign(facts: Facts, who: str, matched: str, domains: tuple[str, ...]) -> Observation:
    sends = f" {who} sends from {', '.join(domains[:3])}." if domains else ""
    return Observation(f"The mail speaks as {who} (“{matched[:80]}”), but comes from {_shown(facts)}.{sends}")


def _one_name(shown: str, known: str) -> bool:
    """The same name in any order, letters or transliteration; an organisation's only as it is written."""
    if shown.casefold() == known.casefold():
        return True
    words = NameWords()
    return compare(parts_of(shown[:LONGEST], words), parts_of(known[:LONGEST], words)).answer is Sameness.SAME


def _has_banner(facts: Facts) -> bool:
    """Exchange's first-contact tip, in any language: the author's address, then the page that explains it.

    It stands above everything; in what is quoted, somebody else's system wrote it about somebody else.
    """
    message = facts.message
    top = message.text[:BANNER_WITHIN].casefold().partition("\n>")[0]
    address = message.author.address.casefold()
    if not address or address not in top:
        return False
    pages = (top, *(link.target[:300].casefold() for link in message.links[:5]))
    return any(FIRST_CONTACT_PAGE in page for page in pages)


def _shown(facts: Facts) -> str:
    return facts.message.author.address[:100] or "no address at all"


def _foreign_name(facts: Facts) -> list[str]:
    """The telling words of an organisation's name of which the address has none; empty where it is a listed one."""
    author = facts.message.author
    if not facts.name_is_organisation or facts.claims or facts.judged.passage in (Passage.LIST, Passage.INTERNAL):
        return []
    words: list[str] = re.findall(r"[^\W\d_]{3,40}", author.name.casefold()[:200])
    telling = [word for word in words if word not in TASKS and not word.endswith(TASK_ENDINGS)]
    domain = re.sub(r"[^a-z0-9]", "", facts.author.domain)
    return [] if any(word in domain for word in telling) else telling
