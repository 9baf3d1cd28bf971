"""The pages of knowledge/ loaded and checked: each function appends what is wrong to `faults` and leaves it out."""

import re
from collections.abc import Iterable
from pathlib import Path

from bot.handbook.faults import Fault
from bot.handbook.markdown import RawPage, Section, read_folder
from bot.handbook.pages import (
    ALWAYS_KNOWN,
    HEADLINES,
    MUST_HAVE,
    PLACEHOLDERS,
    STEP_MARKS,
    AdvicePage,
    ExportPage,
    ProviderPage,
    QuestionPage,
    ReaderText,
    Step,
    Topic,
    VerdictPage,
    When,
)
from bot.handbook.tables import meant
from bot.model import Reader, Verdict

_PLACEHOLDER = re.compile(r"\{([^{}]{0,40})\}")
_MARK = re.compile(r"([A-Za-z][a-z-]{2,24}(?:, [A-Za-z][a-z-]{2,24}){0,7}): ")
_STEP = re.compile(r"\[([a-z-]{1,30})(!?)\] (.*)", re.DOTALL)
_SOURCE = re.compile(r"\s*<(https://[^\s<>]{4,300})>$")
_URL = re.compile(r"https://[a-z0-9.-]{3,100}(?:/[^\s<>]{0,300})?", re.IGNORECASE)


def load_verdicts(root: Path, faults: list[Fault]) -> tuple[VerdictPage, ...]:
    """One page for each verdict of bot.model."""
    pages = tuple(_verdict(page, faults) for page in read_folder(root, "verdicts", faults) if _is_verdict(page, faults))
    have = {page.verdict for page in pages}
    for verdict in Verdict:
        if verdict not in have:
            faults.append(
                Fault(f"verdicts/{verdict}.md", "is missing", "every verdict has a page: copy another's shape")
            )
    return pages


def load_providers(root: Path, faults: list[Fault]) -> tuple[ProviderPage, ...]:
    return tuple(_provider(page, faults) for page in read_folder(root, "providers", faults))


def load_exports(root: Path, faults: list[Fault]) -> tuple[ExportPage, ...]:
    return tuple(_export(page, faults) for page in read_folder(root, "exports", faults))


def load_advice(root: Path, faults: list[Fault]) -> tuple[AdvicePage, ...]:
    pages = tuple(_advice(page, faults) for page in read_folder(root, "advice", faults))
    have = {page.when for page in pages}
    for when in When:
        if when not in have and when is not When.REFERENCE:
            faults.append(Fault("advice/", f"no page has when = {when.value!r}", "add a page for it"))
    return tuple(sorted(pages, key=lambda page: (page.order, page.slug)))


def load_questions(root: Path, faults: list[Fault]) -> tuple[QuestionPage, ...]:
    return tuple(_question(page, faults) for page in read_folder(root, "questions", faults))


def check_placeholders(file: str, texts: Iterable[str], faults: list[Fault]) -> None:
    """Faults braces that advice doesn't fill."""
    for text in texts:
        for found in _PLACEHOLDER.findall(text):
            if found not in PLACEHOLDERS:
                remedy = "use one of: " + ", ".join(sorted("{" + name + "}" for name in PLACEHOLDERS))
                faults.append(Fault(file, f"{{{found}}} is not a placeholder", remedy))
        if text.count("{") != text.count("}"):
            faults.append(Fault(file, f"a brace isn't closed in {text[:60]!r}", "write {name} with both braces"))


def check_marks(file: str, items: Iterable[str], marks: Iterable[str], faults: list[Fault]) -> None:
    """Faults items that begin with what can only be a misspelt mark: people would read it as text."""
    known = tuple(marks)
    for item in items:
        found = _MARK.match(item)
        for word in found.group(1).split(", ") if found else ():
            remedy = meant(word, known)
            if word not in known and (word[0].islower() or remedy.startswith("did you mean")):
                faults.append(Fault(file, f"{word!r} in {item[:50]!r} isn't a mark that is read", remedy))


def _is_verdict(page: RawPage, faults: list[Fault]) -> bool:
    if page.slug in {verdict.value for verdict in Verdict}:
        return True
    faults.append(Fault(page.file, f"{page.slug} is no verdict", "rename it to one of: " + ", ".join(Verdict)))
    return False


def _slug(page: RawPage, faults: list[Fault]) -> str:
    written = page.front.text("slug")
    if written and written != page.slug:
        faults.append(Fault(page.file, f"slug is {written!r}", f'write slug = "{page.slug}", or rename the file'))
    return page.slug


def _verdict(page: RawPage, faults: list[Fault]) -> VerdictPage:
    verdict = Verdict(_slug(page, faults))
    title, in_words = page.front.text("title"), page.front.text("in_words")
    page.front.finish()
    return VerdictPage(verdict, title, in_words, tuple(_reader(page, reader, faults) for reader in Reader))


def _reader(page: RawPage, reader: Reader, faults: list[Fault]) -> ReaderText:
    headlines = _headlines(page, reader, faults)
    steps = _items(page, reader.value, "Steps", faults)
    check_marks(page.file, steps, STEP_MARKS, faults)
    told = page.section(reader.value, "How it happens")
    explains = told.paragraphs if told else ()
    check_placeholders(page.file, (*(text for _, text in headlines), *steps, *explains), faults)
    return ReaderText(reader, headlines, steps, explains)


def _headlines(page: RawPage, reader: Reader, faults: list[Fault]) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for item in _items(page, reader.value, "Headline", faults):
        variant, colon, text = item.partition(": ")
        if not colon or variant not in HEADLINES:
            faults.append(
                Fault(
                    page.file,
                    f"headline {item[:50]!r} has no variant",
                    f"begin with a variant: {meant(variant, HEADLINES)}",
                )
            )
            continue
        pairs.append((variant, text))
    for variant in ("account", "nobody"):
        if variant not in dict(pairs):
            faults.append(Fault(page.file, f"{reader.value}: no headline {variant!r}", f"add a line - {variant}: …"))
    for name in _PLACEHOLDER.findall(dict(pairs).get("nobody", "")):
        if name in PLACEHOLDERS - ALWAYS_KNOWN:
            remedy = "use only " + ", ".join(sorted(f"{{{known}}}" for known in ALWAYS_KNOWN))
            faults.append(Fault(page.file, f"{reader.value}: headline nobody needs {{{name}}}", remedy))
    return tuple(pairs)


def _items(page: RawPage, title: str, part: str, faults: list[Fault]) -> tuple[str, ...]:
    section = page.section(title, part)
    if section is None or not section.items:
        heading = f"## {title}" + (f" / ### {part}" if part else "")
        faults.append(Fault(page.file, f"no list under {heading}", "add the heading and a list below it"))
        return ()
    return section.items


def _provider(page: RawPage, faults: list[Fault]) -> ProviderPage:
    front = page.front
    slug, title = _slug(page, faults), front.text("title")
    domains, servers = front.texts("domains"), front.texts("servers")
    has_no = front.texts("has_no")
    front.finish()
    check_hosts(page.file, (*domains, *servers), faults)
    owner = _steps(page, page.section("owner"), faults)
    administrator = _steps(page, page.section("administrator"), faults)
    if not owner:
        faults.append(Fault(page.file, "no steps under ## owner", "add the heading and numbered steps"))
    have = {step.topic for step in (*owner, *administrator) if step.must}
    for topic in MUST_HAVE:
        if topic not in have and topic.value not in has_no:
            remedy = f"add a step [{topic.value}!] …, or name it in has_no if the provider has no such thing"
            faults.append(Fault(page.file, f"no step that must be done about {topic.value}", remedy))
    return ProviderPage(slug, title, domains, servers, owner, administrator)


def _steps(page: RawPage, section: Section | None, faults: list[Fault]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in section.items if section else ():
        source = _SOURCE.search(item)
        tagged = _STEP.fullmatch(_SOURCE.sub("", item))
        if not source:
            faults.append(Fault(page.file, f"no source in {item[:60]!r}", "end the step with <https://…>"))
        if not tagged or tagged.group(1) not in {topic.value for topic in Topic}:
            remedy = "begin with [topic] or [topic!]; topics: " + ", ".join(Topic)
            faults.append(Fault(page.file, f"no topic in {item[:60]!r}", remedy))
        if source and tagged and tagged.group(1) in {topic.value for topic in Topic}:
            steps.append(Step(Topic(tagged.group(1)), bool(tagged.group(2)), tagged.group(3), source.group(1)))
    check_placeholders(page.file, (step.text for step in steps), faults)
    return tuple(steps)


def _export(page: RawPage, faults: list[Fault]) -> ExportPage:
    front = page.front
    slug, title = _slug(page, faults), front.text("title")
    source, checked, can = front.text("source"), front.text("checked"), front.flag("can", True)
    in_short = front.text("in_short")
    domains, software = front.texts("domains"), front.texts("software")
    front.finish()
    check_url(page.file, source, faults)
    check_hosts(page.file, domains, faults)
    headers = _items(page, "Headers", "", faults)
    original = _items(page, "Original", "", faults)
    check_placeholders(page.file, (in_short, *headers, *original), faults)
    return ExportPage(slug, title, source, checked, can, in_short, domains, software, headers, original)


def _advice(page: RawPage, faults: list[Fault]) -> AdvicePage:
    front = page.front
    slug, title = _slug(page, faults), front.text("title")
    when, order = When(front.choice("when", tuple(When))), front.number("order", 50)
    named = front.texts("verdicts")
    front.finish()
    wrong = [name for name in named if name not in tuple(Verdict)]
    if wrong:
        faults.append(Fault(page.file, f"verdicts holds {wrong}", "use: " + ", ".join(Verdict)))
    items = tuple(item for section in page.sections for item in section.items)
    if not items:
        faults.append(Fault(page.file, "has no list", "write each piece of advice as a list item"))
    check_placeholders(page.file, items, faults)
    check_marks(page.file, items, Verdict, faults)
    verdicts = tuple(Verdict(name) for name in named if name not in wrong)
    return AdvicePage(slug, title, when, order, verdicts, items)


def _question(page: RawPage, faults: list[Fault]) -> QuestionPage:
    code = _slug(page, faults)
    kind = page.front.choice("kind", ("question", "material"))
    page.front.finish()
    text, why = _prose(page, "Text", faults), _prose(page, "Why", faults)
    check_placeholders(page.file, (text, why), faults)
    return QuestionPage(code, kind == "material", text, why)


def _prose(page: RawPage, title: str, faults: list[Fault]) -> str:
    section = page.section(title)
    if section is None or not section.paragraphs:
        faults.append(Fault(page.file, f"nothing under ## {title}", "add the heading and a sentence below it"))
        return ""
    return " ".join(section.paragraphs)


def check_url(file: str, url: str, faults: list[Fault]) -> None:
    if url and not _URL.fullmatch(url):
        faults.append(Fault(file, f"{url!r} is not a web address", "write https://host/path"))


def check_hosts(file: str, hosts: Iterable[str], faults: list[Fault]) -> None:
    for host in hosts:
        if not re.fullmatch(r"(?=.{3,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}", host):
            faults.append(Fault(file, f"{host!r} is not a domain", "write it in lower case without @ or *"))
