"""Why the app asks for each of its scopes and events; held to handlers/manifest.json by a test.

For the README, and for whoever must say yes to the installation.
"""

from collections.abc import Mapping
from types import MappingProxyType

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "app_mentions:read": "to be asked by name in any channel it is in",
        "assistant:write": 'to show "is checking the mail…" and to suggest what to ask',
        "channels:history": "to get what is handed in in a public help-desk channel, and not to answer twice there",
        "channels:read": "to find the channels that the settings give by name",
        "chat:write": "to answer",
        "commands": 'for /checkmail and the shortcut "Check this mail"',
        "files:read": "to read the mails that are handed in as files",
        "groups:history": "the same as channels:history for a private help-desk channel",
        "groups:read": "the same as channels:read for private channels",
        "im:history": "to get what is handed in in a direct message",
        "im:read": "to know whose direct message it is that a mail was forwarded to",
        "im:write": "not to answer twice in a direct message, after a process was stopped in the middle",
        "reactions:write": "to show with a reaction that it is at work, where there is no status line",
        "usergroups:read": "to know the technicians by their user group",
        "users:read": "to know the staff's names, which mails borrow, and who is a guest",
        "users:read.email": "to know the staff's addresses, which mails forge",
    }
)

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "app_home_opened": "shows Home, and the suggested prompts",
        "app_mention": "somebody asks by name",
        "app_uninstalled": "the app was removed: readiness says so",
        "function_executed": "a workflow's step begins",
        "message.channels": "a help-desk channel's uploads and forwarded mails",
        "message.groups": "the same in a private channel",
        "message.im": "direct messages",
        "tokens_revoked": "the token was revoked: readiness says so",
    }
)
