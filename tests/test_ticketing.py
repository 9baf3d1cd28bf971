"""From reports to tickets and back: what opens, joins and reopens one, what is told to whom, what the clock says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import saying
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.store import Line
from bot.errors import Shown, StoreUnavailable
from bot.handbook.escalation import DESK
from bot.model import Place, Priority, Ticket, Verdict, Wish
from bot.model.telling import Tell
from bot.model.tickets import ActKind, Again, Closing, Said3, TicketState
from bot.office_hours import read_hours
from bot.ports import Said
from bot.tickets import acts
from bot.tickets.ports import Pile
from tests.deskfakes import FakeVoice
from tests.ticketkit import TEA, TOM
from tests.ticketstore import (
    ANN,
    BEN,
    HANDBOOK,
    TEAM,
    VIC,
    Shop,
    everything,
    hacked,
    hours,
    inquiry,
    make_shop,
    opened_line,
    plain,
)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with opened_line(tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture
def shop(line: Line) -> Iterator[Shop]:
    made = make_shop(line)
    yield made
    with line.client() as client:
        client.flushdb()
    made.tickets.close()


def number_of(shop: Shop, *, asker: object = ANN) -> int:
    done = shop.ticketing.report(inquiry(asker), hacked())  # type: ignore[arg-type]
    assert done is not None
    return done.ticket.number


def close(shop: Shop, number: int, outcome: Closing = Closing.SPAM) -> None:
    shop.ticketing.act(TEAM, number, acts.close(TEA, outcome, "Looked at it."))


def settle(shop: Shop, number: int) -> None:
    ticket = shop.ticketing.find(TEAM, number)
    assert ticket is not None
    for step in ticket.steps:
        if step.must:
            shop.ticketing.act(TEAM, number, acts.tick(TEA, step.id))


# What opens one


def test_a_hacked_account_of_ours_opens_a_ticket_with_its_providers_checklist(shop: Shop) -> None:
    done = shop.ticketing.report(inquiry(), hacked())
    assert done is not None
    ticket = done.ticket
    assert (ticket.number, ticket.state, ticket.priority) == (1, TicketState.NEW, Priority.URGENT)
    assert [(each.address, each.user, each.provider, each.ours) for each in ticket.accounts] == [
        ("vic@firm.example", "UVIC", "microsoft-365", True)
    ]
    must = {step.topic for step in ticket.steps if step.must}
    assert must >= {"sessions", "password", "second-factor", "rules-forwarding", "app-grants", "delegates"}
    assert must >= {"other-mailboxes", "personal-data"}
    assert all(step.source.startswith("https://") for step in ticket.steps)
    assert shop.ticketing.of_inquiry(TEAM, ticket.reporters[0].inquiry) == ticket


def test_an_account_outside_gets_the_steps_that_are_ours_to_do(shop: Shop) -> None:
    done = shop.ticketing.report(inquiry(), hacked("eve@gmail.com"))
    assert done is not None
    assert done.ticket.accounts[0].provider == "gmail"
    assert not done.ticket.accounts[0].ours
    assert {step.topic for step in done.ticket.steps if step.must} == {"tell-owner", "other-mailboxes"}


def test_whoever_typed_their_password_is_treated_as_open_themselves(shop: Shop) -> None:
    ticket = Ticket("typed-password", Priority.URGENT, "The reporter typed a password.", "x@bad.example")
    done = shop.ticketing.report(inquiry(typed_password=True), plain(ticket=ticket))
    assert done is not None
    assert done.ticket.suspects == {"UANN"}
    assert done.ticket.acted
    assert done.ticket.steps
    nameless = shop.ticketing.report(inquiry(replace(BEN, address=""), typed_password=True), plain(ticket=ticket))
    assert nameless is not None
    assert [(each.address, each.user, each.provider) for each in nameless.ticket.accounts] == [
        ("", "UBEN", "microsoft-365")
    ]


def test_a_plain_spoof_that_needs_nobody_opens_nothing(shop: Shop) -> None:
    assert shop.ticketing.report(inquiry(), plain()) is None
    assert shop.ticketing.queue(TEAM).total == 0


WISHES = (
    (Wish.PERSON, "wish-person", Priority.NORMAL),
    (Wish.WRONG, "wish-wrong", Priority.NORMAL),
    (Wish.URGENT, "wish-urgent", Priority.URGENT),
)


@pytest.mark.parametrize(("wish", "reason", "priority"), WISHES)
def test_what_the_reporter_wishes_opens_one(shop: Shop, wish: Wish, reason: str, priority: Priority) -> None:
    done = shop.ticketing.report(inquiry(), plain(), wish)
    assert done is not None
    assert (done.ticket.reasons, done.ticket.priority) == ((reason,), priority)
    assert "x@bad.example" in done.ticket.summary


def test_a_wish_before_any_answer_opens_one_too(shop: Shop) -> None:
    done = shop.ticketing.report(inquiry(), None, Wish.PERSON)
    assert done is not None
    assert done.ticket.verdict is None
    mine = shop.ticketing.find(TEAM, done.ticket.number)
    assert mine is not None
    later = shop.ticketing.report(inquiry(ANN, mine.reporters[0].inquiry), hacked())
    assert later is not None
    assert (later.ticket.number, later.ticket.verdict) == (mine.number, Verdict.HACKED_ACCOUNT)


def test_a_campaign_that_many_report_opens_one(shop: Shop) -> None:
    assert shop.ticketing.report(inquiry(), plain(seen_before=3, campaign="c9")) is None
    done = shop.ticketing.report(inquiry(BEN), plain(seen_before=4, campaign="c9"))
    assert done is not None
    assert done.ticket.reasons == ("spoofed-name-many",)


def test_undetermined_with_no_question_left_opens_one(shop: Shop) -> None:
    asked = plain(Verdict.UNDETERMINED, diagnosis={"next_step": None, "leaning": None})
    done = shop.ticketing.report(inquiry(), asked)
    assert done is not None
    assert done.ticket.reasons == ("asked-out",)
    assert not done.ticket.strong


def test_a_vip_is_urgent(shop: Shop) -> None:
    outcome = hacked("chief@partner.example", priority=Priority.HIGH)
    done = shop.ticketing.report(inquiry(), outcome)
    assert done is not None
    assert (done.ticket.reasons, done.ticket.priority) == (("hacked-vip",), Priority.URGENT)
    assert "VIP" in done.ticket.summary


def test_every_condition_of_the_desk_is_used_by_an_entry() -> None:
    assert {condition for entry in HANDBOOK.escalation for condition in entry.when} >= DESK


# What joins


def test_a_second_report_of_the_same_account_joins_and_hears_who_has_it(shop: Shop) -> None:
    number = number_of(shop)
    shop.ticketing.act(TEAM, number, acts.take(TEA))
    done = shop.ticketing.report(inquiry(BEN, "inqben"), hacked())
    assert done is not None
    assert (done.ticket.number, done.ticket.reports) == (number, 2)
    assert [each.user for each in done.ticket.reporters] == ["UANN", "UBEN"]
    assert ("reporter", "taken-up", "inqben") in shop.said(done)
    assert ("thread", "joined", "") in shop.said(done)
    assert len(done.ticket.steps) == len({step.id for step in done.ticket.steps})


def test_the_same_report_again_changes_nothing(shop: Shop) -> None:
    mine = inquiry()
    first, second = shop.ticketing.report(mine, hacked()), shop.ticketing.report(mine, hacked())
    assert first is not None
    assert second is not None
    assert second.entry is None
    assert second.ticket == first.ticket


def test_a_graver_reason_of_the_same_inquiry_raises_it(shop: Shop) -> None:
    mine = inquiry()
    shop.ticketing.report(mine, plain(), Wish.PERSON)
    paid = Ticket("paid", Priority.URGENT, "The reporter paid. Bank first.", "x@bad.example")
    done = shop.ticketing.report(mine, plain(ticket=paid))
    assert done is not None
    assert done.ticket.reasons == ("wish-person", "paid")
    assert done.ticket.priority is Priority.URGENT
    assert done.ticket.summary == "The reporter paid. Bank first."
    assert shop.said(done)[0] == ("thread", "raised", "")


def test_two_people_who_paid_have_two_tickets(shop: Shop) -> None:
    paid = Ticket("paid", Priority.URGENT, "The reporter paid.", "x@bad.example")
    one = shop.ticketing.report(inquiry(), plain(ticket=paid, campaign="c1"))
    two = shop.ticketing.report(inquiry(BEN), plain(ticket=paid, campaign="c1"))
    assert one is not None
    assert two is not None
    assert one.ticket.number != two.ticket.number


def test_a_closed_campaign_gives_the_next_reporter_the_known_answer(shop: Shop) -> None:
    first = shop.ticketing.report(inquiry(), plain(Verdict.UNDETERMINED, campaign="c7", seen_before=5))
    assert first is not None
    close(shop, first.ticket.number, Closing.NAME_BORROWED)
    known = shop.ticketing.known(TEAM, "c7")
    assert known is not None
    assert known.theirs is Verdict.SPOOFED_NAME
    done = shop.ticketing.report(inquiry(BEN, "inqben"), plain(Verdict.UNDETERMINED, campaign="c7", seen_before=6))
    assert done is not None
    assert done.ticket.number == first.ticket.number
    assert done.ticket.state is TicketState.CLOSED
    assert shop.said(done)[0] == ("reporter", "known", "inqben")


def test_what_was_found_genuine_is_never_passed_on_to_something_like_it(shop: Shop) -> None:
    first = shop.ticketing.report(inquiry(), plain(Verdict.UNDETERMINED, campaign="c7", seen_before=5))
    assert first is not None
    close(shop, first.ticket.number, Closing.GENUINE)
    assert shop.ticketing.known(TEAM, "c7") is None
    done = shop.ticketing.report(inquiry(BEN), plain(Verdict.UNDETERMINED, campaign="c7", seen_before=6))
    assert done is not None
    assert done.ticket.number != first.ticket.number


# What reopens


def test_a_new_report_of_the_same_account_within_two_weeks_is_a_relapse(shop: Shop) -> None:
    number = number_of(shop)
    settle(shop, number)
    close(shop, number, Closing.HACKED_FIXED)
    shop.clock.go(timedelta(days=13))
    done = shop.ticketing.report(inquiry(BEN), hacked())
    assert done is not None
    assert (done.ticket.number, done.ticket.state) == (number, TicketState.REOPENED)
    assert not any(step.settled for step in done.ticket.steps)
    assert shop.said(done)[0] == ("on-call", "relapse", "")
    assert ("technician", "yours-reopened", "UTEA") in shop.said(done)


def test_after_two_weeks_it_is_a_new_ticket(shop: Shop) -> None:
    number = number_of(shop)
    close(shop, number)
    shop.clock.go(timedelta(days=15))
    done = shop.ticketing.report(inquiry(BEN), hacked())
    assert done is not None
    assert done.ticket.number == number + 1


def test_a_relapse_is_found_after_the_content_is_gone(line: Line) -> None:
    shop = make_shop(line, keep_content=timedelta(0))
    number = number_of(shop)
    close(shop, number)
    kept = shop.ticketing.find(TEAM, number)
    assert kept is not None
    assert (kept.summary, kept.accounts[0].address, kept.reporters[0].name) == ("", "", "")
    done = shop.ticketing.report(inquiry(BEN), hacked())
    assert done is not None
    assert (done.ticket.number, done.ticket.state) == (number, TicketState.REOPENED)
    assert done.ticket.suspects == {"UVIC"}
    assert "vic@firm.example" in done.ticket.summary
    assert len({step.id for step in done.ticket.steps}) == len(done.ticket.steps)
    with line.client() as client:
        client.flushdb()


def test_what_the_reporter_writes_answers_the_question_or_reopens(shop: Shop) -> None:
    mine = inquiry()
    done = shop.ticketing.report(mine, hacked())
    assert done is not None
    number = done.ticket.number
    asked = shop.ticketing.act(TEAM, number, acts.ask(TEA, "Did you click?"))
    assert asked.ticket.state is TicketState.WAITING
    assert ("reporter", "question", mine.id) in shop.said(asked)
    answered = shop.ticketing.wrote(mine, "No, I didn't.", "T1:D1:1")
    assert answered is not None
    assert answered.ticket.state is TicketState.TAKEN
    assert ("technician", "yours-answered", "UTEA") in shop.said(answered)
    close(shop, number)
    again = shop.ticketing.wrote(mine, "It came again.", "T1:D1:2")
    assert again is not None
    assert again.ticket.state is TicketState.REOPENED
    assert shop.ticketing.wrote(inquiry(BEN), "Hello?") is None


def test_a_delivery_that_comes_twice_counts_once_and_is_told_again(shop: Shop) -> None:
    number = number_of(shop)
    first = shop.ticketing.act(TEAM, number, acts.take(TEA), "T1:trigger1")
    shop.teller.told.clear()
    second = shop.ticketing.act(TEAM, number, acts.take(TEA), "T1:trigger1")
    assert second.entry is None
    assert second.ticket == first.ticket
    assert shop.teller.told == [(TEAM, number, 2)]


def test_what_was_kept_but_not_queued_is_queued_by_the_clock(shop: Shop) -> None:
    number = number_of(shop)
    shop.outstanding()
    shop.teller.faults.append(StoreUnavailable("store-unavailable", "Away.", "Wait."))
    with pytest.raises(StoreUnavailable):
        shop.ticketing.act(TEAM, number, acts.take(TEA))
    assert shop.ticketing.due() == ()
    assert shop.teller.told == []
    shop.clock.go(timedelta(minutes=2))
    shop.ticketing.due()
    assert shop.teller.told == [(TEAM, number, 2)]
    shop.clock.go(timedelta(minutes=2))
    shop.ticketing.due()
    assert shop.teller.told == [(TEAM, number, 2)]  # not each minute, however long Slack is away
    shop.clock.go(timedelta(minutes=16))
    shop.ticketing.due()
    assert shop.teller.told == [(TEAM, number, 2)] * 2
    assert [each.code for each in shop.outstanding()] == ["post", "taken-up"]
    shop.clock.go(timedelta(minutes=2))
    shop.ticketing.due()
    assert shop.teller.told == []


def test_what_is_told_is_said_once_by_its_mark_however_often_the_job_runs(shop: Shop, line: Line) -> None:
    number = number_of(shop)
    shop.ticketing.act(TEAM, number, acts.ask(TEA, "Did you click?"))
    inquiries, voice, heard = RedisInquiries(line, shop.clock), FakeVoice(), list[str]()
    for _ in range(2):
        for tell in shop.ticketing.tells(TEAM, number, 2):

            def say(tell: Tell = tell) -> Said:
                heard.append(tell.code)
                return Said("CTECH", f"1764000001.{len(heard):06d}")

            saying.once(inquiries, voice, tell.ticket, Place("CTECH", "1"), tell.mark, say)
    assert heard == ["post", "question", "asked"]
    shop.ticketing.told(TEAM, number, 2)
    assert shop.ticketing.tells(TEAM, number, 2) == ()
    inquiries.close()


# What is told at the end


def test_closing_tells_every_reporter_what_was_found(shop: Shop) -> None:
    number = number_of(shop)
    shop.ticketing.report(inquiry(BEN), hacked())
    done = shop.ticketing.act(TEAM, number, acts.close(TEA, Closing.NAME_BORROWED, "It was another account."))
    ended = [each for each in done.tells if each.code == "ended"]
    assert [(each.value("verdict"), each.value("was")) for each in ended] == [("spoofed-name", "hacked-account")] * 2
    assert done.ticket.overturned
    assert len({each.mark for each in done.tells}) == len(done.tells)


def test_a_changed_verdict_brings_the_checklist_of_a_hacked_account(shop: Shop) -> None:
    asked = plain(Verdict.UNDETERMINED, sender_address=VIC.address)
    done = shop.ticketing.report(inquiry(), asked, Wish.PERSON)
    assert done is not None
    assert done.ticket.steps == ()
    with pytest.raises(Shown, match="no checklist"):
        shop.ticketing.act(TEAM, done.ticket.number, acts.close(TEA, Closing.HACKED_FIXED, "Done."))
    changed = acts.change_verdict(TEA, Verdict.HACKED_ACCOUNT, "Sign-ins from abroad.")
    after = shop.ticketing.act(TEAM, done.ticket.number, changed)
    assert any(step.must for step in after.ticket.steps)
    assert after.ticket.suspects == {"UVIC"}
    assert ("reporter", "corrected", after.ticket.reporters[0].inquiry) in shop.said(after)


def test_the_apparent_sender_is_asked_and_their_yes_alone_ends_nothing_strong(shop: Shop) -> None:
    number = number_of(shop)
    asked = shop.ticketing.act(TEAM, number, acts.ask_sender(TEA, ""))
    assert ("sender", "sender-question", "UVIC") in shop.said(asked)
    done = shop.ticketing.act(TEAM, number, acts.sender_said("UVIC", "Vic Brandt", Said3.YES))
    assert done.parked
    assert done.ticket.sender_said is None
    assert shop.said(done) == [("thread", "waits-for-confirmation", "")]
    confirmed = shop.ticketing.act(TEAM, number, acts.confirm(TOM, done.ticket.parked[0].number))
    assert confirmed.ticket.sender_said is Said3.YES
    assert confirmed.ticket.is_open


def test_an_i_did_closes_a_mere_guess_where_that_is_set(line: Line) -> None:
    shop = make_shop(line, sender_closes=True)
    asked = plain(Verdict.UNDETERMINED, sender_address=VIC.address, diagnosis={"leaning": None, "next_step": None})
    done = shop.ticketing.report(inquiry(), asked)
    assert done is not None
    shop.ticketing.act(TEAM, done.ticket.number, acts.ask_sender(TEA, ""))
    ended = shop.ticketing.act(TEAM, done.ticket.number, acts.sender_said("UVIC", "Vic Brandt", Said3.YES))
    assert (ended.ticket.state, ended.ticket.outcome) == (TicketState.CLOSED, Closing.SENDER_CONFIRMED)
    with line.client() as client:
        client.flushdb()


def test_the_friend_pack_is_of_the_providers_page_and_recorded(shop: Shop) -> None:
    done = shop.ticketing.report(inquiry(), hacked("eve@gmail.com"))
    assert done is not None
    after, pack = shop.ticketing.pack(TEAM, done.ticket.number, TEA)
    assert pack.provider == "gmail"
    assert after.ticket.packs == ("gmail",)
    assert any("eve@gmail.com" in line for line in pack.phone)
    assert 50 < len(pack.text) <= 459
    with pytest.raises(Shown, match="outside"):
        shop.ticketing.pack(TEAM, number_of(shop), TEA)


def test_a_notice_goes_to_who_stood_in_to_and_cc_once_a_technician_approves(shop: Shop) -> None:
    outcome = hacked(recipients=("ann@firm.example", "ben@firm.example", "vic@firm.example", "x@other.example"))
    done = shop.ticketing.report(inquiry(), outcome)
    assert done is not None
    number, whom = done.ticket.number, shop.ticketing.blast(done.ticket)
    assert whom == ("UBEN",)
    shop.ticketing.act(TEAM, number, acts.propose_notice(TEA, (*whom, "UVIC"), "Delete the mail from Vic."))
    sent = shop.ticketing.act(TEAM, number, acts.approve_notice(TOM))
    assert [each for each in shop.said(sent) if each[0] == "recipient"] == [("recipient", "notice", "UBEN")]
    shop.ticketing.act(TEAM, number, acts.notice_sent())
    with pytest.raises(Shown, match="has been told"):
        shop.ticketing.act(TEAM, number, acts.propose_notice(TEA, whom, "Once more."))


def test_another_help_desk_hears_of_opening_closing_and_reopening(line: Line) -> None:
    shop = make_shop(line, desk=True)
    opened = shop.ticketing.report(inquiry(), hacked())
    assert opened is not None
    number = opened.ticket.number
    taken = shop.ticketing.act(TEAM, number, acts.take(TEA))
    closed = shop.ticketing.act(TEAM, number, acts.close(TEA, Closing.SPAM, "Only junk."))
    again = shop.ticketing.act(TEAM, number, acts.reopen(TOM, Again.TECHNICIAN, "Not so."))
    heard = [[each.code for each in done.tells if each.whom.value == "desk"] for done in (opened, taken, closed, again)]
    assert heard == [["opened"], [], ["closed"], ["reopened"]]
    with line.client() as client:
        client.flushdb()


# Forgetting


def test_a_reporter_who_is_forgotten_is_in_no_line_and_the_technician_goes_on(shop: Shop) -> None:
    mine = inquiry()
    done = shop.ticketing.report(mine, hacked())
    assert done is not None
    number = done.ticket.number
    shop.ticketing.report(inquiry(BEN), hacked())
    shop.ticketing.wrote(mine, "I clicked, Ann Meyer.")
    assert shop.ticketing.forget(ANN, (mine.id,)) == 1
    ticket = shop.ticketing.find(TEAM, number)
    assert ticket is not None
    assert "vic@firm.example" in ticket.summary
    kept = repr((ticket, shop.ticketing.story(TEAM, number)))
    assert "Ann" not in kept
    assert "UANN" not in kept
    assert "Ben Otto" in kept
    assert len(shop.ticketing.story(TEAM, number)) == ticket.version == 4


def test_what_is_closed_and_forgotten_by_all_keeps_nothing_but_the_fact(shop: Shop, line: Line) -> None:
    mine = inquiry()
    done = shop.ticketing.report(mine, hacked())
    assert done is not None
    number = done.ticket.number
    shop.ticketing.act(TEAM, number, acts.note(TEA, "Ann was nervous."))
    close(shop, number)
    assert shop.ticketing.forget(ANN, (mine.id,)) == 1
    shop.outstanding()
    with line.client() as client:
        rest = everything(client)
    for private in (b"vic@firm", b"UANN", b"Ann Meyer", b"nervous", b"UVIC"):
        assert private not in rest
    story = shop.ticketing.story(TEAM, number)
    assert [entry.act.kind for entry in story] == [ActKind.OPENED, ActKind.NOTE, ActKind.CLOSE, ActKind.FORGOTTEN]
    assert story[2].act.by.user == "UTEA"


def test_a_suspect_reporters_forget_waits_for_a_technician(shop: Shop) -> None:
    mine = inquiry(VIC)
    done = shop.ticketing.report(mine, hacked())
    assert done is not None
    assert shop.ticketing.forget(VIC, (mine.id,)) == 1
    ticket = shop.ticketing.find(TEAM, done.ticket.number)
    assert ticket is not None
    assert ticket.reporters[0].user == "UVIC"
    assert ticket.parked[0].act.kind is ActKind.FORGOTTEN
    shop.ticketing.act(TEAM, ticket.number, acts.confirm(TEA, ticket.parked[0].number))
    kept = repr(shop.ticketing.find(TEAM, ticket.number))
    assert "name='Vic Brandt'" not in kept


# The clock


def test_reminders_come_at_their_shares_each_once_and_to_whom_it_concerns(shop: Shop) -> None:
    number = number_of(shop)
    heard: list[tuple[float, str, str]] = []
    for minute in range(0, 8 * 60, 5):
        for done in shop.ticketing.due():
            heard += [(minute / 60, whom, code) for whom, code, _ in shop.said(done)]
        shop.clock.go(timedelta(minutes=5))
    assert heard == [
        (pytest.approx(25 / 60), "thread", "first-soon"),
        (0.5, "on-call", "first-due"),
        (0.75, "manager", "first-late"),
        (3.0, "thread", "soon"),
        (4.0, "on-call", "due"),
        (6.0, "manager", "late"),
    ]
    kinds = [entry.act.kind for entry in shop.ticketing.story(TEAM, number)]
    assert kinds.count(ActKind.REMINDED) == 6


def test_nothing_is_said_while_it_waits_or_rests(shop: Shop) -> None:
    number = number_of(shop)
    shop.ticketing.act(TEAM, number, acts.hold(TEA, shop.clock.now() + timedelta(days=3)))
    shop.clock.go(timedelta(days=2))
    assert shop.ticketing.due() == ()
    assert shop.ticketing.queue(TEAM, Pile.ON_HOLD).total == 1
    shop.clock.go(timedelta(days=1))
    (done,) = shop.ticketing.due()
    assert done.ticket.state is TicketState.TAKEN
    assert ("technician", "comes-back", "UTEA") in shop.said(done)
    assert shop.ticketing.due_of(done.ticket).end == shop.clock.now() + hours(4)


def test_a_reporter_who_says_nothing_is_asked_once_more(shop: Shop) -> None:
    number = number_of(shop)
    shop.ticketing.act(TEAM, number, acts.ask(TEA, "Did you click?"))
    shop.clock.go(timedelta(days=1, hours=23))
    assert shop.ticketing.due() == ()
    shop.clock.go(hours(1))
    (done,) = shop.ticketing.due()
    assert [(whom, code) for whom, code, _ in shop.said(done)] == [
        ("reporter", "no-answer"),
        ("technician", "no-answer"),
    ]
    shop.clock.go(timedelta(days=5))
    assert shop.ticketing.due() == ()


def test_after_a_long_silence_of_the_bot_each_ticket_is_spoken_of_once(shop: Shop) -> None:
    for asker in (ANN, BEN):
        shop.ticketing.report(inquiry(asker), hacked(f"v{asker.user}@firm.example".lower()))
    shop.clock.go(timedelta(days=4))
    first = shop.ticketing.due()
    assert [[code for _, code, _ in shop.said(done)] for done in first] == [["late"], ["late"]]
    assert shop.ticketing.due() == ()


def test_many_that_are_late_at_once_are_one_message(shop: Shop) -> None:
    for index in range(6):
        shop.ticketing.report(inquiry(ANN), hacked(f"v{index}@firm.example"))
    shop.clock.go(timedelta(days=4))
    said = [each for done in shop.ticketing.due() for each in done.tells if each.code != "post"]
    assert [(each.whom.value, each.code, each.value("numbers")) for each in said] == [
        ("manager", "many-due", "1, 2, 3, 4, 5, 6")
    ]
    assert shop.ticketing.due() == ()


def test_nothing_is_said_at_night_but_at_the_beginning_of_work(shop: Shop) -> None:
    number_of(shop)
    shop.clock.go(hours(7.9) + timedelta(days=0, hours=8))  # the bot was down until one in the morning
    assert shop.ticketing.due() == ()
    assert shop.ticketing.due() == ()
    shop.clock.go(hours(8.2))
    assert [[code for _, code, _ in shop.said(done)] for done in shop.ticketing.due()] == [["late"]]


def test_urgent_tickets_run_round_the_clock_where_somebody_is_on_call(line: Line) -> None:
    shop = make_shop(line, always=True)
    shop.clock.go(hours(10))
    number_of(shop)
    shop.clock.go(hours(0.5))
    assert [[code for _, code, _ in shop.said(done)] for done in shop.ticketing.due()] == [["first-due"]]
    with line.client() as client:
        client.flushdb()


# The queue


def test_the_queue_is_in_the_order_of_the_clock(shop: Shop) -> None:
    urgent = number_of(shop)
    shop.ticketing.report(inquiry(BEN), plain(), Wish.PERSON)
    high = shop.ticketing.report(inquiry(BEN), hacked("zoe@firm.example", priority=Priority.HIGH))
    assert high is not None
    assert [each.number for each in shop.ticketing.queue(TEAM).tickets] == [urgent, high.ticket.number, 2]
    shop.ticketing.act(TEAM, urgent, acts.ask(TEA, "Did you click?"))
    assert [each.number for each in shop.ticketing.queue(TEAM).tickets] == [high.ticket.number, 2, urgent]
    assert [each.number for each in shop.ticketing.queue(TEAM, Pile.MINE, "UTEA").tickets] == [urgent]
    assert shop.ticketing.totals(TEAM, "UTEA") == {
        Pile.OPEN: 3,
        Pile.MINE: 1,
        Pile.UNOWNED: 2,
        Pile.WAITING: 1,
        Pile.ON_HOLD: 0,
        Pile.URGENT: 1,
        Pile.CAMPAIGNS: 0,
        Pile.CLOSED: 0,
    }
    page = shop.ticketing.queue(TEAM, start=1, count=1)
    assert (page.total, [each.number for each in page.tickets]) == (3, [2])


def test_other_working_hours_put_the_queue_in_another_order(shop: Shop, line: Line) -> None:
    number_of(shop)
    earlier = shop.ticketing.due_of(shop.ticketing.queue(TEAM).tickets[0])
    other = make_shop(line, shop.clock, hours=read_hours("Mon-Fri 12:00-17:00"))
    other.ticketing.reclock(TEAM)
    later = other.ticketing.due_of(other.ticketing.queue(TEAM).tickets[0])
    assert earlier.first is not None
    assert later.first == earlier.first + hours(3)
    shop.clock.go(hours(1))
    assert other.ticketing.due() == ()


def test_each_workspace_counts_for_itself(shop: Shop) -> None:
    other = replace(ANN, team="T2")
    assert number_of(shop) == number_of(shop, asker=other) == 1
    assert shop.ticketing.queue("T2").total == 1


def test_a_number_that_nobody_has_is_told(shop: Shop) -> None:
    with pytest.raises(Shown, match="no ticket 99"):
        shop.ticketing.act(TEAM, 99, acts.take(TEA))
