"""`checkmail doctor` finds what is wrong with Slack, the store and the files, and says how to mend each."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters import storecheck
from bot.adapters.store import open_line
from bot.checkup import Checked
from bot.cli_doctor import geoip_age
from handlers.checkup import Wanted, look_at, needed_scopes
from tests import fakeslack
from tests.commandline import checkmail
from tests.fakeslack import AUTH, TOKEN, Answer, FakeSlack

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""For files. Slack's clock is that of this machine: the fake's server sends it by itself."""
DESK = {"id": "C01DESK", "name": "help-desk", "is_member": True, "is_archived": False}
ONCALL = {"id": "S01CALL", "handle": "oncall", "user_count": 2}


def auth(scopes: str | None = None) -> Answer:
    """What auth.test answers, with Slack's headers."""
    listed = ",".join(sorted(needed_scopes())) if scopes is None else scopes
    headers = (("Content-Type", "application/json"), ("x-oauth-scopes", listed))
    return Answer(json.dumps(AUTH).encode(), headers=headers)


def member(address: str, **more: Any) -> dict[str, Any]:
    return {"id": "U1", "profile": {"email": address}, **more}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fakeslack.running() as fake:
        fake.answers["auth.test"] = auth()
        fake.answers["apps.connections.open"] = {"ok": True, "url": "wss://127.0.0.1/link"}
        fake.answers["conversations.list"] = {"ok": True, "channels": [DESK]}
        fake.answers["users.list"] = {"ok": True, "members": [member("alice@example.org"), member("bob@example.org")]}
        fake.answers["usergroups.list"] = {"ok": True, "usergroups": [ONCALL]}
        yield fake


def found(slack: FakeSlack, off: int = 0, **more: Any) -> dict[str, Checked]:
    """What is told, by what was tried; with our clock so many seconds off."""
    wanted = Wanted(TOKEN, "xapp-test", slack.api, ("help-desk",), "", "oncall", ("example.org",))
    return {
        each.what: each for each in look_at(replace(wanted, **more), lambda: datetime.now(UTC) + timedelta(seconds=off))
    }


def test_where_all_is_well_nothing_has_a_remedy(slack: FakeSlack) -> None:
    checked = found(slack)
    assert list(checked) == ["bot token", "scopes", "clock", "app token", "channel", "group", "our domains"]
    assert [each.remedy for each in checked.values()] == [""] * 7
    assert checked["bot token"].text == "fine: checkmail in Acme"
    assert checked["group"].text == "fine: @oncall, 2 people"


WRONG: dict[str, tuple[str, Any, str, str, str]] = {
    # what is wrong: (method, its answer, what is told of, what is said, what to do)
    "token removed": ("auth.test", {"ok": False, "error": "account_inactive"}, "bot token", "SLACK_BOT_TOKEN", "anew"),
    "app token wrong": (
        "apps.connections.open",
        {"ok": False, "error": "invalid_auth"},
        "app token",
        "SLACK_APP_TOKEN: invalid_auth",
        "Copy the token anew",
    ),
    "app token without its scope": (
        "apps.connections.open",
        {"ok": False, "error": "missing_scope"},
        "app token",
        "missing_scope",
        "connections:write",
    ),
    "channel missing": ("conversations.list", {"ok": True, "channels": []}, "channel", "#help-desk", "/invite @"),
    "bot not in it": (
        "conversations.list",
        {"ok": True, "channels": [DESK | {"is_member": False}]},
        "channel",
        "the bot isn't in #help-desk (CHECKMAIL_HELP_DESK_CHANNELS)",
        "/invite @checkmail",
    ),
    "archived": (
        "conversations.list",
        {"ok": True, "channels": [DESK | {"is_archived": True}]},
        "channel",
        "is archived",
        "Name another",
    ),
    "channels not to be listed": (
        "conversations.list",
        {"ok": False, "error": "missing_scope"},
        "channels",
        "missing_scope",
        "channels:read and groups:read",
    ),
    "group missing": ("usergroups.list", {"ok": True, "usergroups": []}, "group", "@oncall", "Check its handle"),
    "a domain of ours left out": (
        "users.list",
        {"ok": True, "members": [member(f"{n}@acme.test") for n in range(9)] + [member("x@gmail.com", is_bot=True)]},
        "our domains",
        "acme.test",
        "CHECKMAIL_OUR_DOMAINS=example.org,acme.test",
    ),
    "no addresses": ("users.list", {"ok": True, "members": [member("")]}, "people", "nobody's", "users:read.email"),
    "group empty": (
        "usergroups.list",
        {"ok": True, "usergroups": [ONCALL | {"user_count": 0}]},
        "group",
        "no members",
        "Add the technicians",
    ),
    "group not to be listed": (
        "usergroups.list",
        {"ok": False, "error": "missing_scope"},
        "group",
        "missing_scope",
        "usergroups:read",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_slack_is_said_with_its_remedy(what: str, slack: FakeSlack) -> None:
    method, answer, told, said, remedy = WRONG[what]
    slack.answers[method] = answer
    checked = found(slack)[told]
    assert said in checked.text
    assert remedy in checked.remedy


def test_missing_scopes_are_named(slack: FakeSlack) -> None:
    slack.answers["auth.test"] = auth(",".join(sorted(needed_scopes() - {"files:read", "users:read.email"})))
    checked = found(slack)["scopes"]
    assert checked.text == "missing: files:read, users:read.email"
    assert "Reinstall" in checked.remedy


@pytest.mark.parametrize(("off", "wrong"), [(4000, "ahead of"), (-4000, "behind"), (0, "")])
def test_a_clock_that_is_off_is_noticed(off: int, wrong: str, slack: FakeSlack) -> None:
    checked = found(slack, off)["clock"]
    assert checked.wrong == bool(wrong)
    assert (f" s {wrong} Slack's" in checked.text) if wrong else checked.text == "fine"


def test_a_channel_is_found_on_a_later_page(slack: FakeSlack) -> None:
    more = {"ok": True, "channels": [], "response_metadata": {"next_cursor": "next"}}
    slack.answers["conversations.list"] = [more, {"ok": True, "channels": [DESK]}]
    assert not found(slack)["channel"].wrong
    assert slack.of("conversations.list")[1]["cursor"] == "next"


def test_a_channel_by_its_id_is_found_too(slack: FakeSlack) -> None:
    checked = found(slack, channels=(), technicians_channel="C01DESK")
    assert checked["channel"].text == "fine: the bot is in C01DESK"


def test_public_mailboxes_and_single_guests_are_no_domains_of_ours(slack: FakeSlack) -> None:
    staff = [member(f"{n}@gmail.com") for n in range(5)] + [member(f"{n}@example.org") for n in range(9)]
    slack.answers["users.list"] = {"ok": True, "members": [*staff, member("one@client.test")]}
    assert found(slack, public_domains=frozenset({"gmail.com"}))["our domains"].remedy == ""


def test_no_socket_is_opened_in_http_mode(slack: FakeSlack) -> None:
    assert "app token" not in found(slack, app_token="")
    assert slack.of("apps.connections.open") == []


def test_a_slack_that_cant_be_reached_is_said_to_be_so() -> None:
    (checked,) = look_at(Wanted(TOKEN, "", "http://127.0.0.1:1/api/"))
    assert "SLACK_API_URL" in checked.remedy


def test_no_token_is_ever_shown(slack: FakeSlack) -> None:
    slack.answers["auth.test"] = {"ok": False, "error": "invalid_auth"}
    assert TOKEN not in repr(found(slack))


def test_the_embedded_store_is_told_of_by_its_version(tmp_path: Path) -> None:
    with open_line(None, tmp_path) as line:
        (checked,) = storecheck.look_at(line)
    assert checked.text.startswith("fine: Valkey ")
    assert checked.text.endswith(", embedded, on disk")


def test_a_server_that_throws_away_and_keeps_nothing_is_noticed(tmp_path: Path) -> None:
    with open_line(None, tmp_path) as own, own.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
        with open_line(own.url, tmp_path) as line:
            checked = {each.what: each for each in storecheck.look_at(line)}
    assert "allkeys-lru" in checked["eviction"].text
    assert "noeviction" in checked["eviction"].remedy
    assert "appendonly yes" in checked["persistence"].remedy


@pytest.mark.parametrize(
    ("described", "wrong"),
    [
        ("countries: City of 2026-11-01; networks: no file", False),
        ("countries: City of 2026-11-01; networks: ASN of 2026-01-01", True),
        ("countries: City of 2024-02-29; networks: no file", True),
    ],
)
def test_old_geoip_files_are_noticed(described: str, wrong: bool) -> None:
    checked = geoip_age(described, NOW)
    assert checked.wrong == wrong
    assert checked.text.startswith(described)


def test_the_command_tells_what_is_wrong_and_ends_with_one(slack: FakeSlack, tmp_path: Path) -> None:
    settings = {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_APP_TOKEN": "xapp-test",
        "SLACK_API_URL": slack.api,
        "CHECKMAIL_HELP_DESK_CHANNELS": "nowhere",
        "CHECKMAIL_HELPDESK_CHANNELS": "x",
        "CHECKMAIL_DNS": "127.0.0.1:9",
        "CHECKMAIL_DEADLINE_S": "0.2",
    }
    done = checkmail(tmp_path, "doctor", settings=settings)
    assert done.status == 1
    assert "CHECKMAIL_HELPDESK_CHANNELS is no setting" in done.out
    assert "Did you mean CHECKMAIL_HELP_DESK_CHANNELS?" in done.out
    assert "#nowhere" in done.out
    assert "CHECKMAIL_DNS" in done.out
    assert TOKEN not in done.out + done.err
    offline = checkmail(tmp_path, "doctor", "--offline", settings=settings | {"CHECKMAIL_HELPDESK_CHANNELS": ""})
    assert "#nowhere" not in offline.out
