"""Links that a mail gateway rewrote, undone offline (each format as its vendor documents or ships it)."""

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, unquote

from bot.intake.linkhosts import clean_url, host_of

DEEPEST = 3
"""Rewritings undone one inside the other."""
_V3 = re.compile(r"/v3/__(.{1,6000}?)__;([^!]{0,2000})!")
_V3_RUN = re.compile(r"\*(\*.)?")
_RUN_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CISCO = re.compile(r"https?://[^/]{1,200}/[^/]{1,1000}/(https?(?:%3A|:).{1,6000})", re.IGNORECASE)
_CHECK_POINT = re.compile(r"/v\d/[a-z0-9/]{0,10}_{3}(.{1,6000}?)_{3}")


@dataclass(frozen=True, slots=True)
class _Gateway:
    name: str
    hosts: tuple[str, ...]
    undo: Callable[[str], str]


def undo_rewriting(url: str) -> tuple[str, str]:
    """The URL behind known gateways and the outermost gateway's name; the URL itself and "" where there is none.

    A gateway that keeps the target to itself (Mimecast) is named, and the URL stays.
    """
    target, first = clean_url(url), ""
    for _ in range(DEEPEST):
        gateway = _gateway(target)
        if gateway is None:
            break
        first = first or gateway.name
        inner = clean_url(gateway.undo(target))
        if not inner or inner == target or not (host_of(inner) or ":" in inner[:20]):
            break
        target = inner
    return target, first


def _gateway(url: str) -> _Gateway | None:
    host = host_of(url)
    if not host:
        return None
    gateways, above = _gateways(), host
    while "." in above:
        if above in gateways:
            return gateways[above]
        above = above.partition(".")[2]
    if _GOOGLE.fullmatch(host) and re.match(r"[a-zA-Z]+:/+[^/]+/url\?", url):
        return _Gateway("google", (), _query("q", "url"))
    return None


@cache
def _gateways() -> dict[str, _Gateway]:
    return {name: gateway for gateway in _GATEWAYS for name in gateway.hosts}


def _query(*names: str) -> Callable[[str], str]:
    def undo(url: str) -> str:
        try:
            given = parse_qs(url.partition("?")[2].partition("#")[0], max_num_fields=100)
        except ValueError:
            return ""
        return next((given[name][0] for name in names if given.get(name)), "")

    return undo


def _proofpoint(url: str) -> str:
    """URL Defense, versions 1 to 3, as Proofpoint's own decoder does it."""
    if "/v3/" in url:
        return _proofpoint_v3(url)
    inner = _query("u")(url)
    return unquote(inner.translate({ord("-"): "%", ord("_"): "/"})) if "/v2/" in url else inner


def _proofpoint_v3(url: str) -> str:
    """`__url__;bytes!`: each "*" stands for the next encoded character, "**" and a letter for a run of them."""
    found = _V3.search(url)
    if found is None:
        return ""
    try:
        spare = urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4)).decode("utf-8", "replace")
    except (Base64Error, ValueError):
        return found[1]
    at = 0

    def put(star: re.Match[str]) -> str:
        nonlocal at
        count = _RUN_LENGTHS.find(star[1][1]) + 2 if star[1] else 1
        piece = spare[at : at + count]
        at += count
        return piece or star[0]

    text = _V3_RUN.sub(put, found[1])
    return re.sub(r"^(https?):/(?!/)", r"\1://", text, flags=re.IGNORECASE)


def _sophos(url: str) -> str:
    encoded = _query("u")(url)
    try:
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("utf-8", "replace")
    except (Base64Error, ValueError):
        return ""


def _cisco(url: str) -> str:
    found = _CISCO.match(url)
    return unquote(found[1]) if found is not None else ""


def _check_point(url: str) -> str:
    found = _CHECK_POINT.search(url)
    return found[1] if found is not None else ""


def _opaque(_url: str) -> str:
    return ""


_GOOGLE = re.compile(r"(?:www\.)?google\.(?:com|[a-z]{2,3})(?:\.[a-z]{2})?")
_GATEWAYS = (
    _Gateway(
        "safe-links",
        (
            "safelinks.protection.outlook.com",
            "safelinks.protection.office365.us",
            "safelinks.protection.partner.outlook.cn",
        ),
        _query("url"),
    ),
    _Gateway("url-defense", ("urldefense.proofpoint.com", "urldefense.com", "urldefense.us"), _proofpoint),
    _Gateway("mimecast", ("mimecast.com", "mimecastprotect.com"), _opaque),
    _Gateway("barracuda", ("linkprotect.cudasvc.com",), _query("a")),
    _Gateway("cisco", ("secure-web.cisco.com",), _cisco),
    _Gateway("trend-micro", ("trendmicro.com", "tmase.trendmicro.eu"), _query("url")),
    _Gateway("sophos", ("protection.sophos.com",), _sophos),
    _Gateway("trellix", ("protect.fireeye.com", "protect2.fireeye.com", "protect.trellix.com"), _query("u")),
    _Gateway("symantec", ("clicktime.symantec.com", "clicktime.cloud.postoffice.net"), _query("u")),
    _Gateway("check-point", ("url.avanan.click", "protect.checkpoint.com"), _check_point),
    _Gateway("slack", ("slack-redir.net",), _query("url")),
)
