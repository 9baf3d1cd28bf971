"""The reception: what belongs together is joined, what comes twice is taken once, and only the asker decides."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.adapters.inquiries import RedisInquiries
from bot.errors import StoreUnavailable
from bot.model import Asker, Belonging, FileRef, Inquiry, Piece, Place, Stage, Submission, Surface, Told, Wish
from bot.ports import Inquiries
from bot.reception import Reception, merged
from tests.deskfakes import MemoryInquiries, NullMeter, RecordingQueue, TestClock
from tests.inquirykit import JOSEF, MARIA, outcome
from tests.storefixtures import line, server

__all__ = ["line", "server"]
ROOT = "1764000000.000100"
HEAD = "Return-Path: <b@sender.test>\nReceived: from a by b; 24 Nov 2026 11:00:00 +0000\nFrom: Boss <boss@example.org>"
TAIL = "Subject: gift cards\nDate: Tue, 24 Nov 2026 11:00:00 +0000\nMessage-ID: <1@sender.test>\n\nbuy them"
EML = FileRef("F1", "a.eml", "https://files.example.test/F1", 9)


@dataclass
class Front:
    """A reception, with what it puts where."""

    inquiries: Inquiries
    clock: TestClock
    queue: RecordingQueue = field(default_factory=RecordingQueue)
    meter: NullMeter = field(default_factory=NullMeter)
    limit: int = 30

    @property
    def reception(self) -> Reception:
        return Reception(self.inquiries, self.queue, self.clock, self.meter, reports_an_hour=self.limit)

    def take(self, *submissions: Submission) -> list[Inquiry | None]:
        return [self.reception.receive(each) for each in submissions]

    def now(self, inquiry: Inquiry | None) -> Inquiry:
        assert inquiry is not None
        found = self.inquiries.find(inquiry.id)
        assert found is not None
        return found

    def answer(self, inquiry: Inquiry | None) -> Inquiry:
        """As the worker leaves it."""
        now = self.now(inquiry)
        told = outcome(now.revision)
        return self.inquiries.change(now.id, lambda kept: replace(kept, stage=Stage.ANSWERED, outcome=told))


@pytest.fixture(params=["memory", "store"])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    clock = TestClock()
    if request.param == "memory":
        yield Front(MemoryInquiries(clock), clock)
        return
    record = RedisInquiries(request.getfixturevalue("line"), clock)
    yield Front(record, clock)
    record.close()


def direct(
    ts: str, text: str = "", *, asker: Asker = MARIA, thread: str = "", file: FileRef | None = None
) -> Submission:
    place = Place("D1", thread or ts)
    return Submission(f"T1:D1:{ts}", Surface.DIRECT, asker, place, (Piece(ts, text, file),))


def posted(ts: str, text: str, *, asker: Asker = MARIA, thread: str = "") -> Submission:
    place = Place("CHELP", thread or ts)
    return Submission(f"T1:CHELP:{ts}", Surface.CHANNEL, asker, place, (Piece(ts, text),))


def test_a_report_is_kept_acknowledged_and_queued(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    kept = front.now(inquiry)
    assert (kept.asker, kept.place, kept.received_at) == (MARIA, Place("D1", ROOT), front.clock.now())
    assert (kept.stage, kept.revision) == (Stage.RECEIVED, 1)
    assert front.queue.jobs == [("acknowledge", kept.id), ("check", kept.id, 1, 0.0)]


def test_a_delivery_that_comes_twice_is_taken_once(front: Front) -> None:
    first, again = front.take(direct(ROOT, "hello?"), direct(ROOT, "hello?"))
    assert front.now(first) == front.now(again)
    assert front.now(first).revision == 1
    front.take(direct(ROOT, "hello?"))
    assert len(front.queue.jobs) == 2, "what was queued isn't queued again"
    assert [what for what, _ in front.meter.counted] == ["reports", "duplicates", "duplicates"]


def test_what_was_kept_but_not_queued_is_queued_when_slack_brings_it_again(front: Front) -> None:
    front.queue.faults = [StoreUnavailable("store-unavailable", "away", "")]
    with pytest.raises(StoreUnavailable):
        front.take(direct(ROOT, "hello?"))
    (inquiry,) = front.take(direct(ROOT, "hello?"))
    assert inquiry is not None
    assert front.queue.jobs == [("check", inquiry.id, 1, 0.0)], "which acknowledges, where nobody did"


def test_more_in_the_thread_decides_the_same_case_again(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    front.answer(inquiry)
    front.clock.go(timedelta(minutes=3))
    (same,) = front.take(direct("1764000180.000200", file=EML, thread=ROOT))
    now = front.now(inquiry)
    assert same == now
    assert (now.revision, now.stage, now.changed_at) == (2, Stage.RECEIVED, front.clock.now())
    assert [piece.file for piece in now.pieces] == [None, EML]
    assert front.queue.jobs[-1] == ("check", now.id, 2, 0.0)
    assert len(front.queue.of("acknowledge")) == 1, "one conversation, one greeting"


def test_more_that_comes_twice_counts_once(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    more = direct("1764000180.000200", file=EML, thread=ROOT)
    front.take(more, more)
    assert (front.now(inquiry).revision, len(front.now(inquiry).pieces)) == (2, 2)


def test_somebody_elses_material_in_the_thread_is_a_case_of_its_own(front: Front) -> None:
    (inquiry,) = front.take(posted(ROOT, "is this real?"))
    before = front.now(inquiry)
    first = posted("1764000010.000200", HEAD, asker=JOSEF, thread=ROOT)
    his, again, more = front.take(first, first, posted("1764000900.000200", TAIL, asker=JOSEF, thread=ROOT))
    assert his is not None
    assert again is not None
    assert more is not None
    assert his.id == again.id == more.id != before.id
    assert (front.now(his).place, len(front.now(his).pieces)) == (Place("CHELP", ROOT), 2)
    assert front.now(inquiry) == before
    assert front.take(posted("1764000950.000200", TAIL, thread=ROOT)) == [front.now(inquiry)], "still hers"
    place = Place("CHELP", ROOT)
    assert [front.reception.continues(place, who) for who in (MARIA, JOSEF, Asker("T1", "UX"))] == [True, True, False]
    front.reception.forget(JOSEF)
    assert front.inquiries.at(place) == front.now(inquiry), "her thread stays hers when he has his forgotten"


def test_a_forwarded_mail_of_nobody_is_whose_who_goes_on_with_it_first(front: Front) -> None:
    (nobodys,) = front.take(mailed(1, "sales@example.org", ""))
    root = front.now(nobodys).place.thread
    (hers,) = front.take(posted("1764000010.000200", HEAD, thread=root))
    assert hers is not None
    assert nobodys is not None
    assert (hers.id, hers.asker, len(hers.pieces), hers.revision) == (nobodys.id, MARIA, 2, 2)
    assert [each.id for each in front.reception.of(MARIA)] == [hers.id]
    (his,) = front.take(posted("1764000020.000200", HEAD, asker=JOSEF, thread=root))
    assert his is not None
    assert his.id != hers.id
    assert front.reception.adopt(hers.id, JOSEF) is None


def test_who_clicks_first_adopts_what_is_nobodys_and_nothing_else(front: Front) -> None:
    (nobodys,) = front.take(mailed(1, "sales@example.org", ""))
    (hers,) = front.take(direct(ROOT, "is this real?"))
    assert nobodys is not None
    assert hers is not None
    assert front.reception.adopt(nobodys.id, JOSEF) == front.now(nobodys)
    assert front.now(nobodys).asker == JOSEF
    assert front.reception.adopt(hers.id, JOSEF) is None


def test_who_was_unknown_in_an_outage_is_known_when_they_go_on(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?", asker=replace(MARIA, belonging=Belonging.UNKNOWN)))
    front.take(direct("1764000180.000200", "and this?", thread=ROOT))
    assert front.now(inquiry).asker.belonging is Belonging.STAFF


def test_who_says_so_themselves_is_verified(front: Front) -> None:
    (claimed,) = front.take(mailed(1))
    front.take(posted("1764000010.000200", HEAD, thread=front.now(claimed).place.thread))
    assert front.now(claimed).asker == MARIA
    assert front.reception.of(MARIA) == (front.now(claimed),)


@pytest.mark.parametrize(("wish", "heard"), [(Wish.URGENT, True), (Wish.PERSON, True), (Wish.WRONG, False)])
def test_everybody_in_the_help_desks_channel_may_call_a_person(front: Front, wish: Wish, heard: bool) -> None:
    (inquiry,) = front.take(posted(ROOT, "is this real?"))
    id = front.answer(inquiry).id
    assert (front.reception.wish(id, wish, JOSEF, "k") is not None) is heard
    assert bool(front.queue.of("wish")) is heard
    assert front.reception.wish(id, wish, replace(JOSEF, team="T2"), "k2") is None


def test_a_new_report_in_the_thread_of_a_forgotten_one_is_a_new_inquiry(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    assert front.reception.forget(MARIA) == 1
    (new,) = front.take(direct("1764000180.000200", "and this?", thread=ROOT))
    assert new is not None
    assert inquiry is not None
    assert new.id != inquiry.id


def test_nothing_of_a_forgotten_paste_stands_in_the_way_of_a_new_report(front: Front) -> None:
    front.take(direct(ROOT, HEAD), direct("1764000004.000100", TAIL))
    front.reception.forget(MARIA)
    (new,) = front.take(direct("1764000900.000100", "and this?", thread="1764000004.000100"))
    assert new is not None
    assert front.now(new).stage is Stage.RECEIVED


def test_a_forgotten_report_that_slack_brings_again_stays_forgotten(front: Front) -> None:
    front.take(direct(ROOT, "is this real?"))
    front.reception.forget(MARIA)
    jobs = list(front.queue.jobs)
    (again,) = front.take(direct(ROOT, "is this real?"))
    assert again is not None
    assert again.stage is Stage.FORGOTTEN
    assert front.queue.jobs == jobs


JOINED = [
    pytest.param(HEAD, TAIL, 4, True, id="a header block in two messages"),
    pytest.param("please check this", HEAD, 4, True, id="words, then headers"),
    pytest.param(HEAD, "I didn't click", 10, True, id="headers, then words"),
    pytest.param(HEAD, TAIL, 40, False, id="too long after"),
    pytest.param(HEAD, HEAD, 4, False, id="two mails"),
    pytest.param("what about mail?", "and about phones?", 4, False, id="two questions"),
]


@pytest.mark.parametrize("late", [False, True], ids=["in order", "the second first"])
@pytest.mark.parametrize(("one", "other", "after", "joined"), JOINED)
def test_messages_in_a_row_join_where_they_look_like_one_paste(
    front: Front, one: str, other: str, after: int, joined: bool, late: bool
) -> None:
    both = [direct(ROOT, one), direct(f"{1764000000 + after}.000100", other)]
    taken = front.take(*(reversed(both) if late else both))
    assert (len({each.id for each in taken if each}) == 1) is joined
    if joined:
        kept = front.now(taken[0])
        assert [piece.text for piece in kept.pieces] == [one, other], "by their time, not by their coming"
        assert kept.revision == 2
        assert front.queue.jobs[-1][:3] == ("check", kept.id, 2)


def test_a_joined_message_that_comes_twice_and_a_reply_under_it_find_the_same_inquiry(front: Front) -> None:
    second = direct("1764000004.000100", TAIL)
    one, two, again, reply = front.take(
        direct(ROOT, HEAD), second, second, direct("1764000300.000100", "more", thread="1764000004.000100")
    )
    assert {each.id for each in (one, two, again, reply) if each} == {front.now(one).id}
    assert len(front.now(one).pieces) == 3


def test_pastes_of_two_people_never_join(front: Front) -> None:
    taken = front.take(direct(ROOT, HEAD), direct("1764000004.000100", TAIL, asker=JOSEF))
    assert len({each.id for each in taken if each}) == 2


def test_only_a_text_that_looks_cut_waits_for_the_rest(front: Front) -> None:
    long = HEAD + "\n" + "\n".join(f"X-Filter-{number}: {'x' * 60}" for number in range(60))
    front.take(
        direct(ROOT, long), direct("1764000100.000100", HEAD), direct("1764000200.000100", long + "\n\nbody " * 9)
    )
    assert [job[3] for job in front.queue.of("check")] == [2.0, 0.0, 0.0]


def test_answers_are_merged_and_decide_again(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    kept = front.answer(inquiry)
    told = front.reception.told(kept.id, Told(clicked=True), MARIA, "T1:act:1")
    assert told is not None
    assert (told.told, told.revision, told.stage) == (Told(clicked=True), 2, Stage.RECEIVED)
    front.answer(told)
    front.reception.told(kept.id, Told(clicked=False, claims="Boss"), MARIA, "T1:act:2")
    now = front.now(told)
    assert (now.told, now.revision) == (Told(clicked=False, claims="Boss"), 3)
    assert [job[2] for job in front.queue.of("check")] == [1, 2, 3]


def test_what_is_said_of_a_case_whose_content_is_gone_is_not_taken(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    id = front.answer(inquiry).id
    front.inquiries.change(id, lambda kept: replace(kept, pieces=()))
    assert front.reception.told(id, Told(sender_denies=True), MARIA, "k") is None
    assert (front.now(inquiry).revision, front.now(inquiry).stage) == (1, Stage.ANSWERED)


def test_an_answer_that_comes_again_late_does_not_win_over_a_newer_one(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    id = front.answer(inquiry).id
    for told, key in ((Told(clicked=True), "k1"), (Told(clicked=False), "k2"), (Told(clicked=True), "k1")):
        front.reception.told(id, told, MARIA, key)
    assert front.now(inquiry).told.clicked is False


def test_an_answer_that_changes_nothing_decides_nothing_again(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    id = front.answer(inquiry).id
    front.reception.told(id, Told(), MARIA, "k1")
    assert (front.now(inquiry).revision, front.now(inquiry).stage) == (1, Stage.ANSWERED)
    assert len(front.queue.of("check")) == 1


MERGES = [
    (Told(clicked=True), Told(), Told(clicked=True)),
    (Told(clicked=True), Told(clicked=False), Told(clicked=False)),
    (Told(claims="a"), Told(claims="b"), Told(claims="b")),
    (Told(own_account=True), Told(), Told(own_account=True)),
    (Told(), Told(own_account=True, paid=False), Told(own_account=True, paid=False)),
]


@pytest.mark.parametrize(("before", "new", "after"), MERGES)
def test_what_is_not_said_leaves_what_was_said(before: Told, new: Told, after: Told) -> None:
    assert merged(before, new) == after


def chosen(trigger: str, file: FileRef = EML) -> Submission:
    key, about = f"T1:CX:{ROOT}:UMARIA:{trigger}", Place("CX", ROOT)
    return Submission(key, Surface.SHORTCUT, MARIA, Place("UMARIA"), (Piece(ROOT, file=file),), about=about)


def test_a_message_chosen_again_is_pointed_to_its_answer(front: Front) -> None:
    first, twice = front.take(chosen("1"), chosen("1"))
    id = front.answer(first).id
    assert twice is not None
    assert twice.id == id
    assert front.now(first).place == Place("UMARIA")
    front.inquiries.change(id, lambda kept: replace(kept, place=Place("D1", "1764000001.000100")))
    front.inquiries.keep(id, EML.id, ())
    (again,) = front.take(chosen("2"))
    assert (again, front.now(first).revision) == (front.now(first), 1)
    assert front.queue.of("remark") == (
        ("remark", Place("D1", "1764000001.000100"), "shortcut-again", f"T1:CX:{ROOT}:UMARIA:2"),
    )


def test_a_message_chosen_again_is_decided_again_where_its_file_was_not_to_be_had(front: Front) -> None:
    (first,) = front.take(chosen("1", replace(EML, url="")))
    front.answer(first)
    for _ in range(2):
        front.take(chosen("2"))
    now = front.now(first)
    assert (now.revision, now.stage, now.pieces) == (2, Stage.RECEIVED, (Piece(ROOT, file=EML),))
    assert [job[2] for job in front.queue.of("check")] == [1, 2]


def test_a_message_chosen_again_is_decided_again_where_that_failed(front: Front) -> None:
    (first,) = front.take(chosen("1"))
    front.inquiries.change(front.now(first).id, lambda kept: replace(kept, stage=Stage.FAILED))
    front.take(chosen("2"))
    assert front.now(first).stage is Stage.RECEIVED


def test_a_message_chosen_again_after_it_was_forgotten_is_a_new_case(front: Front) -> None:
    (first,) = front.take(chosen("1"))
    front.reception.forget(MARIA)
    (again,) = front.take(chosen("2"))
    assert again is not None
    assert first is not None
    assert again.id != first.id


def test_a_wish_is_kept_once_and_calls_once(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    id = front.answer(inquiry).id
    for _ in range(2):
        front.reception.wish(id, Wish.URGENT, MARIA, f"{id}:urgent")
    now = front.now(inquiry)
    assert (now.wishes, now.revision, now.stage) == ((Wish.URGENT,), 1, Stage.ANSWERED)
    assert front.queue.of("wish") == (("wish", id, Wish.URGENT),)


def test_a_wish_whose_call_was_not_queued_is_queued_when_it_comes_again(front: Front) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    id = front.answer(inquiry).id
    front.queue.faults = [StoreUnavailable("store-unavailable", "away", "")]
    with pytest.raises(StoreUnavailable):
        front.reception.wish(id, Wish.PERSON, MARIA, "k")
    front.reception.wish(id, Wish.PERSON, MARIA, "k")
    assert front.queue.of("wish") == (("wish", id, Wish.PERSON),)


OTHERS = [JOSEF, replace(MARIA, team="T2"), Asker("T1", "")]


@pytest.mark.parametrize("by", OTHERS, ids=["somebody else", "of another workspace", "nobody"])
def test_only_who_asked_answers_wishes_and_reads(front: Front, by: Asker) -> None:
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    before = front.answer(inquiry)
    assert front.reception.told(before.id, Told(clicked=True), by, "k") is None
    assert front.reception.wish(before.id, Wish.PERSON, by, "k") is None
    assert front.reception.find(before.id, by) is None
    assert front.reception.find(before.id, replace(MARIA, name="Maria E.")) == before
    assert front.now(before) == before
    assert front.queue.of("wish") == ()


def test_nothing_is_told_of_what_is_unknown_or_forgotten(front: Front) -> None:
    assert front.reception.told("nothing2", Told(clicked=True), MARIA, "k") is None
    (inquiry,) = front.take(direct(ROOT, "is this real?"))
    front.reception.forget(MARIA)
    assert inquiry is not None
    assert front.reception.told(inquiry.id, Told(clicked=True), MARIA, "k") is None
    assert front.reception.wish(inquiry.id, Wish.PERSON, MARIA, "k") is None


def test_somebody_over_their_rate_hears_it_each_time_and_others_are_taken(front: Front) -> None:
    front.limit = 2
    taken = front.take(*(direct(f"17640{number:05d}.000100", "is this real?") for number in range(0, 50_000, 10_000)))
    assert [each is not None for each in taken] == [True, True, False, False, False]
    assert front.queue.of("remark") == tuple(
        ("remark", Place("D1", f"{ts}.000100"), "rate-limited", f"T1:D1:{ts}.000100")
        for ts in (1764020000, 1764030000, 1764040000)
    )
    assert front.take(direct("1764090000.000100", "and I?", asker=JOSEF)) != [None]
    front.clock.go(timedelta(hours=1, seconds=1))


def test_repeated_deliveries_do_not_use_up_the_rate(front: Front) -> None:
    front.limit = 1
    front.take(*[direct(ROOT, "is this real?")] * 5)
    assert front.queue.of("remark") == ()


def test_one_delivery_by_many_connections_counts_once_and_so_does_what_is_added(front: Front) -> None:
    front.limit = 1
    same = direct(ROOT, "is this real?")
    assert [front.reception._is_too_many(same) for _ in range(5)] == [False] * 5
    front.take(same, *(direct(f"176400{n}000.000100", f"more {n}", thread=ROOT) for n in range(1, 5)))
    assert front.queue.of("remark") == ()


def test_a_refused_delivery_that_comes_again_is_refused_again(front: Front) -> None:
    front.limit = 1
    over = direct("1764050000.000100", "and this?")
    assert front.take(direct(ROOT, "is this real?"), over, over)[1:] == [None, None]


@pytest.mark.parametrize(
    "words", ["I clicked the link", "i have just typed my PIN in", "We already paid", "my password"]
)
def test_who_says_that_harm_was_done_is_never_refused(front: Front, words: str) -> None:
    front.limit = 1
    assert None not in front.take(direct(ROOT, "is this real?"), direct("1764050000.000100", words))


def mailed(number: int, address: str = MARIA.address, user: str = MARIA.user) -> Submission:
    """As it comes to a channel's address; anybody can write such a From."""
    sent = posted(f"1764{number:06d}.000100", "", asker=replace(MARIA, user=user, address=address, verified=False))
    return replace(sent, pieces=(Piece(sent.place.thread, file=replace(EML, id=f"F{number}", mode="email")),))


def test_mails_that_claim_a_members_address_dont_use_up_the_members_rate(front: Front) -> None:
    front.limit = 2
    taken = front.take(*map(mailed, range(10)))
    assert [each is not None for each in taken] == [True, True, *[False] * 8]
    assert len(front.queue.of("remark")) == 2, "a flood from outside gets no flood of answers"
    assert front.take(posted("1764090000.000100", HEAD)) != [None]
    assert front.take(mailed(20, "joe@example.org", "")) != [None], "nor anybody else's"


def test_a_channel_takes_so_many_forwarded_mails_together(front: Front) -> None:
    front.limit = 2
    taken = front.take(*(mailed(number, f"a{number}@example.org", "") for number in range(25)))
    assert [each is not None for each in taken] == [*[True] * 20, *[False] * 5]
    assert len(front.queue.of("remark")) == 1


def test_what_a_forwarded_mail_claims_is_not_what_a_person_asked_but_may_be_forgotten(front: Front) -> None:
    (claimed,) = front.take(mailed(1))
    assert front.reception.of(MARIA) == ()
    assert front.reception.forget(MARIA) == 1
    assert front.now(claimed).stage is Stage.FORGOTTEN


def test_what_one_inquiry_cannot_hold_any_more_is_not_taken_and_told(front: Front) -> None:
    first = front.reception.receive(direct("1764000000.000100", "x" * 1_500_000))
    assert first is not None
    kept = front.reception.receive(direct("1764000100.000100", "y" * 600_000, thread="1764000000.000100"))
    assert kept is not None
    assert (kept.id, kept.pieces, kept.revision) == (first.id, first.pieces, 1)
    assert [job[2] for job in front.queue.of("remark")] == ["rate-limited"]


def test_a_remark_is_queued_once(front: Front) -> None:
    for _ in range(2):
        front.reception.remark(Place("D1", ROOT), "thanks", "T1:D1:9")
    assert front.queue.jobs == [("remark", Place("D1", ROOT), "thanks", "T1:D1:9")]


def test_guests_and_strangers_are_recorded_as_what_they_are(front: Front) -> None:
    guest = replace(MARIA, belonging=Belonging.GUEST)
    (inquiry,) = front.take(direct(ROOT, "is this real?", asker=guest))
    assert front.now(inquiry).asker.belonging is Belonging.GUEST


def test_what_a_person_asked_is_listed_the_newest_first(front: Front) -> None:
    one = front.take(direct(ROOT, "a?"))[0]
    front.clock.go(timedelta(minutes=1))
    two = front.take(direct("1764000060.000100", "b?"))[0]
    assert front.reception.of(MARIA) == (two, one)


def test_without_the_store_nothing_is_taken_and_slack_is_not_told_so(tmp_path: object) -> None:
    from bot.adapters.store import Line

    record = RedisInquiries(Line(f"unix://{tmp_path}/nothing.sock"), TestClock())
    with pytest.raises(StoreUnavailable):
        Front(record, TestClock()).take(direct(ROOT, "hello?"))
