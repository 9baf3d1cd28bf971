"""Which mail is meant when a reporter hands in a forward: the attached one, the quoted one, or the mail itself.

A forward needs outer signs, because a suspicious mail may itself carry another one: attackers attach mails
and invent forwarded conversations. The signs are a forwarding prefix in the subject or a forward's marker
above the block, little text of the forwarder's own, and that the forwarder had the mail: it was sent within
one organisation, as to a help desk, or the forwarded mail went to whoever forwards it. Where the settings
name our domains, only our own people forward to us; what the receiver stamped as forged is nobody's forward.
A bounce (multipart/report, RFC 6522) is none either: it is the suspect, not the mail that it returns.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.errors import Shown
from bot.intake import eml
from bot.intake.headers import Fields
from bot.intake.quoted import Block, as_mail, find_block
from bot.model import Defect, Grade, Limits, Mailbox, Message, Method, Origin, Result, Trust, Zone

_PREFIX = re.compile(
    r"\s{0,9}(?:\[[^\[\]]{1,60}\]\s{0,5}){0,3}(?:"
    r"fwd?|fw|wg|wtr|tr|trans|rv|reenv|enc|i|rif|inoltro|doorst|doorgest|vb|vs|vl|vid|pd|pf|továbbítás|ilt|i̇lt|"
    r"πρθ|пер|пересл|הועבר|转发|轉寄|轉發|転送|전달|fs|pr|fyi"
    r")\s{0,3}(?:\[\d{1,3}\])?\s{0,3}[:：]",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"\s{0,9}(?:re|aw|sv|antw|odp|ynt|res|rép|ответ|回复|答复|返信)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}[:：]", re.I
)
_WORDS = (
    "forwarded message", "begin forwarded", "forwarded by", "weitergeleitete nachricht", "weitergeleitete e-mail",
    "weitergeleiteten nachricht", "message transféré", "message réexpédié", "courriel transféré", "mensaje reenviado",
    "messaggio inoltrato", "mensagem encaminhada", "mensagem reencaminhada", "doorgestuurd bericht",
    "videresendt melding", "videresendt meddelelse", "videresendt besked", "videresendte", "vidarebefordrat",
    "vidarebefordrade", "vidarebefordrad", "välitetty viesti", "przekazana", "przesłana dalej", "przekazywana",
    "přeposlaná", "preposlaná", "továbbított", "redirecționat", "iletilen", "iletilmiş", "пересылаемое",
    "пересланное", "переслане", "προωθημένο", "הועברה", "معاد توجيه", "转发", "轉寄", "轉發", "転送", "전달된",
    "diteruskan", "chuyển tiếp",
)  # fmt: skip
_RULE = re.compile(r"[\s>*_=–—-]{0,200}")
_ORIGINAL = re.compile(r"\s{0,9}(?:>\s?){0,5}-{2,20}\s?[^-\n]{3,60}\s?-{2,20}\s{0,9}")
_LITTLE, _SOME = 400, 1_500
"""Characters of own text: nearly none, and what a forward with a prefix may say on top."""
_DEEPEST = 5
_FREEMAIL_NAMES = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com aol.com
gmx.de gmx.net gmx.com web.de t-online.de mail.ru yandex.ru proton.me protonmail.com qq.com 163.com orange.fr free.fr
libero.it hotmail.co.uk yahoo.co.uk
"""
_FREEMAIL = frozenset(_FREEMAIL_NAMES.split())
"""Domains under which strangers share a name: one domain on both sides says nothing there."""


def suspect(
    outer: Message,
    attached: Sequence[Callable[[], Message]],
    *,
    trust: Trust,
    limits: Limits,
) -> Message:
    """The mail that the reporter asks about: `outer` itself, or what it forwards.

    `attached` are readers of the mails attached to it, each of which looks into its mail for forwards again.
    An attached mail that can't be read leaves the outer one, with a defect.
    """
    if _is_bounce(outer):
        return outer
    if attached and _forwards_attached(outer, trust):
        return _attached(outer, attached, trust)
    block = _quoted(outer, trust)
    if block is not None:
        return _from_block(outer, block, trust, limits)
    return outer


def quoted_block(text: str, forwarder: str) -> Block | None:
    """The first block in a text whose author isn't the forwarder; of forwards of forwards the most recent."""
    rest = text
    above = ""
    for _ in range(_DEEPEST):
        block = find_block(rest)
        if block is None:
            return None
        if not forwarder or forwarder.lower() not in block.sender.lower():
            return replace(block, above=f"{above}\n{block.above}".strip("\n"))
        above, rest = f"{above}\n{block.above}", block.below
    return None


def is_forward_subject(subject: str) -> bool:
    """Whether a subject begins as a mail program begins a forward's, in any of some thirty languages."""
    return _PREFIX.match(subject) is not None


def has_marker(above: str) -> bool:
    """Whether the text right above a block ends with the line by which programs announce a forward."""
    tail = [line for line in above.split("\n") if line.strip()][-4:]
    return any(word in line.casefold() for line in tail if len(line) < 120 for word in _WORDS)


def own_text(above: str) -> str:
    """What the forwarder wrote: the text above the block without rules, markers and quoted lines."""
    lines = [line.strip() for line in above.split("\n")]
    return "\n".join(
        line
        for line in lines
        if line and not _RULE.fullmatch(line) and not _ORIGINAL.fullmatch(line) and not has_marker(line)
    )


def _is_bounce(outer: Message) -> bool:
    kind = Fields(outer.headers).first("Content-Type").lower().lstrip()
    return kind.startswith("multipart/report") or (outer.return_path == "" and bool(outer.traits.auto_submitted))


def _may_forward(outer: Message, trust: Trust) -> bool:
    """With our domains known, a forward to us comes from one of them; a list's digest is none, a forgery neither."""
    if _is_refuted(outer):
        return False
    if trust.our_domains:
        return _is_ours(outer.author.domain, trust)
    bulk = outer.traits.list_id or outer.traits.precedence.lower() in ("list", "bulk", "junk")
    return not bulk or is_forward_subject(outer.subject)


def _is_ours(domain: str, trust: Trust) -> bool:
    return any(domain == ours.lower() or domain.endswith("." + ours.lower()) for ours in trust.our_domains)


def _is_refuted(outer: Message) -> bool:
    """Whether the receiver itself found the outer mail forged: then it is nobody's forward but the suspect."""
    inside = [stamp for stamp in outer.stamps if stamp.zone is Zone.INSIDE]
    return any(stamp.method is Method.DMARC and stamp.result is Result.FAIL for stamp in inside)


def _is_from_colleague(outer: Message, trust: Trust) -> bool:
    """Whether it was sent within one organisation, as mail to a help desk is."""
    domain = outer.author.domain
    if _is_ours(domain, trust):
        return True
    return bool(domain) and domain not in _FREEMAIL and any(domain == mailbox.domain for mailbox in outer.to)


def _forwards_attached(outer: Message, trust: Trust) -> bool:
    if not _may_forward(outer, trust):
        return False
    most = _SOME if is_forward_subject(outer.subject) or trust.our_domains else _LITTLE
    return len(outer.text.strip()) <= most


def _quoted(outer: Message, trust: Trust) -> Block | None:
    if not _may_forward(outer, trust):
        return None
    block = quoted_block(outer.text, outer.author.address)
    if block is None:
        return None
    prefixed = is_forward_subject(outer.subject)
    if not prefixed and (not has_marker(block.above) or _REPLY.match(outer.subject)):
        return None
    if len(own_text(block.above)) > (_SOME if prefixed else _LITTLE):
        return None
    return block if _is_from_colleague(outer, trust) or _got(outer.author, f"{block.to} {block.cc}") else None


def _got(reporter: Mailbox, recipients: str) -> bool:
    """Whether a quoted mail went to the person who forwards it, by address or, where programs show none, by name."""
    shown = recipients.lower()
    return bool(
        (reporter.address and reporter.address.lower() in shown)
        or (len(reporter.name) > 4 and "@" not in shown and reporter.name.lower() in shown)
    )


def _received(reporter: Mailbox, inner: Message) -> bool:
    """Whether an attached mail went to the person who forwards it."""
    recipients = {mailbox.address.lower() for mailbox in (*inner.to, *inner.cc)}
    recipients |= {hop.recipient.lower() for hop in inner.hops}
    recipients |= {value.strip(" <>").lower() for value in Fields(inner.headers).all("Delivered-To")}
    return bool(reporter.address) and reporter.address.lower() in recipients


def _attached(outer: Message, attached: Sequence[Callable[[], Message]], trust: Trust) -> Message:
    try:
        inner = attached[0]()
    except Shown as error:
        broken = Defect("attached-unreadable", f"the attached mail can't be read: {error.message}")
        return replace(outer, defects=(*outer.defects, broken))
    if not _is_from_colleague(outer, trust) and not _received(outer.author, inner):
        note = Defect(
            "carries-a-mail", "a mail is attached that didn't go to whoever attached it; the outer one is judged"
        )
        return replace(outer, defects=(*outer.defects, note))
    notes = [_by(outer)]
    if len(attached) > 1:
        notes.append(Defect("several-attached", f"{len(attached)} mails are attached; the first was read"))
    origin = inner.origin if inner.origin is Origin.QUOTED else Origin.ATTACHED
    return replace(inner, origin=origin, defects=(*inner.defects, *notes))


def _from_block(outer: Message, block: Block, trust: Trust, limits: Limits) -> Message:
    """The quoted mail: links and attachments are the outer mail's, since a forward takes them along."""
    message = eml.parse(
        as_mail(block),
        trust=trust,
        limits=limits,
        kind=outer.kind,
        grade=Grade.SLACK_REST,
        origin=Origin.QUOTED,
    )
    hint = Defect("ask-for-original", "forwarded inline: ask for the original, forwarded as an attachment")
    return replace(
        message,
        links=outer.links or message.links,
        attachments=outer.attachments,
        raw=b"",
        defects=(*message.defects, _by(outer), hint),
    )


def _by(outer: Message) -> Defect:
    return Defect("forwarded-by", f"forwarded by {outer.author.address or outer.author.name or 'somebody'}")
