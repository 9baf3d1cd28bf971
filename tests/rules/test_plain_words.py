"""What people are shown of a rule's sentence holds no word that only technicians know."""

import re

import pytest

from bot.advice.reasons import _plain
from bot.model import Verdict
from tests.casekit import diagnosis, shipped
from tests.rules.case import Case
from tests.rules.test_rules import CASES, look

JARGON = re.compile(
    r"ESMTP|SMTP|SPF|DKIM|DMARC|\bARC\b|\w=pass|compauth|SFTY|CAT:|SCL|HELO|border|Message-ID|[Rr]eturn path|Received"
    r"|Authentication-|header\.|\bDNS\b|\bX-[A-Z]|\bjudged\b|Reply-To|List-|In-Reply|References"
)
VALUES = {
    "reader": "receiver",
    "domain": "example.org",
    "address": "maria@example.org",
    "computer": "the computer 192.0.2.1",
    "country": "Germany",
    "written_in": "Nigeria",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_people_are_told_it_without_jargon(case: Case) -> None:
    finding = look(case, case.facts())[0][0]
    said = _plain(finding, diagnosis(Verdict.SPOOFED_NAME), shipped(), VALUES)
    assert not JARGON.search(said), said
