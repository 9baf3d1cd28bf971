"""Jobs: whatever happens to worker, store and Slack, each report gets its one answer, or is given up in the open."""

from pathlib import Path

from bot.model import Stage, Verdict
from tests.deskline import open_desk, pasted, until


def test_a_report_goes_from_the_reception_over_the_queue_to_one_acknowledgement_and_one_answer(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        desk.worker.start()
        inquiry = desk.reception.receive(pasted("1764000000.000100"))
        assert inquiry is not None
        assert until(lambda: (kept := desk.inquiries.find(inquiry.id)) and kept.stage is Stage.ANSWERED)
        assert [each.what for each in desk.voice.said][:2] == ["acknowledge", "answer"]
        (answer,) = desk.voice.heard("answer")
        assert answer.outcome is not None
        assert answer.outcome.diagnosis.verdict is Verdict.SPOOFED_ADDRESS
        assert answer.outcome.sender_address == "boss@example.org"
