"""Slack's message objects read into types: the text as it was written, the files, the pieces. Pure.

The composer's text stands verbatim in rich_text blocks, while `text` is escaped and has its addresses turned
into links (docs.slack.dev, "Formatting message text"): blocks are read first.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bot.errors import TooLarge
from bot.model import FileRef, Piece

Json = Mapping[str, Any]
"""A JSON object as Slack sent it; it goes no further than the handlers."""

MOST_TEXT = 400_000
"""Characters of one message; the engine reads no more (`Limits.text`)."""
MOST_FILES = 20
"""Files of one message; Slack's composer takes ten."""
_MOST_LEAVES = 20_000
_DEEPEST = 8
_SEVERAL = "Please hand in the one mail that you ask about."


def pieces(message: Json) -> tuple[Piece, ...]:
    """What a message brings: its text, if there is any, and its files; also those of a message that it passes on.

    Raises TooLarge.
    """
    ts = string(message.get("ts"))
    text = text_of(message).strip()
    brought = files(message)
    written = (Piece(ts, text),) if text else ()
    return (*written, *(Piece(ts, file=file) for file in brought))


def text_of(message: Json) -> str:
    """A message's text as it was written or pasted. Raises TooLarge above `MOST_TEXT` characters."""
    blocks = list(_objects(message.get("blocks"), 100))
    rich = [block for block in blocks if block.get("type") == "rich_text"]
    if rich:
        text = _joined(rich)
    else:
        text = plain(string(message.get("text"))) or "\n".join(filter(None, map(_app_text, blocks)))
    passed_on = (text_of_attachment(each) for each in _objects(message.get("attachments"), 20))
    whole = "\n".join(filter(None, (text.strip("\n"), *passed_on)))
    if len(whole) > MOST_TEXT:
        raise TooLarge("text-too-long", "The text is too long to read.", "Please hand in the mail as a file instead.")
    return whole


def text_of_attachment(attachment: Json) -> str:
    """The text of a message that was passed on within another ("Share message"), or of an app's attachment."""
    inner = [block for each in _objects(attachment.get("message_blocks"), 5) for block in _message_blocks(each)]
    if inner:
        return _joined(inner).strip("\n")
    return plain(string(attachment.get("text")))


def _joined(rich: list[Json]) -> str:
    """Nothing is cut without a word: a verdict about half a mail would be one about another. Raises TooLarge."""
    leaves = list(islice(_rich(rich, 0), _MOST_LEAVES + 1))
    if len(leaves) > _MOST_LEAVES:
        raise TooLarge("text-too-long", "The text is too long to read.", "Please hand in the mail as a file instead.")
    return "".join(leaves)


def _message_blocks(item: Json) -> Iterator[Json]:
    message = item.get("message")
    if isinstance(message, dict):
        yield from (b for b in _objects(message.get("blocks"), 50) if b.get("type") == "rich_text")


def _app_text(block: Json) -> str:
    """What a block of an app says: section, header, markdown."""
    text = block.get("text")
    if isinstance(text, dict):
        return plain(string(text.get("text")))
    return plain(string(text))


def _rich(elements: list[Json], depth: int) -> Iterator[str]:
    """The leaves' texts of rich_text blocks and their elements, each element on lines of its own."""
    if depth > _DEEPEST:
        return
    for element in elements:
        kind = string(element.get("type"))
        inner = list(_objects(element.get("elements"), _MOST_LEAVES + 1))
        if kind == "rich_text":
            yield from _rich(inner, depth + 1)
        elif kind == "rich_text_list":
            indent = "  " * min(_count(element.get("indent")), _DEEPEST)
            for item in inner:
                yield f"{indent}- "
                yield from _rich([item], depth + 1)
        elif kind.startswith("rich_text_"):
            yield from _line(inner)


def _line(leaves: list[Json]) -> Iterator[str]:
    """A section, quotation or preformatted element; ends with a line break, as the composer shows it."""
    last = ""
    for leaf in leaves:
        last = _leaf(leaf) or last
        yield _leaf(leaf)
    if not last.endswith("\n"):
        yield "\n"


def _leaf(leaf: Json) -> str:
    """What was typed where this leaf stands."""
    kind = leaf.get("type")
    if kind == "text":
        return string(leaf.get("text"))
    if kind == "link":
        return _linked(string(leaf.get("url")), string(leaf.get("text")))
    if kind == "emoji":
        return _emoji(string(leaf.get("name")), string(leaf.get("unicode")))
    if kind in ("user", "channel", "usergroup", "team"):
        return f"@{string(leaf.get(f'{kind}_id'))}"
    if kind == "broadcast":
        return f"@{string(leaf.get('range'))}"
    if kind == "color":
        return string(leaf.get("value"))
    return string(leaf.get("fallback")) or string(leaf.get("text"))


def _linked(url: str, text: str) -> str:
    """A link made from what was typed is what was typed; one with words of its own keeps its target beside them."""
    bare = url.removeprefix("mailto:")
    if not text or text == bare:
        return text or bare
    without = re.sub(r"^https?://", "", bare)
    if re.sub(r"^https?://", "", text).rstrip("/") == without.rstrip("/"):
        return text
    return f"{text} <{bare}>"


_HEX = re.compile(r"[0-9a-f]{1,4}")


def _emoji(name: str, unicode: str) -> str:
    """The sign; but `:100:` in a pasted header is a group of an IPv6 address that the composer took for a sign."""
    if unicode and not _HEX.fullmatch(name):
        try:
            return "".join(chr(int(point, 16)) for point in unicode.split("-")[:8])
        except (ValueError, OverflowError):
            return f":{name}:"
    return f":{name}:"


_MARKUP = re.compile(r"<([^<>|\n]{1,3000})(?:\|([^<>\n]{0,3000}))?>")


def plain(text: str) -> str:
    """`text` of a message as it was written: links, addresses and mentions undone, then & < > unescaped once."""
    if len(text) > MOST_TEXT * 2:
        raise TooLarge("text-too-long", "The text is too long to read.", "Please hand in the mail as a file instead.")
    undone = _MARKUP.sub(_undone, text)
    return undone.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _undone(found: re.Match[str]) -> str:
    target, label = found.group(1), found.group(2) or ""
    if target[0] == "@":
        return target
    if target[0] == "#":
        return f"#{label or target[1:]}"
    if target[0] == "!":
        name = label or target[1:].partition("^")[0]
        return name if name.startswith("@") else f"@{name}"
    # The angle brackets of "text <target>" are escaped here, since what comes back is unescaped as a whole.
    return _linked(target, label).replace("<", "&lt;").replace(">", "&gt;")


def mentions(message: Json, user: str) -> bool:
    """Whether the message names this user, such as the bot itself."""
    return bool(user) and f"<@{user}" in string(message.get("text"))


def without_mention(text: str, user: str) -> str:
    """The text without the bot's own name at its ends, where people put it."""
    return re.sub(rf"^(?:\s{{0,20}}@{re.escape(user)}\b[:,]?)+|(?:@{re.escape(user)}\b)\s{{0,20}}$", "", text).strip()


def files(message: Json) -> tuple[FileRef, ...]:
    """A message's files, and those of messages that it passes on. Raises TooLarge above `MOST_FILES`."""
    own = list(_objects(message.get("files"), MOST_FILES + 1))
    passed_on = [
        each
        for attachment in _objects(message.get("attachments"), 20)
        for each in _objects(attachment.get("files"), MOST_FILES + 1)
    ]
    found = {file.id: file for file in map(file_ref, (*own, *passed_on)) if file.id}
    if len(found) > MOST_FILES:
        raise TooLarge("too-many-files", f"These are more than {MOST_FILES} files at once.", _SEVERAL)
    return tuple(found.values())


def file_ref(file: Json) -> FileRef:
    """A file object of any mode: hosted, snippet, email, external, tombstone, hidden_by_limit, or an id alone.

    Slack Connect's `check_file_info` comes in `file_access` and has nothing but its id.
    """
    access = string(file.get("file_access"))
    return FileRef(
        id=string(file.get("id"))[:100],
        name=(string(file.get("name")) or string(file.get("title")))[:300],
        url=(string(file.get("url_private_download")) or string(file.get("url_private")))[:3000],
        size=_count(file.get("size")),
        mimetype=string(file.get("mimetype"))[:200].lower(),
        mode="file_access" if access == "check_file_info" else string(file.get("mode"))[:50] or "hosted",
    )


def is_forwarded_mail(message: Json) -> bool:
    """Whether Slack itself posted a mail that somebody sent to it: posted by USLACKBOT, with `mode: "email"`."""
    return any(each.get("mode") == "email" for each in _objects(message.get("files"), MOST_FILES))


def forwarders(message: Json) -> tuple[str, ...]:
    """The addresses that a forwarded mail was sent from: those of whoever forwarded it, as the mail says."""
    return tuple(
        string(sender.get("address")).strip().lower()
        for file in _objects(message.get("files"), MOST_FILES)
        if file.get("mode") == "email"
        for sender in _objects(file.get("from"), 5)
        if sender.get("address")
    )


def is_said(message: Json) -> bool:
    """Whether somebody says something new: no edit, deletion or notice, and no app. A mail that was forwarded to
    Slack is, though Slack itself, or an add-on of a mail program, posts it.
    """
    if message.get("hidden"):
        return False
    if is_forwarded_mail(message):
        return message.get("subtype") in (*_NEW, "bot_message")
    by_person = bool(message.get("user")) and message.get("user") != "USLACKBOT" and not message.get("bot_id")
    return by_person and message.get("subtype") in _NEW


def edited(event: Json) -> Json | None:
    """The message as it stands now, where the event tells that somebody edited what they wrote; Slack sends the same
    event where it only adds a preview of a link.
    """
    message, before = event.get("message"), event.get("previous_message")
    if event.get("subtype") != "message_changed" or not isinstance(message, dict):
        return None
    now = {**message, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
    if not is_said(now) or is_forwarded_mail(now) or not message.get("edited"):
        return None
    try:
        same = isinstance(before, dict) and text_of(before) == text_of(now)
    except TooLarge:
        return now
    return None if same else now


_NEW = (None, "file_share", "thread_broadcast")
"""The subtypes of what people say."""


def string(value: object) -> str:
    """The value, if it is a string."""
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _objects(value: object, most: int) -> Iterator[Json]:
    """The objects of a list, at most so many."""
    if isinstance(value, list):
        yield from (item for item in value[:most] if isinstance(item, dict))
