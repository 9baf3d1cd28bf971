"""The workspace of our own answers as Slack does: tokens, scopes, errors, limits, messages, people."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.demo.config import Config, Limits, Paste, acme, load
from bot.demo.config import Habits as HabitsOf
from bot.demo.running import run
from bot.demo.wire import Refused
from bot.demo.workspace import Workspace
from tests.workspace import ALICE, BOT, GENERAL, HELP_DESK, STELLA, TECHNICIANS, client, workspace

LONG = "Received: from mail.example.com by mx.example.org\n" * 120


@pytest.fixture
def acme_workspace() -> Iterator[Workspace]:
    with workspace() as running:
        yield running


def error_of(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


REFUSALS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("chat.postMessage", {"channel": "C99NONE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": GENERAL, "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": HELP_DESK}, "no_text"),
    ("chat.postMessage", {"channel": HELP_DESK, "text": "x" * 40_001}, "msg_too_long"),
    ("chat.postMessage", {"channel": HELP_DESK, "text": "x", "blocks": "{"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": HELP_DESK, "text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
    ("chat.update", {"channel": HELP_DESK, "ts": "1.000001", "text": "x"}, "message_not_found"),
    ("chat.update", {"channel": ALICE, "ts": "1.000001", "text": "x"}, "channel_not_found"),
    ("chat.postEphemeral", {"channel": HELP_DESK, "user": STELLA, "text": "x"}, "user_not_in_channel"),
    ("conversations.replies", {"channel": HELP_DESK, "ts": "1.000001"}, "thread_not_found"),
    ("conversations.history", {"channel": HELP_DESK, "cursor": "zz"}, "invalid_cursor"),
    ("conversations.history", {"channel": HELP_DESK, "limit": "many"}, "invalid_arguments"),
    ("users.info", {"user": "U99NONE"}, "user_not_found"),
    ("users.lookupByEmail", {"email": "nobody@example.com"}, "users_not_found"),
    ("usergroups.users.list", {"usergroup": "S99"}, "no_such_subteam"),
    ("files.info", {"file": "F99"}, "file_not_found"),
    ("views.open", {"trigger_id": "1.2.x", "view": {"type": "modal"}}, "invalid_trigger_id"),
    ("functions.completeError", {"function_execution_id": "Fx9", "error": "x"}, "function_execution_not_found"),
    ("reactions.add", {"channel": HELP_DESK, "name": "eyes", "timestamp": "1.000001"}, "message_not_found"),
    ("chat.startFireworks", {}, "unknown_method"),
    ("apps.connections.open", {}, "not_allowed_token_type"),
)


@pytest.mark.parametrize(("method", "args", "error"), REFUSALS, ids=[f"{m}-{e}" for m, _, e in REFUSALS])
def test_what_slack_refuses_is_refused_in_its_words(
    acme_workspace: Workspace, method: str, args: dict[str, Any], error: str
) -> None:
    assert error_of(lambda: client(acme_workspace).api_call(method, params=flat(args))) == error
    if method.startswith(("chat.", "views.", "functions.", "reactions.")):
        assert error_of(lambda: client(acme_workspace).api_call(method, json=args)) == error


def test_a_method_that_reads_doesnt_look_at_json(acme_workspace: Workspace) -> None:
    slack = client(acme_workspace)
    assert slack.api_call("users.info", params={"user": ALICE})["ok"]
    assert error_of(lambda: slack.api_call("users.info", json={"user": ALICE})) == "user_not_found"


def flat(args: dict[str, Any]) -> dict[str, Any]:
    """As a form sends it: what is nested is JSON in a field."""
    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in args.items()}


def test_a_token_opens_only_what_its_scopes_allow(acme_workspace: Workspace) -> None:
    acme_workspace.scopes("chat:write", "users:read")
    slack = client(acme_workspace)
    slack.chat_postMessage(channel=HELP_DESK, text="hello")
    with pytest.raises(SlackApiError) as caught:
        slack.reactions_add(channel=HELP_DESK, name="eyes", timestamp="1")
    assert caught.value.response["needed"] == "reactions:write"
    assert caught.value.response["provided"] == "chat:write,users:read"
    assert "email" not in slack.users_info(user=ALICE)["user"]["profile"]


def test_no_token_a_strange_one_and_a_revoked_one_are_told_apart(acme_workspace: Workspace) -> None:
    assert error_of(client(acme_workspace, "xoxb-other").auth_test) == "invalid_auth"
    assert error_of(WebClient(base_url=acme_workspace.api).auth_test) == "not_authed"
    acme_workspace.revoke()
    assert error_of(client(acme_workspace).auth_test) == "token_revoked"


def test_the_bot_learns_who_it_is_and_who_people_are(acme_workspace: Workspace) -> None:
    slack = client(acme_workspace)
    assert slack.auth_test()["user_id"] == BOT
    assert slack.users_lookupByEmail(email="Alice@Example.com")["user"]["id"] == ALICE
    people = {user["id"]: user for page in slack.users_list(limit=2) for user in page["members"]}
    assert people["U04GUS"]["is_restricted"]
    assert people[STELLA]["is_stranger"]
    assert people[STELLA]["team_id"] == "T09OTHER"
    assert people[BOT]["is_bot"]
    assert slack.usergroups_users_list(usergroup="S01ONCALL")["users"] == ["U02BOB"]
    assert slack.conversations_members(channel=TECHNICIANS)["members"] == ["U02BOB", BOT]
    assert [c["id"] for c in slack.users_conversations()["channels"]] == [HELP_DESK, "C04SHARED"]
    assert slack.team_info()["team"]["domain"] == "acme"
    assert slack.bots_info(bot="B0CHECKMAIL")["bot"]["user_id"] == BOT


def test_a_post_to_a_person_stands_in_their_direct_message(acme_workspace: Workspace) -> None:
    slack = client(acme_workspace)
    posted = slack.chat_postMessage(channel=ALICE, text="hello")
    assert posted["channel"] == acme_workspace.direct(ALICE)
    assert slack.conversations_open(users=ALICE)["channel"]["id"] == posted["channel"]
    assert (
        posted["ts"].replace(".", "")
        in slack.chat_getPermalink(channel=posted["channel"], message_ts=posted["ts"])["permalink"]
    )


def test_an_answer_in_a_thread_is_found_again_by_its_metadata(acme_workspace: Workspace) -> None:
    slack = client(acme_workspace)
    asked = acme_workspace.say(ALICE, HELP_DESK, "look at this")
    metadata = {"event_type": "said", "event_payload": {"inquiry": "q1", "mark": "answer-1"}}
    slack.chat_postMessage(channel=HELP_DESK, thread_ts=asked.ts, text="seen", metadata=metadata)
    plain = slack.conversations_replies(channel=HELP_DESK, ts=asked.ts)["messages"]
    full = slack.conversations_replies(channel=HELP_DESK, ts=asked.ts, include_all_metadata=True)["messages"]
    assert [message["text"] for message in plain] == ["look at this", "seen"]
    assert "metadata" not in plain[1]
    assert full[1]["metadata"] == metadata
    assert [message["text"] for message in slack.conversations_history(channel=HELP_DESK)["messages"]] == [
        "look at this"
    ]
    assert [HELP_DESK, asked.ts, "answer-1", 1] in acme_workspace.counts()["said"]


def test_a_message_is_changed_reacted_to_and_deleted(acme_workspace: Workspace) -> None:
    slack = client(acme_workspace)
    block = {"type": "section", "text": {"type": "plain_text", "text": "first"}}
    ts = slack.chat_postMessage(channel=HELP_DESK, text="first", blocks=[block])["ts"]
    assert "blocks" not in slack.chat_update(channel=HELP_DESK, ts=ts, text="second")["message"]
    assert error_of(lambda: slack.chat_update(channel=HELP_DESK, ts=ts, text="x" * 4001)) == "msg_too_long"
    slack.reactions_add(channel=HELP_DESK, name="eyes", timestamp=ts)
    assert error_of(lambda: slack.reactions_add(channel=HELP_DESK, name="eyes", timestamp=ts)) == "already_reacted"
    slack.reactions_remove(channel=HELP_DESK, name="eyes", timestamp=ts)
    assert error_of(lambda: slack.reactions_remove(channel=HELP_DESK, name="eyes", timestamp=ts)) == "no_reaction"
    slack.chat_delete(channel=HELP_DESK, ts=ts)
    assert acme_workspace.messages(HELP_DESK) == []


def test_nobody_else_sees_an_ephemeral_message(acme_workspace: Workspace) -> None:
    client(acme_workspace).chat_postEphemeral(channel=HELP_DESK, user=ALICE, text="only you")
    assert [m["text"] for m in acme_workspace.screen(ALICE)["ephemeral"]] == ["only you"]
    assert acme_workspace.screen("U02BOB")["ephemeral"] == []
    assert acme_workspace.messages(HELP_DESK) == []


def test_status_lines_end_with_the_next_post_and_prompts_are_four_at_most(acme_workspace: Workspace) -> None:
    slack = client(acme_workspace)
    asked = acme_workspace.say(ALICE, text="hello")
    slack.assistant_threads_setStatus(channel_id=asked.channel, thread_ts=asked.ts, status="is checking")
    assert acme_workspace.screen(ALICE)["status"] == [[asked.channel, asked.ts, "is checking"]]
    slack.chat_postMessage(channel=asked.channel, thread_ts=asked.ts, text="done")
    assert acme_workspace.screen(ALICE)["status"] == []
    prompts = [{"title": "t", "message": "m"}] * 4
    slack.assistant_threads_setSuggestedPrompts(channel_id=asked.channel, prompts=prompts)
    assert len(acme_workspace.screen(ALICE)["prompts"][asked.channel]["prompts"]) == 4
    too_many = lambda: slack.assistant_threads_setSuggestedPrompts(channel_id=asked.channel, prompts=prompts * 2)  # noqa: E731
    assert error_of(too_many) == "invalid_arguments"


def test_what_people_write_is_escaped_and_linked_and_stands_verbatim_in_rich_text(acme_workspace: Workspace) -> None:
    said = acme_workspace.say(ALICE, text=f"From: <a@example.com> & https://x.example/?a=1&b=2 <@{BOT}>")
    message = acme_workspace.messages(said.channel)[0]
    assert message["text"] == (
        "From: &lt;<mailto:a@example.com|a@example.com>&gt; &amp; <https://x.example/?a=1&amp;b=2> <@U0CHECKMAIL>"
    )
    leaves = message["blocks"][0]["elements"][0]["elements"]
    assert "".join(leaf.get("text") or leaf.get("url") or f"<@{leaf['user_id']}>" for leaf in leaves) == (
        f"From: <a@example.com> & https://x.example/?a=1&b=2 <@{BOT}>"
    )


@pytest.mark.parametrize("paste", Paste)
def test_a_long_paste_becomes_a_snippet_or_several_messages(paste: Paste) -> None:
    with workspace(habits=HabitsOf(paste=paste)) as running:
        said = running.say(ALICE, text=LONG)
        messages = running.messages(said.channel)
        if paste is Paste.SNIPPET:
            assert messages[0]["files"][0]["mode"] == "snippet"
            assert len(messages[0]["files"][0]["preview"]) < 500
            assert messages[0]["files"][0]["preview_is_truncated"]
        elif paste is Paste.SPLIT:
            assert len(said.all) == len(messages) > 1
        else:
            assert len(messages) == 1


def test_too_many_posts_in_one_channel_are_limited_and_other_channels_are_not() -> None:
    with workspace(limits=Limits(posts_a_second=0.01, posts_at_once=2)) as running:
        slack = client(running)
        for _ in range(2):
            slack.chat_postMessage(channel=HELP_DESK, text="x")
        with pytest.raises(SlackApiError) as caught:
            slack.chat_postMessage(channel=HELP_DESK, text="x")
        assert caught.value.response.status_code == 429
        assert int(caught.value.response.headers["Retry-After"]) >= 1
        slack.chat_postMessage(channel=TECHNICIANS, text="x")
        assert running.counts()["refused"] == {"ratelimited": 1}


def test_a_person_and_their_direct_message_are_one_channel_to_the_limit() -> None:
    with workspace(limits=Limits(posts_a_second=0.01, posts_at_once=1)) as running:
        slack, direct = client(running), running.direct(ALICE)
        slack.chat_postMessage(channel=ALICE, text="x")
        assert error_of(lambda: slack.chat_postMessage(channel=direct, text="x")) == "ratelimited"


def test_each_method_has_its_tier() -> None:
    with workspace(limits=Limits(tiers=(1, 2, 3, 4))) as running:
        slack = client(running)
        slack.conversations_list()
        slack.conversations_list()
        assert error_of(slack.conversations_list) == "ratelimited"
        for _ in range(4):
            slack.users_info(user=ALICE)
        assert error_of(lambda: slack.users_info(user=ALICE)) == "ratelimited"


def test_slacks_own_client_waits_as_long_as_it_is_told() -> None:
    with workspace(limits=Limits(posts_a_second=2.0, posts_at_once=1)) as running:
        slack = client(running)
        slack.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
        for _ in range(2):
            slack.chat_postMessage(channel=HELP_DESK, text="x")
        assert len(running.messages(HELP_DESK)) == 2
        assert running.counts()["refused"] == {"ratelimited": 1}


def test_a_request_url_elsewhere_than_on_loopback_is_refused() -> None:
    config = acme()
    with pytest.raises(ValueError, match="loopback"):
        replace(config, app=replace(config.app, request_url="https://hooks.example.com/slack"))


def test_a_workspace_is_read_from_a_file(tmp_path: Any) -> None:
    path = tmp_path / "acme.json"
    path.write_text('{"team": "T02", "people": [{"id": "U1", "name": "ann", "kind": "guest"}], "crowd": 2}')
    config: Config = load(path)
    with run(config) as running:
        assert {user["id"] for user in client(running).users_list()["members"]} == {
            "U1", "U0CROWD00001", "U0CROWD00002", BOT,
        }  # fmt: skip


def test_what_a_person_cannot_do_is_refused(acme_workspace: Workspace) -> None:
    with pytest.raises(Refused, match="channel_not_found"):
        acme_workspace.say(ALICE, "C99NONE", "x")
    with pytest.raises(Refused, match="user_not_found"):
        acme_workspace.say("U99NONE", HELP_DESK, "x")
    with pytest.raises(Refused, match="unknown_act"):
        acme_workspace.do("fly", {})
    with pytest.raises(Refused, match="invalid_arguments"):
        acme_workspace.do("say", {"who": ALICE})
