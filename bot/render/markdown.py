"""A case as Markdown (CommonMark with GitHub's tables); everything that quotes the mail is escaped."""

from bot.model import Case
from bot.render.escaping import markdown, markdown_of_ours
from bot.render.outline import Block, for_person
from bot.render.technician import for_technician


def to_markdown(case: Case, technician: bool) -> str:
    """The reply, and for a technician all that it rests on. Ends with one newline."""
    blocks = for_technician(case) if technician else for_person(case, full=True)
    parts = [f"**{markdown_of_ours(case.reply.headline)}**", *(_block(block) for block in blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    heading = f"## {markdown_of_ours(block.heading)}"
    body = _table(block) if block.columns else _lines(block)
    return f"{heading}\n\n{body}"


def _lines(block: Block) -> str:
    escape = markdown_of_ours if block.ours else markdown
    texts = [escape(line) for line in block.lines]
    if block.prose:
        return "\n\n".join(texts)
    if block.numbered:
        return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))
    return "\n".join(f"- {text}" for text in texts)


def _table(block: Block) -> str:
    rule = "|".join(" --- " for _ in block.columns)
    return "\n".join((_row(block.columns), f"|{rule}|", *(_row(row) for row in block.rows)))


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(markdown(cell) or " " for cell in cells) + " |"
