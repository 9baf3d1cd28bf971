"""Zendesk: one ticket for a case however often it is filed, whatever breaks on the way; text stays text."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.desks.fates import AWAY_S
from bot.adapters.desks.zendesk import BODY, STATES, Zendesk, note, plain
from bot.errors import Shown
from bot.model import DeskState, DeskStatus, Filed, Priority
from bot.ports import Doubtful, Later
from tests.deskcase import CASE, KEY, NAMES, case, certificates
from tests.deskserver import Cut, DeskServer, Fault, Reply, Request, serving

USER, TOKEN = "bot@example.org", "hunter2"
BASIC = "Basic " + base64.b64encode(f"{USER}/token:{TOKEN}".encode()).decode()


@dataclass
class Account:
    """A Zendesk account as far as its documentation tells: tickets, comments, uploads, idempotency keys."""

    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    uploads: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    lists: bool = True
    """Whether the list of tickets shows what was just created."""
    role: str = "agent"

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") not in (BASIC, f"Bearer {TOKEN}"):
            return Reply(401, {"error": "Couldn't authenticate you"})
        path = request.path.removesuffix(".json").removeprefix("/api/v2/").split("/")
        match (request.method, path):
            case ("GET", ["tickets"]):
                wanted = request.query["external_id"]
                shown = [each for each in self.tickets.values() if self.lists and each["external_id"] == wanted]
                return Reply(200, {"tickets": shown, "next_page": None, "previous_page": None, "count": len(shown)})
            case ("POST", ["tickets"]):
                return self.create(request)
            case ("POST", ["uploads"]):
                token = request.query.get("token") or f"token{len(self.uploads)}"
                self.uploads.setdefault(token, []).append(request.query["filename"])
                return Reply(201, {"upload": {"token": token, "attachment": {"file_name": request.query["filename"]}}})
            case ("GET", ["users", "me"]):
                return Reply(200, {"user": {"id": 1, "name": "Bot", "role": self.role}})
            case (_, ["tickets", number, *rest]) if number.isdigit() and int(number) in self.tickets:
                return self.one(request, int(number), rest)
        return Reply(404, {"error": "RecordNotFound", "description": "Not found"})

    def create(self, request: Request) -> Reply:
        key = request.headers["idempotency-key"]
        if key in self.keys:
            body, number = self.keys[key]
            if body != request.body:
                return Reply(400, {"error": "IdempotentRequestError", "description": "other parameters"})
            return Reply(201, {"ticket": self.tickets[number]}, {"x-idempotency-lookup": "hit"})
        number = 35436 + len(self.tickets)
        given_ = request.json["ticket"]
        self.tickets[number] = {"id": number, "status": "new", **given_}
        self.comments[number] = []
        self.keys[key] = (request.body, number)
        self.comment(number, given_["comment"])
        return Reply(201, {"ticket": self.tickets[number]}, {"x-idempotency-lookup": "miss"})

    def comment(self, number: int, said: dict[str, Any]) -> None:
        names = [name for token in said.get("uploads", []) for name in self.uploads.pop(token)]
        attachments = [{"file_name": name} for name in names]
        self.comments[number].append({"public": said["public"], "body": said["body"], "attachments": attachments})

    def one(self, request: Request, number: int, rest: list[str]) -> Reply:
        if rest == ["comments"]:
            return Reply(200, {"comments": self.comments[number]})
        if request.method == "PUT":
            self.comment(number, request.json["ticket"]["comment"])
        return Reply(200, {"ticket": self.tickets[number]})

    def names(self, number: int) -> tuple[str, ...]:
        return tuple(each["file_name"] for said in self.comments[number] for each in said["attachments"])


def desk(server: DeskServer, user: str = USER, token: str = TOKEN, ca: str = "") -> Zendesk:
    return Zendesk(server.url, user, token, ca=ca, read_s=0.3)


def whole(account: Account) -> None:
    """One ticket, every part of the case file once, and nothing public."""
    assert list(account.tickets) == [35436]
    assert sorted(account.names(35436)) == sorted(NAMES)
    assert not any(said["public"] for said in account.comments[35436])


def test_a_case_is_a_ticket_with_an_internal_note_and_its_files() -> None:
    account = Account()
    with serving(account.answer) as server:
        filed = desk(server).file(CASE)
    assert filed == Filed("zendesk", "35436", "#35436", f"{server.url}/agent/tickets/35436")
    whole(account)
    ticket = account.tickets[35436]
    assert (ticket["external_id"], ticket["priority"], ticket["type"]) == (KEY, "urgent", "incident")
    assert ticket["subject"] == "[checkmail 123] Reset maria@example.org's password and end her sessions"
    assert ticket["tags"] == ["checkmail", "hacked-account"]
    assert "html_body" not in ticket["comment"]
    body = account.comments[35436][0]["body"]
    assert "Verdict: hacked-account, 93% sure" in body
    assert "1. Reset the password." in body
    kinds = {each.query["filename"]: each.headers["content-type"] for each in server.asked("POST", "/api/v2/uploads")}
    assert kinds["diagnosis.json"] == "application/json"


def test_filed_again_it_is_the_same_ticket() -> None:
    account = Account()
    with serving(account.answer) as server:
        assert desk(server).file(CASE) == desk(server).file(CASE)
    whole(account)


@pytest.mark.parametrize("lists", [True, False], ids=["listed at once", "listed late"])
@pytest.mark.parametrize("fault", [Cut.AFTER, Cut.HALF, Cut.SILENT], ids=str)
def test_a_ticket_whose_answer_was_lost_isnt_made_twice(fault: Fault, lists: bool) -> None:
    account = Account(lists=lists)
    with serving(account.answer) as server:
        server.faults["POST", "/api/v2/tickets"] = [fault]
        with pytest.raises(Doubtful):
            desk(server).file(CASE)
        desk(server).file(CASE)
    whole(account)


STEPS = [
    ("GET", "/api/v2/tickets.json"),
    ("POST", "/api/v2/tickets.json"),
    ("GET", "/api/v2/tickets/35436/comments"),
    ("POST", "/api/v2/uploads"),
    ("PUT", "/api/v2/tickets/35436"),
]
FAULTS: tuple[Fault, ...] = (Reply(429, headers={"Retry-After": "93"}), Reply(503), Reply(500), Cut.BEFORE, Cut.AFTER)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_whatever_breaks_at_whichever_step_the_next_try_makes_it_whole(step: tuple[str, str], fault: Fault) -> None:
    account = Account()
    with serving(account.answer) as server:
        server.faults[step] = [fault]
        with pytest.raises((Later, Doubtful)) as caught:
            desk(server).file(CASE)
        desk(server).file(CASE)
    whole(account)
    told = isinstance(fault, Reply) and "Retry-After" in fault.headers
    if isinstance(caught.value, Later):
        assert caught.value.seconds == (93 if told else AWAY_S)
    assert isinstance(caught.value, Later) or step[0] == "PUT" or step == STEPS[1]


def test_another_text_under_the_same_key_waits_until_the_ticket_is_listed() -> None:
    account = Account(lists=False)
    with serving(account.answer) as server:
        server.faults["POST", "/api/v2/tickets"] = [Cut.AFTER]
        with pytest.raises(Doubtful):
            desk(server).file(CASE)
        with pytest.raises(Later):
            desk(server).file(case(report="shorter"))
        account.lists = True
        desk(server).file(case(report="shorter"))
    whole(account)


def test_a_request_that_is_under_way_is_waited_for() -> None:
    account = Account()
    with serving(account.answer) as server:
        server.faults["POST", "/api/v2/tickets"] = [Reply(409, {"error": "IdempotentRequestInProgress"})]
        with pytest.raises(Later):
            desk(server).file(CASE)
        desk(server).file(CASE)
    whole(account)


def test_a_ticket_of_another_case_isnt_taken_for_this_one() -> None:
    account = Account()
    account.tickets[7] = {"id": 7, "status": "open", "external_id": KEY + "0"}
    with serving(lambda request: account.answer(request)) as server:
        server.faults["GET", "/api/v2/tickets.json"] = [Reply(200, {"tickets": [account.tickets[7]]})]
        assert desk(server).file(CASE).id != "7"


REFUSALS = [
    (401, "desk-refuses-us"),
    (403, "desk-refuses-us"),
    (404, "desk-not-there"),
    (422, "desk-refuses"),
    (302, "desk-moved"),
]


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_a_refusal_is_told_to_people(status: int, code: str) -> None:
    account = Account()
    with serving(account.answer) as server:
        refusal = Reply(status, {"error": "RecordInvalid", "description": "secret text"}, {"Location": "/x"})
        server.faults["POST", "/api/v2/tickets"] = [refusal]
        with pytest.raises(Shown) as caught:
            desk(server).file(CASE)
    assert caught.value.code == code
    assert "RecordInvalid" in caught.value.message
    assert "secret text" not in caught.value.message + caught.value.hint


def test_a_wrong_token_is_told_and_not_quoted() -> None:
    with serving(Account().answer) as server, pytest.raises(Shown) as caught:
        desk(server, token="wrong-token").file(CASE)
    assert caught.value.code == "desk-refuses-us"
    assert "wrong-token" not in repr(caught.value) + caught.value.message + caught.value.hint


def test_an_access_token_stands_alone() -> None:
    account = Account()
    with serving(account.answer) as server:
        desk(server, user="").file(CASE)
    whole(account)
    assert {each.headers["authorization"] for each in server.requests} == {f"Bearer {TOKEN}"}


def test_nothing_goes_to_a_server_with_a_wrong_certificate(tmp_path: Path) -> None:
    context, authority = certificates(tmp_path, "localhost")
    account = Account()
    with serving(account.answer, context) as server:
        with pytest.raises(Shown, match="certificate"):
            desk(server).file(CASE)
        assert server.requests == []
        desk(server, ca=authority).file(CASE)
    whole(account)


SHAPES: list[Any] = [None, [], {"tickets": None}, {"ticket": []}, {"upload": {}}, "text"]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("step", STEPS[:-1], ids=str)
def test_an_answer_of_another_shape_is_no_answer(step: tuple[str, str], shape: Any) -> None:
    with serving(Account().answer) as server:
        server.faults[step] = [Reply(200, shape)]
        with pytest.raises((Later, Doubtful)):
            desk(server).file(CASE)


@pytest.mark.parametrize("word", STATES)
def test_each_status_is_told_in_our_words_and_theirs(word: str) -> None:
    account = Account()
    with serving(account.answer) as server:
        filed = desk(server).file(CASE)
        account.tickets[35436]["status"] = word
        assert desk(server).status(filed) == DeskStatus(STATES[word], word)


def test_a_ticket_that_is_deleted_is_gone() -> None:
    account = Account()
    with serving(account.answer) as server:
        filed = desk(server).file(CASE)
        account.tickets.clear()
        assert desk(server).status(filed) == DeskStatus(DeskState.GONE)
        server.faults["GET", "/api/v2/tickets/"] = [Reply(429), Reply(401), Reply(200, {"ticket": {"status": "odd"}})]
        for meaning in (Later, Shown, Later):
            with pytest.raises(meaning):
                desk(server).status(filed)


def test_check_says_who_we_are_and_changes_nothing() -> None:
    account = Account()
    with serving(account.answer) as server:
        assert desk(server).check() == "agent at localhost"
        account.role = "end-user"
        with pytest.raises(Shown, match="agent"):
            desk(server).check()
        server.faults["GET", "/api/v2/users"] = [Reply(200, {"user": {"id": None, "role": "agent"}})]
        with pytest.raises(Shown, match="agent"):
            desk(server).check()
    assert {each.method for each in server.requests} == {"GET"}


HOSTILE = "x ``` {{ticket.requester.email}} {% if %} <img src=x> \r\n# y"


def test_no_placeholder_and_no_markup_of_a_mail_gets_through() -> None:
    account = Account()
    with serving(account.answer) as server:
        desk(server).file(case(summary=HOSTILE, affected=HOSTILE, report="{{dc.secret}}"))
    ticket = account.tickets[35436]
    sent = ticket["subject"] + ticket["comment"]["body"]
    assert "{{" not in sent
    assert "{%" not in sent
    body = ticket["comment"]["body"]
    assert body.count("```") == 2
    code = body.split("```")[1]
    assert "<img src=x> # y" in code


@given(st.text(max_size=300))
def test_nothing_that_is_written_is_a_placeholder(text: str) -> None:
    assert "{{" not in plain(text)
    assert "{%" not in plain(text)


def test_a_long_report_is_cut_in_the_note_and_whole_in_the_file() -> None:
    long = case(report="word " * BODY)
    assert len(note(long)) < BODY + 1500
    account = Account()
    with serving(account.answer) as server:
        desk(server).file(long)
    sent = {each.query["filename"]: each.body for each in server.asked("POST", "/api/v2/uploads")}
    assert sent["report.md"].decode() == long.report


def test_surrogates_and_all_letters_travel() -> None:
    account = Account()
    odd = case(summary="Grüße \ud800 ☃", report="\udcff é", priority=Priority.NORMAL)
    with serving(account.answer) as server:
        desk(server).file(odd)
    assert account.tickets[35436]["subject"] == "[checkmail 123] Grüße ☃"
    assert json.loads(server.asked("POST", "/api/v2/tickets")[0].body)["ticket"]["priority"] == "normal"
