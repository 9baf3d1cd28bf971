"""Refitting the weights: regularised logistic regression, a question at a time, cross-validated.

A labelled verdict says what the answers were (DESIGN.md's table), so each question has a target on the
mails whose label implies one. A weight is pulled towards its `expert` value (a Gaussian prior), never
changes its sign, and what the labels don't touch stays as it was. Nothing here writes a file.
"""

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.diagnosis import diagnose, logit
from bot.evaluation import Label, Outcome, accepted
from bot.handbook.weights import Joint, RuleWeight, Weights
from bot.model import Facts, Finding, Passage, Question, Verdict
from bot.ruling import Rule, run

NATURAL = math.log(10.0) / 10.0
"""Natural log-odds in a deciban."""
PULL = 4.0
"""Strength of the pull towards the expert's weight, per squared natural log-odds."""
UNLISTED = 0.15
"""How much a spoofed name counts as one that no list knows, beside its own count."""
SWEEPS = 40
ROUNDS = 3
FOLDS = 10

TARGETS: Mapping[Verdict, Mapping[Question, float]] = MappingProxyType(
    {
        Verdict.GENUINE: {Question.IDENTITY: 1, Question.ORIGIN: 1, Question.INTENT: 1},
        Verdict.HACKED_ACCOUNT: {Question.IDENTITY: 1, Question.ORIGIN: 1, Question.INTENT: 0, Question.STANDING: 1},
        Verdict.SPOOFED_ADDRESS: {Question.IDENTITY: 1, Question.ORIGIN: 0, Question.INTENT: 0, Question.STANDING: 1},
        Verdict.SPOOFED_NAME: {Question.IDENTITY: 0, Question.INTENT: 0},
        Verdict.PLAIN_SPAM: {Question.IDENTITY: 1, Question.INTENT: 0, Question.STANDING: 0},
        Verdict.UNDETERMINED: {},
    }
)
"""What a headline says about each question."""

SECOND: Mapping[Verdict, Mapping[Question, float]] = MappingProxyType(
    {
        Verdict.HACKED_ACCOUNT: {Question.ORIGIN: 1, Question.STANDING: 1},
        Verdict.SPOOFED_ADDRESS: {Question.ORIGIN: 0, Question.STANDING: 1},
    }
)
"""What `also` adds under a spoofed-name headline: whose address it was."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled mail with its facts."""

    label: Label
    facts: Facts


@dataclass(frozen=True, slots=True)
class Row:
    """One training row: the rules that count with their strengths, the target, its weight."""

    features: tuple[tuple[str, float], ...]
    target: float
    trust: float


def targets(label: Label) -> dict[Question, float]:
    """Each question's answer as far as the label implies one: 1 yes, 0 no."""
    implied = dict(TARGETS[label.verdict])
    if label.verdict is Verdict.SPOOFED_NAME:
        for other in sorted(label.also):
            implied.update(SECOND.get(other, {}))
        if not label.also & SECOND.keys():
            implied[Question.STANDING] = 0.0
    return implied


def fit(samples: Sequence[Sample], rules: Sequence[Rule], weights: Weights, *, pull: float = PULL) -> Weights:
    """Weights and priors refitted on `samples`; the table's other numbers stay."""
    current = weights
    samples = [*samples, *_unlisted(samples)]
    for _ in range(ROUNDS):
        # Which rule of a group counts depends on the weights, so fit and choose in turn.
        found = [run(rules, sample.facts, current.by_rule())[0] for sample in samples]
        for question in Question:
            rows = _rows(samples, found, current, question)
            current = _fit_question(rows, current, question, pull)
    return current


def cross_validate(
    samples: Sequence[Sample], rules: Sequence[Rule], weights: Weights, *, folds: int = FOLDS, pull: float = PULL
) -> tuple[Outcome, ...]:
    """Each mail judged by weights that were fitted without it or any of its sender's domain.

    A campaign lies in one fold, else its other mails would tell.
    """
    outcomes: dict[int, Outcome] = {}
    assigned = [_fold(sample, folds) for sample in samples]
    for fold in range(folds):
        train = [sample for sample, its in zip(samples, assigned, strict=True) if its != fold]
        fitted = fit(train, rules, weights, pull=pull)
        fitted = replace(fitted, joint=fit_confidence([judge(s, rules, _raw(fitted)) for s in train], fitted.joint))
        for index in (index for index, its in enumerate(assigned) if its == fold):
            outcomes[index] = judge(samples[index], rules, fitted)
    return tuple(outcomes[index] for index in range(len(samples)))


def _unlisted(samples: Sequence[Sample]) -> list[Sample]:
    """The spoofed names once more, as if nobody had listed them: new names are borrowed every day.

    Without these the rules about names that no list knows would be fitted on the mails alone that aren't spoofs.
    """
    return [
        Sample(
            replace(sample.label, trust=sample.label.trust * UNLISTED),
            replace(sample.facts, claims=(), lookalikes=()),
        )
        for sample in samples
        if sample.label.verdict is Verdict.SPOOFED_NAME and sample.facts.claims
    ]


def _fold(sample: Sample, folds: int) -> int:
    members = sample.facts.judged.passage is Passage.LIST  # each of another author, whatever From says
    whose = sample.label.file if members else sample.facts.author.organisational or sample.label.file
    return zlib.crc32(whose.encode()) % folds


def judge(sample: Sample, rules: Sequence[Rule], weights: Weights) -> Outcome:
    """What these weights say of one labelled mail."""
    findings, unchecked = run(rules, sample.facts, weights.by_rule())
    said = diagnose(sample.facts, findings, unchecked, weights, _AnyText())
    return Outcome(sample.label, said.verdict, said.confidence, said.leaning)


def fit_confidence(outcomes: Sequence[Outcome], joint: Joint) -> Joint:
    """Platt's two numbers, so that the confidence is the share of mails on which it is right.

    `outcomes` carry raw shares as confidences (slope 1, intercept 0).
    """
    told = [o for o in outcomes if o.said is not Verdict.UNDETERMINED]
    slope, intercept = 1.0, 0.0
    for _ in range(200):
        gradient_a, gradient_b = 0.3 * (slope - 1.0), 0.02 * intercept
        for outcome in told:
            x = logit(outcome.confidence)
            error = _sigmoid(slope * x + intercept) - float(accepted(outcome))
            gradient_a += error * x / len(told)
            gradient_b += error / len(told)
        slope -= 0.2 * gradient_a
        intercept -= 0.2 * gradient_b
    return replace(joint, slope=round(max(0.1, slope), 3), intercept=round(intercept, 3))


def refit(samples: Sequence[Sample], rules: Sequence[Rule], weights: Weights, *, pull: float = PULL) -> Weights:
    """What `checkmail calibrate` proposes: weights from all mail, confidence from held-out mail."""
    fitted = fit(samples, rules, weights, pull=pull)
    held_out = cross_validate(samples, rules, _raw(weights), pull=pull)
    raw = [replace(outcome, confidence=outcome.confidence) for outcome in held_out]
    return replace(fitted, joint=fit_confidence(raw, fitted.joint))


def _raw(weights: Weights) -> Weights:
    return replace(weights, joint=replace(weights.joint, slope=1.0, intercept=0.0))


def _rows(
    samples: Sequence[Sample], found: Sequence[tuple[Finding, ...]], weights: Weights, question: Question
) -> list[Row]:
    rows = []
    for sample, findings in zip(samples, found, strict=True):
        target = targets(sample.label).get(question)
        if target is None:
            continue
        features = tuple(
            (f.rule, f.weight / weights.rules[f.rule].weight)
            for f in findings
            if f.counted and f.question is question and f.rule in weights.rules and weights.rules[f.rule].weight
        )
        rows.append(Row(features, target, sample.label.trust))
    return rows


def _fit_question(rows: Sequence[Row], weights: Weights, question: Question, pull: float) -> Weights:
    """Newton steps a coordinate at a time; the objective is convex, so this converges."""
    beta = {name: weights.rules[name].weight * NATURAL for row in rows for name, _ in row.features}
    expert = {name: weights.rules[name].expert * NATURAL for name in beta}
    prior = weights.priors[question] * NATURAL
    margins = [prior + sum(beta[name] * x for name, x in row.features) for row in rows]
    having: dict[str, list[tuple[int, float]]] = {name: [] for name in beta}
    for index, row in enumerate(rows):
        for name, x in row.features:
            having[name].append((index, x))
    everything = [(index, 1.0) for index in range(len(rows))]
    start = prior
    for _ in range(SWEEPS):
        prior += _step(rows, margins, everything, prior - start, pull, lambda value: value, prior)
        for name in beta:
            keep = _same_sign(expert[name])
            beta[name] += _step(rows, margins, having[name], beta[name] - expert[name], pull, keep, beta[name])
    return _with(weights, question, prior, beta)


def _step(
    rows: Sequence[Row],
    margins: list[float],
    having: Sequence[tuple[int, float]],
    away: float,
    pull: float,
    keep: Callable[[float], float],
    value: float,
) -> float:
    gradient, curvature = pull * away, pull
    for index, x in having:
        p = _sigmoid(margins[index])
        gradient += rows[index].trust * (p - rows[index].target) * x
        curvature += rows[index].trust * p * (1 - p) * x * x
    change = keep(value - gradient / curvature) - value
    for index, x in having:
        margins[index] += change * x
    return change


def _same_sign(expert: float) -> Callable[[float], float]:
    """A weight against the field's sense would be an accident of the sample."""
    smallest = 0.1 * NATURAL
    return (lambda v: max(smallest, v)) if expert > 0 else (lambda v: min(-smallest, v))


def _with(weights: Weights, question: Question, prior: float, beta: Mapping[str, float]) -> Weights:
    rules = dict(weights.rules)
    for name, value in beta.items():
        rules[name] = RuleWeight(round(value / NATURAL, 1), rules[name].expert, rules[name].reason)
    priors = {**weights.priors, question: round(prior / NATURAL, 1)}
    return replace(weights, rules=MappingProxyType(rules), priors=MappingProxyType(priors))


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, x))))


class _AnyText(dict[str, str]):
    """Question texts aren't needed to judge."""

    def __missing__(self, key: str) -> str:
        return ""
