"""Whether two people handed in the same mail: exactly the same, so that one check does for both, or a copy of it.

What an attacker may do with it shapes both:

`exactly` is a digest of everything that a verdict rests on, the trace and the stamps too. A doctored copy of a mail
differs from it, so nobody's verdict rests on evidence that lies in somebody else's copy alone.

`alike` survives forwarding, other recipients and a greeting by name, and so can be imitated: whoever copies a real
mail's text makes a mail that is alike. Therefore it never clears a mail, it only warns (`founds`): a forwarded copy,
which can't prove anything itself, takes over what was found in whole mails, if those agree that it is harmful.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace

from bot.model import Diagnosis, Grade, Hop, Inquiry, Message, Outcome, Reader, Told, Verdict, Wish, Zone

WHOLE = (Grade.WHOLE, Grade.FULL_HEADERS)
HARMFUL = frozenset({Verdict.HACKED_ACCOUNT, Verdict.SPOOFED_ADDRESS, Verdict.SPOOFED_NAME, Verdict.PLAIN_SPAM})
CUT = frozenset(
    {
        *("text-cut", "html-cut", "headers-cut", "header-cut", "from-cut", "received-cut", "too-many-headers"),
        *("too-many-parts", "too-many-hops", "too-many-stamps", "too-many-attachments"),
    }
)
"""Defects of a mail of which a part was left unread."""
SURE = 0.6
"""The confidence from which a verdict is passed on."""
ALIKE = 0.5
"""The share of word sequences from which two texts are copies of one: a greeting and a signature may differ."""
SKETCH = 64
_WORDS = 4
_LOW_48 = (1 << 48) - 1
_FEWEST = 8
"""Words without which a text is too short to be told from another."""
_LOOKED_AT = 40_000
_WORD = re.compile(r"\w{1,60}")
_PREFIX = re.compile(
    r"^(?:(?:re|fwd?|aw|wg|sv|vs|tr|rv|i|r|doorst|odp)(?:\[\d{1,3}\])?\s{0,3}:\s{0,3}|\[[^\]]{1,30}\]\s{0,3})", re.I
)
_OF_THE_MAILBOX = re.compile(
    r"(?:arc-|x-ms-|x-microsoft-|x-google-|x-gm-|x-forefront-|x-received|received|authentication-results|delivered-to"
    r"|x-original-to|x-envelope-to|envelope-to|x-forwarded|return-path|to$|cc$|dkim-signature|x-spam-|x-virus-)",
    re.I,
)
"""Fields that differ from mailbox to mailbox, or are judged in their parsed form; that they stand there counts."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One report of a mail, as the store remembers it: no text, no address."""

    inquiry: str
    who: str
    """A digest of the person."""
    whole: bool
    verdict: Verdict
    sketch: tuple[int, ...]
    hosts: tuple[str, ...]
    """Digests of the hosts that the mail links to."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What copies of one mail have in common. `group` is the same for all, the rest is compared."""

    group: str
    sketch: tuple[int, ...]
    hosts: tuple[str, ...]


def is_partly_read(message: Message) -> bool:
    """Whether it went on beyond what was read of it: then it says nothing of other mails."""
    return any(defect.code in CUT for defect in message.defects)


def exactly(message: Message, told: Told, reader: Reader) -> str:
    """A digest of all that decides what this reader is told of this mail; "" for what isn't whole."""
    if message.grade not in WHOLE or not message.headers or is_partly_read(message):
        return ""
    parts = (
        *(message.grade, message.kind, message.origin, message.senders, message.from_fields, message.sender),
        *(message.reply_to, _domain(message.return_path), message.subject, message.date, message.message_id),
        *(message.in_reply_to, message.references, message.mailer, message.traits, message.defects),
        *(message.stamps, message.signatures, message.arc, message.originations, message.filters),
        *(message.text, message.links, message.attachments),
        tuple(_judged(hop) for hop in message.hops if hop.zone is not Zone.INSIDE),
        sorted({box.domain for box in (*message.to, *message.cc)}),
        len((*message.to, *message.cc)) == 0,
        [(field.name.lower(), " ".join(field.value.split())) for field in message.headers if _counts(field.name)],
        sorted({field.name.lower() for field in message.headers}),
        *(told, reader),
    )
    return _digest(repr(parts))


def likeness(message: Message) -> Likeness | None:
    """What its copies have in common; None where it has too little of its own: no author, or hardly a text."""
    words = _words(message.text)
    address = message.author.address.casefold()
    if not address or len(words) < _FEWEST:
        return None
    group = _digest(f"{address}\0{plain_subject(message.subject)}")
    hosts = tuple(sorted({_short(link.host) for link in message.links if link.host}))[:100]
    return Likeness(group, sketch(words), hosts)


def alike(one: Likeness | Sighting, other: Likeness | Sighting) -> bool:
    """Whether the texts of two mails of one group are copies, and neither links where the other doesn't."""
    if one.hosts and other.hosts and set(one.hosts) != set(other.hosts):
        return False
    return similarity(one.sketch, other.sketch) >= ALIKE


def founds(own: Diagnosis, copies: tuple[Sighting, ...]) -> str | None:
    """The inquiry whose verdict a forwarded copy takes over; None where it stays with its own.

    Only where it is undetermined itself, and where all whole mails that are alike agree on one harmful verdict: a
    genuine one among them means that one of the two imitates the other, and nobody knows which this is a copy of.
    """
    if own.verdict is not Verdict.UNDETERMINED or own.grade in WHOLE:
        return None
    whole = [copy for copy in copies if copy.whole and copy.verdict is not Verdict.UNDETERMINED]
    verdicts = {copy.verdict for copy in whole}
    if len(verdicts) != 1 or not verdicts <= HARMFUL:
        return None
    return whole[0].inquiry


def passes_on(theirs: Inquiry, own: Outcome) -> bool:
    """Whether that inquiry's outcome may be said to somebody else: sure of itself, of a whole mail, and made of the
    mail alone, not of what that person answered. It never makes less of a case that calls for a technician.
    """
    outcome = theirs.outcome
    if outcome is None or outcome.revision != theirs.revision or outcome.borrowed or theirs.told != Told():
        return False
    if Wish.WRONG in theirs.wishes:
        return False
    sure = outcome.diagnosis.confidence >= SURE and not outcome.diagnosis.suspected and outcome.diagnosis.grade in WHOLE
    softer = own.ticket is not None and outcome.ticket is None
    return sure and outcome.diagnosis.verdict in HARMFUL and not softer and bool(outcome.reply.headline)


def taken_over(own: Outcome, theirs: Outcome) -> Outcome:
    """Somebody's forwarded copy with the verdict of the whole mail; `borrowed` says that it is that one's."""
    return replace(theirs, revision=own.revision, mail=own.mail, seen_before=own.seen_before, borrowed=True)


def plain_subject(subject: str) -> str:
    """Without Re:, Fwd:, [list] and the like, in whatever number, case and width."""
    text = " ".join(unicodedata.normalize("NFKC", subject[:2_000]).casefold().split())
    for _ in range(10):
        shorter = _PREFIX.sub("", text, count=1)
        if shorter == text:
            break
        text = shorter
    return text


def sketch(words: list[str]) -> tuple[int, ...]:
    """The smallest hashes of a text's word sequences: equal texts have equal ones, similar texts share many
    (Broder, On the resemblance and containment of documents, 1997).

    Each distinct word is hashed once. A tuple of integers has the same hash in every process of one CPython
    version, and after a change of version copies aren't recognised until new ones are kept, which costs little.
    """
    known = {word: _number(word) for word in set(words)}
    numbers = [known[word] for word in words] + [0] * (_WORDS - len(words))
    rows = zip(*(numbers[at:] for at in range(_WORDS)), strict=False)
    return tuple(sorted({hash(row) & _LOW_48 for row in rows})[:SKETCH])


def _number(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The share of word sequences that two texts have in common, estimated; the shorter one's where it is contained."""
    if not one or not other:
        return 0.0
    size = min(SKETCH, max(len(one), len(other)))
    smallest = sorted({*one, *other})[:size]
    common = set(one) & set(other)
    resemblance = sum(1 for each in smallest if each in common) / len(smallest)
    if len(one) < SKETCH and len(other) < SKETCH:  # nothing was cut off: containment is known
        return max(
            resemblance, len(common) / min(len(one), len(other)) if min(len(one), len(other)) >= _FEWEST else 0.0
        )
    return resemblance


def person(team: str, user: str) -> str:
    """A person as a sighting knows them."""
    return _digest(f"{team}\0{user}")[:16]


def _words(text: str) -> list[str]:
    """The words of a text, without quoting marks, case, accents of width, or what a mail program adds around them."""
    plain = unicodedata.normalize("NFKC", text[:_LOOKED_AT]).casefold()
    return _WORD.findall(plain)


def _judged(hop: Hop) -> Hop:
    """A hop as verdicts know it: not when, nor for whom, nor which of our servers took it."""
    by = "" if hop.zone is Zone.BORDER else hop.by
    return replace(hop, index=0, at=None, recipient="", raw="", by=by, envelope_from=_domain(hop.envelope_from))


def _domain(address: str | None) -> str:
    """Of a return path, whose local part may name the recipient (VERP)."""
    return "none" if address is None else address.rpartition("@")[2].lower()


def _counts(name: str) -> bool:
    return not _OF_THE_MAILBOX.match(name)


def _short(text: str) -> str:
    return _digest(text)[:12]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
