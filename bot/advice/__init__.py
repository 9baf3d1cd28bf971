"""Diagnosis and handbook → what one reader is told, and a technician's ticket or none. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from bot.advice.account import Traces, traces
from bot.advice.reasons import reasons, unchecked_lines
from bot.advice.sections import sections
from bot.advice.sender import Sender, SenderKind, about, brand, origin_proven, sender_of
from bot.advice.standing import standing
from bot.advice.steps import danger, filled, steps
from bot.advice.tickets import open_ticket
from bot.advice.wants import harm, lure, page_variant
from bot.advice.words import NAME_LIMIT, THIN, capital, fill, from_mail, how_sure
from bot.handbook import Handbook
from bot.handbook.pages import ReaderText, When
from bot.model import (
    Affected,
    Diagnosis,
    Facts,
    HelpDesk,
    Kind,
    Question,
    Reader,
    Reply,
    Report,
    Ticket,
    Verdict,
)

SURELY_THEIRS = 0.80
"""Identity's probability from which the answer is yes (DESIGN.md); nobody needs to be claimed for it to be low."""
UNSET_DESK = "your company's IT support"


def advise(
    report: Report, facts: Facts, diagnosis: Diagnosis, handbook: Handbook, help_desk: HelpDesk
) -> tuple[Reply, Ticket | None]:
    """The reply for `report.reader`, and a ticket where knowledge/escalation.toml opens one.

    Whoever describes mail in their own name is told what its owner is told.
    """
    if report.reader is Reader.RECEIVER and any(defect.code == "own-account" for defect in facts.message.defects):
        report = replace(report, reader=Reader.NAMED)
    sender = sender_of(facts, diagnosis)
    values = _values(facts, diagnosis, handbook, help_desk, sender, report.reader)
    if facts.our_simulation and not danger(facts.told):
        return _practice(report.reader, diagnosis, handbook, help_desk, values), None
    settles = _settles(diagnosis, handbook, report.reader, sender, values)
    reply = Reply(
        reader=report.reader,
        headline=_headline(facts, diagnosis, handbook, report.reader, sender, values),
        steps=steps(facts, diagnosis, handbook, report.reader, sender, values),
        reasons=reasons(diagnosis, facts, handbook, values),
        unchecked=unchecked_lines(diagnosis, facts, handbook),
        settles=settles,
        advice=standing(facts, diagnosis, handbook, report.reader, values),
        contact=_contact(help_desk),
        sections=sections(facts, diagnosis, handbook, report.reader, values, asked=bool(settles)),
    )
    return reply, open_ticket(facts, diagnosis, sender, handbook.escalation, values)


def _values(
    facts: Facts, diagnosis: Diagnosis, handbook: Handbook, help_desk: HelpDesk, sender: Sender, reader: Reader
) -> Mapping[str, str]:
    """What the placeholders of knowledge/README.md stand for; "" leaves the sentence out."""
    server = facts.server.maybe()
    where = " ".join(filter(None, (from_mail(server.host, NAME_LIMIT), f"[{server.ip}]"))) if server else ""
    country = handbook.countries.get(server.network.country, "") if server else ""
    client = facts.client.maybe()
    claim = brand(facts)
    leaning = handbook.verdict(diagnosis.leaning).in_words if diagnosis.leaning else ""
    return {
        "reader": reader.value,
        "name": sender.name or (sender.address if sender.kind is SenderKind.NOBODY else ""),
        "address": sender.address,
        "domain": from_mail(facts.message.author.domain, NAME_LIMIT),
        "organisation": sender.name if sender.kind is SenderKind.ORGANISATION else "",
        "brand": from_mail(claim.who, NAME_LIMIT) if claim else "",
        "sender": sender.written if reader is Reader.TECHNICIAN else sender.spoken,
        "whom": sender.name if _variant(facts, diagnosis, sender) == "proven" else sender.whom,
        "server": where,
        "server_country": country,
        "lure": lure(facts),
        "forged": sender.address if about(diagnosis) is Verdict.SPOOFED_ADDRESS else "",
        "computer": _computer(server.ip, country) if server else "",
        "country": country,
        "written_in": handbook.countries.get(client.country, "") if client else "",
        "help_desk": desk_to_call(help_desk),
        "likely": how_sure(diagnosis.confidence, diagnosis.grade),
        "probably": "perhaps" if diagnosis.grade in THIN else "probably",
        "percent": f"{round(100 * diagnosis.confidence)} %",
        "grade": diagnosis.grade.value,
        "leaning": leaning,
        "mail": leaning or _seen_alone(diagnosis, handbook),
    }


def _seen_alone(diagnosis: Diagnosis, handbook: Handbook) -> str:
    """The verdict in half a sentence; an open one without a leaning looks like nothing."""
    open_case = diagnosis.verdict is Verdict.UNDETERMINED
    return "" if open_case else handbook.verdict(diagnosis.verdict).in_words


def _computer(ip: str, country: str) -> str:
    named = f"the computer {from_mail(ip, NAME_LIMIT)}" if ip else "a computer"
    return f"{named} in {country}" if country else named


def _headline(
    facts: Facts, diagnosis: Diagnosis, handbook: Handbook, reader: Reader, sender: Sender, values: Mapping[str, str]
) -> str:
    """The verdict as a sentence about the person, then what else is so."""
    found = traces(facts, diagnosis, reader)
    if found and reader is not Reader.TECHNICIAN:
        return _of_traces(found, handbook, reader, values)
    text = handbook.verdict(diagnosis.verdict).reader(reader)
    main, added = _main(text, _variant(facts, diagnosis, sender), values), []
    threat = harm(facts, diagnosis)
    if threat and diagnosis.verdict not in (Verdict.PLAIN_SPAM, Verdict.UNDETERMINED):
        added.append(fill(text.headline(threat.value), values))
    if facts.message.kind is Kind.WORDS:
        added.append(fill(text.headline("words"), values))
    if danger(facts.told) not in ((), (When.CLICKED,)):
        added.append(fill(text.headline("acted"), values))
    if diagnosis.suspected:
        added.append(fill(text.headline("suspected"), values))
    if _own_copy(facts, diagnosis, reader):
        main = fill(text.headline("copy"), values) or main
    elif diagnosis.leaning and not (diagnosis.leaning is Verdict.GENUINE and not facts.message.shows_text):
        thin = diagnosis.grade in THIN and reader is not Reader.TECHNICIAN
        added.append(fill(text.headline("maybe" if thin else "leaning"), values))
    if found:
        added.append(_of_traces(found, handbook, reader, values))
    for verdict in diagnosis.also if not found else ():
        added.append(_also(verdict, diagnosis.affected, handbook, reader, values))
    return " ".join(filter(None, (main, *added)))


def _of_traces(found: Traces, handbook: Handbook, reader: Reader, values: Mapping[str, str]) -> str:
    """What was found in the account comes before what the mail looks like."""
    text = handbook.verdict(Verdict.HACKED_ACCOUNT).reader(reader)
    return fill(text.headline(found.value), values)


def _own_copy(facts: Facts, diagnosis: Diagnosis, reader: Reader) -> bool:
    """Nobody's own account is called broken into because of a copy that proves nothing."""
    thin = diagnosis.grade in THIN and facts.message.kind is not Kind.WORDS
    return thin and reader is Reader.NAMED and diagnosis.leaning is Verdict.HACKED_ACCOUNT


def _variant(facts: Facts, diagnosis: Diagnosis, sender: Sender) -> str:
    """Where it came from isn't open any more: whose address that is, is."""
    open_case = diagnosis.verdict is Verdict.UNDETERMINED
    named = sender.name and sender.address and diagnosis.leaning in (None, Verdict.SPOOFED_NAME)
    doubtful = diagnosis.standpoint(Question.IDENTITY).probability < SURELY_THEIRS
    return (
        "proven"
        if open_case and named and doubtful and origin_proven(diagnosis)
        else page_variant(facts, diagnosis, sender)
    )


def _main(text: ReaderText, kind: str, values: Mapping[str, str]) -> str:
    """The variant for this sender, or the nearest for which every value is known."""
    like_a_person = ("person",) if kind == SenderKind.CELEBRITY else ()
    for variant in (kind, *like_a_person, "account", "nobody"):
        sentence = fill(text.headline(variant), values)
        if sentence:
            return sentence
    return ""


def _also(
    verdict: Verdict, affected: tuple[Affected, ...], handbook: Handbook, reader: Reader, values: Mapping[str, str]
) -> str:
    template = handbook.verdict(verdict).reader(reader).headline("also")
    who = next((each.who for each in affected if each.verdict is verdict), "")
    address = from_mail(who, NAME_LIMIT) if "@" in who else values["address"]
    return fill(template, {**values, "address": address})


def _settles(
    diagnosis: Diagnosis, handbook: Handbook, reader: Reader, sender: Sender, values: Mapping[str, str]
) -> str:
    """The open question; nobody who may delete junk is asked for it, unless they said whom it is from."""
    step = diagnosis.next_step
    if step is None:
        return ""
    spared = diagnosis.verdict is Verdict.PLAIN_SPAM and sender.kind is not SenderKind.CLAIMED
    page = handbook.question(step.code)
    if spared and reader is not Reader.TECHNICIAN and page and page.material and step.code != "online-check":
        return ""
    return fill(step.text or (page.text if page else ""), values)


def _practice(
    reader: Reader, diagnosis: Diagnosis, handbook: Handbook, help_desk: HelpDesk, values: Mapping[str, str]
) -> Reply:
    """Our own phishing exercise: praise, and nothing to do."""
    headline, *rest = filled(handbook.told(When.SIMULATION, diagnosis.verdict), values)
    return Reply(reader, headline, tuple(rest), (), (), "", (), _contact(help_desk))


def desk_to_call(help_desk: HelpDesk) -> str:
    """As it stands in "call …": the name with its number."""
    name = _desk_name(help_desk)
    return f"{name} ({from_mail(help_desk.phone, 40)})" if help_desk.phone else name


def _contact(help_desk: HelpDesk) -> str:
    """Name, number and hours, as far as they are set."""
    name = capital(_desk_name(help_desk))
    known = [from_mail(part, 80) for part in (help_desk.phone, help_desk.hours) if part]
    return f"{name}: {', '.join(known)}." if known else f"{name} helps you with all of this."


def _desk_name(help_desk: HelpDesk) -> str:
    """The name that is set; "the help desk" alone, without a number, tells nobody whom to call."""
    unset = help_desk.name in ("", HelpDesk().name) and not help_desk.phone
    return UNSET_DESK if unset else from_mail(help_desk.name, NAME_LIMIT) or HelpDesk().name
