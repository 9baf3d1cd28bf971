"""Whether Slack would take a payload: every one that a test makes the bot send goes through here.

Three passes, since each accepts what another refuses: slack_sdk's models for the limits, a table of the shapes with
rules for the whole (`bot.demo.blockcheck`) and our own bound on its size, and once for a whole run the types that Slack
publishes for TypeScript (`strictly`).
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.base_client import BaseClient

from bot.demo.blockcheck import check_message, check_view
from bot.demo.wire import Refused
from tests.nodeparts import part

Payload = Mapping[str, Any]
MOST_CHARACTERS = 12_000
"""Of a message's blocks, as they are sent: below all that was seen refused as `msg_blocks_too_long`."""
MOST_TEXT = 4_000
"""Of a message's `text`: from 4,000 characters on Slack may cut it into several messages."""
_OURS = "checkmail_"
"""Stands in whatever the bot sends: metadata, action ids, callback ids."""
_KEPT = frozenset({"type", "style", "response_action"})
_PLACE = re.compile(r"payloads\.ts\((\d+),\d+\): (.*)")


def check(payload: Payload) -> list[str]:
    """What is wrong with a message (`text`, `blocks`) or a view; nothing where Slack would take it."""
    view = payload.get("type") in ("modal", "home")
    faults = (
        list(_parsed(payload)) if view else [fault for block in payload.get("blocks", ()) for fault in _parsed(block)]
    )
    try:
        if view:
            check_view(dict(payload))
        elif payload.get("blocks"):
            check_message(list(payload["blocks"]))
    except Refused as refused:
        faults.append(f"{refused}: {refused.more}")
    return [*faults, *(() if view else _of_message(payload))]


def _parsed(part_of: Payload) -> Iterator[str]:
    """What slack_sdk's models say of a view or a block, and whether they know it."""
    kind = str(part_of.get("type"))
    try:
        parsed = View(**part_of) if kind in ("modal", "home") else Block.parse(dict(part_of))
        if parsed is None:
            yield f"no block of type {kind!r}"
        else:
            parsed.validate_json()
    except (SlackObjectFormationError, TypeError) as wrong:
        yield f"{kind}: {wrong}"


def _of_message(payload: Payload) -> Iterator[str]:
    text, blocks = payload.get("text"), list(payload.get("blocks", ()))
    if not isinstance(text, str) or not text.strip():
        yield "no text for screen readers and notifications"
    elif len(text) > MOST_TEXT:
        yield f"text has {len(text)} characters"
    size = len(json.dumps(blocks))
    if size > MOST_CHARACTERS:
        yield f"blocks have {size} characters in all"


def strictly(payloads: Iterable[Payload]) -> list[str]:
    """What the published types say of all these payloads, in one run of the compiler. Skipped without Node's parts."""
    compiler = part("typescript", "bin", "tsc")
    types = part("@slack", "types", "dist", "index.d.ts").with_suffix("").with_suffix("")
    lines = [f'import type {{ HomeView, KnownBlock, ModalView }} from "{types}";']
    said = list(payloads)
    # One payload a line: the line in a message of the compiler's is the payload's number.
    lines += [f"export const p{n} = {_typed(payload)};" for n, payload in enumerate(said)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "payloads.ts"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        options = "--noEmit --strict --skipLibCheck --pretty false --module nodenext --types".split()
        run = subprocess.run(
            ["node", str(compiler), *options, "", str(file)], capture_output=True, text=True, check=False, cwd=folder
        )
    found = [
        f"{message} in {json.dumps(said[int(line) - 2])[:300]}"
        for line, message in _PLACE.findall(run.stdout)
        if int(line) >= 2
    ]
    if run.returncode and not found:
        raise RuntimeError(f"the compiler didn't run: {run.stdout[:500]}{run.stderr[:500]}")
    return found


def _typed(payload: Payload) -> str:
    if payload.get("type") in ("modal", "home"):
        name = "ModalView" if payload["type"] == "modal" else "HomeView"
        return f'{json.dumps(payload)} satisfies Omit<{name}, "blocks"> & {{ blocks: KnownBlock[] }}'
    return f"{json.dumps(payload.get('blocks', []))} satisfies KnownBlock[]"


class Seen:
    """What the bot sent in this run: faults of the current test, and one payload of each shape for `strictly`."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.shapes: dict[str, Payload] = {}

    def add(self, payload: Payload) -> None:
        """A message or a view of the bot's."""
        self.faults += check(payload)
        known = payload if payload.get("type") in ("modal", "home") else {"blocks": payload.get("blocks", [])}
        self.shapes.setdefault(json.dumps(_shape(known)), known)

    def take(self) -> list[str]:
        """The faults since this was last asked."""
        faults, self.faults = self.faults, []
        return faults


SEEN = Seen()
"""Of this process. A test that reads a bot's payloads elsewhere (a log) hands them to `SEEN.add`."""


def _shape(value: Any) -> Any:
    """The value with its texts taken out: what the types can tell apart."""
    if isinstance(value, dict):
        return {key: (each if key in _KEPT and isinstance(each, str) else _shape(each)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return list({json.dumps(shape): shape for shape in map(_shape, value)}.values())
    return type(value).__name__


@contextmanager
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """While it lasts, every message and view of the bot's that goes through a client in this process is checked.

    What a test of the workspace double sends for itself is none of the bot's, and may be wrong.
    """
    call = BaseClient.api_call

    def checked(self: BaseClient, api_method: str, **arguments: Any) -> Any:
        sent = arguments.get("json") or arguments.get("params") or {}
        for payload in sent_by(api_method, sent) if _OURS in str(sent) else ():
            SEEN.add(payload)
        return call(self, api_method, **arguments)

    monkeypatch.setattr(BaseClient, "api_call", checked)
    yield
    faults = SEEN.take()
    if faults:
        pytest.fail("Slack wouldn't take what was sent:\n" + "\n".join(faults[:20]))


def sent_by(method: str, sent: Mapping[str, Any]) -> Iterator[Payload]:
    """The message or the view in a call of the Web API."""
    if method in ("chat.postMessage", "chat.postEphemeral", "chat.update"):
        blocks = sent.get("blocks") or []
        yield {**sent, "blocks": json.loads(blocks) if isinstance(blocks, str) else list(blocks)}
    elif method.startswith("views."):
        view = sent.get("view") or {}
        view = json.loads(view) if isinstance(view, str) else view.to_dict() if isinstance(view, View) else view
        if "blocks" in view:  # a fake's view only says whose it is
            yield view
