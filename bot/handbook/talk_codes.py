"""The texts of the conversation that the program reads from knowledge/talk/: a language that lacks one isn't loaded."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "says": 1_000,
        "cannot": 600,
        "admin": 600,
        "call": 300,
        "button": 75,
        "spoken": 75,
        "title": 24,
        "submit": 24,
        "label": 150,
        "answer": 75,
        "option": 75,
        "verdict": 75,
        "prompt": 75,
    }
)
"""The tables of texts, with the characters that a text of each may have: Slack's limits, else what people read."""

BARE = ("says", "cannot")
"""Tables whose keys are codes as they stand; elsewhere the table's name comes before, as in "button-evidence"."""

OPEN = frozenset({"cannot", "admin"})
"""Tables by the code of an error: any code may stand there, and none must."""

SMALL = frozenset({"thanks", "hello", "help", "bye", "okay", "abuse", "own-account", "clicked"})
"""The kinds of small talk; each is answered by the text of `says` with the same key."""

_CODES = {
    "says": """
        acknowledged acknowledged-root acknowledged-told written-to-you more working working-sender working-server working-text
        privacy-direct privacy-told privacy-channel privacy-keeping(hours,days) answered-in-direct
        changed-verdict(before) changed-surer changed-less-sure changed-steps changed-same
        more-in-evidence(button) headers-lost borrowed seen-before-one seen-before(count)
        forward-as-attachment-outlook forward-as-attachment-gmail forward-as-attachment-apple
        forward-as-attachment-thunderbird from-a-technician call-us(help_desk)
        noted-person noted-urgent noted-wrong noted-answer noted-unsure no-technicians not-yours gone
        thanks hello help bye okay abuse own-account clicked empty
        not-admitted unexpected(reference) rate-limited
        command-help command-taken command-nothing command-status command-forgotten
        command-unknown(word) status-waiting status-failed status-forgotten forget-question modal-nothing
        shortcut-nothing step-failed(why)
        form-intro form-paste-hint form-file-hint form-claims-hint form-harm-hint harm-intro claims-intro
        home-intro home-how home-none
        """,
    "call": """
        wish-person(who) wish-wrong(who) wish-urgent(who) ticket-urgent(summary) ticket-high(summary)
        ticket-normal(summary) failed(who) asked-by(who,where) where-direct where-channel where-command where-shortcut
        where-workflow verdict(verdict,sure,grade) verdict-open(verdict,leaning,sure,grade) no-verdict
        affected(who,verdict) sender(sender) server(server) priority(priority) reason(reason) private somebody thread
        """,
    "button": "evidence urgent person wrong yes no unsure say report forget",
    "spoken": "evidence urgent person wrong yes no unsure say",
    "title": "report evidence harm claims forget working",
    "submit": "report harm claims forget close cancel",
    "label": """
        steps why points found unchecked settles advice changed how paste file claims harm named your-cases
        question-identity question-origin question-intent question-standing raw shares rules
        verdict sender ticket server affected summary-steps expired no-findings nothing-yet
        """,
    "answer": "yes no unknown unclaimed",
    "option": "clicked opened typed-password paid none receiver own-account",
    "verdict": "hacked-account spoofed-address spoofed-name plain-spam genuine undetermined",
    "prompt": "report headers own-account clicked",
}


@cache
def wanted() -> Mapping[tuple[str, str], frozenset[str]]:
    """Table and key of every text that must be there, with the words in braces that are filled in."""
    found = {}
    for table, codes in _CODES.items():
        for each in codes.split():
            key, _, words = each.rstrip(")").partition("(")
            found[table, key] = frozenset(filter(None, words.split(",")))
    return MappingProxyType(found)
