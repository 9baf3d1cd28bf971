"""Ids of the channel and the user group that the owner may give by name."""

from slack_sdk import WebClient

from handlers.channels import channels_of, is_channel_id
from handlers.reading import string


def channel_id(client: WebClient, name: str) -> str:
    """The id of a channel that the bot is in; "" where it is in none of that name. Raises what the call raises."""
    if not name or is_channel_id(name):
        return name
    wanted = name.lower()
    found = (string(each.get("id")) for each in channels_of(client) if string(each.get("name")).lower() == wanted)
    return next(found, "")


def group_id(client: WebClient, handle: str) -> str:
    """The id of a user group; "" where there is none of that handle. Raises what the call raises."""
    if not handle or (handle[0] == "S" and handle.isalnum() and handle.isupper()):
        return handle
    groups = client.usergroups_list().get("usergroups")
    listed = [each for each in groups if isinstance(each, dict)] if isinstance(groups, list) else []
    return next((string(each.get("id")) for each in listed if handle in (each.get("handle"), each.get("name"))), "")
