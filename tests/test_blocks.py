"""What people see: every answer fits Slack's limits, nothing in it is live, and what must be said is never cut."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.advice.sections import ORIGINAL
from bot.errors import Shown
from bot.model import (
    Affected,
    Asker,
    Belonging,
    FileRef,
    Finding,
    Grade,
    Inquiry,
    NextStep,
    Outcome,
    Piece,
    Priority,
    Question,
    Reader,
    Reply,
    Stage,
    Surface,
    Ticket,
    Told,
    Verdict,
    Wish,
)
from handlers.actions import ANSWER, EVIDENCE, SAY, WISHES, YES, Field
from handlers.blocks.answer import answer
from handlers.blocks.calls import call, complaint
from handlers.blocks.evidence import evidence
from handlers.blocks.fitting import MOST_BLOCKS, MOST_CHARACTERS, size
from handlers.blocks.kit import Post, context, escaped, plain, told
from handlers.blocks.listing import status
from handlers.blocks.posts import acknowledgement, refusal, remark
from handlers.blocks.questions import CHOICES
from handlers.clicks import told_of_answer
from handlers.views import BlockViews
from tests.blockkit import SEEN, check
from tests.blocktext import as_text, inquiry, outcome, outcome_of, wording
from tests.casekit import case, diagnosis, facts, shipped

Json = dict[str, Any]
SAMPLES = Path(__file__).parents[1] / "knowledge" / "samples"
PERMALINK = "https://acme.slack.com/archives/C1/p1764000000000100"


def made(verdict: Verdict, reader: Reader = Reader.RECEIVER, **changes: Any) -> Outcome:
    """The outcome of a case by hand: `grade`, `told`, and what `tests.casekit.diagnosis` takes."""
    grade, said = changes.pop("grade", Grade.WHOLE), changes.pop("told", Told())
    found = replace(diagnosis(verdict, **changes), grade=grade)
    known = facts(told=said)
    return outcome_of(*(case(shipped(), known, found, reader=each) for each in (reader, Reader.TECHNICIAN)))


def payload(post: Post) -> Json:
    """As the message goes out."""
    return {"text": post.text, "blocks": list(post.blocks)}


def fine(sent: Json) -> list[str]:
    """The faults of a payload, which is also kept for the check against the published types."""
    SEEN.add(sent)
    return SEEN.take()


@pytest.mark.parametrize("verdict", Verdict)
def test_every_answer_evidence_and_call_is_one_that_slack_takes(verdict: Verdict) -> None:
    steps = (None, NextStep("ask-other-channel", ""), NextStep("original-as-attachment", ""))
    tolds = (Told(), Told(typed_password=True))
    for reader, grade, step, said in product((Reader.RECEIVER, Reader.NAMED), Grade, steps, tolds):
        result = made(verdict, reader, grade=grade, step=step, told=said)
        for surface in (Surface.DIRECT, Surface.CHANNEL):
            post = answer(inquiry(surface=surface), result, wording())
            assert fine(payload(post)) == []
            assert len(post.blocks) <= MOST_BLOCKS
            assert size(post.blocks) <= MOST_CHARACTERS
            assert result.reply.headline[:30] in post.text
    for reader, surface in product((Reader.RECEIVER, Reader.NAMED), Surface):
        asked = inquiry(outcome=made(verdict, reader, told=tolds[1]), surface=surface)
        assert fine(payload(acknowledgement(asked, wording()))) == []
        for technician in (False, True):
            assert fine(evidence(asked, technician, wording())) == []
        for wish in (None, *Wish):
            assert fine(payload(call(asked, wish, wording(), group="S1", permalink=PERMALINK))) == []


SHORT = (
    lambda: acknowledgement(inquiry(), wording()),
    lambda: refusal(inquiry(), Shown("needs-ocr", "It is a picture.", "Hand in the mail."), wording()),
    lambda: refusal(inquiry(), Shown("never-heard", "Something odd.", "Try once more."), wording()),
    lambda: remark("thanks", wording()),
    lambda: complaint(inquiry(), Shown("given-up", "It failed.", "Look."), wording(), permalink=PERMALINK),
    lambda: status((inquiry(), inquiry(outcome=made(Verdict.GENUINE), stage=Stage.ANSWERED)), wording()),
    lambda: status((), wording()),
)


@pytest.mark.parametrize("make", SHORT)
def test_every_short_post_is_one_that_slack_takes(make: Any) -> None:
    assert fine(payload(make())) == []


def _views() -> Iterator[Json]:
    views, done = BlockViews(wording()), inquiry(outcome=made(Verdict.GENUINE), stage=Stage.ANSWERED)
    yield from (views.report(), views.harm("bcdf2345"), views.claims("bcdf2345"), views.forget())
    yield from (views.home(()), views.home((done, inquiry()) * 25), views.evidence(inquiry(), technician=False))


def test_every_view_is_one_that_slack_takes() -> None:
    faults = {str(view.get("callback_id", "home")): fine(view) for view in _views()}
    assert sorted(faults) == [
        "checkmail_claims",
        "checkmail_evidence_view",
        "checkmail_forget",
        "checkmail_harm",
        "checkmail_report",
        "home",
    ]
    assert not any(faults.values())


def test_the_form_has_the_fields_that_its_handler_reads() -> None:
    fields = {
        block["block_id"]: block for block in BlockViews(wording()).report()["blocks"] if block["type"] == "input"
    }
    assert set(fields) == {field.value for field in Field}
    assert all(block["element"]["action_id"] == name for name, block in fields.items())
    assert all(block["optional"] for block in fields.values())


HOSTILE = (
    "<!channel> <!here|x> <@U01ALICE> <#C1> <!subteam^S1>",
    "*bold* _it_ ~no~ `code` > quote",
    "<https://evil.example/x|https://bank.example>",
    "https://evil.example/?a=1&b=2 http://evil.example www.evil.example ftp://evil.example/x",
    ":rotating_light: :100:",
    "invoice\u202efdp.exe\u202c \u2066x\u2069 a\u200bb\u200d\ufeff\u00ad",
    "h\u200bttps://evil.example",
    "https://evil.example\u2028https://evil.example",
    "\x00\x07\x1b[31m red",
    "&lt;!channel&gt; &amp;lt;",
    "{before} {who} {0} %s",
    "\ue000\ue000",
    "x" * 10_000,
    "https://" * 2_000,
    "🦊" * 3_000,
    "",
    " \t\n ",
)
hostile = st.sampled_from(HOSTILE) | st.text(max_size=60) | st.tuples(*[st.sampled_from(HOSTILE)] * 2).map(" ".join)
_LIVE = re.compile(r"(?:https?|ftp)://[^\s/\[]*\.|www\.\w", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad\u2028\u2029]")
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")


def live(value: Any, links: frozenset[str]) -> Iterator[str]:
    """What in a payload Slack would draw, call or link, or what nobody sees."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from live(each, links)
        return
    if not isinstance(value, dict):
        return
    kind = value.get("type")
    if kind in ("mrkdwn", "markdown", "broadcast", "channel", "emoji") or value.get("emoji") is True:
        yield f"drawn: {value}"
    if kind == "link" and value["url"] not in links:
        yield f"link: {value}"
    if kind == "user" and value["user_id"] != "U01ALICE":
        yield f"calls: {value}"
    if kind in ("text", "plain_text") and (_LIVE.search(value["text"]) or _UNSEEN.search(value["text"])):
        yield f"text: {value}"
    for each in value.values():
        yield from live(each, links)


def live_text(text: str) -> Iterator[str]:
    if "<" in text or ">" in text or _ENTITY.search(text):
        yield f"unescaped: {text}"
    if _LIVE.search(text) or _UNSEEN.search(text):
        yield f"text: {text}"


@st.composite
def attacked(draw: st.DrawFn) -> Inquiry:
    """An inquiry with hostile text wherever text of a mail or of a person may stand, as if nobody had tamed it."""
    lines = st.lists(hostile, max_size=7).map(tuple)
    sections = st.lists(st.tuples(hostile, lines), max_size=3).map(tuple)
    reply = Reply(
        Reader.RECEIVER, draw(hostile), draw(lines), draw(lines), draw(lines), draw(hostile), draw(lines), draw(hostile)
    )
    reply = replace(reply, sections=(*draw(sections), (ORIGINAL, draw(lines))))
    base = made(draw(st.sampled_from(list(Verdict))), step=NextStep("ask-other-channel", ""))
    finding = Finding("a-rule", Question.ORIGIN, "group", 9.0, draw(hostile), draw(hostile))
    found = replace(
        base.diagnosis,
        findings=(finding,) * draw(st.integers(0, 80)),
        affected=(Affected(Verdict.SPOOFED_NAME, draw(hostile)),),
    )
    ticket = Ticket("reason", draw(st.sampled_from(list(Priority))), draw(hostile), draw(hostile))
    result = replace(
        base,
        diagnosis=found,
        reply=reply,
        technician=reply,
        ticket=ticket,
        sender_name=draw(hostile),
        sender_address=draw(hostile),
        server_host=draw(hostile),
        seen_before=draw(st.integers(0, 9)),
    )
    asker = Asker("T1", draw(st.sampled_from(["", "U01ALICE"])), draw(hostile), draw(hostile))
    surface = draw(st.sampled_from(list(Surface)))
    return inquiry(asker=asker, surface=surface, outcome=result, previous=replace(base, reply=reply))


@settings(max_examples=100, deadline=None)
@given(attacked())
def test_nothing_of_a_mail_is_live_anywhere(asked: Inquiry) -> None:
    result = asked.outcome
    assert result is not None
    links = wording().links | {PERMALINK}
    posts = (
        answer(asked, result, wording()),
        *(call(asked, wish, wording(), group="S1", permalink=PERMALINK) for wish in (None, *Wish)),
        complaint(asked, Shown("odd", result.sender_name, result.server_host), wording()),
        refusal(asked, Shown("odd", result.sender_name, result.server_host), wording()),
        status((replace(asked, stage=Stage.ANSWERED),), wording()),
    )
    for post in posts:
        assert [*live(post.blocks, links), *live_text(post.text)] == []
        assert check(payload(post)) == []
    views = BlockViews(wording())
    for view in (views.evidence(asked, technician=True), views.evidence(asked, technician=False), views.home((asked,))):
        assert list(live([view], links)) == []
        assert check(view) == []


@given(hostile)
def test_escaped_text_has_no_live_sign_and_keeps_its_limit(text: str) -> None:
    assert list(live_text(escaped(text, 300))) == []
    assert len(escaped(text, 300)) <= 300


@given(hostile, st.integers(1, 200))
def test_plain_text_is_never_empty_and_never_too_long(text: str, limit: int) -> None:
    assert 1 <= len(plain(text, limit)["text"]) <= limit


def test_only_addresses_of_ours_are_links() -> None:
    ours = frozenset({"https://support.example.org/a"})
    leaves = told(
        "Open https://support.example.org/a. Not https://support.example.org/ab or https://evil.example.", ours
    )
    assert [leaf["url"] for leaf in leaves if leaf["type"] == "link"] == ["https://support.example.org/a"]
    rest = "".join(leaf["text"] for leaf in leaves if leaf["type"] == "text")
    assert rest == "Open . Not hxxps://support[.]example[.]org/ab or hxxps://evil[.]example[.]"


def test_what_must_be_said_stays_and_the_rest_is_said_to_be_elsewhere() -> None:
    long = tuple(f"{number} " + "word " * 200 for number in range(7))
    base = made(Verdict.SPOOFED_ADDRESS)
    result = replace(base, reply=replace(base.reply, steps=long, reasons=long[:3], unchecked=long[:4], settles=long[0]))
    post = answer(inquiry(), result, wording())
    text = as_text(post.blocks)
    assert all(f"\n{number + 1}. {number} word" in text for number in range(7))
    assert base.reply.headline.split(". ")[0] in text
    assert "There is more under “All the evidence”." in text
    assert "What we couldn't check" not in text
    assert "There is more under" not in as_text(answer(inquiry(), base, wording()).blocks)


def test_the_first_screen_of_a_forged_address() -> None:
    text = as_text(
        answer(inquiry(), outcome((SAMPLES / "spoofed-address/invoice-overdue.eml").read_bytes()), wording()).blocks
    )
    assert text.startswith(
        "The address accounts@example.org was probably forged.\n"
        "Whoever owns it probably knows nothing of this mail, and their account was probably not broken into.\n"
        "What to do now\n"
        "1. This mail wants money sent to another account."
    )
    assert text.endswith(
        "Your company's IT support helps you with all of this.\n"
        "Only you see this message. If a technician is needed, they see the case, too.\n"
        "[All the evidence]  [I clicked or typed my password]  [Get a person]  [This is wrong]"
    )
    headings = [line for line in text.splitlines() if line in ("Why we think so", "What we couldn't check")]
    assert headings == ["Why we think so", "What we couldn't check"]


CHANGES = (
    (Verdict.SPOOFED_ADDRESS, 0.9, (), "the answer is another one. Before, it was: We can't tell yet"),
    (Verdict.UNDETERMINED, 0.9, (), "the same, and surer than before"),
    (Verdict.UNDETERMINED, 0.2, (), "the same, but less sure than before"),
    (Verdict.UNDETERMINED, 0.5, (), "doesn't change the answer"),
    (Verdict.UNDETERMINED, 0.5, ("Call us first.",), "the same, but what you should do now isn't"),
)


@pytest.mark.parametrize(("verdict", "confidence", "steps", "said"), CHANGES)
def test_what_changed_since_the_answer_before(
    verdict: Verdict, confidence: float, steps: tuple[str, ...], said: str
) -> None:
    before = made(Verdict.UNDETERMINED, confidence=0.5)
    now = made(verdict, confidence=confidence)
    if verdict is Verdict.UNDETERMINED:
        now = replace(now, reply=replace(now.reply, steps=steps or before.reply.steps))
    text = as_text(answer(inquiry(previous=before), now, wording()).blocks)
    assert said in text
    assert "What changed" not in as_text(answer(inquiry(), now, wording()).blocks)


def _buttons(blocks: Any) -> Iterator[Json]:
    for block in blocks:
        yield from (each for each in block.get("elements", ()) if each.get("type") == "button")


@pytest.mark.parametrize("verdict", Verdict)
def test_whatever_the_verdict_the_urgent_button_stands_out_and_values_hold_no_mail(verdict: Verdict) -> None:
    buttons = list(_buttons(answer(inquiry(), made(verdict), wording()).blocks))
    ids = [each["action_id"] for each in buttons]
    assert ids == [EVIDENCE, WISHES[Wish.URGENT], WISHES[Wish.PERSON], WISHES[Wish.WRONG]]
    assert {each["value"] for each in buttons} == {"bcdf2345"}
    assert [each["action_id"] for each in buttons if each.get("style") == "danger"] == [WISHES[Wish.URGENT]]


def test_a_question_is_answered_by_its_buttons_and_material_is_explained() -> None:
    asked = made(Verdict.UNDETERMINED, step=NextStep("ask-other-channel", ""))
    buttons = list(_buttons(answer(inquiry(), asked, wording()).blocks))
    assert [each["value"] for each in buttons[:3]] == [
        f"bcdf2345 ask-other-channel {c}" for c in ("yes", "no", "unsure")
    ]
    assert [each["action_id"] for each in buttons[:3]] == [f"{ANSWER}_{number}" for number in range(3)]
    wanted = made(Verdict.UNDETERMINED, step=NextStep("original-as-attachment", ""))
    text = as_text(answer(inquiry(), wanted, wording()).blocks)
    assert "How to send it so that I can tell more\n- Open the mail on a computer:\n- " in text
    assert "\n- Thunderbird: File > Save As > File.\n" in text
    assert "Slack drops its headers" not in text


def test_after_a_forward_into_slack_the_way_that_keeps_the_headers_is_told() -> None:
    forwarded = inquiry(pieces=(Piece("1.2", file=FileRef("F1", mode="email")),))
    wanted = made(Verdict.UNDETERMINED, grade=Grade.SLACK_REST, step=NextStep("original-as-attachment", ""))
    text = as_text(answer(forwarded, wanted, wording()).blocks)
    assert "Slack drops its headers" in text
    assert "Ctrl+Alt+F" in text


@pytest.mark.parametrize(
    ("others", "borrowed", "told"),
    [
        (0, False, ""),
        (1, False, "Somebody else reported the same mail."),
        (7, False, "7 others reported the same mail."),
        (
            1,
            True,
            "Your copy alone couldn't show this. Somebody else handed in the whole mail, and this is what it shows.",
        ),
    ],
)
def test_that_others_reported_it_is_told(others: int, borrowed: bool, told: str) -> None:
    result = replace(made(Verdict.SPOOFED_NAME), seen_before=others, borrowed=borrowed)
    said = as_text(answer(inquiry(), result, wording()).blocks).splitlines()
    assert [line for line in said if "the same mail" in line or "the whole mail" in line] == [told][: bool(told)]


def test_every_question_has_its_answers_or_none_on_purpose() -> None:
    questions = {page.code for page in shipped().questions if not page.material}
    assert set(CHOICES) == questions
    for question, choices in CHOICES.items():
        if YES in choices and question != "did-you-click":
            assert told_of_answer(question, YES) is not None
        assert SAY not in choices or YES not in choices


def test_guests_see_what_they_were_told_and_nothing_of_servers() -> None:
    result = replace(made(Verdict.SPOOFED_ADDRESS), server_host="mail.internal.example", server_ip="203.0.113.9")
    guest = inquiry(asker=Asker("T1", "U2", belonging=Belonging.GUEST), outcome=result)
    seen = json.dumps(evidence(guest, False, wording()))
    assert result.reply.reasons[0][:30] in seen
    assert "Did their mail system really send it?" not in seen
    assert "mail.internal.example" not in seen
    staff = json.dumps(evidence(inquiry(outcome=result), False, wording()))
    assert "Did their mail system really send it?" in staff
    assert "dmarc-failed" not in staff


def test_technicians_see_weights_rules_shares_and_the_server() -> None:
    result = replace(made(Verdict.SPOOFED_ADDRESS), server_host="mail.internal.example", server_ip="203.0.113.9")
    seen = as_text(evidence(inquiry(outcome=result), True, wording())["blocks"])
    assert "- -14.0 DMARC failed for example.org [dmarc-failed / dmarc]" in seen
    assert "Server: mail.internal.example 203.0.113.9" in seen
    assert "Shares before calibration: spoofed-address 0.830" in seen
    assert "- -8.0 · SPF failed too [spf-failed / dmarc]" in seen


def test_when_the_content_is_deleted_the_evidence_says_so_and_shows_codes() -> None:
    full = made(Verdict.SPOOFED_ADDRESS)
    bare = tuple(replace(each, text="", title="") for each in full.diagnosis.findings)
    empty = Reply(Reader.RECEIVER, "", (), (), (), "", (), "")
    thin = replace(full, reply=empty, technician=empty, diagnosis=replace(full.diagnosis, findings=bare))
    for technician in (False, True):
        seen = as_text(evidence(inquiry(outcome=thin), technician, wording())["blocks"])
        assert seen.startswith("The details of this case are deleted. This much is kept:\naddress forged, 83%")
        assert ("dmarc-failed" in seen) is technician


def test_the_technicians_post_says_first_what_to_do_and_keeps_private_what_is_private() -> None:
    ticket = Ticket("paid", Priority.URGENT, "The reporter paid.", "accounts@example.org")
    private = inquiry(outcome=replace(made(Verdict.SPOOFED_ADDRESS), ticket=ticket))
    post = call(private, None, wording(), group="S1", permalink=PERMALINK)
    lines = as_text(post.blocks).splitlines()
    assert lines[0] == "@S1 Act now: The reporter paid."
    assert lines[1] == "Result: address forged, very likely, 83 %; material A"
    assert lines[-3:] == [
        "Asked by @U01ALICE in a direct message",
        "Asked in private: write to them directly, and not in a channel.",
        "[All the evidence]",
    ]
    assert PERMALINK not in json.dumps(post.blocks)
    assert post.text.startswith("Act now: The reporter paid.\n")


def test_a_channels_case_has_the_way_to_its_thread_and_only_urgent_ones_call_the_group() -> None:
    asked = inquiry(surface=Surface.CHANNEL, outcome=made(Verdict.GENUINE))
    post = call(asked, Wish.PERSON, wording(), group="S1", permalink=PERMALINK)
    assert as_text(post.blocks).splitlines()[0] == "Please talk to @U01ALICE: they ask for a person."
    assert PERMALINK in json.dumps(post.blocks)
    urgent = call(asked, Wish.URGENT, wording(), group="S1")
    assert as_text(urgent.blocks).splitlines()[0].startswith("@S1 Call @U01ALICE now:")


def test_a_refusal_says_what_to_do_in_the_talks_words_or_its_own_and_offers_a_person() -> None:
    known = refusal(inquiry(), Shown("password-protected", "Locked.", "Unpack."), wording())
    assert as_text(known.blocks).startswith("That zip is locked with a password. Unpack it on your computer")
    other = refusal(inquiry(), Shown("never-heard", "Something odd.", "Try once more."), wording())
    assert as_text(other.blocks) == (
        "Something odd. Try once more.\n"
        "If it can't wait, call the help desk (555 0100).\n"
        "[I clicked or typed my password]  [Get a person]"
    )


def test_home_lists_what_was_asked_and_offers_to_delete_it() -> None:
    done = inquiry(outcome=made(Verdict.SPOOFED_NAME), stage=Stage.ANSWERED)
    assert as_text(BlockViews(wording()).home((done,))["blocks"]).splitlines()[2:] == [
        "[Check a mail]  [Delete everything]",
        "Your mails",
        "- 2026-11-24 12:00 UTC: Maria Lopez: only the name used",
        "What you hand in is deleted 24 hours after your case is closed. "
        "The result, without the mail, is kept for 90 days.",
    ]
    assert "[Delete everything]" not in as_text(BlockViews(wording()).home(())["blocks"])


def test_small_print_is_at_most_ten_pieces() -> None:
    assert len(context(*"abcdefghijkl")["elements"]) == 10
