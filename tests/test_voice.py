"""The voice over a workspace like Slack: where things are said, what a failure means, what is found again."""

import heapq
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.demo.workspace import Workspace
from bot.errors import Shown
from bot.model import Asker, Inquiry, Piece, Place, Surface, Ticket, Verdict, Wish
from bot.model.diagnosis import Priority
from bot.ports import Doubtful, Later
from handlers.pacing import Budget, Pace
from handlers.sending import EVENT, may_be_said, word
from handlers.voice import SlackVoice, make_voice
from tests.blocktext import as_text, inquiry, wording
from tests.deskfakes import NullMeter
from tests.test_blocks import made
from tests.workspace import ALICE, BOB, HELP_DESK, TECHNICIANS, client, workspace

WHY = Shown("not-a-mail", "No mail.", "Hand it in.")


@pytest.fixture(scope="module")
def running() -> Iterator[Workspace]:
    with workspace() as made_one:
        yield made_one


@pytest.fixture(autouse=True)
def healed(running: Workspace) -> Iterator[None]:
    yield
    running.heal()


def voice(running: Workspace, **changes: Any) -> SlackVoice:
    """Paced so that no test has to wait."""
    made_one = make_voice(client(running), wording(), NullMeter(), **{"technicians": TECHNICIANS, **changes})
    return replace(made_one, sender=replace(made_one.sender, pace=Pace(burst=1_000)))


def meter(of: SlackVoice) -> NullMeter:
    found = of.sender.meter
    assert isinstance(found, NullMeter)
    return found


def in_thread(running: Workspace, **changes: Any) -> Inquiry:
    """Something that Alice handed in by direct message."""
    posted = running.say(ALICE, "", "headers")
    piece = Piece(posted.ts, "headers")
    return inquiry(place=Place(posted.channel, posted.ts), asker=Asker("T1", ALICE), pieces=(piece,), **changes)


def in_channel(running: Workspace, **changes: Any) -> Inquiry:
    posted = running.say(ALICE, HELP_DESK, "headers")
    place = Place(posted.channel, posted.ts)
    return inquiry(place=place, surface=Surface.CHANNEL, pieces=(Piece(posted.ts, "headers"),), **changes)


def test_the_answer_stands_in_the_thread_with_its_mark_and_unfurls_nothing(running: Workspace) -> None:
    asked, result = in_thread(running), made(Verdict.SPOOFED_ADDRESS)
    said = voice(running).answer(asked, result, "answer-1")
    (message,) = running.said(asked.place.channel, asked.place.thread)
    assert (said.channel, said.ts, said.thread) == (asked.place.channel, message["ts"], asked.place.thread)
    assert as_text(message["blocks"]).startswith(result.reply.headline.split(". ")[0])
    sent = running.calls("chat.postMessage")[-1]["args"]
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["mrkdwn"], sent["parse"]) == (False, False, False, "none")
    assert sent["metadata"] == {"event_type": EVENT, "event_payload": {"inquiry": asked.id, "mark": "answer-1"}}


def test_without_a_thread_the_acknowledgement_is_a_root_in_direct_message_without_opening_it(
    running: Workspace,
) -> None:
    asked = inquiry(place=Place(ALICE), surface=Surface.COMMAND)
    before = len(running.calls("conversations.open"))
    said = voice(running).acknowledge(asked, "acknowledge")
    assert said.channel == running.direct(ALICE)
    assert said.thread == ""
    assert "The answer comes in this thread" in running.said(said.channel)[-1]["text"]
    assert len(running.calls("conversations.open")) == before


def test_what_was_said_is_found_by_its_mark_and_nothing_else_is(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    first = speaker.acknowledge(asked, "acknowledge")
    second = speaker.cannot(asked, WHY, "answer-1")
    assert speaker.find(asked.place, asked.id, "acknowledge") == first
    assert speaker.find(asked.place, asked.id, "answer-1") == second
    assert speaker.find(asked.place, asked.id, "answer-2") is None
    assert speaker.find(asked.place, "xxxx2345", "answer-1") is None


def test_another_apps_copy_of_our_marks_is_not_ours(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    speaker.acknowledge(asked, "acknowledge")
    speaker._opened[""] = "B0ANOTHER"
    assert speaker.find(asked.place, asked.id, "acknowledge") is None


def test_a_root_in_direct_message_is_found_by_the_persons_id(running: Workspace) -> None:
    speaker = voice(running)
    asked = inquiry(id="gggg2345", place=Place(BOB), surface=Surface.SHORTCUT)
    said = speaker.acknowledge(asked, "acknowledge")
    assert speaker.find(asked.place, asked.id, "acknowledge") == said
    assert speaker.find(asked.place, "hhhh2345", "acknowledge") is None


def test_a_remark_is_found_by_its_mark_alone(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    said = speaker.remark(asked.place, "thanks", "T1:D1:1.2")
    assert speaker.find(asked.place, "T1:D1:1.2", "T1:D1:1.2") == said


def test_a_long_thread_is_searched_page_by_page(running: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.voice._PAGE", 2)
    asked, speaker = in_thread(running), voice(running)
    for number in range(5):
        speaker.remark(asked.place, "thanks", f"m{number}")
    assert speaker.find(asked.place, "", "m4") is not None
    assert speaker.find(asked.place, "", "m9") is None


def test_a_post_in_the_technicians_channel_is_found_where_no_channel_is_named(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    said = speaker.complain(asked, WHY, "complain-1")
    assert said is not None
    assert said.channel == TECHNICIANS
    assert speaker.find(Place(""), asked.id, "complain-1") == said


def test_without_a_technicians_channel_nobody_is_called(running: Workspace) -> None:
    speaker = voice(running, technicians="")
    asked = in_thread(running, outcome=made(Verdict.HACKED_ACCOUNT))
    assert speaker.call_technicians(asked, Wish.PERSON, "wish-person") is None
    assert speaker.complain(asked, WHY, "complain-1") is None
    assert speaker.find(Place(""), asked.id, "complain-1") is None


def test_a_channels_case_has_a_permalink_and_a_private_one_asks_for_none(running: Workspace) -> None:
    ticket = Ticket("paid", Priority.URGENT, "The reporter paid.", "")
    result = replace(made(Verdict.HACKED_ACCOUNT), ticket=ticket)
    speaker = voice(running, group="S01TECH")
    before = len(running.calls("chat.getPermalink"))
    speaker.call_technicians(in_thread(running, outcome=result), None, "ticket-paid")
    assert len(running.calls("chat.getPermalink")) == before
    private = running.said(TECHNICIANS)[-1]
    assert "archives" not in json.dumps(private["blocks"])
    open_one = in_channel(running, outcome=result)
    speaker.call_technicians(open_one, None, "ticket-paid")
    called = running.said(TECHNICIANS)[-1]
    assert f"archives/{open_one.place.channel}" in json.dumps(called["blocks"])
    assert as_text(called["blocks"]).startswith("@S01TECH Act now: The reporter paid.")


def test_where_no_permalink_can_be_had_the_technicians_are_called_without(running: Workspace) -> None:
    running.fail("chat.getPermalink", "status", status=503)
    said = voice(running).call_technicians(in_channel(running), Wish.PERSON, "wish-person")
    assert said is not None


@pytest.mark.parametrize(
    ("harm", "how", "raised"),
    [
        ("rate", {"seconds": 7}, Later),
        ("status", {"status": 503}, Later),
        ("status", {"status": 502}, Doubtful),
        ("error", {"error": "service_unavailable"}, Later),
        ("error", {"error": "fatal_error"}, Doubtful),
        ("error", {"error": "channel_not_found"}, Shown),
        ("error", {"error": "is_archived"}, Shown),
        ("error", {"error": "not_in_channel"}, Shown),
        ("error", {"error": "user_disabled"}, Shown),
        ("error", {"error": "account_inactive"}, Shown),
        ("error", {"error": "missing_scope"}, Shown),
        ("cut-before", {}, Doubtful),
    ],
)
def test_a_failure_that_said_nothing_means_what_it_is(
    running: Workspace, harm: str, how: dict[str, Any], raised: type[Exception]
) -> None:
    asked, speaker = in_thread(running), voice(running)
    running.fail("chat.postMessage", harm, **how)
    with pytest.raises(raised):
        speaker.answer(asked, made(Verdict.GENUINE), "answer-1")
    assert running.said(asked.place.channel, asked.place.thread) == []
    assert [what for what, _ in meter(speaker).counted] == ["slack_errors"]
    running.heal()
    assert speaker.find(asked.place, asked.id, "answer-1") is None


def test_what_went_out_before_the_connection_broke_is_doubtful_and_found(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    running.fail("chat.postMessage", "cut-after")
    with pytest.raises(Doubtful):
        speaker.answer(asked, made(Verdict.GENUINE), "answer-1")
    assert speaker.find(asked.place, asked.id, "answer-1") is not None


def test_an_answer_that_comes_too_late_is_doubtful(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    speaker.sender.client.timeout = 1
    running.fail("chat.postMessage", "slow", seconds=3)
    with pytest.raises(Doubtful):
        speaker.answer(asked, made(Verdict.GENUINE), "answer-1")
    assert speaker.find(asked.place, asked.id, "answer-1") is not None


@pytest.mark.parametrize(
    ("reason", "doubtful"),
    [
        (ConnectionRefusedError(), False),
        (socket.gaierror(), False),
        (TimeoutError(), False),
        (ConnectionResetError(), True),
        (BrokenPipeError(), True),
    ],
)
def test_only_what_may_have_gone_out_is_doubtful(reason: OSError, doubtful: bool) -> None:
    assert may_be_said(URLError(reason)) is doubtful


def test_slack_says_how_long_to_wait_and_the_channel_is_quiet_that_long(running: Workspace) -> None:
    asked = in_thread(running)
    speaker = make_voice(client(running), wording(), NullMeter())
    running.fail("chat.postMessage", "rate", seconds=7)
    for _ in range(2):
        with pytest.raises(Later) as caught:
            speaker.remark(asked.place, "thanks", "m")
        assert 6 < caught.value.seconds <= 7
    assert len(running.calls("chat.postMessage")) >= 1
    speaker.remark(in_channel(running).place, "thanks", "m")


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_are_said_as_text(
    running: Workspace, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, speaker = in_thread(running), voice(running)
    running.fail("chat.postMessage", "error", error=code)
    result = made(Verdict.SPOOFED_NAME)
    speaker.answer(asked, result, "answer-1")
    (message,) = running.said(asked.place.channel, asked.place.thread)
    assert result.reply.headline.split(". ")[0] in message["text"]
    assert result.reply.steps[-1][:20] in message["text"]
    sent = running.calls("chat.postMessage")[-1]["args"]
    assert "blocks" not in sent
    assert sent["metadata"]["event_payload"]["mark"] == "answer-1"
    assert ("slack_blocks_refused", (("code", code),)) in meter(speaker).counted
    logged = capsys.readouterr().out
    assert "blocks refused" in logged
    assert result.reply.headline[:20] not in logged


def test_a_page_instead_of_an_answer_is_told_by_its_status_and_not_logged() -> None:
    answer = {"ok": False, "error": "Received a response in a non-JSON format: <html>Maria's mail"}
    response = SlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=answer, headers={}, status_code=502
    )
    refused = SlackApiError("x", response)  # type: ignore[no-untyped-call]
    assert word(refused) == "http_502"


def test_a_code_without_a_text_becomes_the_help_text(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    speaker.remark(asked.place, "never-heard", "m")
    assert running.said(asked.place.channel, asked.place.thread)[-1]["text"].startswith("Send me a mail")


def test_a_step_is_completed_with_what_the_manifest_declares_and_twice_is_once(running: Workspace) -> None:
    step = running.run_function("check_mail", {})
    asked, result, speaker = in_thread(running, step=step), made(Verdict.SPOOFED_NAME), voice(running)
    for _ in range(2):
        speaker.finish_step(asked, result, None)
    done = running.execution(step)
    outputs = done["outputs"] if isinstance(done["outputs"], dict) else json.loads(done["outputs"])
    assert outputs["verdict"] == "spoofed-name"
    assert outputs["confidence"] == 0.83
    assert result.reply.headline.split(". ")[0] in outputs["reply"]


def test_a_step_that_fails_says_why(running: Workspace) -> None:
    step = running.run_function("check_mail", {})
    voice(running).finish_step(in_thread(running, step=step), None, WHY)
    assert "I found no mail in that" in json.dumps(running.execution(step))


def test_the_status_line_is_shown_while_checking(running: Workspace) -> None:
    asked, speaker = in_thread(running), voice(running)
    speaker.working(asked, True)
    speaker.working(asked, False)
    speaker.signs.settle()
    (call,) = [each for each in running.calls("assistant.threads.setStatus") if asked.place.thread in json.dumps(each)]
    assert call["args"]["status"] == "is checking the mail…"
    assert not running.calls("reactions.add")


def test_in_a_channel_a_reaction_comes_and_goes(running: Workspace) -> None:
    asked, speaker = in_channel(running), voice(running)
    speaker.working(asked, True)
    speaker.signs.settle()
    message = next(each for each in running.messages(HELP_DESK) if each["ts"] == asked.place.thread)
    assert [each["name"] for each in message["reactions"]] == ["eyes"]
    speaker.working(asked, False)
    speaker.signs.settle()
    message = next(each for each in running.messages(HELP_DESK) if each["ts"] == asked.place.thread)
    assert not message.get("reactions")


@pytest.mark.parametrize("code", ["unknown_method", "missing_scope", "not_allowed_token_type"])
def test_where_there_is_no_status_line_it_is_a_reaction_from_then_on(running: Workspace, code: str) -> None:
    speaker = voice(running)
    lines, reactions = (len(running.calls(each)) for each in ("assistant.threads.setStatus", "reactions.add"))
    running.fail("assistant.threads.setStatus", "error", error=code)
    for _ in range(2):
        speaker.working(in_thread(running), True)
        speaker.signs.settle()
    # The refused call isn't in the log; a second one would have been answered, and be there.
    assert len(running.calls("assistant.threads.setStatus")) == lines
    assert len(running.calls("reactions.add")) == reactions + 2


@pytest.mark.parametrize("harm", ["rate", "status", "cut-before"])
def test_a_sign_never_raises_and_never_keeps_anybody_waiting(running: Workspace, harm: str) -> None:
    speaker = voice(running)
    running.fail("assistant.threads.setStatus", harm)
    running.fail("reactions.add", harm)
    speaker.working(in_thread(running), True)
    speaker.working(in_channel(running), True)
    speaker.working(inquiry(place=Place(ALICE)), True)
    speaker.signs.settle()


def test_what_a_closed_channel_does_not_take_goes_to_whoever_asked(running: Workspace) -> None:
    asked = replace(in_channel(running), asker=Asker("T1", ALICE))
    running.fail("chat.postMessage", "error", error="is_archived")
    said = voice(running).acknowledge(asked, "acknowledge")
    assert (said.channel, said.thread) == (running.direct(ALICE), "")
    running.fail("chat.postMessage", "error", 2, error="is_archived")
    with pytest.raises(Shown) as refused:
        voice(running).acknowledge(asked, "acknowledge")
    assert refused.value.code == "slack-is-archived"


def test_signs_have_a_budget(running: Workspace) -> None:
    speaker = voice(running)
    speaker.signs.reactions = Budget(2)
    before = len(running.calls("reactions.add"))
    asked = in_channel(running)
    for _ in range(5):
        speaker.working(asked, True)
    speaker.signs.settle()
    assert len(running.calls("reactions.add")) == before + 2


def test_a_channel_is_spoken_to_once_a_second_after_a_burst() -> None:
    now = 100.0
    pace = Pace(burst=3, clock=lambda: now)
    assert [pace.take("C1") for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]
    assert pace.take("C2") == 0.0
    now += 1.0
    assert [pace.take("C1") for _ in range(2)] == [0.0, 1.0]
    now += 60.0
    assert [pace.take("C1") for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]


def test_who_waits_to_speak_comes_again_once_however_many_wait() -> None:
    now = 100.0
    pace = Pace(burst=3, clock=lambda: now)
    waiting = [(100.0, number) for number in range(200)]
    tries = 0
    while waiting:
        at, number = heapq.heappop(waiting)
        now, tries = max(now, at), tries + 1
        if wait := pace.take("C1", f"inquiry:{number}"):
            heapq.heappush(waiting, (now + wait, number))
    assert tries <= 2 * 200
    assert now == pytest.approx(100.0 + 197)


def test_a_moment_that_falls_into_the_quiet_that_slack_asks_for_is_put_off() -> None:
    now = 100.0
    pace = Pace(burst=1, clock=lambda: now)
    assert [pace.take("C1", what) for what in "abc"] == [0.0, 1.0, 2.0]
    pace.hold("C1", 30.0)
    now += 2.0
    assert [pace.take("C1", what) for what in "bc"] == [pytest.approx(28.0), pytest.approx(29.0)]
    now += 28.0
    assert pace.take("C1", "b") == 0.0


def test_a_pace_that_slack_set_holds_and_forgotten_channels_do_not_pile_up() -> None:
    now = 100.0
    pace = Pace(clock=lambda: now)
    pace.hold("C1", 7.0)
    assert pace.take("C1") == pytest.approx(7.0)
    now += 7.0
    assert pace.take("C1") == 0.0
    for number in range(11_000):
        pace.take(f"X{number}")
    assert len(pace._buckets) == 10_000
