"""Settings come from the environment, a `.env` file or a secret's file; all that is wrong is said at once."""

import re
from pathlib import Path

import pytest

from bot.errors import BadSetting
from bot.settings import (
    Listen,
    Mode,
    ServeSettings,
    Settings,
    Welcome,
    WorkerSettings,
    called,
    load,
    load_as,
    misspelt,
    resolver,
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and a working folder without `.env`."""
    import os

    for name in os.environ:
        if name.startswith(("CHECKMAIL_", "REDIS_URL", "SLACK_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_set_is_right() -> None:
    settings = load()
    assert (settings.redis_url, settings.offline, settings.deadline_s, settings.resolvers) == ("", False, 2.0, ())
    assert settings.help_desk.name == "the help desk"


LISTS = [
    ("a.test,b.test", ("a.test", "b.test")),
    (" a.test , b.test ", ("a.test", "b.test")),
    ("A.test b.test\tc.test", ("a.test", "b.test", "c.test")),
    ("", ()),
]


@pytest.mark.parametrize(("text", "words"), LISTS)
def test_a_list_is_divided_at_commas_and_spaces(
    text: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKMAIL_OUR_DOMAINS", text)
    assert load().trust.our_domains == words


IDN = [
    ("müller.example", "xn--mller-kva.example"),
    ("MÜLLER.Example", "xn--mller-kva.example"),
    ("mu\u0308ller.example", "xn--mller-kva.example"),
    ("straße.example", "xn--strae-oqa.example"),
    ("xn--mller-kva.example", "xn--mller-kva.example"),
]


@pytest.mark.parametrize(("text", "domain"), IDN)
def test_a_domain_in_letters_of_any_language_is_kept_as_the_dns_has_it(text: str, domain: str) -> None:
    settings = load(our_domains=(text,), our_relays=(f"mx.{text}",), our_sending_services=(text,))
    assert settings.trust.our_domains == settings.our_sending_services == (domain,)
    assert settings.our_relays == (f"mx.{domain}",)


@pytest.mark.parametrize("text", ["mül ler.example", "mü!ler.example", "ü" * 300 + ".example", "ü..example"])
def test_letters_that_can_be_no_domain_are_said_to_be_none(text: str) -> None:
    with pytest.raises(BadSetting, match="not a domain name"):
        load(our_domains=(text,))


def test_everything_that_is_wrong_is_said_at_once_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "CHECKMAIL_OUR_DOMAINS": "fine.test,not!one",
        "CHECKMAIL_OUR_RELAYS": "192.0.2.0/99",
        "CHECKMAIL_DNS": "127.0.0.1:99999",
        "CHECKMAIL_DEADLINE_S": "soon",
        "CHECKMAIL_OFFLINE": "perhaps",
        "REDIS_URL_FILE": "absent",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as caught:
        load(contacts=Path("nowhere.csv"), geoip_city=Path("nowhere.mmdb"), our_sending_services=("a b",))
    lines = dict(line.split(": ", 1) for line in caught.value.message.splitlines())
    assert lines["CHECKMAIL_OUR_DOMAINS"] == "not a domain name: not!one"
    assert lines["CHECKMAIL_OUR_RELAYS"] == "neither a host name nor a network: 192.0.2.0/99"
    assert lines["CHECKMAIL_DNS"] == "not host:port: 127.0.0.1:99999"
    assert lines["REDIS_URL"] == "REDIS_URL_FILE can't be read: absent"
    assert lines["--contacts"] == "no such file: nowhere.csv"
    assert lines["--geoip"] == "no such file: nowhere.mmdb"
    assert {"CHECKMAIL_DEADLINE_S", "CHECKMAIL_OFFLINE", "--our-sending-services"} <= lines.keys()


def test_an_option_comes_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("CHECKMAIL_HELP_DESK_NAME=of the file\nCHECKMAIL_DEADLINE_S=3\nOTHER=1\n")
    assert load().help_desk.name == "of the file"
    monkeypatch.setenv("CHECKMAIL_HELP_DESK_NAME", "of the environment")
    settings = load(deadline_s=4.0)
    assert (settings.help_desk.name, settings.deadline_s) == ("of the environment", 4.0)


def test_the_stores_address_may_lie_in_a_file_of_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "redis-url"
    secret.write_text("redis://:pass@127.0.0.1:6379/0\n")
    monkeypatch.setenv("REDIS_URL_FILE", str(secret))
    assert load().redis_url == "redis://:pass@127.0.0.1:6379/0"
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1/1")
    with pytest.raises(BadSetting, match="not both"):
        load()


def test_a_password_is_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@127.0.0.1:6379/0")
    assert "hunter2" not in repr(load())


RESOLVERS = [
    ("192.0.2.1", ("192.0.2.1", 53)),
    ("192.0.2.1:5353", ("192.0.2.1", 5353)),
    ("[2001:db8::1]", ("2001:db8::1", 53)),
    ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ("localhost:53", ("localhost", 53)),
]


@pytest.mark.parametrize(("text", "pair"), RESOLVERS)
def test_a_resolver_is_host_and_port(text: str, pair: tuple[str, int]) -> None:
    assert resolver(text) == pair


@pytest.mark.parametrize("text", ["", ":53", "a:b", "192.0.2.1:0", "192.0.2.1:65536", "2001:db8::1", "a b"])
def test_anything_else_is_no_resolver(text: str) -> None:
    with pytest.raises(ValueError, match="not host:port"):
        resolver(text)


SERVING = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}
SIGNING = "0123456789abcdef0123456789abcdef"


def with_all(monkeypatch: pytest.MonkeyPatch, **names: str) -> None:
    for name, value in names.items():
        monkeypatch.setenv(name, value)


def test_the_desk_has_safe_defaults() -> None:
    settings = load()
    assert (settings.mode, settings.slack_api_url) == (Mode.SOCKET, "https://slack.com/api/")
    assert (settings.guests, settings.strangers) == (Welcome.ANSWER, Welcome.REFUSE)
    assert (settings.keep_content_h, settings.keep_verdicts_d, settings.http) == (24, 90, Listen("127.0.0.1", 8080))


TOKENS = [
    ("SLACK_BOT_TOKEN", "xapp-1-abc", "an app-level token"),
    ("SLACK_BOT_TOKEN", "xoxp-1-abc", "a user's token"),
    ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-abc", "token rotation off"),
    ("SLACK_BOT_TOKEN", "0123456789abcdef0123456789abcdef", "doesn't begin with xoxb-"),
    ("SLACK_BOT_TOKEN", '"xoxb-1-abc"', "quotation marks"),
    ("SLACK_BOT_TOKEN", "xoxb-1 abc", "a space or a line break"),
    ("SLACK_APP_TOKEN", "xoxb-1-abc", "the bot's token"),
    ("SLACK_APP_TOKEN", "https://hooks.example/abc", "doesn't begin with xapp-"),
    ("SLACK_SIGNING_SECRET", "xoxb-1-abc", "the bot's token"),
    ("SLACK_SIGNING_SECRET", "abc", "isn't a signing secret"),
]


@pytest.mark.parametrize(("name", "value", "said"), TOKENS)
def test_a_token_in_the_wrong_place_is_named_but_never_shown(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as caught:
        load()
    assert caught.value.message.startswith(f"{name}: ")
    assert said in caught.value.message
    assert value.strip('"') not in caught.value.message
    assert value.strip('"') not in repr(caught.value.__cause__)


def test_what_serving_needs_is_asked_for_together_with_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    with_all(monkeypatch, CHECKMAIL_HELP_DESK_CHANNELS="help desk,#General", CHECKMAIL_KEEP_VERDICTS_D="0")
    with pytest.raises(BadSetting) as caught:
        load_as(ServeSettings)
    names = [line.split(": ")[0] for line in caught.value.message.splitlines()]
    assert sorted(names) == [
        "CHECKMAIL_HELP_DESK_CHANNELS",
        "CHECKMAIL_KEEP_VERDICTS_D",
        "SLACK_APP_TOKEN",
        "SLACK_BOT_TOKEN",
    ]


def test_each_way_of_delivery_needs_its_own_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with_all(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", CHECKMAIL_MODE="HTTP", CHECKMAIL_HTTP="off")
    with pytest.raises(BadSetting) as caught:
        load_as(ServeSettings)
    assert [line.split(": ")[0] for line in caught.value.message.splitlines()] == [
        "SLACK_SIGNING_SECRET",
        "CHECKMAIL_HTTP",
    ]
    with_all(monkeypatch, SLACK_SIGNING_SECRET=SIGNING, CHECKMAIL_HTTP="0.0.0.0:80")
    assert load_as(ServeSettings).http == Listen("0.0.0.0", 80)


def test_a_worker_needs_the_bots_token_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSetting, match=r"^SLACK_BOT_TOKEN: it isn't set: it stands at"):
        load_as(WorkerSettings)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert load_as(WorkerSettings).slack_bot_token.get_secret_value() == "xoxb-1"


def test_every_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": SIGNING}
    for name, value in secrets.items():
        (tmp_path / name).write_text(value + "\n")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    settings = load_as(ServeSettings)
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.slack_app_token.get_secret_value() == "xapp-1"
    assert settings.slack_signing_secret.get_secret_value() == SIGNING
    (tmp_path / "SLACK_BOT_TOKEN").write_text("xapp-1")
    with pytest.raises(BadSetting, match=r"^SLACK_BOT_TOKEN: this is an app-level token"):
        load()


def test_no_secret_is_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    with_all(monkeypatch, **SERVING, SLACK_SIGNING_SECRET=SIGNING)
    shown = repr(load_as(ServeSettings)) + str(load_as(ServeSettings))
    assert "secret" not in shown.replace("slack_signing_secret", "")
    assert SIGNING not in shown


def test_an_empty_variable_is_one_that_isnt_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with_all(monkeypatch, CHECKMAIL_MODE="", CHECKMAIL_DEADLINE_S="", SLACK_APP_TOKEN="", CHECKMAIL_CONTACTS="")
    settings = load()
    assert (settings.mode, settings.deadline_s, settings.contacts) == (Mode.SOCKET, 2.0, None)


CHANNELS = [
    ("C0123ABCD", ("C0123ABCD",)),
    ("#help-desk, it_support", ("help-desk", "it_support")),
    ("<#C0123ABCD|help-desk>", ("C0123ABCD",)),
    ("hilfe-für-alle", ("hilfe-für-alle",)),
    ("desk,#desk", ("desk",)),
]


@pytest.mark.parametrize(("text", "channels"), CHANNELS)
def test_a_channel_is_an_id_or_a_name(text: str, channels: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKMAIL_HELP_DESK_CHANNELS", text)
    assert load().help_desk_channels == channels


@pytest.mark.parametrize(
    ("text", "group"),
    [("@it-support", "it-support"), ("S0123ABCD", "S0123ABCD"), ("<!subteam^S0123ABCD>", "S0123ABCD")],
)
def test_a_group_is_an_id_or_a_handle(text: str, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKMAIL_TECHNICIANS_GROUP", text)
    assert load().technicians_group == group


LISTENING = [
    ("0.0.0.0:9000", Listen("0.0.0.0", 9000)),
    ("[::1]:9000", Listen("::1", 9000)),
    ("9000", Listen("127.0.0.1", 9000)),
    (":9000", Listen("127.0.0.1", 9000)),
    ("off", None),
]


@pytest.mark.parametrize(("text", "listen"), LISTENING)
def test_where_to_listen_is_host_and_port_or_off(
    text: str, listen: Listen | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKMAIL_HTTP", text)
    assert load().http == listen


@pytest.mark.parametrize("text", ["127.0.0.1:99999", "a b", "http://127.0.0.1", "ftp:21:1"])
def test_anything_else_is_no_place_to_listen(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKMAIL_HTTP", text)
    with pytest.raises(BadSetting, match=r"^CHECKMAIL_HTTP: not host:port"):
        load()


@pytest.mark.parametrize(
    ("text", "url"),
    [("http://127.0.0.1:4020/api", "http://127.0.0.1:4020/api/"), ("https://slack.com/api/", "https://slack.com/api/")],
)
def test_slacks_address_ends_in_a_slash(text: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", text)
    assert load().slack_api_url == url


@pytest.mark.parametrize("text", ["slack.com", "ftp://slack.com/api/", "https://user:pass@slack.com/api/"])
def test_anything_else_is_no_address_of_slack(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", text)
    with pytest.raises(BadSetting, match=r"^SLACK_API_URL: not an address like"):
        load()


def test_a_misspelt_variable_is_noticed() -> None:
    names = ("CHECKMAIL_TECHNICIAN_CHANNEL", "CHECKMAIL_OFFLINE", "CHECKMAIL_ZZZZZZ", "HOME")
    assert misspelt(names) == (
        ("CHECKMAIL_TECHNICIAN_CHANNEL", "CHECKMAIL_TECHNICIANS_CHANNEL"),
        ("CHECKMAIL_ZZZZZZ", ""),
    )


README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_readmes_table_and_the_settings_are_the_same() -> None:
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, | or )?)+) \|", README, re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)]
    assert sorted(told) == sorted(called(name) for name in Settings.model_fields)
