"""Logs say what happened by ids and codes; what libraries write is cut before it could quote a mail or a token."""

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs

SECRET = "Dear Maria, your parcel"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Logs in JSON into a buffer; the process's own arrangement comes back afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level, levels = (
        root.handlers[:],
        root.level,
        {name: logging.getLogger(name).level for name in (*logs.QUIET, *logs.TERSE)},
    )
    old, hook = structlog.get_config(), threading.excepthook
    logs.set_up("json", "debug", stream)
    yield stream
    threading.excepthook = hook
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.configure(**old)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_our_lines_are_json_with_time_and_level(out: io.StringIO) -> None:
    structlog.get_logger().warning("store away", code="store-unavailable")
    (line,) = lines(out)
    assert (line["level"], line["event"], line["code"]) == ("warning", "store away", "store-unavailable")
    assert line["at"].endswith("+00:00")


def test_an_exception_is_told_by_type_and_place_without_its_text(out: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        structlog.get_logger().error("unexpected", exc_info=error)
        logging.getLogger("dramatiq.worker").exception("Failed to process message %s", "check(x)")
    ours, theirs = lines(out)
    assert ours["error"] == theirs["error"] == "ValueError"
    assert ours["where"].startswith("test_logs.py:")
    assert SECRET not in out.getvalue()
    assert theirs["event"] == "Failed to process message check"


def test_a_thread_that_dies_is_told_the_same_way(out: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    def die() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=die, name="mortal")
    thread.start()
    thread.join()
    (line,) = lines(out)
    assert (line["event"], line["thread"], line["error"]) == ("a thread died", "mortal", "ValueError")
    assert SECRET not in out.getvalue() + capfd.readouterr().err


SENTENCES = [
    ("Unhandled request ({'type': 'event_callback', 'event': {'text': 'Dear Maria'}})", "Unhandled request"),
    ("on_error invoked (session id: s_1, error: OSError, message: Dear Maria)", "on_error invoked"),
    ("The server responded with: {'ok': False, 'error': 'x'}", "The server responded with"),
    ("token xoxb-1234-secret-part was refused", "token … was refused"),
    ("app token xapp-1-A0-secret refused", "app token … refused"),
    ("connecting to wss://wss-primary.slack.com/link/?ticket=secret", "connecting to …"),
    ('said "Dear Maria"', "said"),
    ("first line\nDear Maria", "first line"),
    ("{'text': 'Dear Maria'}", "(a line that may hold content)"),
    ("A new session has been established", "A new session has been established"),
]


@pytest.mark.parametrize(("sentence", "kept"), SENTENCES)
def test_a_librarys_sentence_ends_where_it_starts_to_quote(sentence: str, kept: str) -> None:
    assert logs.beginning(sentence) == kept


def test_a_sentence_with_the_wrong_number_of_gaps_is_no_fault(out: io.StringIO) -> None:
    record = logging.LogRecord("somebody", logging.WARNING, __file__, 1, "one %s two %s", (SECRET,), None)
    logs.Library().emit(record)
    (line,) = lines(out)
    assert line["event"] == "one %s two %s"


def test_libraries_that_log_bodies_never_get_to_debug(out: io.StringIO) -> None:
    for name in ("slack_sdk.web.client", "slack_bolt.App", "urllib3.connectionpool"):
        logging.getLogger(name).debug(SECRET)
    assert out.getvalue() == ""


def test_warnings_come_as_lines_too(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("something is old", DeprecationWarning, stacklevel=1)
    assert [line["logger"] for line in lines(out)] == ["py.warnings"]


def test_a_level_leaves_out_what_is_below_it(out: io.StringIO) -> None:
    logs.set_up("json", "error", out)
    structlog.get_logger().warning("not this")
    logging.getLogger("somebody").warning("nor this")
    structlog.get_logger().error("this")
    assert [line["event"] for line in lines(out)] == ["this"]


def test_people_get_lines_without_json() -> None:
    stream = io.StringIO()
    old, hook = structlog.get_config(), threading.excepthook
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.set_up("console", "info", stream)
        structlog.get_logger().info("listening", port=8080)
    finally:
        logging.captureWarnings(False)
        threading.excepthook = hook
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**old)
    assert "listening" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
