"""Logs: one line for each event, for people on a terminal and as JSON elsewhere. No mail, no name, no token in them.

Our own lines hold ids and codes. What libraries write goes through the same line, but their sentences may quote what
they were working on (a request's body, an exception's text), so only a sentence's beginning is kept, and of an
exception its type and place.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

Event = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
QUIET = ("slack_sdk", "slack_bolt", "urllib3", "asyncio", "waitress", "redis", "aiohttp", "jira")
"""Never below INFO, whatever is asked for: at DEBUG they write bodies."""
TERSE = ("dramatiq", "bot.engine")
"""Never below WARNING: what happens to jobs is told by our own lines (`bot.adapters.fate`)."""
_TOKEN = re.compile(r"x(?:ox[a-z]|app|oxe\.xox[a-z])-[\w.-]+|wss?://\S+|\?\S+=\S+")
_LONGEST = 160
_FRAMES = 4


def set_up(form: str, level: str, stream: TextIO | None = None) -> None:
    """Routes structlog and the standard library's logging to `stream` (stderr).

    `form`: json, console, or auto (console where it is a terminal). `level`: debug, info, warning, error.
    """
    out = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    plain = form == "console" or (form == "auto" and out.isatty())
    last = structlog.dev.ConsoleRenderer(colors=out.isatty()) if plain else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _level, _time, _error, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [Library(number)]
    root.setLevel(number)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.INFO))
    for name in TERSE:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    logging.captureWarnings(True)
    threading.excepthook = _thread_died


class Library(logging.Handler):
    """Takes what libraries log and writes it as one of our lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line: who, the sentence's beginning, an exception's type and place."""
        try:
            said = beginning(record.getMessage())
        except (TypeError, ValueError):  # a sentence with the wrong number of gaps
            said = beginning(str(record.msg))
        more: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            more |= told(record.exc_info)
        structlog.get_logger().log(max(record.levelno, logging.DEBUG), said, **more)


def beginning(sentence: str) -> str:
    """A library's sentence up to where it may start to quote; tokens and addresses of connections are blanked."""
    first = re.split(r"[{(\[<\n\"]|(?<![^\s=:,])'|message:|error:", sentence, maxsplit=1)[0]
    return _TOKEN.sub("…", first)[:_LONGEST].strip(" :,-") or "(a line that may hold content)"


def told(info: ExcInfo) -> dict[str, str]:
    """An exception's type and where it was raised; never its text, which may quote a mail."""
    frames = traceback.extract_tb(info[2])[-_FRAMES:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return {"error": info[0].__name__, "where": where}


def _thread_died(died: threading.ExceptHookArgs) -> None:
    """In place of a traceback on stderr, which would hold the exception's text."""
    if died.exc_value is not None:
        name = died.thread.name if died.thread else "?"
        info = (died.exc_type, died.exc_value, died.exc_traceback)
        structlog.get_logger().error("a thread died", thread=name, **told(info))


def _level(_logger: object, method: str, event: Event) -> Event:
    return {"level": {"warn": "warning", "exception": "error"}.get(method, method), **event}


def _time(_logger: object, _method: str, event: Event) -> Event:
    return {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **event}


def _error(_logger: object, _method: str, event: Event) -> Event:
    """`exc_info=True` or an exception becomes its type and place."""
    given = event.pop("exc_info", None)
    if isinstance(given, BaseException):
        given = (type(given), given, given.__traceback__)
    elif given is True:
        given = sys.exc_info()
    return {**event, **told(given)} if isinstance(given, tuple) and given[0] is not None else event
