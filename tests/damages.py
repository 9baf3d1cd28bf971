"""What happens to headers between a mail program and a chat, as functions over a header section."""

import html
import re
import textwrap
from collections.abc import Callable

Damage = Callable[[str], str]


def quoted(text: str) -> str:
    return "\n".join("> " + line for line in text.split("\n"))


def quoted_thrice(text: str) -> str:
    return quoted(quoted(quoted(text)))


def barred(text: str) -> str:
    return "\n".join("| " + line for line in text.split("\n"))


def folds_lost(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n"))


def joined(text: str) -> str:
    return " ".join(line.strip() for line in text.split("\n"))


def joined_and_wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(joined(text), 76, break_on_hyphens=False))


def wrapped_72(text: str) -> str:
    return "\n".join(
        piece.rstrip() for line in text.split("\n") for piece in textwrap.wrap(line, 72, break_on_hyphens=False) or [""]
    )


def wrapped_mid_word(text: str) -> str:
    return "\n".join(line[at : at + 80] for line in text.split("\n") for at in range(0, max(len(line), 1), 80))


def smart_quotes(text: str) -> str:
    return re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text)


def no_break_spaces(text: str) -> str:
    return text.replace("\n ", "\n\u00a0").replace("\n\t", "\n\u00a0\u00a0").replace(": ", ":\u00a0")


def entities(text: str) -> str:
    return html.escape(text)


def slack(text: str) -> str:
    escaped = html.escape(text, quote=False)
    linked = re.sub(r"[\w.+=-]+@[\w-]+(?:\.[\w-]+)+", lambda found: f"<mailto:{found[0]}|{found[0]}>", escaped)
    return re.sub(r"https?://[^\s<>&|;,]+", lambda found: f"<{found[0]}>", linked)


def slack_hosts(text: str) -> str:
    escaped = html.escape(text, quote=False)
    return re.sub(
        r"(?<![\w@.=/-])([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|org|net|io))(?![\w@.-])",
        lambda found: f"<http://{found[1]}|{found[1]}>",
        escaped,
    )


def fenced(text: str) -> str:
    return f"```\n{text}\n```"


def bulleted(text: str) -> str:
    return "\n".join("\u2022 " + line for line in text.split("\n"))


def tabs_to_spaces(text: str) -> str:
    return text.expandtabs(8)


def numbered(text: str) -> str:
    return "\n".join(f"{number:>4}  {line}" for number, line in enumerate(text.split("\n"), start=1))


def indented(text: str) -> str:
    return textwrap.indent(text, "    ")


def chatter(text: str) -> str:
    return f"Hi team, I got this odd mail, here are the headers:\n\n{text}"


def double_spaced(text: str) -> str:
    return "\n\n".join(line for line in text.split("\n"))


def carriage_returns(text: str) -> str:
    return text.replace("\n", "\r")


def page(text: str) -> str:
    head = "<!DOCTYPE html><html><head><title>Original message</title></head>"
    return f"{head}<body><pre>{html.escape(text)}</pre></body></html>"


def page_of_divs(text: str) -> str:
    rows = "".join(f"<div>{html.escape(line)}</div>" for line in text.split("\n"))
    return f"<html><head><style>div{{color:red}}</style></head><body>{rows}</body></html>"


def no_blank_line(text: str) -> str:
    return f"{text.rstrip()}\nDear customer, your parcel waits for you.\nPlease pay the fee today, or it is sent back."


DAMAGES: tuple[Damage, ...] = (
    quoted,
    quoted_thrice,
    barred,
    folds_lost,
    joined,
    joined_and_wrapped,
    wrapped_72,
    wrapped_mid_word,
    smart_quotes,
    no_break_spaces,
    entities,
    slack,
    slack_hosts,
    fenced,
    bulleted,
    tabs_to_spaces,
    numbered,
    indented,
    chatter,
    double_spaced,
    carriage_returns,
    page,
    page_of_divs,
    no_blank_line,
)
