"""Zendesk's Ticketing API (developer.zendesk.com, "Ticketing") over plain HTTP: zenpy is under the GPL.

A ticket is found again by its external id ("List Tickets", `external_id`), and creating it carries an
Idempotency-Key ("Ticketing introduction", "Idempotency"), under which the same request may be made again for two
hours. For that the request is the same each time: the files, whose tokens differ, are added by an update.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from requests.auth import AuthBase, HTTPBasicAuth

from bot.adapters.desks.bearer import Bearer
from bot.adapters.desks.fates import AWAY_S, Refused
from bot.adapters.desks.http import READ_S, Http, Line
from bot.adapters.desks.lines import enclosed, particulars, title
from bot.errors import Shown
from bot.model import CaseFile, DeskState, DeskStatus, Filed, Priority
from bot.ports import Desk, Later

BODY = 30_000
"""Characters of the report that stand in the note; Zendesk takes 65,535 octets, and the whole is attached."""
STATES = {
    "new": DeskState.OPEN,
    "open": DeskState.WORKING,
    "pending": DeskState.WAITING,
    "hold": DeskState.WAITING,
    "solved": DeskState.CLOSED,
    "closed": DeskState.CLOSED,
    "deleted": DeskState.GONE,
}
"""By `status` ("Tickets", "JSON format"); an account's own statuses each belong to one of these."""
PRIORITIES = {Priority.URGENT: "urgent", Priority.HIGH: "high", Priority.NORMAL: "normal"}
_PLACEHOLDER = re.compile(r"\{(?=[{%])")


class Zendesk(Desk):
    """Opens each case as a ticket with one internal note."""

    def __init__(self, url: str, user: str, token: str, *, ca: str = "", read_s: float = READ_S) -> None:
        """`user`: the agent's mail address, with an API token; "": `token` is an OAuth access token."""
        auth: AuthBase = HTTPBasicAuth(f"{user}/token", token) if user else Bearer(token)
        self._http = Http("Zendesk", url, auth, ca=ca, read_s=read_s)

    def file(self, case: CaseFile) -> Filed:
        with self._http.session() as line:
            ticket = _found(line, case.key) or _created(line, case)
            if missing := _missing(line, ticket, case):
                _attach(line, ticket, missing)
        return Filed("zendesk", str(ticket), f"#{ticket}", f"{self._http.url}/agent/tickets/{ticket}")

    def status(self, filed: Filed) -> DeskStatus | None:
        with self._http.session() as line:
            try:
                told = line.get(f"/api/v2/tickets/{int(filed.id)}.json").json
            except Refused as refused:
                if refused.status != 404:
                    raise
                return DeskStatus(DeskState.GONE)
            word = _within(told, "ticket", "status")
            if not isinstance(word, str) or word not in STATES:
                raise line.strange(creates=False)
        return DeskStatus(STATES[word], word)

    def check(self) -> str:
        """Zendesk answers whoever isn't signed in, too, as somebody without an id ("Show Self")."""
        with self._http.session() as line:
            told = line.get("/api/v2/users/me.json").json
        role = _within(told, "user", "role")
        if not _within(told, "user", "id") or role not in ("agent", "admin"):
            raise Shown(
                "desk-refuses-us",
                "Zendesk doesn't take us for an agent.",
                "Check CHECKMAIL_DESK_USER and CHECKMAIL_DESK_TOKEN.",
            )
        return f"{role} at {urlsplit(self._http.url).hostname}"


def _found(line: Line, key: str) -> int | None:
    """The oldest ticket with that external id; those needn't be unique."""
    told = line.get("/api/v2/tickets.json", external_id=key).json
    tickets = told.get("tickets") if isinstance(told, dict) else None
    if not isinstance(tickets, list):
        raise line.strange(creates=False)
    ours = [each for each in tickets if isinstance(each, dict) and each.get("external_id") == key]
    return min((each["id"] for each in ours if isinstance(each.get("id"), int)), default=None)


def _created(line: Line, case: CaseFile) -> int:
    content = json.dumps({"ticket": _ticket(case)}, sort_keys=True).encode("ascii")
    try:
        told = line.post("/api/v2/tickets.json", content, "application/json", {"Idempotency-Key": case.key}).json
    except Refused as refused:
        if refused.status != 409 and refused.word != "IdempotentRequestError":
            raise
        # Another request under this key is under way, or it was used with other words: the ticket is there, and the
        # list doesn't show it yet.
        raise Later(AWAY_S, "Zendesk knows the key") from refused
    ticket = _within(told, "ticket", "id")
    if not isinstance(ticket, int):
        raise line.strange(creates=True)
    return ticket


def _ticket(case: CaseFile) -> dict[str, Any]:
    """ "Create Ticket". `body` is text, in which Markdown may be shown and HTML never is ("Ticket comments")."""
    return {
        "external_id": case.key,
        "subject": plain(title(case)),
        "priority": PRIORITIES[case.priority],
        "type": "incident",
        "tags": ["checkmail", case.verdict.value],
        "comment": {"body": note(case), "public": False},
    }


def note(case: CaseFile) -> str:
    """The internal note: particulars as they are, in a block of code, then the report, whose Markdown is escaped."""
    rows = "\n".join(f"{what}: {value}" for what, value in particulars(case)).replace("`", "'")
    report = case.report if len(case.report) <= BODY else f"{case.report[:BODY]}\n\n(The rest is in report.md.)"
    return plain(f"```\n{rows}\n```\n\n{enclosed(case)}\n\n{report}")


def plain(text: str) -> str:
    """Text in which Zendesk finds no placeholder to fill: an agent's comments are Liquid templates."""
    return _PLACEHOLDER.sub("{ ", text)


def _missing(line: Line, ticket: int, case: CaseFile) -> list[tuple[str, str, bytes]]:
    """The parts of the case file that no comment has; people may have written others since ("List Comments")."""
    told = line.get(f"/api/v2/tickets/{ticket}/comments.json").json
    comments = told.get("comments") if isinstance(told, dict) else None
    if not isinstance(comments, list):
        raise line.strange(creates=False)
    there = {name for comment in comments for name in _names(comment)}
    return [part for part in case.attachments if part[0] not in there]


def _names(comment: Any) -> Iterable[str]:
    attachments = comment.get("attachments") if isinstance(comment, dict) else None
    for each in attachments if isinstance(attachments, list) else ():
        if isinstance(each, dict) and isinstance(each.get("file_name"), str):
            yield each["file_name"]


def _attach(line: Line, ticket: int, parts: list[tuple[str, str, bytes]]) -> None:
    """Uploads them under one token, and adds them with an internal note ("Ticket attachments", "Update Ticket")."""
    token = ""
    for name, kind, content in parts:
        known = {"token": token} if token else {}
        told = line.upload("/api/v2/uploads.json", content, kind, filename=name, **known).json
        found = _within(told, "upload", "token")
        if not isinstance(found, str) or not found:
            raise line.strange(creates=False)
        token = found
    comment = {"body": "The case file.", "public": False, "uploads": [token]}
    line.put(f"/api/v2/tickets/{ticket}.json", json.dumps({"ticket": {"comment": comment}}).encode("ascii"))


def _within(told: Any, *names: str) -> Any:
    """A value inside an answer; None where the answer has another shape."""
    for name in names:
        told = told.get(name) if isinstance(told, dict) else None
    return told
