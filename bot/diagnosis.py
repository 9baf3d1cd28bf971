"""Findings → Diagnosis: the table of DESIGN.md, as data, over the joint probability of the four answers."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from bot.handbook.weights import Joint, Weights
from bot.model import (
    Affected,
    Answer,
    Claim,
    ClaimKind,
    Diagnosis,
    DomainClass,
    Facts,
    Finding,
    Grade,
    NextStep,
    Passage,
    Question,
    Standpoint,
    Unchecked,
    Verdict,
)

YES_FROM = 0.80
NO_UP_TO = 0.20

ROWS: tuple[tuple[str, str, str, str, Verdict], ...] = (
    # identity, origin, intent, standing; "*" is any. The first row that fits counts.
    ("no", "*", "no", "*", Verdict.SPOOFED_NAME),
    ("no", "*", "yes", "*", Verdict.UNDETERMINED),
    ("*", "no", "no", "yes", Verdict.SPOOFED_ADDRESS),
    ("unclaimed", "no", "no", "no", Verdict.PLAIN_SPAM),
    ("yes", "no", "no", "no", Verdict.SPOOFED_NAME),
    ("*", "no", "yes", "*", Verdict.UNDETERMINED),
    ("*", "yes", "no", "yes", Verdict.HACKED_ACCOUNT),
    ("*", "yes", "no", "no", Verdict.PLAIN_SPAM),
    ("*", "yes", "yes", "*", Verdict.GENUINE),
)

WEAK_GRADES = frozenset({Grade.SLACK_REST, Grade.SCREENSHOT, Grade.WORDS})
"""From these alone the verdict is never spoofed-address or genuine, and hacked-account is suspected."""

A_REAL_SIGN = -5.0
"""Decibans against an honest intent that one finding must have for `hacked-account`."""
MERE_ABSENCE = frozenset({"nothing-speaks-against-it", "asks-for-nothing"})
"""Rules that saw no sign of bad intent, which isn't yet a sign of good: an intruder's first mail may hold none."""
MOST_BY_ABSENCE = 0.80
"""The confidence of `genuine` that rests on them alone."""
CLEAR_LEANING = 0.35
"""The share of the likeliest verdict that is a leaning: below it three or four are about as likely."""
LEAST_LEANING = 0.10
"""The share of a verdict that is leaned to instead of a likelier one for which nothing speaks."""
MOST_UNDETERMINED = 0.50
"""The confidence in a leaning that something forbids to be a verdict."""
PERSONAL = frozenset({ClaimKind.TOLD, ClaimKind.CONTACT, ClaimKind.STAFF})
LISTS_MEMBER = 0.65
"""Origin's probability that `genuine` needs behind a known list, which breaks its members' proof."""
DENIALS = frozenset({"sender-denies-it", "strange-signs-in-the-account"})
"""What the owner says or found: it outweighs how honest the mail looks."""
OWN_WORDS = frozenset({"answers-a-known-mail", "bounces-go-to-the-author", "message-id-is-the-authors"})
"""Rules about what senders write themselves: they prove no origin."""


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability of yes for each question, and whether anybody is claimed."""

    identity: float
    origin: float
    intent: float
    standing: float
    claimed: bool


def diagnose(
    facts: Facts,
    findings: tuple[Finding, ...],
    unchecked: tuple[Unchecked, ...],
    weights: Weights,
    question_texts: Mapping[str, str],
) -> Diagnosis:
    """The headline verdict with what it rests on. `question_texts` are knowledge/questions by code."""
    findings = _weighed(findings)
    odds = _odds(facts, findings, weights)
    shares = verdict_shares(odds, weights.joint)
    grade = effective_grade(facts)
    verdict, leaning = _headline(shares, facts, findings, grade, odds, weights.joint)
    standpoints = _standpoints(odds)
    also = _also(verdict, odds, facts, findings)
    named = leaning or verdict
    code = _next_code(verdict, named, odds, facts, grade, weights.joint)
    return Diagnosis(
        verdict=verdict,
        confidence=_confidence(verdict, shares, findings, weights.joint),
        grade=grade,
        leaning=leaning,
        suspected=verdict is Verdict.HACKED_ACCOUNT and grade in WEAK_GRADES,
        also=also,
        affected=_affected((verdict, *also), facts),
        standpoints=standpoints,
        findings=findings,
        unchecked=unchecked,
        next_step=NextStep(code, question_texts[code]) if code else None,
        shares=tuple(sorted(shares.items(), key=lambda item: -item[1])),
    )


def probability(decibans: float) -> float:
    """p = 1 / (1 + 10^(-sum/10)), without overflow."""
    return 1.0 / (1.0 + math.pow(10.0, -max(-300.0, min(300.0, decibans)) / 10.0))


def logit(share: float) -> float:
    """Natural log-odds, bounded away from certainty."""
    bounded = min(0.9999, max(0.0001, share))
    return math.log(bounded / (1.0 - bounded))


def effective_grade(facts: Facts) -> Grade:
    """Some headers without a border hop count as what Slack keeps (DESIGN.md)."""
    message = facts.message
    return Grade.SLACK_REST if message.grade is Grade.SOME_HEADERS and not message.border else message.grade


def verdict_shares(odds: Odds, joint: Joint) -> dict[Verdict, float]:
    """Each verdict's share of the probability over all joint answers of the table.

    The answers aren't independent: an honest purpose is rare behind a name or address that isn't the sender's,
    so those joint answers weigh `intent_given_mismatch` less.
    """
    shares = dict.fromkeys(Verdict, 0.0)
    ok = "yes" if odds.claimed else "unclaimed"
    rare = math.pow(10.0, joint.intent_given_mismatch / 10.0)
    for identity, p_identity in ((ok, odds.identity), ("no", 1 - odds.identity)):
        for origin, p_origin in _split(odds.origin):
            for intent, p_intent in _split(odds.intent):
                for standing, p_standing in _split(odds.standing):
                    honest_mismatch = intent == "yes" and (identity == "no" or origin == "no")
                    p = p_identity * p_origin * p_intent * p_standing * (rare if honest_mismatch else 1.0)
                    shares[_row(identity, origin, intent, standing)] += p
    total = sum(shares.values()) or 1.0
    return {verdict: share / total for verdict, share in shares.items()}


def _odds(facts: Facts, findings: tuple[Finding, ...], weights: Weights) -> Odds:
    total = {
        question: weights.priors.get(question, 0.0)
        + sum(f.weight for f in findings if f.counted and f.question is question)
        for question in Question
    }
    return Odds(
        identity=probability(total[Question.IDENTITY]),
        origin=probability(total[Question.ORIGIN]),
        intent=probability(total[Question.INTENT]),
        standing=probability(total[Question.STANDING]),
        claimed=bool(facts.claims),
    )


def _weighed(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """An intruder's mail may look as honest as it likes: where the owner disowns it, that doesn't count."""
    if not _disowned(findings):
        return findings
    honest = (f.counted and f.question is Question.INTENT and f.weight > 0 for f in findings)
    return tuple(replace(f, counted=False) if drop else f for f, drop in zip(findings, honest, strict=True))


def _disowned(findings: Iterable[Finding]) -> bool:
    """The owner says that they didn't send it, or somebody else was in the account and they haven't said they did."""
    found = {finding.rule for finding in findings}
    return "sender-denies-it" in found or bool(found & DENIALS and "sender-confirms-it" not in found)


def _split(p: float) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("yes", p), ("no", 1.0 - p)


@cache
def _row(*answers: str) -> Verdict:
    return next(row[4] for row in ROWS if all(want in ("*", got) for want, got in zip(row, answers, strict=False)))


def _headline(
    shares: Mapping[Verdict, float],
    facts: Facts,
    findings: tuple[Finding, ...],
    grade: Grade,
    odds: Odds,
    joint: Joint,
) -> tuple[Verdict, Verdict | None]:
    """The verdict, and the leaning where it is undetermined."""
    never = {Verdict.UNDETERMINED, *([Verdict.GENUINE] if _disowned(findings) else [])}
    ranked = sorted((v for v in Verdict if v not in never), key=lambda v: -shares[v])
    best = ranked[0]
    if not _grounded(best, findings, grade):
        likely = (v for v in ranked if shares[v] >= LEAST_LEANING and v is not Verdict.GENUINE)
        return Verdict.UNDETERMINED, next((v for v in likely if _grounded(v, findings, grade)), None)
    needed = joint.genuine_threshold if best is Verdict.GENUINE else joint.threshold
    if best is Verdict.GENUINE and (not _proven(findings) or _unseen(facts, grade)):
        return Verdict.UNDETERMINED, None  # neither priors nor half a header are a reason to lean towards "it's fine"
    if best is Verdict.GENUINE and odds.identity < YES_FROM and any(claim.owns is False for claim in facts.claims):
        return Verdict.UNDETERMINED, None  # a known name at another address: a second mailbox or somebody else's
    if shares[best] < needed or shares[Verdict.UNDETERMINED] > shares[best]:
        return Verdict.UNDETERMINED, best if shares[best] >= CLEAR_LEANING else None
    if _forbidden(best, facts, findings, grade, odds):
        return Verdict.UNDETERMINED, best
    return best, None


def _unseen(facts: Facts, grade: Grade) -> bool:
    """Nobody knows who wrote it, or of little material nothing that it says."""
    return not facts.message.author.address or (grade in WEAK_GRADES and not facts.message.shows_text)


def _grounded(verdict: Verdict, findings: Iterable[Finding], grade: Grade) -> bool:
    """Something was seen that speaks for it: what isn't there, and what is usual, is no evidence."""
    seen = {(f.question, f.weight > 0) for f in findings if f.counted and f.weight}
    against_intent = (Question.INTENT, False) in seen
    match verdict:
        case Verdict.HACKED_ACCOUNT:
            theirs = {(Question.ORIGIN, True), (Question.STANDING, True)}
            return against_intent and bool(theirs & seen)
        case Verdict.SPOOFED_ADDRESS:
            return (Question.ORIGIN, False) in seen
        case Verdict.SPOOFED_NAME:
            strangers = {(Question.ORIGIN, False), (Question.STANDING, False)}
            return (Question.IDENTITY, False) in seen or strangers <= seen
        case Verdict.PLAIN_SPAM:
            return against_intent and (grade not in WEAK_GRADES or (Question.STANDING, False) in seen)
        case _:
            return True


def _forbidden(best: Verdict, facts: Facts, findings: tuple[Finding, ...], grade: Grade, odds: Odds) -> bool:
    """What may not be concluded however likely: each line a promise of DESIGN.md or EVIDENCE.md."""
    message = facts.message
    tricked = len(message.senders) > 1 or any(defect.code == "forged-stamp" for defect in message.defects)
    match best:
        case Verdict.GENUINE:
            member = facts.judged.passage is Passage.LIST and facts.judged.known
            unproven = odds.origin < (LISTS_MEMBER if member else YES_FROM)
            return tricked or unproven or grade in WEAK_GRADES or not message.author.address
        case Verdict.HACKED_ACCOUNT:
            weak = grade not in WEAK_GRADES and odds.origin < YES_FROM
            return tricked or weak or not _independent_sign(findings)
        case Verdict.SPOOFED_ADDRESS:
            return grade in WEAK_GRADES or not message.author.address or odds.intent >= YES_FROM
        case Verdict.SPOOFED_NAME:
            named = _somebody_named(facts) or bool(facts.told.sender_denies)  # whoever denied it was asked by name
            return odds.intent >= YES_FROM or not named
        case Verdict.PLAIN_SPAM:
            return grade is Grade.WORDS  # "delete it" is no advice about a mail that nobody here has seen
        case _:
            return False


def _somebody_named(facts: Facts) -> bool:
    """An invented name on a stranger's mailbox claims nobody, so nobody's name was used."""
    return any(claim.owns is not True for claim in facts.claims) or facts.name_is_organisation


def _proven(findings: Iterable[Finding]) -> bool:
    """Something beside the sender's own words shows where it came from, and something its purpose."""
    return _shown(findings, Question.ORIGIN, besides=OWN_WORDS) and _shown(findings, Question.INTENT)


def _independent_sign(findings: Iterable[Finding]) -> bool:
    """hacked-account needs something real against an honest intent; habits of bulk mail aren't that."""
    return any(f.counted and f.question is Question.INTENT and f.weight <= A_REAL_SIGN for f in findings)


def _shown(findings: Iterable[Finding], question: Question, *, besides: frozenset[str] = frozenset()) -> bool:
    """Some finding that counts says yes."""
    return any(f.counted and f.question is question and f.weight > 0 and f.rule not in besides for f in findings)


def _confidence(verdict: Verdict, shares: Mapping[Verdict, float], findings: Iterable[Finding], joint: Joint) -> float:
    share = shares[verdict] if verdict is not Verdict.UNDETERMINED else max(shares.values())
    calibrated = 1.0 / (1.0 + math.exp(-(joint.slope * logit(share) + joint.intercept)))
    if verdict is Verdict.GENUINE and not _shown(findings, Question.INTENT, besides=MERE_ABSENCE):
        calibrated = min(calibrated, MOST_BY_ABSENCE)
    most = MOST_UNDETERMINED if verdict is Verdict.UNDETERMINED else 0.99
    return round(min(calibrated, most), 2)


def answer(p: float) -> Answer:
    """Yes from 0.80, no up to 0.20, else unknown."""
    return Answer.YES if p >= YES_FROM else Answer.NO if p <= NO_UP_TO else Answer.UNKNOWN


def _standpoints(odds: Odds) -> tuple[Standpoint, ...]:
    identity = answer(odds.identity)
    if identity is not Answer.NO and not odds.claimed:
        identity = Answer.UNCLAIMED
    return (
        Standpoint(Question.IDENTITY, identity, round(odds.identity, 3)),
        Standpoint(Question.ORIGIN, answer(odds.origin), round(odds.origin, 3)),
        Standpoint(Question.INTENT, answer(odds.intent), round(odds.intent, 3)),
        Standpoint(Question.STANDING, answer(odds.standing), round(odds.standing, 3)),
    )


def _also(verdict: Verdict, odds: Odds, facts: Facts, findings: Iterable[Finding]) -> tuple[Verdict, ...]:
    """What else befell somebody: an account with strange signs, the owner of an address under another's name."""
    if any(finding.rule == "strange-signs-in-the-account" for finding in findings):
        return () if verdict is Verdict.HACKED_ACCOUNT else (Verdict.HACKED_ACCOUNT,)
    if verdict is not Verdict.SPOOFED_NAME or answer(odds.standing) is not Answer.YES:
        return ()
    if any(finding.counted and finding.rule == "sender-known-to-the-reporter" for finding in findings):
        return ()  # they know whose name it is, not whose address
    if facts.author.cls is DomainClass.NOT_A_DOMAIN or not facts.message.author.address:
        return ()
    if answer(odds.origin) is Answer.YES:
        return (Verdict.HACKED_ACCOUNT,)
    return (Verdict.SPOOFED_ADDRESS,) if answer(odds.origin) is Answer.NO else ()


def _affected(verdicts: Iterable[Verdict], facts: Facts) -> tuple[Affected, ...]:
    address = facts.message.author.address
    verdicts = tuple(verdicts)
    strangers = Verdict.PLAIN_SPAM in verdicts or Verdict.SPOOFED_NAME in verdicts
    signs = strangers and facts.told.strange_account_signs  # in the account of whom it names, not in the one shown
    who = {
        Verdict.SPOOFED_NAME: _claimed(facts),
        Verdict.SPOOFED_ADDRESS: address,
        Verdict.HACKED_ACCOUNT: _person(facts) if signs else address or (facts.message.return_path or ""),
    }
    return tuple(Affected(verdict, who[verdict]) for verdict in verdicts if who.get(verdict))


def _person(facts: Facts) -> str:
    """The person whom we know it to name, as far as anybody does."""
    return next((claim.who for claim in facts.claims if claim.kind in PERSONAL), "")


def _claimed(facts: Facts) -> str:
    order = (ClaimKind.TOLD, ClaimKind.CONTACT, ClaimKind.STAFF, ClaimKind.KNOWN_PERSON)
    claims = sorted(facts.claims, key=lambda c: (c.owns is True, c.kind not in order))
    best: Claim | None = next(iter(claims), None)
    return best.who if best else facts.message.author.name


def _next_code(verdict: Verdict, named: Verdict, odds: Odds, facts: Facts, grade: Grade, joint: Joint) -> str | None:
    """The code of the one piece of material or question that would move the verdict most; nothing is asked twice."""
    code = _most_telling(verdict, named, odds, facts, grade, joint)
    told = facts.told
    known = {
        "sign-ins": told.strange_account_signs is not None,
        "ask-other-channel": told.sender_denies is not None or told.sender_confirms is not None,
    }
    return None if known.get(code or "") else code


def _most_telling(verdict: Verdict, named: Verdict, odds: Odds, facts: Facts, grade: Grade, joint: Joint) -> str | None:
    if grade is not Grade.WHOLE and grade is not Grade.FULL_HEADERS:
        return "full-headers" if grade is not Grade.SLACK_REST else "original-as-attachment"
    if len(facts.message.senders) > 1:
        return "ask-other-channel"
    if any(claim.owns is None and claim.kind in PERSONAL for claim in facts.claims):
        return "whose-address"
    if verdict is Verdict.HACKED_ACCOUNT:
        return "sign-ins"
    deciding = _deciding(odds, joint)
    if deciding is None:
        return None
    if deciding is Question.ORIGIN:
        offline = facts.dkim_now.why_not == "offline"
        return "online-check" if offline and facts.message.signatures else "known-good-mail"
    return {
        Question.IDENTITY: "whose-address",
        Question.INTENT: "ask-other-channel" if named is not Verdict.GENUINE else "expected-it",
        Question.STANDING: "known-sender",
    }[deciding]


def _deciding(odds: Odds, joint: Joint) -> Question | None:
    """The unknown question whose answer would change the leading verdict; the most uncertain first."""
    best: tuple[float, Question] | None = None
    for question in Question:
        p = float(getattr(odds, question.value))
        if NO_UP_TO < p < YES_FROM and _leaders_differ(odds, question, joint):
            score = 0.5 - abs(p - 0.5)
            if best is None or score > best[0]:
                best = (score, question)
    return best[1] if best else None


def _leaders_differ(odds: Odds, question: Question, joint: Joint) -> bool:
    leaders = set()
    for p in (0.02, 0.98):
        shares = verdict_shares(_with(odds, question, p), joint)
        leaders.add(max(shares, key=lambda verdict: shares[verdict]))
    return len(leaders) > 1


def _with(odds: Odds, question: Question, p: float) -> Odds:
    return replace(odds, **{question.value: p})  # type: ignore[arg-type]  # no question is called "claimed"
