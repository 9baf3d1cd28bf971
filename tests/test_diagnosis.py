"""The table of verdicts, its probabilities, and what grades and readings forbid."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.diagnosis import Odds, answer, diagnose, probability, verdict_shares
from bot.handbook.weights import Joint, Weights
from bot.model import (
    Answer,
    Claim,
    ClaimKind,
    Defect,
    Diagnosis,
    DomainClass,
    DomainFacts,
    Facts,
    Finding,
    Grade,
    Judged,
    Mailbox,
    Passage,
    Question,
    Verdict,
)
from tests.facts import facts, finding

WEIGHTS = Weights(priors=MappingProxyType(dict.fromkeys(Question, 0.0)))
CLAIM = Claim(ClaimKind.CONTACT, "Maria Example", "display name", "Maria Example", owns=None)
SURE = 40.0


class AnyText(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"text of {key}"


def say(given_facts: Facts, **weights: float) -> Verdict:
    return diagnosis_of(given_facts, **weights).verdict


def diagnosis_of(given_facts: Facts, **weights: float) -> Diagnosis:
    found: tuple[Finding, ...] = tuple(finding(Question(name), weight) for name, weight in weights.items())
    return diagnose(given_facts, found, (), WEIGHTS, AnyText())


YES, NO = SURE, -SURE
TABLE = [
    # identity, origin, intent, standing, claimed, verdict: DESIGN.md's table, row by row
    (NO, YES, NO, YES, True, Verdict.SPOOFED_NAME),
    (NO, NO, NO, NO, True, Verdict.SPOOFED_NAME),
    (NO, YES, 0.0, YES, True, Verdict.SPOOFED_NAME),
    (NO, YES, YES, YES, True, Verdict.UNDETERMINED),
    (YES, NO, NO, YES, True, Verdict.SPOOFED_ADDRESS),
    (YES, NO, NO, YES, False, Verdict.SPOOFED_ADDRESS),
    (YES, NO, NO, NO, False, Verdict.PLAIN_SPAM),
    (YES, NO, NO, NO, True, Verdict.SPOOFED_NAME),
    (YES, NO, YES, YES, True, Verdict.UNDETERMINED),
    (YES, YES, NO, YES, True, Verdict.HACKED_ACCOUNT),
    (YES, YES, NO, YES, False, Verdict.HACKED_ACCOUNT),
    (YES, YES, NO, NO, False, Verdict.PLAIN_SPAM),
    (YES, YES, YES, YES, True, Verdict.GENUINE),
    (YES, YES, YES, NO, False, Verdict.GENUINE),
    (YES, YES, 0.0, YES, True, Verdict.UNDETERMINED),
    (YES, 0.0, 0.0, YES, True, Verdict.UNDETERMINED),
]
JOINT = Joint(intent_given_mismatch=-8.0, threshold=0.5, genuine_threshold=0.6)


@pytest.mark.parametrize(("identity", "origin", "intent", "standing", "claimed", "verdict"), TABLE)
def test_each_row_of_the_table_gives_its_verdict(
    identity: float, origin: float, intent: float, standing: float, claimed: bool, verdict: Verdict
) -> None:
    known = facts(claims=(CLAIM,) if claimed else ())
    found = tuple(
        finding(question, weight)
        for question, weight in zip(Question, (identity, origin, intent, standing), strict=True)
    )
    said = diagnose(known, found, (), replace(WEIGHTS, joint=JOINT), AnyText())
    assert said.verdict is verdict


def test_an_undetermined_verdict_says_where_it_leans_and_what_would_decide() -> None:
    said = diagnosis_of(facts(), identity=YES, origin=YES, intent=-8.0, standing=YES)
    assert said.verdict is Verdict.HACKED_ACCOUNT
    unsure = diagnosis_of(facts(), identity=YES, origin=0.0, intent=NO, standing=YES)
    assert unsure.leaning in (Verdict.HACKED_ACCOUNT, Verdict.SPOOFED_ADDRESS, None)
    assert unsure.next_step is not None


@pytest.mark.parametrize("grade", [Grade.SLACK_REST, Grade.SCREENSHOT, Grade.WORDS])
def test_weak_material_never_gives_genuine_or_spoofed_address(grade: Grade) -> None:
    weak = facts(mail={"grade": grade})
    genuine = diagnosis_of(weak, identity=YES, origin=YES, intent=YES, standing=YES)
    forged = diagnosis_of(weak, identity=YES, origin=NO, intent=NO, standing=YES)
    assert (genuine.verdict, genuine.leaning) == (Verdict.UNDETERMINED, Verdict.GENUINE)
    assert (forged.verdict, forged.leaning) == (Verdict.UNDETERMINED, Verdict.SPOOFED_ADDRESS)


@pytest.mark.parametrize("grade", [Grade.SLACK_REST, Grade.SCREENSHOT, Grade.WORDS])
def test_a_hack_seen_in_weak_material_is_suspected(grade: Grade) -> None:
    said = diagnosis_of(facts(mail={"grade": grade}), identity=YES, origin=YES, intent=NO, standing=YES)
    assert said.verdict is Verdict.HACKED_ACCOUNT
    assert said.suspected


def test_some_headers_without_a_border_hop_count_as_weak_material() -> None:
    said = diagnosis_of(
        facts(mail={"grade": Grade.SOME_HEADERS, "hops": ()}), identity=YES, origin=YES, intent=YES, standing=YES
    )
    assert said.verdict is Verdict.UNDETERMINED
    assert said.grade is Grade.SLACK_REST


def test_two_readings_of_from_never_give_genuine_or_hacked() -> None:
    two = facts(mail={"senders": (Mailbox("", "a@example.org"), Mailbox("", "b@example.net"))})
    assert say(two, identity=YES, origin=YES, intent=YES, standing=YES) is Verdict.UNDETERMINED
    assert say(two, identity=YES, origin=YES, intent=NO, standing=YES) is Verdict.UNDETERMINED
    brand = replace(two, claims=(replace(CLAIM, owns=False),))
    assert say(brand, identity=NO, origin=YES, intent=NO, standing=YES) is Verdict.SPOOFED_NAME


def test_a_forged_stamp_lets_nothing_be_genuine_or_hacked() -> None:
    forged = facts(mail={"defects": (Defect("forged-stamp", "Authentication-Results of mx.example.com"),)})
    assert say(forged, identity=YES, origin=YES, intent=YES, standing=YES) is Verdict.UNDETERMINED
    assert say(forged, identity=YES, origin=YES, intent=NO, standing=YES) is Verdict.UNDETERMINED


def test_what_origin_hangs_on_must_be_known_for_genuine_and_hacked() -> None:
    assert say(facts(), identity=YES, origin=5.0, intent=YES, standing=YES) is Verdict.UNDETERMINED
    assert say(facts(), identity=YES, origin=5.0, intent=NO, standing=YES) is Verdict.UNDETERMINED
    member = facts(judged=Judged(Passage.LIST, None, ()))
    assert say(member, identity=YES, origin=5.0, intent=YES, standing=YES) is Verdict.GENUINE
    stranger = facts(judged=Judged(Passage.LIST, None, (), known=False))
    assert say(stranger, identity=YES, origin=5.0, intent=YES, standing=YES) is Verdict.UNDETERMINED


def test_without_an_address_nothing_is_genuine_or_a_forged_address() -> None:
    nobody = facts(mail={"senders": (Mailbox("Maria", ""),)})
    assert say(nobody, identity=YES, origin=YES, intent=YES, standing=YES) is Verdict.UNDETERMINED
    assert say(nobody, identity=YES, origin=NO, intent=NO, standing=YES) is Verdict.UNDETERMINED


def test_nobodys_name_was_used_where_nobody_is_claimed() -> None:
    said = diagnosis_of(facts(), identity=NO, origin=YES, intent=NO, standing=NO)
    assert (said.verdict, said.leaning) == (Verdict.UNDETERMINED, Verdict.SPOOFED_NAME)


def test_the_senders_own_words_prove_no_origin() -> None:
    found = tuple(finding(question, SURE) for question in Question if question is not Question.ORIGIN)
    found += (finding(Question.ORIGIN, SURE, "answers-a-known-mail"),)
    said = diagnose(facts(), found, (), WEIGHTS, AnyText())
    assert (said.verdict, said.leaning) == (Verdict.UNDETERMINED, None)


def test_a_proven_origin_alone_is_no_sign_of_a_hacked_account() -> None:
    without_sign = replace(WEIGHTS, priors=MappingProxyType({**WEIGHTS.priors, Question.INTENT: -30.0}))
    found = (finding(Question.ORIGIN, SURE), finding(Question.STANDING, SURE), finding(Question.IDENTITY, SURE))
    said = diagnose(facts(), found, (), without_sign, AnyText())
    assert (said.verdict, said.leaning) == (Verdict.UNDETERMINED, None)


def test_habits_of_bulk_mail_make_no_hacked_account() -> None:
    said = diagnosis_of(facts(), identity=YES, origin=YES, intent=-4.9, standing=YES)
    assert (said.verdict, said.leaning) == (Verdict.UNDETERMINED, Verdict.HACKED_ACCOUNT)


def test_a_brand_on_a_hijacked_mailbox_names_both_who_were_hurt() -> None:
    brand = Claim(ClaimKind.BRAND, "Example Bank", "display name", "Example Bank", owns=False)
    said = diagnosis_of(facts(claims=(brand,)), identity=NO, origin=YES, intent=NO, standing=YES)
    assert said.verdict is Verdict.SPOOFED_NAME
    assert said.also == (Verdict.HACKED_ACCOUNT,)
    assert [(a.verdict, a.who) for a in said.affected] == [
        (Verdict.SPOOFED_NAME, "Example Bank"),
        (Verdict.HACKED_ACCOUNT, "maria@example.org"),
    ]


def test_an_address_that_cannot_exist_is_nobodys_to_be_hurt() -> None:
    brand = Claim(ClaimKind.BRAND, "Example Bank", "display name", "Example Bank", owns=False)
    nowhere = facts(claims=(brand,), author=DomainFacts("bank,example", "bank,example", DomainClass.NOT_A_DOMAIN))
    assert diagnosis_of(nowhere, identity=NO, origin=NO, intent=NO, standing=YES).also == ()


def test_nobody_claimed_makes_identity_unclaimed() -> None:
    said = diagnosis_of(facts(), identity=YES, origin=YES, intent=YES, standing=YES)
    assert said.standpoint(Question.IDENTITY).answer is Answer.UNCLAIMED


@pytest.mark.parametrize(("p", "expected"), [(0.8, "yes"), (0.79, "unknown"), (0.2, "no"), (0.21, "unknown")])
def test_answers_are_yes_from_four_fifths_and_no_up_to_one_fifth(p: float, expected: str) -> None:
    assert answer(p) == expected


@given(*(st.floats(0, 1) for _ in range(4)), st.booleans())
def test_the_shares_of_all_verdicts_add_up_to_one(
    identity: float, origin: float, intent: float, standing: float, claimed: bool
) -> None:
    shares = verdict_shares(Odds(identity, origin, intent, standing, claimed), JOINT)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert all(0.0 <= share <= 1.0 for share in shares.values())


@given(st.floats(allow_nan=False))
def test_probability_never_overflows(decibans: float) -> None:
    assert 0.0 <= probability(decibans) <= 1.0


def test_ten_decibans_are_ten_to_one() -> None:
    assert probability(10.0) == pytest.approx(10 / 11)
