"""intent, by links that look like a sign-in page of somebody else, and by links that know their reader.

Negative weights: an honest owner of this address would rather not send it.
"""

import re
from base64 import b64encode
from functools import lru_cache
from urllib.parse import unquote

from bot.hosts import organisation
from bot.model import Facts, JudgedLink, LinkClass, Passage, Question, Want
from bot.rules.reading import hosts, wanted, within
from bot.ruling import Observation, rule

_OFFICE = frozenset(
    "o365 office365 office microsoft365 m365 onedrive sharepoint owa outlook docusign dropbox adobe webmail zimbra "
    "cpanel roundcube icloud gmail".split()
)
"""Services that people sign in to for files and mail; on a host that isn't theirs, a name is borrowed."""
_SIGN_IN = frozenset(
    "login signin signon logon sso authenticate verify verification validate revalidate unlock reactivate "
    "passwort password secure anmelden connexion".split()
)
_LEAVE = re.compile(
    r"unsub|optout|opt-out|abmeld|abbestell|preference|desinscri|track|click|/open|pixel", re.IGNORECASE
)
"""Links by which bulk mail lets people go, or counts them, know their reader honestly."""
_WORDS = re.compile(r"[a-z0-9]+")
_LONGEST = 600
"""Characters of a URL that are looked at."""


@rule(question=Question.INTENT, group="link-trick")
def link_to_a_strangers_sign_in(facts: Facts) -> Observation | None:
    """A link goes to a page of a stranger that looks made for signing in."""
    if facts.judged.passage is Passage.LIST:
        return None
    found = sign_in_links(facts)
    if not found:
        return None
    best = max(found, key=lambda pair: pair[1])
    knows = _knows_reader(best[0], facts)
    told = ", and the link already holds your address" if knows else ""
    return Observation(
        f"A link goes to {hosts((best[0],))}, a stranger's page made to look like a sign-in{told}.", best[1]
    )


def sign_in_links(facts: Facts) -> tuple[tuple[JudgedLink, float], ...]:
    """Links to unknown hosts that speak of a sign-in or hold the reader's address, each with how much it looks so."""
    strangers = (j for j in facts.links if j.cls in (LinkClass.OTHER, LinkClass.LOOKALIKE, LinkClass.IP))
    judged = ((j, _likeness(j, facts)) for j in strangers if not within(j.link.host, facts.our_service))
    return tuple((link, share) for link, share in judged if share > 0)


def _likeness(judged: JudgedLink, facts: Facts) -> float:
    host, path = _words_of(judged.link.target[:_LONGEST].casefold())
    borrowed = bool((host | path) & _OFFICE) and not _its_own(judged.link.host)
    signs = bool((host | path) & _SIGN_IN)
    knows = _knows_reader(judged, facts)
    asked = bool(wanted(facts, Want.DOCUMENT, Want.CREDENTIALS, Want.MAILBOX))
    if knows:
        return 1.0 if borrowed or signs or asked else 0.5
    return 0.8 if borrowed and (signs or asked) else 0.6 if borrowed or (signs and asked) else 0.0


@lru_cache(maxsize=2048)
def _words_of(target: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of the host and of the path; what stands behind "?" is chance as often as meaning."""
    host, _, path = target.partition("://")[2].partition("?")[0].partition("/")
    return frozenset(_WORDS.findall(host)), frozenset(_WORDS.findall(path))


def _its_own(host: str) -> bool:
    """Whether the service's name is the whole name that was registered: whoever is called so borrows nothing."""
    return organisation(host).partition(".")[0] in _OFFICE


def _knows_reader(judged: JudgedLink, facts: Facts) -> bool:
    """Whether the link holds the address of somebody it was sent to, plain or as base64 (RFC 4648)."""
    target = judged.link.target[:_LONGEST]
    if _LEAVE.search(target):
        return False
    plain = unquote(target)
    lower = plain.casefold()
    for box in (*facts.message.to, *facts.message.cc)[:5]:
        address = box.address.casefold()
        if "@" not in address or within(box.domain, facts.author.organisational):
            continue
        if address in lower or b64encode(address.encode()).decode().rstrip("=") in plain:
            return True
    return False
