"""The settings of the desk in Slack: who it is, where it answers, what it keeps and how its processes run."""

import re
from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.office_hours import OfficeHours, read_hours
from bot.settings import values
from bot.settings.values import Listen, LogForm, LogLevel, MaybeListen, Mode, Welcome, Words, secret, variable

BOT_TOKEN_AT = 'it stands at api.slack.com/apps, your app, "OAuth & Permissions", "Bot User OAuth Token"'
APP_TOKEN_AT = (
    'make one at api.slack.com/apps, your app, "Basic Information", "App-Level Tokens", with connections:write'
)
SECRET_AT = 'it stands at api.slack.com/apps, your app, "Basic Information", "App Credentials"'


class SlackSettings(BaseSettings):
    """Those that the engine alone doesn't need."""

    slack_bot_token_file: Path | None = variable(None, "SLACK_BOT_TOKEN_FILE")
    slack_bot_token: SecretStr = secret("SLACK_BOT_TOKEN")
    slack_app_token_file: Path | None = variable(None, "SLACK_APP_TOKEN_FILE")
    mode: Mode = Mode.SOCKET
    """socket: a connection out to Slack, no address of our own needed. http: Slack calls us."""
    slack_app_token: SecretStr = secret("SLACK_APP_TOKEN")
    slack_signing_secret_file: Path | None = variable(None, "SLACK_SIGNING_SECRET_FILE")
    slack_signing_secret: SecretStr = secret("SLACK_SIGNING_SECRET")
    slack_api_url: str = variable("https://slack.com/api/", "SLACK_API_URL")
    """Where Slack's Web API is; tests name a workspace of their own."""
    help_desk_channels: Words = ()
    """Ids or names of the channels in which uploads, forwarded mails and mentions are answered."""
    technicians_channel: str = ""
    """Id or name of the channel that hears of cases that need somebody; empty: nobody is called."""
    technicians_group: str = ""
    """Id or handle of the user group that is named there and may see the raw facts; empty: the channel's staff."""
    on_call_group: str = ""
    """Id or handle of the user group that hears of a ticket over its target; empty: the technicians' group."""
    manager: str = ""
    """Id of the person who hears of a ticket that is long overdue; empty: the on-call group."""
    office_hours: str = ""
    """When technicians are there, such as Mon-Fri 9:00-17:00; empty: always."""
    office_zone: str = "UTC"
    """The time zone of the office hours, such as Europe/Berlin."""
    holidays: str = Field("", validate_default=True)
    """Days without office hours: 2026-12-24, or 12-25 for every year."""
    urgent_always: bool = False
    """Whether the clock of urgent tickets runs outside of office hours, too."""
    many_reports: int = Field(5, ge=2, le=1_000)
    """From how many people's reports of one campaign it is a ticket of its own accord."""
    guests: Welcome = Welcome.ANSWER
    """Whether guests of the workspace are answered."""
    strangers: Welcome = Welcome.REFUSE
    """Whether people of other organisations in shared channels (Slack Connect) are answered."""
    reports_an_hour: int = Field(30, ge=1, le=10_000)
    """How many mails one person may hand in within an hour."""
    keep_content_h: float = Field(24.0, ge=0.0, le=24 * 90)
    """Hours that a mail's content is kept after its case was answered."""
    keep_verdicts_d: float = Field(90.0, ge=1.0, le=3650)
    """Days that verdicts and the codes of their evidence are kept."""
    worker_threads: int = Field(16, ge=1, le=64)
    """Jobs that one worker process does at a time."""
    stop_s: float = Field(20.0, ge=0.0, le=600.0)
    """Seconds that running jobs get to finish after a stop signal; what isn't finished runs again elsewhere."""
    http: MaybeListen = Field(Listen("127.0.0.1", 8080))
    """host:port for health, metrics and, in HTTP mode, Slack; off: none."""
    log: LogForm = LogForm.AUTO
    log_level: LogLevel = LogLevel.INFO

    @field_validator("slack_bot_token", "slack_app_token", "slack_signing_secret", mode="before")
    @classmethod
    def _secret_from_file(cls, value: object, info: ValidationInfo) -> object:
        return from_file(value, info)

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr) -> SecretStr:
        values.token(value.get_secret_value(), "xoxb-", BOT_TOKEN_AT)
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, value: SecretStr) -> SecretStr:
        values.token(value.get_secret_value(), "xapp-", APP_TOKEN_AT)
        return value

    @field_validator("slack_signing_secret")
    @classmethod
    def _signing_secret(cls, value: SecretStr) -> SecretStr:
        values.signing_secret(value.get_secret_value(), SECRET_AT)
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _api_url(cls, value: str) -> str:
        return values.api_url(value)

    @field_validator("help_desk_channels", mode="before")
    @classmethod
    def _split_channels(cls, value: object) -> object:
        return values.split(value)

    @field_validator("help_desk_channels")
    @classmethod
    def _channels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(values.channel(each) for each in value))

    @field_validator("technicians_channel")
    @classmethod
    def _channel(cls, value: str) -> str:
        return values.channel(value) if value.strip() else ""

    @property
    def office(self) -> OfficeHours:
        return read_hours(self.office_hours, self.office_zone, self.holidays)

    @field_validator("manager")
    @classmethod
    def _manager(cls, value: str) -> str:
        found = value.strip()
        if found and not re.fullmatch(r"[UW][A-Z0-9]{4,20}", found):
            raise ValueError(f"{found[:40]!r} is no person's id, such as U0123ABCD; it stands in their Slack profile")
        return found

    @field_validator("holidays")
    @classmethod
    def _office(cls, value: str, info: ValidationInfo) -> str:
        """The last of the three, so that all of them are known."""
        read_hours(info.data.get("office_hours", ""), info.data.get("office_zone", "UTC"), value)
        return value

    @field_validator("technicians_group", "on_call_group")
    @classmethod
    def _group(cls, value: str) -> str:
        return values.group(value) if value.strip() else ""

    @field_validator("mode", "guests", "strangers", "log", "log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value


def from_file(value: object, info: ValidationInfo) -> object:
    """A secret itself, or the content of the file that the setting of the same name with _file names."""
    path: Path | None = info.data.get(f"{info.field_name}_file")
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    name = str(info.field_name).upper()
    if path is None:
        return text.strip()
    if text:
        raise ValueError(f"set this or {name}_FILE, not both")
    return values.content_of(path, f"{name}_FILE")
