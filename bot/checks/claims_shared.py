"""One reading of From, as the claims look at it, and whether an address belongs to an organisation."""

import re
from dataclasses import dataclass

from bot.checks.domains import is_below, public_suffix, registered_label
from bot.handbook.brands import Brand
from bot.handbook.lists import Lists
from bot.model import ClaimKind, DomainClass, DomainFacts, Mailbox, Message, Trust
from bot.ports import Directory

_VIA = re.compile(r"^(.{1,200}?)\s+(?:via|through|através de|tramite|über)\s+(.{1,200})$", re.IGNORECASE | re.DOTALL)
_COUNTRY_SUFFIX = re.compile(r"(?:(?:com?|net|org|gob|gov|edu|ac)\.)?[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Shown:
    """One reading of From, with what is known of its domain."""

    box: Mailbox
    domain: DomainFacts
    message: Message
    lists: Lists
    directory: Directory | None
    trust: Trust

    @property
    def name(self) -> str:
        """The display name without "via List"."""
        found = _VIA.match(self.box.name.strip())
        return found.group(1) if found else self.box.name

    @property
    def channel(self) -> str:
        """What stands behind "via"."""
        found = _VIA.match(self.box.name.strip())
        return found.group(2) if found else ""

    @property
    def rewritten(self) -> bool:
        """A list or a service put its own address in the place of the author's ("Maria via List")."""
        handled = bool(self.message.traits.list_id or self.message.traits.list_post)
        return bool(self.channel) and (handled or self.domain.cls is DomainClass.PLATFORM or self._is_group())

    def _is_group(self) -> bool:
        """The words behind "via" are the address's own: "via USRP-users" <usrp-users@…>."""
        channel = re.sub(r"[\W_]", "", self.channel.casefold())
        local = re.sub(r"[\W_]", "", self.box.local.casefold())
        return len(channel) > 2 and (channel in local or local in channel) and bool(local)


def owns_brand(brand: Brand, shown: Shown) -> bool | None:
    """Whether the address shown is this organisation's; None where that can't be told from lists."""
    box, domain = shown.box, shown.domain
    if not box.address or domain.cls is DomainClass.NOT_A_DOMAIN:
        return False
    if is_below(domain.domain, *brand.domains):
        return True if _sends_itself(brand, domain) else None
    if shown.rewritten or box.local.lower().startswith("microsoftexchange329e71ec88ae4615bbc36ab6ce41109e"):
        # The second: bounces of every Exchange organisation are from "Microsoft Outlook" (learn.microsoft.com, NDRs).
        return None
    if brand.kind is ClaimKind.PUBLIC_BODY and domain.cls is DomainClass.INSTITUTION and _same_state(brand, domain):
        return None
    return None if _other_country(brand, domain) else False


def _sends_itself(brand: Brand, domain: DomainFacts) -> bool:
    """Not where strangers have mailboxes or tenants; a platform's mail under its own name is its own."""
    if domain.cls in (DomainClass.FREEMAIL, DomainClass.TENANT):
        return False
    label = registered_label(domain.organisational).replace("-", "")
    return domain.cls is not DomainClass.PLATFORM or any(label == alias.key for alias in brand.aliases)


def _other_country(brand: Brand, domain: DomainFacts) -> bool:
    """The same label under a country's suffix: perhaps the brand's own site there."""
    if not _COUNTRY_SUFFIX.fullmatch(public_suffix(domain.domain)) or domain.cheap_tld:
        return False
    label = registered_label(domain.domain)
    return len(label) > 2 and any(label == registered_label(known) for known in brand.domains)


def _same_state(brand: Brand, domain: DomainFacts) -> bool:
    suffix = domain.domain.rpartition(".")[2]
    return suffix == brand.country.lower() or (brand.country == "US" and suffix in ("gov", "mil"))
