"""What a person reads in an HTML text, what is hidden from them, and where its links go. Never rendered."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from bot.intake.htmltags import Tag, scan

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_BLOCK_NAMES = """
address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header
hr html legend li main nav ol option p pre section table tbody tfoot thead tr ul br
"""
_BLOCK = frozenset(_BLOCK_NAMES.split())
_CELL = frozenset(("td", "th"))
_UNSEEN = frozenset(("head", "noscript", "template", "object", "audio", "video", "datalist", "svg", "math"))
_IMPLIES_END = frozenset(("p", "li", "td", "th", "tr", "option", "dt", "dd"))
_MOST_PIECES = 150_000
"""Tags and texts looked at; a page of a megabyte has a third of that."""
_DEEPEST = 3_000
_LOOK_BACK = 60
_LINK_TEXT = 300
_GONE = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}(?:hidden|collapse)|mso-hide\s{0,5}:\s{0,5}all"
    r"|opacity\s{0,5}:\s{0,5}0(?:\.0{1,3})?(?![\d.])|(?<![-\w])color\s{0,5}:\s{0,5}transparent|text-indent\s{0,5}:\s{0,5}-\d{3,5}",
    re.IGNORECASE,
)
_FLAT = re.compile(r"(?<![-\w])(?:max-)?(?:height|width)\s{0,5}:\s{0,5}0", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow\s{0,5}:\s{0,5}hidden", re.IGNORECASE)
_FONT_SIZE = re.compile(r"font-size\s{0,5}:\s{0,5}(\d{0,5}(?:\.\d{1,6})?)([a-z%]{0,4})", re.IGNORECASE)
_COLOUR = re.compile(r"(?<![-\w])(background(?:-color)?|color)\s{0,5}:\s{0,5}([^;!]{1,60})", re.IGNORECASE)
_SIMPLE_SELECTOR = re.compile(r"(?:[a-zA-Z0-9]{0,20})([.#][\w-]{1,80})")
_NAMED = {"white": "#ffffff", "black": "#000000"}


@dataclass(frozen=True, slots=True)
class RawLink:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Page:
    """The text that is seen, the number of characters that aren't, and the links in order."""

    text: str
    hidden: int
    links: tuple[RawLink, ...]
    cut: bool = False
    """Whether the page goes on beyond what was read."""


@dataclass(slots=True)
class _State:
    most: int
    most_links: int
    out: list[str] = field(default_factory=list)
    size: int = 0
    hidden: int = 0
    stack: list[tuple[str, bool, bool]] = field(default_factory=list)
    """Open elements: name, gone (for good), tiny (until a child sets its own size)."""
    links: list[RawLink] = field(default_factory=list)
    href: str | None = None
    words: list[str] = field(default_factory=list)
    base: str = ""
    unseen_classes: set[str] = field(default_factory=set)


def read_page(source: str, *, most: int, most_links: int) -> Page:
    """Reads at most `most` characters of visible text and `most_links` links."""
    state = _State(most, most_links)
    pieces = scan(source)
    for item in islice(pieces, _MOST_PIECES):
        if isinstance(item, str):
            _text(state, item)
        elif item.closing:
            _close(state, item.name)
        else:
            _open(state, item)
        if state.size >= most and len(state.links) >= most_links:
            break
    _end_link(state)
    cut = next(pieces, None) is not None
    return Page(_tidy("".join(state.out)), state.hidden, tuple(state.links), cut)


def _text(state: _State, text: str) -> None:
    _, gone, tiny = state.stack[-1] if state.stack else ("", False, False)
    if gone or tiny:
        state.hidden += len("".join(text.split()))
    elif state.size < state.most:
        # Line breaks in the source are only white space; those of the page are put in by its blocks.
        flat = text.replace("\n", " ").replace("\r", " ")
        state.out.append(flat)
        state.size += len(flat)
    if state.href is not None and len(state.words) < 200:
        state.words.append(text[:_LINK_TEXT])


def _open(state: _State, tag: Tag) -> None:
    if tag.name in _BLOCK:
        _break(state, "\n")
    elif tag.name in _CELL:
        _break(state, " ")
    if tag.name == "style":
        state.unseen_classes |= _unseen_classes(tag.raw)
    elif tag.name in ("a", "area", "form", "img", "base", "button", "input"):
        _link(state, tag)
    if tag.name in _VOID:
        return
    if tag.name in _IMPLIES_END and state.stack and state.stack[-1][0] == tag.name:
        state.stack.pop()
    _, gone, tiny = state.stack[-1] if state.stack else ("", False, False)
    unseen, size_zero = _style(state, tag.attributes)
    if len(state.stack) < _DEEPEST:
        gone = gone or unseen or tag.name in _UNSEEN
        state.stack.append((tag.name, gone, tiny if size_zero is None else size_zero))


def _close(state: _State, name: str) -> None:
    if name in _BLOCK:
        _break(state, "\n")
    if name == "a":
        _end_link(state)
    for back in range(1, min(len(state.stack), _LOOK_BACK) + 1):
        if state.stack[-back][0] == name:
            del state.stack[-back:]
            return


def _break(state: _State, mark: str) -> None:
    if state.out and state.out[-1] != mark and state.size < state.most:
        state.out.append(mark)
        state.size += 1


def _link(state: _State, tag: Tag) -> None:
    if tag.name == "img":
        if state.href is not None and tag.attributes.get("alt"):
            state.words.append(tag.attributes["alt"][:_LINK_TEXT])
        return
    if tag.name == "base":
        state.base = state.base or tag.attributes.get("href", "")
        return
    if tag.name == "a":
        _end_link(state)
        if "href" in tag.attributes:
            state.href, state.words = tag.attributes["href"], []
        return
    target = tag.attributes.get({"area": "href", "form": "action"}.get(tag.name, "formaction"), "")
    label = tag.attributes.get("alt", "") or tag.attributes.get("value", "")
    if target.strip() and len(state.links) < state.most_links:
        state.links.append(RawLink(label[:_LINK_TEXT], _based(target, state.base)))


def _end_link(state: _State) -> None:
    href, state.href = state.href, None
    if href is None or not href.strip() or href.strip().startswith("#") or len(state.links) >= state.most_links:
        return
    text = " ".join("".join(state.words).split())[:_LINK_TEXT]
    state.links.append(RawLink(text, _based(href, state.base)))


def _based(href: str, base: str) -> str:
    """Relative links against `<base href>`; without one they lead nowhere and stay as they are."""
    if not base or re.match(r"\s{0,20}[a-zA-Z][a-zA-Z0-9+.-]{0,30}:|\s{0,20}//", href):
        return href
    return base.rstrip("/") + "/" + href.strip().lstrip("/")


def _style(state: _State, attributes: Mapping[str, str]) -> tuple[bool, bool | None]:
    """Whether the element is not seen at all, and whether it sets a letter size of nothing (None: it sets none)."""
    style = attributes.get("style", "")
    unseen = "hidden" in attributes
    if state.unseen_classes and ("class" in attributes or "id" in attributes):
        names = {f".{name}" for name in attributes.get("class", "").split()[:30]} | {f"#{attributes.get('id', '')}"}
        unseen = unseen or not names.isdisjoint(state.unseen_classes)
    if not style:
        return unseen, None
    style_hides, size_zero = _declared(style)
    return unseen or style_hides, size_zero


@lru_cache(maxsize=1024)
def _declared(style: str) -> tuple[bool, bool | None]:
    """What a style attribute says by itself; mail repeats the same few."""
    flat = _CLIPPED.search(style) is not None and _FLAT.search(style) is not None
    return flat or _GONE.search(style) is not None or _own_colour(style), _size_zero(style)


def _size_zero(style: str) -> bool | None:
    found = _FONT_SIZE.search(style)
    if found is None or not found[1].strip("."):
        return None
    size, unit = float(found[1]), found[2].lower()
    return size < 0.1 if unit in ("em", "rem") else size < 8 if unit == "%" else size <= 1


def _own_colour(style: str) -> bool:
    """Letters in the colour of the background that the same element sets."""
    colours: dict[str, str] = {}
    for name, value in _COLOUR.findall(style):
        colours["fore" if name.lower() == "color" else "back"] = _plain_colour(value)
    return bool(colours.get("fore")) and colours.get("fore") == colours.get("back")


def _plain_colour(value: str) -> str:
    word = "".join(value.lower().split())
    if re.fullmatch(r"#[0-9a-f]{3}", word):
        word = "#" + "".join(letter * 2 for letter in word[1:])
    return _NAMED.get(word, word)


def _unseen_classes(sheet: str) -> set[str]:
    """Classes and ids that a style sheet hides, outside of @media (which hide by screen size)."""
    found: set[str] = set()
    depth, selector = 0, ""
    for piece in re.findall(r"[{}]|[^{}]+", sheet):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            selector = piece.rpartition("*/")[2]
        elif depth == 1 and "@" not in selector and _GONE.search(piece[:2_000]):
            found.update(_simple(selector))
    return found


def _simple(selector: str) -> Iterable[str]:
    for one in selector[:2_000].split(","):
        plain = _SIMPLE_SELECTOR.fullmatch(one.strip())
        if plain is not None:
            yield plain[1]


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
