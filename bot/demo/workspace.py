"""Acting as the people of a workspace, and as its faults; from another thread or another process."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.demo.config import AppConfig
from bot.demo.wire import Json, Refused

T = TypeVar("T")
Do = Callable[[str, Json], Json]


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that somebody wrote."""

    channel: str
    ts: str
    all: tuple[str, ...] = ()
    """Of a long text, the ts of each of its messages."""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way."""

    name: str
    content: bytes
    snippet: bool = False
    mimetype: str = ""

    def json(self) -> Json:
        content = base64.b64encode(self.content).decode()
        return {"name": self.name, "content": content, "snippet": self.snippet, "mimetype": self.mimetype}


@dataclass(frozen=True, slots=True)
class Workspace:
    """Every method raises Refused where a person couldn't do that either. An empty channel is the bot's own DM."""

    url: str
    do: Do
    app: AppConfig

    @property
    def api(self) -> str:
        """For slack_sdk's `base_url`."""
        return f"{self.url}/api/"

    def say(
        self, user: str, channel: str = "", text: str = "", *, files: Sequence[str | Upload] = (), thread: str = ""
    ) -> Posted:
        """Writes a message, with files by id or on the way."""
        sent = [file if isinstance(file, str) else file.json() for file in files]
        done = self.do("say", {"user": user, "channel": channel, "text": text, "thread": thread, "files": sent})
        return Posted(done["channel"], done["ts"], tuple(done["all"]))

    def upload(self, user: str, file: Upload) -> str:
        """A file that isn't shared yet (as in a modal's file input): its id."""
        return str(self.do("upload", {"user": user, **file.json()})["file"])

    def forward_mail(self, mail: Json, channel: str = "", user: str = "", attachments: Sequence[Upload] = ()) -> Posted:
        """A mail to the channel's address, or by an add-on into the user's DM; `mail` as `mails.ForwardedMail`."""
        inner = [
            {"filename": a.name, "mimetype": a.mimetype, "content": base64.b64encode(a.content).decode()}
            for a in attachments
        ]
        done = self.do("forward_mail", {"mail": {**mail, "attachments": inner}, "channel": channel, "user": user})
        return Posted(done["channel"], done["ts"], (done["ts"],), done["file"])

    def command(self, user: str, command: str, text: str = "", channel: str = "") -> Json:
        """{"ok", "response" or "error"}: what the app acknowledged with, or that it didn't."""
        return self.do("command", {"user": user, "command": command, "text": text, "channel": channel})

    def press(self, user: str, channel: str, ts: str, action: str, value: Any = None) -> Json:
        return self.do("press", {"user": user, "channel": channel, "ts": ts, "action": action, "value": value})

    def press_in_view(self, user: str, action: str, view: str = "", value: Any = None) -> Json:
        """In the topmost modal, or with view="home" in App Home."""
        return self.do("press_in_view", {"user": user, "action": action, "view": view, "value": value})

    def submit(self, user: str, values: Json, view: str = "") -> Json:
        """Fills in the topmost modal by action_id and submits it: {"ok", "errors" by block_id}."""
        return self.do("submit", {"user": user, "values": values, "view": view})

    def close_view(self, user: str, view: str = "") -> Json:
        return self.do("close_view", {"user": user, "view": view})

    def shortcut(self, user: str, channel: str, ts: str, callback: str) -> Json:
        return self.do("shortcut", {"user": user, "channel": channel, "ts": ts, "callback": callback})

    def open_home(self, user: str, tab: str = "home") -> None:
        self.do("open_home", {"user": user, "tab": tab})

    def run_function(self, callback: str, inputs: Json) -> str:
        """Runs a workflow's step; the execution's id."""
        return str(self.do("run_function", {"callback": callback, "inputs": inputs})["execution"])

    def execution(self, id: str) -> Json:
        return self.do("execution", {"id": id})

    def direct(self, user: str) -> str:
        return str(self.do("direct", {"user": user})["channel"])

    def messages(self, channel: str, thread: str = "") -> list[Json]:
        return list(self.do("messages", {"channel": channel, "thread": thread})["messages"])

    def said(self, channel: str, thread: str = "") -> list[Json]:
        """What the bot posted there."""
        return [message for message in self.messages(channel, thread) if message.get("bot_id") == self.app.bot_id]

    def screen(self, user: str) -> Json:
        return self.do("screen", {"user": user})

    def modals(self, user: str) -> list[Json]:
        """The person's open modals, the topmost last."""
        return list(self.screen(user)["modals"])

    def log(self, kind: str = "", after: int = 0) -> list[Json]:
        """Entries of kind call, delivery, ack, download."""
        return list(self.do("log", {"kind": kind, "after": after})["log"])

    def calls(self, method: str) -> list[Json]:
        return [entry for entry in self.log("call") if entry["method"] == method]

    def counts(self) -> Json:
        """Calls by method, refusals by error, `said` as [channel, thread, mark, n], unacknowledged, connections."""
        return self.do("counts", {})

    def fail(self, method: str, harm: str, times: int = 1, **how: Any) -> None:
        """The next calls suffer: status, error, rate, cut-before, cut-after, slow (`faults.Harm`)."""
        self.do("fail", {"method": method, "harm": harm, "times": times, **how})

    def duplicate(self, copies: int = 2, times: int = 1) -> None:
        self.do("duplicate", {"copies": copies, "times": times})

    def reorder(self, events: int) -> None:
        self.do("reorder", {"events": events})

    def lose_acks(self, events: int = 1) -> None:
        self.do("lose_acks", {"events": events})

    def heal(self) -> None:
        """No planned fault is left."""
        self.do("heal", {})

    def disconnect(self, reason: str = "refresh_requested", close_after_s: float = 0.2) -> int:
        return int(self.do("disconnect", {"reason": reason, "close_after_s": close_after_s})["connections"])

    def cut(self) -> int:
        return int(self.do("cut", {})["connections"])

    def revoke(self, *, uninstall: bool = False) -> None:
        self.do("revoke", {"uninstall": uninstall})

    def scopes(self, *scopes: str) -> None:
        self.do("scopes", {"scopes": list(scopes)})

    def hosting(self, file: str, **how: Any) -> None:
        """The file host misbehaves: status and times, redirect, chunk_delay_s, length, endless, login."""
        self.do("hosting", {"file": file, **how})

    def describe(self, file: str, **shown: Any) -> None:
        """What Slack says of the file from now on, true or not."""
        self.do("describe", {"file": file, **shown})

    def restrict(self, file: str, *, deleted: bool = False) -> None:
        self.do("restrict", {"file": file, "check_info": not deleted, "deleted": deleted})

    def verify_url(self) -> bool:
        """HTTP mode's challenge."""
        return bool(self.do("verify_url", {})["ok"])

    def join(self, channel: str) -> None:
        self.do("join", {"channel": channel})

    def leave(self, channel: str) -> None:
        self.do("leave", {"channel": channel})

    def archive(self, channel: str) -> None:
        self.do("archive", {"channel": channel})

    def edit_message(self, channel: str, ts: str, text: str) -> None:
        self.do("edit_message", {"channel": channel, "ts": ts, "text": text})

    def delete_message(self, channel: str, ts: str) -> None:
        self.do("delete_message", {"channel": channel, "ts": ts})


def remote(url: str, app: AppConfig | None = None) -> Workspace:
    """A workspace in another process, at its address."""
    return Workspace(url, lambda name, args: _post(f"{url}/_control/{name}", args), app or AppConfig())


def until(found: Callable[[], T], what: str, seconds: float = 10.0) -> T:
    """What `found` gives as soon as it is something. Raises TimeoutError where it stays nothing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError(f"not within {seconds:.0f} s: {what}")


def _post(url: str, args: Json) -> Json:
    request = urllib.request.Request(url, json.dumps(args).encode(), {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 the address is the caller's own
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            told = json.load(error)
        raise Refused(told.pop("error"), **{k: v for k, v in told.items() if k != "ok"}) from None
