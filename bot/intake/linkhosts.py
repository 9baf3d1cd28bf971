"""The host that a URL really leads to, as a browser reads it (WHATWG URL Standard, 4.4 and 3.5)."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from bot.intake.addresses import to_unicode

_IGNORED = re.compile(r"[\t\r\n\x00]")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}:")
_WITH_HOST = ("http", "https", "ftp", "ws", "wss")
_NUMBER = re.compile(r"0x[0-9a-f]{0,16}|[0-9]{1,16}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


def clean_url(url: str) -> str:
    """The URL without what browsers leave out: control characters, white space around it."""
    return _IGNORED.sub("", url[:8_000]).strip()


@lru_cache(maxsize=1024)
def host_of(url: str) -> str:
    """Lower-case host with A-labels made letters, an IPv4 address of any notation in dotted form; "" without a host.

    Knows user names before "@", backslashes, missing or doubled slashes, percent-encoding and port.
    """
    url = clean_url(url)
    scheme = _SCHEME.match(url)
    if scheme is not None:
        if scheme[0][:-1].lower() not in _WITH_HOST:
            return ""
        rest = url[scheme.end() :]
    elif url.startswith(("//", "\\\\")):
        rest = url
    else:
        return ""
    authority = re.split(r"[/\\?#]", rest.lstrip("/\\"), maxsplit=1)[0]
    return normal_host(authority.rpartition("@")[2])


def normal_host(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    host = unquote(host.partition(":")[0][:1_000])
    host = _INVISIBLE.sub("", unicodedata.normalize("NFKC", host))
    host = host.replace("。", ".").lower().strip(". ")
    return _dotted(host) or to_unicode(host)


def _dotted(host: str) -> str:
    """WHATWG URL, 3.5 (IPv4 parser): one to four numbers, decimal, octal or hexadecimal; the last fills up."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return ""
    numbers = [_number(part) for part in parts]
    last = numbers.pop()
    if any(number is None or number > 255 for number in numbers) or last is None or last >= 256 ** (5 - len(parts)):
        return ""
    total = last + sum((number or 0) << (8 * (3 - place)) for place, number in enumerate(numbers))
    return ".".join(str(total >> shift & 255) for shift in (24, 16, 8, 0))


def _number(part: str) -> int | None:
    try:
        if part.startswith("0x"):
            return int(part[2:] or "0", 16)
        return int(part, 8) if len(part) > 1 and part.startswith("0") else int(part)
    except ValueError:
        return None
