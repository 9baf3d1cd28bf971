"""The settings of another help desk that tickets are handed to; none by default."""

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.model import DeskAccount, DeskKind
from bot.settings import values

PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,30}")
"""Jira's default for a project's key ("Changing the project key format")."""
MAILBOX = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,253}")


class DeskSettings(BaseSettings):
    """CHECKMAIL_DESK names the kind; which of the others it needs is said where one is missing."""

    desk: DeskKind | None = None
    desk_url: str = Field("", validate_default=True)
    """jira, zendesk, webhook: https://…; mail: smtps://host or smtp://host:587."""
    desk_user: str = Field("", validate_default=True)
    """jira, zendesk: the account's mail address, or empty where the token stands alone; mail: who signs in."""
    desk_token_file: Path | None = None
    desk_token: SecretStr = Field(SecretStr(""), repr=False, validate_default=True)
    """jira, zendesk: an API or access token; webhook: its secret, whsec_…; mail: the password."""
    desk_project: str = Field("", validate_default=True)
    """jira: the project's key."""
    desk_request_type: str = ""
    """jira: the request type's name or number; empty: an ordinary issue."""
    desk_issue_type: str = "Task"
    """jira: the type of an ordinary issue."""
    desk_from: str = Field("", validate_default=True)
    """mail: the address that it comes from."""
    desk_to: str = Field("", validate_default=True)
    """mail: the help desk's address."""
    desk_ca: Path | None = None
    """A file of certificates to trust in place of the system's."""

    @field_validator("desk", mode="before")
    @classmethod
    def _kind(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("desk_url")
    @classmethod
    def _desk_url(cls, value: str, info: ValidationInfo) -> str:
        kind: DeskKind | None = info.data.get("desk")
        return _address(value.strip(), kind) if kind else value

    @field_validator("desk_token", mode="before")
    @classmethod
    def _desk_token(cls, value: object, info: ValidationInfo) -> object:
        path: Path | None = info.data.get("desk_token_file")
        text = (value.get_secret_value() if isinstance(value, SecretStr) else str(value)).strip()
        if path and text:
            raise ValueError("set this or CHECKMAIL_DESK_TOKEN_FILE, not both")
        found = values.content_of(path, "CHECKMAIL_DESK_TOKEN_FILE") if path else text
        kind: DeskKind | None = info.data.get("desk")
        if not found and kind and (kind is not DeskKind.MAIL or info.data.get("desk_user")):
            raise ValueError(f"it isn't set, but CHECKMAIL_DESK={kind} needs it")
        return found

    @field_validator("desk_project")
    @classmethod
    def _desk_project(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("desk") is DeskKind.JIRA and not PROJECT.fullmatch(value):
            raise ValueError("not a project's key, such as SEC; CHECKMAIL_DESK=jira needs it")
        return value

    @field_validator("desk_from", "desk_to")
    @classmethod
    def _mailbox(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("desk") is DeskKind.MAIL and not MAILBOX.fullmatch(value.strip()):
            raise ValueError("not a mail address; CHECKMAIL_DESK=mail needs it")
        return value.strip()

    @field_validator("desk_ca")
    @classmethod
    def _desk_ca(cls, value: Path | None) -> Path | None:
        return values.existing(value)

    @property
    def other_desk(self) -> DeskAccount | None:
        """The other help desk, None where there is none."""
        if self.desk is None:
            return None
        return DeskAccount(
            self.desk,
            self.desk_url,
            self.desk_user.strip(),
            self.desk_token.get_secret_value(),
            self.desk_project,
            self.desk_request_type.strip(),
            self.desk_issue_type.strip(),
            self.desk_from,
            self.desk_to,
            str(self.desk_ca or ""),
        )


def _address(text: str, kind: DeskKind) -> str:
    """Raises ValueError. Over http nothing goes but to this machine."""
    due = "smtps://host or smtp://host:587" if kind is DeskKind.MAIL else "https://host"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        host, port_is_right = "", False
    if not host or not port_is_right or parts.username or parts.fragment:
        raise ValueError(f"not an address like {due}; CHECKMAIL_DESK={kind} needs it")
    schemes = ("smtp", "smtps", "smtp+plain") if kind is DeskKind.MAIL else ("https", "http")
    if parts.scheme not in schemes:
        raise ValueError(f"not an address like {due}")
    if parts.scheme in ("http", "smtp+plain") and not _is_here(host):
        raise ValueError("without TLS only to this machine: whoever is between would read the cases")
    return text


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
