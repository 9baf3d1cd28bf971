"""More under headings: the provider's steps, why it happens, how to get at the original."""

from collections.abc import Mapping

from bot.advice.account import page_verdict, traces
from bot.advice.sender import about, origin_proven
from bot.advice.steps import filled, typed_where
from bot.advice.words import fill, from_mail
from bot.handbook import Handbook
from bot.handbook.pages import ExportPage, ProviderPage, Step, When
from bot.model import Diagnosis, Facts, Method, Reader, Result, Verdict, Zone

FALLBACK_PROVIDER = "imap-host"
NEEDS_HEADERS = frozenset({"full-headers", "original-as-attachment", "known-good-mail"})
"""Next steps for which people must know how to get at the original."""
CODES = 20
EXPLAINS = "How it happens"
"""The heading of the section that is prose."""
ORIGINAL = "How to get the headers or the original"
ON_A_COMPUTER = "Open the mail on a computer:"
ON_A_PHONE = "On a phone it can't be done: open the mail on a computer."
_CLICKS = ("open the mail, ", "double-click the mail, ")

Section = tuple[str, tuple[str, ...]]


def sections(
    facts: Facts,
    diagnosis: Diagnosis,
    handbook: Handbook,
    reader: Reader,
    values: Mapping[str, str],
    *,
    asked: bool,
) -> tuple[Section, ...]:
    """More, under headings; none is empty. `asked`: the reply asks for what would settle it."""
    found: list[Section] = []
    found.extend(_provider_sections(facts, diagnosis, handbook, reader, values))
    explained = handbook.verdict(page_verdict(facts, diagnosis, reader)).reader(reader).explains
    found.append((EXPLAINS, filled(explained, values)))
    if reader is Reader.TECHNICIAN:
        found.append(("What the codes mean", _codes(facts)))
    elif asked and diagnosis.next_step and diagnosis.next_step.code in NEEDS_HEADERS:
        whole = diagnosis.next_step.code != "full-headers"
        found.append(_export_section(facts, handbook, whole=whole))
    return tuple(section for section in found if section[1])


def choose_provider(handbook: Handbook, domain: str, servers: tuple[str, ...]) -> ProviderPage | None:
    """The page of the provider of an address: by its domain, else by servers that are known to be its own."""
    by_domain = _longest(handbook.providers, (domain,), by_servers=False)
    by_server = by_domain or _longest(handbook.providers, servers, by_servers=True)
    return by_server or next((page for page in handbook.providers if page.slug == FALLBACK_PROVIDER), None)


def _provider_sections(
    facts: Facts, diagnosis: Diagnosis, handbook: Handbook, reader: Reader, values: Mapping[str, str]
) -> list[Section]:
    """For whoever has an account to win back: nobody else needs the steps."""
    heading, page = "", None
    found = traces(facts, diagnosis, reader) is not None
    hacked = found or Verdict.HACKED_ACCOUNT in {about(diagnosis), *diagnosis.also}
    sure = diagnosis.verdict is not Verdict.UNDETERMINED
    if hacked and (reader is Reader.TECHNICIAN or (reader is Reader.NAMED and (sure or found))):
        heading = "Winning the account back: {}"
        theirs = not (found and about(diagnosis) is Verdict.SPOOFED_NAME)  # else the address is somebody else's
        domain = facts.message.author.domain if theirs else ""
        page = choose_provider(handbook, domain, _author_servers(facts, diagnosis) if theirs else ())
    elif reader is not Reader.TECHNICIAN and _typed_for_mail(facts, handbook):
        heading = "If it was your mail password: {}"
        page = choose_provider(handbook, _receiver_domain(facts), _receiver_servers(facts))
    if page is None or (page.slug == FALLBACK_PROVIDER and reader is not Reader.TECHNICIAN):
        return []
    return [_provider_section(heading, page, reader, values)]


def _typed_for_mail(facts: Facts, handbook: Handbook) -> bool:
    return bool(facts.told.typed_password) and typed_where(facts, handbook) is When.TYPED_PASSWORD


def _provider_section(heading: str, page: ProviderPage, reader: Reader, values: Mapping[str, str]) -> Section:
    """Technicians are told the source of each step."""
    technician = reader is Reader.TECHNICIAN
    chosen = page.administrator or page.owner if technician else page.owner
    return heading.format(page.title), tuple(_step_line(step, values, sourced=technician) for step in chosen)


def _step_line(step: Step, values: Mapping[str, str], *, sourced: bool) -> str:
    also = "" if step.must else "Also: "
    return f"{also}{fill(step.text, values)}" + (f" Source: {step.source}" if sourced else "")


def _author_servers(facts: Facts, diagnosis: Diagnosis) -> tuple[str, ...]:
    """Servers and signing domains that show the author's provider; none unless origin is proven."""
    if not origin_proven(diagnosis):
        return ()
    signed = [s.domain for s in facts.judged.stamps if s.method is Method.DKIM and s.result is Result.PASS]
    server = facts.server.maybe()
    hosts = [server.host, server.helo] if server else []
    return tuple(host.lower() for host in (*signed, *hosts) if host)


def _receiver_domain(facts: Facts) -> str:
    return next((box.domain for box in facts.message.to if box.domain), "")


def _receiver_servers(facts: Facts) -> tuple[str, ...]:
    near = (hop for hop in facts.message.hops if hop.zone in (Zone.INSIDE, Zone.BORDER))
    return tuple(hop.by.lower() for hop in near if hop.by)


def _longest(pages: tuple[ProviderPage, ...], hosts: tuple[str, ...], *, by_servers: bool) -> ProviderPage | None:
    matches = [
        (len(known), page)
        for page in pages
        for known in (page.servers if by_servers else page.domains)
        for host in hosts
        if host == known or host.endswith("." + known)
    ]
    return max(matches, key=lambda match: match[0])[1] if matches else None


def _export_section(facts: Facts, handbook: Handbook, *, whole: bool) -> Section:
    """A line for each program, first the one that goes with the receiver's address or servers.

    `whole`: the original is asked for, which most programs can save.
    """
    domain = _receiver_domain(facts)
    software = {hop.software for hop in facts.message.hops if hop.zone in (Zone.INSIDE, Zone.BORDER)}
    can = [page for page in handbook.exports if page.can]
    likely = [page for page in can if domain in page.domains] or [p for p in can if software & set(p.software)]
    rest = [page for page in can if page not in likely[:1]]
    lead = () if likely else (ON_A_COMPUTER,)
    return ORIGINAL, (*lead, *(_way(page, whole=whole) for page in (*likely[:1], *rest)), ON_A_PHONE)


def _way(page: ExportPage, *, whole: bool) -> str:
    headers, _, original = page.in_short.partition("; original: ")
    short = original if whole and original else headers
    for click in _CLICKS:
        short = short.removeprefix(click)
    return f"{page.title}: {short}."


def _codes(facts: Facts) -> tuple[str, ...]:
    lines = (
        f"{from_mail(f'{each.source} {each.code} {each.value}', 160)}: {from_mail(each.meaning)}"
        for each in facts.message.filters
    )
    return tuple(dict.fromkeys(lines))[:CODES]
