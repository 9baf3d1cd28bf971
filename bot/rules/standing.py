"""standing: is the address somebody's established one, or a stranger's own?

Positive weights: established (a contact, staff, a real organisation's own mail system).
"""

import re

from bot.model import (
    ClaimKind,
    DomainClass,
    Facts,
    Kind,
    LinkClass,
    Method,
    Passage,
    Question,
    Relation,
    Result,
    Want,
    Zone,
)
from bot.rules.reading import (
    a_persons_mailbox,
    by_known_list,
    handed_on,
    is_authors,
    known_to_reporter,
    links_of,
    owned,
    quoted,
    replies_elsewhere,
    rewritten_by_list,
    signed_in_as,
    stamps,
    submission,
    vouched,
    wanted,
    within,
)
from bot.ruling import Observation, rule

WEBMAIL = re.compile(
    r"roundcube|horde|squirrelmail|zimbra|imp webmail|active!? ?mail|openwebmail|kerio|atmail|rainloop|"
    r"xserver|communigate|mdaemon|sogo|openexchange|open-xchange|webmail",
    re.IGNORECASE,
)
MAIL_HOSTS = frozenset({"mail", "email", "smtp", "mx", "www"})
ENOUGH_MAILS = 3.0
SALES_WORDS = ("offer", "promo", "reward", "bonus", "survey", "compare", "alert", "secure", "verify", "update",
               "cheap", "insur", "health", "click", "crypto", "casino", "dating", "girls", "loans")  # fmt: skip
SHORT_SALES_WORDS = ("deal", "loan", "gift", "win", "news", "best", "smart", "plan", "love", "info", "sale")
"""Words that other words hold; they count as a part between hyphens only."""
SERVICE_WORDS = frozenset(
    "account accounts admin alert alerts auth billing center centre client cloud customer delivery desk doc docs "
    "document documents email esign fax file files help helpdesk hr info invoice it login mail mailbox message "
    "messages msg notice notification notifications notify office online parcel payroll pbx portal print reset "
    "scan secure security server service services share signin support system team update updates upgrade user "
    "verify view voice voicemail voip web webmail".split()
)
"""Words with which nobody names a firm when no other stands beside them."""
KNOWN = (ClaimKind.TOLD, ClaimKind.CONTACT, ClaimKind.STAFF)
SALES = (Want.MARKETING, Want.DATING, Want.PILLS, Want.CASINO, Want.PRIZE, Want.BUSINESS_OFFER)


@rule(question=Question.STANDING, group="class")
def address_of_ours(facts: Facts) -> Observation | None:
    """The address is in one of our own domains."""
    if facts.author.cls is not DomainClass.OURS:
        return None
    return Observation(f"{facts.author.domain} is our own domain.")


@rule(question=Question.STANDING, group="class")
def address_of_a_contact(facts: Facts) -> Observation | None:
    """The address or its domain is a contact's."""
    claim = owned(facts, ClaimKind.CONTACT, ClaimKind.STAFF)
    if claim is None and facts.author.cls is not DomainClass.CONTACT:
        return None
    who = claim.who if claim else facts.author.owner
    shown = facts.message.author.address or facts.author.domain
    return Observation(f"{shown} is known to us{f' ({who})' if who else ''}.")


@rule(question=Question.STANDING, group="class")
def sender_known_to_the_reporter(facts: Facts) -> Observation | None:
    """Whoever handed it in knows the owner of the address, or is the owner."""
    shown = facts.message.author.address
    if not shown or not known_to_reporter(facts):
        return None
    return Observation(f"By what you told us, the owner of {shown[:100]} is somebody you know.")


@rule(question=Question.STANDING, group="class")
def domain_of_an_organisation(facts: Facts) -> Observation | None:
    """The domain is a known organisation's."""
    if facts.author.cls is not DomainClass.BRAND:
        return None
    return Observation(f"{facts.author.organisational} belongs to {facts.author.owner}.")


@rule(question=Question.STANDING, group="class")
def institutional_domain(facts: Facts) -> Observation | None:
    """Only public bodies, schools or universities get such a domain."""
    if facts.author.cls is not DomainClass.INSTITUTION:
        return None
    return Observation(f"Only public bodies and schools get a domain such as {facts.author.organisational}.")


@rule(question=Question.STANDING, group="class")
def free_mailbox_of_a_stranger(facts: Facts) -> Observation | None:
    """It is a free mailbox that nobody here knows."""
    if facts.author.cls is not DomainClass.FREEMAIL or owned(facts, ClaimKind.CONTACT, ClaimKind.TOLD):
        return None
    if any(claim.kind in KNOWN and claim.owns is None for claim in facts.claims):  # perhaps a second address of theirs
        return None
    if _forged(facts):  # then it is somebody's whom the forger borrowed
        return None
    return Observation(f"Anybody can open a mailbox at {facts.author.domain}, and we don't know this one.")


@rule(question=Question.STANDING, group="class")
def throw_away_mailbox(facts: Facts) -> Observation | None:
    """It is a throw-away mailbox."""
    if facts.author.cls is not DomainClass.DISPOSABLE:
        return None
    return Observation(f"{facts.author.domain} hands out mailboxes for minutes.")


@rule(question=Question.STANDING, group="class")
def platform_for_everybody(facts: Facts) -> Observation | None:
    """The address belongs to a platform that sends what strangers write."""
    if facts.author.cls not in (DomainClass.PLATFORM, DomainClass.TENANT):
        return None
    return Observation(f"{facts.author.domain} sends what its users write; anybody can be one.")


@rule(question=Question.STANDING, group="class")
def domain_that_cannot_be(facts: Facts) -> Observation | None:
    """The address has no domain that could exist."""
    words_only = facts.message.kind is Kind.WORDS and not facts.message.author.address
    if facts.author.cls is not DomainClass.NOT_A_DOMAIN or words_only:
        return None
    shown = facts.message.author.address
    return Observation(f"“{shown[:100]}” can't be an address." if shown else "It shows no address at all.")


@rule(question=Question.STANDING, group="existence")
def domain_unknown_to_dns(facts: Facts) -> Observation | None:
    """The domain doesn't exist."""
    return None if facts.domain_exists() else Observation(f"{facts.author.domain} doesn't exist in the DNS.")


@rule(question=Question.STANDING, group="domain-shape")
def domain_looks_made_up(facts: Facts) -> Observation | None:
    """The domain name looks made by a machine."""
    score = facts.author.random_looking
    if score < 0.5 or facts.author.cls is not DomainClass.OTHER:
        return None
    return Observation(f"{facts.author.organisational} looks made up by a machine.", strength=min(1.0, score))


@rule(question=Question.STANDING, group="domain-tld")
def domain_under_a_cheap_ending(facts: Facts) -> Observation | None:
    """The domain has an ending that throw-away domains favour."""
    if not facts.author.cheap_tld:
        return None
    return Observation(f"Domains such as {facts.author.organisational} cost next to nothing.")


@rule(question=Question.STANDING, group="domain-tld")
def domain_under_a_country(facts: Facts) -> Observation | None:
    """The domain is a company's or organisation's under a country's ending."""
    if facts.author.cls is not DomainClass.OTHER:
        return None
    parts = facts.author.organisational.split(".")
    if len(parts) < 3 or parts[-2] not in ("co", "com", "or", "org", "net", "ne", "ltd", "gr", "ad"):
        return None
    return Observation(f"{facts.author.organisational} stands under a country's ending.")


@rule(question=Question.STANDING, group="domain-words")
def domain_made_of_sales_words(facts: Facts) -> Observation | None:
    """The domain name is made of selling words."""
    label = facts.author.organisational.partition(".")[0]
    parts = [part for part in re.split(r"[-\d]+", label) if part]
    hit = next((word for word in SALES_WORDS if word in label), None)
    hit = hit or next((word for word in SHORT_SALES_WORDS for part in parts if part in (word, word + "s")), None)
    if hit is None or facts.author.cls is not DomainClass.OTHER:
        return None
    return Observation(f"{facts.author.organisational} is named to sell (“{hit}”).")


@rule(question=Question.STANDING, group="domain-words")
def domain_made_of_service_words(facts: Facts) -> Observation | None:
    """The domain name is made of nothing but words for a service, and names nobody."""
    parts = [part for part in re.split(r"[-\d]+", facts.author.organisational.partition(".")[0]) if part]
    if facts.author.cls is not DomainClass.OTHER or len(parts) < 2 or any(part not in SERVICE_WORDS for part in parts):
        return None
    return Observation(f"{facts.author.organisational} is made of words for a service, and names nobody.")


@rule(question=Question.STANDING, group="mailbox-shape")
def mailbox_looks_made_up(facts: Facts) -> Observation | None:
    """The part before the @ looks made by a machine."""
    local = facts.message.author.local.lower()
    digits = sum(char.isdigit() for char in local)
    runs = re.findall(r"[bcdfghjklmnpqrstvwxz]{5,20}", local[:100])
    if len(local) < 6 or (digits < 4 and not runs and len(local) < 30):
        return None
    return Observation(f"“{local[:60]}” looks made by a machine.")


@rule(question=Question.STANDING, group="subdomain")
def buried_in_subdomains(facts: Facts) -> Observation | None:
    """The address is buried in subdomains of an unknown domain."""
    extra = facts.author.domain.removesuffix(facts.author.organisational).strip(".")
    if not extra or facts.author.cls is not DomainClass.OTHER or extra in MAIL_HOSTS:
        return None
    if a_persons_mailbox(facts) or facts.message.kind is Kind.WORDS:  # departments have subdomains, and people in them
        return None
    return Observation(f"It is {facts.author.domain}, not {facts.author.organisational}.")


@rule(question=Question.STANDING, group="history")
def known_for_long(facts: Facts) -> Observation | None:
    """Genuine mail of this sender is known."""
    usual = facts.usual()
    if usual.mails < ENOUGH_MAILS:
        return None
    return Observation(f"{usual.mails:.0f} genuine mails of {usual.subject} are known.")


@rule(question=Question.STANDING, group="mail-system")
def mailbox_on_an_organisations_system(facts: Facts) -> Observation | None:
    """It was written in the mailbox of an organisation's own mail system."""
    signed = signed_in_as(facts)
    webmail = WEBMAIL.search(facts.message.mailer[:200])
    own = "@" in signed and is_authors(facts, signed.rpartition("@")[2])
    if facts.author.cls in (DomainClass.FREEMAIL, DomainClass.PLATFORM) or not (webmail or own):
        return None
    told = webmail.group(0) if webmail else f"{signed} signed in"
    return Observation(f"A mailbox with people behind it: {told}.")


@rule(question=Question.STANDING, group="mail-system")
def business_mail_provider(facts: Facts) -> Observation | None:
    """The domain keeps its mailboxes at a business mail provider, under its own tenant."""
    names = [stamp.domain for stamp in stamps(facts, Method.DKIM, Result.PASS)]
    names += [signature.domain for signature in facts.message.signatures]
    label = facts.author.organisational.partition(".")[0].replace("-", "")
    tenant = next((n for n in names if within(n, "onmicrosoft.com") or within(n, "gappssmtp.com")), None)
    if tenant is None or not label or label not in tenant.replace("-", ""):
        return None
    return Observation(f"{facts.author.organisational} has a tenant of its own ({tenant}).")


@rule(question=Question.STANDING, group="mail-system")
def strangers_tenant_sends_it(facts: Facts) -> Observation | None:
    """A tenant that isn't the sender's relays it through a business mail provider."""
    names = [stamp.domain for stamp in facts.judged.stamps if stamp.domain]
    names += [signature.domain for signature in facts.message.signatures]
    label = facts.author.organisational.partition(".")[0].replace("-", "")
    tenant = next((name for name in names if within(name, "onmicrosoft.com")), None)
    if tenant is None or not label or label in tenant.replace("-", ""):
        return None
    return Observation(f"The tenant {tenant} sends for {facts.author.domain}.")


@rule(question=Question.STANDING, group="server-kind")
def rented_machine_of_its_own(facts: Facts) -> Observation | None:
    """It sends from a bare rented machine under its own domain's name or none."""
    hop = facts.judged.hop
    if facts.server_relation not in (Relation.GENERIC_HOSTING, Relation.SAME_DOMAIN) or hop is None:
        return None
    if WEBMAIL.search(facts.message.mailer[:200]) or signed_in_as(facts) or len(facts.message.hops) > hop.index + 2:
        return None
    if submission(facts):  # somebody has a mailbox and a password there
        return None
    return Observation(f"{hop.host or hop.helo or hop.ip} sends on its own account, with no mailbox behind it.")


@rule(question=Question.STANDING, group="reply-to")
def answers_wanted_elsewhere(facts: Facts) -> Observation | None:
    """Answers are wanted at another mailbox, as if the sender couldn't read this one."""
    box = replies_elsewhere(facts)
    if box is None or facts.author.cls not in (DomainClass.OTHER, DomainClass.INSTITUTION, DomainClass.BRAND):
        return None
    if rewritten_by_list(facts) or (facts.judged.passage is Passage.LIST and wanted(facts, Want.TECHNICAL_TALK)):
        return None
    return Observation(
        f"Whoever wrote it wants answers at {box.address}, not at {facts.message.author.address or 'a sender shown'}."
    )


@rule(question=Question.STANDING, group="link-aim")
def sells_at_its_own_site(facts: Facts) -> Observation | None:
    """It advertises, and the links lead to the sender's own domain."""
    own = links_of(facts, LinkClass.OWN)
    if not own or facts.author.cls is not DomainClass.OTHER or not wanted(facts, *SALES):
        return None
    return Observation(f"It advertises for {facts.author.organisational}, the domain that it comes from.")


@rule(question=Question.STANDING, group="client-place")
def client_far_from_the_server(facts: Facts) -> Observation | None:
    """It was written far from where its mail server stands."""
    client, server = facts.client(), facts.server()
    if not client.country or not server.network.country or client.country == server.network.country:
        return None
    return Observation(f"Written in {client.country}, sent by a server in {server.network.country}.")


@rule(question=Question.STANDING, group="list-member")
def takes_part_in_a_list(facts: Facts) -> Observation | None:
    """A mailing list took it, in a conversation."""
    if not by_known_list(facts) or not wanted(facts, Want.TECHNICAL_TALK):
        return None
    return Observation(f"Takes part in {facts.message.traits.list_id[:80] or 'a list'}.")


@rule(question=Question.STANDING, group="policy")
def publishes_a_strict_policy(facts: Facts) -> Observation | None:
    """The domain publishes a strict DMARC policy, as organisations that care do."""
    now = facts.dmarc_now()
    if now.policy is None or now.policy.policy not in ("quarantine", "reject"):
        return None
    return Observation(f"{now.policy.domain} publishes DMARC {now.policy.policy}.")


@rule(question=Question.STANDING, group="policy")
def receiver_applied_its_policy(facts: Facts) -> Observation | None:
    """The receiver acted on the domain's strict policy."""
    hit = next((s for s in facts.stamp(Method.DMARC) if s.action.lower() in ("reject", "quarantine", "oreject")), None)
    return Observation(f"The domain's policy made the receiver act ({hit.action}).") if hit else None


@rule(question=Question.STANDING, group="forged-victim")
def forged_addresses_are_real_ones(facts: Facts) -> Observation | None:
    """Another server failed the check that the domain publishes, as happens to real domains."""
    if not _forged(facts) or facts.author.cls is DomainClass.NOT_A_DOMAIN:
        return None
    return Observation(f"{facts.author.domain} publishes who may send for it, as real organisations do.")


@rule(question=Question.STANDING, group="own-bulk")
def bulk_mailer_of_its_own(facts: Facts) -> Observation | None:
    """It advertises what nobody's mailbox would, from a mail system that is proven to be the sender's."""
    found = wanted(facts, Want.DATING, Want.PILLS, Want.CASINO, Want.MARKETING, Want.PRIZE, Want.BUSINESS_OFFER)
    if not found or not vouched(facts) or facts.author.cls is not DomainClass.OTHER or replies_elsewhere(facts):
        return None
    if signed_in_as(facts):
        return None
    return Observation(f"{facts.author.organisational} advertises in bulk: {quoted(found, 2)}.")


@rule(question=Question.STANDING, group="filter-reputation")
def inside_originated(facts: Facts) -> Observation | None:
    """The provider wrote which account sent it."""
    hit = next(
        (o for o in facts.message.originations if o.account and "@" in o.account and o.zone is not Zone.OUTSIDE), None
    )
    return Observation(f"The provider names the account {hit.account[:100]} ({hit.header}).") if hit else None


def _forged(facts: Facts) -> bool:
    """A check that the author's domain publishes failed at the receiver."""
    failed = stamps(facts, Method.SPF, Result.FAIL, Result.SOFTFAIL, aligned=True)
    return bool(failed or stamps(facts, Method.DMARC, Result.FAIL)) and not handed_on(facts) and not vouched(facts)
