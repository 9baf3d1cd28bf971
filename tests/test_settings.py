"""Settings come from the environment, a `.env` file or a secret's file; all that is wrong is said at once."""

from pathlib import Path

import pytest

from bot.errors import BadSetting
from bot.settings import Settings, load, resolver


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and a working folder without `.env`."""
    import os

    for name in os.environ:
        if name.startswith(("CHECKMAIL_", "REDIS_URL")):
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


def test_the_readme_names_every_setting() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    for name in Settings.model_fields:
        variable = name.upper() if name.startswith("redis_") else f"CHECKMAIL_{name.upper()}"
        assert f"`{variable}`" in readme, variable
