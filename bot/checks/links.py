"""Where a mail's links go, by lists and shapes alone; nothing is fetched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.checks.domains import is_domain, organisational, parents, registered_label
from bot.checks.lookalike import KnownDomains, known_domains, lookalike
from bot.handbook.linklists import LinkLists
from bot.handbook.lists import Lists
from bot.hosts import FIRST_CONTACT_PAGE
from bot.model import JudgedLink, Link, LinkClass, Lookalike, LookalikeKind, Message, Trust

# "203-0-113-9.cloud.example.net", "static.9.113.0.203.clients.example.net": a rented machine's default name
# is its address spelled out, and as nameless as that.
_ADDRESS_IN_NAME = re.compile(r"(?<![\d])(?:\d{1,3}[.-]){3}\d{1,3}(?![\d])")
# What a reader takes for an address of the web: a scheme or www., or a bare host at the text's beginning.
_SHOWN = re.compile(
    r"^[\s<(\[\"'»›→-]{0,6}(?:https?:/{1,2})?((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24})(?=[/:?#\s)>\]\"']|\.?$)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\w.:-]{0,260}")
_LONGEST_SHOWN = 600


def judge_links(
    message: Message,
    author_organisation: str,
    lists: Lists,
    linklists: LinkLists,
    known: KnownDomains | None = None,
) -> tuple[JudgedLink, ...]:
    """Each link that leads to a host, judged; in the mail's order. Addresses and telephone numbers aren't links, and
    that of the receiver's own note isn't the mail's.

    `author_organisation` is the organisational domain of From, "" where there is none; `known` the domains
    that may be imitated, where they are more than the brands of `lists`.
    """
    imitable = known or known_domains(lists, Trust(), None)
    judge = _Judge(author_organisation, lists, linklists, imitable)
    return tuple(judge.link(link) for link in message.links if link.host and not _of_receivers_note(link))


def _of_receivers_note(link: Link) -> bool:
    return link.host == "aka.ms" and link.target.casefold().partition("://")[2].startswith(FIRST_CONTACT_PAGE)


@dataclass(frozen=True, slots=True)
class _Judge:
    """One mail's author and the lists that its links are held against."""

    author: str
    lists: Lists
    linklists: LinkLists
    known: KnownDomains

    def link(self, link: Link) -> JudgedLink:
        host = _clean(link.host)
        cls, owner = self.host(host, _path(link.target))
        return JudgedLink(link, cls, self.other_host_shown(link, host, cls), owner)

    def host(self, host: str, path: str) -> tuple[LinkClass, str]:
        """The class of a host, and the brand that it belongs to or imitates, "" for none."""
        if _is_address(host):
            return LinkClass.IP, ""
        brand = self.lists.owner(host)
        if self.author and _same(host, self.author, self.lists):
            return LinkClass.OWN, brand.name if brand else ""
        group = self.linklists.group(host, path)
        if group is not None:
            return group.cls, ""
        if brand is not None:
            return LinkClass.BRAND, brand.name
        # A name that nobody can register leads nowhere: mostly a sentence's next word, glued to a URL.
        imitation = lookalike(host, "link", self.known) if is_domain(host) else None
        if imitation is None or self.is_namesake(imitation):
            return LinkClass.OTHER, ""
        return LinkClass.LOOKALIKE, imitation.whose

    def is_namesake(self, imitation: Lookalike) -> bool:
        """The author's own name under another ending: acme.com links to acme.org."""
        same = registered_label(imitation.domain) == registered_label(self.author)
        return imitation.kind is LookalikeKind.OTHER_TLD and bool(self.author) and same

    def other_host_shown(self, link: Link, host: str, cls: LinkClass) -> str:
        """The host that the text names, where the link goes to somebody else's.

        A click tracker stands between the sender's own text and the sender's own site: it counts only where
        the text names a third party.
        """
        found = _SHOWN.match(link.text[:_LONGEST_SHOWN])
        if found is None:
            return ""
        shown = found[1].lower()
        if not is_domain(shown) or _same(shown, host, self.lists):
            return ""
        if link.rewritten_by and self.linklists.group(shown) is not None:
            return ""  # a gateway that rewrites what is shown, too
        if cls is LinkClass.TRACKER and self.author and _same(shown, self.author, self.lists):
            return ""
        return shown


@lru_cache(maxsize=4096)
def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _ADDRESS_IN_NAME.search(host) is not None
    return True


def _clean(host: str) -> str:
    """The host without what no name can hold: Markdown's brackets, a sentence's punctuation."""
    found = _NAME.match(host)
    return found[0].rstrip(".") if found else ""


def _path(target: str) -> str:
    try:
        return urlsplit(target).path
    except ValueError:  # an unbalanced bracket in the authority: the host was found by intake's own reader
        return ""


def _same(one: str, other: str, lists: Lists) -> bool:
    """Whether two hosts are one organisation's: by their registered domain, or as one brand's."""
    if organisational(one) == organisational(other):
        return True
    owners = _brands_by_domain(lists)
    return not _owners(one, owners).isdisjoint(_owners(other, owners))


def _owners(host: str, owners: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The brands that the nearest listed domain belongs to; several may share one (a shop and its film service)."""
    return next((owners[domain] for domain in parents(host) if domain in owners), frozenset())


@lru_cache(maxsize=4)
def _brands_by_domain(lists: Lists) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for brand in lists.brands:
        for domain in brand.domains:
            found[domain] = found.get(domain, frozenset()) | {brand.id}
    return found
