"""The stable JSON contract: one object a line. Fields may be added, never renamed.

ASCII only, so that no terminal or log is moved by what a mail holds. Text of the mail is as it is, without control
and invisible characters; web addresses in it are defanged, since lines get pasted into chats.
"""

import json
from typing import Any

from bot.errors import Shown
from bot.model import Case, Diagnosis, Finding, Ticket
from bot.render.escaping import shown

NAME = 500


def to_json(label: str, case: Case) -> str:
    """One line for one input that was read. `label` names the input."""
    diagnosis = case.diagnosis
    line = {
        "file": label,
        "verdict": diagnosis.verdict,
        "also": list(diagnosis.also),
        "leaning": diagnosis.leaning,
        "suspected": diagnosis.suspected,
        "affected": [{"verdict": each.verdict, "who": shown(each.who, NAME)} for each in diagnosis.affected],
        "confidence": round(diagnosis.confidence, 4),
        "grade": diagnosis.grade,
        "questions": _questions(diagnosis),
        "sender": _sender(case),
        "server": _server(case),
        "findings": [_finding(finding) for finding in diagnosis.findings],
        "unchecked": [{"what": each.what, "why": shown(each.why)} for each in diagnosis.unchecked],
        "next_question": case.reply.settles or None,
        "steps": list(case.reply.steps),
        "ticket": _ticket(case.ticket) if case.ticket else None,
        "next_code": diagnosis.next_step.code if diagnosis.next_step else None,
        "headline": case.reply.headline,
        "reasons": list(case.reply.reasons),
    }
    return json.dumps(line)


def error_json(label: str, error: Shown) -> str:
    """One line for one input that couldn't be read."""
    told = {"code": error.code, "message": shown(error.message), "hint": shown(error.hint)}
    return json.dumps({"file": label, "error": told})


def _questions(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        point.question.value: {"answer": point.answer, "probability": round(point.probability, 4)}
        for point in diagnosis.standpoints
    }


def _sender(case: Case) -> dict[str, Any]:
    author = case.message.author
    return {
        "name": shown(author.name, NAME),
        "address": shown(author.address, NAME),
        "readings": len(case.message.senders),
    }


def _server(case: Case) -> dict[str, Any] | None:
    server = case.facts.server.maybe()
    if server is None:
        return None
    return {
        "ip": shown(server.ip, NAME),
        "host": shown(server.host, NAME),
        "country": server.network.country or None,
        "kind": server.network.kind,
        "asn": server.network.asn or None,
        "organisation": shown(server.network.organisation, NAME) or None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "question": finding.question,
        "weight": round(finding.weight, 2),
        "text": shown(finding.text),
        "title": finding.title,
        "group": finding.group,
        "counted": finding.counted,
    }


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "reason": ticket.reason,
        "priority": ticket.priority,
        "summary": ticket.summary,
        "affected": ticket.affected,
    }
