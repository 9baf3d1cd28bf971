"""Cases of bot/rules/intent_traits.py."""

from tests.rules.case import Case

CASES: tuple[Case, ...] = ()
