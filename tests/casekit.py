"""Cases built by hand: facts and a diagnosis without reading a mail, for tests of what is said about them."""

from dataclasses import replace
from functools import cache

from bot.advice import advise
from bot.handbook import Handbook, default_root, read
from bot.model import (
    Affected,
    Answer,
    Case,
    Claim,
    ClaimKind,
    Diagnosis,
    DomainClass,
    DomainFacts,
    Exhibit,
    Fact,
    Facts,
    Finding,
    Grade,
    HelpDesk,
    Hop,
    IpKind,
    Judged,
    Kind,
    Mailbox,
    Message,
    Network,
    NextStep,
    Passage,
    Question,
    Reader,
    Report,
    Server,
    Standpoint,
    Told,
    Unchecked,
    Verdict,
    Zone,
)

MARIA = Mailbox("Maria Lopez", "maria@example.org")
DESK = HelpDesk("the Example help desk", "+1 555 0100", "Mon-Fri 9-17")

ANSWERS = {
    # identity, origin, intent, standing
    Verdict.HACKED_ACCOUNT: (0.95, 0.97, 0.05, 0.95),
    Verdict.SPOOFED_ADDRESS: (0.95, 0.02, 0.05, 0.95),
    Verdict.SPOOFED_NAME: (0.03, 0.97, 0.05, 0.10),
    Verdict.PLAIN_SPAM: (0.60, 0.97, 0.05, 0.10),
    Verdict.GENUINE: (0.95, 0.97, 0.95, 0.95),
    Verdict.UNDETERMINED: (0.60, 0.50, 0.40, 0.60),
}

FINDINGS = (
    Finding("dmarc-failed", Question.ORIGIN, "dmarc", -14.0, "DMARC failed", "DMARC failed for example.org"),
    Finding("spf-failed", Question.ORIGIN, "dmarc", -8.0, "SPF failed", "SPF failed too", counted=False),
    Finding("dkim-aligned", Question.ORIGIN, "dkim", 13.0, "Signed", "signed by example.org"),
    Finding("asks-for-loan", Question.INTENT, "wants", -9.0, "Asks for a loan", "it asks for a loan of 900 euros"),
    Finding("known-thread", Question.INTENT, "thread", 7.0, "Known thread", "it answers a mail of yours"),
    Finding("unknown-address", Question.IDENTITY, "address", -12.0, "Unknown", "the address isn't one of theirs"),
    Finding("known-address", Question.IDENTITY, "contact", 11.0, "Known", "the address is in your contacts"),
    Finding("throw-away", Question.STANDING, "domain", -6.0, "Throw-away", "the domain is a throw-away one"),
    Finding("established", Question.STANDING, "age", 5.0, "Established", "the domain belongs to an organisation"),
)


@cache
def shipped() -> Handbook:
    """knowledge/ as it is; whether it is right is test_handbook's business."""
    return read(default_root(), [])


def claim(kind: ClaimKind = ClaimKind.CONTACT, who: str = "Maria Lopez", owns: bool | None = True) -> Claim:
    return Claim(kind, who, "display name", who, owns=owns)


def facts(
    *,
    author: Mailbox = MARIA,
    claims: tuple[Claim, ...] = (),
    told: Told | None = None,
    cls: DomainClass = DomainClass.OTHER,
    owner: str = "",
    country: str = "RO",
    to: str = "you@example.com",
    simulation: str = "",
) -> Facts:
    hop = Hop(0, Zone.BORDER, helo="mail.example.net", host="mail.example.net", ip="203.0.113.9", by="mx.example.com")
    message = Message(
        Kind.EML,
        Grade.WHOLE,
        senders=(author,) if author.address or author.name else (),
        to=(Mailbox("", to),),
        subject="A loan",
        text="Dear friend, please read this.",
        hops=(hop,),
    )
    server = Server(hop.ip, hop.host, hop.helo, Network(hop.ip, IpKind.PUBLIC, country), 0)
    return Facts(
        message=message,
        told=told or Told(),
        author=DomainFacts(author.domain, author.domain, cls, owner),
        judged=Judged(Passage.DIRECT, hop, ()),
        claims=claims,
        our_simulation=simulation,
        server=Fact.known("the sending server", server),
    )


def diagnosis(
    verdict: Verdict,
    *,
    confidence: float = 0.83,
    leaning: Verdict | None = None,
    also: tuple[Verdict, ...] = (),
    affected: tuple[Affected, ...] = (),
    suspected: bool = False,
    step: NextStep | None = None,
    findings: tuple[Finding, ...] = FINDINGS,
) -> Diagnosis:
    answers = ANSWERS[leaning or verdict]
    return Diagnosis(
        verdict=verdict,
        confidence=confidence,
        grade=Grade.SCREENSHOT if suspected else Grade.WHOLE,
        leaning=leaning,
        suspected=suspected,
        also=also,
        affected=affected,
        standpoints=tuple(_standpoint(question, p) for question, p in zip(Question, answers, strict=True)),
        findings=findings,
        unchecked=(Unchecked("SPF now", "offline"), Unchecked("DKIM now", "offline")),
        next_step=step,
        shares=((verdict, confidence),),
    )


def case(
    handbook: Handbook,
    known: Facts,
    found: Diagnosis,
    *,
    reader: Reader = Reader.RECEIVER,
    desk: HelpDesk = DESK,
) -> Case:
    report = Report((Exhibit(b"x"),), told=known.told, reader=reader)
    reply, ticket = advise(report, known, found, handbook, desk)
    return Case(report, known.message, known, found, reply, ticket)


def with_message(known: Facts, **changes: object) -> Facts:
    return replace(known, message=replace(known.message, **changes))  # type: ignore[arg-type]  # fields of Message


def _standpoint(question: Question, p: float) -> Standpoint:
    answer = Answer.YES if p >= 0.8 else Answer.NO if p <= 0.2 else Answer.UNKNOWN
    return Standpoint(question, answer, p)
