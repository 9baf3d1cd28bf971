"""origin, by what is known of the sender's earlier mail, and by what people say.

Positive weights: the mail system of the address really sent it.
"""

from collections.abc import Iterable

from bot.model import Facts, Finding, Question, Unchecked
from bot.rules.reading import headers_are_whole, in_words, rewritten_by_list, some, within
from bot.ruling import Observation, rule

ENOUGH_MAILS = 3.0
"""Decayed mails that history needs before an unusual value says anything."""


@rule(question=Question.ORIGIN, group="usual-server")
def sent_by_a_usual_server(facts: Facts) -> Observation | None:
    """It came from a server that this sender's genuine mail comes from."""
    usual, server = facts.usual(), facts.server()
    known = next((name for name, _ in usual.servers if within(server.host, name)), None)
    network = server.network.organisation
    if known is None and not (network and network in {name for name, _ in usual.networks}):
        return None
    return Observation(f"Earlier genuine mail of {usual.subject} came from {known or network} too.")


@rule(question=Question.ORIGIN, group="usual-server")
def sent_by_an_unusual_server(facts: Facts) -> Observation | None:
    """It came from a server that this sender's genuine mail never came from."""
    usual, server = facts.usual(), facts.server()
    if usual.mails < ENOUGH_MAILS or not usual.servers:
        return None
    if any(within(server.host, name) for name, _ in usual.servers):
        return None
    if server.network.organisation and server.network.organisation in {name for name, _ in usual.networks}:
        return None
    names = ", ".join(name for name, _ in usual.servers[:2])
    return Observation(f"{usual.subject} usually sends through {names}; this came from {in_words(facts)}.")


@rule(question=Question.ORIGIN, group="usual-country")
def server_in_an_unusual_country(facts: Facts) -> Observation | None:
    """The sending server stands in a country that this sender's mail never came from."""
    usual, server = facts.usual(), facts.server()
    countries = {name for name, _ in usual.countries}
    country = server.network.country
    if usual.mails < ENOUGH_MAILS or not country or not countries or country in countries:
        return None
    return Observation(f"The server stands in {country}; {usual.subject} usually sends from {some(countries)}.")


@rule(question=Question.ORIGIN, group="usual-signature")
def lacks_the_usual_signature(facts: Facts) -> Observation | None:
    """This sender's genuine mail is signed; this one isn't signed by any of the usual domains."""
    usual = facts.usual()
    signed = {signature.domain for signature in facts.message.signatures}
    names = [name for name, _ in usual.dkim_domains]
    if usual.mails < ENOUGH_MAILS or not names or signed & set(names) or not headers_are_whole(facts):
        return None
    return Observation(f"Genuine mail of {usual.subject} is signed by {names[0]}; this one isn't.")


@rule(question=Question.ORIGIN, group="habits")
def unlike_the_known_good_mail(facts: Facts) -> Observation | None:
    """It differs from the genuine mail that it was set beside."""
    told = [point for point in facts.comparison if point.same is not None]
    differing = [point for point in told if point.same is False]
    if len(told) < 3 or len(differing) * 2 < len(told):
        return None
    first = differing[0]
    return Observation(
        f"{len(differing)} of {len(told)} points differ, such as {first.point}: "
        f"{first.good[:60]} there, {first.this[:60]} here.",
        strength=len(differing) / len(told),
    )


@rule(question=Question.ORIGIN, group="habits")
def like_the_known_good_mail(facts: Facts) -> Observation | None:
    """It agrees with the genuine mail that it was set beside."""
    told = [point for point in facts.comparison if point.same is not None]
    same = [point for point in told if point.same]
    if len(told) < 3 or len(same) * 4 < len(told) * 3:
        return None
    return Observation(f"{len(same)} of {len(told)} points are the same.", strength=len(same) / len(told))


@rule(question=Question.ORIGIN, group="habits")
def unusual_time_zone(facts: Facts) -> Observation | None:
    """Its clock is set to a time zone that this sender never used."""
    usual = facts.usual()
    date = facts.message.date
    known = {name for name, _ in usual.offsets}
    if date is None or usual.mails < ENOUGH_MAILS or not known:
        return None
    offset = date.strftime("%z")
    return None if offset in known else Observation(f"Date says {offset}; {usual.subject} uses {some(known)}.")


@rule(question=Question.ORIGIN, group="habits")
def unusual_mail_program(facts: Facts) -> Observation | None:
    """It was written with a mail program that this sender never used."""
    return _unlike_habit(facts, facts.mailer_family, facts.usual().mailers, "It was written with", "writes with")


@rule(question=Question.ORIGIN, group="habits")
def unusual_message_id(facts: Facts) -> Observation | None:
    """Its Message-ID is of a system that never numbered this sender's mail."""
    return _unlike_habit(facts, facts.id_domain, facts.usual().id_domains, "Its Message-ID ends in", "usually has")


@rule(question=Question.ORIGIN, group="sent-items")
def found_in_sent_items(facts: Facts) -> Observation | None:
    """The sender's Sent Items hold the mail."""
    return Observation("The mail lies in the sender's Sent Items.") if facts.told.in_sent_items else None


@rule(question=Question.ORIGIN, group="sent-items")
def not_in_sent_items(facts: Facts) -> Observation | None:
    """The sender's Sent Items don't hold it, which says little: intruders delete."""
    if facts.told.in_sent_items is not False:
        return None
    return Observation("The mail isn't in the sender's Sent Items; an intruder may have deleted it.")


@rule(question=Question.ORIGIN, group="bounces")
def bounces_of_mail_never_sent(facts: Facts) -> Observation | None:
    """Bounces come back for mail that the owner never sent."""
    return Observation("Bounces arrive for mail that the owner never sent.") if facts.told.bounces else None


@rule(question=Question.ORIGIN, group="others")
def own_contacts_got_it(facts: Facts) -> Observation | None:
    """People whom the owner knows got it at the same time."""
    return Observation("Others who know the sender got it too.") if facts.told.others_got_it else None


def beside_the_older_mail(facts: Facts, findings: Iterable[Finding]) -> tuple[Unchecked, ...]:
    """That setting it beside an older mail decided nothing: whoever gave one wants to know that it was looked at."""
    decided = {"like-the-known-good-mail", "unlike-the-known-good-mail"}
    if not facts.comparison or any(finding.rule in decided for finding in findings):
        return ()
    told = [point for point in facts.comparison if point.same is not None]
    same = sum(point.same is True for point in told)
    why = f"{same} of {len(told)} points are the same, which decides nothing" if told else "nothing can be compared"
    return (Unchecked("likeness to the older mail", why),)


def _unlike_habit(
    facts: Facts, this: str, habit: tuple[tuple[str, float], ...], is_new: str, does: str
) -> Observation | None:
    """A value that history never saw, where enough mails had any; lists number anew and are left out."""
    known = {name for name, _ in habit}
    if not this or this in known or sum(count for _, count in habit) < ENOUGH_MAILS or rewritten_by_list(facts):
        return None
    return Observation(f"{is_new} {this[:80]}; {facts.usual().subject} {does} {some(known)}.")
