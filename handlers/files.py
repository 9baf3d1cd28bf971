"""The Materials port over Slack: a file's content as exhibits, however Slack holds it.

Only the worker fetches. An ordinary file costs one download and no call of the Web API; `files.info` is asked for
what comes without its content (forwarded mails, Slack Connect) and to tell why a download was refused.
"""

import json
from collections.abc import Iterator
from typing import NoReturn

import structlog
from slack_sdk import WebClient

from bot.errors import Shown, Unreadable
from bot.intake.forwarded import quoted_block
from bot.model import Exhibit, FileRef, Kind, Limits
from bot.ports import Materials
from handlers import reading
from handlers.calls import REFUSED, REVOKED, code_of, later
from handlers.download import Denied, Downloader, Fetched, Hosts, too_large
from handlers.reading import Json, string

log = structlog.get_logger()

MAIL_TYPES = frozenset({"message/rfc822", "application/vnd.ms-outlook"})
_OWN_MODES = frozenset({"canvas", "docs", "list", "post", "quip", "space"})
"""Documents that live in Slack: their addresses give a page, not their content."""
_MOST_ATTACHED = 5
"""Attached mails of a forward that are fetched."""
_KEPT = (
    *("from", "to", "cc", "subject", "title", "plain_text", "preview_plain_text", "simplified_html", "preview"),
    *("headers", "attachments", "has_more", "preview_is_truncated"),
)
"""The fields of Slack's e-mail object that the engine reads (`bot.intake.slack_email`)."""


class SlackFiles(Materials):
    """Fetches with the bot's token. `most` bounds one file in octets, `seconds` one download."""

    def __init__(self, client: WebClient, *, most: int = Limits().exhibit, seconds: float = 30.0) -> None:
        self._client = client
        self._most = most
        self._seconds = seconds
        self._downloader = Downloader(client.token or "", Hosts.of(client.base_url), tls=client.ssl, proxy=client.proxy)

    def fetch(self, file: FileRef) -> tuple[Exhibit, ...]:
        """The file's exhibits: one, or for a forwarded mail those of the mails attached to it.

        Raises Later; TooLarge; Shown: missing-scope, not-a-member, file-gone, file-hidden, file-external,
        slack-document, token-revoked, file-refused.
        """
        _refuse_mode(file)
        if file.mode == "email":
            return self._forwarded(self._info(file.id))
        if not file.url or file.mode == "file_access":
            file = reading.file_ref(self._info(file.id))
            _refuse_mode(file)
        return (Exhibit(self._download(file).content, file.name),)

    def _download(self, file: FileRef) -> Fetched:
        if file.size > self._most:
            raise too_large(self._most)
        try:
            fetched = self._downloader.get(file.url, most=self._most, seconds=self._seconds)
        except Denied as denied:
            log.warning("download refused", file=file.id, why=str(denied))
            self._explain(file)
        if _is_page(fetched, file):
            log.warning("a page came instead of the file", file=file.id)
            self._explain(file)
        return fetched

    def _explain(self, file: FileRef) -> NoReturn:
        """Tells why Slack gave no file: asked about it, it names what is missing."""
        self._info(file.id)
        raise _missing_scope()

    def _info(self, file: str) -> Json:
        try:
            answer = self._client.files_info(file=file).get("file")
        except REFUSED as refused:
            wait = later(refused)
            if wait is not None:
                raise wait from refused
            raise _refusal(code_of(refused)) from refused
        return answer if isinstance(answer, dict) else {}

    def _forwarded(self, mail: Json) -> tuple[Exhibit, ...]:
        """A mail sent to Slack: the mails attached to it, which have their headers; else what Slack kept of it.

        In an ordinary forward, whose text quotes the mail, an attached one is either that mail's original or another,
        such as an attachment of the suspect one: both are handed on, and compared when they are read.
        """
        security = mail.get("email_security")
        if isinstance(security, dict):
            log.info("Slack says something of a mail's security", keys=sorted(map(str, security))[:20])
        own = Exhibit(_as_json(mail), string(mail.get("name"))[:300], Kind.SLACK_EMAIL)
        sender = next(iter(reading.forwarders({"files": [{**mail, "mode": "email"}]})), "")
        attached = tuple(self._attached(mail))
        if quoted_block(string(mail.get("plain_text"))[: Limits().text], sender) is not None:
            return (own, *attached)
        return attached or (own,)

    def _attached(self, mail: Json) -> Iterator[Exhibit]:
        """The mails attached to a forward; one that can't be had is left out, since what Slack kept remains."""
        for file in _attached_mails(mail):
            try:
                yield Exhibit(self._downloaded(file), file.name)
            except Shown as cannot:
                log.warning("attached mail not fetched", code=cannot.code)

    def _downloaded(self, file: FileRef) -> bytes:
        if file.size > self._most:
            raise too_large(self._most)
        try:
            fetched = self._downloader.get(file.url, most=self._most, seconds=self._seconds)
        except Denied as denied:
            raise _missing_scope() from denied
        if _is_page(fetched, file):
            raise _missing_scope()
        return fetched.content


def _attached_mails(mail: Json) -> list[FileRef]:
    listed = mail.get("attachments")
    items = [item for item in listed[:50] if isinstance(item, dict)] if isinstance(listed, list) else []
    found = [
        FileRef(
            id="",
            name=string(item.get("filename"))[:300],
            url=string(item.get("url"))[:3000],
            size=item["size"] if isinstance(item.get("size"), int) else 0,
            mimetype=string(item.get("mimetype")).lower(),
        )
        for item in items
    ]
    mails = [file for file in found if file.mimetype in MAIL_TYPES or file.name.lower().endswith((".eml", ".msg"))]
    return mails[:_MOST_ATTACHED]


def _as_json(mail: Json) -> bytes:
    return json.dumps({key: mail[key] for key in _KEPT if key in mail}).encode()


_PAGE = (b"<!doctype html", b"<html")


def _is_page(fetched: Fetched, file: FileRef) -> bool:
    """Whether Slack's page to log in came instead of the file, with status 200 and a length of its own."""
    start = fetched.content[:1000].lstrip().lower()
    if fetched.mimetype != "text/html" and not start.startswith(_PAGE):
        return False
    if file.size:
        return len(fetched.content) != file.size
    return file.mimetype != "text/html" or b"slack" in fetched.content[:20_000].lower()


def _refuse_mode(file: FileRef) -> None:
    if file.mode == "tombstone":
        raise _gone()
    if file.mode == "hidden_by_limit":
        raise Shown(
            "file-hidden", "Slack hides this file, because the workspace is over its plan's limit.", "Upload it again."
        )
    if file.mode in _OWN_MODES:
        raise Shown(
            "slack-document",
            "This is a canvas or another document of Slack's own, which I can't read.",
            "Please copy its text and paste it here, or hand in the mail as a file.",
        )
    if file.mode == "external":
        raise Shown(
            "file-external",
            "This is a link to a file that lies with another service.",
            "Please download it there and upload the file itself here.",
        )


def _refusal(code: str) -> Shown:
    """Slack's word for why a file can't be had, as something to be told."""
    if code in ("file_not_found", "not_in_channel", "access_denied", "channel_not_found", "not_visible"):
        return _not_a_member()
    if code in ("file_deleted", "file_deleted_by_retention"):
        return _gone()
    if code in REVOKED:
        return Shown(
            "token-revoked",
            "I'm not connected to this workspace properly any more.",
            "Please tell the help desk that the app has to be installed again.",
        )
    if code == "missing_scope":
        return _missing_scope()
    return Unreadable("file-refused", f"Slack doesn't give me this file ({code[:80]}).", "Please upload it again.")


def _gone() -> Shown:
    return Shown("file-gone", "The file was deleted before I could read it.", "Please upload it again.")


def _not_a_member() -> Shown:
    return Shown(
        "not-a-member",
        "I can't see this file: it lies in a conversation that I'm not part of, or it was deleted.",
        "Please save it and upload it here, in our direct message. Nobody else will see it.",
    )


def _missing_scope() -> Shown:
    return Shown(
        "missing-scope",
        "Slack doesn't let me read files in this workspace.",
        "Please paste the mail's headers for now, and ask the administrator to add the scope files:read to the app "
        "and to reinstall it (api.slack.com/apps, OAuth & Permissions).",
    )
