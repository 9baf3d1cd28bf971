"""Jobs: whatever happens to worker, store and Slack, each report gets its one answer, or is given up in the open."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dramatiq.middleware import Shutdown, TimeLimitExceeded
from redis.exceptions import ConnectionError as NoConnection

from bot.adapters.fate import pause
from bot.adapters.inquiries import FORGOTTEN_AT_ONCE
from bot.adapters.store import Line
from bot.engine import LoopEngine
from bot.errors import Shown, StoreUnavailable, TooLarge
from bot.model import Exhibit, FileRef, Place, Reader, Report, Stage, Submission, Surface, Told, Verdict, Wish
from bot.ports import Doubtful, Later
from bot.upkeep import Upkeep
from tests.deskline import PASTED, Office, ScriptedEngine, engine, open_office, pasted, until
from tests.inquirykit import JOSEF, MARIA
from tests.inquirykit import inquiry as make_inquiry
from tests.storefixtures import line, server

__all__ = ["engine", "line", "server"]
ROOT = "1764000000.000100"
EML = (Exhibit(PASTED.encode(), "a.eml"),)
GONE = Shown("channel-gone", "The channel isn't there any more.", "Choose another.")


def kinds(office: Office) -> list[str]:
    return [each.what for each in office.voice.said]


def test_a_report_goes_over_the_queue_to_one_acknowledgement_and_one_answer(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        inquiry = office.reception.receive(pasted(ROOT))
        assert office.answered(inquiry)
        assert kinds(office)[:2] == ["acknowledge", "answer"]
        (answer,) = office.voice.heard("answer")
        assert answer.outcome is not None
        assert answer.outcome.diagnosis.verdict is Verdict.SPOOFED_ADDRESS
        assert (answer.outcome.sender_address, answer.outcome.server_ip) == ("boss@example.org", "192.0.2.7")
        assert (answer.outcome.reply.reader, answer.outcome.technician.reader) == (Reader.RECEIVER, Reader.TECHNICIAN)
        assert {"verdicts"} <= set(office.meter.names())
        assert {what for what, _, _ in office.meter.timed} >= {"acknowledgement", "verdict", "check", "job"}
        assert office.voice.busy == [True, False]


def test_a_report_from_a_modal_lives_in_the_thread_that_the_acknowledgement_opens(
    line: Line, engine: LoopEngine
) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        from_modal = replace(pasted(ROOT), surface=Surface.COMMAND, key="view:V1", place=Place("UMARIA"))
        inquiry = office.reception.receive(from_modal)
        assert office.answered(inquiry)
        root = office.voice.heard("acknowledge")[0].said
        assert office.voice.heard("answer")[0].place == Place("UMARIA", root.ts)
        found = office.inquiries.at(Place("UMARIA", root.ts))
        assert found is not None
        assert inquiry is not None
        assert found.id == inquiry.id


def test_a_step_without_a_person_is_completed_without_a_word(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        step = Submission("function:Fx1", Surface.WORKFLOW, MARIA, Place(""), pasted(ROOT).pieces, step="Fx1")
        assert office.answered(office.reception.receive(step))
        assert office.voice.said == [] or kinds(office) == ["call_technicians"]
        ((id, outcome, why),) = office.voice.steps
        assert (id, why) == ("Fx1", None)
        assert outcome is not None


def test_slack_may_ask_to_wait_at_every_word_and_each_is_said_once(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        for what in ("acknowledge", "answer"):
            office.voice.faults[what] = [Later(1, "429"), Later(1, "429")]
        office.worker.start()
        assert office.answered(office.reception.receive(pasted(ROOT)))
        assert sorted(kinds(office)[:2]) == ["acknowledge", "answer"]
        assert office.voice.searched == []
        assert ("retries", (("job", "check"), ("why", "later"))) in office.meter.counted


def test_a_send_whose_fate_is_unknown_is_looked_up_before_it_is_sent_again(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.voice.spoken_faults["answer"] = [Doubtful()]
        office.worker.start()
        assert office.answered(office.reception.receive(pasted(ROOT)))
        assert len(office.voice.heard("answer")) == 1
        assert office.voice.searched == ["answer-1"]


def test_what_cannot_be_read_is_answered_too(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        step = replace(pasted(ROOT, "  "), step="Fx1")
        assert office.answered(office.reception.receive(step))
        (told,) = office.voice.heard("cannot")
        assert told.why is not None
        assert (told.mark, told.why.code) == ("answer-1", office.voice.steps[0][2] and office.voice.steps[0][2].code)


def test_files_are_fetched_once_though_the_job_comes_again(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.materials.files = {"F1": EML, "F2": (Exhibit(b"hello", "note.txt"),)}
        office.materials.faults = []
        office.voice.faults["answer"] = [Later(1, "429")]
        office.worker.start()
        assert office.answered(office.reception.receive(pasted(ROOT, "", files=(FileRef("F1"), FileRef("F2")))))
        assert office.materials.fetched == ["F1", "F2"]


def test_a_file_host_that_asks_to_wait_is_waited_for(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.materials.files, office.materials.faults = {"F1": EML}, [Later(1, "503")]
        office.worker.start()
        assert office.answered(office.reception.receive(pasted(ROOT, "", files=(FileRef("F1"),))))
        assert office.materials.fetched == ["F1", "F1"]
        assert len(office.voice.heard("answer")) == 1


def test_of_several_files_one_that_is_gone_is_said_and_the_rest_is_judged(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.materials.files = {"F1": EML}
        office.worker.start()
        assert office.answered(office.reception.receive(pasted(ROOT, "", files=(FileRef("F1"), FileRef("F2")))))
        assert [(each.mark, each.why and each.why.code) for each in office.voice.heard("cannot")] == [
            ("missing-file-gone", "file-gone")
        ]
        assert len(office.voice.heard("answer")) == 1


def test_of_several_mails_at_once_each_is_judged(line: Line, engine: LoopEngine) -> None:
    other = tuple(replace(each, content=each.content.replace(b"<1@sender.test>", b"<2@sender.test>")) for each in EML)
    with open_office(line, engine) as office:
        office.materials.files = {"F1": EML, "F2": other}
        office.worker.start()
        assert office.answered(office.reception.receive(pasted(ROOT, "", files=(FileRef("F1"), FileRef("F2")))))
        assert until(lambda: len(office.voice.heard("answer")) == 2)
        assert office.voice.heard("cannot") == ()


def test_what_the_owner_must_mend_is_told_to_the_technicians_once_and_not_for_each_report(
    line: Line, engine: LoopEngine
) -> None:
    with open_office(line, engine) as office:
        denied = Shown("missing-scope", "The scope is missing.", "Add it.")
        office.materials.faults = [denied, denied]
        office.worker.start()
        for number in ("1", "2"):
            ts = f"176400000{number}.000100"
            assert office.answered(office.reception.receive(pasted(ts, "", files=(FileRef(f"F{number}"),))))
        assert [each.why and each.why.code for each in office.voice.heard("complain")] == ["missing-scope"]
        assert len(office.voice.heard("cannot")) == 2


def test_a_file_that_is_all_there_is_and_gone_is_the_answer(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.materials.faults = [TooLarge("too-large", "That file is too large.", "Send the headers.")]
        office.worker.start()
        assert office.answered(office.reception.receive(pasted(ROOT, "", files=(FileRef("F1"),))))
        assert [each.mark for each in office.voice.said if each.what != "acknowledge"] == ["answer-1"]


def test_a_ticket_and_a_wish_call_the_technicians_once_each(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        urgent = replace(pasted(ROOT), told=Told(typed_password=True))
        inquiry = office.reception.receive(urgent)
        assert office.answered(inquiry)
        assert inquiry is not None
        for _ in range(2):
            office.desk.queue.wish(inquiry.id, Wish.PERSON)
        assert until(lambda: len(office.voice.heard("call_technicians")) >= 2)
        assert until(lambda: sum(depth.unfinished + depth.waiting for depth in office.letters.depth()) == 0)
        calls = office.voice.heard("call_technicians")
        assert [each.wish for each in calls] == [None, Wish.PERSON]
        assert [(each.code, each.place) for each in office.voice.heard("remark")] == [
            ("noted-person", Place("D1", ROOT))
        ]


def test_where_technicians_cannot_be_called_the_answer_stands_and_a_wish_is_told(
    line: Line, engine: LoopEngine
) -> None:
    with open_office(line, engine) as office:
        office.voice.faults["call_technicians"] = [GONE, GONE]
        office.worker.start()
        inquiry = office.reception.receive(replace(pasted(ROOT), told=Told(typed_password=True)))
        assert office.answered(inquiry)
        assert inquiry is not None
        office.reception.wish(inquiry.id, Wish.PERSON, MARIA, "k")
        assert until(lambda: office.voice.heard("remark"))
        (remark,) = office.voice.heard("remark")
        assert (remark.code, remark.place) == ("no-technicians", Place("D1", ROOT))


def test_more_material_is_answered_with_what_was_said_before(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        inquiry = office.reception.receive(pasted(ROOT, "My boss wants gift cards, is this mail real?"))
        assert office.answered(inquiry)
        office.reception.receive(pasted("1764000100.000100", thread=ROOT))
        assert until(lambda: len(office.voice.heard("answer")) == 2)
        assert office.answered(inquiry)
        assert inquiry is not None
        now = office.inquiries.find(inquiry.id)
        assert now is not None
        assert now.outcome is not None
        assert now.previous is not None
        assert (now.previous.revision, now.outcome.revision) == (1, 2)
        assert [each.mark for each in office.voice.heard("answer")] == ["answer-1", "answer-2"]
        assert len(office.voice.heard("acknowledge")) == 1


def test_material_that_comes_while_it_is_checked_is_answered_and_the_stale_verdict_isnt(
    line: Line, engine: LoopEngine
) -> None:
    with open_office(line, engine) as front:

        def more(report: Report) -> None:
            if b"keep it" not in b"".join(each.content for each in report.exhibits):
                front.reception.receive(pasted("1764000100.000100", thread=ROOT))

        with open_office(line, ScriptedEngine(engine, more), voice=front.voice) as office:
            office.worker.start()
            inquiry = office.reception.receive(pasted(ROOT, "My boss wants gift cards, is this mail real?"))
            assert office.answered(inquiry)
        assert [each.mark for each in front.voice.heard("answer")] == ["answer-2"]


def test_what_is_forgotten_while_it_is_checked_is_never_answered_nor_kept(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as front:

        def forget(_: Report) -> None:
            front.inquiries.forget(MARIA, datetime.now(UTC))

        scripted = ScriptedEngine(engine, forget)
        with open_office(line, scripted, voice=front.voice) as office:
            office.worker.start()
            inquiry = office.reception.receive(pasted(ROOT))
            assert until(lambda: sum(each.unfinished + each.waiting for each in office.letters.depth()) == 0)
            assert until(lambda: scripted.checked == 1)
        assert front.voice.heard("answer") == ()
        assert inquiry is not None
        kept = front.inquiries.find(inquiry.id)
        assert kept is not None
        assert (kept.stage, kept.pieces, kept.outcome) == (Stage.FORGOTTEN, (), None)


def test_what_fails_for_good_is_told_to_person_and_technicians_kept_and_can_be_retried(
    line: Line, engine: LoopEngine
) -> None:
    broken = [True]

    def fail(_: Report) -> None:
        if broken[0]:
            raise RuntimeError("From: boss@example.org wants gift cards")

    with open_office(line, ScriptedEngine(engine, fail)) as office:
        office.worker.start()
        inquiry = office.reception.receive(replace(pasted(ROOT), step="Fx1"))
        assert until(lambda: office.stage(inquiry) is Stage.FAILED)
        assert until(lambda: office.voice.heard("cannot"))
        (told,), (complaint,) = office.voice.heard("cannot"), office.voice.heard("complain")
        assert told.why is not None
        assert told.why.code == "given-up"
        assert complaint.why == told.why
        assert until(lambda: office.letters.dead())
        (dead,) = office.letters.dead()
        assert inquiry is not None
        assert (dead.job, dead.args, dead.why, dead.tries) == ("check", (inquiry.id, "1"), "RuntimeError", 4)
        assert office.letters.show(dead.id) == dead
        assert "gift cards" not in str(dead), "no word of the mail"
        assert office.letters.depth()[1].dead == 1
        broken[0] = False
        office.letters.retry(dead.id)
        assert office.answered(inquiry)
        assert len(office.voice.heard("answer")) == 1
        assert office.letters.dead() == ()
        with pytest.raises(Shown, match="no job of that id"):
            office.letters.show(dead.id)


def test_an_answer_that_can_never_be_said_is_given_up_at_once(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.voice.faults["answer"] = [GONE]
        office.voice.faults["cannot"] = [GONE]
        office.worker.start()
        inquiry = office.reception.receive(pasted(ROOT))
        assert until(lambda: office.stage(inquiry) is Stage.FAILED)
        assert until(lambda: office.letters.dead())
        assert [each.why for each in office.letters.dead()] == ["channel-gone"]
        assert len(office.voice.heard("complain")) == 1


def test_a_job_that_is_too_old_is_given_up(line: Line, engine: LoopEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.queue._AGE_MS", 1)
    with open_office(line, engine) as office:
        inquiry = office.reception.receive(pasted(ROOT))
        time.sleep(0.05)
        monkeypatch.undo()
        office.worker.start()
        assert until(lambda: {each.why for each in office.letters.dead()} == {"too-old"})
        assert office.stage(inquiry) in (Stage.RECEIVED, Stage.FAILED)


PAUSES = [
    (Later(7, "429"), 0, 7.0, False),
    (Later(0, "429"), 9, 0.2, False),
    (Doubtful(), 0, 2.0, False),
    (Doubtful(), 1, 4.0, False),
    (StoreUnavailable("store-unavailable", "", ""), 0, 1.0, False),
    (StoreUnavailable("store-unavailable", "", ""), 9, 60.0, False),
    (NoConnection(), 3, 8.0, False),
    (Shutdown(), 5, 0.0, False),
    (RuntimeError(), 0, 2.0, True),
    (RuntimeError(), 2, 32.0, True),
    (TimeLimitExceeded(), 0, 2.0, True),
]


@pytest.mark.parametrize(("fault", "tries", "seconds", "counted"), PAUSES)
def test_each_fault_has_its_pause(fault: BaseException, tries: int, seconds: float, counted: bool) -> None:
    after = pause(fault, tries)
    assert after is not None
    assert (after.seconds, after.counted) == (seconds, counted)


def test_what_is_shown_has_no_second_try() -> None:
    assert pause(GONE, 0) is None


def test_a_report_whose_job_was_lost_is_found_and_answered(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        inquiry = office.reception.receive(pasted(ROOT))
        with line.client() as client:
            client.delete("checkmail:prompt", "checkmail:prompt.msgs", "checkmail:checks", "checkmail:checks.msgs")
        office.worker.start()
        upkeep = Upkeep(office.inquiries, office.desk.queue, office.meter)
        assert upkeep.sweep() == 0, "not yet"
        with line.client() as client:
            assert inquiry is not None
            client.zadd("checkmail:waiting", {inquiry.id: time.time() - 1})
        assert upkeep.sweep() == 1
        assert office.answered(inquiry)
        assert kinds(office)[:2] == ["acknowledge", "answer"]
        assert upkeep.sweep() == 0


def test_a_wish_whose_job_was_lost_is_found_and_heard(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        office.worker.start()
        inquiry = office.reception.receive(pasted(ROOT))
        assert inquiry is not None
        assert office.answered(inquiry)
        office.inquiries.change(inquiry.id, lambda kept: replace(kept, wishes=(Wish.PERSON,)))
        with line.client() as client:
            client.zadd("checkmail:waiting", {inquiry.id: time.time() - 1})
        upkeep = Upkeep(office.inquiries, office.desk.queue, office.meter)
        assert upkeep.sweep() == 1
        assert until(lambda: office.voice.heard("remark"))
        assert [each.wish for each in office.voice.heard("call_technicians")].count(Wish.PERSON) == 1
        assert len(office.voice.heard("answer")) == 1
        assert upkeep.sweep() == 0


def test_very_many_are_forgotten_by_a_job(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        for number in range(FORGOTTEN_AT_ONCE + 2):
            office.reception.inquiries.open(
                replace(make_inquiry(place=Place("D1", f"{number}.1")), received_at=datetime.now(UTC)), f"k{number}"
            )
        assert office.reception.forget(MARIA) == FORGOTTEN_AT_ONCE
        assert len(office.inquiries.of(MARIA)) == 2
        office.worker.start()
        assert until(lambda: not office.inquiries.of(MARIA))


def test_of_many_who_report_one_mail_each_is_answered_and_one_is_checked(line: Line, engine: LoopEngine) -> None:
    scripted = ScriptedEngine(engine, lambda _: time.sleep(0.2))
    with open_office(line, scripted, threads=8) as office:
        people = [replace(MARIA, user=f"U{number}") for number in range(8)]
        taken = [
            office.reception.receive(pasted(f"17640000{number:02d}.000100", asker=person))
            for number, person in enumerate(people)
        ]
        office.worker.start()
        assert office.answered(*taken)
        assert len(office.voice.heard("answer")) == 8
        assert scripted.checked == 1


def test_who_writes_while_all_checks_wait_is_acknowledged_at_once(line: Line, engine: LoopEngine) -> None:
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def slowly(_: Report) -> None:
        waiting.release()
        assert go_on.wait(20)

    with open_office(line, ScriptedEngine(engine, slowly), threads=2) as office:
        office.worker.start()
        texts = [PASTED.replace("gift", word) for word in ("red", "blue", "green")]
        people = [replace(JOSEF, user=f"U{number}") for number in range(3)]
        for number in range(2):
            office.reception.receive(pasted(f"176400000{number}.000100", texts[number], asker=people[number]))
            assert waiting.acquire(timeout=20)
        last = office.reception.receive(pasted("1764000009.000100", texts[2], asker=people[2]))
        assert until(lambda: len(office.voice.heard("acknowledge")) == 3)
        assert office.voice.heard("answer") == ()
        go_on.set()
        assert office.answered(last)


def test_a_stop_finishes_what_runs_and_leaves_the_rest_to_others(line: Line, engine: LoopEngine) -> None:
    began, go_on = threading.Event(), threading.Event()

    def slowly(_: Report) -> None:
        began.set()
        assert go_on.wait(20)

    with open_office(line, ScriptedEngine(engine, slowly), threads=1) as stopping:
        first = stopping.reception.receive(pasted(ROOT, PASTED))
        stopping.worker.start()
        assert began.wait(20)
        second = stopping.reception.receive(pasted("1764000100.000100", PASTED.replace("gift", "iTunes")))
        threading.Timer(0.3, go_on.set).start()
        stopping.worker.drain(20)
        assert stopping.stage(first) is Stage.ANSWERED
        assert stopping.stage(second) is Stage.RECEIVED
        with open_office(line, engine) as other:
            other.worker.start()
            assert other.answered(second)


def test_a_job_that_outlasts_the_stop_is_handed_back_at_once(line: Line, engine: LoopEngine) -> None:
    began = threading.Event()

    def endless(_: Report) -> None:
        began.set()
        for _tick in range(2_000):
            time.sleep(0.01)

    with open_office(line, ScriptedEngine(engine, endless), threads=1) as stopping:
        inquiry = stopping.reception.receive(pasted(ROOT))
        stopping.worker.start()
        assert began.wait(20)
        stopping.worker.drain(0.2)
        with open_office(line, engine) as other:
            other.worker.start()
            assert other.answered(inquiry)
            assert stopping.voice.heard("answer") == ()
            assert len(other.voice.heard("answer")) == 1
            assert other.inquiries.begin(inquiry.id if inquiry else "", 1) == 1, "that was no crash"


def test_a_queue_tells_how_deep_it_is(line: Line, engine: LoopEngine) -> None:
    with open_office(line, engine) as office:
        for number in range(3):
            office.reception.receive(pasted(f"176400000{number}.000100", asker=replace(JOSEF, user=f"U{number}")))
        prompt, checks = office.letters.depth()
        assert (prompt.queue, prompt.waiting, prompt.delayed, prompt.dead) == ("prompt", 3, 0, 0)
        assert (checks.queue, checks.waiting, checks.unfinished) == ("checks", 3, 0)
        assert timedelta(0) <= timedelta(seconds=checks.oldest_s) < timedelta(minutes=1)
