"""An account in which its owner found traces of somebody else: a case of its own, whatever this mail is."""

from enum import StrEnum

from bot.model import Diagnosis, Facts, Reader, Verdict


class Traces(StrEnum):
    """What tells that somebody else may be in the account; the headlines of knowledge/verdicts/hacked-account.md."""

    SIGNS = "signs"
    """Rules, forwarding or sign-ins that the owner doesn't know."""
    SENT = "sent"
    """The mail lies in the reader's own Sent Items, and they haven't said that they wrote it."""


def traces(facts: Facts, diagnosis: Diagnosis, reader: Reader) -> Traces | None:
    """None where the verdict says it already, or nothing was found in the account."""
    if diagnosis.verdict is Verdict.HACKED_ACCOUNT:
        return None
    if facts.told.strange_account_signs:
        return Traces.SIGNS
    sent = facts.told.in_sent_items and not facts.told.sender_confirms
    return Traces.SENT if sent and facts.told.own_account and reader is not Reader.RECEIVER else None


def page_verdict(facts: Facts, diagnosis: Diagnosis, reader: Reader) -> Verdict:
    """The verdict whose page the steps and explanations are taken from."""
    return Verdict.HACKED_ACCOUNT if traces(facts, diagnosis, reader) else diagnosis.verdict
