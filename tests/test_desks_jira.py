"""Jira: one issue or request for a case, by the vendor's library, whatever breaks on the way; markup stays text."""

import base64
import re
import sys
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.desks.fates import AWAY_S
from bot.adapters.desks.jira import BODY, STATES, Jira, description, escaped
from bot.errors import BadSetting, Shown
from bot.model import DeskState, DeskStatus, Filed, Priority
from bot.ports import Doubtful, Later
from tests.deskcase import CASE, KEY, NAMES, case, certificates
from tests.deskserver import Cut, DeskServer, Fault, Reply, Request, serving

USER, TOKEN = "bot@example.org", "hunter2"
BASIC = "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
TYPES = [{"id": "24", "name": "Get help"}, {"id": "25", "name": "Report phishing"}]


@dataclass
class Site:
    """A Jira site as far as its documentation tells: issues, requests, search, attachments."""

    deployment: str = "Cloud"
    issues: list[dict[str, Any]] = field(default_factory=list)
    without: frozenset[str] = frozenset()
    """Fields that the project's screen lacks."""
    indexed: bool = True
    """Whether search shows what was just created."""

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") not in (BASIC, f"Bearer {TOKEN}"):
            return Reply(401, {"errorMessages": ["You are not authenticated."], "errors": {}})
        if request.path.startswith("/rest/servicedeskapi/"):
            return self.service_desk(request, request.path.removeprefix("/rest/servicedeskapi/"))
        return self.platform(request, request.path.removeprefix("/rest/api/2/"))

    def platform(self, request: Request, path: str) -> Reply:
        search = "search/jql" if self.deployment == "Cloud" else "search"
        match (request.method, path.split("/")):
            case ("GET", ["serverInfo"]):
                return Reply(200, {"versionNumbers": [1001, 0, 0], "deploymentType": self.deployment})
            case ("GET", ["field"]):
                return Reply(200, [{"id": "labels", "clauseNames": ["labels"]}])
            case ("GET", ["myself"]):
                return Reply(200, {"displayName": "The Bot"})
            case ("GET", ["project", "SEC"]):
                return Reply(200, {"id": "1", "key": "SEC", "name": "Security"})
            case ("GET", _) if path == search:
                return Reply(200, {"issues": self.search(request.query["jql"]), "isLast": True, "total": 0})
            case ("POST", ["issue"]):
                return self.create(request.json["fields"])
            case (_, ["issue", id, *rest]):
                return self.one(request, id, rest)
        return Reply(404, {"errorMessages": ["not found"], "errors": {}})

    def service_desk(self, request: Request, path: str) -> Reply:
        match (request.method, path):
            case ("GET", "servicedesk/SEC"):
                return Reply(200, {"id": "10", "projectKey": "SEC"})
            case ("GET", "servicedesk/10/requesttype"):
                return Reply(200, {"values": TYPES, "isLastPage": True})
            case ("POST", "request"):
                given_ = request.json
                if given_["serviceDeskId"] != "10" or given_["requestTypeId"] != 25:
                    return Reply(400, {"errorMessage": "no such type"})
                made = self.add({**given_["requestFieldValues"], "labels": []})
                return Reply(201, {"issueId": made["id"], "issueKey": made["key"], "serviceDeskId": "10"})
        return Reply(404, {"errorMessage": "not found"})

    def create(self, fields: dict[str, Any]) -> Reply:
        if wrong := self.without & fields.keys():
            said = "Field cannot be set. It is not on the appropriate screen, or unknown."
            return Reply(400, {"errorMessages": [], "errors": dict.fromkeys(wrong, said)})
        made = self.add(fields)
        return Reply(201, {"id": made["id"], "key": made["key"], "self": "x"})

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        number = len(self.issues) + 24
        status = {"name": "Open", "statusCategory": {"key": "new"}}
        made = {"id": f"1{number:04}", "key": f"SEC-{number}", "fields": {**fields, "attachment": [], "status": status}}
        self.issues.append(made)
        return made

    def search(self, jql: str) -> list[dict[str, Any]]:
        """`project = "P" AND (labels = "L" OR description ~ "\\"phrase\\"")`, the oldest first."""
        asked = re.fullmatch(
            r'project = "(\w+)" AND \(labels = "([\w-]+)" OR description ~ "\\"([\w-]+)\\""\) ORDER BY created ASC', jql
        )
        assert asked is not None, jql
        label, phrase = asked.group(2), asked.group(3)
        shown = [
            each
            for each in self.issues
            if label in each["fields"].get("labels", []) or phrase in each["fields"]["description"].replace("\\", "")
        ]
        return shown if self.indexed else []

    def one(self, request: Request, id: str, rest: list[str]) -> Reply:
        issue = next((each for each in self.issues if id in (each["id"], each["key"])), None)
        if issue is None:
            return Reply(404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]})
        if rest == ["attachments"]:
            assert request.headers["x-atlassian-token"] == "no-check"
            name, content = uploaded(request)
            issue["fields"]["attachment"].append({"filename": name, "size": len(content)})
            return Reply(200, [{"id": "1", "filename": name, "size": len(content)}])
        return Reply(200, issue)


def uploaded(request: Request) -> tuple[str, bytes]:
    """The file of a multipart/form-data body (RFC 7578)."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + request.body).get_payload()
    assert isinstance(parts, list)
    (part,) = parts
    assert isinstance(part, Message)
    assert part.get_param("name", header="Content-Disposition") == "file"
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return str(part.get_filename()), content


def desk(server: DeskServer, request_type: str = "", user: str = USER, token: str = TOKEN, ca: str = "") -> Jira:
    return Jira(server.url, user, token, "SEC", request_type=request_type, ca=ca, read_s=0.3)


def whole(site: Site) -> None:
    """One issue with every part of the case file once."""
    assert len(site.issues) == 1
    assert sorted(each["filename"] for each in site.issues[0]["fields"]["attachment"]) == sorted(NAMES)


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_a_case_is_an_issue_with_its_files(deployment: str) -> None:
    site = Site(deployment)
    with serving(site.answer) as server:
        filed = desk(server).file(CASE)
    assert filed == Filed("jira", "10024", "SEC-24", f"{server.url}/browse/SEC-24")
    whole(site)
    fields = site.issues[0]["fields"]
    assert (fields["project"], fields["issuetype"]) == ({"key": "SEC"}, {"name": "Task"})
    assert fields["summary"] == "[checkmail 123] Reset maria@example.org's password and end her sessions"
    assert fields["labels"] == ["checkmail", "hacked-account", KEY]
    assert fields["priority"] == {"name": "Highest"}
    assert "*Who is affected:* maria\\@example.org" in fields["description"]
    (request,) = server.asked("POST", "/rest/api/2/issue/10024/attachments")[:1]
    assert uploaded(request) == ("report.md", CASE.report.encode())


@pytest.mark.parametrize("kind", ["Report phishing", "25"])
def test_with_a_request_type_it_is_a_customer_request(kind: str) -> None:
    site = Site()
    with serving(site.answer) as server:
        filed = desk(server, kind).file(CASE)
        assert desk(server, kind).file(CASE) == filed
    assert (filed.id, filed.number) == ("10024", "SEC-24")
    whole(site)
    assert site.issues[0]["fields"].keys() == {"summary", "description", "labels", "attachment", "status"}


def test_a_request_type_that_isnt_there_is_told() -> None:
    site = Site()
    with serving(site.answer) as server, pytest.raises(Shown, match="request type"):
        desk(server, "Report fishing").file(CASE)
    assert site.issues == []


@pytest.mark.parametrize("without", [{"labels"}, {"priority"}, {"labels", "priority"}], ids=str)
def test_what_the_projects_screen_lacks_is_left_out_and_the_case_is_found_again(without: set[str]) -> None:
    site = Site(without=frozenset(without))
    with serving(site.answer) as server:
        assert desk(server).file(CASE) == desk(server).file(CASE)
    whole(site)


def test_a_field_that_cant_be_left_out_is_told_by_its_name() -> None:
    site = Site(without=frozenset({"issuetype", "labels"}))
    with serving(site.answer) as server, pytest.raises(Shown, match="issuetype") as caught:
        desk(server).file(CASE)
    assert caught.value.code == "desk-refuses"
    assert "appropriate screen" not in caught.value.message


KINDS = ["", "25"]


@pytest.mark.parametrize("kind", KINDS, ids=["issue", "request"])
@pytest.mark.parametrize("fault", [Cut.AFTER, Cut.HALF, Cut.SILENT], ids=str)
def test_an_issue_whose_answer_was_lost_isnt_made_twice(fault: Fault, kind: str) -> None:
    site = Site()
    with serving(site.answer) as server:
        server.faults["POST", "/rest/servicedeskapi/request" if kind else "/rest/api/2/issue"] = [fault]
        with pytest.raises(Doubtful):
            desk(server, kind).file(CASE)
        desk(server, kind).file(CASE)
    whole(site)


STEPS = [
    ("GET", "/rest/api/2/serverInfo"),
    ("GET", "/rest/api/2/search"),
    ("POST", "/rest/api/2/issue"),
    ("GET", "/rest/api/2/issue/10024"),
    ("POST", "/rest/api/2/issue/10024/attachments"),
]
FAULTS: tuple[Fault, ...] = (Reply(429, headers={"Retry-After": "30"}), Reply(503), Reply(500), Cut.BEFORE, Cut.AFTER)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_whatever_breaks_at_whichever_step_the_next_try_makes_it_whole(step: tuple[str, str], fault: Fault) -> None:
    site = Site()
    with serving(site.answer) as server:
        server.faults[step] = [fault]
        with pytest.raises((Later, Doubtful)) as caught:
            desk(server).file(CASE)
        assert len(server.asked(step[0], step[1])) == 1
        desk(server).file(CASE)
    whole(site)
    told = isinstance(fault, Reply) and "Retry-After" in fault.headers
    if isinstance(caught.value, Later):
        assert caught.value.seconds == (30 if told else AWAY_S)
    assert isinstance(caught.value, Later) or step[0] == "POST"


REFUSALS = [
    (401, "desk-refuses-us"),
    (403, "desk-refuses-us"),
    (404, "desk-not-there"),
    (302, "desk-moved"),
    (413, "desk-too-large"),
]


@pytest.mark.parametrize("step", [STEPS[1], STEPS[2], STEPS[4]], ids=str)
@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_a_refusal_is_told_to_people(status: int, code: str, step: tuple[str, str]) -> None:
    site = Site()
    with serving(site.answer) as server:
        refusal = Reply(status, {"errorMessages": ["secret text"]}, {"Location": f"{server.url}/elsewhere"})
        server.faults[step] = [refusal]
        with pytest.raises(Shown) as caught:
            desk(server).file(CASE)
    assert caught.value.code == code
    assert "secret text" not in caught.value.message + caught.value.hint
    assert not server.asked("GET", "/elsewhere")


def test_a_wrong_token_is_told_and_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    with serving(Site().answer) as server, pytest.raises(Shown) as caught:
        desk(server, token="wrong-token").file(CASE)
    assert caught.value.code == "desk-refuses-us"
    assert "wrong-token" not in repr(caught.value) + caught.value.message + caught.value.hint + caplog.text


def test_nothing_of_the_case_gets_into_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    site = Site()
    with serving(site.answer) as server:
        server.faults["POST", "/rest/api/2/issue"] = [Reply(400, {"errors": {"summary": "maria@example.org"}})]
        with pytest.raises(Shown):
            desk(server).file(CASE)
        server.faults["GET", "/rest/api/2/issue"] = [Reply(429, headers={"Retry-After": "1"})]
        with pytest.raises(Later):
            desk(server).file(CASE)
    assert "maria" not in caplog.text


def test_a_personal_access_token_stands_alone() -> None:
    site = Site("Server")
    with serving(site.answer) as server:
        desk(server, user="").file(CASE)
    whole(site)
    assert {each.headers["authorization"] for each in server.requests} == {f"Bearer {TOKEN}"}


def test_nothing_goes_to_a_server_with_a_wrong_certificate(tmp_path: Path) -> None:
    context, authority = certificates(tmp_path, "localhost")
    site = Site()
    with serving(site.answer, context) as server:
        with pytest.raises(Shown, match="certificate"):
            desk(server).file(CASE)
        assert server.requests == []
        desk(server, ca=authority).file(CASE)
    whole(site)


SHAPES: list[Any] = [None, [], {"issues": None}, {"issues": [{"id": 7}]}, {"key": "nonsense"}, "text"]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("step", [STEPS[1], STEPS[2]], ids=str)
def test_an_answer_of_another_shape_is_no_answer(step: tuple[str, str], shape: Any) -> None:
    with serving(Site().answer) as server:
        server.faults[step] = [Reply(200, shape)]
        if step == STEPS[1] and shape == {"issues": [{"id": 7}]}:
            desk(server).file(CASE)  # an issue that isn't ours, whatever it is
        else:
            with pytest.raises((Later, Doubtful)):
                desk(server).file(CASE)


def test_a_page_of_a_proxys_is_no_answer() -> None:
    with serving(Site().answer) as server:
        for step, meaning in ((STEPS[1], Later), (STEPS[2], Doubtful)):
            server.faults[step] = [Reply(200, body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"})]
            with pytest.raises(meaning):
                desk(server).file(CASE)


def test_an_issue_that_only_mentions_something_alike_isnt_taken_for_this_one() -> None:
    site = Site()
    site.add({"summary": "x", "description": f"see {KEY}9", "labels": []})
    with serving(site.answer) as server:
        assert desk(server).file(CASE).number == "SEC-25"


STATUSES = [
    ("Open", "new", DeskState.OPEN),
    ("Waiting for support", "indeterminate", DeskState.WORKING),
    ("Waiting for customer", "indeterminate", DeskState.WAITING),
    ("Pending", "indeterminate", DeskState.WAITING),
    ("Erledigt", "done", DeskState.CLOSED),
    ("Odd", "undefined", DeskState.OPEN),
]


@pytest.mark.parametrize(("word", "category", "state"), STATUSES)
def test_each_status_is_told_in_our_words_and_theirs(word: str, category: str, state: DeskState) -> None:
    site = Site()
    with serving(site.answer) as server:
        filed = desk(server).file(CASE)
        site.issues[0]["fields"]["status"] = {"name": word, "statusCategory": {"key": category}}
        assert desk(server).status(filed) == DeskStatus(state, word)


def test_an_issue_that_is_deleted_is_gone() -> None:
    site = Site()
    with serving(site.answer) as server:
        filed = desk(server).file(CASE)
        site.issues.clear()
        assert desk(server).status(filed) == DeskStatus(DeskState.GONE)
        server.faults["GET", "/rest/api/2/issue"] = [Reply(429), Reply(401), Reply(200, {"fields": {}})]
        for meaning in (Later, Shown, Later):
            with pytest.raises(meaning):
                desk(server).status(filed)


def test_check_says_who_we_are_and_changes_nothing() -> None:
    with serving(Site().answer) as server:
        assert desk(server).check() == "The Bot at localhost, project SEC"
        server.faults["GET", "/rest/api/2/project"] = [Reply(404)]
        with pytest.raises(Shown, match="404"):
            desk(server).check()
    assert {each.method for each in server.requests} == {"GET"}


def test_without_the_library_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jira", None)
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK=jira"):
        Jira("https://example.atlassian.net", USER, TOKEN, "SEC")


ESCAPES = [
    ("plain words, 93%", "plain words, 93%"),
    ("[~accountid:1] !https://x/y.png!", "\\[\\~accountid\\:1\\] \\!https\\://x/y.png\\!"),
    ("{html}<b>*x*_y_", "\\{html\\}\\<b\\>\\*x\\*\\_y\\_"),
    ("a\\\\b", "a&#92;&#92;b"),
    ("&#123;", "\\&\\#123\\;"),
    ("h1. x", "h1. x"),
]


@pytest.mark.parametrize(("text", "said"), ESCAPES)
def test_markup_is_escaped(text: str, said: str) -> None:
    assert escaped(text) == said


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_macro_of_a_mail_gets_into_the_description(summary: str, report: str) -> None:
    said = description(case(summary=summary, affected="{noformat}", report=report + "{noformat}{color:red}"))
    assert len(re.findall(r"(?<!\\)\{", said)) == 2
    assert said.count("{noformat}") == 2
    assert said.endswith("\n{noformat}")


def test_a_long_report_is_cut_in_the_description_and_whole_in_the_file() -> None:
    long = case(report="word " * BODY, priority=Priority.NORMAL)
    assert len(description(long)) < 32_767
    site = Site()
    with serving(site.answer) as server:
        desk(server).file(long)
    sent = dict(uploaded(each) for each in server.asked("POST", "/rest/api/2/issue/10024/attachments"))
    assert sent["report.md"].decode() == long.report


def test_every_category_has_a_state() -> None:
    assert set(STATES.values()) == {DeskState.OPEN, DeskState.WORKING, DeskState.CLOSED}
