"""A case file made by hand, with texts that try to be more than text on each surface, and what desks' tests share."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme

from bot.model import CaseFile, Priority, Verdict

AT = datetime(2026, 11, 24, 17, 54, 1, tzinfo=UTC)
KEY = "checkmail-123-20261124175401"
ABUSE = (
    b"From: abuse@example.com\r\nSubject: report\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\n\r\nPlease stop it.\r\n"
)
CASE = CaseFile(
    number="123",
    summary="Reset maria@example.org's password and end her sessions",
    priority=Priority.URGENT,
    affected="maria@example.org",
    reporter="Bob Example",
    verdict=Verdict.HACKED_ACCOUNT,
    confidence=0.93,
    opened_at=AT,
    report="**Maria's account was broken into.**\n\n## What to do now\n\n1. Reset the password.\n",
    diagnosis='{"verdict": "hacked-account"}',
    headers="From: Maria <maria@example.org>\n",
    abuse=ABUSE,
)
NAMES = ("report.md", "diagnosis.json", "headers.txt", "abuse-report.eml")


def case(**changes: Any) -> CaseFile:
    return replace(CASE, **changes)


def certificates(folder: Path, *hosts: str) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context for these host names, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, str(file)
