"""Refitting weights and judging how right the verdicts are."""

import random
from collections import Counter
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.calibration import Sample, cross_validate, fit, fit_confidence, targets
from bot.errors import Unreadable
from bot.evaluation import Label, Outcome, figures, read_labels
from bot.handbook.weights import Joint, RuleWeight, Weights
from bot.model import Facts, Question, Verdict
from bot.ruling import Observation, Rule
from tests.facts import facts

GENUINE, HACKED = Verdict.GENUINE, Verdict.HACKED_ACCOUNT


def label(verdict: Verdict, *also: Verdict, trust: float = 1.0) -> Label:
    return Label("mail/x.eml", verdict, frozenset(also), trust)


def sees(word: str, question: Question) -> Rule:
    def look(known: Facts) -> Observation | None:
        return Observation(word) if word in known.message.subject else None

    return Rule(word, question, word, word, look)


RULES = (sees("signed", Question.ORIGIN), sees("noise", Question.ORIGIN), sees("scam", Question.INTENT))
WEIGHTS = Weights(
    priors=MappingProxyType({**dict.fromkeys(Question, 0.0), Question.IDENTITY: 9.0, Question.STANDING: 9.0}),
    rules=MappingProxyType(
        {
            "signed": RuleWeight(5.0, 5.0, "r"),
            "noise": RuleWeight(5.0, 5.0, "r"),
            "scam": RuleWeight(-5.0, -5.0, "r"),
        }
    ),
)


def samples(count: int = 60) -> list[Sample]:
    """`signed` tells the origin, `noise` is a coin, `scam` tells the intent."""
    made, coin = [], random.Random(4)
    for n in range(count):
        verdict = (GENUINE, HACKED, Verdict.SPOOFED_ADDRESS)[n % 3]
        words = [] if verdict is Verdict.SPOOFED_ADDRESS else ["signed"]
        words += [] if verdict is GENUINE else ["scam"]
        words += ["noise"] if coin.random() < 0.5 else []
        made.append(Sample(label(verdict), facts(mail={"subject": " ".join(words)})))
    return made


def test_a_rule_that_tells_gains_weight_and_a_coin_loses_it() -> None:
    fitted = fit(samples(), RULES, WEIGHTS)
    assert fitted.rules["signed"].weight > 5.0
    assert fitted.rules["noise"].weight < 3.0
    assert fitted.rules["scam"].weight < -5.0


def test_no_weight_changes_its_sign_however_the_sample_lies() -> None:
    lying = [Sample(label(Verdict.SPOOFED_ADDRESS), facts(mail={"subject": "signed"})) for _ in range(40)]
    assert fit(lying, RULES, WEIGHTS).rules["signed"].weight > 0


def test_fitting_twice_gives_the_same_weights_as_once() -> None:
    once = fit(samples(), RULES, WEIGHTS)
    twice = fit(samples(), RULES, once)
    assert twice.rules["signed"].weight == pytest.approx(once.rules["signed"].weight, abs=1.0)


def test_cross_validation_judges_every_mail_once() -> None:
    outcomes = cross_validate(samples(30), RULES, WEIGHTS, folds=5)
    assert len(outcomes) == 30
    assert Counter(o.label.verdict for o in outcomes) == {GENUINE: 10, HACKED: 10, Verdict.SPOOFED_ADDRESS: 10}


@pytest.mark.parametrize(
    ("given", "question", "expected"),
    [
        (label(GENUINE), Question.ORIGIN, 1),
        (label(HACKED), Question.INTENT, 0),
        (label(Verdict.SPOOFED_ADDRESS), Question.ORIGIN, 0),
        (label(Verdict.SPOOFED_NAME), Question.IDENTITY, 0),
        (label(Verdict.SPOOFED_NAME, HACKED), Question.ORIGIN, 1),
        (label(Verdict.SPOOFED_NAME), Question.ORIGIN, None),
        (label(Verdict.PLAIN_SPAM), Question.STANDING, 0),
        (label(Verdict.UNDETERMINED), Question.INTENT, None),
    ],
)
def test_a_label_implies_answers(given: Label, question: Question, expected: float | None) -> None:
    assert targets(given).get(question) == expected


def test_overconfidence_is_taken_back() -> None:
    outcomes = [Outcome(label(GENUINE), GENUINE if n % 2 else HACKED, 0.95) for n in range(80)]
    joint = fit_confidence(outcomes, Joint())
    assert joint.slope < 1.0


def test_figures_count_what_they_say() -> None:
    outcomes = [
        Outcome(label(GENUINE), GENUINE, 0.9),
        Outcome(label(GENUINE), HACKED, 0.7),
        Outcome(label(HACKED, Verdict.PLAIN_SPAM), Verdict.PLAIN_SPAM, 0.5),
        Outcome(label(HACKED), GENUINE, 0.9),
    ]
    found = figures(outcomes)
    assert (found.exact, found.accepted) == (0.25, 0.5)
    assert (found.genuine_accused, found.genuine_found, found.harmful_cleared) == (0.5, 0.5, 0.5)
    hacked = next(each for each in found.classes if each.verdict is HACKED)
    assert (hacked.labelled, hacked.said, hacked.right) == (2, 1, 0)
    assert sum(each.mails for each in found.reliability) == 4


def test_bad_rows_of_a_label_file_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,label,also\na.eml,genuine,\nb.eml,hackd,\nc.eml,genuine,maybe\n", "utf-8")
    with pytest.raises(Unreadable, match=r"row 3.*row 4"):
        read_labels(path)
