"""The sending server, its relation to the From domain, and where the mail was written.

What the receiver wrote down of the client counts: its address, and its reverse name if it looked one
up. The HELO is the sender's own word, and counts only where the address is in that provider's networks.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Iterable

from bot.checks.answers import Answers
from bot.checks.domains import organisational
from bot.errors import NotChecked
from bot.handbook.servers import Provider, Servers, above
from bot.hosts import clean_host, family, is_provider_network
from bot.model import (
    DkimNow,
    DnsRelation,
    DomainClass,
    DomainFacts,
    Fact,
    Hop,
    IpKind,
    Judged,
    Message,
    Method,
    Network,
    Passage,
    Relation,
    Result,
    Server,
    SpfNow,
    Stamp,
    Zone,
)
from bot.ports import Atlas, DnsAnswer, DnsStatus

SERVER, RELATION, CLIENT, EXISTS = (
    "the sending server",
    "the server's records",
    "where it was written",
    "whether the domain exists",
)

_MAX_NAMES = 3
"""Reverse names, and mail exchangers, whose addresses are looked up."""

_SUBMITTED = frozenset({"esmtpa", "esmtpsa", "utf8smtpa", "utf8smtpsa", "http", "https", "httprest", "mapi"})
"""`with` words of submission by a person's client (RFC 3848, 6531; the webmail servers' own)."""

_BELIEVED = (Zone.INSIDE, Zone.BORDER, Zone.HANDED)


def server_of(judged: Judged, atlas: Atlas) -> Fact[Server]:
    """The client of the hop that is judged."""
    hop = judged.hop
    if hop is None:
        return Fact.unknown(SERVER, judged.why or "no line of the receiver tells")
    if not (hop.ip or hop.host or hop.helo):
        return Fact.unknown(SERVER, "the receiver's line names no client")
    host = clean_host(hop.host) or clean_host(hop.helo)
    return Fact.known(SERVER, Server(hop.ip, host, hop.helo, atlas.find(hop.ip), hop.index))


def believed_name(hop: Hop) -> str:
    """The client's name, if it isn't only the client's own word for itself; else ""."""
    host, helo = clean_host(hop.host), clean_host(hop.helo)
    if host:
        return host
    return helo if helo and is_provider_network(family(helo), hop.ip) else ""


def relate(author: DomainFacts, judged: Judged, servers: Servers, platforms: frozenset[str] = frozenset()) -> Relation:
    """How the sending server's name relates to the From domain, offline."""
    hop = judged.hop
    if hop is None or author.cls is DomainClass.NOT_A_DOMAIN:
        return Relation.UNKNOWN
    name = believed_name(hop)
    if name and (organisational(name) == author.organisational or _same_family(name, author)):
        return Relation.SAME_DOMAIN
    provider = servers.provider(name) if name else None
    if provider is not None:
        return Relation.ITS_PROVIDER if _uses(author, provider, judged) else Relation.UNKNOWN
    return _foreign(name or clean_host(hop.helo), hop, author, servers, platforms)


def _foreign(name: str, hop: Hop, author: DomainFacts, servers: Servers, platforms: frozenset[str]) -> Relation:
    """A server that isn't the domain's by its believed name; `name` may be its own word for itself."""
    if not name:
        return Relation.GENERIC_HOSTING if servers.hosted(hop.helo or hop.host, hop.ip) else Relation.UNKNOWN
    if servers.service(name) is not None:
        return Relation.MAILING_SERVICE
    if any(each in platforms for each in above(name)):
        return Relation.PLATFORM
    if servers.hosted(name, hop.ip) is not None:
        return Relation.GENERIC_HOSTING
    own_word = organisational(name) == author.organisational or servers.provider(name) is not None
    # A forger says HELO in the name that he forges: alone, that proves neither way.
    return Relation.UNKNOWN if own_word else Relation.UNRELATED


def _same_family(name: str, author: DomainFacts) -> bool:
    return author.cls is not DomainClass.FREEMAIL and family(name) == family(author.domain)


def _uses(author: DomainFacts, provider: Provider, judged: Judged) -> bool:
    """Whether the provider's own domains, or what the receiver verified, show that it sends for this domain."""
    if author.domain in provider.domains:
        return True
    passed = [stamp for stamp in judged.stamps if stamp.result is Result.PASS]
    aligned = any(organisational(stamp.domain) == author.organisational for stamp in passed if stamp.domain)
    return aligned or any(_is_tenant(stamp.domain, author, provider) for stamp in passed if stamp.method is Method.DKIM)


def _is_tenant(domain: str, author: DomainFacts, provider: Provider) -> bool:
    """`example-org.20230601.gappssmtp.com`, `example.onmicrosoft.com`: the tenant's name holds the domain's."""
    labels = set(author.organisational.split(".")[:1]) | {author.organisational.replace(".", "-")}
    below = any(domain.endswith("." + tenant) for tenant in provider.tenants)
    return below and domain.partition(".")[0] in labels


def our_service(author: DomainFacts, judged: Judged, services: Iterable[str]) -> str:
    """Which of the services that send in our name (OUR_SENDING_SERVICES) sent it, "" if none.

    The receiver must have found it out: a looked-up name, or a passed SPF or DKIM of the service's. The From
    domain must be ours, since the setting says nothing of other people's names.
    """
    if author.cls is not DomainClass.OURS:
        return ""
    hop = judged.hop
    proven = {stamp.domain for stamp in judged.stamps if _proves(stamp)}
    if hop is not None and hop.host not in ("", "unknown"):
        proven.add(clean_host(hop.host))
    wanted = [service.strip().lower() for service in services]
    return next((service for service in wanted if any(service in above(name) for name in proven if name)), "")


def _proves(stamp: Stamp) -> bool:
    return stamp.result is Result.PASS and stamp.method in (Method.SPF, Method.DKIM) and not stamp.beside


async def dns_relation(
    author: DomainFacts,
    server: Server,
    spf: Awaitable[Fact[SpfNow]],
    dkim: Awaitable[Fact[tuple[DkimNow, ...]]],
    answers: Answers,
) -> DnsRelation:
    """How the server relates to the From domain by today's records. Raises NotChecked.

    `in_spf` tells of the From domain's own record only, where MAIL FROM lies in that organisation.
    """
    confirmed, exchangers = await asyncio.gather(_confirmed(server.ip, answers), _exchangers(author.domain, answers))
    is_mx = bool(confirmed) and confirmed in exchangers
    signed = (await dkim).maybe() or ()
    if not is_mx and not any(now.aligned and now.result is Result.PASS for now in signed):
        # Where a signature proves the origin, nobody needs to know which exchanger has the address.
        is_mx = await _is_among(server, exchangers, author, answers)
    now = (await spf).maybe()
    in_spf = now is not None and now.aligned and now.result is Result.PASS
    same = bool(confirmed) and organisational(confirmed) == author.organisational
    return DnsRelation(is_mx=is_mx, in_spf=in_spf, forward_confirmed=confirmed, same_organisation=same)


async def domain_exists(domain: str, answers: Answers) -> bool:
    """Whether the name exists at all (RFC 8020). Raises NotChecked."""
    answer = _definite(await answers.fetch(domain, "MX"))
    return answer.status is not DnsStatus.NO_NAME


async def _confirmed(ip: str, answers: Answers) -> str:
    """The reverse name that maps back to the address (FCrDNS; RFC 8601, 3), "" if none does."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError as bad:
        raise NotChecked(RELATION, "the sending server's address isn't known") from bad
    names = _texts(_definite(await answers.fetch(address.reverse_pointer, "PTR")))[:_MAX_NAMES]
    for name in names:
        if clean_host(name) and await _maps_to(name, address.compressed, answers):
            return name.lower()
    return ""


async def _maps_to(name: str, ip: str, answers: Answers) -> bool:
    outcome = await answers.fetch(name, "AAAA" if ":" in ip else "A")
    return isinstance(outcome, DnsAnswer) and ip in _texts(outcome)


async def _exchangers(domain: str, answers: Answers) -> tuple[str, ...]:
    """The domain's mail exchangers, the preferred first."""
    records = [text.partition(" ") for text in _texts(_definite(await answers.fetch(domain, "MX")))]
    ordered = sorted(
        (int(preference), host.lower()) for preference, _, host in records if preference.isdigit() and host
    )
    return tuple(host for _, host in ordered)


async def _is_among(server: Server, exchangers: Iterable[str], author: DomainFacts, answers: Answers) -> bool:
    """Whether an exchanger has the server's address; only those that could are looked up."""
    near = {author.organisational, organisational(server.host) if server.host else ""}
    likely = [host for host in exchangers if organisational(host) in near][:_MAX_NAMES]
    found = await asyncio.gather(*(_maps_to(host, server.ip, answers) for host in likely))
    return any(found)


def _definite(outcome: DnsAnswer | NotChecked) -> DnsAnswer:
    if isinstance(outcome, NotChecked):
        raise NotChecked(RELATION, f"{outcome.what}: {outcome.why}")
    return outcome


def _texts(answer: DnsAnswer) -> list[str]:
    return [record.decode("ascii", "replace") for record in answer.records]


def client_network(message: Message, judged: Judged, atlas: Atlas) -> Fact[Network]:
    """The network of the author's client: by a believed header of the provider, else by its submission line.

    A submission lies below the hop at which the author's system handed the mail over; above that, `with HTTPS`
    and the like are the receiver's own servers talking to each other.
    """
    first = judged.hop.index if judged.hop is not None else len(message.hops)
    below = [hop for hop in message.hops if hop.index > first or judged.passage is Passage.INTERNAL]
    ips = [each.ip for each in message.originations if each.ip and each.zone in _BELIEVED]
    ips += [hop.ip for hop in reversed(below) if hop.ip and hop.zone in _BELIEVED and _is_submission(hop)]
    networks = [atlas.find(ip) for ip in ips]
    public = next((network for network in networks if network.kind in (IpKind.PUBLIC, IpKind.DOCUMENTATION)), None)
    if public is not None:
        return Fact.known(CLIENT, public)
    why = f"its address {networks[0].ip} is {networks[0].kind.value}" if networks else "no header of the provider tells"
    return Fact.unknown(CLIENT, why)


def _is_submission(hop: Hop) -> bool:
    return bool(hop.authenticated) or hop.protocol.lower() in _SUBMITTED
