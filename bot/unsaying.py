"""Taking back what was said in direct message, when somebody wants it forgotten."""

from collections.abc import Iterable

from bot.ports import Queue, Said

APART_S = 1.5
"""Seconds between two deletions: Slack takes about fifty a minute (chat.delete, tier 3)."""


def unsay(queue: Queue, said: Iterable[Said]) -> int:
    """Has it deleted, one message after the other; how many that will be. What others read in a channel stays."""
    private = sorted({(each.channel, each.ts) for each in said if each.channel.startswith("D") and each.ts})
    for number, (channel, ts) in enumerate(private):
        queue.unsay(Said(channel, ts), delay_s=number * APART_S)
    return len(private)
