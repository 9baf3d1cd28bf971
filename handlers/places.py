"""Ids of the channel and the user group that the owner may give by name."""

from collections.abc import Iterator

from slack_sdk import WebClient

from handlers.channels import is_channel_id
from handlers.reading import Json, string

_MOST_PAGES = 50


def channel_id(client: WebClient, name: str) -> str:
    """The id of a channel that the bot is in; "" where it is in none of that name. Raises what the call raises."""
    if not name or is_channel_id(name):
        return name
    wanted = name.lower()
    found = (string(each.get("id")) for each in _ours(client) if string(each.get("name")).lower() == wanted)
    return next(found, "")


def group_id(client: WebClient, handle: str) -> str:
    """The id of a user group; "" where there is none of that handle. Raises what the call raises."""
    if not handle or (handle[0] == "S" and handle.isalnum() and handle.isupper()):
        return handle
    groups = client.usergroups_list().get("usergroups")
    listed = [each for each in groups if isinstance(each, dict)] if isinstance(groups, list) else []
    return next((string(each.get("id")) for each in listed if handle in (each.get("handle"), each.get("name"))), "")


def _ours(client: WebClient) -> Iterator[Json]:
    cursor = ""
    for _ in range(_MOST_PAGES):
        page = client.users_conversations(
            types="public_channel,private_channel", exclude_archived=True, limit=200, cursor=cursor
        )
        channels = page.get("channels")
        yield from (each for each in channels or () if isinstance(each, dict))
        after = page.get("response_metadata")
        cursor = string(after.get("next_cursor")) if isinstance(after, dict) else ""
        if not cursor:
            return
