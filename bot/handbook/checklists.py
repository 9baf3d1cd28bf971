"""knowledge/checklists/: what a technician does around a hacked account, and what is read out to its owner outside.

The steps inside the account are those of knowledge/providers; together they are a ticket's checklist.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from bot.handbook.faults import Fault
from bot.handbook.markdown import RawPage, read_folder
from bot.handbook.pages import MUST_HAVE, ProviderPage, Step, Topic
from bot.model.tickets import Account, CheckStep

FOLDER = "checklists"
OURS, OUTSIDE, FRIEND = "ours", "outside", "friend"
OTHER_MAILBOXES, PERSONAL_DATA = "other-mailboxes", "personal-data"
TOPICS = (OTHER_MAILBOXES, PERSONAL_DATA, "receivers", "money", "tell-owner", "their-provider")
"""What a step around an account may be about; inside it, the topics of `bot.handbook.pages`."""
MUST = {OURS: (OTHER_MAILBOXES, PERSONAL_DATA), OUTSIDE: ("tell-owner", OTHER_MAILBOXES)}
"""What each page must ask for with an exclamation mark."""
FALLBACK = "imap-host"
LONGEST_TEXT = 459
"""Characters of a text message in three parts: 3 times 153 (3GPP TS 23.040, 9.2.3.24.1, 7-bit alphabet)."""
PHONE_END = "Phone end"
_STEP = re.compile(r"\[([a-z-]{1,30})(!?)\] (?:([a-z0-9-]{1,30}(?:, [a-z0-9-]{1,30}){0,9}): )?(\S.*)", re.DOTALL)
_SOURCE = re.compile(r"\s*<(https://[^\s<>]{4,300})>$")
_BRACES = re.compile(r"\{([a-z_]{1,30})\}")
_SAID = frozenset({"desk", "address", "steps"})


@dataclass(frozen=True, slots=True)
class AroundStep:
    """A step around an account. `providers`: with which it is told; empty means all."""

    topic: str
    must: bool
    text: str
    source: str
    providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Friend:
    """What is said to an owner outside."""

    phone: tuple[str, ...] = ()
    phone_end: tuple[str, ...] = ()
    text: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checklists:
    """The pages, checked."""

    ours: tuple[AroundStep, ...] = ()
    outside: tuple[AroundStep, ...] = ()
    friend: Friend = field(default_factory=Friend)


@dataclass(frozen=True, slots=True)
class FriendPack:
    """The same twice: to read out, and to send as a text message."""

    provider: str
    phone: tuple[str, ...]
    text: str


def checklist(
    checklists: Checklists,
    providers: tuple[ProviderPage, ...],
    account: Account,
    *,
    number: int = 1,
    values: Mapping[str, str] | None = None,
) -> tuple[CheckStep, ...]:
    """The steps for one account, the `number`th of its ticket. Of ours, inside and around it; of others, around it."""
    page = provider_page(providers, account.provider)
    steps = (*_inside(page), *_around(checklists.ours, page)) if account.ours else _around(checklists.outside, page)
    counted: dict[str, int] = {}
    made: list[CheckStep] = []
    for step in steps:
        counted[step.topic] = counted.get(step.topic, 0) + 1
        id = f"{number}.{page.slug if page else FALLBACK}.{step.topic}-{counted[step.topic]}"
        text = _filled(step.text, values or {})
        made.append(CheckStep(id, step.topic, step.must, text, step.source, account.address or account.user))
    return tuple(made)


def provider_page(providers: tuple[ProviderPage, ...], slug: str) -> ProviderPage | None:
    """The provider's page, else the one for any other."""
    known = {page.slug: page for page in providers}
    return known.get(slug) or known.get(FALLBACK)


def friend_pack(
    checklists: Checklists, providers: tuple[ProviderPage, ...], provider: str, *, desk: str, address: str, theirs: str
) -> FriendPack:
    """What to tell the owner of an account outside. `desk`: whom they call back; `theirs`: whom they call where a
    step needs an administrator, such as "your own IT support".
    """
    page, friend = provider_page(providers, provider), checklists.friend
    owner = tuple(step for step in page.owner if step.must) if page else ()
    values = {"desk": desk, "address": address, "help_desk": theirs}
    steps = tuple(f"{number}. {_filled(step.text, values)}" for number, step in enumerate(owner, 1))
    opening, ending = (tuple(_filled(line, values) for line in part) for part in (friend.phone, friend.phone_end))
    return FriendPack(
        page.slug if page else FALLBACK, (*opening, *steps, *ending), _text_message(friend, owner, values)
    )


def load_checklists(root: Path, faults: list[Fault]) -> Checklists:
    pages = {page.slug: page for page in read_folder(root, FOLDER, faults)}
    for slug in sorted({OURS, OUTSIDE, FRIEND} - pages.keys()):
        faults.append(Fault(f"{FOLDER}/{slug}.md", "is missing", "put it back"))
    for slug in sorted(pages.keys() - {OURS, OUTSIDE, FRIEND}):
        faults.append(Fault(pages[slug].file, "is read by nobody", "call it ours.md, outside.md or friend.md"))
    for page in pages.values():
        _front(page, faults)
    ours, outside, friend = (pages.get(slug) for slug in (OURS, OUTSIDE, FRIEND))
    return Checklists(
        _page(ours, faults) if ours else (),
        _page(outside, faults) if outside else (),
        _friend(friend, faults) if friend else Friend(),
    )


def _inside(page: ProviderPage | None) -> tuple[AroundStep, ...]:
    """The administrator's steps, and the owner's for whatever those leave out but must not be skipped."""
    if page is None:
        return ()
    steps = page.administrator or page.owner
    have = {step.topic for step in steps if step.must}
    rest = (step for step in page.owner if step.must and step.topic in MUST_HAVE and step.topic not in have)
    return tuple(map(_plain, (*steps, *(rest if page.administrator else ()))))


def _around(steps: tuple[AroundStep, ...], page: ProviderPage | None) -> tuple[AroundStep, ...]:
    slug = page.slug if page else FALLBACK
    return tuple(step for step in steps if not step.providers or slug in step.providers)


def _plain(step: Step) -> AroundStep:
    return AroundStep(step.topic.value, step.must, step.text, step.source)


def _text_message(friend: Friend, steps: tuple[Step, ...], values: Mapping[str, str]) -> str:
    """As many steps as fit, the first ones; a cut step would be worse than none."""
    topics = tuple(dict.fromkeys(step.topic.value for step in steps))
    for most in range(len(topics), -1, -1):
        told = ", ".join(friend.words[topic] for topic in topics[:most] if topic in friend.words)
        text = _filled(friend.text, {**values, "steps": told})
        if len(text) <= LONGEST_TEXT:
            return text
    return _filled(friend.text, {**values, "steps": "", "address": ""})[:LONGEST_TEXT]


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Values are put in once and never read as templates themselves."""
    return _BRACES.sub(lambda found: values.get(found.group(1), ""), text)


def _front(page: RawPage, faults: list[Fault]) -> None:
    written = page.front.text("slug")
    page.front.text("title")
    page.front.finish()
    if written and written != page.slug:
        faults.append(Fault(page.file, f"slug is {written!r}", f'write slug = "{page.slug}", or rename the file'))


def _page(page: RawPage, faults: list[Fault]) -> tuple[AroundStep, ...]:
    section = page.section("Steps")
    steps = tuple(step for item in (section.items if section else ()) if (step := _step(page, item, faults)))
    have = {step.topic for step in steps if step.must}
    for topic in MUST[page.slug]:
        if topic not in have:
            faults.append(Fault(page.file, f"no step that must be done about {topic}", f"add a step [{topic}!] …"))
    return steps


def _step(page: RawPage, item: str, faults: list[Fault]) -> AroundStep | None:
    source = _SOURCE.search(item)
    found = _STEP.fullmatch(_SOURCE.sub("", item))
    if not source:
        faults.append(Fault(page.file, f"no source in {item[:60]!r}", "end the step with <https://…>"))
    if not found or found.group(1) not in TOPICS:
        faults.append(
            Fault(page.file, f"no topic in {item[:60]!r}", "begin with [topic] or [topic!]: " + ", ".join(TOPICS))
        )
        return None
    unknown = set(_BRACES.findall(found.group(4))) - {"help_desk"}
    if unknown:
        faults.append(Fault(page.file, f"{sorted(unknown)} in braces", "only {help_desk} may stand there"))
    providers = tuple(found.group(3).split(", ")) if found.group(3) else ()
    step = AroundStep(found.group(1), bool(found.group(2)), found.group(4), source.group(1) if source else "")
    return replace(step, providers=providers)


def check_providers(checklists: Checklists, providers: tuple[ProviderPage, ...], faults: list[Fault]) -> None:
    """Each provider's checklist asks for everything that must not be skipped, and names no provider without a page."""
    known = {page.slug for page in providers}
    named = {slug for step in (*checklists.ours, *checklists.outside) for slug in step.providers}
    for slug in sorted(named - known):
        faults.append(
            Fault(FOLDER, f"{slug!r} has no page under providers/", "name one of: " + ", ".join(sorted(known)))
        )
    for page in providers:
        have = {
            step.topic
            for step in checklist(checklists, providers, Account("", provider=page.slug, ours=True))
            if step.must
        }
        for topic in MUST[OURS]:
            if topic not in have:
                faults.append(Fault(f"{FOLDER}/{OURS}.md", f"no step [{topic}!] for {page.slug}", "add one"))


def _friend(page: RawPage, faults: list[Fault]) -> Friend:
    parts = {title: _lines(page, title, faults) for title in ("Phone", PHONE_END, "Text", "Words")}
    pairs = (line.partition(": ") for line in parts["Words"])
    words = {topic: text for topic, colon, text in pairs if colon}
    for topic in MUST_HAVE:
        if topic.value not in words:
            faults.append(Fault(page.file, f"no word for {topic.value}", f"add - {topic.value}: … under ## Words"))
    for name in sorted(words.keys() - {topic.value for topic in Topic}):
        faults.append(Fault(page.file, f"{name!r} is no topic", "write one of: " + ", ".join(Topic)))
    text = " ".join(parts["Text"])
    if "{steps}" not in text:
        faults.append(Fault(page.file, "the text message has no {steps}", "write {steps} where they come"))
    for line in (*parts["Phone"], *parts[PHONE_END], text):
        for name in sorted(set(_BRACES.findall(line)) - _SAID):
            faults.append(Fault(page.file, f"{{{name}}} is not a placeholder", "use {desk}, {address} or {steps}"))
    return Friend(parts["Phone"], parts[PHONE_END], text, MappingProxyType(words))


def _lines(page: RawPage, title: str, faults: list[Fault]) -> tuple[str, ...]:
    section = page.section(title)
    if section is None or not section.items:
        faults.append(Fault(page.file, f"no list under ## {title}", "add the heading and a list below it"))
        return ()
    return section.items
