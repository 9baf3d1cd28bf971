"""What people are told: the sentence about the person, the order of the steps, and when a technician is called."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advice.reasons import reasons, unchecked_lines
from bot.advice.sections import ORIGINAL, choose_provider
from bot.advice.words import defang, fill, from_mail, how_sure, tame
from bot.handbook import Handbook
from bot.model import (
    Affected,
    Answer,
    ClaimKind,
    Diagnosis,
    DomainClass,
    Fact,
    Facts,
    Finding,
    Grade,
    HelpDesk,
    IpKind,
    Kind,
    Link,
    Mailbox,
    Method,
    Network,
    NextStep,
    Phrase,
    Priority,
    Question,
    Reader,
    Result,
    Stamp,
    Told,
    Unchecked,
    Verdict,
    Want,
    Zone,
)
from tests.casekit import case, claim, diagnosis, facts, shipped, with_message

MARIA = claim()
BRAND = claim(ClaimKind.BRAND, "Example Bank", owns=False)
NAMELESS = Mailbox("", "")

HEADLINES = (
    # verdict, reader, claims, author, the sentence
    (
        Verdict.SPOOFED_ADDRESS,
        Reader.RECEIVER,
        (MARIA,),
        Mailbox("M", "maria@example.org"),
        "Maria Lopez's address (maria@example.org) was very likely forged. Their account was probably not broken into.",
    ),
    (
        # What the reporter says of an address that isn't known is no promise of ours.
        Verdict.GENUINE,
        Reader.RECEIVER,
        (claim(ClaimKind.TOLD, "Maria Lopez", owns=None),),
        Mailbox("Tom Becker", "tom.becker@example.org"),
        "This mail very likely really is from tom.becker@example.org. We found nothing wrong with it.",
    ),
    (
        Verdict.HACKED_ACCOUNT,
        Reader.RECEIVER,
        (),
        Mailbox("Your Bank", "info@school.example"),
        "The mail account info@school.example was very likely broken into. "
        "Somebody other than its owner wrote you this mail from it.",
    ),
    (
        Verdict.SPOOFED_NAME,
        Reader.RECEIVER,
        (BRAND,),
        Mailbox("Example Bank", "x@shop.test"),
        "This mail very likely only pretends to be from Example Bank. It came from x@shop.test, which isn't theirs.",
    ),
    (
        Verdict.SPOOFED_NAME,
        Reader.NAMED,
        (claim(owns=False),),
        Mailbox("Maria Lopez", "x@shop.test"),
        "Somebody very likely used your name with an address that isn't yours (x@shop.test). "
        "Your account was probably not broken into.",
    ),
    (
        Verdict.GENUINE,
        Reader.RECEIVER,
        (MARIA,),
        Mailbox("M", "maria@example.org"),
        "This mail very likely really is from Maria Lopez (maria@example.org).",
    ),
    (
        Verdict.PLAIN_SPAM,
        Reader.RECEIVER,
        (),
        Mailbox("Pills", "a@b.test"),
        "This is very likely ordinary junk mail from a@b.test.",
    ),
    (
        Verdict.UNDETERMINED,
        Reader.RECEIVER,
        (),
        NAMELESS,
        "We can't tell yet who sent this.",
    ),
)

TICKETS = (
    # verdict, told, class of the author's domain, entry and priority, or None
    (Verdict.HACKED_ACCOUNT, Told(), DomainClass.OURS, ("hacked-staff", Priority.URGENT)),
    (Verdict.HACKED_ACCOUNT, Told(own_account=True), DomainClass.FREEMAIL, ("hacked-staff", Priority.URGENT)),
    (Verdict.HACKED_ACCOUNT, Told(), DomainClass.CONTACT, ("hacked-contact", Priority.HIGH)),
    (Verdict.HACKED_ACCOUNT, Told(), DomainClass.OTHER, ("hacked-stranger", Priority.NORMAL)),
    (Verdict.SPOOFED_ADDRESS, Told(), DomainClass.CONTACT, None),
    (Verdict.SPOOFED_ADDRESS, Told(), DomainClass.OURS, ("own-domain-forged", Priority.NORMAL)),
    (Verdict.SPOOFED_NAME, Told(), DomainClass.OTHER, None),
    (Verdict.PLAIN_SPAM, Told(), DomainClass.OTHER, None),
    (Verdict.GENUINE, Told(), DomainClass.CONTACT, None),
    (Verdict.GENUINE, Told(typed_password=True), DomainClass.CONTACT, ("typed-password", Priority.URGENT)),
    (Verdict.PLAIN_SPAM, Told(paid=True), DomainClass.OTHER, ("paid", Priority.URGENT)),
    (Verdict.SPOOFED_NAME, Told(opened=True), DomainClass.OTHER, ("opened", Priority.HIGH)),
    (Verdict.SPOOFED_NAME, Told(clicked=True), DomainClass.OTHER, ("clicked", Priority.NORMAL)),
    (Verdict.UNDETERMINED, Told(), DomainClass.OTHER, None),
    (Verdict.UNDETERMINED, Told(strange_account_signs=True), DomainClass.OTHER, ("account-signs", Priority.URGENT)),
)

PROVIDERS = (
    ("hotmail.com", (), "outlook-com"),
    ("hotmail.co.uk", (), "outlook-com"),
    ("gmail.com", (), "gmail"),
    ("acme.onmicrosoft.com", (), "microsoft-365"),
    ("example.org", ("mail-am6eur05on2097.outbound.protection.outlook.com",), "microsoft-365"),
    ("example.org", ("example-org.20230601.gappssmtp.com",), "google-workspace"),
    ("example.org", ("mail-sor-f41.google.com",), "google-workspace"),
    ("hotmail.com", ("mail.protection.outlook.com",), "outlook-com"),
    ("yahoo.fr", (), "yahoo"),
    ("me.com", (), "icloud"),
    ("example.org", ("mx.example.org",), "imap-host"),
    ("notgmail.com", (), "imap-host"),
)


def why(found: Diagnosis, known: Facts | None = None) -> tuple[str, ...]:
    return reasons(found, known or facts(), shipped(), {"reader": "receiver", "domain": "example.org"})


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return shipped()


@pytest.mark.parametrize(("verdict", "reader", "claims", "author", "sentence"), HEADLINES)
def test_the_headline_is_a_sentence_about_the_person(handbook, verdict, reader, claims, author, sentence):  # type: ignore[no-untyped-def]
    told = case(handbook, facts(author=author, claims=claims), diagnosis(verdict), reader=reader)
    assert told.reply.headline == sentence


def test_a_display_name_that_nobody_vouches_for_makes_no_person(handbook: Handbook) -> None:
    told = case(handbook, facts(author=Mailbox("The Queen", "q@example.org")), diagnosis(Verdict.HACKED_ACCOUNT))
    assert "Queen" not in told.reply.headline


def test_nobody_is_told_that_the_brand_was_hacked_when_a_stranger_was(handbook: Handbook) -> None:
    known = facts(author=Mailbox("Example Bank", "info@school.example"), claims=(BRAND,))
    both = (Affected(Verdict.SPOOFED_NAME, "Example Bank"), Affected(Verdict.HACKED_ACCOUNT, "info@school.example"))
    found = diagnosis(Verdict.SPOOFED_NAME, also=(Verdict.HACKED_ACCOUNT,), affected=both)
    headline = case(handbook, known, found).reply.headline
    assert headline.startswith("This mail very likely only pretends to be from Example Bank.")
    assert "The account info@school.example, which really sent it, was probably broken into" in headline


def test_nobody_is_sent_to_ring_up_a_celebrity(handbook: Handbook) -> None:
    known = facts(author=Mailbox("X", "x@shop.test"), claims=(claim(ClaimKind.KNOWN_PERSON, "Ada Star", owns=False),))
    reply = case(handbook, known, diagnosis(Verdict.SPOOFED_NAME)).reply
    assert reply.headline == (
        "Somebody very likely borrowed the name of Ada Star. The mail came from x@shop.test, which isn't theirs."
    )
    assert "Ada Star" not in " ".join(reply.steps)


def test_a_suspicion_and_a_leaning_are_said(handbook: Handbook) -> None:
    suspected = case(handbook, facts(claims=(MARIA,)), diagnosis(Verdict.HACKED_ACCOUNT, suspected=True))
    assert "suspicion" in suspected.reply.headline
    leaning = diagnosis(Verdict.UNDETERMINED, leaning=Verdict.SPOOFED_ADDRESS)
    assert case(handbook, facts(claims=(MARIA,)), leaning).reply.headline == (
        "We can't tell yet whether Maria Lopez really sent this. "
        "So far it looks most like this: the address was forged, and somebody else's server sent it."
    )


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.99, "almost certainly"), (0.83, "very likely"), (0.6, "probably"), (0.4, "perhaps")],
)
def test_confidence_is_said_in_words_that_fit_the_number(handbook: Handbook, confidence: float, words: str) -> None:
    assert how_sure(confidence) == words
    found = diagnosis(Verdict.SPOOFED_ADDRESS, confidence=confidence)
    assert words in case(handbook, facts(claims=(MARIA,)), found).reply.headline


@pytest.mark.parametrize(("verdict", "told", "cls", "expected"), TICKETS)
def test_a_ticket_opens_when_it_must_and_never_for_plain_spoof(handbook, verdict, told, cls, expected):  # type: ignore[no-untyped-def]
    ticket = case(handbook, facts(told=told, cls=cls), diagnosis(verdict)).ticket
    assert (ticket and (ticket.reason, ticket.priority)) == expected


def test_a_suspected_hack_opens_a_ticket_like_any_other(handbook: Handbook) -> None:
    ticket = case(handbook, facts(), diagnosis(Verdict.HACKED_ACCOUNT, suspected=True)).ticket
    assert ticket is not None
    assert (ticket.reason, ticket.affected) == ("hacked-suspected", "maria@example.org")


LEANINGS = [
    (Grade.WHOLE, Told(own_account=True), DomainClass.OTHER, "leaning-hacked-staff", Priority.HIGH),
    (Grade.FULL_HEADERS, Told(), DomainClass.OURS, "leaning-hacked-staff", Priority.HIGH),
    (Grade.SLACK_REST, Told(own_account=True), DomainClass.OTHER, "leaning-hacked-staff-suspected", Priority.NORMAL),
    (Grade.WORDS, Told(), DomainClass.OURS, "leaning-hacked-staff-suspected", Priority.NORMAL),
    (Grade.SLACK_REST, Told(), DomainClass.CONTACT, "leaning-hacked-contact", Priority.NORMAL),
]


@pytest.mark.parametrize(("grade", "told", "cls", "reason", "priority"), LEANINGS)
def test_a_mere_leaning_is_urgent_only_as_far_as_the_material_shows_it(
    handbook: Handbook, grade: Grade, told: Told, cls: DomainClass, reason: str, priority: Priority
) -> None:
    found = replace(diagnosis(Verdict.UNDETERMINED, leaning=Verdict.HACKED_ACCOUNT), grade=grade)
    ticket = case(handbook, facts(told=told, cls=cls), found).ticket
    assert ticket is not None
    assert (ticket.reason, ticket.priority) == (reason, priority)
    assert priority is Priority.HIGH or "suspected" in ticket.summary


def test_a_suspected_hack_of_ours_is_said_to_be_no_more(handbook: Handbook) -> None:
    found = replace(diagnosis(Verdict.HACKED_ACCOUNT, suspected=True), grade=Grade.SLACK_REST)
    ticket = case(handbook, facts(told=Told(own_account=True)), found).ticket
    assert ticket is not None
    assert (ticket.reason, ticket.priority) == ("hacked-staff-suspected", Priority.HIGH)
    assert "suspected" in ticket.summary


def test_a_colleague_whose_account_sent_under_another_name_opens_an_urgent_ticket(handbook: Handbook) -> None:
    affected = (Affected(Verdict.HACKED_ACCOUNT, "maria@example.org"),)
    found = diagnosis(Verdict.SPOOFED_NAME, also=(Verdict.HACKED_ACCOUNT,), affected=affected)
    ticket = case(handbook, facts(cls=DomainClass.OURS, claims=(BRAND,)), found).ticket
    assert ticket is not None
    assert (ticket.reason, ticket.priority) == ("also-hacked-staff", Priority.URGENT)


def test_whoever_paid_is_told_of_the_bank_first(handbook: Handbook) -> None:
    told = Told(paid=True, typed_password=True, clicked=True)
    steps = case(handbook, facts(told=told), diagnosis(Verdict.PLAIN_SPAM)).reply.steps
    assert "bank" in steps[0]
    password = next(number for number, step in enumerate(steps) if "change that password at once" in step)
    keep = next(number for number, step in enumerate(steps) if "keep the mail: somebody may have got" in step)
    assert 0 < password < keep


def test_whoever_typed_a_password_gets_the_steps_of_their_own_provider(handbook: Handbook) -> None:
    known = facts(told=Told(typed_password=True), to="you@gmail.com")
    titles = [title for title, _ in case(handbook, known, diagnosis(Verdict.SPOOFED_NAME)).reply.sections]
    assert titles[0] == "If it was your mail password: Gmail (personal)"


@pytest.mark.parametrize(("domain", "servers", "slug"), PROVIDERS)
def test_the_provider_is_chosen_by_domain_then_by_server(handbook, domain, servers, slug):  # type: ignore[no-untyped-def]
    page = choose_provider(handbook, domain, servers)
    assert page is not None
    assert page.slug == slug


def test_the_named_person_gets_the_provider_s_steps_and_the_technician_the_administrator_s(handbook: Handbook) -> None:
    known = facts(author=Mailbox("M", "maria@acme.onmicrosoft.com"), told=Told(own_account=True))
    named = case(handbook, known, diagnosis(Verdict.HACKED_ACCOUNT), reader=Reader.NAMED).reply
    technician = case(handbook, known, diagnosis(Verdict.HACKED_ACCOUNT), reader=Reader.TECHNICIAN).reply
    assert "the Example help desk (+1 555 0100)" in dict(named.sections)[named.sections[0][0]][0]
    assert any("Revoke-MgUserSignInSession" in line for line in technician.sections[0][1])
    assert not any("Source:" in line for _, lines in named.sections for line in lines)
    assert all("Source: https://" in line for line in technician.sections[0][1])


def test_whose_address_was_forged_gets_no_steps_to_win_an_account_back(handbook: Handbook) -> None:
    known = facts(author=Mailbox("M", "maria@gmail.com"))
    reply = case(handbook, known, diagnosis(Verdict.SPOOFED_ADDRESS), reader=Reader.NAMED).reply
    assert [title for title, _ in reply.sections] == ["How it happens"]


def test_only_technicians_get_the_page_for_unknown_providers(handbook: Handbook) -> None:
    known = facts(told=Told(own_account=True))
    named, technician = (
        case(handbook, known, diagnosis(Verdict.HACKED_ACCOUNT), reader=reader).reply
        for reader in (Reader.NAMED, Reader.TECHNICIAN)
    )
    assert not any("cPanel" in title for title, _ in named.sections)
    assert any("cPanel" in title for title, _ in technician.sections)


def test_headers_are_taught_only_when_they_are_needed(handbook: Handbook) -> None:
    needed = NextStep("full-headers", handbook.question_texts["full-headers"])
    known = facts(to="you@gmail.com")
    with_it = case(handbook, known, diagnosis(Verdict.UNDETERMINED, step=needed)).reply.sections
    without = case(handbook, known, diagnosis(Verdict.UNDETERMINED)).reply.sections
    assert with_it[-1][0] == ORIGINAL
    assert with_it[-1][1][0] == "Gmail in the browser: three dots > Show original > Download original."
    assert with_it[-1][1][1] == "Apple Mail on the Mac: View > Message > All Headers."
    assert with_it[-1][1][-1].startswith("On a phone it can't be done")
    assert len(with_it[-1][1]) == 1 + len([page for page in handbook.exports if page.can])
    original = NextStep("original-as-attachment", handbook.question_texts["original-as-attachment"])
    saved = case(handbook, known, diagnosis(Verdict.UNDETERMINED, step=original)).reply.sections[-1][1]
    assert saved[1] == "Apple Mail on the Mac: File > Save As > Raw Message Source."
    assert not any("How to get" in title for title, _ in without)


def test_an_unknown_country_leaves_its_sentence_out(handbook: Handbook) -> None:
    known, unknown = (
        dict(case(handbook, facts(country=code), diagnosis(Verdict.SPOOFED_ADDRESS)).reply.sections)["How it happens"]
        for code in ("RO", "")
    )
    assert known[1].startswith("The easiest check is where that server stands, which is in Romania:")
    assert (known[0], *known[2:]) == unknown


def test_the_reasons_speak_for_the_verdict() -> None:
    sides = {
        Verdict.SPOOFED_ADDRESS: "The mail didn't come from any computer that example.org allows.",
        Verdict.SPOOFED_NAME: "The address isn't one of theirs",
        Verdict.GENUINE: "Signed by example.org",
        Verdict.PLAIN_SPAM: "It asks for a loan of 900 euros",
    }
    for verdict, strongest in sides.items():
        assert why(diagnosis(verdict))[0] == strongest
    hacked = why(diagnosis(Verdict.HACKED_ACCOUNT))
    assert {"Signed by example.org", "It asks for a loan of 900 euros"} <= set(hacked)
    assert not any("didn't come from" in line for line in hacked)
    assert all(len(why(diagnosis(verdict))) <= 3 for verdict in Verdict)


def test_findings_that_were_outweighed_are_no_reasons() -> None:
    assert "SPF failed too" not in why(diagnosis(Verdict.SPOOFED_ADDRESS))


def test_what_could_not_be_checked_is_one_line_a_cause_and_at_most_four(handbook: Handbook) -> None:
    many = tuple(Unchecked(f"thing {number}", f"cause {number % 6}") for number in range(30))
    found = diagnosis(Verdict.GENUINE)
    assert len(unchecked_lines(replace(found, unchecked=many), facts(), handbook)) == 4
    late = "TXT of _dmarc.example.org: no answer within 2 s"
    twice = (Unchecked("SPF now", late), Unchecked("SPF now", late), Unchecked("DKIM now", late))
    assert unchecked_lines(replace(found, unchecked=twice), facts(), handbook) == (
        "Whether the sender's domain lets that server send today and whether the mail's signature still holds: "
        "the servers that know didn't answer in time.",
    )


def test_what_was_not_asked_again_is_one_sentence_that_contradicts_no_reason(handbook: Handbook) -> None:
    found, known = diagnosis(Verdict.GENUINE), facts()
    stamped = replace(known, judged=replace(known.judged, stamps=(Stamp(Method.DKIM, Result.PASS, Zone.BORDER),)))
    assert unchecked_lines(found, stamped, handbook) == (handbook.plain_said["relied"],)
    assert unchecked_lines(found, known, handbook) == (handbook.plain_said["asked-nobody"],)
    assert unchecked_lines(found, with_message(known, kind=Kind.WORDS), handbook) == ()


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("reader", [Reader.RECEIVER, Reader.NAMED])
def test_whatever_says_call_names_the_help_desk_with_number_and_hours(
    handbook: Handbook, verdict: Verdict, reader: Reader
) -> None:
    reply = case(handbook, facts(claims=(MARIA,)), diagnosis(verdict), reader=reader).reply
    assert reply.contact == "The Example help desk: +1 555 0100, Mon-Fri 9-17."
    for step in (*reply.steps, *reply.advice):
        if re.search(r"\bcall the", step, re.IGNORECASE):
            assert "+1 555 0100" in step or "company" in step or "bank" in step


def test_a_help_desk_without_number_or_hours_is_still_a_sentence(handbook: Handbook) -> None:
    reply = case(handbook, facts(), diagnosis(Verdict.HACKED_ACCOUNT), desk=HelpDesk()).reply
    assert reply.contact == "Your company's IT support helps you with all of this."
    assert any("call your company's IT support" in step for step in reply.steps)


def test_our_own_exercise_is_praised_and_opens_no_ticket(handbook: Handbook) -> None:
    told = case(handbook, facts(simulation="Example Trainer"), diagnosis(Verdict.SPOOFED_NAME))
    assert told.reply.headline.startswith("Well spotted")
    assert told.ticket is None


def test_nobody_is_called_he_or_she_and_nobody_is_blamed(handbook: Handbook) -> None:
    for page in handbook.verdicts:
        for text in page.readers:
            words = " ".join((*(t for _, t in text.headlines), *text.steps, *text.explains)).lower()
            assert not re.search(r"\b(he|she|his|her|him|hers)\b", words)
            assert not re.search(r"your fault|careless|you should have|stupid", words)


def test_text_of_the_mail_is_made_harmless() -> None:
    evil = "Ma\u202eria\u200b\x1b[31m \u3164https://evil.example/a?b=1 www.bad.test maria@example.org"
    assert from_mail(evil) == "Maria[31m hxxps://evil[.]example/a?b=1 www[.]bad[.]test maria@example.org"
    assert len(tame("x" * 500, 60)) == 60
    assert defang("ftp://a.test") == "ftp://a[.]test"
    assert defang(defang("http://a.test/x")) == "hxxp://a[.]test/x"
    assert defang("https://a.test><https://b.test/x") == "hxxps://a[.]test><hxxps://b[.]test/x"
    assert defang("1https://https://b.test") == "1hxxps://hxxps://b[.]test"


def test_a_value_is_never_read_as_a_template() -> None:
    assert fill("From {name}.", {"name": "{address}", "address": "secret"}) == "From {address}."


def test_a_sentence_without_its_value_is_left_out_alone() -> None:
    template = "It came. It stands in {server_country}. If so, beware."
    assert fill(template, {"server_country": ""}) == "It came. If so, beware."
    assert fill("In {server_country}.", {}) == ""


@given(st.text(max_size=300))
def test_tamed_text_has_no_control_characters_and_one_line(text: str) -> None:
    line = from_mail(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]", line)
    assert "http://" not in line.lower()
    assert "https://" not in line.lower()


@given(st.text(max_size=120), st.text(max_size=120), st.sampled_from(list(Verdict)), st.sampled_from(list(Reader)))
def test_any_name_and_address_make_a_reply_without_placeholders(
    name: str, address: str, verdict: Verdict, reader: Reader
) -> None:
    known = facts(author=Mailbox(name, address), claims=(claim(who=name, owns=None),) if name else ())
    reply = case(shipped(), known, diagnosis(verdict), reader=reader).reply
    assert reply.headline
    assert all(from_mail(line, 10_000) == line for line in (reply.headline, *reply.reasons))
    marks = {f"{{{mark}}}" for mark in ("help_desk", "likely", "sender", "server", "leaning", "percent")}
    if "{" not in name + address:
        assert not any(mark in line for line in (reply.headline, *reply.steps) for mark in marks)


# what the text wants, the verdict, how the first step begins ("" for the usual first step)
WARNINGS = (
    (Want.BANK_DETAILS, Verdict.GENUINE, "This mail wants money sent to another account. Change nothing"),
    (Want.BANK_DETAILS, Verdict.HACKED_ACCOUNT, "This mail wants money sent to another account."),
    (Want.GIFT_CARDS, Verdict.PLAIN_SPAM, "Do no favour and pay nothing"),
    (Want.STRANDED, Verdict.UNDETERMINED, "This mail asks for money."),
    (Want.MONEY, Verdict.SPOOFED_NAME, "This mail is after your money."),
    (Want.LOAN, Verdict.PLAIN_SPAM, ""),
    (Want.MARKETING, Verdict.PLAIN_SPAM, ""),
)


@pytest.mark.parametrize(("want", "verdict", "begins"), WARNINGS)
def test_a_mail_that_wants_money_is_warned_of_first_and_says_why(
    handbook: Handbook, want: Want, verdict: Verdict, begins: str
) -> None:
    known = replace(facts(claims=(MARIA,)), phrases=(Phrase(want, "send it today", "text"),))
    reply = case(handbook, known, diagnosis(verdict, findings=())).reply
    assert reply.steps[0].startswith(begins or "Don't reply")
    assert any("send it today" in reason for reason in reply.reasons) == bool(begins)


def test_cards_are_spoken_of_only_where_the_mail_names_them(handbook: Handbook) -> None:
    def told(words: str) -> str:
        known = replace(facts(claims=(MARIA,)), phrases=(Phrase(Want.GIFT_CARDS, words, "text"),))
        reply = case(handbook, known, diagnosis(Verdict.SPOOFED_NAME, findings=())).reply
        return " ".join((*reply.steps, *reply.reasons))

    assert "gift cards" in told("buy me some gift cards")
    assert "card" not in told("are you at your desk")


@pytest.mark.parametrize("want", [Want.BANK_DETAILS, Want.GIFT_CARDS, Want.STRANDED])
def test_who_has_paid_isnt_told_not_to(handbook: Handbook, want: Want) -> None:
    known = replace(facts(claims=(MARIA,), told=Told(paid=True)), phrases=(Phrase(want, "gift cards", "text"),))
    steps = " ".join(case(handbook, known, diagnosis(Verdict.SPOOFED_NAME)).reply.steps)
    assert "phoned" not in steps
    assert "Don't buy" not in steps
    assert "Call your bank now" in steps


LURING = Finding("asks-to-sign-in", Question.INTENT, "asks", -10.0, "It wants a password", "It wants a password.")
RUNS = Finding("dangerous-attachment", Question.INTENT, "attachment", -14.0, "It runs", "Attached is a.pdf.exe.")
HIDES = replace(
    LURING, rule="link-hides-its-target", text="A link shows bank.example and goes to 192.0.2.9.", counted=False
)


def test_junk_that_is_after_a_password_is_called_phishing_and_nobody_is_told_to_unsubscribe(handbook: Handbook) -> None:
    known = with_message(facts(), links=(Link("Sign in", "https://a.test/", "a.test"),))
    reply = case(handbook, known, diagnosis(Verdict.PLAIN_SPAM, findings=(LURING, HIDES, RUNS)[:2])).reply
    assert "phishing" in reply.headline
    assert "ordinary junk" not in reply.headline
    assert "Don't open the link." in reply.steps[0]
    assert not any("unsubscribe" in step for step in reply.steps)
    assert HIDES.text in reply.reasons


def test_a_program_is_warned_of_whatever_the_verdict(handbook: Handbook) -> None:
    for verdict in (Verdict.PLAIN_SPAM, Verdict.HACKED_ACCOUNT, Verdict.UNDETERMINED):
        reply = case(handbook, facts(), diagnosis(verdict, findings=(RUNS,))).reply
        assert reply.steps[0].startswith("Don't open the attachment")


def test_newsletters_may_be_left_where_they_let_people_go(handbook: Handbook) -> None:
    plain = case(handbook, facts(), diagnosis(Verdict.PLAIN_SPAM, findings=())).reply
    bulk = with_message(facts(), text="To unsubscribe, write to us.")
    assert not any("unsubscribe" in step for step in plain.steps)
    author = Mailbox("Deals", "deals@example.org")
    left = case(handbook, with_message(bulk, senders=(author,)), diagnosis(Verdict.PLAIN_SPAM, findings=())).reply
    assert any("unsubscribe" in step for step in left.steps)


def test_of_headers_alone_nothing_is_said_about_the_text(handbook: Handbook) -> None:
    lures = Finding("nothing-speaks-against-it", Question.INTENT, "own-business", 9.9, "Nothing", "Nothing lures.")
    known = with_message(facts(claims=(MARIA,)), text="")
    for found in (
        diagnosis(Verdict.GENUINE, findings=(lures,)),
        diagnosis(Verdict.UNDETERMINED, leaning=Verdict.GENUINE),
    ):
        reply = case(handbook, known, found).reply
        said = " ".join((reply.headline, *reply.steps, *reply.reasons))
        assert not any(claim in said for claim in ("lures", "nothing wrong", "Probably fine", "like any other"))


def test_nobody_is_sent_to_phone_an_address_whose_owner_nobody_knows(handbook: Handbook) -> None:
    for verdict in (Verdict.SPOOFED_ADDRESS, Verdict.HACKED_ACCOUNT):
        found = diagnosis(verdict)
        points = tuple(
            replace(p, answer=Answer.UNKNOWN, probability=0.5) if p.question is Question.STANDING else p
            for p in found.standpoints
        )
        steps = case(handbook, facts(), replace(found, standpoints=points)).reply.steps
        assert not any("phone" in step and "maria@example.org" in step for step in steps)


def test_where_somebody_signed_in_is_among_a_hacked_accounts_reasons(handbook: Handbook) -> None:
    client = Fact.known("where it was written", Network("192.0.2.7", IpKind.PUBLIC, "NG"))
    hacked = case(handbook, replace(facts(), client=client), diagnosis(Verdict.HACKED_ACCOUNT)).reply
    assert "Whoever wrote it had signed in from Nigeria." in hacked.reasons
    assert not any(
        "Nigeria" in each for each in case(handbook, facts(), diagnosis(Verdict.HACKED_ACCOUNT)).reply.reasons
    )
    ours = case(handbook, replace(facts(cls=DomainClass.OURS), client=client), diagnosis(Verdict.GENUINE)).reply
    assert any(each.startswith("It was written in Nigeria.") for each in ours.reasons)


def test_advertising_of_gift_cards_is_no_request_for_them(handbook: Handbook) -> None:
    phrases = (Phrase(Want.GIFT_CARDS, "gift card", "text"), Phrase(Want.MARKETING, "unsubscribe", "text"))
    known = replace(facts(), phrases=phrases)
    assert "gift cards" not in case(handbook, known, diagnosis(Verdict.GENUINE)).reply.steps[0]


def test_junk_from_a_person_s_mailbox_may_be_from_somebody_they_know(handbook: Handbook) -> None:
    known = facts(author=Mailbox("Peter Marsh", "peter.marsh@yahoo.example"), cls=DomainClass.FREEMAIL)
    steps = case(handbook, known, diagnosis(Verdict.PLAIN_SPAM)).reply.steps
    assert any(step.startswith("If you know this person, somebody may have got into their account") for step in steps)


@pytest.mark.parametrize("told", [Told(claims="Peter Marsh"), Told(paid=True)])
def test_nobody_who_named_the_sender_or_paid_is_told_to_delete_the_mail(handbook: Handbook, told: Told) -> None:
    step = NextStep("original-as-attachment", handbook.question_texts["original-as-attachment"])
    reply = case(handbook, facts(told=told), diagnosis(Verdict.PLAIN_SPAM, step=step)).reply
    said = " ".join((reply.headline, *reply.steps))
    assert "delete" not in said
    assert "keep the mail" in said
    assert reply.settles


def test_who_may_delete_junk_is_not_asked_for_it(handbook: Handbook) -> None:
    step = NextStep("original-as-attachment", handbook.question_texts["original-as-attachment"])
    reply = case(handbook, facts(), diagnosis(Verdict.PLAIN_SPAM, step=step)).reply
    assert "delete" in " ".join(reply.steps)
    assert reply.settles == ""
    assert not any(title == ORIGINAL for title, _ in reply.sections)


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.UNDETERMINED])
def test_thin_material_never_makes_a_reply_sure(handbook: Handbook, verdict: Verdict) -> None:
    found = replace(diagnosis(verdict, confidence=0.99), grade=Grade.SLACK_REST)
    headline = case(handbook, facts(claims=(MARIA,)), found).reply.headline
    assert not re.search(r"certainly|likely|probably", headline)
    assert re.search(r"\bperhaps\b|\bmay\b", headline)


def test_what_looks_honest_is_probably_fine(handbook: Handbook) -> None:
    found = diagnosis(Verdict.UNDETERMINED, leaning=Verdict.GENUINE)
    reply = case(handbook, facts(claims=(MARIA,)), found).reply
    assert reply.steps[0].startswith("Probably fine.")
    assert reply.advice == ()


def test_a_description_is_called_one_and_danger_comes_first(handbook: Handbook) -> None:
    known = with_message(facts(), kind=Kind.WORDS, grade=Grade.WORDS)
    found = replace(diagnosis(Verdict.UNDETERMINED), grade=Grade.WORDS)
    reply = case(handbook, known, found).reply
    assert "This is a description, not the mail." in reply.headline
    assert reply.steps[0].startswith("If you already clicked")
    assert reply.unchecked == ()


def test_nobody_s_own_account_is_called_broken_into_from_a_copy(handbook: Handbook) -> None:
    found = replace(diagnosis(Verdict.UNDETERMINED, leaning=Verdict.HACKED_ACCOUNT), grade=Grade.SLACK_REST)
    known = facts(author=Mailbox("M", "maria@gmail.com"), told=Told(own_account=True))
    reply = case(handbook, known, found, reader=Reader.NAMED).reply
    assert reply.headline.startswith("We can't tell from a forwarded copy")
    assert "broke" not in reply.headline
    assert not any("Winning" in title for title, _ in reply.sections)


# whose name the mail uses, how the first step begins
TYPED = (
    ("barclays.co.uk", "Barclays", "Call Barclays now, on the number on your card or bill"),
    ("netflix.com", "Netflix", "On another device that you are sure of, change the password at Netflix at once"),
    ("google.com", "Google", "On another device that you are sure of, change that password at once"),
)


@pytest.mark.parametrize(("domain", "name", "begins"), TYPED)
def test_a_password_typed_on_a_false_page_is_changed_where_it_belongs(
    handbook: Handbook, domain: str, name: str, begins: str
) -> None:
    named = replace(claim(ClaimKind.BRAND, name, owns=False), domains=(domain,))
    known = facts(claims=(named,), told=Told(typed_password=True), to="you@gmail.com")
    reply = case(handbook, known, diagnosis(Verdict.SPOOFED_NAME)).reply
    assert reply.steps[0].startswith(begins)
    assert any("mail password" in title for title, _ in reply.sections) == (name == "Google")


@pytest.mark.parametrize("verdict", Verdict)
def test_who_did_everything_is_told_to_call_once_and_gets_seven_steps(handbook: Handbook, verdict: Verdict) -> None:
    told = Told(paid=True, typed_password=True, opened=True, clicked=True)
    steps = case(handbook, facts(told=told), diagnosis(verdict)).reply.steps
    assert len(steps) <= 7
    assert len([step for step in steps if "+1 555 0100" in step]) == 1
    clicked = case(handbook, facts(told=Told(clicked=True)), diagnosis(verdict)).reply.steps
    assert "Don't reply, and don't click again." in clicked or verdict is Verdict.GENUINE


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.GENUINE])
def test_what_to_do_if_it_already_happened_comes_right_after_the_first_thing_to_do(
    handbook: Handbook, verdict: Verdict
) -> None:
    steps = case(handbook, facts(), diagnosis(verdict)).reply.steps
    assert steps[2].startswith("If you already clicked, opened")
    assert steps[0].startswith("Don't reply, and don't click anything in it: it may cost you")


def test_two_reasons_never_say_the_same_and_weak_ones_stand_back() -> None:
    bare = Finding("is-nothing-but-a-link", Question.INTENT, "bare-link", -9.0, "", "It is nothing but a link.")
    hidden = Finding("link-behind-a-shortener", Question.INTENT, "links", -6.0, "", "A link hides.")
    weak = Finding("domain-under-a-country", Question.STANDING, "tld", -8.0, "", "It stands under a country's ending.")
    assert why(diagnosis(Verdict.PLAIN_SPAM, findings=(bare, hidden, weak))) == ("It is nothing but a link.",)
    assert why(diagnosis(Verdict.PLAIN_SPAM, findings=(weak,))) == ("It stands under a country's ending.",)


def test_a_reason_names_countries_and_no_codes() -> None:
    text = "The server 203.0.113.9, NL, which calls itself x has nothing to do with it (DMARC fail)."
    found = Finding("no-such-rule", Question.ORIGIN, "x", -9.0, "", text)
    assert why(diagnosis(Verdict.SPOOFED_ADDRESS, findings=(found,))) == (
        "The server 203.0.113.9 in the Netherlands, which calls itself x has nothing to do with it.",
    )


def test_the_advice_that_matters_most_for_the_verdict_comes_first(handbook: Handbook) -> None:
    hacked = case(handbook, facts(), diagnosis(Verdict.HACKED_ACCOUNT)).reply.advice
    forged = case(handbook, facts(), diagnosis(Verdict.SPOOFED_ADDRESS)).reply.advice
    assert hacked[0].startswith("Have a secure password")
    assert forged[0].startswith("Never follow a link to your bank")
    assert set(hacked) == set(forged)


def test_every_question_of_the_diagnosis_has_an_answer_side() -> None:
    assert {point.question for point in diagnosis(Verdict.GENUINE).standpoints} == set(Question)
