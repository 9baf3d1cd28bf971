"""knowledge/ read and checked: all faults at once, each with its file and remedy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import tomli

import bot
from bot.handbook.checklists import Checklists, check_providers, load_checklists
from bot.handbook.escalation import Escalation, load_escalation
from bot.handbook.faults import Fault, refuse
from bot.handbook.forwarders import Forwarders, load_forwarders
from bot.handbook.linklists import LinkLists, load_link_lists
from bot.handbook.lists import Lists, load_lists
from bot.handbook.page_loading import (
    load_advice,
    load_exports,
    load_providers,
    load_questions,
    load_verdicts,
)
from bot.handbook.pages import AdvicePage, ExportPage, ProviderPage, QuestionPage, VerdictPage, When
from bot.handbook.phrases import PhraseBook, load_phrases
from bot.handbook.servers import Servers, load_servers
from bot.handbook.talk import Talk, load_talk
from bot.handbook.weights import Weights, check_rules, load_weights
from bot.model import Verdict

__all__ = ["Handbook", "default_root", "load", "read"]

COUNTRIES = "countries.toml"
PLAIN_WORDS = "plain-words.toml"


@dataclass(frozen=True, slots=True)
class Handbook:
    """All that knowledge/ says."""

    root: Path
    verdicts: tuple[VerdictPage, ...]
    providers: tuple[ProviderPage, ...]
    checklists: Checklists
    exports: tuple[ExportPage, ...]
    advice: tuple[AdvicePage, ...]
    questions: tuple[QuestionPage, ...]
    escalation: tuple[Escalation, ...]
    countries: Mapping[str, str]
    """ISO 3166-1 alpha-2 to the name as it stands in a sentence."""
    plain_what: Mapping[str, str]
    """A fact's name to plain words."""
    plain_why: Mapping[str, str]
    plain_reason: Mapping[str, str]
    """A rule's id to what its finding says, for people."""
    plain_said: Mapping[str, str]
    """Sentences that stand for several lines of what couldn't be checked, or for a warning's reason."""
    weights: Weights
    lists: Lists
    phrases: PhraseBook
    link_lists: LinkLists
    forwarders: Forwarders
    servers: Servers
    talk: Talk

    def verdict(self, verdict: Verdict) -> VerdictPage:
        return next(page for page in self.verdicts if page.verdict is verdict)

    def question(self, code: str) -> QuestionPage | None:
        return next((page for page in self.questions if page.code == code), None)

    def told(self, when: When, verdict: Verdict | None = None) -> tuple[str, ...]:
        """The items of every page of advice for an occasion, in order."""
        pages = (page for page in self.advice if page.when is when)
        return tuple(item for page in pages if not page.verdicts or verdict in page.verdicts for item in page.items)

    @property
    def question_texts(self) -> Mapping[str, str]:
        return MappingProxyType({page.code: page.text for page in self.questions})


def default_root() -> Path:
    """knowledge/ beside the bot package: in the repository and in an installed wheel alike."""
    return Path(bot.__file__).parents[1] / "knowledge"


def load(root: Path | None = None, *, rules: Iterable[str] = ()) -> Handbook:
    """Everything under knowledge/. Raises BadKnowledge with every fault of every file.

    `rules`: the ids of the rules, each of which needs its weight; without them weights are read as they stand.
    """
    place = root or default_root()
    if not place.is_dir():
        refuse([Fault(".", f"there is no folder {place}", "install the package whole, or name the right folder")])
    faults: list[Fault] = []
    handbook = read(place, faults)
    if rules:
        check_rules(handbook.weights, rules, faults)
    refuse(faults)
    return handbook


def read(root: Path, faults: list[Fault]) -> Handbook:
    """As `load`, but every fault is appended to `faults` and what is faulty is left out."""
    words = _table(root, PLAIN_WORDS, faults)
    providers, checklists = load_providers(root, faults), load_checklists(root, faults)
    check_providers(checklists, providers, faults)
    return Handbook(
        root=root,
        verdicts=load_verdicts(root, faults),
        providers=providers,
        checklists=checklists,
        exports=load_exports(root, faults),
        advice=load_advice(root, faults),
        questions=load_questions(root, faults),
        escalation=load_escalation(root, faults),
        countries=_texts(COUNTRIES, _table(root, COUNTRIES, faults), faults),
        plain_what=_texts(PLAIN_WORDS, words.get("what", {}), faults),
        plain_why=_texts(PLAIN_WORDS, words.get("why", {}), faults),
        plain_reason=_texts(PLAIN_WORDS, words.get("reason", {}), faults),
        plain_said=_texts(PLAIN_WORDS, words.get("said", {}), faults),
        weights=load_weights(root, faults),
        lists=load_lists(root, faults),
        phrases=load_phrases(root, faults),
        link_lists=load_link_lists(root, faults),
        forwarders=load_forwarders(root, faults),
        servers=load_servers(root, faults),
        talk=load_talk(root, faults),
    )


def _table(root: Path, file: str, faults: list[Fault]) -> Mapping[str, object]:
    try:
        return tomli.loads((root / file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as wrong:
        faults.append(Fault(file, f"can't be read: {wrong}", "restore the file or mend the line named"))
        return {}


def _texts(file: str, table: object, faults: list[Fault]) -> Mapping[str, str]:
    if not isinstance(table, Mapping):
        faults.append(Fault(file, f"{table!r} isn't a table", 'write key = "text" lines'))
        return {}
    for key, value in table.items():
        if not isinstance(value, str) or not value:
            faults.append(Fault(file, f"{key} is {value!r}", f'write {key} = "text"'))
    return MappingProxyType({key: value for key, value in table.items() if isinstance(value, str)})
