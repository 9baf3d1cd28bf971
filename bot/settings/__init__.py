"""Every setting, typed, from the environment or a `.env` file; all that is wrong is reported at once."""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from bot.errors import BadSetting
from bot.model import HelpDesk, Trust
from bot.settings import values
from bot.settings.desks import DeskSettings
from bot.settings.slack import APP_TOKEN_AT, BOT_TOKEN_AT, SECRET_AT, SlackSettings, from_file
from bot.settings.values import Listen, LogForm, LogLevel, Mode, Welcome, Words, resolver, secret, variable

__all__ = [
    "APP_TOKEN_AT",
    "SECRET_AT",
    "Listen",
    "LogForm",
    "LogLevel",
    "Mode",
    "ServeSettings",
    "Settings",
    "Welcome",
    "WorkerSettings",
    "called",
    "load",
    "load_as",
    "misspelt",
    "public_url",
    "resolver",
]

PREFIX = "CHECKMAIL_"


class Settings(SlackSettings, DeskSettings):
    """What an owner may set. The names stand in the README with their defaults."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    redis_url_file: Path | None = variable(None, "REDIS_URL_FILE")
    """A file that holds REDIS_URL, which may hold a password."""
    redis_url: str = secret("REDIS_URL")
    """redis://, rediss:// or unix:// address of the store; empty: an embedded server under DATA_DIR."""
    data_dir: Path = Path("~/.local/share/checkmail")
    """Where the embedded store keeps its files."""
    our_domains: Words = ()
    our_relays: Words = ()
    our_sending_services: Words = ()
    trusted_authserv_ids: Words = ()
    help_desk_name: str = "the help desk"
    help_desk_phone: str = ""
    help_desk_hours: str = ""
    contacts: Path | None = None
    """CSV or vCard file of people whose addresses are known."""
    vips: Words = ()
    dns: Words = ()
    """host:port of resolvers; empty: the system's."""
    offline: bool = False
    deadline_s: float = Field(2.0, ge=0.1, le=30.0)
    """Seconds that one mail's look-ups may take together."""
    reveal_local_part: bool = False
    """Whether SPF macros may show the local part of MAIL FROM to the sender's DNS."""
    geoip_city: Path | None = None
    geoip_asn: Path | None = None

    @field_validator(
        "our_domains", "our_relays", "our_sending_services", "trusted_authserv_ids", "vips", "dns", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return values.split(value)

    @field_validator("redis_url", mode="before")
    @classmethod
    def _redis_url(cls, value: object, info: ValidationInfo) -> object:
        return from_file(value, info)

    @field_validator("our_domains", "our_sending_services")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return values.hosts(value)

    @field_validator("our_relays")
    @classmethod
    def _relays(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return values.relays(value)

    @field_validator("dns")
    @classmethod
    def _resolvers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            resolver(each)
        return value

    @field_validator("contacts", "geoip_city", "geoip_asn")
    @classmethod
    def _existing(cls, value: Path | None) -> Path | None:
        return values.existing(value)

    @property
    def trust(self) -> Trust:
        desk = () if self.help_desk_name == HelpDesk().name else (self.help_desk_name,)
        return Trust(self.trusted_authserv_ids, self.our_domains, self.our_relays, self.our_sending_services, desk)

    @property
    def help_desk(self) -> HelpDesk:
        return HelpDesk(self.help_desk_name, self.help_desk_phone, self.help_desk_hours)

    @property
    def resolvers(self) -> tuple[tuple[str, int], ...]:
        """(host, port) of each resolver named; empty for the system's."""
        return tuple(resolver(each) for each in self.dns)


class WorkerSettings(Settings):
    """With what a worker can't do without."""

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token_needed(cls, value: SecretStr) -> SecretStr:
        return _needed(value, BOT_TOKEN_AT)


class ServeSettings(WorkerSettings):
    """With what the process that Slack delivers to can't do without."""

    @field_validator("slack_app_token")
    @classmethod
    def _app_token_needed(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        return _needed(value, APP_TOKEN_AT) if info.data.get("mode") is Mode.SOCKET else value

    @field_validator("slack_signing_secret")
    @classmethod
    def _signing_secret_needed(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        return _needed(value, SECRET_AT) if info.data.get("mode") is Mode.HTTP else value

    @field_validator("http")
    @classmethod
    def _listens(cls, value: Listen | None, info: ValidationInfo) -> Listen | None:
        if value is None and info.data.get("mode") is Mode.HTTP:
            raise ValueError(
                "it is off, but CHECKMAIL_MODE=http needs a place where Slack calls, such as 127.0.0.1:8080"
            )
        return value


S = TypeVar("S", bound=Settings)


def load(**overrides: object) -> Settings:
    """`load_as` for what needs nothing of Slack."""
    return load_as(Settings, **overrides)


def load_as(kind: type[S], /, **overrides: object) -> S:
    """Settings from the environment and `.env`, `overrides` (of the command line) first.

    Raises BadSetting, listing everything that is wrong by its variable's or option's name.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return kind(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        lines = [f"{_written(fault['loc'], given)}: {_why(fault)}" for fault in faults]
        raise BadSetting("bad-setting", "\n".join(lines), "Mend these settings and start again.") from error


def called(field: str) -> str:
    """The variable of a field: redis_url is REDIS_URL, offline is CHECKMAIL_OFFLINE."""
    return field.upper() if field.startswith(("redis_", "slack_")) else f"{PREFIX}{field.upper()}"


def public_url(text: str) -> str:
    """The address at which Slack reaches us, without a last slash. Raises BadSetting."""
    parts = urlsplit(text.strip())
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise BadSetting(
            "bad-setting", f"--url: not an https address: {text}", "Slack calls https only; write https://host."
        )
    return text.strip().rstrip("/").removesuffix("/slack/events")


def misspelt(names: Iterable[str] | None = None) -> tuple[tuple[str, str], ...]:
    """Variables of the environment with our prefix that name no setting, each with the likeliest one or ""."""
    known = {called(field).removeprefix(PREFIX): called(field) for field in Settings.model_fields}
    found: list[tuple[str, str]] = []
    for name in sorted(os.environ if names is None else names):
        own = name.upper().removeprefix(PREFIX)
        if own != name.upper() and own not in known:
            likely = difflib.get_close_matches(own, known, 1, 0.75)
            found.append((name, known[likely[0]] if likely else ""))
    return tuple(found)


OPTIONS = {
    "our_domains": "--our-domain",
    "our_relays": "--our-relay",
    "trusted_authserv_ids": "--trust",
    "geoip_city": "--geoip",
}
"""Options of the command line that aren't called as their setting is."""


def _needed(value: SecretStr, where: str) -> SecretStr:
    if not value.get_secret_value():
        raise ValueError(f"it isn't set: {where}")
    return value


def _written(location: tuple[int | str, ...], given: dict[str, object]) -> str:
    """What the person wrote: the option where one was given, else the variable."""
    name = str(location[0]) if location else "settings"
    if name in given:
        return OPTIONS.get(name, f"--{name.replace('_', '-')}")
    return called(name.lower())


def _why(fault: ErrorDetails) -> str:
    """The fault's text; of a ValueError of ours without pydantic's prefix."""
    return str(fault["ctx"]["error"]) if fault["type"] == "value_error" else fault["msg"]
