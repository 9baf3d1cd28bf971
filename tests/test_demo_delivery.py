"""The workspace of our own delivers as Slack does: to one connection, again without an answer, signed over HTTP."""

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import pytest
from slack_bolt import App, BoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot.demo.config import EVENTS, Times, acme
from bot.demo.workspace import Workspace, until
from tests.workspace import ALICE, BOT, GENERAL, HELP_DESK, SHARED, STELLA, bolt, client, connected, workspace

QUICK = Times(ack=0.3, retries=(0.0, 0.1, 0.2))
MODAL = {
    "type": "modal",
    "callback_id": "check",
    "title": {"type": "plain_text", "text": "Check"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [
        {
            "type": "input",
            "block_id": "paste",
            "label": {"type": "plain_text", "text": "Headers"},
            "element": {"type": "plain_text_input", "action_id": "headers", "multiline": True, "max_length": 3000},
        }
    ],
}
BUTTONS = [
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            {"type": "button", "action_id": "more", "value": "q1", "text": {"type": "plain_text", "text": "More"}}
        ],
    }
]


class Heard:
    """An app that writes down every event, and answers nothing."""

    def __init__(self, app: App) -> None:
        self.events: list[dict[str, Any]] = []
        app.use(self._note)
        for name in ("message", "app_mention", "app_home_opened", "file_shared", "function_executed", "tokens_revoked"):
            app.event(name)(lambda: None)

    def _note(self, body: dict[str, Any], next: Any) -> None:  # Bolt's name for it
        self.events.append(body)
        next()

    def kinds(self) -> list[str]:
        return [body["event"]["type"] for body in self.events if "event" in body]


@contextmanager
def hearing(*, ping_interval: float = 10, **changes: Any) -> Iterator[tuple[Workspace, App, Heard]]:
    with workspace(**changes) as running:
        app = bolt(running, process_before_response=True)
        heard = Heard(app)
        with connected(app, running, ping_interval=ping_interval):
            yield running, app, heard


def deliveries(running: Workspace, number: int) -> list[dict[str, Any]]:
    return until(lambda: found if len(found := running.log("delivery")) >= number else [], f"{number} deliveries")


def test_a_mention_in_a_channel_comes_twice_and_a_direct_message_once() -> None:
    with hearing() as (running, _, heard):
        running.say(ALICE, HELP_DESK, f"<@{BOT}> look")
        running.say(ALICE, text="hello")
        until(lambda: len(heard.events) >= 3, "three events")
        assert sorted(heard.kinds()) == ["app_mention", "message", "message"]
        kinds = {body["event"].get("channel_type") for body in heard.events}
        assert kinds == {"channel", "im", None}


def test_an_upload_is_a_message_with_files_and_where_subscribed_a_file_shared_too() -> None:
    app_config = replace(acme().app, events=(*EVENTS, "file_shared"))
    with hearing(app=app_config) as (running, _, heard):
        file = running.do("upload", {"user": ALICE, "name": "a.eml", "content": "QQ=="})["file"]
        running.say(ALICE, text="", files=[file])
        until(lambda: len(heard.events) >= 2, "two events")
        message = next(b["event"] for b in heard.events if b["event"]["type"] == "message")
        assert (message["subtype"], message["files"][0]["id"]) == ("file_share", file)
        assert "file_shared" in heard.kinds()


def test_the_app_hears_nothing_of_channels_that_it_isnt_in() -> None:
    with hearing() as (running, _, heard):
        running.say(ALICE, GENERAL, "not for you")
        running.say(ALICE, HELP_DESK, "for you")
        until(lambda: heard.events, "an event")
        assert [body["event"]["text"] for body in heard.events] == ["for you"]


def test_somebody_of_another_organisation_is_marked() -> None:
    with hearing() as (running, _, heard):
        running.say(STELLA, SHARED, "hello")
        until(lambda: heard.events, "an event")
        assert heard.events[0]["is_ext_shared_channel"]
        assert heard.events[0]["event"]["user_team"] == "T09OTHER"


def test_each_envelope_goes_to_one_of_the_connections() -> None:
    with hearing() as (running, app, heard), connected(app, running):
        assert running.counts()["connections"] == 2
        for number in range(4):
            running.say(ALICE, text=str(number))
        until(lambda: len(heard.events) >= 4, "four events")
        until(lambda: running.counts()["unacknowledged"] == 0, "all acknowledged")
        assert sorted(body["event"]["text"] for body in heard.events) == ["0", "1", "2", "3"]


def test_an_eleventh_connection_is_turned_away() -> None:
    with workspace() as running:
        app = bolt(running)
        Heard(app)
        opened = []
        try:
            for number in range(10):
                opened.append(connected(app, running, concurrency=1))
                opened[-1].__enter__()
                assert running.counts()["connections"] == number + 1
            assert overheard(running, lambda: None, 0)[0]["reason"] == "too_many_websockets"
        finally:
            for one in reversed(opened):
                one.__exit__(None, None, None)


def socket_url(running: Workspace) -> str:
    return str(client(running, running.app.app_token).apps_connections_open(app_token=running.app.app_token)["url"])


def overheard(running: Workspace, act: Callable[[], None], number: int) -> list[dict[str, Any]]:
    """So many envelopes as they come over a bare connection, once `act` is done; the hello is left out."""

    async def listen() -> list[dict[str, Any]]:
        url = await asyncio.to_thread(socket_url, running)
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            first = await socket.receive_json(timeout=5)
            if first["type"] != "hello":
                return [first]
            await asyncio.to_thread(act)
            return [await socket.receive_json(timeout=5) for _ in range(number)]

    return asyncio.run(listen())


def test_what_isnt_acknowledged_comes_again_with_its_number_and_reason() -> None:
    with workspace(times=QUICK) as running:
        app = bolt(running, process_before_response=True)
        seen: list[tuple[Any, Any]] = []

        @app.event("message")
        def fails_twice(request: BoltRequest) -> None:
            seen.append((request.headers.get("x-slack-retry-num"), request.headers.get("x-slack-retry-reason")))
            if len(seen) < 3:
                raise RuntimeError("not now")

        with connected(app, running):
            running.say(ALICE, text="hello")
            until(lambda: len(seen) == 3, "three tries")
            until(lambda: running.counts()["unacknowledged"] == 0, "acknowledged")
        assert seen[1:] == [(["1"], ["timeout"]), (["2"], ["timeout"])]
        assert [entry["attempt"] for entry in running.log("delivery")] == [0, 1, 2]


def test_a_lost_acknowledgement_brings_the_same_event_again() -> None:
    with hearing(times=QUICK) as (running, _, heard):
        running.lose_acks(1)
        running.say(ALICE, text="hello")
        until(lambda: len(heard.events) >= 2, "twice")
        assert heard.events[0]["event_id"] == heard.events[1]["event_id"]


def test_what_nobody_acknowledges_is_given_up_after_three_retries() -> None:
    with workspace(times=QUICK) as running:
        running.say(ALICE, text="hello")
        tries = deliveries(running, 4)
        until(lambda: running.counts()["unacknowledged"] == 0, "given up")
        assert [entry["reason"] for entry in tries] == ["connection_failed"] * 4


def test_an_event_can_come_several_times_at_once() -> None:
    with hearing() as (running, _, heard):
        running.duplicate(3)
        running.say(ALICE, text="thrice")
        until(lambda: len(heard.events) >= 3, "three copies")
        assert len({body["event_id"] for body in heard.events}) == 1


def test_events_can_come_in_another_order() -> None:
    with workspace() as running:

        def act() -> None:
            running.reorder(2)
            running.say(ALICE, text="first")
            running.say(ALICE, text="second")

        envelopes = overheard(running, act, 2)
        assert [envelope["payload"]["event"]["text"] for envelope in envelopes] == ["second", "first"]


def test_after_a_refresh_the_app_comes_back_at_once() -> None:
    with hearing() as (running, _, heard):
        assert running.disconnect("warning") == 1
        running.disconnect()
        until(lambda: len(running.calls("apps.connections.open")) == 2, "asked for another connection")
        until(lambda: running.counts()["connections"] == 1, "connected again")
        running.say(ALICE, text="one")
        until(lambda: heard.events, "an event")


def test_after_a_cut_the_app_comes_back_as_soon_as_it_notices() -> None:
    """Slack's client notices an end without a farewell only by five pings that fail."""
    with hearing(ping_interval=0.1) as (running, _, heard):
        before = len(running.calls("apps.connections.open"))
        assert running.cut() == 1
        until(lambda: len(running.calls("apps.connections.open")) > before, "asked for another connection")
        until(lambda: running.counts()["connections"] == 1, "connected again")
        running.say(ALICE, text="two")
        until(lambda: heard.events, "an event")


def test_a_command_opens_a_modal_whose_errors_are_shown_and_whose_content_arrives() -> None:
    with hearing() as (running, app, _):
        got: list[str] = []

        @app.command("/checkmail")
        def opens(ack: Any, body: dict[str, Any], client: Any) -> None:
            ack(f"you said {body['text']}")
            client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        @app.view("check")
        def takes(ack: Any, view: dict[str, Any]) -> None:
            headers = view["state"]["values"]["paste"]["headers"]["value"]
            if headers == "bad":
                ack(response_action="errors", errors={"paste": "That isn't a mail."})
            else:
                ack()
                got.append(headers)

        assert running.command(ALICE, "/checkmail", "x & y", HELP_DESK)["ok"]
        assert running.screen(ALICE)["ephemeral"][-1]["text"] == "you said x & y"
        until(lambda: running.modals(ALICE), "a modal")
        assert running.submit(ALICE, {})["errors"] == {"paste": "Please complete this required field."}
        assert running.submit(ALICE, {"headers": "x" * 3001})["error"] == "client"
        assert running.submit(ALICE, {"headers": "bad"})["errors"] == {"paste": "That isn't a mail."}
        assert running.submit(ALICE, {"headers": "From: a@example.com"})["ok"]
        assert got == ["From: a@example.com"]
        assert running.modals(ALICE) == []


@pytest.mark.parametrize(
    ("seconds", "errors"), [(3.0, ["", "exchanged_trigger_id"]), (0.0, ["expired_trigger_id"] * 2)]
)
def test_a_trigger_works_once_and_not_for_long(seconds: float, errors: list[str]) -> None:
    with hearing(times=Times(trigger=seconds)) as (running, app, _):
        triggers: list[str] = []

        @app.command("/checkmail")
        def keeps(ack: Any, body: dict[str, Any]) -> None:
            ack()
            triggers.append(body["trigger_id"])

        running.command(ALICE, "/checkmail")
        open_ = lambda: client(running).views_open(trigger_id=triggers[0], view=MODAL)  # noqa: E731
        assert [refusal(open_), refusal(open_)] == errors


def refusal(call: Any) -> str:
    """The error's word, "" where there is none."""
    try:
        call()
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


def test_a_button_in_a_message_replaces_it_and_opens_a_modal() -> None:
    with hearing() as (running, app, _):

        @app.action("more")
        def opens(ack: Any, body: dict[str, Any], client: Any, respond: Any) -> None:
            ack()
            assert body["actions"][0]["value"] == "q1"
            respond(text="seen", replace_original=True)
            client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        ts = client(running).chat_postMessage(channel=HELP_DESK, text="buttons", blocks=BUTTONS)["ts"]
        assert running.press(ALICE, HELP_DESK, ts, "more")["ok"]
        assert until(lambda: running.modals(ALICE), "a modal")[0]["callback_id"] == "check"
        assert running.messages(HELP_DESK)[0]["text"] == "seen"


def test_modals_stand_three_on_one_another_and_no_more() -> None:
    with hearing() as (running, app, _):
        pushed: list[str] = []

        @app.command("/checkmail")
        def opens(ack: Any, body: dict[str, Any], client: Any) -> None:
            client.views_open(trigger_id=body["trigger_id"], view={**MODAL, "blocks": BUTTONS})
            ack()

        @app.action("more")
        def pushes(ack: Any, body: dict[str, Any], client: Any) -> None:
            push = lambda: client.views_push(trigger_id=body["trigger_id"], view={**MODAL, "blocks": BUTTONS})  # noqa: E731
            pushed.append(refusal(push))
            ack()

        running.command(ALICE, "/checkmail")
        for _press in range(3):
            running.press_in_view(ALICE, "more")
        assert pushed == ["", "", "push_limit_reached"]
        roots = {view["root_view_id"] for view in running.modals(ALICE)}
        assert roots == {running.modals(ALICE)[0]["id"]}
        running.close_view(ALICE)
        assert len(running.modals(ALICE)) == 2


def test_a_response_url_takes_five_posts() -> None:
    with hearing() as (running, app, _):
        urls: list[str] = []

        @app.command("/checkmail")
        def keeps(ack: Any, body: dict[str, Any]) -> None:
            ack()
            urls.append(body["response_url"])

        running.command(ALICE, "/checkmail", channel=HELP_DESK)

        def post() -> int:
            request = urllib.request.Request(urls[0], b'{"text": "later"}', {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                with error:
                    return int(error.code)

        assert [post() for _ in range(6)] == [200] * 5 + [404]
        assert len(running.screen(ALICE)["ephemeral"]) == 5


def test_a_shortcut_brings_the_whole_message_also_where_the_bot_isnt() -> None:
    with hearing() as (running, app, _):
        got: list[dict[str, Any]] = []

        @app.shortcut("check_message")
        def takes(ack: Any, body: dict[str, Any]) -> None:
            ack()
            got.append(body)

        file = running.do("upload", {"user": ALICE, "name": "a.eml", "content": "QQ=="})["file"]
        said = running.say(ALICE, GENERAL, "look", files=[file])
        assert running.shortcut(ALICE, GENERAL, said.ts, "check_message")["ok"]
        assert got[0]["message"]["files"][0]["id"] == file
        assert refusal(lambda: client(running).files_info(file=file)) == "file_not_found"


def test_home_opens_and_shows_what_the_app_publishes() -> None:
    with workspace() as running:
        app = bolt(running)

        @app.event("app_home_opened")
        def publishes(event: dict[str, Any], client: Any) -> None:
            client.views_publish(user_id=event["user"], view={"type": "home", "blocks": BUTTONS})

        with connected(app, running):
            running.open_home(ALICE)
            home = until(lambda: running.screen(ALICE)["home"], "a Home")
        assert home["blocks"][0]["block_id"] == "row"
        slack = client(running)
        stale = lambda: slack.views_publish(user_id=ALICE, hash="1.x", view={"type": "home", "blocks": BUTTONS})  # noqa: E731
        assert refusal(stale) == "hash_conflict"


def test_a_workflows_step_is_completed_once() -> None:
    with workspace() as running:
        app = bolt(running)

        @app.function("check_mail")
        def checks(inputs: dict[str, Any], complete: Any) -> None:
            complete(outputs={"verdict": inputs["mail"]})

        with connected(app, running):
            id = running.run_function("check_mail", {"mail": "From: a@example.com"})
            until(lambda: running.execution(id)["status"] == "succeeded", "completed")
        assert running.execution(id)["outputs"] == {"verdict": "From: a@example.com"}
        again = lambda: client(running).functions_completeError(function_execution_id=id, error="x")  # noqa: E731
        assert refusal(again) == "invalid_function_execution_state"


class Receiver:
    """An app's request URL that answers what the test tells it, and keeps what came."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.came: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
                reply = body if b"challenge" in body else b""
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json", **headers}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, format: str, *args: Any) -> None:  # the base class's name for it
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/slack/events"


@contextmanager
def over_http(times: Times = QUICK) -> Iterator[tuple[Workspace, Receiver]]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with workspace(times=times, app=replace(acme().app, request_url=receiver.url)) as running:
            yield running, receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


def test_requests_over_http_are_signed() -> None:
    with over_http() as (running, receiver):
        running.say(ALICE, text="hello")
        until(lambda: receiver.came, "a request")
        headers, body = receiver.came[0]
        assert SignatureVerifier(running.app.signing_secret).is_valid_request(body, headers)
        assert not SignatureVerifier("other").is_valid_request(body, headers)
        assert json.loads(body)["event"]["text"] == "hello"
        assert running.verify_url()


def test_bolt_takes_what_comes_over_http() -> None:
    with over_http() as (running, receiver):
        app = bolt(running, process_before_response=True)
        got: list[str] = []

        @app.command("/checkmail")
        def takes(ack: Any, body: dict[str, Any]) -> None:
            ack()
            got.append(body["text"])

        running.command(ALICE, "/checkmail", "a & b=c")
        headers, body = receiver.came[0]
        answer = app.dispatch(BoltRequest(body=body.decode(), headers=dict(headers)))
        assert (answer.status, got) == (200, ["a & b=c"])


def test_over_http_a_failed_event_comes_again_until_the_app_says_not_to() -> None:
    with over_http() as (running, receiver):
        receiver.answers = [(500, {}), (302, {"Location": "http://127.0.0.1:9/"}), (200, {})]
        running.say(ALICE, text="hello")
        until(lambda: len(receiver.came) == 3, "three requests")
        until(lambda: running.counts()["unacknowledged"] == 0, "done")
        tries = [(h.get("x-slack-retry-num"), h.get("x-slack-retry-reason")) for h, _ in receiver.came]
        assert tries == [(None, None), ("1", "http_error"), ("2", "too_many_redirects")]
        receiver.came.clear()
        receiver.answers = [(500, {"X-Slack-No-Retry": "1"})]
        running.say(ALICE, text="hello")
        until(lambda: receiver.came and running.counts()["unacknowledged"] == 0, "given up")
        assert len(receiver.came) == 1
