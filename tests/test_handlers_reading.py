"""Slack's message objects become pieces: the text as it was written, files of every mode."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import TooLarge
from handlers import reading
from tests.handlerkit import FORWARDED, forwarded, message, rich, upload

HEADERS = """Received: from mail.example.net (mail.example.net [203.0.113.9])
\tby mx.example.org with ESMTPS id abc
From: "Maria" <maria@example.com>
Message-ID: <one&two@example.com>"""


def leaves(*parts: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"blocks": [{"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}]}


def text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


ESCAPED = [
    ("Is &lt;this&gt; real &amp; safe?", "Is <this> real & safe?"),
    ("From: Maria &lt;<mailto:m@example.com|m@example.com>&gt;", "From: Maria <m@example.com>"),
    ("see <http://example.com|example.com> and <https://example.com/a?b=1&amp;c=2>", None),
    ("&amp;lt;br&amp;gt; is unescaped once", "&lt;br&gt; is unescaped once"),
    ("<https://evil.test/x|Your bank>", "Your bank <https://evil.test/x>"),
    ("<!here> <!subteam^S1|@techs> <@U1> <#C1|help>", "@here @techs @U1 #help"),
    ("<tel:+491234|+491234>", "+491234 <tel:+491234>"),
]


@pytest.mark.parametrize(("escaped", "written"), ESCAPED)
def test_text_without_blocks_is_what_was_written(escaped: str, written: str | None) -> None:
    wanted = written or "see example.com and https://example.com/a?b=1&c=2"
    assert reading.text_of({"text": escaped}) == wanted


def test_blocks_are_read_verbatim_and_before_the_escaped_text() -> None:
    assert reading.text_of({"text": "mangled &lt;", "blocks": rich(HEADERS)}) == HEADERS


LEAVES = [
    ({"type": "link", "url": "mailto:m@example.com", "text": "m@example.com"}, "m@example.com"),
    ({"type": "link", "url": "mailto:m@example.com"}, "m@example.com"),
    ({"type": "link", "url": "http://mail.example.net", "text": "mail.example.net"}, "mail.example.net"),
    ({"type": "link", "url": "https://evil.test/", "text": "Log in"}, "Log in <https://evil.test/>"),
    ({"type": "link", "url": "https://example.com/a"}, "https://example.com/a"),
    ({"type": "emoji", "name": "100", "unicode": "1f4af"}, ":100:"),
    ({"type": "emoji", "name": "smile", "unicode": "1f604"}, "\U0001f604"),
    ({"type": "emoji", "name": "acme-logo"}, ":acme-logo:"),
    ({"type": "emoji", "name": "odd", "unicode": "no-hex"}, ":odd:"),
    ({"type": "user", "user_id": "U1"}, "@U1"),
    ({"type": "broadcast", "range": "here"}, "@here"),
    ({"type": "color", "value": "#aabbcc"}, "#aabbcc"),
    ({"type": "date", "timestamp": 1, "fallback": "Tue, 24 Nov"}, "Tue, 24 Nov"),
    ({"type": "unheard-of"}, ""),
]


@pytest.mark.parametrize(("leaf", "written"), LEAVES)
def test_every_leaf_is_what_was_typed_there(leaf: dict[str, Any], written: str) -> None:
    assert reading.text_of(leaves(text("a"), leaf, text("z"))) == f"a{written}z"


@pytest.mark.parametrize("kind", ["rich_text_section", "rich_text_preformatted", "rich_text_quote"])
def test_sections_quotations_and_code_keep_their_lines(kind: str) -> None:
    assert reading.text_of(leaves(text("From: a@example.com\nTo: b@example.org\n"), kind=kind)) == (
        "From: a@example.com\nTo: b@example.org"
    )


def test_a_list_is_one_item_a_line() -> None:
    items = [{"type": "rich_text_section", "elements": [text(word)]} for word in ("one", "two")]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": items}]}
    assert reading.text_of({"blocks": [block]}) == "- one\n- two"


def test_a_message_that_was_passed_on_brings_its_text_and_files() -> None:
    shared = {
        "is_share": True,
        "text": "escaped &lt;",
        "message_blocks": [{"team": "T", "channel": "C", "ts": "1", "message": {"blocks": rich("the <original>")}}],
        "files": [upload("a.eml", id="F1")],
    }
    found = reading.pieces({"ts": "1.2", "blocks": rich("look:"), "attachments": [shared]})
    assert found[0].text == "look:\nthe <original>"
    assert found[1].file is not None
    assert found[1].file.id == "F1"


def test_an_apps_message_is_read_from_its_sections() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "New mail from <mailto:a@b.test|a@b.test>"}}]
    assert reading.text_of({"text": "", "blocks": blocks}) == "New mail from a@b.test"


MODES = [
    (upload(), "hosted", "https://files.slack.com/files-pri/T01TEST-F01MAIL/download/mail.eml", 1234),
    (upload("paste.txt", mode="snippet", preview="cut"), "snippet", None, 1234),
    (FORWARDED, "email", None, 4742),
    ({"id": "F9", "mode": "file_access", "file_access": "check_file_info"}, "file_access", "", 0),
    ({"id": "F9", "file_access": "check_file_info", "mode": "hosted"}, "file_access", "", 0),
    ({"id": "F9", "mode": "tombstone"}, "tombstone", "", 0),
    ({"id": "F9", "mode": "hidden_by_limit"}, "hidden_by_limit", "", 0),
    ({"id": "F9", "mode": "external", "url_private": "https://drive.example.com/x"}, "external", None, 0),
]


@pytest.mark.parametrize(("file", "mode", "url", "size"), MODES)
def test_a_file_of_every_mode_becomes_a_reference(file: dict[str, Any], mode: str, url: str | None, size: int) -> None:
    found = reading.file_ref(file)
    assert (found.id, found.mode, found.size) == (file["id"], mode, size)
    assert url is None or found.url == url


def test_pieces_carry_the_messages_ts_and_text_comes_first() -> None:
    found = reading.pieces(message("Is this real?", files=[upload(id="F1"), upload(id="F2")]))
    assert [piece.text for piece in found] == ["Is this real?", "", ""]
    assert {piece.ts for piece in found} == {"1764000001.000100"}
    assert [piece.file.id for piece in found if piece.file] == ["F1", "F2"]


def test_one_file_named_twice_is_one_piece() -> None:
    assert len(reading.pieces(message(files=[upload(), upload()]))) == 1


TOO_MUCH = [
    (message(files=[upload(id=f"F{n}") for n in range(21)]), "too-many-files"),
    (message("a" * 400_001), "text-too-long"),
    ({"text": "a" * 900_000}, "text-too-long"),
]


@pytest.mark.parametrize(("given_message", "code"), TOO_MUCH)
def test_over_a_limit_it_is_said_which(given_message: dict[str, Any], code: str) -> None:
    with pytest.raises(TooLarge) as caught:
        reading.pieces(given_message)
    assert caught.value.code == code


SAID = [
    (message("hello"), True),
    (message(files=[upload()], subtype="file_share"), True),
    (message("x", subtype="thread_broadcast"), True),
    (forwarded(), True),
    (forwarded() | {"subtype": "bot_message", "user": None}, True),
    (forwarded() | {"user": "U01ALICE", "bot_id": "B2ADDON"}, True),
    (forwarded() | {"subtype": "message_changed"}, False),
    (forwarded() | {"hidden": True}, False),
    (message("x", subtype="message_changed"), False),
    (message("x", subtype="message_deleted"), False),
    (message("x", subtype="channel_join"), False),
    (message("x", bot_id="B1"), False),
    (message("reminder", user="USLACKBOT"), False),
    (message("x", hidden=True), False),
    (message("x", subtype="bot_message", bot_id="B1"), False),
]


@pytest.mark.parametrize(("event", "said"), SAID)
def test_what_somebody_says_is_told_from_edits_notices_and_apps(event: dict[str, Any], said: bool) -> None:
    assert reading.is_said(event) is said


@pytest.mark.parametrize(
    ("said", "left"),
    [("@U0BOT is this real?", "is this real?"), ("@U0BOT: look", "look"), ("look @U0BOT", "look"), ("@U0BOT", "")],
)
def test_the_bots_own_name_is_left_out(said: str, left: str) -> None:
    assert reading.without_mention(said, "U0BOT") == left


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
keys = st.sampled_from(
    ["text", "blocks", "files", "attachments", "type", "elements", "message_blocks", "message", "ts", "id", "mode"]
)
objects = st.recursive(
    json_values | st.sampled_from(["rich_text", "rich_text_section", "rich_text_list", "text", "link", "email"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=30,
)


@given(st.dictionaries(keys, objects, max_size=8))
def test_any_object_is_read_without_an_error(made: dict[str, Any]) -> None:
    with suppress(TooLarge):
        reading.pieces(made)
    reading.is_said(made)
    reading.forwarders(made)


@given(st.text(alphabet="<>&|@#!mailto:htps/.ab;lgt \n", max_size=300))
def test_undoing_markup_never_fails(escaped: str) -> None:
    reading.plain(escaped)


@given(st.text(min_size=1, max_size=500))
def test_what_is_pasted_comes_back_letter_by_letter(pasted: str) -> None:
    assert reading.text_of(message(pasted)) == pasted.strip("\n")


def test_more_leaves_than_are_read_are_too_many_and_never_cut_without_a_word() -> None:
    leaves = [{"type": "text", "text": "a "}] * 20_001
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": leaves}]}]
    with pytest.raises(TooLarge):
        reading.text_of({"blocks": blocks})
