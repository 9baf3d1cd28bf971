"""Cases on their way out: the JSON contract, Markdown, the terminal; nothing of the mail gets through as markup."""

import io
import itertools
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.errors import TooLarge
from bot.handbook import Handbook
from bot.model import (
    Affected,
    Attachment,
    Case,
    ClaimKind,
    Defect,
    DomainClass,
    Fact,
    FilterVerdict,
    Hop,
    JudgedLink,
    Link,
    LinkClass,
    Mailbox,
    Method,
    NextStep,
    Reader,
    Result,
    Stamp,
    Told,
    Verdict,
    Zone,
)
from bot.render.escaping import markdown, markdown_of_ours, shown
from bot.render.json import error_json, to_json
from bot.render.markdown import to_markdown
from bot.render.terminal import print_terminal
from tests.casekit import case, claim, diagnosis, facts, shipped, with_message

CONTRACT = {
    "file",
    "verdict",
    "also",
    "leaning",
    "suspected",
    "affected",
    "confidence",
    "grade",
    "questions",
    "sender",
    "server",
    "findings",
    "unchecked",
    "next_question",
    "steps",
    "ticket",
}

SENDERS = {
    "a contact": (Mailbox("Maria", "maria@example.org"), (claim(),), DomainClass.CONTACT),
    "a brand": (
        Mailbox("Bank", "x@shop.test"),
        (claim(ClaimKind.BRAND, "Example Bank", owns=False),),
        DomainClass.OTHER,
    ),
    "a brand's own": (Mailbox("Bank", "x@bank.test"), (), DomainClass.BRAND),
    "nobody known": (Mailbox("", "x@shop.test"), (), DomainClass.OTHER),
    "a celebrity": (
        Mailbox("Star", "x@shop.test"),
        (claim(ClaimKind.KNOWN_PERSON, "Ada Star", owns=False),),
        DomainClass.OTHER,
    ),
    "no address": (Mailbox("Bank", ""), (claim(ClaimKind.BRAND, "Example Bank", owns=False),), DomainClass.OTHER),
    "nothing at all": (Mailbox("", ""), (), DomainClass.NOT_A_DOMAIN),
}

EVIL = "\x1b[31m[bold red]X[/] <img src=x> `code` [a](http://evil.test) @channel <!here> :smile: {name} | \u202eltr"


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return shipped()


def on_terminal(told: Case, *, technician: bool) -> str:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="truecolor")
    print_terminal(console, told, technician)
    stream = console.file
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def plain(text: str) -> str:
    """Without the styles that rich itself writes."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize(("verdict", "reader", "who"), list(itertools.product(Verdict, Reader, SENDERS)))
def test_every_combination_renders_without_a_leftover(
    handbook: Handbook, verdict: Verdict, reader: Reader, who: str
) -> None:
    author, claims, cls = SENDERS[who]
    leaning = Verdict.HACKED_ACCOUNT if verdict is Verdict.UNDETERMINED else None
    step = NextStep("whose-address", handbook.question_texts["whose-address"])
    known = facts(author=author, claims=claims, cls=cls, owner="Example Bank" if cls is DomainClass.BRAND else "")
    told = case(handbook, known, diagnosis(verdict, leaning=leaning, step=step), reader=reader)
    for text in (to_markdown(told, technician=True), plain(on_terminal(told, technician=True))):
        assert not re.search(r"\\?\{\w+\\?\}", text)
        assert "None" not in text
        assert not re.search(r"\(\)|'s's|  's|\bfrom \.|\( |,,", text.replace("\n", " ")), who
    assert told.reply.headline[0].isupper() or "@" in told.reply.headline.split()[0]
    assert told.reply.headline.endswith(".")
    assert json.loads(to_json("a.eml", told))["verdict"] == verdict


def test_the_json_contract_holds(handbook: Handbook) -> None:
    line = to_json("a.eml", case(handbook, facts(claims=(claim(),)), diagnosis(Verdict.SPOOFED_ADDRESS)))
    told = json.loads(line)
    assert "\n" not in line
    assert set(told) >= CONTRACT
    assert told["file"] == "a.eml"
    assert told["confidence"] == 0.83
    assert told["questions"]["origin"] == {"answer": "no", "probability": 0.02}
    assert told["sender"] == {"name": "Maria Lopez", "address": "maria@example.org", "readings": 1}
    assert told["server"].items() >= {"ip": "203.0.113.9", "host": "mail.example.net", "country": "RO"}.items()
    first = {"rule": "dmarc-failed", "question": "origin", "weight": -14.0, "text": "DMARC failed for example.org"}
    assert told["findings"][0].items() >= first.items()
    assert told["unchecked"][0] == {"what": "SPF now", "why": "offline"}
    assert told["next_question"] is None
    assert told["ticket"] is None


def test_json_tells_a_ticket_and_the_next_question_filled_in(handbook: Handbook) -> None:
    step = NextStep("ask-other-channel", handbook.question_texts["ask-other-channel"])
    known = facts(claims=(claim(),), cls=DomainClass.CONTACT)
    told = json.loads(to_json("-", case(handbook, known, diagnosis(Verdict.HACKED_ACCOUNT, step=step))))
    assert told["ticket"]["priority"] == "high"
    assert told["next_question"].startswith("Can you ask Maria Lopez by phone")
    assert told["next_code"] == "ask-other-channel"


def test_an_unknown_server_is_null_in_json(handbook: Handbook) -> None:
    known = case(handbook, facts(), diagnosis(Verdict.GENUINE))
    without = Case(
        known.report,
        known.message,
        type(known.facts)(known.message, Told(), known.facts.author, known.facts.judged, server=Fact.unknown("x", "y")),
        known.diagnosis,
        known.reply,
        None,
    )
    assert json.loads(to_json("a", without))["server"] is None


def test_an_input_that_cannot_be_read_is_an_error_line() -> None:
    assert json.loads(error_json("b.eml", TooLarge("too-large", "It has\n90 MB.", "Hand in the mail alone."))) == {
        "file": "b.eml",
        "error": {"code": "too-large", "message": "It has 90 MB.", "hint": "Hand in the mail alone."},
    }


def hostile(handbook: Handbook) -> Case:
    known = facts(author=Mailbox(EVIL, "x@shop.test"), claims=(claim(who=EVIL, owns=False),))
    known = with_message(
        known,
        subject=EVIL,
        attachments=(Attachment(EVIL, EVIL, EVIL, 12),),
        defects=(Defect("odd", EVIL),),
        filters=(FilterVerdict(EVIL, EVIL, EVIL, EVIL, Zone.INSIDE),),
        stamps=(Stamp(Method.SPF, Result.FAIL, Zone.BORDER, reason=EVIL, identity=EVIL),),
    )
    link = JudgedLink(Link(EVIL, "https://evil.test/x", "evil.test"), LinkClass.OTHER)
    known = type(known)(
        **{name: getattr(known, name) for name in known.__dataclass_fields__ if name != "links"}, links=(link,)
    )
    return case(handbook, known, diagnosis(Verdict.SPOOFED_NAME), reader=Reader.TECHNICIAN)


def test_nothing_of_a_hostile_mail_acts_on_the_terminal(handbook: Handbook) -> None:
    text = on_terminal(hostile(handbook), technician=True)
    rest = plain(text)
    assert "\x1b" not in rest
    assert "\u202e" not in rest
    assert "[bold red]X[/]" in rest, "markup is shown, not obeyed"
    assert "😄" not in rest
    assert "https://evil" not in rest
    assert "hxxps://evil[.]test/x" in rest


def test_nothing_of_a_hostile_mail_acts_in_markdown(handbook: Handbook) -> None:
    text = to_markdown(hostile(handbook), technician=True)
    assert "<img" not in text
    assert "<!here" not in text
    assert "](http" not in text
    assert not re.search(r"(?<![\w.+-])@channel", text)
    assert not re.search(r"(?<!\\)`", text)


def test_a_person_sees_the_reply_in_order_and_at_eighty_columns(handbook: Handbook) -> None:
    step = NextStep("sign-ins", handbook.question_texts["sign-ins"])
    text = plain(
        on_terminal(
            case(handbook, facts(claims=(claim(),)), diagnosis(Verdict.HACKED_ACCOUNT, step=step)), technician=False
        )
    )
    headings = ("What to do now", "Why we think so", "What we couldn't check", "What would settle it", "From now on")
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert text.startswith("Maria Lopez's mail account")
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "decibans" not in text


def test_a_technician_sees_everything(handbook: Handbook) -> None:
    text = plain(on_terminal(hostile(handbook), technician=True))
    for part in (
        "dmarc-failed",
        "+13.0",
        "0.030",
        "203.0.113.9",
        "border",
        "spoofed-name",
        "Links",
        "Defects",
        "Stamps",
    ):
        assert part in text, part


def test_a_technician_sees_ticket_and_next_step_first_and_nothing_meant_for_laypeople(handbook: Handbook) -> None:
    step = NextStep("sign-ins", handbook.question_texts["sign-ins"])
    affected = (Affected(Verdict.HACKED_ACCOUNT, "maria@example.org"),)
    found = diagnosis(Verdict.HACKED_ACCOUNT, step=step, affected=affected)
    text = plain(on_terminal(case(handbook, facts(), found, reader=Reader.TECHNICIAN), technician=True))
    order = ("ticket", "next", "befell", "confidence", "What to do now", "Findings")
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert not [part for part in ("How it happens", "What we couldn't check", "Who helps you") if part in text]


def test_no_host_name_of_the_way_is_cut(handbook: Handbook) -> None:
    host = "mail-am6eur05on2100.outbound.protection.example.net"
    hop = Hop(0, Zone.BORDER, helo=host, host=host, ip="203.0.113.9", by=host, protocol="ESMTPS")
    told = case(handbook, with_message(facts(), hops=(hop,)), diagnosis(Verdict.GENUINE), reader=Reader.TECHNICIAN)
    way = plain(on_terminal(told, technician=True)).partition("The way it came")[2]
    assert way.count(host) == 3


def test_a_damaged_paste_is_told_plainly(handbook: Handbook) -> None:
    lost = (Defect("folds-lost", "long fields were broken into lines without their indentation"),)
    told = case(handbook, with_message(facts(), defects=lost), diagnosis(Verdict.GENUINE), reader=Reader.TECHNICIAN)
    text = plain(on_terminal(told, technician=True))
    assert text.index("The material was damaged") < text.index("long fields were broken") < text.index("Findings")


def test_people_get_three_pieces_of_advice_and_all_in_markdown_or_once_they_acted(handbook: Handbook) -> None:
    calm = case(handbook, facts(), diagnosis(Verdict.SPOOFED_NAME))
    acted = case(handbook, facts(told=Told(clicked=True)), diagnosis(Verdict.SPOOFED_NAME))
    last = calm.reply.advice[-1].split(",")[0]
    assert last not in plain(on_terminal(calm, technician=False))
    assert last in to_markdown(calm, technician=False)
    assert last in plain(on_terminal(acted, technician=False))


def test_no_ticket_is_promised_where_none_is_sent(handbook: Handbook) -> None:
    told = case(handbook, facts(), diagnosis(Verdict.HACKED_ACCOUNT))
    assert told.ticket is not None
    assert "This is a case for a technician: show them this." in plain(on_terminal(told, technician=False))


def test_our_own_sources_stay_addresses_in_markdown() -> None:
    assert markdown_of_ours("See https://support.example/a_b?c=1&d=2 now.") == (
        "See https://support.example/a_b?c=1&amp;d=2 now."
    )


@given(st.text(max_size=300))
def test_escaped_text_has_no_angle_bracket_and_no_control_character(text: str) -> None:
    for escaped in (markdown(text), markdown_of_ours(text), shown(text).replace("<", "").replace(">", "")):
        assert "<" not in escaped
        assert ">" not in escaped
        assert not re.search("[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", escaped)


@given(st.text(alphabet="@ab.<>`*_[]()!|#&;:/ht ps-+1", max_size=80))
def test_escaped_text_holds_no_working_markup(text: str) -> None:
    escaped = markdown(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]|~]", escaped.replace("\\\\", ""))
    assert not re.search(r"(?<![\w.+-])@\w", escaped)
    assert not re.match(r"[-+#>=]|\d+[.)]", escaped)
