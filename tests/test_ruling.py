"""Rules: how they are run, grouped, and what an unknown fact does."""

import random

import pytest

from bot.errors import NotChecked
from bot.model import Facts, Question
from bot.ruling import Observation, Rule, rule, run
from tests.facts import facts


def made(name: str, group: str, strength: float = 1.0, unknown: str = "") -> Rule:
    def look(_: Facts) -> Observation | None:
        if unknown:
            raise NotChecked(unknown, "offline")
        return Observation(f"{name} saw it", strength)

    return Rule(name, Question.ORIGIN, group, name, look)


def test_only_the_strongest_of_a_group_counts() -> None:
    found, _ = run((made("weak", "same"), made("strong", "same")), facts(), {"weak": -3.0, "strong": -12.0})
    assert [(f.rule, f.counted) for f in found] == [("strong", True), ("weak", False)]


def test_the_order_of_rules_changes_nothing() -> None:
    rules = [made(f"rule-{n}", f"group-{n % 3}") for n in range(9)]
    weights = {each.id: float(n % 4) for n, each in enumerate(rules)}
    first = run(rules, facts(), weights)
    for seed in range(5):
        random.Random(seed).shuffle(rules)
        assert run(rules, facts(), weights) == first


def test_an_unknown_fact_is_listed_and_weighs_nothing() -> None:
    found, unchecked = run((made("needs-dns", "x", unknown="SPF now"),), facts(), {"needs-dns": 9.0})
    assert found == ()
    assert [(u.what, u.why) for u in unchecked] == [("SPF now", "offline")]


def test_strength_scales_the_weight() -> None:
    found, _ = run((made("half", "x", strength=0.5),), facts(), {"half": -10.0})
    assert found[0].weight == -5.0


def test_a_rule_needs_a_docstring_and_a_name_of_its_own() -> None:
    with pytest.raises(ValueError, match="docstring"):

        @rule(question=Question.ORIGIN)
        def nameless_and_silent(_: Facts) -> Observation | None:
            return None
