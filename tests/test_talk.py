"""knowledge/talk is whole, says nothing that nobody reads, and tells small talk from a report."""

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handbook import default_root, read
from bot.handbook.faults import Fault
from bot.handbook.talk import Talk, load_talk
from bot.handbook.talk_codes import BARE, LIMITS, SMALL, wanted
from tests.casekit import shipped

ROOT = Path(__file__).parents[1]
FILE = "talk/en.toml"
TALK = shipped().talk

SAID = (
    ("thanks", "thanks"),
    ("Thank you so much!! 👍", "thanks"),
    ("THX.", "thanks"),
    ("👍🏽", "thanks"),
    ("Hi there", "hello"),
    ("hi, how does this work? thanks!", "help"),
    ("What's this?", "help"),
    ("what’s this", "help"),
    ("???", "help"),
    ("How do I get the headers of a mail?", "help"),
    ("ok", "okay"),
    ("Bye bye!", "bye"),
    ("you are useless", "abuse"),
    ("I clicked a link in a suspicious mail", "clicked"),
    ("Somebody got a strange mail from my address", "own-account"),
    # Anything else beside it is about a mail.
    ("thanks, but Maria says it wasn't her", None),
    ("hello Maria was robbed abroad and needs money", None),
    ("help, I typed my password into https://evil.example", None),
    ("I clicked the invoice from DHL", None),
    ("yes", None),
    ("no", None),
    ("From: a@example.org", None),
    ("hi@example.org", None),
    ("thanks " * 60, None),
    ("", None),
    (" \n\t", None),
)


@pytest.mark.parametrize(("text", "code"), SAID)
def test_small_talk_is_told_from_a_report(text: str, code: str | None) -> None:
    assert TALK.small(text) == code


def test_every_kind_of_small_talk_has_its_reply() -> None:
    assert all(TALK.text(kind) for kind in SMALL)


@given(st.text(max_size=300))
def test_any_text_is_small_talk_of_a_known_kind_or_none(text: str) -> None:
    assert TALK.small(text) in {*SMALL, None}


def test_what_a_prompt_sends_is_answered() -> None:
    prompts = {code: TALK.small(text) for code, text in TALK.texts.items() if code.startswith("prompt-")}
    assert prompts == {
        "prompt-report": "help",
        "prompt-headers": "help",
        "prompt-own-account": "own-account",
        "prompt-clicked": "clicked",
    }


def test_values_are_filled_in_once_and_are_never_templates() -> None:
    assert TALK.text("call-asked-by", who="{where}", where="<!channel>") == "Asked by {where} in <!channel>"


@pytest.mark.parametrize(("code", "values"), [("never-heard", {}), ("changed-verdict", {})])
def test_an_unknown_code_and_a_missing_value_are_errors(code: str, values: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        TALK.text(code, **values)


def test_texts_are_plain_short_sentences_to_you() -> None:
    for code, text in TALK.texts.items():
        assert not re.search(r"[<*_`~]|\b(?:he|she|his|her|user|payload|invalid|failed)\b", _unquoted(text), re.I), code
        assert text == text.strip(), code
        if not code.startswith(("admin-", "call-")):
            assert max(len(sentence.split()) for sentence in re.split(r"[.!?:;]\s", text)) <= 36, code


def _unquoted(text: str) -> str:
    """Without the names of commands, files and scopes, which a technician is told as they are."""
    return re.sub(r"`[^`]+`|[A-Z]+_[A-Z_]+|\{[a-z_]+\}", "", text)


def test_every_text_that_the_program_names_is_there_and_gets_its_values() -> None:
    """Calls of `text` with a literal code, in handlers and bot."""
    known = {(key if table in BARE else f"{table}-{key}"): words for (table, key), words in wanted().items()}
    calls = list(_calls())
    assert len(calls) > 50
    for place, code, values in calls:
        assert TALK.has(code), f"{place}: {code}"
        if values is not None:
            assert values == known.get(code, frozenset()), f"{place}: {code}"


def test_every_text_is_named_somewhere() -> None:
    """As a literal, or by the beginning of a code that is put together."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in _sources())
    unread = []
    for table, key in wanted():
        code = key if table in BARE else f"{table}-{key}"
        beginnings = [f'"{code[:at]}{{' for at, char in enumerate(code, 1) if char == "-"]
        beginnings += [each.replace('"', "'") for each in beginnings]
        small = table == "says" and key in SMALL
        if not (small or f'"{code}"' in source or f"'{code}'" in source or any(each in source for each in beginnings)):
            unread.append(code)
    assert unread == []


def _sources() -> Iterator[Path]:
    for folder in ("bot", "handlers"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if path.name != "talk_codes.py")


def _calls() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("talk.text"):
                code = node.args[0] if node.args else None
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    names = [word.arg for word in node.keywords]
                    values = None if None in names else frozenset(str(name) for name in names)
                    yield f"{path.name}:{node.lineno}", code.value, values


def _edit(old: str, new: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


BROKEN: tuple[tuple[str, Callable[[Path], None], str], ...] = (
    ("a text is missing", _edit("hello = ", "# hello = "), "[says] hello is missing"),
    ("a text is empty", _edit('forget = "Delete"', 'forget = ""'), "[submit] forget is no text"),
    ("a text is a number", _edit('forget = "Delete"', "forget = 3"), "[submit] forget is no text"),
    ("a label is too long", _edit('yes = "Yes"', f'yes = "{"x" * 76}"'), "[button] yes has 76 characters"),
    ("a title is too long", _edit('"What happened?"', f'"{"x" * 25}"'), "[title] harm has 25 characters"),
    ("an unknown word in braces", _edit("{before}", "{after}"), "[says] changed-verdict has a word in braces"),
    ("a stray brace", _edit('yes = "Yes"', 'yes = "{Yes"'), "[button] yes has a word in braces"),
    ("nobody reads it", _edit('yes = "Yes"', 'yess = "Yes"'), "[button] yess is a text that nobody reads"),
    ("an unknown table", _edit("[prompt]", "[promt]"), "'promt' isn't a key that is read"),
    ("small talk isn't a list", _edit('bye = ["bye", ', 'bye = [3, "bye", '), "[small] bye isn't a list of phrases"),
    ("unknown small talk", _edit("okay = [", "okey = ["), "'okey' isn't a key that is read"),
    ("no TOML", _edit("[says]", "[says"), "can't be read"),
)


@pytest.mark.parametrize(("name", "change", "told"), BROKEN, ids=[name for name, _, _ in BROKEN])
def test_a_fault_is_told_with_its_file_and_remedy(
    name: str, change: Callable[[Path], None], told: str, tmp_path: Path
) -> None:
    root = tmp_path / "knowledge"
    shutil.copytree(default_root() / "talk", root / "talk")
    change(root / FILE)
    faults: list[Fault] = []
    load_talk(root, faults)
    hits = [fault for fault in faults if told in fault.problem]
    assert hits, [fault.problem for fault in faults]
    assert hits[0].file.startswith(FILE)
    assert hits[0].remedy


def test_all_faults_are_told_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    root = tmp_path / "knowledge"
    shutil.copytree(default_root() / "talk", root / "talk")
    for _, change, _ in BROKEN[:2]:
        change(root / FILE)
    faults: list[Fault] = []
    talk = load_talk(root, faults)
    # The empty text is told as such, and as missing.
    assert len(faults) == 3
    assert talk.text("thanks")


def test_a_missing_file_is_one_fault(tmp_path: Path) -> None:
    faults: list[Fault] = []
    assert load_talk(tmp_path, faults) == Talk()
    assert [fault.problem for fault in faults] == ["is missing"]


def test_the_talk_is_part_of_the_handbook_and_without_fault() -> None:
    faults: list[Fault] = []
    assert read(default_root(), faults).talk.texts == TALK.texts
    assert faults == []
    assert set(LIMITS) >= {table for table, _ in wanted()}
