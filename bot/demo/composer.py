"""What Slack's composer makes of what somebody types: escaped and linked text, rich text beside it, long texts cut."""

import re
from collections.abc import Iterator

from bot.demo.wire import Json

# Bounded on both sides, so that hostile texts cost no more than their length.
_LINK = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]{2,20})>"
    r"|(?P<url>https?://[^\s<>|]{1,2000})"
    r"|(?P<mail>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})"
)


def escape(text: str) -> str:
    """Slack's three characters, in its order (docs.slack.dev: Formatting message text, "Escaping text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def composed(text: str) -> Json:
    """`text` escaped and auto-linked, and the same verbatim as `blocks` of rich text."""
    leaves = list(_leaves(text))
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": leaves}]}
    return {"text": "".join(_linked(leaf) for leaf in leaves), "blocks": [block] if leaves else []}


def _leaves(text: str) -> Iterator[Json]:
    end = 0
    for found in _LINK.finditer(text):
        if found.start() > end:
            yield {"type": "text", "text": text[end : found.start()]}
        yield _leaf(found)
        end = found.end()
    if end < len(text):
        yield {"type": "text", "text": text[end:]}


def _leaf(found: "re.Match[str]") -> Json:
    if found["user"]:
        return {"type": "user", "user_id": found["user"]}
    if found["url"]:
        return {"type": "link", "url": found["url"]}
    return {"type": "link", "url": f"mailto:{found['mail']}", "text": found["mail"]}


def _linked(leaf: Json) -> str:
    if leaf["type"] == "user":
        return f"<@{leaf['user_id']}>"
    if leaf["type"] == "link":
        label = f"|{escape(leaf['text'])}" if "text" in leaf else ""
        return f"<{escape(leaf['url'])}{label}>"
    return escape(str(leaf["text"]))


def cut(text: str, most: int) -> list[str]:
    """Several messages of at most `most` characters, cut at the ends of lines where there are any."""
    parts = []
    while len(text) > most:
        at = text.rfind("\n", 1, most) + 1 or most
        parts.append(text[:at].rstrip("\n"))
        text = text[at:]
    return [*parts, text]
