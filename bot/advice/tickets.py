"""Whether a technician gets a ticket: the conditions of knowledge/escalation.toml, held against one case."""

from collections.abc import Mapping

from bot.advice.dnsrecord import missing_records
from bot.advice.sender import Sender, whose
from bot.advice.words import NAME_LIMIT, THIN, fill, from_mail
from bot.handbook.escalation import Escalation
from bot.model import Diagnosis, DomainClass, Facts, Ticket


def open_ticket(
    facts: Facts,
    diagnosis: Diagnosis,
    sender: Sender,
    entries: tuple[Escalation, ...],
    values: Mapping[str, str],
) -> Ticket | None:
    """The most urgent entry that fits, as a ticket; None where no entry fits."""
    holds = conditions(facts, diagnosis)
    entry = next((each for each in entries if holds.issuperset(each.when)), None)
    if entry is None:
        return None
    task = "\n".join(map(str, missing_records(facts))) if "domain:ours" in entry.when else ""
    return Ticket(entry.id, entry.priority, fill(entry.summary, values), _affected(diagnosis, sender), task)


def conditions(facts: Facts, diagnosis: Diagnosis) -> frozenset[str]:
    """Every condition that holds, in the vocabulary of bot.handbook.escalation."""
    told = facts.told
    answers = {
        "told:paid": told.paid,
        "told:typed-password": told.typed_password,
        "told:approved": told.approved,
        "told:opened": told.opened,
        "told:clicked": told.clicked,
        "told:account-signs": told.strange_account_signs,
        "told:sent-items": told.in_sent_items and not told.sender_confirms,
        "told:danger": told.paid or told.typed_password or told.approved or told.opened,
        "suspected": diagnosis.suspected,
        "material:much": diagnosis.grade not in THIN,
        "material:little": diagnosis.grade in THIN,
        "domain:ours": facts.author.cls is DomainClass.OURS,
    }
    return frozenset(
        {
            f"verdict:{diagnosis.verdict}",
            f"whose:{whose(facts)}",
            *(f"also:{verdict}" for verdict in diagnosis.also),
            *([f"leaning:{diagnosis.leaning}"] if diagnosis.leaning else []),
            *(condition for condition, yes in answers.items() if yes),
        }
    )


def _affected(diagnosis: Diagnosis, sender: Sender) -> str:
    who = next((from_mail(each.who, NAME_LIMIT) for each in diagnosis.affected), "")
    return who or sender.address or sender.name or "unknown"
