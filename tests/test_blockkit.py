"""The checker of payloads catches what Slack refuses, and what the bot sent in this run passes it."""

from typing import Any

import pytest

from tests.blockkit import SEEN, check, strictly

Json = dict[str, Any]


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def _button(number: int = 0, **changes: Any) -> Json:
    return {"type": "button", "text": _plain("Go"), "action_id": f"a{number}", **changes}


def _actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def _rich(text: str) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }


def _modal(blocks: list[Json], **changes: Any) -> Json:
    return {"type": "modal", "callback_id": "c", "title": _plain("Title"), "blocks": blocks, **changes}


_SECTION = {"type": "section", "text": _plain("x")}
_INPUT = {
    "type": "input",
    "block_id": "i",
    "label": _plain("x"),
    "element": {"type": "plain_text_input", "action_id": "a"},
}
_TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}

BAD: dict[str, list[Json]] = {
    "unknown block type": [{"type": "sectoin", "text": _plain("x")}],
    "header over 150 characters": [{"type": "header", "text": _plain("x" * 151)}],
    "header with mrkdwn": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "section over 3000 characters": [{"type": "section", "text": _plain("x" * 3001)}],
    "empty section": [{"type": "section"}],
    "unknown key": [{"type": "divider", "colour": "red"}],
    "26 action elements": [_actions(*map(_button, range(26)))],
    "an action_id twice in a block": [_actions(_button(), _button())],
    "a block_id twice": [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}],
    "button style blue": [_actions(_button(style="blue"))],
    "button text over 75 characters": [_actions(_button(text=_plain("x" * 76)))],
    "button text in mrkdwn": [_actions(_button(text={"type": "mrkdwn", "text": "x"}))],
    "unknown element type": [_actions({"type": "knob", "action_id": "a"})],
    "11 elements of context": [{"type": "context", "elements": [_plain("x")] * 11}],
    "12,001 characters of markdown": [
        {"type": "markdown", "text": "x" * 6_001},
        {"type": "markdown", "text": "x" * 6_000},
    ],
    "two tables": [_TABLE, _TABLE],
    "51 blocks": [{"type": "divider"}] * 51,
    "12,001 characters in all": [_rich("x" * 12_001)],
    "no leaf's type": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"text": "x"}]}]}],
}
BAD_VIEWS: dict[str, Json] = {
    "title over 24 characters": _modal([_SECTION], title=_plain("x" * 25)),
    "no blocks": _modal([]),
    "101 blocks": _modal([{"type": "divider"}] * 101),
    "input without submit": _modal([_INPUT]),
    "box over 3000 characters": _modal(
        [{**_INPUT, "element": {"type": "plain_text_input", "action_id": "a", "max_length": 3001}}], submit=_plain("Go")
    ),
    "private_metadata over 3000 characters": _modal([_SECTION], private_metadata="x" * 3001),
}
GOOD: dict[str, Json] = {
    "rich text and buttons": {"text": "x", "blocks": [_rich("x"), _actions(_button(0, style="danger"), _button(1))]},
    "text alone": {"text": "x"},
    "a modal with inputs": _modal([_INPUT], submit=_plain("Go"), close=_plain("Close")),
    "home": {"type": "home", "blocks": [_SECTION]},
}
ONLY_TYPES_SEE = (
    "button style blue",
    "header with mrkdwn",
    "unknown key",
    "unknown element type",
    "unknown block type",
)


@pytest.mark.parametrize("name", BAD)
def test_blocks_that_slack_refuses_are_faults(name: str) -> None:
    assert check({"text": "x", "blocks": BAD[name]})


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_views_that_slack_refuses_are_faults(name: str) -> None:
    assert check(BAD_VIEWS[name])


@pytest.mark.parametrize("name", GOOD)
def test_what_slack_takes_has_no_fault(name: str) -> None:
    assert check(GOOD[name]) == []


@pytest.mark.parametrize("text", ["", "  ", "x" * 4_001])
def test_a_message_needs_a_text_that_slack_does_not_cut(text: str) -> None:
    assert check({"text": text, "blocks": [_rich("x")]})


def test_the_published_types_refuse_wrong_shapes_and_take_right_ones() -> None:
    wrong = [{"blocks": BAD[name]} for name in ONLY_TYPES_SEE]
    wrong.append(_modal([_SECTION], colour="red"))
    assert strictly(GOOD.values()) == []
    assert all(strictly([payload]) for payload in wrong)
    assert len(strictly([*GOOD.values(), *wrong])) >= len(wrong)


def test_every_shape_that_the_bot_sent_in_this_run_passes_the_published_types() -> None:
    """Runs last (conftest.py), over all that went through a client while the other tests ran."""
    assert strictly(SEEN.shapes.values()) == []
