"""Another help desk's settings: each kind needs its own, and what is missing is said by name."""

import os
from pathlib import Path

import pytest

from bot.errors import BadSetting
from bot.model import DeskAccount, DeskKind
from bot.settings import load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and a working folder without `.env`."""
    for name in os.environ:
        if name.startswith(("CHECKMAIL_", "REDIS_URL", "SLACK_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


JIRA = {
    "CHECKMAIL_DESK": "Jira",
    "CHECKMAIL_DESK_URL": "https://example.atlassian.net",
    "CHECKMAIL_DESK_USER": "bot@example.org",
    "CHECKMAIL_DESK_TOKEN": "hunter2",
    "CHECKMAIL_DESK_PROJECT": "SEC",
    "CHECKMAIL_DESK_REQUEST_TYPE": "Report phishing",
}
ZENDESK = {
    "CHECKMAIL_DESK": "zendesk",
    "CHECKMAIL_DESK_URL": "https://example.zendesk.com",
    "CHECKMAIL_DESK_TOKEN": "hunter2",
}
WEBHOOK = {
    "CHECKMAIL_DESK": "webhook",
    "CHECKMAIL_DESK_URL": "http://127.0.0.1:9000/hook",
    "CHECKMAIL_DESK_TOKEN": "whsec_x",
}
MAIL = {
    "CHECKMAIL_DESK": "mail",
    "CHECKMAIL_DESK_URL": "smtp://mail.example.org:587",
    "CHECKMAIL_DESK_FROM": "bot@example.org",
    "CHECKMAIL_DESK_TO": "desk@example.org",
}


def account(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], **changes: str) -> DeskAccount | None:
    for name, value in (values | {f"CHECKMAIL_{name}": value for name, value in changes.items()}).items():
        monkeypatch.setenv(name, value)
    return load().other_desk


def test_by_default_there_is_none() -> None:
    assert load().other_desk is None


def test_each_kind_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert account(monkeypatch, JIRA) == DeskAccount(
        DeskKind.JIRA, "https://example.atlassian.net", "bot@example.org", "hunter2", "SEC", "Report phishing"
    )
    assert account(monkeypatch, MAIL) == DeskAccount(
        DeskKind.MAIL,
        "smtp://mail.example.org:587",
        "bot@example.org",
        "hunter2",
        "SEC",
        "Report phishing",
        sender="bot@example.org",
        to="desk@example.org",
    )


@pytest.mark.parametrize("values", [ZENDESK, WEBHOOK, MAIL], ids=["zendesk", "webhook", "mail"])
def test_what_a_kind_doesnt_need_may_be_missing(values: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = account(monkeypatch, values)
    assert found is not None
    assert found.kind == values["CHECKMAIL_DESK"]


MISSING = [
    (JIRA, "DESK_URL"),
    (JIRA, "DESK_TOKEN"),
    (JIRA, "DESK_PROJECT"),
    (ZENDESK, "DESK_URL"),
    (ZENDESK, "DESK_TOKEN"),
    (WEBHOOK, "DESK_TOKEN"),
    (MAIL, "DESK_FROM"),
    (MAIL, "DESK_TO"),
]


@pytest.mark.parametrize(("values", "name"), MISSING)
def test_what_is_missing_is_said_by_name(values: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSetting, match=f"^CHECKMAIL_{name}: "):
        account(monkeypatch, values, **{name: ""})


def test_who_signs_in_to_a_mail_server_needs_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSetting, match=r"^CHECKMAIL_DESK_TOKEN: "):
        account(monkeypatch, MAIL, DESK_USER="bot")


WRONG = [
    (ZENDESK, "example.zendesk.com"),
    (ZENDESK, "http://example.zendesk.com"),
    (ZENDESK, "https://user:pass@example.zendesk.com"),
    (ZENDESK, "https://example.zendesk.com:99999"),
    (ZENDESK, "smtp://example.zendesk.com"),
    (MAIL, "https://mail.example.org"),
    (MAIL, "smtp+plain://mail.example.org"),
    (MAIL, "smtp://[::1"),
]


@pytest.mark.parametrize(("values", "url"), WRONG)
def test_an_address_without_tls_or_of_another_kind_is_refused(
    values: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadSetting, match=r"^CHECKMAIL_DESK_URL: ") as caught:
        account(monkeypatch, values, DESK_URL=url)
    assert "pass" not in caught.value.message


def test_a_kind_that_isnt_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSetting, match="CHECKMAIL_DESK: "):
        account(monkeypatch, {"CHECKMAIL_DESK": "otrs"})


def test_the_token_may_lie_in_a_file_and_is_in_no_repr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("hunter2\n")
    found = account(monkeypatch, ZENDESK, DESK_TOKEN="", DESK_TOKEN_FILE=str(secret))
    assert found is not None
    assert found.token == "hunter2"
    assert "hunter2" not in repr(found) + repr(load())
    with pytest.raises(BadSetting, match="not both"):
        account(monkeypatch, ZENDESK, DESK_TOKEN_FILE=str(secret))
