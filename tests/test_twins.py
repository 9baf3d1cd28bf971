"""A domain that differs from ours in its ending alone: when it is an organisation of its own."""

from typing import Any

import pytest

from bot.checks.twins import without_namesakes
from bot.model import (
    Claim,
    ClaimKind,
    Facts,
    Lookalike,
    LookalikeKind,
    Method,
    Result,
    Usual,
    Want,
)
from tests.facts import facts
from tests.rules.case import judged, known, phrases, stamp

ENDING = LookalikeKind.OTHER_TLD
TWIN = Lookalike("example.org", "example.com", "ours", ENDING, "from")
MADE = Claim(ClaimKind.STAFF, "example.com", "address", "example.org", ("example.com",), (), False, ENDING.value)
BOSS = Claim(ClaimKind.STAFF, "Ann Boss", "display name", "Ann Boss", (), ("ann@example.com",), False)
PROVEN = judged(stamp(Method.DMARC, Result.PASS))
BOTH = judged(stamp(Method.SPF, Result.PASS), stamp(Method.DKIM, Result.PASS))


def twin(**changes: Any) -> Facts:
    values: dict[str, Any] = {"lookalikes": (TWIN,), "claims": (MADE,), "judged": PROVEN}
    return facts(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"judged": BOTH},
        {"judged": judged(), "usual": known(Usual("example.org", 5.0))},
        {"phrases": phrases(Want.INVOICE)},
    ],
    ids=["dmarc", "spf and dkim", "history", "an invoice"],
)
def test_a_namesake_that_shows_whose_it_is_imitates_nobody(changes: dict[str, Any]) -> None:
    cleared = without_namesakes(twin(**changes))
    assert (cleared.lookalikes, cleared.claims) == ((), ())


@pytest.mark.parametrize(
    "changes",
    [
        {"judged": judged()},
        {"judged": judged(stamp(Method.DKIM, Result.PASS))},
        {"judged": judged(stamp(Method.DMARC, Result.PASS, "example.net"))},
        {"claims": (MADE, BOSS)},
        {"phrases": phrases(Want.BANK_DETAILS)},
        {"phrases": phrases(Want.CREDENTIALS)},
        {"lookalikes": (Lookalike("examp1e.com", "example.com", "ours", LookalikeKind.CONFUSABLE, "from"),)},
    ],
    ids=["no proof", "half a proof", "another's proof", "our name", "bank details", "a password", "another trick"],
)
def test_without_proof_or_with_our_name_or_a_costly_wish_it_stays_an_imitation(changes: dict[str, Any]) -> None:
    as_it_was = twin(**changes)
    assert without_namesakes(as_it_was) == as_it_was
