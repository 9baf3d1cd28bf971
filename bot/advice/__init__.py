"""Diagnosis and handbook → what one reader is told, and a technician's ticket or none. Pure."""

from collections.abc import Mapping

from bot.advice.reasons import reasons, unchecked_lines
from bot.advice.sender import Sender, SenderKind, sender_of
from bot.advice.steps import danger, filled, sections, steps
from bot.advice.tickets import open_ticket
from bot.advice.words import NAME_LIMIT, capital, fill, from_mail, how_sure
from bot.handbook import Handbook
from bot.handbook.pages import ReaderText, When
from bot.model import Affected, Diagnosis, Facts, HelpDesk, Reader, Reply, Report, Ticket, Verdict


def advise(
    report: Report, facts: Facts, diagnosis: Diagnosis, handbook: Handbook, help_desk: HelpDesk
) -> tuple[Reply, Ticket | None]:
    """The reply for `report.reader`, and a ticket where knowledge/escalation.toml opens one."""
    sender = sender_of(facts, diagnosis)
    values = _values(facts, diagnosis, handbook, help_desk, sender, report.reader)
    if facts.our_simulation and not danger(facts.told):
        return _practice(report.reader, diagnosis, handbook, help_desk, values), None
    reply = Reply(
        reader=report.reader,
        headline=_headline(diagnosis, handbook, report.reader, sender, values),
        steps=steps(facts, diagnosis, handbook, report.reader, sender.kind, values),
        reasons=reasons(diagnosis),
        unchecked=unchecked_lines(diagnosis.unchecked, handbook.plain_what, handbook.plain_why),
        settles=_settles(diagnosis, handbook, values),
        advice=_standing(diagnosis, handbook, report.reader, values),
        contact=_contact(help_desk),
        sections=sections(facts, diagnosis, handbook, report.reader, values),
    )
    return reply, open_ticket(facts, diagnosis, sender, handbook.escalation, values)


def _values(
    facts: Facts, diagnosis: Diagnosis, handbook: Handbook, help_desk: HelpDesk, sender: Sender, reader: Reader
) -> Mapping[str, str]:
    """What the placeholders of knowledge/README.md stand for; "" leaves the sentence out."""
    server = facts.server.maybe()
    where = " ".join(filter(None, (from_mail(server.host, NAME_LIMIT), f"[{server.ip}]"))) if server else ""
    leaning = handbook.verdict(diagnosis.leaning).in_words if diagnosis.leaning else ""
    return {
        "name": sender.name or (sender.address if sender.kind is SenderKind.NOBODY else ""),
        "address": sender.address,
        "organisation": sender.name if sender.kind is SenderKind.ORGANISATION else "",
        "sender": sender.written if reader is Reader.TECHNICIAN else sender.spoken,
        "server": where,
        "server_country": handbook.countries.get(server.network.country, "") if server else "",
        "help_desk": _help_desk(help_desk),
        "likely": how_sure(diagnosis.confidence),
        "percent": f"{round(100 * diagnosis.confidence)} %",
        "grade": diagnosis.grade.value,
        "leaning": leaning,
    }


def _headline(
    diagnosis: Diagnosis, handbook: Handbook, reader: Reader, sender: Sender, values: Mapping[str, str]
) -> str:
    """The verdict as a sentence about the person, then what else is so."""
    text = handbook.verdict(diagnosis.verdict).reader(reader)
    added = []
    if diagnosis.suspected:
        added.append(fill(text.headline("suspected"), values))
    if diagnosis.leaning:
        added.append(fill(text.headline("leaning"), values))
    for verdict in diagnosis.also:
        added.append(_also(verdict, diagnosis.affected, handbook, reader, values))
    return " ".join(filter(None, (_main(text, sender.kind, values), *added)))


def _main(text: ReaderText, kind: SenderKind, values: Mapping[str, str]) -> str:
    """The variant for this sender, or the nearest for which every value is known."""
    like_a_person = ("person",) if kind is SenderKind.CELEBRITY else ()
    for variant in (kind.value, *like_a_person, "account", "nobody"):
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


def _settles(diagnosis: Diagnosis, handbook: Handbook, values: Mapping[str, str]) -> str:
    step = diagnosis.next_step
    if step is None:
        return ""
    page = handbook.question(step.code)
    return fill(step.text or (page.text if page else ""), values)


def _standing(diagnosis: Diagnosis, handbook: Handbook, reader: Reader, values: Mapping[str, str]) -> tuple[str, ...]:
    """The standing advice; a technician knows it."""
    if reader is Reader.TECHNICIAN:
        return ()
    return filled(handbook.told(When.ALWAYS, diagnosis.verdict), values)


def _practice(
    reader: Reader, diagnosis: Diagnosis, handbook: Handbook, help_desk: HelpDesk, values: Mapping[str, str]
) -> Reply:
    """Our own phishing exercise: praise, and nothing to do."""
    headline, *rest = filled(handbook.told(When.SIMULATION, diagnosis.verdict), values)
    return Reply(reader, headline, tuple(rest), (), (), "", (), _contact(help_desk))


def _help_desk(help_desk: HelpDesk) -> str:
    """As it stands in "call …": the name with its number."""
    name = from_mail(help_desk.name, NAME_LIMIT) or "the help desk"
    return f"{name} ({from_mail(help_desk.phone, 40)})" if help_desk.phone else name


def _contact(help_desk: HelpDesk) -> str:
    """Name, number and hours, as far as they are set."""
    name = capital(from_mail(help_desk.name, NAME_LIMIT) or "the help desk")
    known = [from_mail(part, 80) for part in (help_desk.phone, help_desk.hours) if part]
    return f"{name}: {', '.join(known)}." if known else f"{name} helps you with all of this."
