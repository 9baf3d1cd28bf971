"""Texts of several lines as blocks: a heading with a list below it, cut at words."""

from collections.abc import Iterable

from handlers.blocks.kit import Block, line, listed, rich, told
from handlers.blocks.wording import Wording


def list_under(
    heading: str, lines: Iterable[str], wording: Wording, limit: int, *, numbered: bool = False, bullets: bool = True
) -> tuple[Block, ...]:
    """A heading with lines below it, as one block; nothing where there is no line."""
    items = [leaves for text in lines if (leaves := told(cut(text, limit), wording.links))]
    if not items:
        return ()
    title = (line(*named),) if (named := told(cut(heading, 150), bold=True)) else ()
    if bullets:
        return (rich(*title, listed(items, numbered=numbered)),)
    return (rich(*title, line(*items[0])),)


def cut(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = head.rfind(" ", limit // 2)
    return f"{head[:at] if at > 0 else head}…"
