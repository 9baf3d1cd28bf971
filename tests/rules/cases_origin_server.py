"""Cases of bot/rules/origin_server.py."""

from tests.rules.case import Case

CASES: tuple[Case, ...] = ()
