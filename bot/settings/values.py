"""The kinds of value that settings have, and what is said where one is wrong. No secret is ever quoted."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_settings import NoDecode

from bot.hosts import to_ascii

HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9-]{1,63}")
CHANNEL = re.compile(r"[CGD][A-Z0-9]{4,20}|[^\sA-Z#@<>|,.]{1,80}")
"""A channel's id, or its name: Slack's names have no capitals, spaces or full stops, and up to 80 letters."""
GROUP = re.compile(r"S[A-Z0-9]{4,20}|[^\sA-Z#@<>|,]{1,80}")
Words = Annotated[tuple[str, ...], NoDecode]


class Mode(StrEnum):
    """How Slack's deliveries come in."""

    SOCKET = "socket"
    HTTP = "http"


class Welcome(StrEnum):
    """What people get who aren't staff."""

    ANSWER = "answer"
    REFUSE = "refuse"


class LogForm(StrEnum):
    AUTO = "auto"
    """Lines for people on a terminal, JSON elsewhere."""
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Listen:
    """Where an HTTP server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def variable(default: Any, name: str, **more: Any) -> Any:
    """A field that is called `name` in the environment, without the common prefix."""
    return Field(default, validation_alias=AliasChoices(name), **more)


def secret(name: str) -> Any:
    """A field for a secret: in no repr, and checked where it isn't set, since it may lie in a file."""
    return variable("", name, repr=False, validate_default=True)


def split(value: object) -> object:
    """A list in one string, divided at commas and spaces."""
    if isinstance(value, str):
        return tuple(word.strip() for word in re.split(r"[,\s]+", value) if word.strip())
    return value


def hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    """Domain names as the DNS has them. Raises ValueError that names the wrong ones."""
    found = [(name, to_ascii(name.lower())) for name in value]
    bad = [name for name, host in found if not HOST.fullmatch(host)]
    if bad:
        raise ValueError(f"not a domain name: {', '.join(bad)}")
    return tuple(host for _, host in found)


def relays(value: tuple[str, ...]) -> tuple[str, ...]:
    """Host names and networks. Raises ValueError."""
    found = [(name, to_ascii(name.lower())) for name in value]
    bad = [name for name, host in found if not HOST.fullmatch(host) and not _is_network(name)]
    if bad:
        raise ValueError(f"neither a host name nor a network: {', '.join(bad)}")
    return tuple(host for _, host in found)


def resolver(text: str) -> tuple[str, int]:
    """`host`, `host:port` or `[v6]:port` as a pair; port 53 by default. Raises ValueError."""
    return _host_and_port(text, 53)


def existing(value: Path | None) -> Path | None:
    """A file that is there. Raises ValueError."""
    if value is not None and not value.expanduser().is_file():
        raise ValueError(f"no such file: {value}")
    return value.expanduser() if value else None


def content_of(path: Path, called: str) -> str:
    """A secret's file, without the line's end. Raises ValueError."""
    try:
        return path.expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{called} can't be read: {path}") from error


def channel(text: str) -> str:
    """A channel's id or name, as people write it: C0123ABCD, #help-desk, help-desk, <#C0123ABCD|help-desk>."""
    return _named(text, CHANNEL, "a channel's id (C0123ABCD) or name (help-desk)")


def group(text: str) -> str:
    """A user group's id or handle: S0123ABCD, @it-support, it-support."""
    return _named(text, GROUP, "a user group's id (S0123ABCD) or handle (it-support)")


def api_url(text: str) -> str:
    """The address of Slack's Web API, ending in a slash. Raises ValueError."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("not an address like https://slack.com/api/")
    return text.strip().rstrip("/") + "/"


def _listen(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.lower() in ("off", "none", "no"):
        return None
    if re.fullmatch(r":?\d{1,5}", text):
        text = f"127.0.0.1:{text.lstrip(':')}"
    try:
        return Listen(*_host_and_port(text, 8080))
    except ValueError as error:
        raise ValueError("not host:port, such as 127.0.0.1:8080, nor off") from error


MaybeListen = Annotated[Listen | None, NoDecode, BeforeValidator(_listen)]

TOKENS = {
    "xoxb-": "the bot's token (xoxb-…)",
    "xapp-": "an app-level token (xapp-…)",
    "xoxp-": "a user's token (xoxp-…)",
    "xoxe.": "a token that expires (xoxe.…)",
    "xoxe-": "a refresh token (xoxe-…)",
    "xoxa-": "an old workspace token (xoxa-…)",
    "xoxs-": "a browser's session token (xoxs-…)",
    "xoxc-": "a browser's session token (xoxc-…)",
}
"""What Slack's tokens begin with."""


def token(text: str, prefix: str, where: str) -> str:
    """A Slack token of the kind that is due. Raises ValueError that says which kind this is; never the token."""
    if not text or (text.startswith(prefix) and len(text) > len(prefix) and not re.search(r"\s", text)):
        return text
    kind = next((said for start, said in TOKENS.items() if text.startswith(start)), "")
    if text[0] in "\"'":
        raise ValueError("there are quotation marks around it; take them out")
    if re.search(r"\s", text):
        raise ValueError("there is a space or a line break in it; copy it once more")
    if kind and not text.startswith(prefix):
        more = " Switch token rotation off and reinstall the app." if text.startswith("xoxe") else ""
        raise ValueError(f"this is {kind}, but {TOKENS[prefix]} is due: {where}.{more}")
    raise ValueError(f"it doesn't begin with {prefix}: {where}")


def signing_secret(text: str, where: str) -> str:
    """The app's signing secret. Raises ValueError; never quotes it."""
    kind = next((said for start, said in TOKENS.items() if text.startswith(start)), "")
    if kind:
        raise ValueError(f"this is {kind}, but the signing secret is due: {where}")
    if text and (len(text) < 16 or not re.fullmatch(r"[A-Za-z0-9_-]+", text)):
        raise ValueError(f"it isn't a signing secret (32 letters and digits): {where}")
    return text


def _named(text: str, form: re.Pattern[str], due: str) -> str:
    linked = re.fullmatch(r"<[#!@](?:subteam\^)?([A-Z0-9]{2,21})(?:\|[^<>]{0,80})?>", text.strip())
    name = linked.group(1) if linked else text.strip().lstrip("#@")
    if not form.fullmatch(name):
        raise ValueError(f"not {due}: {text}")
    return name


def _host_and_port(text: str, default: int) -> tuple[str, int]:
    bracketed = re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::(\d{1,5}))?", text)
    plain = re.fullmatch(r"([^:\s]+)(?::(\d{1,5}))?", text)
    found = bracketed or plain
    if found is None or not 0 < int(found.group(2) or default) < 65536:
        raise ValueError(f"not host:port: {text}")
    return found.group(1), int(found.group(2) or default)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
