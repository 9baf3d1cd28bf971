"""Rules: small observations on the facts, each about one question.

A rule is a function from Facts to an Observation or None. Its name is its id (`reply_goes_elsewhere`
is `reply-goes-elsewhere`), its docstring's first line is the title that people read, and the
observation is the sentence with the values in it. Weights stand in knowledge/weights.toml.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.errors import NotChecked
from bot.model import Facts, Finding, Question, Unchecked


@dataclass(frozen=True, slots=True)
class Observation:
    """What a rule saw. `strength` from 0 to 1 scales the rule's weight where a thing has degrees."""

    text: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    question: Question
    group: str
    title: str
    look: Callable[[Facts], Observation | None]


REGISTRY: dict[str, Rule] = {}
"""Every rule that was defined, by id; filled by importing `bot.rules`."""


def rule(*, question: Question, group: str = "") -> Callable[[Callable[[Facts], Observation | None]], Rule]:
    """Make a function a rule. Rules of one `group` see the same thing: only the strongest counts.

    Raises ValueError for a second rule of the same name or one without a docstring.
    """

    def register(look: Callable[[Facts], Observation | None]) -> Rule:
        name = look.__name__.replace("_", "-")
        title = (look.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        if not title or name in REGISTRY:
            raise ValueError(f"rule {name}: needs a docstring and a name of its own")
        REGISTRY[name] = Rule(name, question, group or name, title, look)
        return REGISTRY[name]

    return register


def run(
    rules: Iterable[Rule], facts: Facts, weights: Mapping[str, float]
) -> tuple[tuple[Finding, ...], tuple[Unchecked, ...]]:
    """Every rule's finding, the strongest of each group marked as counted, and what wasn't checked.

    The order of `rules` makes no difference to what counts: ties go to the lower id.
    """
    seen: list[Finding] = []
    unchecked: set[Unchecked] = set()
    for each in rules:
        try:
            observed = each.look(facts)
        except NotChecked as unknown:
            unchecked.add(Unchecked(unknown.what, unknown.why))
            continue
        if observed is not None:
            weight = weights.get(each.id, 0.0) * observed.strength
            seen.append(Finding(each.id, each.question, each.group, weight, each.title, observed.text))
    return _mark_counted(seen), tuple(sorted(unchecked, key=lambda item: (item.what, item.why)))


def _mark_counted(seen: list[Finding]) -> tuple[Finding, ...]:
    best: dict[tuple[Question, str], Finding] = {}
    for finding in sorted(seen, key=lambda item: (-abs(item.weight), item.rule)):
        best.setdefault((finding.question, finding.group), finding)
    counted = {finding.rule for finding in best.values()}
    ordered = sorted(seen, key=lambda item: (-abs(item.weight), item.rule))
    return tuple(
        Finding(f.rule, f.question, f.group, f.weight, f.title, f.text, counted=f.rule in counted) for f in ordered
    )
