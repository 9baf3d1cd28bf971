"""Commands, forms, buttons, shortcuts, workflow steps and Home, as signed requests through the app."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt import BoltResponse

from bot.model import Asker, Belonging, Place, Reader, Stage, Surface, Told, Wish
from handlers.actions import ANSWER, EVIDENCE, FORGET, REPORT, WISHES, Answered, Harm, answered
from handlers.clicks import told_of_answer, told_of_harm
from tests.fakeslack import Answer, FakeSlack, running
from tests.handlerkit import (
    ALICE,
    FORWARDED,
    TEAM,
    FakePeople,
    RecordingReception,
    app,
    chosen,
    click,
    desk,
    forwarded,
    function_executed,
    inquiry,
    message,
    reception,
    send_command,
    send_event,
    send_payload,
    shortcut,
    submission,
    ticked,
    typed,
    upload,
)

WHO = Asker(TEAM, ALICE.user)
"""Who clicks or submits: only who they are matters."""


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with running() as fake:
        yield fake


def command(fake: FakeSlack, taken: RecordingReception, text: str, **changed: Any) -> BoltResponse:
    return send_command(app(fake, desk(taken, **changed)), text)


# /checkmail


def test_the_command_with_text_checks_the_text_in_direct_message(slack: FakeSlack) -> None:
    taken = reception()
    answer = command(slack, taken, "From: &lt;m@example.com&gt; asks for gift cards")
    assert (answer.status, answer.body) == (200, "[command-taken]")
    [made] = taken.received
    assert (made.surface, made.place, made.key) == (Surface.COMMAND, Place(ALICE.user), "command:1.2.three")
    assert made.pieces[0].text == "From: <m@example.com> asks for gift cards"
    assert slack.of("views.open") == []


def test_the_command_alone_opens_the_form(slack: FakeSlack) -> None:
    answer = command(slack, reception(), "  ")
    assert (answer.status, answer.body) == (200, "")
    [opened] = slack.of("views.open")
    assert (opened["trigger_id"], opened["view"]["callback_id"]) == ("1.2.three", "checkmail_report")


def test_where_no_form_opens_the_command_explains_itself(slack: FakeSlack) -> None:
    slack.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    assert command(slack, reception(), "").body == "[command-help]"


WORDS = [
    ("help", "[command-help]"),
    ("HELP", "[command-help]"),
    ("hi", "[hello]"),
    ("statsu", "[command-unknown] word=statsu"),
]


@pytest.mark.parametrize(("word", "said"), WORDS)
def test_one_word_is_a_command_and_no_mail(slack: FakeSlack, word: str, said: str) -> None:
    taken = reception()
    assert command(slack, taken, word).body == said
    assert taken.received == []


def test_status_shows_what_this_person_asked(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry("i2"), inquiry("i1"), inquiry("i0", asker=Asker(TEAM, "U02BOB")))
    answer = json.loads(command(slack, taken, "status").body)
    assert (answer["text"], answer["blocks"]) == ("i2 i1", [{"type": "divider"}])


def test_forget_asks_first(slack: FakeSlack) -> None:
    taken = reception()
    assert command(slack, taken, "forget").body == ""
    assert slack.of("views.open")[0]["view"]["callback_id"] == "checkmail_forget"
    assert taken.forgotten == []


def test_over_their_rate_the_command_says_so(slack: FakeSlack) -> None:
    taken = reception()
    taken.full.append(True)
    assert command(slack, taken, "is this mail real?").body == "[rate-limited]"


def test_who_isnt_admitted_hears_it(slack: FakeSlack) -> None:
    taken = reception()
    assert command(slack, taken, "is this real?", admitted=frozenset({Belonging.GUEST})).body == "[not-admitted]"
    assert taken.received == []


def test_nobody_is_looked_up_before_a_form_opens(slack: FakeSlack) -> None:
    people, taken = FakePeople(), reception()
    taken.knows(inquiry())
    command(slack, taken, "", people=people)
    press(slack, taken, click(EVIDENCE), people=people)
    press(slack, taken, click(WISHES[Wish.URGENT]), people=people)
    assert len(slack.of("views.open")) == 3
    assert people.asked == []


def test_without_the_store_the_command_says_so_since_it_never_comes_again(slack: FakeSlack) -> None:
    taken = reception()
    taken.down.append(True)
    answer = command(slack, taken, "is this mail real?")
    assert (answer.status, answer.body) == (200, "[store-unavailable]")


def test_the_unexpected_is_told_below_the_command(slack: FakeSlack) -> None:
    taken = reception()
    taken.broken.append(ZeroDivisionError())
    answer = command(slack, taken, "is this mail real?")
    assert answer.status == 200
    assert answer.body.startswith("[unexpected] reference=")


# the forms


def submit(fake: FakeSlack, taken: RecordingReception, payload: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Submits a form; what it answers: nothing where it closes."""
    answer = send_payload(app(fake, desk(taken, **changed)), payload)
    assert answer.status == 200
    return dict(json.loads(answer.body)) if answer.body else {}


FULL = {
    "paste": typed("From: <m@example.com>\nSubject: a &amp; b"),
    "file": {"type": "file_input", "files": [upload(), upload("b.msg", id="F2")]},
    "claims": typed("  Maria   <maria@example.com> "),
    "harm": ticked("clicked", "typed-password"),
    "named": chosen("receiver"),
}


def test_a_form_with_everything_is_taken_as_it_was_typed(slack: FakeSlack) -> None:
    taken = reception()
    assert submit(slack, taken, submission("checkmail_report", FULL)) == {}
    [made] = taken.received
    assert (made.key, made.surface, made.place) == ("view:V01", Surface.COMMAND, Place(ALICE.user))
    assert made.pieces[0].text == "From: <m@example.com>\nSubject: a &amp; b"
    assert [piece.file.id for piece in made.pieces if piece.file] == ["F01MAIL", "F2"]
    assert made.told == Told(claims="Maria <maria@example.com>", clicked=True, typed_password=True)
    assert made.reader is Reader.RECEIVER


def test_someone_got_a_mail_from_me_is_another_reader(slack: FakeSlack) -> None:
    taken = reception()
    submit(
        slack, taken, submission("checkmail_report", FULL | {"named": chosen("own-account"), "harm": ticked("none")})
    )
    [made] = taken.received
    assert made.reader is Reader.NAMED
    assert made.told.own_account
    assert (made.told.clicked, made.told.paid) == (False, False)


def test_an_empty_form_says_what_is_missing_beside_its_field(slack: FakeSlack) -> None:
    taken = reception()
    empty = {"paste": typed(None), "file": {"type": "file_input", "files": []}, "harm": ticked(), "named": {}}
    assert submit(slack, taken, submission("checkmail_report", empty)) == {
        "response_action": "errors",
        "errors": {"paste": "[modal-nothing]"},
    }
    assert taken.received == []


FAULTS = [
    ({"full": True}, {}, {"paste": "[rate-limited]"}),
    ({}, {"admitted": frozenset[Belonging]()}, {"paste": "[not-admitted]"}),
    ({"down": True}, {}, {"paste": "[store-unavailable]"}),
]


@pytest.mark.parametrize(("state", "changed", "errors"), FAULTS)
def test_what_cant_be_taken_keeps_the_form_open(
    slack: FakeSlack, state: dict[str, bool], changed: dict[str, Any], errors: dict[str, str]
) -> None:
    taken = reception()
    for name in state:
        getattr(taken, name).append(True)
    assert submit(slack, taken, submission("checkmail_report", FULL), **changed)["errors"] == errors


def test_the_unexpected_is_told_in_the_form(slack: FakeSlack) -> None:
    taken = reception()
    taken.broken.append(ZeroDivisionError())
    errors = submit(slack, taken, submission("checkmail_report", FULL))["errors"]
    assert errors["paste"].startswith("[unexpected]")


def test_too_many_files_in_a_form_are_told(slack: FakeSlack) -> None:
    files = {"type": "file_input", "files": [upload(id=f"F{n}") for n in range(25)]}
    taken = reception()
    submit(slack, taken, submission("checkmail_report", {"file": files}))
    assert len(taken.received[0].pieces) == 20  # Slack lets nobody give more than ten


def test_what_was_clicked_or_typed_is_told_to_its_inquiry(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    payload = submission("checkmail_harm", {"harm": ticked("opened", "paid")}, metadata="i1")
    assert submit(slack, taken, payload) == {}
    assert taken.answers == [("i1", Told(opened=True, paid=True), WHO, "view:V01")]


@pytest.mark.parametrize(
    ("known", "values", "error"),
    [(True, {"harm": ticked()}, "[form-harm-hint]"), (False, {"harm": ticked("paid")}, "[gone]")],
)
def test_a_harm_form_without_tick_or_case_says_so(
    slack: FakeSlack, known: bool, values: dict[str, Any], error: str
) -> None:
    taken = reception()
    taken.knows(*([inquiry()] if known else []))
    payload = submission("checkmail_harm", values, metadata="i1")
    assert submit(slack, taken, payload)["errors"] == {"harm": error}


def test_who_it_claims_to_be_from_is_told_to_its_inquiry(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    assert submit(slack, taken, submission("checkmail_claims", {"claims": typed(" ")}, metadata="i1"))["errors"]
    assert submit(slack, taken, submission("checkmail_claims", {"claims": typed("Maria")}, metadata="i1")) == {}
    assert [told for _, told, _, _ in taken.answers] == [Told(claims="Maria")]


def test_forgetting_happens_when_the_form_says_so_and_is_confirmed(slack: FakeSlack) -> None:
    taken = reception()
    assert submit(slack, taken, submission("checkmail_forget", {})) == {}
    assert taken.forgotten == [WHO]
    assert taken.remarks == [(Place(ALICE.user), "command-forgotten", "view:V01")]


@pytest.mark.parametrize(("action", "callback"), [(REPORT, "checkmail_report"), (FORGET, "checkmail_forget")])
def test_homes_buttons_open_their_forms(slack: FakeSlack, action: str, callback: str) -> None:
    assert send_payload(app(slack, desk()), click(action, "")).status == 200
    assert slack.of("views.open")[0]["view"]["callback_id"] == callback


# buttons


def press(fake: FakeSlack, taken: RecordingReception, payload: dict[str, Any], **changed: Any) -> list[str]:
    """Clicks; what the person was told in passing."""
    assert send_payload(app(fake, desk(taken, **changed)), payload).status == 200
    return [call["text"] for call in fake.of("chat.postEphemeral")]


def test_the_evidence_opens_for_who_asked(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    assert press(slack, taken, click(EVIDENCE)) == []
    assert slack.of("views.open")[0]["view"]["callback_id"] == "evidence i1 False"


def test_others_are_told_that_it_isnt_theirs_and_nobody_else_sees_it(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    for action in (EVIDENCE, f"{ANSWER}_0", *WISHES.values()):
        value = Answered("i1", "sent-items", "yes").value if action.startswith(ANSWER) else "i1"
        press(slack, taken, click(action, value, user="U02BOB"))
    told = slack.of("chat.postEphemeral")
    assert [(call["text"], call["user"], call["channel"]) for call in told] == [
        ("[not-yours]", "U02BOB", "C01HELP")
    ] * 5
    assert {call["thread_ts"] for call in told} == {"1764000001.000100"}
    assert (taken.wishes, taken.answers, slack.of("views.open")) == ([], [], [])


def test_a_technician_may_look_at_the_evidence_with_the_raw_facts(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    people = FakePeople(technicians={"U02BOB"})
    press(slack, taken, click(EVIDENCE, user="U02BOB"), people=people)
    assert slack.of("views.open")[0]["view"]["callback_id"] == "evidence i1 True"


def test_a_technician_of_another_workspace_may_not(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry(asker=replace(ALICE, team="T99OTHER")))
    people = FakePeople(technicians={"U02BOB"})
    assert press(slack, taken, click(EVIDENCE, user="U02BOB"), people=people) == ["[not-yours]"]


@pytest.mark.parametrize("wish", list(Wish))
def test_a_wish_is_recorded_once_however_often_it_is_clicked(slack: FakeSlack, wish: Wish) -> None:
    taken = reception()
    taken.knows(inquiry())
    for at in ("1764000005.1", "1764000005.1", "1764000009.9"):
        assert press(slack, taken, click(WISHES[wish], at=at)) == []
    assert {(made, key) for _, made, _, key in taken.wishes} == {(wish, f"i1:{wish.value}")}
    assert bool(slack.of("views.open")) is (wish is Wish.URGENT)


def test_an_answer_that_came_too_late_is_asked_for_the_mail_again_and_hears_whom_to_call(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    taken.late.append(True)
    told = press(slack, taken, answer_to("sent-items", "yes"), help_desk="IT (555)")
    assert told == ["[gone] [call-us] help_desk=IT (555)"]


def test_in_the_help_desks_channel_everybody_may_call_a_person_but_opens_no_form_for_another(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry(surface=Surface.CHANNEL))
    for wish in Wish:
        press(slack, taken, click(WISHES[wish], user="U02BOB"))
    assert {wish for _, wish, _, _ in taken.wishes} == {Wish.URGENT, Wish.PERSON}
    assert [call["text"] for call in slack.of("chat.postEphemeral")] == ["[not-yours]"]
    assert slack.of("views.open") == []


def test_who_clicks_first_under_a_mail_of_nobody_adopts_it(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry(surface=Surface.CHANNEL, asker=Asker(TEAM, "", verified=False)))
    assert press(slack, taken, answer_to("sent-items", "yes")) == ["[noted-answer]"]
    kept = taken.inquiries.find("i1")
    assert kept is not None
    assert kept.asker == ALICE
    assert press(slack, taken, click(EVIDENCE, user="U02BOB"))[1:] == ["[not-yours]"]


def answer_to(question: str, choice: str) -> dict[str, Any]:
    return click(f"{ANSWER}_1", Answered("i1", question, choice).value)


def test_an_answer_is_told_to_its_inquiry(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    assert press(slack, taken, answer_to("sent-items", "no")) == ["[noted-answer]"]
    assert taken.answers == [("i1", Told(in_sent_items=False), WHO, f"i1:{ANSWER}_1:1764000005.1")]


def test_not_knowing_changes_nothing(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    assert press(slack, taken, answer_to("sent-items", "unsure")) == ["[noted-unsure]"]
    assert taken.answers == []


def test_saying_who_it_is_opens_the_form_for_it(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    assert press(slack, taken, answer_to("whose-address", "say")) == []
    assert slack.of("views.open")[0]["view"] == {
        "type": "modal",
        "callback_id": "checkmail_claims",
        "private_metadata": "i1",
    }


def test_having_clicked_is_urgent_and_asked_about(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    press(slack, taken, answer_to("did-you-click", "yes"))
    assert [wish for _, wish, _, _ in taken.wishes] == [Wish.URGENT]
    assert slack.of("views.open")[0]["view"]["callback_id"] == "checkmail_harm"


@pytest.mark.parametrize("value", ["", "i1", "i1 sent-items", "a b c d"])
def test_a_value_that_isnt_ours_is_nobodys(slack: FakeSlack, value: str) -> None:
    assert answered(value) is None
    taken = reception()
    assert press(slack, taken, click(f"{ANSWER}_0", value)) == []
    assert taken.answers == []


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_case_that_isnt_kept_any_more_is_told(slack: FakeSlack, forgotten: bool) -> None:
    taken = reception()
    taken.knows(*([inquiry(stage=Stage.FORGOTTEN)] if forgotten else []))
    for action in (EVIDENCE, f"{ANSWER}_0", *WISHES.values()):
        value = Answered("i1", "sent-items", "yes").value if action.startswith(ANSWER) else "i1"
        press(slack, taken, click(action, value))
    told = [call["text"] for call in slack.of("chat.postEphemeral")]
    assert told == ["[gone]", "[gone]", *(f"[gone{'' if wish is Wish.WRONG else '-called'}]" for wish in Wish)]
    assert (taken.wishes, taken.answers, slack.of("views.open")) == ([], [], [])


@pytest.mark.parametrize("refused", [{"ok": False, "error": "expired_trigger_id"}, Answer(b"", 503)])
def test_a_form_that_doesnt_open_loses_nothing(slack: FakeSlack, refused: Any) -> None:
    taken = reception()
    taken.knows(inquiry())
    slack.answers |= {"views.open": refused, "chat.postEphemeral": refused}
    press(slack, taken, click(WISHES[Wish.URGENT]))
    assert [wish for _, wish, _, _ in taken.wishes] == [Wish.URGENT]


def test_without_the_store_a_click_is_answered_in_words(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry())
    taken.down.append(True)
    press(slack, taken, click(WISHES[Wish.PERSON]))
    assert [call["text"] for call in slack.of("chat.postMessage")] == ["[store-unavailable]"]


ANSWERS = [
    ("ask-other-channel", "yes", Told(sender_confirms=True)),
    ("ask-other-channel", "no", Told(sender_denies=True)),
    ("second-address", "yes", Told(sender_confirms=True)),
    ("bounces", "yes", Told(bounces=True)),
    ("others-got-it", "no", Told(others_got_it=False)),
    ("sign-ins", "yes", Told(strange_account_signs=True)),
    ("did-you-click", "no", Told(clicked=False, opened=False, typed_password=False, paid=False)),
    ("did-you-click", "yes", None),
    ("sent-items", "unsure", None),
    ("usual-server", "yes", None),
]


@pytest.mark.parametrize(("question", "choice", "told"), ANSWERS)
def test_an_answer_says_what_it_says(question: str, choice: str, told: Told | None) -> None:
    assert told_of_answer(question, choice) == told


HARM = [
    ((), Told()),
    ((Harm.NONE,), Told(clicked=False, opened=False, typed_password=False, paid=False)),
    ((Harm.NONE, Harm.PAID), Told(paid=True)),
    ((Harm.CLICKED, Harm.OPENED), Told(clicked=True, opened=True)),
]


@pytest.mark.parametrize(("ticks", "told"), HARM)
def test_ticks_say_what_was_done_and_only_none_says_what_wasnt(ticks: tuple[Harm, ...], told: Told) -> None:
    assert told_of_harm(frozenset(ticks)) == told


# "Check this mail"


def choose(fake: FakeSlack, taken: RecordingReception, payload: dict[str, Any], **changed: Any) -> None:
    assert send_payload(app(fake, desk(taken, **changed)), payload).status == 200


def test_the_shortcut_takes_a_message_of_any_channel_and_answers_privately(slack: FakeSlack) -> None:
    taken = reception()
    chosen_message = message("Look at this", channel="C09OTHER", user="U02BOB", files=[upload()])
    choose(slack, taken, shortcut(chosen_message, channel="C09OTHER"))
    [made] = taken.received
    assert (made.surface, made.place, made.asker) == (Surface.SHORTCUT, Place(ALICE.user), ALICE)
    assert made.key == "T01TEST:C09OTHER:1764000001.000100:U01ALICE:1.2.three"
    assert made.about == Place("C09OTHER", "1764000001.000100")
    assert [bool(piece.file) for piece in made.pieces] == [False, True]


def test_two_people_may_choose_the_same_message(slack: FakeSlack) -> None:
    taken = reception()
    for user in (ALICE.user, "U02BOB", ALICE.user):
        choose(slack, taken, shortcut(message("x y", channel="C02GENERAL"), user=user))
    assert len({made.key for made in taken.received}) == 2


def test_the_shortcut_on_a_forwarded_mail_takes_it(slack: FakeSlack) -> None:
    taken = reception()
    choose(slack, taken, shortcut(forwarded("C02GENERAL")))
    assert taken.received[0].pieces[0].file is not None
    assert taken.received[0].pieces[0].file.id == FORWARDED["id"]
    assert taken.received[0].asker == ALICE


@pytest.mark.parametrize("chosen_message", [message(""), message("our answer", user="U0BOT")])
def test_the_shortcut_on_nothing_says_so_in_direct_message(slack: FakeSlack, chosen_message: dict[str, Any]) -> None:
    taken = reception()
    choose(slack, taken, shortcut(chosen_message))
    assert taken.received == []
    assert [(place, code) for place, code, _ in taken.remarks] == [(Place(ALICE.user), "shortcut-nothing")]


def test_the_shortcut_on_too_much_says_so(slack: FakeSlack) -> None:
    taken = reception()
    choose(slack, taken, shortcut(message("a" * 400_001)))
    assert [code for _, code, _ in taken.remarks] == ["text-too-long"]


def test_the_shortcut_of_somebody_not_admitted_is_refused(slack: FakeSlack) -> None:
    taken = reception()
    stranger = Asker(TEAM, "U66", belonging=Belonging.STRANGER)
    choose(slack, taken, shortcut(message("x y"), user="U66"), people=FakePeople({"U66": stranger}))
    assert [code for _, code, _ in taken.remarks] == ["not-admitted"]


# the workflow's step


def step(fake: FakeSlack, taken: RecordingReception, inputs: dict[str, Any], **changed: Any) -> None:
    assert send_event(app(fake, desk(taken, **changed)), function_executed(inputs)).status == 200


def test_a_step_is_taken_for_its_reporter(slack: FakeSlack) -> None:
    taken = reception()
    step(slack, taken, {"mail": "From: &lt;m@example.com&gt;", "reporter": ALICE.user, "claims": "Maria"})
    [made] = taken.received
    assert (made.key, made.surface, made.step) == ("function:Fx01", Surface.WORKFLOW, "Fx01")
    assert (made.place, made.asker, made.told) == (Place(ALICE.user), ALICE, Told(claims="Maria"))
    assert made.pieces[0].text == "From: <m@example.com>"


@pytest.mark.parametrize("reporter", ["C01GENERAL", "D01ALICE", "G01", "", "u01alice", "U01ALICE,C01GENERAL", None])
def test_a_step_whose_reporter_is_no_person_fails_and_says_nothing_to_anybody(slack: FakeSlack, reporter: Any) -> None:
    taken = reception()
    step(slack, taken, {"mail": "x y", "reporter": reporter})
    assert (taken.received, taken.remarks) == ([], [])
    [failed] = slack.of("functions.completeError")
    assert failed["error"] == "[step-failed] why=[step-no-person]"


def test_a_steps_rich_text_is_read(slack: FakeSlack) -> None:
    taken = reception()
    blocks = message("From: <m@example.com>")["blocks"]
    for value in (blocks, blocks[0]):
        step(slack, taken, {"mail": value, "reporter": ALICE.user})
    assert [made.pieces[0].text for made in taken.received] == ["From: <m@example.com>"] * 2


FAILED = [
    ({"mail": "  ", "reporter": ALICE.user}, {}, False, "modal-nothing"),
    ({"mail": "x y", "reporter": ALICE.user}, {}, True, "rate-limited"),
    ({"mail": "x y", "reporter": ALICE.user}, {"admitted": frozenset[Belonging]()}, False, "not-admitted"),
    ({"mail": "a" * 900_000, "reporter": ALICE.user}, {}, False, "text-too-long"),
]


@pytest.mark.parametrize(("inputs", "changed", "full", "code"), FAILED)
def test_a_step_that_cant_be_taken_fails_at_once(
    slack: FakeSlack, inputs: dict[str, Any], changed: dict[str, Any], full: bool, code: str
) -> None:
    taken = reception()
    taken.full.extend([True] if full else [])
    step(slack, taken, inputs, **changed)
    [call] = slack.of("functions.completeError")
    assert (call["function_execution_id"], call["error"]) == ("Fx01", f"[step-failed] why=[{code}]")


def test_without_the_store_a_step_comes_again(slack: FakeSlack) -> None:
    taken = reception()
    taken.down.append(True)
    made = app(slack, desk(taken))
    assert send_event(made, function_executed({"mail": "x y", "reporter": ALICE.user})).status == 500
    assert slack.of("functions.completeError") == []


# Home

OPENED = {"type": "app_home_opened", "user": ALICE.user, "channel": "D01ALICE", "tab": "home", "event_ts": "1.2"}


def test_home_shows_what_this_person_asked(slack: FakeSlack) -> None:
    taken = reception()
    taken.knows(inquiry("i2"), inquiry("i1"), inquiry("i0", asker=Asker(TEAM, "U02BOB")))
    assert send_event(app(slack, desk(taken)), OPENED).status == 200
    [published] = slack.of("views.publish")
    assert published["user_id"] == ALICE.user
    assert published["view"]["external_id"] == "i2 i1"


def test_a_home_that_cant_be_shown_is_no_error(slack: FakeSlack) -> None:
    slack.answers["views.publish"] = {"ok": False, "error": "not_enabled"}
    assert send_event(app(slack, desk()), OPENED).status == 200


def test_the_messages_tab_isnt_home(slack: FakeSlack) -> None:
    assert send_event(app(slack, desk()), OPENED | {"tab": "messages"}).status == 200
    assert slack.of("views.publish") == []
    assert len(slack.of("assistant.threads.setSuggestedPrompts")) == 1
