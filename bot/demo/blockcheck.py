"""Refuses what Slack refuses of messages and views: shapes, limits, and what only the whole can show."""

import json
from typing import Any

from bot.demo.blockshapes import BLOCKS, MODAL_INPUT
from bot.demo.shapecheck import Fault, boolean, fields, many, plain, string, typed
from bot.demo.wire import Json, Numbers, Refused

MOST_IN_MESSAGE = 50
MOST_IN_VIEW = 100
MOST_CHARACTERS = 13_200
"""Of all blocks of a message together, as JSON; no page of Slack's says so. bolt-js issue 2509 measured 13,172
to 13,297 with hardly anything but text, issue 2867 saw 11,341 characters of text refused in many
small parts: the parts count.
"""
MOST_MARKDOWN = 12_000

_MESSAGE = many(typed(BLOCKS), 1, MOST_IN_MESSAGE)
_IN_MODAL = typed(
    {
        **{name: shape for name, shape in BLOCKS.items() if name not in ("table", "context_actions")},
        "input": MODAL_INPUT,
    }
)
_COMMON = {
    "blocks!": many(_IN_MODAL, 1, MOST_IN_VIEW),
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}


_MODAL = fields(
    {
        **_COMMON,
        "title!": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    }
)
_HOME = fields(_COMMON)


def check_message(blocks: list[Any]) -> None:
    """Raises Refused: invalid_blocks with the place of the fault, or msg_blocks_too_long."""
    try:
        _MESSAGE(blocks, "/blocks")
        _check_whole(blocks, "/blocks")
    except Fault as fault:
        raise Refused(
            "invalid_blocks", errors=[str(fault)], response_metadata={"messages": [f"[ERROR] {fault}"]}
        ) from None
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MOST_CHARACTERS:
        raise Refused("msg_blocks_too_long")


def check_view(view: Json) -> None:
    """Raises Refused: invalid_arguments with the place of the fault."""
    try:
        (_HOME if view["type"] == "home" else _MODAL)(view, "/view")
        _check_whole(view["blocks"], "/view/blocks")
        if view["type"] == "modal" and "submit" not in view:
            _check_submittable(view["blocks"])
    except Fault as fault:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {fault}"]}) from None


def _check_submittable(blocks: list[Json]) -> None:
    if any(block["type"] == "input" for block in blocks):
        raise Fault("missing required field: submit (the view has an input block)", "/view")


def _check_whole(blocks: list[Json], path: str) -> None:
    """What one block alone can't show."""
    seen: set[str] = set()
    markdown = tables = 0
    for number, block in enumerate(blocks):
        here = f"{path}/{number}"
        if block.get("block_id") in seen:
            raise Fault(f"block_id {block['block_id']} already exists", f"{here}/block_id")
        seen.add(block.get("block_id", f"#{number}"))
        _check_actions(block, here)
        if block["type"] == "section" and "text" not in block and "fields" not in block:
            raise Fault("missing required field: text", here)
        markdown += len(block["text"]) if block["type"] == "markdown" else 0
        tables += block["type"] == "table"
    if markdown > MOST_MARKDOWN:
        raise Fault(f"must be less than {MOST_MARKDOWN + 1} characters of markdown in all", path)
    if tables > 1:
        raise Fault("only one table is allowed", path)


def _check_actions(block: Json, path: str) -> None:
    seen: set[str] = set()
    for element in elements_of(block):
        action = element.get("action_id")
        if action in seen:
            raise Fault(f"action_id {action} already exists for another element", path)
        if action:
            seen.add(action)
        if element["type"] == "image" and ("image_url" in element) == ("slack_file" in element):
            raise Fault("one of image_url and slack_file is needed", path)
        if element["type"].endswith("static_select") and ("options" in element) == ("option_groups" in element):
            raise Fault("one of options and option_groups is needed", path)


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block, and its pictures."""
    if block["type"] in ("actions", "context_actions", "context"):
        return list(block.get("elements") or [])
    return [block[name] for name in ("accessory", "element") if isinstance(block.get(name), dict)]


def with_ids(blocks: list[Json], numbers: Numbers) -> list[Json]:
    """Blocks and elements without an id get one, as Slack gives it."""
    named = []
    for block in blocks:
        new = dict(block) if "block_id" in block else {**block, "block_id": numbers.secret("b")}
        for place in ("elements",) if block.get("type") in ("actions", "context_actions") else ():
            new[place] = [_with_action(element, numbers) for element in block.get(place) or []]
        for place in ("accessory", "element"):
            if isinstance(block.get(place), dict) and block[place].get("type") != "image":
                new[place] = _with_action(block[place], numbers)
        named.append(new)
    return named


def _with_action(element: Json, numbers: Numbers) -> Json:
    return element if element.get("action_id") else {**element, "action_id": numbers.secret("a")}
