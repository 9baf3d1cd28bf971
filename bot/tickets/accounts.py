"""Whose an account is, as far as this workspace knows, and which provider's steps win it back."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.advice.sections import FALLBACK_PROVIDER, choose_provider
from bot.handbook import Handbook
from bot.model.inquiry import Asker
from bot.model.tickets import Account


@dataclass(frozen=True, slots=True)
class AccountBook:
    """What the owner has set, and the workspace's directory. One for each process."""

    handbook: Handbook
    whose: Callable[[str, str], str]
    """Team and address to the Slack id of the member whose address it is; "" for nobody."""
    vip: Callable[[str], bool] = lambda _: False
    """Whether the owner of an address is on the VIP list."""
    our_domains: frozenset[str] = frozenset()
    our_provider: str = ""
    """The page of knowledge/providers for accounts of our own domains; "" to tell it from the mail."""

    def account(self, team: str, address: str, servers: tuple[str, ...] = ()) -> Account:
        """`servers` are hosts that are proven to have sent mail for it."""
        folded = address.strip().casefold()
        domain = folded.rpartition("@")[2]
        user = self.whose(team, folded) if folded else ""
        ours = bool(user) or any(domain == own or domain.endswith("." + own) for own in self.our_domains)
        page = choose_provider(self.handbook, domain, tuple(host.lower() for host in servers if host))
        told = page.slug if page else FALLBACK_PROVIDER
        return Account(folded, user, (self.our_provider if ours and self.our_provider else told), ours)

    def of_asker(self, asker: Asker) -> Account:
        """The account of whoever reports: theirs even where the workspace doesn't tell its address."""
        known = self.account(asker.team, asker.address)
        provider = known.provider if known.address else self.our_provider or known.provider
        return Account(known.address, asker.user, provider, True)
