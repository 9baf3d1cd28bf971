"""Each kind of help desk is opened from its settings, and brings in no library but its own."""

import base64
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.desks.jira import Jira
from bot.adapters.desks.lines import TITLE, line, particulars, title
from bot.adapters.desks.mail import Mail
from bot.adapters.desks.opening import open_other_desk
from bot.adapters.desks.webhook import Webhook
from bot.adapters.desks.zendesk import Zendesk
from bot.errors import BadSetting
from bot.model import DeskAccount, DeskKind, look_again
from bot.ports import Desk
from tests.deskcase import CASE, case
from tests.deskfakes import TestClock

ROOT = Path(__file__).parents[1]
SECRET = "whsec_" + base64.b64encode(b"a secret of 32 octets, for tests").decode()
ACCOUNTS: list[tuple[DeskAccount, type[Desk]]] = [
    (DeskAccount(DeskKind.JIRA, "https://example.atlassian.net", "a@b.org", "t", "SEC"), Jira),
    (DeskAccount(DeskKind.ZENDESK, "https://example.zendesk.com", "a@b.org", "t"), Zendesk),
    (DeskAccount(DeskKind.WEBHOOK, "https://example.org/hook", token=SECRET), Webhook),
    (DeskAccount(DeskKind.MAIL, "smtp://mail.example.org", sender="a@b.org", to="c@d.org"), Mail),
]


@pytest.mark.parametrize(("account", "kind"), ACCOUNTS, ids=[each.kind for each, _ in ACCOUNTS])
def test_each_kind_is_opened(account: DeskAccount, kind: type[Desk]) -> None:
    assert type(open_other_desk(account, TestClock())) is kind


def test_every_kind_is_known() -> None:
    assert [account.kind for account, _ in ACCOUNTS] == list(DeskKind)


def test_what_is_wrong_with_an_account_is_said_before_anything_is_filed() -> None:
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK_TOKEN"):
        open_other_desk(DeskAccount(DeskKind.WEBHOOK, "https://example.org", token="hunter2"), TestClock())


IMPORTS = """
import json, sys
from bot.adapters.desks.opening import open_other_desk
from bot.adapters.clock import SystemClock
from bot.model import DeskAccount, DeskKind
before = set(sys.modules)
account = DeskAccount(DeskKind(sys.argv[1]), sys.argv[2], token=sys.argv[3], sender="a@b.org", to="c@d.org")
open_other_desk(account, SystemClock())
print(json.dumps([sorted(before), sorted(sys.modules)]))
"""


@pytest.mark.parametrize(
    ("kind", "url", "brings"),
    [
        ("jira", "https://example.atlassian.net", {"jira", "requests"}),
        ("zendesk", "https://example.zendesk.com", {"requests"}),
        ("mail", "smtps://mail.example.org", {"smtplib"}),
    ],
)
def test_only_the_kind_that_is_set_brings_its_library(kind: str, url: str, brings: set[str]) -> None:
    command = [sys.executable, "-c", IMPORTS, kind, url, SECRET]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    before, after = (set(names) for names in json.loads(done.stdout))
    watched = {"jira", "requests", "smtplib"}
    assert not watched & before
    assert brings <= after
    assert kind == "jira" or "jira" not in after


AGES = [(timedelta(0), 120), (timedelta(minutes=30), 180), (timedelta(hours=10), 3600), (timedelta(days=90), 21600)]


@pytest.mark.parametrize(("age", "seconds"), AGES)
def test_young_cases_are_looked_at_often_and_old_ones_seldom(age: timedelta, seconds: int) -> None:
    assert look_again(age).total_seconds() == seconds


def test_what_a_desk_shows_first_is_one_line_each() -> None:
    rows = dict(particulars(case(summary="a\nb\u202e\x00c", affected=" ", reporter="x" * 900)))
    assert rows["What to do"] == "a bc"
    assert "Who is affected" not in rows
    assert len(rows["Reported by"]) == 500
    assert rows["Verdict"] == "hacked-account, 93% sure"
    assert len(title(case(summary="y" * 900))) == TITLE
    assert title(CASE).startswith("[checkmail 123] Reset")
    assert line(" a \u2028 b ") == "a b"
