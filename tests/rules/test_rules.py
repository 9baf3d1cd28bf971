"""Every rule fires on its case, names what it is about, and stays quiet where just that is different."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import pytest

from bot.model import Fact, Facts, Finding, Message, Unchecked
from bot.rules import MODULES, all_rules
from bot.ruling import run
from tests.facts import facts
from tests.rules import (
    cases_identity,
    cases_intent_signin,
    cases_intent_text,
    cases_intent_traits,
    cases_origin_known,
    cases_origin_server,
    cases_origin_stamped,
    cases_standing,
)
from tests.rules.case import Case, changed

BY_MODULE: dict[str, tuple[Case, ...]] = {
    "identity": cases_identity.CASES,
    "origin_stamped": cases_origin_stamped.CASES,
    "origin_server": cases_origin_server.CASES,
    "origin_known": cases_origin_known.CASES,
    "intent_text": cases_intent_text.CASES,
    "intent_traits": cases_intent_traits.CASES,
    "intent_signin": cases_intent_signin.CASES,
    "standing": cases_standing.CASES,
}
CASES = tuple(case for cases in BY_MODULE.values() for case in cases)
RULES = {each.id: each for each in all_rules()}
MAY_BE_UNKNOWN = tuple(each.name for each in fields(Facts) if isinstance(getattr(facts(), each.name), Fact))
LONGEST = 1_500
"""Characters of a sentence; the surfaces cut it to their own measure."""

HOSTILE = ("author", "judged", "links", "phrases")
"""Fields whose texts a mail can make long, beside those of the message."""
OF_MESSAGE = tuple(each.name for each in fields(Message))

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


def look(case: Case, known: Facts) -> tuple[tuple[Finding, ...], tuple[Unchecked, ...]]:
    return run((RULES[case.rule],), known, {case.rule: 10.0})


@pytest.mark.parametrize("module", MODULES)
def test_every_rule_has_a_case_in_the_file_of_its_module(module: str) -> None:
    defined = {each.id for each in RULES.values() if each.look.__module__ == f"bot.rules.{module}"}
    covered = {case.rule for case in BY_MODULE[module]}
    assert defined - covered == set(), f"rules without a case: write them into tests/rules/cases_{module}.py"
    assert covered - defined == set(), f"cases without a rule in bot/rules/{module}.py"


@each_case
def test_it_fires_and_its_sentence_names_the_values(case: Case) -> None:
    found, unchecked = look(case, case.facts())
    assert [(each.rule, each.question) for each in found] == [(case.rule, RULES[case.rule].question)], unchecked
    assert found[0].weight > 0, "strength is 0"
    assert found[0].weight <= 10.0, "strength is over 1"
    missing = [value for value in case.says if value not in found[0].text]
    assert not missing, found[0].text


@each_case
def test_it_says_a_sentence(case: Case) -> None:
    text = look(case, case.facts())[0][0].text
    assert text.strip() == text
    assert 10 <= len(text) <= LONGEST
    for slip in ("None", "  ", " .", " ,", "()", "“”", "Passage.", "Result."):
        assert slip not in text, text


@each_case
def test_it_is_quiet_where_only_its_point_is_different(case: Case) -> None:
    assert case.quiet, "a case needs a near miss"
    for why, known in case.near_misses().items():
        assert known != case.facts(), f"{why}: nothing is different"
        found, unchecked = look(case, known)
        assert found == (), f"{why}: {found[0].text}"
        assert unchecked == (), f"{why}: quiet for want of a fact ({unchecked}) is no near miss"


@each_case
def test_a_fact_that_is_unknown_is_filed_as_unchecked(case: Case) -> None:
    """Exactly the facts that the case says the rule reads."""
    filed = []
    for name in MAY_BE_UNKNOWN:
        known = changed(case.facts(), {name: Fact.unknown(f"made-up {name}", "a test")})
        found, unchecked = look(case, known)
        if unchecked == (Unchecked(f"made-up {name}", "a test"),):
            assert found == ()
            filed.append(name)
        else:
            assert len(found) == 1
    assert sorted(filed) == sorted(case.reads)


@each_case
def test_its_sentence_is_bounded_whatever_the_mail_holds(case: Case) -> None:
    """Names, hosts and words of the mail made long, at the front (domains stay related) or at the end."""
    for before in (True, False):
        told = {name: swollen(getattr(case.facts(), name), before=before) for name in HOSTILE}
        told["claims"] = tuple(replace(c, matched=swollen(c.matched, before=before)) for c in case.facts().claims)
        told |= {f"mail_{name}": swollen(getattr(case.facts().message, name), before=before) for name in OF_MESSAGE}
        for finding in look(case, changed(case.facts(), told))[0]:
            assert len(finding.text) <= LONGEST, finding.text[:200]


def swollen(value: Any, *, before: bool) -> Any:
    """The value with all its texts (not enums) made 600 characters longer, at the front or the end."""
    if isinstance(value, str) and not isinstance(value, Enum) and value:
        return "x" * 600 + value if before else value + "x" * 600
    if isinstance(value, tuple):
        return tuple(swollen(each, before=before) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{each.name: swollen(getattr(value, each.name), before=before) for each in fields(value)}
        )
    return value
