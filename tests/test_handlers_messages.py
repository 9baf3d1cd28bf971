"""Messages in direct message and in channels: what is material, what is small talk, what is nobody's business."""

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.errors import StoreUnavailable
from bot.model import Asker, Belonging, Place, Surface
from handlers import channel, direct
from tests.fakeslack import Answer, running
from tests.handlerkit import (
    ALICE,
    TEAM,
    FakePeople,
    RecordingReception,
    context,
    desk,
    envelope,
    forwarded,
    inquiry,
    message,
    reception,
    upload,
)

HEADERS = """Received: from a.example.net (a.example.net [203.0.113.9]) by mx.example.org; Tue, 24 Nov 2026 10:00 +0000
From: m@example.com
Message-ID: <1@example.com>"""


def tell(taken: RecordingReception, event: dict[str, Any], **changed: Any) -> None:
    direct.on_message(desk(taken, **changed), event, envelope(event), context())


def test_pasted_headers_in_direct_message_are_material_in_their_own_thread() -> None:
    taken = reception()
    tell(taken, message(HEADERS))
    [submission] = taken.received
    assert submission.surface is Surface.DIRECT
    assert submission.key == "T01TEST:D01ALICE:1764000001.000100"
    assert submission.place == Place("D01ALICE", "1764000001.000100")
    assert submission.asker == ALICE
    assert [piece.text for piece in submission.pieces] == [HEADERS]


def test_more_material_in_a_thread_names_that_thread() -> None:
    taken = reception()
    tell(taken, message(HEADERS, ts="1764000009.000100", thread_ts="1764000001.000100"))
    assert taken.received[0].place == Place("D01ALICE", "1764000001.000100")


def test_an_upload_with_a_question_brings_both() -> None:
    taken = reception()
    tell(taken, message("Is this real?", subtype="file_share", files=[upload(), upload("b.msg", id="F2")]))
    [submission] = taken.received
    assert [piece.text or (piece.file and piece.file.id) for piece in submission.pieces] == [
        "Is this real?",
        "F01MAIL",
        "F2",
    ]


@pytest.mark.parametrize(("said", "code"), [("Thanks!", "thanks"), ("hi", "hello"), ("help", "help"), ("", "empty")])
def test_small_talk_gets_a_short_reply_and_no_check(said: str, code: str) -> None:
    taken = reception()
    tell(taken, message(said))
    assert taken.received == []
    assert taken.remarks == [(Place("D01ALICE", "1764000001.000100"), code, "T01TEST:D01ALICE:1764000001.000100")]


def test_thanks_with_a_file_is_material() -> None:
    taken = reception()
    tell(taken, message("Thanks!", files=[upload()]))
    assert len(taken.received) == 1


@pytest.mark.parametrize("subtype", ["message_changed", "message_deleted", "channel_topic", "assistant_app_thread"])
def test_edits_deletions_and_notices_are_nothing_new(subtype: str) -> None:
    taken = reception()
    tell(taken, message(HEADERS, subtype=subtype))
    assert (taken.received, taken.remarks) == ([], [])


def test_too_many_files_at_once_are_told_and_not_taken() -> None:
    taken = reception()
    tell(taken, message(files=[upload(id=f"F{n}") for n in range(21)]))
    assert taken.received == []
    assert taken.remarks[0][1] == "too-many-files"


def test_who_isnt_admitted_is_told_where_to_turn() -> None:
    taken = reception()
    tell(taken, message(HEADERS), admitted=frozenset({Belonging.GUEST}))
    assert taken.received == []
    assert taken.remarks[0][1] == "not-admitted"


def test_without_the_store_the_message_isnt_taken() -> None:
    taken = reception()
    taken.down.append(True)
    with pytest.raises(StoreUnavailable):
        tell(taken, message(HEADERS))


def test_somebody_of_another_organisation_in_a_shared_channel_is_a_stranger() -> None:
    taken = reception()
    event = message(files=[upload()], channel="C01HELP", user_team="T99OTHER")
    made = desk(taken, admitted=frozenset(Belonging))
    channel.on_message(made, event, envelope(event, is_ext_shared_channel=True), context())
    assert taken.received[0].asker.belonging is Belonging.STRANGER


def test_our_own_people_in_a_shared_channel_are_no_strangers() -> None:
    taken = reception()
    event = message(files=[upload()], channel="C01HELP", user_team=TEAM)
    channel.on_message(desk(taken), event, envelope(event, is_ext_shared_channel=True), context())
    assert taken.received[0].asker == ALICE


CHANNEL = [
    ("an upload", message("look", files=[upload()], channel="C01HELP"), True),
    (
        "the bot's name",
        message("<@U0BOT> is this mail real?", channel="C01HELP")
        | {"blocks": [], "text": "<@U0BOT> is this mail real?"},
        True,
    ),
    ("pasted headers", message(HEADERS, channel="C01HELP"), True),
    ("talk", message("Has anybody seen my charger?", channel="C01HELP"), False),
    ("talk that names somebody", message("<@U02BOB> thanks", channel="C01HELP"), False),
    ("a bot's upload", message(files=[upload()], channel="C01HELP", bot_id="B9"), False),
    ("another channel's upload", message(files=[upload()], channel="C02GENERAL"), False),
    ("a forwarded mail", forwarded(), True),
    ("a forwarded mail elsewhere", forwarded("C02GENERAL"), False),
]


@pytest.mark.parametrize(("what", "event", "taken_"), CHANNEL, ids=[row[0] for row in CHANNEL])
def test_in_a_channel_only_what_is_for_us_is_taken(what: str, event: dict[str, Any], taken_: bool) -> None:
    taken = reception()
    channel.on_message(desk(taken), event, envelope(event), context())
    assert bool(taken.received) is taken_
    assert taken.remarks == []


def test_a_channels_answer_goes_to_the_thread() -> None:
    taken = reception()
    event = message(files=[upload()], channel="C01HELP")
    channel.on_message(desk(taken), event, envelope(event), context())
    [submission] = taken.received
    assert submission.surface is Surface.CHANNEL
    assert submission.place == Place("C01HELP", "1764000001.000100")


def test_a_forwarded_mail_is_asked_by_whoever_forwarded_it() -> None:
    taken = reception()
    channel.on_message(desk(taken), forwarded(), envelope(forwarded()), context("USLACKBOT"))
    [submission] = taken.received
    assert submission.asker == replace(ALICE, verified=False), "anybody can write her address into a mail"
    assert submission.pieces[0].file is not None
    assert submission.pieces[0].file.mode == "email"


def test_a_forwarded_mail_without_a_poster_is_asked_by_whoever_forwarded_it() -> None:
    taken = reception()
    event = forwarded() | {"user": None, "subtype": "bot_message"}
    channel.on_message(desk(taken), event, envelope(event), context())
    assert taken.received[0].asker == replace(ALICE, verified=False)


def test_a_forwarded_mail_from_an_unknown_address_has_an_asker_without_id() -> None:
    taken = reception()
    event = forwarded()
    event["files"] = [event["files"][0] | {"from": [{"address": "New@Example.org", "name": "", "original": ""}]}]
    channel.on_message(desk(taken), event, envelope(event), context("USLACKBOT"))
    assert taken.received[0].asker == Asker(
        TEAM, "", address="new@example.org", belonging=Belonging.GUEST, verified=False
    )


def test_a_mail_forwarded_to_a_direct_message_is_asked_by_whose_that_is() -> None:
    taken = reception()
    event = forwarded("D01ALICE", **{"from": [{"address": "alias@example.org"}]}) | {"channel_type": "im"}
    direct.on_message(desk(taken), event, envelope(event), context("USLACKBOT"))
    assert taken.received[0].asker == replace(ALICE, verified=False)


def test_in_their_own_thread_of_the_help_desk_what_people_say_is_taken() -> None:
    taken = reception()
    root = "1764000001.000100"
    nobodys = inquiry("i2", asker=Asker(TEAM, ""), place=Place("C01HELP", "9.1"))
    taken.knows(inquiry("i1", place=Place("C01HELP", root)), nobodys)
    for thread, user in ((root, ALICE.user), (root, "U02BOB"), ("9.1", ALICE.user)):
        event = message("He says he didn't write it", ts="1764000009.1", channel="C01HELP", thread_ts=thread, user=user)
        channel.on_message(desk(taken), event, envelope(event), context())
    assert [(each.asker.user, each.place) for each in taken.received] == [(ALICE.user, Place("C01HELP", root))]


def mention(text: str, **more: Any) -> dict[str, Any]:
    made = message(text, **more) | {"type": "app_mention", "text": f"<@U0BOT> {text}", "blocks": []}
    made.pop("channel_type")
    return made


def test_a_mention_in_the_help_desks_channel_has_the_messages_key() -> None:
    taken = reception()
    made = desk(taken)
    for event in (mention("real?", channel="C01HELP"), message("<@U0BOT> real?", channel="C01HELP")):
        event |= {"text": "<@U0BOT> real?", "blocks": []}
        handler = channel.on_mention if event["type"] == "app_mention" else channel.on_message
        handler(made, event, envelope(event), context())
    assert [each.key for each in taken.received] == ["T01TEST:C01HELP:1764000001.000100"] * 2
    assert taken.received[0] == taken.received[1]
    assert taken.received[0].pieces[0].text == "real?"


def test_named_in_another_channel_the_answer_goes_to_a_direct_message() -> None:
    taken = reception()
    event = mention(HEADERS, channel="C02GENERAL")
    channel.on_mention(desk(taken), event, envelope(event), context())
    [submission] = taken.received
    assert submission.place == Place(ALICE.user)
    assert submission.surface is Surface.DIRECT
    assert taken.remarks == [
        (Place("C02GENERAL", "1764000001.000100"), "answered-in-direct", "T01TEST:C02GENERAL:1764000001.000100:where")
    ]


def test_small_talk_in_another_channel_is_answered_there() -> None:
    taken = reception()
    event = mention("thanks!", channel="C02GENERAL")
    channel.on_mention(desk(taken), event, envelope(event), context())
    assert taken.received == []
    assert [code for _, code, _ in taken.remarks] == ["thanks"]
    assert taken.remarks[0][0].channel == "C02GENERAL"


def test_a_guest_is_known_as_one() -> None:
    people = FakePeople({ALICE.user: replace(ALICE, belonging=Belonging.GUEST)})
    taken = reception()
    tell(taken, message(HEADERS), people=people)
    assert taken.received[0].asker.belonging is Belonging.GUEST


def test_an_outage_of_slacks_directory_turns_nobody_away() -> None:
    people = FakePeople({ALICE.user: replace(ALICE, belonging=Belonging.UNKNOWN)})
    taken = reception()
    tell(taken, message(HEADERS), people=people)
    assert (len(taken.received), taken.remarks) == (1, [])


def test_prompts_are_offered_when_the_messages_tab_is_opened() -> None:
    opened = {"type": "app_home_opened", "user": ALICE.user, "channel": "D01ALICE", "tab": "messages"}
    with running() as fake:
        direct.on_messages_opened(desk(), opened, WebClient(token="xoxb-1", base_url=fake.api))
        [call] = fake.of("assistant.threads.setSuggestedPrompts")
    assert call["channel_id"] == "D01ALICE"
    assert 1 <= len(call["prompts"]) <= 4
    assert all(set(prompt) == {"title", "message"} for prompt in call["prompts"])


@pytest.mark.parametrize("refused", [{"ok": False, "error": "unknown_method"}, Answer(b"no", 503)])
def test_a_workspace_without_prompts_is_no_error(refused: Any) -> None:
    with running() as fake:
        fake.answers["assistant.threads.setSuggestedPrompts"] = refused
        direct.on_messages_opened(desk(), {"channel": "D1"}, WebClient(token="xoxb-1", base_url=fake.api))
        assert fake.of("assistant.threads.setSuggestedPrompts")


def test_over_their_rate_nobody_is_sent_to_a_direct_message() -> None:
    taken = reception()
    taken.full.append(True)
    event = mention(HEADERS, channel="C02GENERAL")
    channel.on_mention(desk(taken), event, envelope(event), context())
    assert taken.remarks == []
