"""Every setting, typed, from the environment or a `.env` file; all that is wrong is reported at once."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import BadSetting
from bot.hosts import to_ascii
from bot.model import HelpDesk, Trust

HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9-]{1,63}")
Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """What an owner may set. The names stand in the README with their defaults."""

    model_config = SettingsConfigDict(env_prefix="CHECKMAIL_", env_file=".env", extra="ignore", frozen=True)

    redis_url_file: Path | None = Field(None, validation_alias=AliasChoices("REDIS_URL_FILE"))
    """A file that holds REDIS_URL, which may hold a password."""
    redis_url: str = Field("", validation_alias=AliasChoices("REDIS_URL"), validate_default=True, repr=False)
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
        if isinstance(value, str):
            return tuple(word.strip() for word in re.split(r"[,\s]+", value) if word.strip())
        return value

    @field_validator("redis_url")
    @classmethod
    def _from_file(cls, value: str, info: ValidationInfo) -> str:
        path: Path | None = info.data.get("redis_url_file")
        if path is None:
            return value.strip()
        if value:
            raise ValueError("set this or REDIS_URL_FILE, not both")
        try:
            return path.expanduser().read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"REDIS_URL_FILE can't be read: {path}") from error

    @field_validator("our_domains", "our_sending_services")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        found = [(name, to_ascii(name.lower())) for name in value]
        bad = [name for name, host in found if not HOST.fullmatch(host)]
        if bad:
            raise ValueError(f"not a domain name: {', '.join(bad)}")
        return tuple(host for _, host in found)

    @field_validator("our_relays")
    @classmethod
    def _relays(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        found = [(name, to_ascii(name.lower())) for name in value]
        bad = [name for name, host in found if not HOST.fullmatch(host) and not _is_network(name)]
        if bad:
            raise ValueError(f"neither a host name nor a network: {', '.join(bad)}")
        return tuple(host for _, host in found)

    @field_validator("dns")
    @classmethod
    def _resolvers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            resolver(each)
        return value

    @field_validator("contacts", "geoip_city", "geoip_asn")
    @classmethod
    def _existing(cls, value: Path | None) -> Path | None:
        if value is not None and not value.expanduser().is_file():
            raise ValueError(f"no such file: {value}")
        return value.expanduser() if value else None

    @property
    def trust(self) -> Trust:
        return Trust(self.trusted_authserv_ids, self.our_domains, self.our_relays, self.our_sending_services)

    @property
    def help_desk(self) -> HelpDesk:
        return HelpDesk(self.help_desk_name, self.help_desk_phone, self.help_desk_hours)

    @property
    def resolvers(self) -> tuple[tuple[str, int], ...]:
        """(host, port) of each resolver named; empty for the system's."""
        return tuple(resolver(each) for each in self.dns)


def resolver(text: str) -> tuple[str, int]:
    """`host`, `host:port` or `[v6]:port` as a pair; port 53 by default. Raises ValueError."""
    bracketed = re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::(\d{1,5}))?", text)
    plain = re.fullmatch(r"([^:\s]+)(?::(\d{1,5}))?", text)
    found = bracketed or plain
    if found is None or not 0 < int(found.group(2) or 53) < 65536:
        raise ValueError(f"not host:port: {text}")
    return found.group(1), int(found.group(2) or 53)


def load(**overrides: object) -> Settings:
    """Settings from the environment and `.env`, `overrides` (of the command line) first.

    Raises BadSetting, listing everything that is wrong by its variable's or option's name.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{_called(fault['loc'], given)}: {_why(fault)}" for fault in error.errors(include_url=False)]
        raise BadSetting("bad-setting", "\n".join(lines), "Mend these settings and start again.") from error


OPTIONS = {
    "our_domains": "--our-domain",
    "our_relays": "--our-relay",
    "trusted_authserv_ids": "--trust",
    "geoip_city": "--geoip",
}
"""Options of the command line that aren't called as their setting is."""


def _called(location: tuple[int | str, ...], given: dict[str, object]) -> str:
    """What the person wrote: the option where one was given, else the variable."""
    name = str(location[0]) if location else "settings"
    if name in given:
        return OPTIONS.get(name, f"--{name.replace('_', '-')}")
    return name.upper() if name.upper().startswith("REDIS_") else f"CHECKMAIL_{name.upper()}"


def _why(fault: ErrorDetails) -> str:
    """The fault's text; of a ValueError of ours without pydantic's prefix."""
    return str(fault["ctx"]["error"]) if fault["type"] == "value_error" else fault["msg"]


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
