"""knowledge/weights.toml: priors, every rule's weight with its reason, and how shares become confidence.

Weights are likelihood ratios in decibans: +10 is ten times as likely if the question's answer is yes.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import tomli

from bot.handbook.faults import Fault
from bot.handbook.tables import meant
from bot.model import Question

FILE = "weights.toml"
_KEYS = frozenset({"weight", "expert", "reason"})
LARGEST = 40.0
"""No rule may outweigh ten thousand to one."""


@dataclass(frozen=True, slots=True)
class RuleWeight:
    """One rule's entry: `weight` counts; `expert` is what the field says, towards which a refit is pulled."""

    weight: float
    expert: float
    reason: str


@dataclass(frozen=True, slots=True)
class Joint:
    """How the four answers become verdicts."""

    intent_given_mismatch: float = 0.0
    """Added to intent, in decibans, where identity or origin is no: an honest purpose is rarer there."""
    threshold: float = 0.5
    """The least share of the probability that a verdict needs; below it, undetermined."""
    genuine_threshold: float = 0.5
    """The same for `genuine`: a wrong "it's fine" costs more."""
    slope: float = 1.0
    intercept: float = 0.0
    """confidence = sigmoid(slope * logit(share) + intercept), fitted on labelled mail."""


@dataclass(frozen=True, slots=True)
class Weights:
    priors: Mapping[Question, float] = field(default_factory=lambda: MappingProxyType({}))
    rules: Mapping[str, RuleWeight] = field(default_factory=lambda: MappingProxyType({}))
    joint: Joint = field(default_factory=Joint)

    def by_rule(self) -> dict[str, float]:
        """Each rule's weight, in decibans."""
        return {name: entry.weight for name, entry in self.rules.items()}


def load_weights(root: Path, faults: list[Fault]) -> Weights:
    """Read `root`/weights.toml; every fault is appended to `faults`, none is raised."""
    try:
        data = tomli.loads((root / FILE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        faults.append(Fault(FILE, f"can't be read: {error}", "restore the file or mend the line named"))
        return Weights()
    return Weights(_priors(data, faults), _rules(data, faults), _joint(data, faults))


def _priors(data: Mapping[str, object], faults: list[Fault]) -> Mapping[Question, float]:
    table = _table(data, "prior", faults)
    return MappingProxyType({question: _number(table, question.value, "prior", faults) for question in Question})


def _joint(data: Mapping[str, object], faults: list[Fault]) -> Joint:
    table = _table(data, "joint", faults)
    values = {name: _number(table, name, "joint", faults) for name in Joint.__dataclass_fields__}
    return Joint(**values)


def _rules(data: Mapping[str, object], faults: list[Fault]) -> Mapping[str, RuleWeight]:
    rules: dict[str, RuleWeight] = {}
    for name, entry in _table(data, "rules", faults).items():
        if not isinstance(entry, Mapping):
            faults.append(Fault(FILE, f"[rules] {name} isn't a table", "write {weight = …, expert = …, reason = …}"))
            continue
        for key in sorted(entry.keys() - _KEYS):
            faults.append(Fault(FILE, f"{name}: {key!r} isn't a key that is read", meant(key, _KEYS)))
        reason = entry.get("reason")
        if not isinstance(reason, str) or not reason.strip():
            faults.append(Fault(FILE, f"{name} has no reason", "say in one line why it weighs what it does"))
        weight, expert = _number(entry, "weight", name, faults), _number(entry, "expert", name, faults)
        if weight * expert < 0:
            remedy = "plus speaks for yes, minus for no: give both the same sign"
            faults.append(Fault(FILE, f"{name}: weight {weight} and expert {expert} say opposite things", remedy))
        rules[name] = RuleWeight(weight, expert, str(reason))
    return MappingProxyType(rules)


def check_rules(weights: Weights, rules: Iterable[str], faults: list[Fault]) -> None:
    """Faults each rule without a weight, and each weight without a rule. `rules` are the ids that the program knows."""
    if not weights.rules:  # the file itself is wrong, which was said
        return
    known = frozenset(rules)
    spare = weights.rules.keys() - known
    for name in sorted(spare):
        faults.append(Fault(FILE, f"{name} is no rule", meant(name, known) if _like(name, known) else "take it out"))
    for name in sorted(known - weights.rules.keys()):
        remedy = f'add {name} = {{ weight = …, expert = …, reason = "…" }} below [rules]'
        faults.append(Fault(FILE, f"no weight for rule {name}", remedy))


def _like(name: str, known: frozenset[str]) -> bool:
    return meant(name, known).startswith("did you mean")


def _table(data: Mapping[str, object], name: str, faults: list[Fault]) -> Mapping[str, object]:
    table = data.get(name)
    if isinstance(table, Mapping):
        return table
    faults.append(Fault(FILE, f"the table [{name}] is missing", f"add [{name}]"))
    return {}


def _number(table: Mapping[str, object], key: str, where: str, faults: list[Fault]) -> float:
    value = table.get(key)
    if value is None:
        faults.append(Fault(FILE, f"{where} has no {key}", f"add {key} = a number from -{LARGEST} to {LARGEST}"))
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        faults.append(Fault(FILE, f"{where}: {key} is {value!r}", f"write a number from -{LARGEST} to {LARGEST}"))
        return 0.0
    return float(value)


def rewrite(text: str, weights: Weights) -> str:
    """The file's text with these weights in it; comments, order, experts and reasons stay."""
    lines = []
    table = ""
    for line in text.splitlines():
        if header := re.match(r"\[(\w+)\]\s*$", line):
            table = header.group(1)
        name = line.partition("=")[0].strip()
        if table == "rules" and name in weights.rules:
            line = re.sub(r"(\{\s*weight\s*=\s*)-?[\d.]+", rf"\g<1>{weights.rules[name].weight}", line, count=1)
        elif table == "prior" and name in {question.value for question in Question}:
            line = f"{name} = {weights.priors[Question(name)]}"
        elif table == "joint" and name in Joint.__dataclass_fields__:
            line = f"{name} = {getattr(weights.joint, name)}"
        lines.append(line)
    return "\n".join(lines) + "\n"
