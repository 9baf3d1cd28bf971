"""Cases of bot/rules/intent_text.py."""

from tests.rules.case import Case

CASES: tuple[Case, ...] = ()
