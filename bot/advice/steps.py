"""What to do: answers that mean danger come first, then the verdict's steps, then more under headings."""

from collections.abc import Mapping

from bot.advice.sender import SenderKind, about, origin_proven
from bot.advice.words import fill, from_mail
from bot.handbook import Handbook
from bot.handbook.pages import ExportPage, ProviderPage, Step, When
from bot.model import Diagnosis, Facts, Method, Reader, Result, Told, Verdict, Zone

FALLBACK_PROVIDER = "imap-host"
NEEDS_HEADERS = frozenset({"full-headers", "original-as-attachment", "known-good-mail"})
"""Next steps for which people must know how to get at the original."""
CODES = 20
EXPLAINS = "How it happens"
"""The heading of the section that is prose."""

Section = tuple[str, tuple[str, ...]]


def danger(told: Told) -> tuple[When, ...]:
    """The occasions that the answers amount to, the most urgent first. Who typed a password has clicked as well."""
    answers = (
        (told.paid, When.PAID),
        (told.typed_password, When.TYPED_PASSWORD),
        (told.opened, When.OPENED),
        (told.clicked and not told.typed_password, When.CLICKED),
    )
    return tuple(when for yes, when in answers if yes)


def steps(
    facts: Facts,
    diagnosis: Diagnosis,
    handbook: Handbook,
    reader: Reader,
    kind: SenderKind,
    values: Mapping[str, str],
) -> tuple[str, ...]:
    """The steps for one reader, the first one first."""
    dangers = danger(facts.told)
    urgent = [item for when in dangers for item in handbook.told(when, diagnosis.verdict)]
    first = handbook.told(When.FIRST, diagnosis.verdict) if reader is Reader.RECEIVER else ()
    own = handbook.verdict(diagnosis.verdict).reader(reader).steps_for(kind.value)
    asked = reader is Reader.TECHNICIAN or dangers
    late = () if asked else handbook.told(When.NOTHING_TOLD, diagnosis.verdict)
    return filled((*urgent, *first, *own, *late), values)


def sections(
    facts: Facts,
    diagnosis: Diagnosis,
    handbook: Handbook,
    reader: Reader,
    values: Mapping[str, str],
) -> tuple[Section, ...]:
    """More, under headings; none is empty."""
    found: list[Section] = []
    found.extend(_provider_sections(facts, diagnosis, handbook, reader, values))
    if diagnosis.next_step and diagnosis.next_step.code in NEEDS_HEADERS:
        found.extend(_export_sections(facts, handbook, values))
    explained = handbook.verdict(diagnosis.verdict).reader(reader).explains
    found.append((EXPLAINS, filled(explained, values)))
    if reader is Reader.TECHNICIAN:
        found.append(("What the codes mean", _codes(facts)))
    return tuple(section for section in found if section[1])


def filled(templates: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
    """Each template filled; those that lack what they are about are left out, and no line stands there twice."""
    return tuple(dict.fromkeys(text for text in (fill(template, values) for template in templates) if text))


def choose_provider(handbook: Handbook, domain: str, servers: tuple[str, ...]) -> ProviderPage | None:
    """The page of the provider of an address: by its domain, else by servers that are known to be its own."""
    by_domain = _longest(handbook.providers, (domain,), by_servers=False)
    by_server = by_domain or _longest(handbook.providers, servers, by_servers=True)
    return by_server or next((page for page in handbook.providers if page.slug == FALLBACK_PROVIDER), None)


def _provider_sections(
    facts: Facts, diagnosis: Diagnosis, handbook: Handbook, reader: Reader, values: Mapping[str, str]
) -> list[Section]:
    found: list[Section] = []
    verdicts = {about(diagnosis), *diagnosis.also}
    typed_in = facts.told.typed_password
    if reader is not Reader.RECEIVER and Verdict.HACKED_ACCOUNT in verdicts:
        page = choose_provider(handbook, facts.message.author.domain, _author_servers(facts, diagnosis))
        found.append(_provider_section("Winning the account back: {}", page, reader, values))
    elif reader is Reader.NAMED and about(diagnosis) is Verdict.SPOOFED_ADDRESS:
        page = choose_provider(handbook, facts.message.author.domain, ())
        found.append(
            _provider_section("If you want to be sure that nobody is in your account: {}", page, reader, values)
        )
    if reader is Reader.RECEIVER and typed_in:
        page = choose_provider(handbook, _receiver_domain(facts), _receiver_servers(facts))
        found.append(_provider_section("If it was your mail password: {}", page, reader, values))
    return found


def _provider_section(heading: str, page: ProviderPage | None, reader: Reader, values: Mapping[str, str]) -> Section:
    if page is None:
        return heading, ()
    if reader is Reader.TECHNICIAN:
        chosen = page.administrator or page.owner
        return heading.format(page.title), tuple(_step_line(step, values, step.source) for step in chosen)
    before = ("", *(step.source for step in page.owner))
    lines = (
        _step_line(step, values, step.source if step.source != last else "")
        for step, last in zip(page.owner, before, strict=False)
    )
    return heading.format(page.title), tuple(lines)


def _step_line(step: Step, values: Mapping[str, str], source: str) -> str:
    """One step; people are told a source where it changes, technicians with each step."""
    also = "" if step.must else "Also: "
    return f"{also}{fill(step.text, values)}" + (f" Source: {source}" if source else "")


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


def _export_sections(facts: Facts, handbook: Handbook, values: Mapping[str, str]) -> list[Section]:
    """In full for the program that goes with the receiver's address, in one line for every other."""
    domain = _receiver_domain(facts)
    software = {hop.software for hop in facts.message.hops if hop.zone in (Zone.INSIDE, Zone.BORDER)}
    likely = [page for page in handbook.exports if page.can and domain in page.domains]
    near = [page for page in handbook.exports if page not in likely and software & set(page.software)]
    rest = [page for page in handbook.exports if page not in likely and page not in near]
    found = [(f"How to get the original: {page.title}", _export_steps(page, values)) for page in likely[:1]]
    others = tuple(f"{page.title}: {page.in_short}." for page in (*likely[1:], *near, *rest))
    return [*found, ("How to get the hidden lines, by mail program", others)]


def _export_steps(page: ExportPage, values: Mapping[str, str]) -> tuple[str, ...]:
    return (*filled(page.original, values), f"Or only the headers: {page.in_short}.", f"Source: {page.source}")


def _codes(facts: Facts) -> tuple[str, ...]:
    lines = (
        f"{from_mail(f'{each.source} {each.code} {each.value}', 160)}: {from_mail(each.meaning)}"
        for each in facts.message.filters
    )
    return tuple(dict.fromkeys(lines))[:CODES]
