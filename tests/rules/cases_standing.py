"""Cases of bot/rules/standing.py."""

from tests.rules.case import Case

CASES: tuple[Case, ...] = ()
