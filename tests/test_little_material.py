"""From a line or a story nothing is made up: no alarm without evidence, no junk that nobody saw; the right reader."""

from dataclasses import replace

import pytest

from bot.model import Case, Facts, Finding, Question, Reader, SamePoint, Told, Verdict
from bot.rules.origin_known import beside_the_older_mail
from tests.facts import facts
from tests.line import outcome

LINE = "From: {sender}\nSubject: {subject}\n"
STORIES = (
    # what somebody writes, and what it may be leaned to
    (
        "My colleague Nora wrote me a mail asking me to buy gift cards, but she says she never sent it. "
        "Her address is nora@tischlerei.example.org. I already bought them.",
        {None},
    ),
    ("I got a mail from my boss asking for my password. Is it dangerous?", {None}),
    ("Mein Chef bittet mich per Mail, Geschenkkarten zu kaufen.", {None, Verdict.SPOOFED_NAME}),
    ("My boss writes that I should buy gift cards and send him the codes.", {None, Verdict.SPOOFED_NAME}),
)
OWN = (
    "My sister says she got a mail from me with a strange link in it. I never sent her one.",
    "A customer got an invoice from my address, but I didn't write it.",
    "Meine Mutter hat eine komische Mail von mir bekommen.",
    "Une amie a reçu un courriel de ma part que je n'ai pas envoyé.",
)
OTHERS = (
    "My colleague Nora wrote me a strange mail. She says she never sent it.",
    "I got a mail from my bank. It says that my account was closed.",
)
FINDINGS = (Finding("dmarc-passed", Question.ORIGIN, "authentication", 9.0, "", ""),)


def case_of(text: str, told: Told | None = None) -> Case:
    said = outcome(text.encode(), told=told)
    assert isinstance(said, Case)
    return said


@pytest.mark.parametrize("name", ["Petra", "Petra Kern", "Buero", "Bora"])
def test_two_pasted_lines_make_no_alarm(name: str) -> None:
    box = name.lower().replace(" ", ".")
    found = case_of(LINE.format(sender=f"{name} <{box}@ahrens-dachbau.example>", subject="hi")).diagnosis
    assert (found.verdict, found.leaning) == (Verdict.UNDETERMINED, None)
    assert not [f.text for f in found.findings if f.weight < 0 and f.question is not Question.STANDING]


@pytest.mark.parametrize(("story", "leanings"), STORIES)
def test_a_story_is_never_junk_and_suggests_no_break_in(story: str, leanings: set[Verdict | None]) -> None:
    case = case_of(story)
    assert case.diagnosis.verdict is Verdict.UNDETERMINED
    assert case.diagnosis.leaning in leanings
    said = " ".join((case.reply.headline, *case.reply.steps))
    assert "delete" not in said
    assert "junk" not in said
    assert case.reply.settles


@pytest.mark.parametrize("story", OWN)
def test_whoever_tells_of_mail_in_their_own_name_is_told_what_its_owner_is_told(story: str) -> None:
    reply = case_of(story).reply
    assert reply.reader is Reader.NAMED
    assert not [step for step in reply.steps if "click" in step]


@pytest.mark.parametrize("story", OTHERS)
def test_whoever_tells_of_somebody_elses_mail_is_told_what_receivers_are_told(story: str) -> None:
    assert case_of(story).reply.reader is Reader.RECEIVER


def test_where_only_the_owner_of_a_proven_address_is_open_that_is_what_is_said() -> None:
    mail = (
        "Received: from mail-ej1-f48.google.com (mail-ej1-f48.google.com [209.85.218.48])\n"
        "\tby mx.tischlerei-brandes.example (Postfix) with ESMTPS id 4X2k\n"
        "\tfor <kai@tischlerei-brandes.example>; Mon, 23 Nov 2026 08:12:04 +0100\n"
        "Authentication-Results: mx.tischlerei-brandes.example; spf=pass smtp.mailfrom=office.lead77@gmail.com;\n"
        "\tdkim=pass header.d=gmail.com; dmarc=pass header.from=gmail.com\n"
        "From: Petra Ahrens <office.lead77@gmail.com>\nTo: kai@tischlerei-brandes.example\nSubject: quick favour\n"
        "Date: Mon, 23 Nov 2026 08:12:01 +0100\nMessage-ID: <CAJ+x1@mail.gmail.com>\n\n"
        "Hi Kai, are you at your desk? I need you to get five Google Play gift cards for a client. Keep it quiet.\n"
    )
    case = case_of(mail)
    assert case.reply.headline.startswith("It really came from office.lead77@gmail.com.")
    assert "an address of Petra Ahrens" in case.reply.headline
    denied = case_of(mail, Told(sender_denies=True)).diagnosis
    assert (denied.verdict, denied.also) == (Verdict.SPOOFED_NAME, ())


def test_a_comparison_that_decides_nothing_is_said_to() -> None:
    points = tuple(
        SamePoint(f"point {n}", "a", "a" if same else "b", same) for n, same in enumerate((True, True, False))
    )
    compared: Facts = replace(facts(), comparison=points)
    told = beside_the_older_mail(compared, FINDINGS)
    assert [each.why for each in told] == ["2 of 3 points are the same, which decides nothing"]
    assert beside_the_older_mail(facts(), FINDINGS) == ()
    decided = replace(FINDINGS[0], rule="like-the-known-good-mail")
    assert beside_the_older_mail(compared, (decided,)) == ()
