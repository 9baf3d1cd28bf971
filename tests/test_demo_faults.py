"""The workspace of our own breaks on command: calls, files, forwarded mails; and is driven from another process."""

import http.client
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import RemoteDisconnected

import pytest
from slack_sdk.errors import SlackApiError

from bot.demo.config import Habits
from bot.demo.wire import Json, Refused
from bot.demo.workspace import Upload, Workspace, remote, until
from tests.workspace import ALICE, BOT, GENERAL, HELP_DESK, client, workspace

MAIL: Json = {
    "sender_name": "Alice Anderson",
    "sender_address": "alice@example.com",
    "subject": "Fwd: Invoice",
    "text": "From: boss@example.org\nSent: Monday\n\nPlease pay.",
}


@pytest.fixture
def running() -> Iterator[Workspace]:
    with workspace() as made:
        yield made


def post(running: Workspace) -> str:
    return str(client(running).chat_postMessage(channel=HELP_DESK, text="x")["ts"])


def test_a_server_error_has_no_effect_and_passes(running: Workspace) -> None:
    running.fail("chat.postMessage", "status", times=2, status=503)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            post(running)
        assert caught.value.response.status_code == 503
    post(running)
    assert len(running.messages(HELP_DESK)) == 1


def test_a_connection_may_break_before_or_after_the_effect(running: Workspace) -> None:
    running.fail("chat.postMessage", "cut-before")
    with pytest.raises(RemoteDisconnected):
        post(running)
    assert running.messages(HELP_DESK) == []
    running.fail("*", "cut-after")
    with pytest.raises(RemoteDisconnected):
        post(running)
    assert [message["text"] for message in running.messages(HELP_DESK)] == ["x"]


def test_errors_limits_and_slow_answers_come_on_command(running: Workspace) -> None:
    running.fail("chat.postMessage", "error", error="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        post(running)
    running.fail("chat.postMessage", "rate", seconds=7)
    with pytest.raises(SlackApiError) as caught:
        post(running)
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    running.fail("chat.postMessage", "slow", seconds=5)
    slow = client(running)
    slow.timeout = 1
    with pytest.raises(TimeoutError):
        slow.chat_postMessage(channel=HELP_DESK, text="slow")
    assert running.messages(HELP_DESK)[-1]["text"] == "slow"
    running.fail("chat.postMessage", "status", times=5)
    running.heal()
    post(running)


def fetch(url: str, token: str) -> tuple[int, str, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read()


def shared(running: Workspace, content: bytes = b"From: a@example.com\r\n\r\nhi", channel: str = HELP_DESK) -> Json:
    said = running.say(ALICE, channel, files=[Upload("mail.eml", content)])
    return dict(running.messages(said.channel)[-1]["files"][0])


def test_a_file_is_fetched_with_a_token_that_may(running: Workspace) -> None:
    file = shared(running)
    assert client(running).files_info(file=file["id"])["file"]["mimetype"] == "message/rfc822"
    assert fetch(file["url_private_download"], running.app.bot_token) == (
        200, "message/rfc822", b"From: a@example.com\r\n\r\nhi",
    )  # fmt: skip
    for token in ("", "xoxb-other"):
        status, kind, body = fetch(file["url_private_download"], token)
        assert (status, kind) == (200, "text/html")
        assert b"Sign in" in body


def test_without_the_scope_or_where_the_bot_isnt_the_login_page_comes_with_200(running: Workspace) -> None:
    elsewhere = shared(running, channel=GENERAL)
    assert fetch(elsewhere["url_private_download"], running.app.bot_token)[1] == "text/html"
    file = shared(running)
    running.scopes("chat:write")
    assert fetch(file["url_private_download"], running.app.bot_token)[1] == "text/html"


def test_a_file_may_be_gone_hidden_or_described_wrongly(running: Workspace) -> None:
    file = shared(running)
    running.describe(file["id"], size=3, mode="external")
    assert client(running).files_info(file=file["id"])["file"]["size"] == 3
    running.restrict(file["id"])
    said = running.say(ALICE, HELP_DESK, "again", files=[file["id"]])
    assert running.messages(HELP_DESK, said.ts)[0]["files"] == [
        {"id": file["id"], "mode": "file_access", "file_access": "check_file_info"}
    ]
    running.restrict(file["id"], deleted=True)
    with pytest.raises(SlackApiError, match="file_deleted"):
        client(running).files_info(file=file["id"])
    assert fetch(file["url_private_download"], running.app.bot_token)[0] == 404


def test_the_file_host_redirects_lies_and_fails_on_command(running: Workspace) -> None:
    file = shared(running, b"x" * 40_000)
    running.hosting(file["id"], status=500, times=1)
    assert fetch(file["url_private_download"], running.app.bot_token)[0] == 500
    running.hosting(file["id"], redirect=f"{running.url}/elsewhere")
    assert fetch(file["url_private_download"], running.app.bot_token)[0] == 404
    running.hosting(file["id"], redirect="", length=50_000)
    with pytest.raises(http.client.IncompleteRead):
        fetch(file["url_private_download"], running.app.bot_token)
    running.hosting(file["id"], length=0, endless=True)
    request = urllib.request.Request(
        file["url_private_download"], headers={"Authorization": f"Bearer {running.app.bot_token}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert len(answer.read(1_000_000)) == 1_000_000
    running.heal()
    assert fetch(file["url_private_download"], running.app.bot_token)[2] == b"x" * 40_000


def test_the_bot_uploads_a_file_in_three_steps(running: Workspace) -> None:
    asked = running.say(ALICE, HELP_DESK, "report please")
    client(running).files_upload_v2(content="all of it", filename="r.txt", channel=HELP_DESK, thread_ts=asked.ts)
    message = running.messages(HELP_DESK, asked.ts)[-1]
    assert (message["user"], message["files"][0]["name"]) == (BOT, "r.txt")
    assert fetch(message["files"][0]["url_private"], running.app.bot_token)[2] == b"all of it"


def test_a_forwarded_mail_has_no_headers_that_tell_where_it_was_from(running: Workspace) -> None:
    inner = Upload("invoice.eml", b"Received: from x\r\n\r\n", mimetype="message/rfc822")
    said = running.forward_mail(MAIL, HELP_DESK, attachments=[inner])
    message = running.messages(HELP_DESK, said.ts)[0]
    file = client(running).files_info(file=said.file)["file"]
    assert (message["user"], file["mode"], file["from"][0]["address"]) == ("USLACKBOT", "email", "alice@example.com")
    assert sorted(file["headers"]) == ["date", "in_reply_to", "message_id", "reply_to"]
    assert fetch(file["attachments"][0]["url"], running.app.bot_token)[2] == b"Received: from x\r\n\r\n"
    assert b"Please pay." in fetch(file["url_private_download"], running.app.bot_token)[2]


def test_the_event_of_a_forwarded_mail_may_hold_its_id_alone() -> None:
    with workspace(habits=Habits(stub_mail=True)) as running:
        said = running.forward_mail(MAIL, user=ALICE)
        assert said.channel == running.direct(ALICE)
        stub = running.messages(said.channel)[0]["files"][0]
        assert (stub["mode"], "plain_text" in stub) == ("email", False)


def test_a_bot_that_was_taken_out_of_a_channel_may_not_post_there(running: Workspace) -> None:
    running.leave(HELP_DESK)
    with pytest.raises(SlackApiError, match="not_in_channel"):
        post(running)
    running.join(HELP_DESK)
    post(running)
    running.archive(HELP_DESK)
    with pytest.raises(SlackApiError, match="is_archived"):
        post(running)


def test_people_edit_and_delete_what_they_wrote(running: Workspace) -> None:
    said = running.say(ALICE, HELP_DESK, "first")
    running.edit_message(HELP_DESK, said.ts, "second & last")
    assert running.messages(HELP_DESK)[0]["text"] == "second &amp; last"
    running.delete_message(HELP_DESK, said.ts)
    assert running.messages(HELP_DESK) == []


def test_a_page_of_elsewhere_may_not_drive_the_workspace(running: Workspace) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        request = urllib.request.Request(f"{running.url}/_control/counts", b"{}", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=5)
        with caught.value:
            assert caught.value.code == 403


def test_a_watcher_is_told_what_changed(running: Workspace) -> None:
    with urllib.request.urlopen(f"{running.url}/_control/feed", timeout=5) as feed:
        said = running.say(ALICE, HELP_DESK, "hello")
        told = json.loads(feed.readline().removeprefix(b"data: "))
    assert told == {"what": "message", "channel": HELP_DESK, "ts": said.ts, "thread": ""}


def test_a_workspace_of_its_own_process_is_driven_from_here() -> None:
    command = [sys.executable, "-m", "bot.demo", "--crowd", "3", "--no-limits"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            running = remote(process.stdout.readline().strip())
            said = running.say("U0CROWD00003", text="hello", files=[Upload("a.txt", b"hi")])
            assert until(lambda: running.messages(said.channel), "the message")[0]["text"] == "hello"
            assert client(running).auth_test()["user_id"] == BOT
            with pytest.raises(Refused, match="user_not_found"):
                running.say("U0CROWD00004", text="hello")
        finally:
            process.terminate()
            assert process.wait(10) == 0
