"""Received-SPF (RFC 7208, 9.1): key=value pairs, and the prose that Microsoft and Google write instead."""

import re

from bot.hosts import clean_host, clean_ip
from bot.intake.stamps import ReadField, domain_of, ip_in, read_word
from bot.intake.stamps_scan import Piece, scan
from bot.model import Defect, Method, Stamp, Zone

_SPEAKER = re.compile(r"^([A-Za-z0-9_.-]{1,253}):\s")
_SUBJECTS = (
    re.compile(r"domain of (?:transitioning )?([^\s()]{1,320})", re.IGNORECASE),
    re.compile(r"([^\s():]{1,320}) (?:does not designate|discourages use)", re.IGNORECASE),
)
_SENDERS = ("envelope-from", "sender", "mailfrom", "mfrom", "x-mailfrom")
_CLIENTS = ("client-ip", "remoteip", "ip", "client_ip")


def read_received_spf(value: str) -> ReadField:
    """Reads one field; its stamp is OUTSIDE until its place says otherwise. No stamp where no result stands first."""
    pieces = [piece for segment in scan(value) for piece in segment]
    word = next((piece.text for piece in pieces if not piece.comment and not piece.key), "")
    if not word or pieces[0].key:
        return ReadField()
    comment = next((piece.text for piece in pieces if piece.comment), "")
    pairs: dict[str, str] = {}
    for piece in pieces:
        if piece.key:
            pairs.setdefault(piece.key, piece.text)
    stamp, wrong = _stamp(word.lower()[:40], comment or _prose(pieces), pairs)
    return ReadField(stamp.authserv_id, 0, (stamp,), wrong)


def _prose(pieces: list[Piece]) -> str:
    """Damaged fields lose their brackets: the words in order then are the comment."""
    return " ".join(piece.text for piece in pieces if not piece.key)[:600]


def _stamp(word: str, comment: str, pairs: dict[str, str]) -> tuple[Stamp, tuple[Defect, ...]]:
    identity = _identity(comment, pairs)
    domain, clean = domain_of(identity)
    speaker = _SPEAKER.match(comment)
    stamp = Stamp(
        method=Method.SPF,
        result=read_word(word),
        zone=Zone.OUTSIDE,
        word=word,
        authserv_id=clean_host(pairs.get("receiver", "")) or (clean_host(speaker[1]) if speaker else ""),
        domain=domain,
        identity=identity[:320],
        ip=_ip(comment, pairs),
        reason=comment[:600],
        source="Received-SPF",
    )
    wrong = () if clean else (Defect("unclean-stamp-domain", f"Received-SPF names {identity[:120]!r}, not a host"),)
    return stamp, wrong


def _identity(comment: str, pairs: dict[str, str]) -> str:
    """MAIL FROM, or HELO where that was checked (`identity=helo`) or MAIL FROM is empty (RFC 7208, 2.4)."""
    helo = pairs.get("helo", "")
    if pairs.get("identity", "").lower() == "helo":
        return helo
    for name in _SENDERS:
        if sender := pairs.get(name, "").strip("<>"):
            return sender
    for pattern in _SUBJECTS:
        if found := pattern.search(comment):
            return found[1].strip(":,")
    return helo


def _ip(comment: str, pairs: dict[str, str]) -> str:
    for name in _CLIENTS:
        if ip := clean_ip(pairs.get(name, "")):
            return ip
    return ip_in(comment)
