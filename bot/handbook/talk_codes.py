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
        "ticket": 600,
        "thread": 300,
        "reporter": 300,
        "technician": 300,
        "sender": 300,
        "outcome": 75,
        "ended": 300,
        "state": 75,
        "priority": 75,
        "act": 75,
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
        acknowledged acknowledged-root acknowledged-told written-to-you more
        working working-sender working-server working-text
        answer-of-several(about) privacy-direct privacy-told privacy-channel privacy-keeping(hours,days)
        answered-in-direct
        changed-verdict(before) changed-surer changed-less-sure changed-steps changed-same
        more-in-evidence(button) headers-lost borrowed seen-before-one seen-before(count)
        forward-as-attachment-outlook forward-as-attachment-gmail forward-as-attachment-apple
        forward-as-attachment-thunderbird from-a-technician call-us(help_desk)
        noted-person noted-urgent noted-wrong noted-answer noted-unsure no-technicians not-yours gone-called gone
        thanks hello help bye okay abuse own-account clicked empty
        not-admitted unexpected(reference) rate-limited
        command-help command-taken command-nothing command-status command-forgotten
        command-unknown(word) status-waiting status-failed status-forgotten forget-question modal-nothing
        shortcut-nothing shortcut-again step-failed(why) step-no-person
        form-intro form-paste-hint form-file-hint form-claims-hint form-harm-hint harm-intro claims-intro
        home-intro home-how home-none
        """,
    "call": """
        wish-person(who) wish-wrong(who) wish-urgent(who) ticket-urgent(summary) ticket-high(summary)
        ticket-normal(summary) failed(who) asked-by(who,where) where-direct where-channel where-command where-shortcut
        where-workflow verdict(verdict,sure,grade) verdict-open(verdict,leaning,sure,grade) no-verdict
        affected(who,verdict) sender(sender) server(server) priority(priority) reason(reason) private somebody thread
        """,
    "ticket": """
        number(number) state(state,priority) owner(who) unowned due-first due-end clock-stands held-until
        closed-as(outcome) verdict(verdict,confidence) theirs(verdict,was) affected(who) reporters(who)
        more-reporters(count) task(task) steps(done,count,open) sender-asked sender-yes sender-no sender-unsure
        notice-waits(count) parked(act,who) private thread-open urgent-now(summary) high-now(summary)
        normal-now(summary) nobody-named waits not-technician none-there(number) queue-empty queue-heading(count)
        mine-heading(count) unowned-heading(count) campaigns-heading(count) waiting-heading(count)
        line(number,summary,state,priority) stats(open,unowned,urgent,waiting,resting,closed) ask-hint note-hint
        close-hint verdict-hint hold-hint step-done(who) step-waived(who,why) step-must story-empty pack-phone
        pack-text notice-default(who) story-line(who,act)
        """,
    "thread": """
        opened raised(reason,priority) joined(count) handed-over(by,to) released(by) asked(by,to,text)
        answered(by,text) wrote(by,text) new-verdict(by,verdict,text) rests(by,until,text) comes-back noted(by,text)
        waits-for-confirmation(by,act) confirmed(by,act) refused(by) closed(by,outcome,text) closed-by-reporter(by)
        reopened(text) relapse(text) sender-question(by,to) sender-yes(by) sender-no(by) sender-unsure(by)
        notice-proposed(by,count,text) notice-sent(count) helped(by) not-helped(by) first-soon first-due first-late
        soon due late no-answer many-due(count,numbers)
        """,
    "reporter": """
        taken-up(who) known(verdict) question(who,text) corrected(who,verdict) held(until) no-answer
        ended(outcome,who) open-again passed-on thanks-feedback
        """,
    "technician": """
        handed-over(number,who) handed-to-you(number) your-turn(number,priority) yours-answered(who,number)
        yours-reopened(number) comes-back(number) closed-by-reporter(number) sender-yes(who,number)
        sender-no(who,number) sender-unsure(who,number) first-soon(number) soon(number) no-answer(number)
        """,
    "sender": """
        sender-question noted
        """,
    "outcome": """
        hacked-fixed hacked-told address-forged name-borrowed spam genuine sender-confirmed harm-contained
        mail-system-mended duplicate withdrawn unresolved
        """,
    "ended": """
        hacked-fixed hacked-told address-forged name-borrowed spam genuine sender-confirmed harm-contained
        mail-system-mended duplicate withdrawn unresolved
        """,
    "state": """
        new taken waiting on-hold closed reopened
        """,
    "priority": """
        urgent high normal
        """,
    "act": """
        opened joined raised posted take release hand-over ask answered change-verdict hold resumed note tick untick
        waive close reopened reminded feedback sender-asked sender-said notice-proposed notice-approved notice-sent
        pack-made confirmed refused forgotten
        """,
    "button": """
        evidence urgent person wrong yes no unsure say report forget
        ticket-take ticket-release ticket-hand-over ticket-ask ticket-verdict ticket-hold ticket-resume ticket-note
        ticket-close ticket-reopen ticket-checklist ticket-story ticket-sender ticket-pack ticket-notice ticket-approve
        ticket-confirm ticket-refuse ticket-done ticket-waive ticket-undo ticket-yes ticket-no ticket-unsure
        ticket-helped ticket-not-helped
        """,
    "spoken": "evidence urgent person wrong yes no unsure say",
    "title": """
        report evidence harm claims forget working ticket-hand-over ticket-ask ticket-verdict ticket-hold ticket-note
        ticket-close ticket-checklist ticket-story ticket-waive ticket-pack ticket-notice
        """,
    "submit": "report harm claims forget close cancel ticket-send ticket-save ticket-end",
    "label": """
        steps why points found unchecked settles advice changed how paste file claims harm named your-cases
        question-identity question-origin question-intent question-standing raw shares rules
        ticket-to ticket-question ticket-verdict ticket-reason ticket-until ticket-note ticket-outcome ticket-notice
        tickets
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
