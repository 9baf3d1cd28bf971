"""Microsoft's filter fields explained: X-Forefront-Antispam-Report, X-Microsoft-Antispam, compauth reasons.

Meanings after "Anti-spam message headers in cloud organizations"
(learn.microsoft.com/defender-office-365/message-headers-eop-mdo, July 2025) and, for X-SID-Result, Outlook.com's use.
"""

from collections.abc import Callable

from bot.hosts import clean_ip
from bot.model import FilterVerdict, Zone

_CATEGORY = {
    "NONE": "the filter put it in no category",
    "AMP": "the malware filter caught it",
    "BIMP": "it imitates a brand",
    "BULK": "bulk mail",
    "DIMP": "it imitates a protected domain",
    "FTBP": "it carries a file type that is blocked",
    "GIMP": "it imitates somebody whom the receiver knows (mailbox intelligence)",
    "HPHSH": "phishing, with high confidence",
    "HPHISH": "phishing, with high confidence",
    "HSPM": "spam, with high confidence",
    "INTOS": "phishing from inside the organisation",
    "MALW": "malware",
    "OSPM": "spam on its way out",
    "PHSH": "phishing",
    "SAP": "caught by Safe Attachments",
    "SPM": "spam",
    "SPOOF": "the sender address is forged",
    "UIMP": "it imitates a person of the organisation or a protected one",
}
_SAFETY = {
    "9.19": "imitates a protected domain",
    "9.20": "imitates a person of the organisation or a protected one",
    "9.25": "the first contact with this sender",
}
_SPAM_FILTER = {
    "BLK": "blocked: the sender is on the receiver's own blocked list",
    "NSPM": "the filter took it for no spam",
    "SFE": "let through: the sender is on the receiver's own safe list",
    "SKA": "let through unfiltered: the sender is on the organisation's allowed list",
    "SKB": "marked as spam: the sender is on the organisation's blocked list",
    "SKI": "mail inside the organisation, judged by its content",
    "SKN": "marked as no spam before the filter looked, by a rule of the organisation",
    "SKQ": "released from quarantine",
    "SKS": "marked as spam before the filter looked, by a rule of the organisation",
    "SPM": "the filter took it for spam",
}
_ADDRESS = {"CAL": "the server is on the organisation's allowed list", "NLI": "the server is on no reputation list"}
_DIRECTION = {"INB": "came from outside", "OUT": "on its way out", "INT": "inside the organisation"}
_BULK = {"BULK": "bulk mail over the organisation's threshold"}
_PLAIN = {
    "CTRY": "country of the server's address",
    "H": "what the server called itself",
    "LANG": "language of the text",
}
_TABLES = {"CAT": _CATEGORY, "SFTY": _SAFETY, "SFV": _SPAM_FILTER, "IPV": _ADDRESS, "DIR": _DIRECTION, "SRV": _BULK}
_SID = {
    "PASS": "the server may send for the sender's domain",
    "FAIL": "the server may not send for the sender's domain",
    "SOFTFAIL": "the server probably may not send for the sender's domain",
    "NEUTRAL": "the sender's domain doesn't say which servers may send",
    "NONE": "the sender's domain doesn't say which servers may send",
    "TEMPERROR": "the check met an error that may pass",
    "PERMERROR": "the sender domain's record is broken",
}
_MOST_FIELDS = 60


def read_forefront(name: str, value: str) -> tuple[FilterVerdict, ...]:
    """The codes of one of Microsoft's filter fields; none for a field that isn't one. Zones are set by the caller."""
    lowered = name.lower()
    if lowered.startswith("x-forefront-antispam-report"):
        return _fields(name, value, _forefront_meaning)
    if lowered.startswith("x-microsoft-antispam") and lowered.removesuffix("-untrusted") == "x-microsoft-antispam":
        return _fields(name, value, _bulk_level)
    if lowered == "x-ms-exchange-organization-scl":
        return _one(name, "SCL", value, explain_scl(value.strip()))
    if lowered == "x-ms-exchange-organization-pcl":
        return _one(name, "PCL", value, "confidence, 1 to 8, that it is phishing")
    if lowered == "x-sid-result":
        return _one(name, "SID", value, _SID.get(value.strip().upper(), ""))
    return ()


def _one(name: str, code: str, value: str, meaning: str) -> tuple[FilterVerdict, ...]:
    return (FilterVerdict(name, code, value.strip()[:80], meaning, Zone.OUTSIDE),)


def _fields(name: str, value: str, explain: Callable[[str, str], str | None]) -> tuple[FilterVerdict, ...]:
    found: list[FilterVerdict] = []
    for part in value[:16_384].split(";", _MOST_FIELDS)[:_MOST_FIELDS]:
        code, colon, text = part.strip().partition(":")
        if colon and text and code.isascii() and len(code) <= 12:
            meaning = explain(code.upper(), text.strip())
            if meaning is not None:
                found.append(FilterVerdict(name, code.upper(), text.strip()[:255], meaning, Zone.OUTSIDE))
    return tuple(found)


def _forefront_meaning(code: str, value: str) -> str | None:
    """None for a field that Microsoft keeps to itself."""
    if code in _TABLES:
        return _TABLES[code].get(value.upper(), "")
    if code == "SCL":
        return explain_scl(value)
    if code == "CIP":
        return "the server's address" if clean_ip(value) not in ("", "255.255.255.255") else "not told"
    if code == "PTR":
        return "the server's name by reverse look-up" if value.lower() != "inforecordsnodata" else "no reverse name"
    return _PLAIN.get(code)


def _bulk_level(code: str, value: str) -> str | None:
    if code != "BCL":
        return None
    level = int(value) if value.isascii() and value.isdigit() and len(value) < 3 else -1
    if level == 0:
        return "not from a bulk sender"
    if 1 <= level <= 3:
        return "from a bulk sender with few complaints"
    if 4 <= level <= 7:
        return "from a bulk sender with mixed complaints"
    return "from a bulk sender with many complaints" if 8 <= level <= 9 else ""


def explain_scl(value: str) -> str:
    """The spam confidence level in words, "" for what isn't one."""
    if value in ("-1", "0", "1"):
        return "let past the filter" if value == "-1" else "no spam"
    if value in ("5", "6"):
        return "spam"
    if value in ("7", "8", "9"):
        return "spam, with high confidence"
    return "between spam and no spam" if value in ("2", "3", "4") else ""


def explain_compauth(code: str) -> str:
    """Microsoft's three-digit reason of composite authentication in plain words; "" for what isn't one."""
    known = _COMPAUTH.get(code)
    if known is not None:
        return known
    if len(code) != 3 or not (code.isascii() and code.isdigit()):
        return ""
    return _COMPAUTH_KINDS.get(code[0], "a code that Microsoft doesn't publish")


_COMPAUTH = {
    "000": "the sender's domain asks that such mail be refused or put aside, and it failed that check (DMARC)",
    "001": "the sender's domain proves nothing, or asks for nothing, and nothing else speaks for the mail",
    "002": "an administrator forbids this server to send in the name of this domain",
    "010": "it claims to come from the receiver's own organisation, and failed that domain's check (DMARC)",
    "130": "it passed: a trusted forwarder vouches for what the forwarding broke (ARC)",
}
_COMPAUTH_KINDS = {
    "1": "it passed: the sender's domain is proven",
    "7": "it passed: the sender's domain is proven",
    "2": "it passed softly: nothing proves the domain, but Microsoft has seen it sent like this before",
    "3": "it wasn't checked",
    "4": "it was let past the check",
    "9": "it was let past the check",
    "6": "it claims to come from the receiver's own organisation, and nothing proves it",
}
