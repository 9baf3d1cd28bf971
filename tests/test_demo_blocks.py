"""The workspace of our own refuses what Slack refuses of Block Kit, and says where."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import Option

from bot.demo.blockcheck import check_message, check_view
from bot.demo.config import Habits
from bot.demo.wire import Refused
from bot.demo.workspace import Workspace
from tests.workspace import HELP_DESK, client, workspace


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": plain("Go"), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def rich(*leaves: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(leaves)}]}


def table(rows: int, columns: int) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


OPTION = {"text": plain("One"), "value": "1"}
REFUSED: tuple[tuple[str, list[dict[str, Any]], str], ...] = (
    ("unknown block", [{"type": "hologram"}], "/blocks/0/type"),
    ("no type", [{"text": plain("x")}], "/blocks/0]"),
    ("header of 151", [{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    ("header in mrkdwn", [{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
    ("section of 3001", [section("x" * 3001)], "/blocks/0/text/text"),
    ("section of nothing", [{"type": "section"}], "/blocks/0]"),
    ("empty text", [section("")], "/blocks/0/text/text"),
    ("unknown key", [section(colour="red")], "colour"),
    ("fields", [{"type": "section", "fields": [mrkdwn("x")] * 11}], "/blocks/0/fields"),
    ("field of 2001", [{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "/blocks/0/fields/0/text"),
    ("26 buttons", [actions(*(button(str(n)) for n in range(26)))], "/blocks/0/elements"),
    ("no buttons", [actions()], "/blocks/0/elements"),
    ("same action", [actions(button("a"), button("a"))], "action_id a already exists"),
    ("blue button", [actions(button(style="blue"))], "/blocks/0/elements/0/style"),
    ("button text of 76", [actions({**button(), "text": plain("x" * 76)})], "/blocks/0/elements/0/text/text"),
    ("button value of 2001", [actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    ("unknown element", [actions({"type": "lever", "action_id": "a"})], "/blocks/0/elements/0/type"),
    ("select without options", [actions({"type": "static_select", "action_id": "a"})], "/blocks/0"),
    ("11 in context", [{"type": "context", "elements": [mrkdwn("x")] * 11}], "/blocks/0/elements"),
    ("block_id twice", [section(block_id="b"), section(block_id="b")], "block_id b already exists"),
    ("markdown of 12001", [{"type": "markdown", "text": "x" * 12_001}], "/blocks/0/text"),
    ("markdown in all", [{"type": "markdown", "text": "x" * 6_001}] * 2, "/blocks]"),
    ("51 blocks", [{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ("two tables", [table(1, 1), table(1, 1)], "only one table"),
    ("21 columns", [table(1, 21)], "/blocks/0/rows/0"),
    ("file input in a message", [
        {"type": "input", "label": plain("x"), "element": {"type": "file_input", "action_id": "f"}}
    ], "/blocks/0/element/type"),
    ("empty leaf", [rich({"type": "text", "text": ""})], "/blocks/0/elements/0/elements/0/text"),
    ("unknown style", [rich({"type": "text", "text": "x", "style": {"blink": True}})], "blink"),
    ("image without its description", [section(accessory={"type": "image", "image_url": "x"})], "alt_text"),
    ("image without an address", [section(accessory={"type": "image", "alt_text": "x"})], "image_url"),
)  # fmt: skip
TAKEN: tuple[tuple[str, list[dict[str, Any]]], ...] = (
    ("at the limits", [{"type": "header", "text": plain("x" * 150)}, section("x" * 3000), {"type": "divider"}]),
    ("50 blocks", [{"type": "divider"}] * 50),
    ("25 buttons", [actions(*(button(str(n), value="", style="danger") for n in range(25)))]),
    ("rich text", [rich({"type": "text", "text": "x", "style": {"code": True}}, {"type": "user", "user_id": "U1"})]),
    ("a list", [{"type": "rich_text", "elements": [
        {"type": "rich_text_list", "style": "ordered", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://x.example", "text": "x"}]}
        ]},
        {"type": "rich_text_preformatted", "border": 0, "elements": [{"type": "text", "text": "x"}]},
        {"type": "rich_text_quote", "elements": []},
    ]}]),
    ("feedback", [{"type": "context_actions", "elements": [{
        "type": "feedback_buttons", "action_id": "f",
        "positive_button": {"text": plain("Good"), "value": "1"},
        "negative_button": {"text": plain("Bad"), "value": "0"},
    }]}]),
    ("a table", [table(10, 20)]),
    ("a select", [section(accessory={"type": "static_select", "action_id": "s", "options": [OPTION]})]),
)  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[Workspace]:
    with workspace() as made:
        yield made


@pytest.mark.parametrize(("blocks", "where"), [(b, w) for _, b, w in REFUSED], ids=[name for name, _, _ in REFUSED])
def test_bad_blocks_are_refused_with_their_place(running: Workspace, blocks: list[Any], where: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        client(running).chat_postMessage(channel=HELP_DESK, text="x", blocks=blocks)
    assert caught.value.response["error"] == "invalid_blocks"
    assert where in caught.value.response["response_metadata"]["messages"][0]
    assert where in caught.value.response["errors"][0]


@pytest.mark.parametrize("blocks", [b for _, b in TAKEN], ids=[name for name, _ in TAKEN])
def test_good_blocks_are_taken_and_get_their_ids(running: Workspace, blocks: list[Any]) -> None:
    posted = client(running).chat_postMessage(channel=HELP_DESK, text="x", blocks=blocks)["message"]["blocks"]
    assert all(block["block_id"] for block in posted)


def test_what_slacks_own_models_build_is_taken() -> None:
    blocks = [
        HeaderBlock(text="Title"),
        SectionBlock(text=MarkdownTextObject(text="*bold*"), fields=["a", "b"], accessory=ButtonElement(text="Go")),
        DividerBlock(),
        ContextBlock(elements=[PlainTextObject(text="small")]),
        ActionsBlock(elements=[StaticSelectElement(action_id="s", options=[Option(value="1", label="One")])]),
    ]
    check_message([block.to_dict() for block in blocks])


def test_a_message_is_too_long_with_all_its_parts_together(running: Workspace) -> None:
    short = [rich({"type": "text", "text": "x" * 1000}) for _ in range(11)]
    check_message(short)
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        check_message([rich(*({"type": "text", "text": "ten chars "} for _ in range(400)))])
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        client(running).chat_postMessage(channel=HELP_DESK, text="x", blocks=[*short, section("x" * 2000)])


INPUT = {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input", "action_id": "p"}}
VIEWS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("title of 25", {"title": plain("x" * 25)}, "/view/title/text"),
    ("no title", {"title": None}, "title [json-pointer:/view]"),
    ("input without submit", {"submit": None, "blocks": [INPUT]}, "submit"),
    ("101 blocks", {"blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
    ("no blocks", {"blocks": []}, "/view/blocks"),
    ("metadata of 3001", {"private_metadata": "x" * 3001}, "/view/private_metadata"),
    ("box of 3001", {"blocks": [{**INPUT, "element": {**INPUT["element"], "max_length": 3001}}]}, "max_length"),  # type: ignore[dict-item]
    ("a table", {"blocks": [table(1, 1)]}, "/view/blocks/0/type"),
    ("eleven files", {"blocks": [
        {**INPUT, "element": {"type": "file_input", "action_id": "f", "max_files": 11}}
    ]}, "max_files"),
    ("colour", {"colour": "red"}, "colour"),
)  # fmt: skip


def modal(**changes: Any) -> dict[str, Any]:
    view = {"type": "modal", "title": plain("Check"), "submit": plain("Go"), "blocks": [INPUT], **changes}
    return {name: value for name, value in view.items() if value is not None}


@pytest.mark.parametrize(("changes", "where"), [(c, w) for _, c, w in VIEWS], ids=[name for name, _, _ in VIEWS])
def test_bad_views_are_refused_with_their_place(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(Refused) as caught:
        check_view(modal(**changes))
    assert caught.value.error == "invalid_arguments"
    assert where in caught.value.more["response_metadata"]["messages"][0]


def test_a_modal_takes_files_and_home_needs_no_title() -> None:
    check_view(modal(blocks=[{**INPUT, "element": {"type": "file_input", "action_id": "f", "max_files": 10}}]))
    check_view({"type": "home", "blocks": [section()]})


def test_the_check_can_be_switched_off_for_a_load_run() -> None:
    with workspace(habits=Habits(check_blocks=False, keep_blocks=False)) as unchecked:
        posted = client(unchecked).chat_postMessage(channel=HELP_DESK, text="x", blocks=[{"type": "hologram"}])
        assert "blocks" not in posted["message"]
        assert "blocks" not in unchecked.calls("chat.postMessage")[0]["args"]
