"""Fields by which a provider or a web server tells who submitted a mail and from where: X-Originating-IP and kin."""

import re
from collections.abc import Callable

from bot.hosts import clean_ip
from bot.intake.stamps import ip_in
from bot.model import Header, Origination, Zone

_LONGEST = 2_000
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
_VIA = re.compile(r"(?:authenticated_id|login|from_id):\s{0,3}([^\s,;]{1,320})", re.IGNORECASE)
_LOCAL_VIA = re.compile(r"(?:authenticated_local_user|user):\s{0,3}([^\s,;]{1,320})", re.IGNORECASE)
_WARNING = re.compile(r"(?:claimed to be|set sender to|owned process doing|Processed from)", re.IGNORECASE)
_WARNED_USER = re.compile(r":\s{0,3}([A-Za-z0-9._-]{1,64}) (?:set sender|owned process)")
_SCRIPT = re.compile(r"(?:^|[:/\\\s])([^\s:/\\]{1,120}\.(?:php\d?|phtml|cgi|pl|py|asp|aspx))\b", re.IGNORECASE)
_CALLER = re.compile(r"\b(?:caller id|uid)\D{0,20}\[?(\d{1,10})", re.IGNORECASE)

Reader = Callable[[str], tuple[str, str]]
"""From a value to the client's address and the account, each "" where it isn't told."""


def read_origination(header: Header) -> Origination | None:
    """What one field tells of the submission; None for other fields and for values that tell nothing."""
    name = header.name.strip()
    read = _READERS.get(name.lower())
    if read is None or not header.value.strip():
        return None
    ip, account = read(header.value[:_LONGEST].strip())
    return Origination(name, ip, account[:320], Zone.OUTSIDE) if ip or account else None


def _ip(value: str) -> tuple[str, str]:
    return clean_ip(value) or ip_in(value.replace(",", " ").replace(";", " ")), ""


def _account(value: str) -> tuple[str, str]:
    """An address, else the first word as the provider wrote it."""
    found = _ADDRESS.search(value)
    word = value.strip("<>()").split(maxsplit=1)
    return "", found[0] if found else (word[0].strip("<>,;") if word else "")


def _address_only(value: str) -> tuple[str, str]:
    found = _ADDRESS.search(value)
    return "", found[0] if found else ""


def _both(value: str) -> tuple[str, str]:
    return _ip(value)[0], _address_only(value)[1]


def _sent_via(value: str) -> tuple[str, str]:
    """cPanel: `host: authenticated_id: user@domain`, or a local user of the machine."""
    if found := _VIA.search(value):
        return "", found[1]
    local = _LOCAL_VIA.search(value)
    return "", f"local:{local[1].partition('/')[0]}" if local else ""


def _authenticated_sender(value: str) -> tuple[str, str]:
    """cPanel: `host: user@domain`; elsewhere the address or login alone."""
    return _account(value.partition(": ")[2] or value)


def _warning(value: str) -> tuple[str, str]:
    """Sendmail: `host: www-data set sender to x@y using -f`."""
    if not _WARNING.search(value):
        return "", ""
    found = _WARNED_USER.search(value)
    return "", f"local:{found[1]}" if found else ""


def _script(value: str) -> tuple[str, str]:
    """PHP: `33:mailer.php`, `host/path/send.php for 203.0.113.7`, `1000:eval()'d code`."""
    found = _SCRIPT.search(value)
    name = found[1] if found else value.partition(":")[2].strip() or value
    return ip_in(value.partition(" for ")[2]), f"script:{name[:120]}"


def _source(value: str) -> tuple[str, str]:
    """cPanel's X-Source-Args: the command line of the process that sent it."""
    found = _SCRIPT.search(value)
    return "", f"script:{found[1]}" if found else ""


def _abuse(value: str) -> tuple[str, str]:
    """cPanel's X-AntiAbuse names the caller's user id; 47 is the mail server itself."""
    found = _CALLER.search(value) if "caller" in value.lower() else None
    return "", f"uid:{found[1]}" if found and found[1] != "47" else ""


_READERS: dict[str, Reader] = {
    "x-originating-ip": _ip,
    "x-original-ip": _ip,
    "x-sender-ip": _ip,
    "x-source-ip": _ip,
    "x-client-ip": _ip,
    "x-real-ip": _ip,
    "x-remote-ip": _ip,
    "x-remote-addr": _ip,
    "x-aol-ip": _ip,
    "x-yahoo-post-ip": _ip,
    "x-webmail-ip": _ip,
    "x-http-posting-ip": _ip,
    "x-php-originating-ip": _ip,
    "x-mdremoteip": _ip,
    "x-zimbra-originating-ip": _ip,
    "x-forefront-prvs-ip": _ip,
    "x-source-auth": _account,
    "x-authuser": _account,
    "x-auth-user": _account,
    "x-auth-id": _account,
    "x-auth-sender": _account,
    "x-auth-smtp-user": _account,
    "x-en-authuser": _account,
    "x-smtp-auth-user": _account,
    "x-authenticated-sender": _authenticated_sender,
    "x-authenticated-user": _authenticated_sender,
    "x-authenticated": _account,
    "x-authentication-warning": _warning,
    "x-get-message-sender-via": _sent_via,
    "x-sender-id": _account,
    "x-sender": _address_only,
    "x-senderaccount": _account,
    "x-webmail-userid": _account,
    "x-webmail-user": _account,
    "x-roundcube-user": _account,
    "x-mail-from": _address_only,
    "x-mdenvelope-from": _address_only,
    "x-mdarrival-user": _account,
    "x-yandex-front": _both,
    "x-google-original-from": _address_only,
    "x-zimbra-authenticated-user": _account,
    "x-sasl-user": _account,
    "x-php-originating-script": _script,
    "x-php-script": _script,
    "x-php-filename": _script,
    "x-source": _source,
    "x-source-args": _source,
    "x-antiabuse": _abuse,
}
