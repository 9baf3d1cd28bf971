"""A whole workspace that nobody of us wrote: starts local-slack on loopback and acts as its people.

It sends every envelope to every connection, delivers one after the other, checks no blocks and limits nothing
(see tests/test_localslack.py for what is asked of it).
"""

import asyncio
import json
import signal
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from tests.nodeparts import part

T = TypeVar("T")
ALICE, BOB, CAROL = "U01ALICE", "U02BOB", "U03CAROL"
GENERAL, TECHNICIANS, HELP_DESK = "C01GEN", "C02TECH", "C03HELP"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-test-token", "xapp-test-token", "test-signing-secret"
COLLEAGUES = tuple(f"U{number}OURS" for number in range(10, 60))
"""More people, so that each conversation of a test can be another one's: a direct message holds a post a second."""
CONFIG = """
workspace: {{ name: Acme, domain: acme, teamId: T01TEST }}
app: {{ appId: A01APP, botUserId: U0BOT, botName: checkmail, botToken: {bot}, appToken: {app},
        signingSecret: {secret}, {mode} }}
users:
  - {{ id: U01ALICE, name: alice, real_name: Alice Anderson, email: alice@ourfirm.test }}
  - {{ id: U02BOB, name: bob, real_name: Bob Tech, email: bob@ourfirm.test }}
  - {{ id: U03CAROL, name: carol, real_name: Carol Clerk, email: carol@ourfirm.test }}
{colleagues}
channels:
  - {{ id: C01GEN, name: general, members: [U01ALICE, U02BOB, U03CAROL] }}
  - {{ id: C02TECH, name: technicians, members: [U02BOB, U0BOT] }}
  - {{ id: C03HELP, name: help-desk, members: [U01ALICE, U02BOB, U03CAROL, U0BOT] }}
"""
_COLLEAGUE = "  - {{ id: {id}, name: colleague-{id}, real_name: Colleague {id}, email: {id}@ourfirm.test }}"


@dataclass(frozen=True, slots=True)
class LocalSlack:
    """One running workspace."""

    url: str

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    def say(self, channel: str, user: str, text: str, thread: str = "") -> str:
        """The new message's ts."""
        body = {"channel": channel, "user": user, "text": text} | ({"thread_ts": thread} if thread else {})
        return str(self._post("message", body)["message"]["ts"])

    def upload(self, channel: str, user: str, *files: tuple[str, bytes], text: str = "", thread: str = "") -> str:
        """One message with these files, each a name and its content; the message's ts."""
        fields = {"channel": channel, "user": user, "text": text} | ({"thread_ts": thread} if thread else {})
        kind, body = _multipart(fields, files)
        return str(self._send("upload", body, kind)["message"]["ts"])

    def press(self, channel: str, ts: str, user: str, action: dict[str, Any]) -> None:
        self._post("interact", {"channel": channel, "messageTs": ts, "user": user, "action": action})

    def command(self, channel: str, user: str, text: str) -> None:
        self._post("command", {"channel": channel, "user": user, "command": "/checkmail", "text": text})

    def open_home(self, user: str) -> None:
        self._post("open-home", {"user": user})

    def direct(self, user: str) -> str:
        """The channel of a person's direct message with the bot."""
        request = urllib.request.Request(
            f"{self.api}conversations.open", f"users={user}".encode(), {"Authorization": f"Bearer {BOT_TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.load(answer)["channel"]["id"])

    def messages(self, channel: str) -> list[dict[str, Any]]:
        return list(self._get(f"messages/{channel}")["messages"])

    def said(self, channel: str, thread: str = "") -> list[dict[str, Any]]:
        """What the bot posted there; in a thread, in answer to its root."""
        ours = (each for each in self.messages(channel) if each.get("bot_id"))
        return [each for each in ours if not thread or each.get("thread_ts") == thread]

    def log(self) -> list[dict[str, Any]]:
        """The last few hundred entries: what was delivered, acknowledged and called."""
        return list(self._get("log")["log"])

    def state(self) -> dict[str, Any]:
        """All that the people's screens show: modals, Home views, messages."""
        return asyncio.run(self._screen())

    def modals(self) -> list[dict[str, Any]]:
        """The open modals, the topmost last. They are everybody's here."""
        return list(self.state()["modalStack"])

    def submit(self, user: str, values: dict[str, Any]) -> dict[str, str]:
        """Press the topmost modal's submit button; the errors that keep it open, by block."""
        return dict(asyncio.run(self._acted({"t": "view_submit", "user": user, "values": values})).get("errors") or {})

    def close(self, user: str) -> None:
        """Press the topmost modal's cancel button."""
        asyncio.run(self._acted({"t": "view_close", "user": user}))

    async def _screen(self) -> dict[str, Any]:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{self.url}/ui") as screen:
            state: dict[str, Any] = (await screen.receive_json(timeout=10))["state"]
            return state

    async def _acted(self, act: dict[str, Any]) -> dict[str, Any]:
        """What the act made of the modals."""
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{self.url}/ui") as screen:
            await screen.receive_json(timeout=10)
            await screen.send_json(act)
            while True:
                shown: dict[str, Any] = await screen.receive_json(timeout=10)
                if shown["t"] in ("view", "view_errors"):
                    return shown

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_control/{path}", timeout=10) as answer:
            return dict(json.load(answer))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._send(path, json.dumps(body).encode(), "application/json")

    def _send(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}/_control/{path}", body, {"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))


@contextmanager
def local_slack(folder: Path, request_url: str = "") -> Iterator[LocalSlack]:
    """A workspace in Socket Mode, or in HTTP mode where a request URL is given; stopped at the end."""
    program = part("local-slack-linux-x64", "bin", "local-slack")
    mode = f"mode: events, requestUrl: {request_url}" if request_url else "mode: socket"
    config = folder / "workspace.yaml"
    colleagues = "\n".join(_COLLEAGUE.format(id=each) for each in COLLEAGUES)
    filled = CONFIG.format(bot=BOT_TOKEN, app=APP_TOKEN, secret=SECRET, mode=mode, colleagues=colleagues)
    config.write_text(filled, encoding="utf-8")
    port = free_port()
    command = [str(program), "--config", str(config), "--port", str(port), "--files-dir", str(folder / "files")]
    with (folder / "local-slack.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            slack = LocalSlack(f"http://localhost:{port}")
            until(lambda: _listens(port), "local-slack listens")
            yield slack
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def until(found: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """What `found` gives as soon as it is something; fails where it stays nothing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _multipart(fields: dict[str, str], files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    for name, content in files:
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={edge}", b"".join(parts) + f"--{edge}--\r\n".encode()
