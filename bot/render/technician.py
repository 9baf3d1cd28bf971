"""Everything that a case rests on, as blocks: for whoever takes it up."""

from collections.abc import Iterable

from bot.model import Case, Facts, Hop, Mailbox, Message, Network, SamePoint, Stamp
from bot.render.outline import Block, steps_for_technician

_DAMAGE = frozenset(
    {
        "double-spaced",
        "joined",
        "folds-lost",
        "no-blank-line",
        "smart-quotes",
        "cut-short",
        "fields-missing",
        "bullets",
        "line-numbers",
        "indented",
        "quoted",
        "visible-block",
        "summary-table",
        "web-page",
        "text-before",
        "text-cut",
    }
)
"""Codes of bot.intake for what pasting and copying does to headers."""
ROWS = 120
"""Rows of one table; what is over is counted."""


def for_technician(case: Case) -> tuple[Block, ...]:
    """Ticket, verdict and steps first. Blocks with something in them; values are raw and get escaped by the surface."""
    blocks = (
        _pairs("The case", _summary(case)),
        Block("The material was damaged", _damage(case.message)),
        *steps_for_technician(case),
        *_judgement(case),
        *_envelope(case.message),
        *_path(case.facts),
        *_content(case),
    )
    return tuple(block for block in blocks if block.rows or block.lines)


def _judgement(case: Case) -> tuple[Block, ...]:
    diagnosis = case.diagnosis
    return (
        _table(
            "The questions",
            ("question", "answer", "probability of yes"),
            ((p.question.value, p.answer.value, f"{p.probability:.3f}") for p in diagnosis.standpoints),
        ),
        _table(
            "Shares of the verdicts (what the four answers make of them, before the confidence is calibrated)",
            ("verdict", "share"),
            ((verdict.value, f"{share:.3f}") for verdict, share in diagnosis.shares),
        ),
        _table(
            "Findings (decibans; + speaks for yes; · outweighed in its group)",
            ("weight", "question", "finding"),
            (
                (f"{f.weight:+.1f}" + ("" if f.counted else " ·"), f.question.value, f"{f.text} [{f.rule} / {f.group}]")
                for f in diagnosis.findings
            ),
        ),
        _table("Not checked", ("what", "why"), ((each.what, each.why) for each in diagnosis.unchecked)),
    )


def _summary(case: Case) -> Iterable[tuple[str, str]]:
    diagnosis, ticket = case.diagnosis, case.ticket
    yield "ticket", f"{ticket.priority}: {ticket.summary} [{ticket.reason}]" if ticket else "none"
    yield "next", f"{case.reply.settles} [{diagnosis.next_step.code}]" if diagnosis.next_step else ""
    for each in diagnosis.affected:
        yield "befell", f"{each.who}: {each.verdict}"
    yield "verdict", diagnosis.verdict.value + (" (suspected)" if diagnosis.suspected else "")
    yield "confidence", f"{diagnosis.confidence:.2f} (calibrated: of ten mails given 0.8, eight have this verdict)"
    yield "grade of the material", diagnosis.grade.value
    yield "leaning", diagnosis.leaning.value if diagnosis.leaning else ""
    yield "also", ", ".join(diagnosis.also)


def _damage(message: Message) -> tuple[str, ...]:
    """What a paste or copy had lost or gained, and that the reading mended it as far as it could."""
    damaged = [each.detail for each in message.defects if each.code in _DAMAGE]
    if not damaged:
        return ()
    return (*damaged, "It was put together again as far as possible; the original tells more.")


def _envelope(message: Message) -> tuple[Block, ...]:
    return (
        _pairs("The mail", _mail(message)),
        _table(
            "What From could show",
            ("name", "address", "shown as"),
            ((box.name, box.address, box.shown) for box in message.senders),
        ),
        _table("Defects", ("code", "detail"), ((each.code, each.detail) for each in message.defects)),
        _table(
            "Codes of filters",
            ("source", "code", "value", "meaning", "zone"),
            ((f.source, f.code, f.value, f.meaning, f.zone.value) for f in message.filters),
        ),
    )


def _mail(message: Message) -> Iterable[tuple[str, str]]:
    yield "kind", f"{message.kind}, {message.origin}"
    yield "subject", message.subject
    yield "sender", _boxes([message.sender] if message.sender else [])
    yield "reply to", _boxes(message.reply_to)
    yield "return path", "" if message.return_path is None else f"<{message.return_path}>"
    yield "to", _boxes(message.to)
    yield "date", message.date.isoformat() if message.date else ""
    yield "message id", message.message_id
    yield "program", message.mailer
    yield "list", message.traits.list_id
    for each in message.originations:
        yield each.header, f"{each.ip} {each.account} ({each.zone})"


def _path(facts: Facts) -> tuple[Block, ...]:
    message = facts.message
    return (
        _pairs("The sending server", _server(facts)),
        _table("The way it came, newest first", ("", ""), (row for hop in message.hops for row in _hop(hop))),
        _table(
            "Stamps",
            ("zone", "method", "result", "about", "more"),
            (_stamp(stamp) for stamp in message.stamps),
        ),
        _table(
            "At delivery and now",
            ("mechanism", "stamped", "now", "agreement"),
            ((c.mechanism, c.stamped, c.now, c.agreement.value) for c in facts.then_and_now),
        ),
        _table(
            "Signatures",
            ("domain", "selector", "identity"),
            ((s.domain, s.selector, s.identity) for s in message.signatures),
        ),
        _table("ARC sets", ("i", "sealer", "cv"), ((str(a.instance), a.sealer, a.cv) for a in message.arc)),
        _table(
            "Beside the mail known to be good",
            ("point", "good", "this", "same"),
            ((p.point, p.good, p.this, _alike(p)) for p in facts.comparison),
        ),
    )


def _alike(point: SamePoint) -> str:
    """Where one of the two doesn't tell, that is no difference; where neither does, it is none either."""
    if point.same is not None:
        return "yes" if point.same else "no"
    return "neither has any" if point.good == point.this else "can't be told"


def _server(facts: Facts) -> Iterable[tuple[str, str]]:
    server = facts.server.maybe()
    if server:
        yield "address", server.ip
        yield "name", server.host
        yield "calls itself", server.helo
        yield "network", _network(server.network)
    else:
        yield "server", facts.server.why_not
    yield "related to the From domain", facts.server_relation.value
    yield "judged at", f"{facts.judged.passage}: {facts.judged.why}".rstrip(": ")
    client = facts.client.maybe()
    yield "written from", f"{client.ip} {_network(client)}" if client else ""
    spf, dmarc, usual = facts.spf_now.maybe(), facts.dmarc_now.maybe(), facts.usual.maybe()
    yield "SPF now", f"{spf.result} for {spf.domain} {spf.explanation}" if spf else facts.spf_now.why_not
    for signature in facts.dkim_now.maybe() or ():
        yield "DKIM now", f"{signature.result} d={signature.domain} s={signature.selector} {signature.reason}"
    if dmarc and dmarc.policy:
        yield "DMARC now", f"{dmarc.result}; p={dmarc.policy.policy} at {dmarc.policy.domain}"
    if usual:
        yield "usual servers", ", ".join(name for name, _ in usual.servers[:5]) + f" ({usual.mails:.0f} mails)"


def _content(case: Case) -> tuple[Block, ...]:
    facts, message = case.facts, case.message
    return (
        _table(
            "Claims",
            ("kind", "who", "matched", "where", "their address?"),
            (
                (c.kind.value, c.who, c.matched, c.where, {True: "yes", False: "no", None: "?"}[c.owns])
                for c in facts.claims
            ),
        ),
        _table(
            "Look-alikes",
            ("domain", "imitates", "how", "where"),
            (
                (each.domain, f"{each.imitates} ({each.whose})", each.kind.value, each.place)
                for each in facts.lookalikes
            ),
        ),
        _table(
            "Domains",
            ("domain", "class", "owner"),
            ((d.domain, d.cls.value, d.owner) for d in (facts.author, *facts.domains) if d.domain),
        ),
        _table(
            "What the text wants",
            ("want", "words", "where"),
            ((phrase.want.value, phrase.words, phrase.place) for phrase in facts.phrases),
        ),
        _table(
            "Links (never open them)",
            ("class", "goes to", "shows"),
            ((each.cls.value, each.link.target, each.link.text) for each in facts.links),
        ),
        _table(
            "Attachments (never open them)",
            ("name", "declared", "really", "octets"),
            (
                (a.name, a.declared, a.sniffed + (" (locked)" if a.encrypted else ""), str(a.size))
                for a in message.attachments
            ),
        ),
        _table(
            "Decided before",
            ("verdict", "by", "days ago", "same"),
            (
                (p.verdict, "technician" if p.by_technician else "us", f"{p.age_days:.0f}", p.same)
                for p in facts.precedents
            ),
        ),
    )


def _hop(hop: Hop) -> Iterable[tuple[str, str]]:
    """A few short rows, so that no host name is cut at 80 columns."""
    yield f"{hop.index} {hop.zone.value}", f"from {hop.host or hop.helo or '?'}" + (f" [{hop.ip}]" if hop.ip else "")
    if hop.helo and hop.host:
        yield "", f"calls itself {hop.helo}"
    signed_in = f" as {hop.authenticated}" if hop.authenticated else ""
    yield "", f"by {hop.by or '?'}" + (f" with {hop.protocol}{signed_in}" if hop.protocol or signed_in else "")
    if hop.at:
        yield "", f"at {hop.at.isoformat(sep=' ')}"


def _stamp(stamp: Stamp) -> tuple[str, ...]:
    result = stamp.result.value + (f" ({stamp.word})" if stamp.word and stamp.word != stamp.result else "")
    more = "; ".join(part for part in (stamp.ip, stamp.reason, stamp.action, stamp.authserv_id, stamp.source) if part)
    return stamp.zone.value, stamp.method.value, result, stamp.domain or stamp.identity, more


def _network(network: Network) -> str:
    known = (network.country, f"AS{network.asn}" if network.asn else "", network.organisation)
    return ", ".join(part for part in (network.kind.value, *known) if part)


def _boxes(boxes: Iterable[Mailbox]) -> str:
    return ", ".join(f"{box.name} <{box.address}>".strip() for box in boxes)


def _pairs(heading: str, pairs: Iterable[tuple[str, str]]) -> Block:
    return _table(heading, ("", ""), ((key, value) for key, value in pairs if value.strip()))


def _table(heading: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Block:
    every = tuple(rows)
    over = len(every) - ROWS
    more = ((f"and {over} more", *("" for _ in columns[1:])),) if over > 0 else ()
    return Block(heading, columns=columns, rows=(*every[:ROWS], *more))
