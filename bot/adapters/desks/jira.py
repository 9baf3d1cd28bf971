"""Jira Service Management, and any project of Jira's, by way of the `jira` library; Cloud and Data Center.

With a request type a case is a customer request (REST, "Create customer request"), else an issue ("Create issue").
Jira has no key under which a request is made once, so that a case is looked for before it is made: by its label or
the reference in its description, since a request type need not have labels. Search follows within seconds
("Search for issues using JQL": it isn't consistent at once), which is why a doubtful try is to be repeated later.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests

from bot.adapters.desks.fates import AWAY_S, Refused, of_failure, of_status
from bot.adapters.desks.http import CONNECT_S, READ_S
from bot.adapters.desks.lines import enclosed, particulars, title
from bot.errors import BadSetting, Shown
from bot.model import CaseFile, DeskState, DeskStatus, Filed, Priority
from bot.ports import Desk, Doubtful, Later

if TYPE_CHECKING:
    from jira import JIRA, JIRAError

BODY = 25_000
"""Characters of the report in the description; Jira takes 32,767 for the whole."""
STATES = {"new": DeskState.OPEN, "indeterminate": DeskState.WORKING, "done": DeskState.CLOSED}
"""By the key of a status's category, which is the same in every language and workflow."""
WAITING = frozenset({"waiting for customer", "pending", "on hold", "waiting for approval"})
"""Statuses of Jira Service Management's own workflows in which nobody there works on it."""
PRIORITIES = {Priority.URGENT: "Highest", Priority.HIGH: "High", Priority.NORMAL: "Medium"}
OPTIONAL = frozenset({"labels", "priority"})
"""Fields that a project's screens may lack, and names that an administrator may have changed."""
_MARKUP = re.compile(r"([{}\[\]()*_\-+^~?|!#@&<>:;=])")


class Jira(Desk):
    """Opens each case in one project."""

    def __init__(
        self,
        url: str,
        user: str,
        token: str,
        project: str,
        *,
        request_type: str = "",
        issue_type: str = "Task",
        ca: str = "",
        read_s: float = READ_S,
    ) -> None:
        """`user`: the account's mail address, with an API token (Cloud); "": `token` is a personal access token.

        Raises BadSetting where the library isn't installed.
        """
        self._url = url.rstrip("/")
        self._account = (user, token)
        self._project = project
        self._request_type = request_type
        self._issue_type = issue_type
        self._verify: bool | str = ca or True
        self._wait = (CONNECT_S, read_s)
        _library()

    def file(self, case: CaseFile) -> Filed:
        with self._client(asks_which=True) as client:
            issue = self._found(client, case.key) or self._created(client, case)
            self._attach(client, issue, case)
        return Filed("jira", issue[0], issue[1], f"{self._url}/browse/{issue[1]}")

    def status(self, filed: Filed) -> DeskStatus | None:
        with self._client(asks_which=False) as client:
            try:
                with _fates(creates=False):
                    told = client.issue(filed.id, fields="status").raw
            except Refused as refused:
                if refused.status != 404:
                    raise
                return DeskStatus(DeskState.GONE)
        status = _within(told, "fields", "status")
        word, category = _within(status, "name"), _within(status, "statusCategory", "key")
        if not isinstance(word, str):
            raise _strange(creates=False)
        waits = word.casefold() in WAITING
        return DeskStatus(DeskState.WAITING if waits else STATES.get(str(category), DeskState.OPEN), word)

    def check(self) -> str:
        """Who we are ("Get current user"), and whether we see the project ("Get project")."""
        with self._client(asks_which=False) as client, _fates(creates=False):
            me = client.myself()
            project = client.project(self._project).raw
        name = _within(me, "displayName") or "somebody"
        return f"{name} at {urlsplit(self._url).hostname}, project {_within(project, 'key')}"

    @contextmanager
    def _client(self, *, asks_which: bool) -> Iterator["JIRA"]:
        """The library's client, without retries of its own: they would sleep in a worker, and send again what may
        have been carried out. `asks_which`: whether it is Cloud, whose search is another.
        """
        from jira import JIRA

        user, token = self._account
        with _fates(creates=False):
            client = JIRA(
                self._url,
                options={"verify": self._verify},
                basic_auth=(user, token) if user else None,
                token_auth=None if user else token,
                get_server_info=False,
                logging=False,
                max_retries=0,
                timeout=self._wait,
            )
        try:
            # A redirect would turn a POST into a GET (RFC 9110, 15.4).
            client._session.max_redirects = 0
            if asks_which:
                with _fates(creates=False):
                    client.deploymentType = _within(client.server_info(), "deploymentType")
            yield client
        finally:
            client.close()  # type: ignore[no-untyped-call]  # the library says no types there

    def _found(self, client: "JIRA", key: str) -> tuple[str, str] | None:
        """(id, key) of the oldest issue of this case."""
        jql = f'project = "{self._project}" AND (labels = "{key}" OR description ~ "\\"{key}\\"") ORDER BY created ASC'
        with _fates(creates=False):
            told = client.search_issues(jql, maxResults=10, fields="labels,description", json_result=True)
            return next((_named(each) for each in told["issues"] if _is_ours(each, key)), None)

    def _created(self, client: "JIRA", case: CaseFile) -> tuple[str, str]:
        make = self._request if self._request_type else self._issue
        with _fates(creates=True):
            return _named(make(client, case))

    def _request(self, client: "JIRA", case: CaseFile) -> dict[str, Any]:
        """Its summary and description alone: what else a request type has is the owner's."""
        kind = int(self._request_type) if self._request_type.isdecimal() else self._request_type
        values = {"summary": title(case), "description": description(case)}
        with _fates(creates=False):  # the desk and the type are looked up first; creating is told apart by the library
            desk = client.service_desk(self._project)
            if isinstance(kind, str):
                kind = int(_type_named(client, desk, kind))
        fields = {"serviceDeskId": desk, "requestTypeId": kind, "requestFieldValues": values}
        return cast(dict[str, Any], client.create_customer_request(fields, prefetch=False).raw)

    def _issue(self, client: "JIRA", case: CaseFile) -> dict[str, Any]:
        fields = {
            "project": {"key": self._project},
            "issuetype": {"name": self._issue_type},
            "summary": title(case),
            "description": description(case),
            "labels": ["checkmail", case.verdict.value, case.key],
            "priority": {"name": PRIORITIES[case.priority]},
        }
        error = _library()
        try:
            return client.create_issue(fields, prefetch=False).raw
        except error as refused:
            wrong = set(_fields(refused))
            if refused.status_code != 400 or not wrong or not wrong <= OPTIONAL:
                raise
        kept = {name: value for name, value in fields.items() if name not in wrong}
        return client.create_issue(kept, prefetch=False).raw

    def _attach(self, client: "JIRA", issue: tuple[str, str], case: CaseFile) -> None:
        """Adds the parts that aren't there ("Add attachment"): for the people of the project, not for customers."""
        with _fates(creates=False):
            told = client.issue(issue[0], fields="attachment").raw
        there = _within(told, "fields", "attachment")
        names = {_within(each, "filename") for each in there} if isinstance(there, list) else set()
        for name, _, content in case.attachments:
            if name not in names:
                with _fates(creates=True):
                    client.add_attachment(issue[0], cast(io.BufferedReader, io.BytesIO(content)), name)


def description(case: CaseFile) -> str:
    """Wiki markup ("Text Formatting Notation"), which the version 2 interface and service desks take."""
    rows = "\n".join(f"*{what}:* {escaped(value)}" for what, value in particulars(case))
    report = case.report if len(case.report) <= BODY else f"{case.report[:BODY]}\n\n(The rest is in report.md.)"
    # Nothing ends {noformat} but itself, so there is no brace in it.
    verbatim = report.replace("{", "(").replace("}", ")").encode("utf-8", "replace").decode("utf-8")
    return f"{rows}\n\n{escaped(enclosed(case))}\n\n{{noformat}}\n{verbatim}\n{{noformat}}"


def escaped(text: str) -> str:
    """Text that wiki markup shows as it is: no macro, link, mention, picture or smiley."""
    # Two backslashes are a line break there, so that a backslash is an entity.
    return "&#92;".join(_MARKUP.sub(r"\\\1", part) for part in text.split("\\"))


def _library() -> "type[JIRAError]":
    try:
        from jira import JIRAError
    except ImportError:
        raise BadSetting(
            "bad-setting",
            "CHECKMAIL_DESK=jira: Jira's client library isn't installed.",
            "Install checkmail with it: checkmail[jira].",
        ) from None
    return JIRAError


@contextmanager
def _fates(*, creates: bool) -> Iterator[None]:
    """Every ending of the library's requests as one of ours."""
    error = _library()
    try:
        yield
    except error as refused:
        status = refused.status_code or 0
        if status < 300:  # a good answer without what it should hold
            raise _strange(creates=creates) from refused
        headers = getattr(refused.response, "headers", None) or {}
        word = ", ".join(sorted(_fields(refused)))
        raise of_status("Jira", status, headers, creates=creates, word=word) from refused
    except requests.RequestException as failed:
        raise of_failure("Jira", failed, creates=creates) from failed
    except (KeyError, TypeError, AttributeError, ValueError) as odd:
        # What the library raises over an answer of another shape, such as a page of a proxy's.
        raise _strange(creates=creates) from odd


def _strange(*, creates: bool) -> Later | Doubtful:
    why = "Jira: an answer of another shape"
    return Doubtful(why) if creates else Later(AWAY_S, why)


def _fields(refused: "JIRAError") -> list[str]:
    """The names of the fields that were wrong ("errors"); their texts may quote what we sent."""
    try:
        told = refused.response.json() if refused.response is not None else None
    except ValueError:  # not JSON
        return []
    errors = _within(told, "errors")
    return [name for name in errors if re.fullmatch(r"\w{1,40}", name)] if isinstance(errors, dict) else []


def _type_named(client: "JIRA", desk: Any, name: str) -> str:
    """The number of a request type. Raises Shown where there is none of that name."""
    found = next((each for each in client.request_types(desk) if each.name == name), None)
    if found is None:
        raise Shown(
            "desk-refuses",
            "Jira has no such request type in that project.",
            "Check CHECKMAIL_DESK_REQUEST_TYPE: its name as the portal shows it, or its number.",
        )
    return str(found.id)


def _is_ours(issue: Any, key: str) -> bool:
    """Whether it really has the reference: text search is about words."""
    labels, text = _within(issue, "fields", "labels"), _within(issue, "fields", "description")
    words = re.split(r"[^\w-]+", text.replace("\\", "")) if isinstance(text, str) else []
    return key in (labels or ()) or key in words


def _named(raw: Any) -> tuple[str, str]:
    """(id, key) of an issue or of a customer request."""
    id, key = _within(raw, "id") or _within(raw, "issueId"), _within(raw, "key") or _within(raw, "issueKey")
    if not isinstance(id, str) or not isinstance(key, str) or not re.fullmatch(r"[A-Z][A-Z0-9_]*-\d+", key):
        raise ValueError("not an issue")
    return id, key


def _within(told: Any, *names: str) -> Any:
    for name in names:
        told = told.get(name) if isinstance(told, dict) else None
    return told
