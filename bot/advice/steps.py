"""What to do: answers that mean danger come first, then what the mail wants, then the verdict's steps."""

from collections.abc import Mapping

from bot.advice.account import page_verdict, traces
from bot.advice.sender import Sender, brand
from bot.advice.wants import lets_unsubscribe, page_variant, quotes_a_password, warnings
from bot.advice.words import fill
from bot.handbook import Handbook
from bot.handbook.pages import When
from bot.model import Claim, Diagnosis, Facts, Kind, Reader, Told, Verdict, Want

MOST = 7
"""Steps that a person is told."""
_CALL = "{help_desk}"
SENT_ITEMS, ASKED = "Sent Items", "whether they sent it"
"""Steps that send people to look there, or to ask that, are left out where they have told the answer."""
UNSUBSCRIBE, QUOTED_PASSWORD, ASK_SENDER = "unsubscribe", "password in it", "ask {sender}"
"""Steps about these are left out where the mail has no such thing."""
_MONEY_MOVERS = frozenset({"bank", "payment", "finance", "crypto", "insurance", "tax"})
"""Sectors where a call comes before a new password."""


def danger(told: Told) -> tuple[When, ...]:
    """The occasions that the answers amount to, the most urgent first. Who typed a password has clicked as well."""
    answers = (
        (told.paid, When.PAID),
        (told.opened, When.OPENED),
        (told.typed_password, When.TYPED_PASSWORD),
        (told.clicked and not told.typed_password, When.CLICKED),
    )
    return tuple(when for yes, when in answers if yes)


def steps(
    facts: Facts,
    diagnosis: Diagnosis,
    handbook: Handbook,
    reader: Reader,
    sender: Sender,
    values: Mapping[str, str],
) -> tuple[str, ...]:
    """The steps for one reader, the first one first, at most seven."""
    urgent = _urgent(facts, diagnosis, handbook)
    text = handbook.verdict(page_verdict(facts, diagnosis, reader)).reader(reader)
    own = text.steps_for(page_variant(facts, diagnosis, sender), calm=_calm(facts.told, reader))
    own = tuple(step for step in own if not _answered(step, facts.told) and not _beside_the_mail(step, facts))
    if reader is Reader.TECHNICIAN:
        return filled((*urgent, *own), values)
    if reader is Reader.NAMED:
        return filled((*urgent, *own), values)[:MOST]
    if traces(facts, diagnosis, reader):
        happened = () if danger(facts.told) else handbook.told(When.NOTHING_TOLD, Verdict.HACKED_ACCOUNT)
        own = (*handbook.told(When.ACCOUNT_SIGNS), *handbook.told(When.FIRST, Verdict.HACKED_ACCOUNT), *happened)
        return filled((*urgent, *own), values)[:MOST]
    fine = diagnosis.verdict is Verdict.UNDETERMINED and diagnosis.leaning is Verdict.GENUINE
    fine = fine and facts.message.shows_text
    if fine and not urgent:
        own = handbook.told(When.PROBABLY_FINE, diagnosis.verdict)
    warning = _warning(facts, diagnosis, handbook)
    first = () if fine and not urgent else _first(facts, diagnosis, handbook)
    asked = not danger(facts.told) and not fine and not _described(facts)
    happened = handbook.told(When.NOTHING_TOLD, diagnosis.verdict) if asked else ()
    return filled((*urgent, *warning, *first, *own[:1], *happened, *own[1:]), values)[:MOST]


def typed_where(facts: Facts, handbook: Handbook) -> When:
    """Whose page took the password: a mailbox's (or nobody knows whose), a bank's, another company's."""
    claim = brand(facts)
    if claim is None or _is_mail_provider(claim, handbook) or any(p.want is Want.MAILBOX for p in facts.phrases):
        return When.TYPED_PASSWORD
    known = next((found for domain in claim.domains if (found := handbook.lists.owner(domain))), None)
    moves_money = known.sector in _MONEY_MOVERS if known else "bank" in claim.who.casefold()
    return When.TYPED_AT_BANK if moves_money else When.TYPED_AT_COMPANY


def filled(templates: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
    """Each template filled; those that lack what they are about are left out, and no line stands there twice."""
    return tuple(dict.fromkeys(text for text in (fill(template, values) for template in templates) if text))


def _urgent(facts: Facts, diagnosis: Diagnosis, handbook: Handbook) -> tuple[str, ...]:
    """What can't wait, then one call for all of it; who only clicked calls on the condition that the page names."""
    occasions = danger(facts.told)
    if not occasions:
        return ()
    if occasions == (When.CLICKED,):
        return handbook.told(When.CLICKED, diagnosis.verdict)
    now: list[str] = []
    later: list[str] = []
    for when in occasions:
        page = typed_where(facts, handbook) if when is When.TYPED_PASSWORD else when
        items = [item for item in handbook.told(page, diagnosis.verdict) if _CALL not in item]
        now.extend(items[:1])
        later.extend([] if when is When.CLICKED else items[1:])
    return (*now, *handbook.told(When.ACTED, diagnosis.verdict), *later)


def _first(facts: Facts, diagnosis: Diagnosis, handbook: Handbook) -> tuple[str, ...]:
    """What everybody is told first; to somebody who only describes a mail, what to do if it already happened.

    Everybody else is told that after the first thing that this mail needs: most haven't done anything.
    """
    if danger(facts.told):
        return handbook.told(When.AGAIN, diagnosis.verdict)
    first = handbook.told(When.FIRST, diagnosis.verdict)
    return (*handbook.told(When.NOTHING_TOLD, diagnosis.verdict), *first) if _described(facts) else first


def _warning(facts: Facts, diagnosis: Diagnosis, handbook: Handbook) -> tuple[str, ...]:
    items = (item for when in warnings(facts, diagnosis) for item in handbook.told(when, diagnosis.verdict))
    return tuple(item for item in items if not _beside_the_mail(item, facts))


def _beside_the_mail(step: str, facts: Facts) -> bool:
    """Whether a step is about something that this mail doesn't hold."""
    if ASK_SENDER in step and facts.message.author.address in {box.address for box in facts.message.to}:
        return True  # nobody asks themselves
    if UNSUBSCRIBE in step and facts.message.shows_text:
        return not lets_unsubscribe(facts)
    return QUOTED_PASSWORD in step and not quotes_a_password(facts)


def _described(facts: Facts) -> bool:
    return facts.message.kind is Kind.WORDS


def _calm(told: Told, reader: Reader) -> bool:
    """Nothing happened that can't wait; a click alone opens a ticket, and does mostly no harm."""
    happened = danger(told)
    return not happened or (happened == (When.CLICKED,) and reader is not Reader.TECHNICIAN)


def _answered(step: str, told: Told) -> bool:
    asked = told.sender_denies is not None or told.sender_confirms is not None
    return (SENT_ITEMS in step and told.in_sent_items is not None) or (ASKED in step and asked)


def _is_mail_provider(claim: Claim, handbook: Handbook) -> bool:
    theirs = {host for page in handbook.providers for host in (*page.domains, *page.servers)}
    return any(domain in theirs or any(host.endswith("." + domain) for host in theirs) for domain in claim.domains)
