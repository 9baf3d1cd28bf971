"""Block Kit's objects, made so that nothing in them is live: text of a mail goes into leaves that Slack doesn't parse.

No `mrkdwn` and no `markdown` anywhere; plain_text without emoji, rich_text, and defanged web addresses. The limits are
Slack's (docs.slack.dev/reference/block-kit); what is longer is cut with an ellipsis.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.advice.words import defang, tame

Block = dict[str, Any]
"""A block, an element or a view as JSON; it goes nowhere but to Slack."""

LINE = 2_000
"""Characters of one line in rich_text."""
TITLE, LABEL, HEADER, SECTION, BOX = 24, 75, 150, 3_000, 3_000
_OURS = re.compile(r"https://[^\s<>\"'`|()]{4,400}")


class Style(StrEnum):
    """How a button looks; Slack's own words."""

    PLAIN = ""
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Post:
    """A message, ready to be sent: what screen readers and notifications say, escaped, and the blocks."""

    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select, a group of checkboxes or radio buttons."""

    value: str
    label: str


def clean(text: str, limit: int = LINE) -> str:
    """One line without control, bidi and zero-width characters, web addresses defanged."""
    return defang(tame(text, limit))[:limit]


def escaped(text: str, limit: int = SECTION) -> str:
    """Several lines for a message's `text`: cleaned, then & < > as entities; at most `limit` characters in the end."""
    lines = (clean(line) for line in text.split("\n"))
    whole = "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if len(whole) <= limit:
        return whole
    # An entity that is cut in two shows as rubbish: the cut goes before it.
    return re.sub(r"&[a-z]{0,3}$", "", whole[: limit - 1]).rstrip() + "…"


def plain(text: str, limit: int = SECTION) -> Block:
    """A plain_text object; `:codes:` in it aren't drawn, and nothing in it is a link or a mention."""
    return {"type": "plain_text", "text": clean(text, limit) or "-", "emoji": False}


def leaf(text: str, *, bold: bool = False, code: bool = False, italic: bool = False, limit: int = LINE) -> Block:
    """A piece of text in rich_text, which Slack shows as it is."""
    return _leaf(clean(text, limit), bold=bold, code=code, italic=italic)


def link(url: str, text: str) -> Block:
    """The one live thing: an address of Slack's or of ours. Never one that comes from a mail."""
    return {"type": "link", "url": url, "text": clean(text, 300)}


def told(text: str, links: frozenset[str] = frozenset(), *, bold: bool = False) -> list[Block]:
    """A line of a reply as leaves; addresses in `links` (those that stand in knowledge/) are live, others defanged."""
    line, leaves, end = tame(text, LINE), list[Block](), 0
    for found in _OURS.finditer(line):
        url = found.group().rstrip(".,;:")
        if url in links:
            leaves += [_leaf(defang(line[end : found.start()]), bold=bold), {"type": "link", "url": url}]
            end = found.start() + len(url)
    leaves.append(_leaf(defang(line[end:]), bold=bold))
    return [each for each in leaves if each.get("text") or each.get("url")]


def _leaf(text: str, *, bold: bool = False, code: bool = False, italic: bool = False) -> Block:
    style = {key: True for key, on in (("bold", bold), ("code", code), ("italic", italic)) if on}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def line(*leaves: Block) -> Block:
    """A paragraph of rich_text. Two in a row need an empty line between them to look like two."""
    return {"type": "rich_text_section", "elements": list(leaves)}


def listed(lines: Iterable[Sequence[Block]], *, numbered: bool = False) -> Block:
    """A list of rich_text; each item is its leaves."""
    style = "ordered" if numbered else "bullet"
    return {"type": "rich_text_list", "style": style, "elements": [line(*leaves) for leaves in lines]}


def rich(*elements: Block, block_id: str = "") -> Block:
    """A rich_text block of `line` and `listed` elements."""
    return {"type": "rich_text", **({"block_id": block_id} if block_id else {}), "elements": list(elements)}


def paragraph(text: str, links: frozenset[str] = frozenset(), *, bold: bool = False) -> Block:
    """A rich_text block of one line."""
    return rich(line(*(told(text, links, bold=bold) or [_leaf("-")])))


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A section of plain text, such as beside a button."""
    return {"type": "section", "text": plain(text), **({"accessory": accessory} if accessory else {})}


def context(*texts: str) -> Block:
    """Small print: at most ten pieces of plain text."""
    return {"type": "context", "elements": [plain(text) for text in texts[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def button(
    label: str, action_id: str, *, value: str = "", style: Style = Style.PLAIN, spoken: str = "", url: str = ""
) -> Block:
    """A button. `spoken` is what a screen reader says, where the label alone says too little. `url` is one of ours."""
    made: Block = {"type": "button", "text": plain(label, LABEL), "action_id": action_id}
    if value:
        made["value"] = value
    if style is not Style.PLAIN:
        made["style"] = style.value
    if spoken:
        made["accessibility_label"] = clean(spoken, LABEL)
    if url:
        made["url"] = url
    return made


def actions(*elements: Block, block_id: str = "") -> Block:
    """A row of buttons; Slack takes 25, five fit on a line."""
    return {"type": "actions", **({"block_id": block_id} if block_id else {}), "elements": list(elements[:25])}


def input_block(label: str, element: Block, *, block_id: str, hint: str = "", optional: bool = False) -> Block:
    """A field of a modal; errors of a submission are told by `block_id`."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, SECTION),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain(hint, SECTION)
    return made


def text_box(action_id: str, *, several_lines: bool = False, most: int = BOX, placeholder: str = "") -> Block:
    """A plain_text_input; Slack lets nobody write more than 3,000 characters into one."""
    made: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": min(most, BOX)}
    if several_lines:
        made["multiline"] = True
    if placeholder:
        made["placeholder"] = plain(placeholder, HEADER)
    return made


def file_box(action_id: str, *, most: int = 10, kinds: Sequence[str] = ()) -> Block:
    """A file_input; `kinds` (file name endings) is a hint that Slack doesn't enforce."""
    made: Block = {"type": "file_input", "action_id": action_id, "max_files": max(1, min(most, 10))}
    if kinds:
        made["filetypes"] = list(kinds)
    return made


def checkboxes(action_id: str, options: Sequence[Option], chosen: Sequence[str] = ()) -> Block:
    return _choice("checkboxes", action_id, options, [each for each in options if each.value in chosen])


def radio_buttons(action_id: str, options: Sequence[Option], chosen: str = "") -> Block:
    first = next((each for each in options if each.value == chosen), None)
    made = _choice("radio_buttons", action_id, options, [])
    return {**made, **({"initial_option": _option(first)} if first else {})}


def _choice(kind: str, action_id: str, options: Sequence[Option], chosen: Sequence[Option]) -> Block:
    made: Block = {"type": kind, "action_id": action_id, "options": [_option(each) for each in options[:10]]}
    if chosen:
        made["initial_options"] = [_option(each) for each in chosen]
    return made


def _option(option: Option) -> Block:
    return {"text": plain(option.label, LABEL), "value": option.value}


def modal(
    title: str, blocks: Sequence[Block], *, callback_id: str, submit: str = "", close: str = "", metadata: str = ""
) -> Block:
    """A modal's view. `metadata` is an inquiry's id or a few of our words, never text of a mail."""
    view: Block = {"type": "modal", "callback_id": callback_id, "title": plain(title, TITLE), "blocks": list(blocks)}
    if submit:
        view["submit"] = plain(submit, TITLE)
    if close:
        view["close"] = plain(close, TITLE)
    if metadata:
        view["private_metadata"] = metadata
    return view


def home(blocks: Sequence[Block]) -> Block:
    """The Home tab's view."""
    return {"type": "home", "blocks": list(blocks)}
