"""What other filters scored: SpamAssassin, Rspamd, Proofpoint, Mimecast, Proton, Barracuda and kin."""

import re
from collections.abc import Callable

from bot.intake.forefront import read_forefront
from bot.model import FilterVerdict, Header, Zone

_LONGEST = 16_384
_SCORE = re.compile(r"\b(?:score|hits)[=:]\s{0,3}(-?\d{1,5}(?:\.\d{1,4})?)", re.IGNORECASE)
_REQUIRED = re.compile(r"\b(?:required|tag2?_level|tagged_above)[=:]\s{0,3}(-?\d{1,5}(?:\.\d{1,4})?)", re.IGNORECASE)
_RSPAMD = re.compile(r"\[(-?\d{1,5}(?:\.\d{1,4})?) / (-?\d{1,5}(?:\.\d{1,4})?)\]")
_PROOFPOINT = re.compile(r"\b(phishscore|spamscore|malwarescore|suspectscore|bulkscore|impostorscore)=(\d{1,4})\b")
_NUMBER = re.compile(r"-?\d{1,5}(?:\.\d{1,4})?")

Found = tuple[tuple[str, str, str], ...]
"""Code, value and meaning of each score."""


def read_filters(header: Header) -> tuple[FilterVerdict, ...]:
    """The verdicts in one field; none for a field that no filter writes. The zone is set by the caller."""
    name = header.name.strip()
    if forefront := read_forefront(name, header.value):
        return forefront
    read = _READERS.get(name.lower())
    found = read(header.value[:_LONGEST]) if read else ()
    return tuple(FilterVerdict(name, code, value[:80], meaning, Zone.OUTSIDE) for code, value, meaning in found)


def _spam_status(value: str) -> Found:
    yes = value.strip().lower().startswith("yes")
    score, required = _SCORE.search(value), _REQUIRED.search(value)
    meaning = "took it for spam" if yes else "took it for no spam"
    if score and required:
        meaning += f": {score[1]} points of the {required[1]} needed"
    return (("status", score[1] if score else ("yes" if yes else "no"), meaning),)


def _points(value: str) -> Found:
    found = _NUMBER.search(value[:80])
    return (("score", found[0], "spam points, more is worse"),) if found else ()


def _flag(value: str) -> Found:
    yes = value.strip().lower()[:3] in ("yes", "tru")
    return (("flag", "yes" if yes else "no", "took it for spam" if yes else "took it for no spam"),)


def _rspamd(value: str) -> Found:
    found = _RSPAMD.search(value[:400])
    if not found:
        return ()
    return (("score", found[1], f"spam points, of the {found[2]} at which it is refused"),)


def _proofpoint(value: str) -> Found:
    return tuple((name, points, "points of 100, more is worse") for name, points in _PROOFPOINT.findall(value[:4_000]))


def _action(value: str) -> Found:
    return (("action", value.strip(), "what the filter decided"),) if value.strip() else ()


_READERS: dict[str, Callable[[str], Found]] = {
    "x-spam-status": _spam_status,
    "x-spam-score": _points,
    "x-spam-flag": _flag,
    "x-spam": _flag,
    "x-spamd-result": _rspamd,
    "x-rspamd-action": _action,
    "x-rspamd-score": _points,
    "x-proofpoint-spam-details": _proofpoint,
    "x-proofpoint-spam-details-enc": _proofpoint,
    "x-mimecast-spam-score": _points,
    "x-mimecast-spam-signature": _flag,
    "x-mimecast-impersonation-protect": _action,
    "x-pm-spam-action": _action,
    "x-pm-spamscore": _points,
    "x-barracuda-spam-score": _points,
    "x-barracuda-spam-status": _spam_status,
    "x-ironport-anti-spam-result": _action,
    "x-halon-scanner": _action,
    "x-spampanel-outgoing-class": _action,
    "x-outgoing-spam-status": _spam_status,
    "x-gmx-antispam": _points,
    "x-dspam-result": _action,
    "x-bogosity": _spam_status,
    "x-crm114-status": _action,
    "x-ovh-spamstate": _action,
    "x-vr-spamscore": _points,
}
