"""Octets to text under any declared charset: the declared one, else UTF-8, else windows-1252."""

import codecs
import re
from functools import lru_cache

_CLEAN = re.compile(r"[^a-z0-9]+")
_ALIASES = {
    # What mail programs write, and the codec that holds all of its characters (WHATWG Encoding, 4.2).
    "ascii": "cp1252",
    "usascii": "cp1252",
    "ansix341968": "cp1252",
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "xansi": "cp1252",
    "windows1252": "cp1252",
    "iso88598i": "iso8859_8",
    "iso88598e": "iso8859_8",
    "iso88599": "cp1254",
    "iso885911": "cp874",
    "tis620": "cp874",
    "windows874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "xgbk": "gb18030",
    "gb231280": "gb18030",
    "hzgb2312": "hz",
    "ksc56011987": "cp949",
    "ksc5601": "cp949",
    "euckr": "cp949",
    "windows949": "cp949",
    "big5": "big5hkscs",
    "xxbig5": "big5hkscs",
    "shiftjis": "cp932",
    "xsjis": "cp932",
    "sjis": "cp932",
    "windows31j": "cp932",
    "cp932": "cp932",
    "iso2022jp": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "xeucjp": "euc_jp",
    "xmaccyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "xmacroman": "mac_roman",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode11utf8": "utf-8",
    "unicode": "utf-16",
    "unicode11utf7": "utf-7",
    "xunicode20utf7": "utf-7",
}
# Python's bytes-to-bytes codecs, and those that run code or look-ups of their own, have no business here.
_NOT_FOR_TEXT = """
base64 bz2 hex quopri uu zlib rot13 idna punycode unicode_escape raw_unicode_escape undefined mbcs oem
"""
_BARRED = frozenset(_NOT_FOR_TEXT.split())


@lru_cache(maxsize=256)
def codec_of(declared: str) -> str | None:
    """Python's name of the text codec that a declared charset means, or None where it means none."""
    plain = _CLEAN.sub("", declared[:80].lower())
    name = _ALIASES.get(plain)
    if name is None:
        candidate = declared[:80].strip().strip("\"'").lower()
        name = _known(candidate) or _known(_CLEAN.sub("-", candidate).strip("-"))
    return name


def _known(candidate: str) -> str | None:
    if not candidate or not candidate.isascii() or "\0" in candidate:
        return None
    try:
        info = codecs.lookup(candidate)
    except (LookupError, ValueError):
        return None
    name = info.name.replace("-", "_")
    return None if name.removesuffix("_codec") in _BARRED else info.name


def decode(octets: bytes, declared: str = "") -> tuple[str, bool]:
    """The text of `octets`, and whether the declared charset (where there is one) fitted.

    UTF-8 that is valid and not plain ASCII is taken for what it is even where something else is declared
    as ASCII or Latin-1: senders get that wrong, and no Latin-1 text is valid UTF-8 by chance.
    """
    name = codec_of(declared) if declared else "utf-8"
    if name == "cp1252":
        return _latin(octets), True
    if name is not None:
        try:
            return octets.decode(name), True
        except (UnicodeError, ValueError):
            pass  # the next guess is below
    if name is not None and _mostly(octets, name):
        return octets.decode(name, "replace"), False
    return text_of(octets), False


def text_of(octets: bytes) -> str:
    """UTF-8, else windows-1252 (RFC 6532 and custom): every octet string has a text."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def _latin(octets: bytes) -> str:
    if octets.isascii():
        return octets.decode("ascii")
    return text_of(octets)


def _mostly(octets: bytes, name: str) -> bool:
    """Whether the declared charset reads nearly all of it: one broken character doesn't change the charset."""
    sample = octets[:4000]
    try:
        return sample.decode(name, "replace").count("�") <= max(1, len(sample) // 200)
    except (UnicodeError, ValueError):
        return False
