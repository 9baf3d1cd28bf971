"""Why, and what couldn't be checked: a few sentences chosen from all findings."""

import re
from collections.abc import Iterable, Mapping

from bot.advice.sender import about
from bot.advice.wants import names_cards, warned
from bot.advice.words import capital, fill, from_mail, listed
from bot.handbook import Handbook
from bot.model import Diagnosis, DomainClass, Facts, Finding, IpKind, Kind, Question, Reader, Unchecked, Verdict, Want

REASONS = 3
UNCHECKED_LINES = 4
UNCHECKED_IN_LINE = 4

_Side = tuple[Question, int]
_IDENTITY, _ORIGIN, _INTENT, _STANDING = Question.IDENTITY, Question.ORIGIN, Question.INTENT, Question.STANDING

SPEAKS_FOR: Mapping[Verdict, tuple[tuple[_Side, ...], tuple[_Side, ...]]] = {
    # The sides of which one reason each comes first, and the sides that fill up the rest.
    Verdict.HACKED_ACCOUNT: (((_ORIGIN, 1), (_INTENT, -1)), ((_STANDING, 1), (_IDENTITY, 1))),
    Verdict.SPOOFED_ADDRESS: (((_ORIGIN, -1),), ((_INTENT, -1), (_STANDING, 1))),
    Verdict.SPOOFED_NAME: (((_IDENTITY, -1),), ((_INTENT, -1), (_STANDING, -1))),
    Verdict.PLAIN_SPAM: (((_INTENT, -1), (_STANDING, -1)), ()),
    Verdict.GENUINE: (((_ORIGIN, 1), (_INTENT, 1)), ((_IDENTITY, 1), (_STANDING, 1))),
    Verdict.UNDETERMINED: ((), ()),
}

_PLACES = frozenset({"written-abroad", "written-in-an-unusual-country", "client-far-from-the-server"})

WEAK = frozenset(
    {
        "domain-under-a-country",
        "bounces-go-to-the-author",
        "bounces-go-elsewhere",
        "message-id-is-the-authors",
        "name-fits-the-address",
        "lure-needs-no-name",
        "buried-in-subdomains",
        "answers-a-known-mail",
        "address-of-ours",
    }
)
"""Rules that count, but convince nobody: told only where nothing better is there."""

NEVER = frozenset({"forged-addresses-are-real-ones", "publishes-a-strict-policy"})
"""Rules that count, but read as if they spoke for the mail."""

_CAME_FROM_IT = frozenset(
    {
        "dmarc-passed",
        "dkim-of-the-author-passed",
        "spf-of-the-author-passed",
        "dmarc-passes-today",
        "signature-holds-today",
        "spf-allows-it-today",
        "own-tenant-signed",
        "composite-check-passed",
        "best-guess-passed",
        "server-is-its-providers",
        "server-is-the-domains-own",
    }
)
SAME: tuple[frozenset[str], ...] = (
    # Rules that say one thing to people: the stronger one is told.
    _CAME_FROM_IT,
    frozenset(
        {
            "dmarc-failed",
            "dmarc-fails-today",
            "spf-failed",
            "spf-softly-failed",
            "spf-forbids-it-today",
            "nothing-vouches-for-it",
            "composite-check-failed",
            "filter-saw-spoofing",
        }
    ),
    frozenset({"server-is-a-strangers", "server-is-a-rented-machine", "handed-over-by-a-nameless-machine"}),
    frozenset({"is-nothing-but-a-link", "link-behind-a-shortener", "links-only-to-strangers", "link-to-a-free-host"}),
    frozenset({"goes-on-a-conversation", "answers-a-known-mail"}),
    frozenset({"nothing-speaks-against-it", "asks-for-nothing"}),
    frozenset({"asks-for-gift-cards", "asks-as-somebody-you-know"}),
    frozenset({"written-abroad", "client-far-from-the-server"}),
    frozenset({"domain-does-not-exist", "domain-unknown-to-dns"}),
)

_WANT_RULES = {
    Want.BANK_DETAILS: "changes-bank-details",
    Want.GIFT_CARDS: "asks-for-gift-cards",
    Want.STRANDED: "pleads-for-help-abroad",
    Want.LOAN: "offers-a-loan",
    Want.MONEY: "promises-a-strangers-money",
}
TOLD = frozenset(
    {
        "sender-denies-it",
        "sender-confirms-it",
        "strange-signs-in-the-account",
        "lies-in-sent-items-unknown",
        "many-contacts-got-it",
        "bounces-of-mail-never-sent",
        "like-the-known-good-mail",
        "unlike-the-known-good-mail",
    }
)
"""Rules about what the reporter told or handed in beside the mail: people want to see that it was heard."""
TOLD_REASONS = 2
MUST = frozenset({"link-hides-its-target", "link-to-a-strangers-sign-in", "extorts", "dangerous-attachment"})
"""Rules that are always told, also where a stronger one of their group counts: people can see it for themselves."""
MUST_REASONS = 2
UNSEEN = frozenset({"nothing-speaks-against-it"})
"""Rules that aren't told where nothing of the text was handed in."""
_RESULT = re.compile(r" \((?:DMARC|DKIM|SPF|In-Reply-To)[^()]{0,60}\)")
_CODE = re.compile(r"(?<=[0-9a-f]), ([A-Z]{2})(?=[,) ]|$)")
_WRITTEN_WHERE = "where it was written"
"""Few providers tell it: that it isn't there tells people nothing."""
_NOTED = frozenset({"offline", "no DNS server is configured", "the DNS server can't be reached"})


def reasons(diagnosis: Diagnosis, facts: Facts, handbook: Handbook, values: Mapping[str, str]) -> tuple[str, ...]:
    """The strongest counted findings that speak for the verdict (or the leaning), at most three, in plain words.

    Where a step warns of money, what the mail asks for is among them.
    """
    told = [_plain(finding, diagnosis, handbook, values) for finding in _chosen(diagnosis, facts)]
    wants = _wanted(facts, diagnosis, handbook)
    rule = _WANT_RULES.get(warned(facts, diagnosis) or Want.TECHNICAL_TALK, "")
    chosen = _chosen(diagnosis, facts)
    if wants and not any(finding.rule == rule for finding in chosen):
        told = [*told[: REASONS - 1], wants]
    place = _written_where(diagnosis, facts, handbook, values)
    if place and not any(finding.rule in _PLACES for finding in chosen):
        told = _with_place(told, chosen, place)
    return tuple(dict.fromkeys(told))[:REASONS]


def _written_where(diagnosis: Diagnosis, facts: Facts, handbook: Handbook, values: Mapping[str, str]) -> str:
    """From where somebody signed in to write it: in a hacked account's case, and where a colleague's looks honest.

    Whoever knows the owner can tell at once whether they are there; no rule can.
    """
    client = facts.client.maybe()
    if client is None or client.kind is not IpKind.PUBLIC or not values.get("written_in"):
        return ""
    if about(diagnosis) is Verdict.HACKED_ACCOUNT:
        return fill(handbook.plain_said["signed-in-from"], values)
    ours = about(diagnosis) is Verdict.GENUINE and facts.author.cls is DomainClass.OURS
    return fill(handbook.plain_said["written-from"], values) if ours else ""


def _with_place(told: list[str], chosen: list[Finding], place: str) -> list[str]:
    """In the place of the weakest reason that needn't be told, where there is no room."""
    if len(told) < REASONS:
        return [*told, place]
    spare = [at for at, each in enumerate(chosen) if each.rule not in MUST | TOLD and each.question is not _INTENT]
    at = spare[-1] if spare else len(told) - 1
    return [*told[:at], *told[at + 1 :], place]


def unchecked_lines(diagnosis: Diagnosis, facts: Facts, handbook: Handbook) -> tuple[str, ...]:
    """What couldn't be checked, in plain words: one line for each cause, at most four.

    Nothing for a description, where there was nothing to check. What wasn't asked of the network is one sentence.
    """
    if facts.message.kind is Kind.WORDS:
        return ()
    asked = [each for each in diagnosis.unchecked if each.why not in _NOTED]
    telling = [each for each in asked if each.what != _WRITTEN_WHERE]
    lines = _lines(telling, handbook.plain_what, handbook.plain_why)
    if len(asked) == len(diagnosis.unchecked):
        return lines[:UNCHECKED_LINES]
    summary = handbook.plain_said["relied" if facts.judged.stamps else "asked-nobody"]
    return (summary, *lines)[:UNCHECKED_LINES]


def _lines(
    unchecked: Iterable[Unchecked], plain_what: Mapping[str, str], plain_why: Mapping[str, str]
) -> tuple[str, ...]:
    """Within a line things stand in the order of knowledge/plain-words.toml."""
    causes: dict[str, list[str]] = {}
    seen: set[str] = set()
    order = {what: place for place, what in enumerate(plain_what)}
    for each in sorted(unchecked, key=lambda item: order.get(item.what, len(order))):
        if each.what in seen:
            continue
        seen.add(each.what)
        why = _plain_cause(each.why, plain_why)
        causes.setdefault(why, []).append(plain_what.get(each.what, from_mail(each.what, 80)))
    ranked = sorted(causes.items(), key=lambda item: -len(item[1]))
    return tuple(_unchecked_line(why, what) for why, what in ranked)


def _plain_cause(why: str, plain_why: Mapping[str, str]) -> str:
    """A cause in plain words, by how it begins; "TXT of example.org: no answer" is told by its last part."""
    last = why.rpartition(": ")[2]
    known = [key for key in plain_why if why.startswith(key) or last.startswith(key)]
    return plain_why[max(known, key=len)] if known else from_mail(why, 120)


def _unchecked_line(why: str, what: list[str]) -> str:
    shown = what if len(what) <= UNCHECKED_IN_LINE else [*what[: UNCHECKED_IN_LINE - 1], "other things"]
    return f"{capital(listed(shown))}: {why}."


def _plain(finding: Finding, diagnosis: Diagnosis, handbook: Handbook, values: Mapping[str, str]) -> str:
    """A finding as people understand it: by its rule's text in knowledge/, else without codes and result words."""
    own = capital(from_mail(finding.text))
    if values.get("reader") == Reader.TECHNICIAN:
        return own
    inside = diagnosis.verdict is Verdict.HACKED_ACCOUNT and finding.rule in _CAME_FROM_IT
    template = handbook.plain_said["inside"] if inside else handbook.plain_reason.get(finding.rule, "")
    said = from_mail(fill(template, values)) if template else ""
    return said or _CODE.sub(lambda code: _named(code, handbook), _RESULT.sub("", own))


def _named(code: re.Match[str], handbook: Handbook) -> str:
    country = handbook.countries.get(code.group(1), "")
    return f" in {country}" if country else code.group()


def _wanted(facts: Facts, diagnosis: Diagnosis, handbook: Handbook) -> str:
    """What the mail asks for, with its words; "" where no step warns of it."""
    want = warned(facts, diagnosis)
    if want is None:
        return ""
    words = next(phrase.words for phrase in facts.phrases if phrase.want is want)
    honest = about(diagnosis) is Verdict.GENUINE
    favour = want is Want.GIFT_CARDS and not names_cards(facts)
    said = handbook.plain_said["favour" if favour else want.value]
    lead = f"{handbook.plain_said['but']} {said}" if honest else capital(said)
    return f"{lead}: “{from_mail(words, 80)}”."


def _chosen(diagnosis: Diagnosis, facts: Facts) -> list[Finding]:
    ranked = sorted(
        (f for f in diagnosis.findings if _tellable(f, facts)),
        key=lambda finding: (finding.rule in WEAK, -abs(finding.weight)),
    )
    first, rest = SPEAKS_FOR[about(diagnosis)]
    must = _WANT_RULES.get(warned(facts, diagnosis) or Want.TECHNICAL_TALK)
    shown = frozenset() if about(diagnosis) is Verdict.GENUINE else MUST
    chosen = _distinct(f for f in ranked if f.rule in TOLD)[:TOLD_REASONS]
    chosen = _distinct(
        (*chosen, *(f for f in ranked if f.rule == must), *[f for f in ranked if f.rule in shown][:MUST_REASONS])
    )
    leading = [found for side in first if (found := next((f for f in ranked if _side(f) == side), None))]
    sides = [f for f in ranked if _side(f) in first] + [f for f in ranked if _side(f) in rest]
    told = _distinct((*leading, *(sides if first else ranked)))
    for finding in told:
        if len(chosen) < REASONS and finding not in chosen and not _says_the_same(finding, chosen):
            chosen.append(finding)
    strong = [finding for finding in chosen if finding.rule not in WEAK]
    return sorted(strong or chosen, key=lambda finding: -abs(finding.weight))


def _tellable(finding: Finding, facts: Facts) -> bool:
    hidden = finding.rule in NEVER or (finding.rule in UNSEEN and not facts.message.shows_text)
    return (finding.counted or finding.rule in MUST) and bool(finding.weight) and not hidden


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in findings:
        if finding not in kept and not _says_the_same(finding, kept):
            kept.append(finding)
    return kept


def _says_the_same(finding: Finding, others: list[Finding]) -> bool:
    mine = next((same for same in SAME if finding.rule in same), None)
    return mine is not None and any(other.rule in mine for other in others)


def _side(finding: Finding) -> _Side:
    return finding.question, 1 if finding.weight > 0 else -1
