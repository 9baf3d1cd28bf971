"""knowledge/weights.toml: complete, readable, and rewritten without losing a word."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from bot import handbook
from bot.errors import BadKnowledge
from bot.handbook.faults import Fault
from bot.handbook.weights import FILE, RuleWeight, Weights, check_rules, load_weights, rewrite
from bot.model import Question
from bot.rules import all_rules

KNOWLEDGE = Path(__file__).parents[1] / "knowledge"


def test_every_rule_has_a_weight_and_every_weight_a_rule() -> None:
    faults: list[Fault] = []
    weights = load_weights(KNOWLEDGE, faults)
    assert faults == []
    assert {each.id for each in all_rules()} == set(weights.rules)


def test_there_are_at_least_sixty_rules_and_each_question_has_some() -> None:
    rules = all_rules()
    assert len(rules) >= 60
    assert {each.question for each in rules} == set(Question)


def test_no_fitted_weight_turns_against_the_expert() -> None:
    for name, entry in load_weights(KNOWLEDGE, []).rules.items():
        assert entry.weight * entry.expert > 0, name


def test_a_rule_without_a_weight_and_a_weight_without_a_rule_are_faults() -> None:
    weights = Weights(rules=MappingProxyType({"shouts_urgent": RuleWeight(-3.0, -3.0, "it shouts")}))
    faults: list[Fault] = []
    check_rules(weights, ["shouts-urgent", "asks-for-nothing"], faults)
    told = {(fault.problem, fault.remedy) for fault in faults}
    assert ("shouts_urgent is no rule", "did you mean shouts-urgent?") in told
    assert (
        "no weight for rule shouts-urgent",
        'add shouts-urgent = { weight = …, expert = …, reason = "…" } below [rules]',
    ) in told
    assert {fault.file for fault in faults} == {FILE}
    assert len(faults) == 3


def test_a_rule_that_was_added_without_a_weight_stops_every_command() -> None:
    with pytest.raises(BadKnowledge, match="no weight for rule shouts-urgent"):
        handbook.load(rules=[*(rule.id for rule in all_rules()), "shouts-urgent"])


def test_rewriting_changes_numbers_and_nothing_else() -> None:
    text = (KNOWLEDGE / FILE).read_text("utf-8")
    weights = load_weights(KNOWLEDGE, [])
    assert rewrite(text, weights) == text
    name = next(iter(weights.rules))
    changed = {**weights.rules, name: RuleWeight(-1.5, weights.rules[name].expert, weights.rules[name].reason)}
    new = rewrite(text, replace(weights, rules=MappingProxyType(changed)))
    differing = [(a, b) for a, b in zip(text.splitlines(), new.splitlines(), strict=True) if a != b]
    assert len(differing) == 1
    assert differing[0][1].startswith(f"{name} = {{ weight = -1.5, expert =")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the table [prior] is missing"),
        ("[prior]\nidentity = 'x'\n[joint]\n[rules]\n", "prior: identity is 'x'"),
        ("[prior]\n[joint]\n[rules]\nsome-rule = 3\n", "[rules] some-rule isn't a table"),
        ("[prior]\n[joint]\n[rules]\nsome-rule = { weight = 90.0, expert = 1.0 }\n", "some-rule: weight is 90.0"),
        ("[prior]\n[joint]\n[rules]\nsome-rule = { weigth = 9.0, expert = 1.0 }\n", "'weigth' isn't a key"),
        ("[prior]\n[joint]\n[rules]\nsome-rule = { expert = 1.0 }\n", "some-rule has no weight"),
        ("[prior]\n[joint]\n[rules]\nsome-rule = { weight = -2.0, expert = 1.0 }\n", "say opposite things"),
        ("not toml at all", "can't be read"),
    ],
)
def test_faults_name_the_value_and_the_remedy(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    faults: list[Fault] = []
    load_weights(tmp_path, faults)
    hit = [fault for fault in faults if problem in fault.problem]
    assert hit
    assert all(fault.remedy and fault.file == FILE for fault in hit)
