"""knowledge/ as it is shipped is whole and right, and a wrong file is told with its place and remedy."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import BadKnowledge
from bot.handbook import Handbook, default_root, load, read
from bot.handbook.escalation import CONDITIONS, load_escalation
from bot.handbook.faults import Fault
from bot.handbook.page_loading import load_advice, load_exports, load_providers, load_questions, load_verdicts
from bot.handbook.pages import MUST_HAVE, PLACEHOLDERS, When
from bot.model import Priority, Reader, Verdict
from tests.casekit import shipped

# What the help desk wrote down, point by point: each is found in a file of knowledge/ by a phrase of ours.
POINTS = (
    ("a friend reports mail from me", "advice/what-to-hand-in.md", "told by a friend"),
    ("a mail from somebody I know: bare link", "advice/what-to-hand-in.md", "a bare link"),
    ("an advertisement", "advice/what-to-hand-in.md", "an advertisement"),
    ("the sad story", "advice/what-to-hand-in.md", "abroad, robbed"),
    ("the loan that is paid back on return", "advice/what-to-hand-in.md", "pay it back on return"),
    ("sent to a few others", "advice/what-to-hand-in.md", "to a few others as well"),
    ("don't reply, don't click", "advice/first.md", "Don't reply, and don't click"),
    ("both prove a real person", "advice/first.md", "a real person reads your address"),
    ("worth selling on", "advice/first.md", "worth selling on"),
    ("the look-alike login page", "verdicts/hacked-account.md", "looks exactly like the real"),
    ("full mailbox, unpaid invoice, confirm", "verdicts/hacked-account.md", "full mailbox, an unpaid invoice"),
    ("a malicious site", "verdicts/hacked-account.md", "a malicious site"),
    ("a keystroke logger", "verdicts/hacked-account.md", "keystroke logger"),
    ("the server was broken into", "verdicts/hacked-account.md", "all its passwords were taken"),
    ("a script signs in and picks people", "verdicts/hacked-account.md", "a script signs in, picks people"),
    ("contacts or recent correspondence", "verdicts/hacked-account.md", "your recent correspondence"),
    ("Sent Items, unless deleted", "verdicts/hacked-account.md", "unless the intruder deleted them"),
    ("change the mail password", "verdicts/hacked-account.md", "change your mail password at once"),
    ("used nowhere else", "verdicts/hacked-account.md", "that you use nowhere else"),
    ("a small site gives it away", "verdicts/hacked-account.md", "A small site that is broken into"),
    ("the server isn't the usual one", "verdicts/spoofed-address.md", "isn't one that {sender} normally sends from"),
    ("look where the server stands", "verdicts/spoofed-address.md", "easiest check is where"),
    ("another country speaks for a spoof", "verdicts/spoofed-address.md", "speaks for a forgery"),
    ("large systems block or file as junk", "verdicts/spoofed-address.md", "block such mail or file it under junk"),
    ("if SPF is published, as most have", "verdicts/spoofed-address.md", "a record called SPF). Most have"),
    ("the name, but not the address", "verdicts/spoofed-name.md", "isn't the real John Smith's"),
    ("copied, kept or sold", "verdicts/spoofed-address.md", "copied, kept or sold"),
    ("once is enough", "verdicts/spoofed-name.md", "needs only that one time"),
    ("it goes on for ever", "verdicts/spoofed-address.md", "can go on for ever"),
    ("why a new password doesn't stop it", "verdicts/spoofed-address.md", "Why doesn't a new password stop it?"),
    ("a password for mail alone", "advice/habits.md", "use it for nothing else"),
    ("go to the provider directly", "advice/habits.md", "typing your provider's address yourself"),
    ("not through a search result", "advice/habits.md", "A search result may be a copy"),
    ("type the bank's address", "advice/habits.md", "Type the bank's address yourself"),
    ("copy the link and look", "advice/habits.md", "Copy Hyperlink (or Copy Shortcut"),
    ("links can be masked", "advice/habits.md", "what it shows and where it goes can differ"),
    ("never reply to spammers", "advice/strangers.md", "Never answer spammers"),
    ("don't unsubscribe from strangers", "advice/strangers.md", "it tells that somebody is there"),
    ("change the password at once", "advice/computer.md", "change your mail password at once"),
    ("the free check", "advice/computer.md", "free of charge"),
    ("headers or a picture or words", "advice/what-to-hand-in.md", "or a description in your own words"),
    ("a technician's ticket", "advice/what-to-hand-in.md", "a technician gets a ticket"),
)

NEXT_STEPS = (
    "full-headers",
    "original-as-attachment",
    "ask-other-channel",
    "sent-items",
    "whose-address",
    "expected-it",
    "known-good-mail",
    "known-sender",
    "online-check",
    "others-got-it",
    "sign-ins",
)

EXPORTS = {
    "outlook-new",
    "outlook-classic",
    "outlook-web",
    "outlook-mobile",
    "gmail-web",
    "gmail-app",
    "apple-mail-mac",
    "iphone-mail",
    "yahoo",
    "icloud-web",
    "thunderbird",
    "proton",
}

# A wrong edit: file, what is replaced, by what, and a word that the fault must name.
WRONG = (
    ("verdicts/genuine.md", 'slug = "genuine"', 'slug = "honest"', "honest"),
    ("verdicts/genuine.md", 'in_words = "', 'in_word = "', "in_words is missing"),
    ("verdicts/genuine.md", "{name} ({address})", "{nmae} ({address})", "{nmae}"),
    ("verdicts/genuine.md", "- nobody: This mail is", "- noone: This mail is", "noone"),
    ("verdicts/genuine.md", "This mail is {likely} honest", "{name} is honest", "headline nobody needs"),
    ("verdicts/spoofed-name.md", "4. person: Tell", "4. persn: Tell", "'persn'"),
    ("verdicts/spoofed-name.md", "4. person: Tell", "4. Persn: Tell", "'Persn'"),
    ("verdicts/spoofed-name.md", "- person: ", "- persn: ", "has no variant"),
    ("advice/habits.md", "- hacked-account: Have", "- hackd-account: Have", "'hackd-account'"),
    ("verdicts/genuine.md", "### Steps", "### Stops", "no list under ## receiver / ### Steps"),
    ("verdicts/genuine.md", "+++\nslug", "slug", "no front matter"),
    ("providers/gmail.md", "[password!]", "[pasword!]", "no topic"),
    ("providers/gmail.md", " <https://support.google.com/accounts/answer/6294825>", "", "no source"),
    ("providers/gmail.md", "[delegates!]", "[delegates]", "no step that must be done about delegates"),
    ("providers/gmail.md", '"gmail.com"', '"@Gmail.com"', "is not a domain"),
    ("exports/gmail-web.md", 'source = "https://', 'source = "ftp://', "is not a web address"),
    ("exports/gmail-web.md", "## Original", "## Orignal", "no list under ## Original"),
    ("advice/paid.md", 'when = "paid"', 'when = "payed"', "payed"),
    ("advice/first.md", '"plain-spam"', '"plainspam"', "plainspam"),
    ("advice/habits.md", "order = 30", 'order = "30"', "order"),
    ("questions/sent-items.md", "## Why", "## Wherefore", "nothing under ## Why"),
    ("questions/sent-items.md", 'kind = "question"', 'kind = "query"', "query"),
    ("escalation.toml", '"told:paid"', '"told:payed"', "told:payed"),
    ("escalation.toml", 'priority = "high"', 'priority = "higher"', "higher"),
    ("escalation.toml", 'id = "paid"', 'id = "clicked"', "stands there twice"),
    ("countries.toml", 'RO = "Romania"', "RO = 4", "RO"),
    ("plain-words.toml", "\n[what]\n", "\n[wot\n", "plain-words.toml"),
)


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return shipped()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_root(), tmp_path / "knowledge"))


LOADERS: dict[str, Callable[[Path, list[Fault]], object]] = {
    "verdicts": load_verdicts,
    "providers": load_providers,
    "exports": load_exports,
    "advice": load_advice,
    "questions": load_questions,
    "escalation.toml": load_escalation,
}


def test_what_is_shipped_has_no_fault() -> None:
    assert load().root == default_root()


@pytest.mark.parametrize(("point", "file", "phrase"), POINTS, ids=[point[0] for point in POINTS])
def test_every_point_of_the_help_desk_is_found(point: str, file: str, phrase: str) -> None:
    text = re.sub(r"\s+", " ", (default_root() / file).read_text(encoding="utf-8"))
    assert phrase in text, point


def test_every_verdict_speaks_to_every_reader(handbook: Handbook) -> None:
    for verdict in Verdict:
        for reader in Reader:
            text = handbook.verdict(verdict).reader(reader)
            assert text.headline("account")
            assert text.headline("nobody")
            assert text.steps


def test_every_provider_has_the_steps_that_must_not_be_skipped(handbook: Handbook) -> None:
    names = {"microsoft-365", "outlook-com", "google-workspace", "gmail", "yahoo", "icloud", "imap-host"}
    assert {page.slug for page in handbook.providers} == names
    for page in handbook.providers:
        must = {step.topic for step in (*page.owner, *page.administrator) if step.must}
        assert {"sessions", "password", "second-factor", "rules-forwarding"} <= must, page.slug
        assert len(must) >= len(MUST_HAVE) - 2
        assert all(step.source.startswith("https://") for step in (*page.owner, *page.administrator))


def test_no_domain_belongs_to_two_providers(handbook: Handbook) -> None:
    domains = [domain for page in handbook.providers for domain in page.domains]
    assert len(domains) == len(set(domains))


def test_every_mail_program_has_a_page_and_phones_say_what_to_do_instead(handbook: Handbook) -> None:
    pages = {page.slug: page for page in handbook.exports}
    assert set(pages) == EXPORTS
    assert {slug for slug, page in pages.items() if not page.can} == {"outlook-mobile", "gmail-app", "iphone-mail"}
    for slug in ("outlook-mobile", "gmail-app", "iphone-mail"):
        assert "computer" in " ".join(pages[slug].original)


@pytest.mark.parametrize("code", NEXT_STEPS)
def test_every_next_step_has_a_text_and_a_reason(handbook: Handbook, code: str) -> None:
    page = handbook.question(code)
    assert page is not None
    assert page.text == handbook.question_texts[code]
    assert page.why


def test_every_occasion_has_advice(handbook: Handbook) -> None:
    for when in (When.PAID, When.TYPED_PASSWORD, When.OPENED, When.CLICKED, When.SIMULATION):
        assert handbook.told(when)
    assert "bank" in handbook.told(When.PAID)[0]


def test_every_plain_reason_is_of_a_rule_and_has_only_known_braces(handbook: Handbook) -> None:
    known = {"domain", "address", "computer", "country", "written_in"}
    assert set(handbook.plain_reason) <= set(handbook.weights.by_rule())
    for text in (*handbook.plain_reason.values(), *handbook.plain_said.values()):
        assert set(re.findall(r"\{(\w+)\}", text)) <= known, text


def test_urgent_entries_come_first(handbook: Handbook) -> None:
    priorities = [list(Priority).index(entry.priority) for entry in handbook.escalation]
    assert priorities == sorted(priorities)
    assert all(CONDITIONS.issuperset(entry.when) for entry in handbook.escalation)


def test_every_placeholder_is_explained_in_the_readme() -> None:
    readme = (default_root() / "README.md").read_text(encoding="utf-8")
    assert {name for name in PLACEHOLDERS if f"`{{{name}}}`" not in readme} == set()


def test_no_text_says_call_without_the_help_desk() -> None:
    for path in default_root().rglob("*.md"):
        for line in path.read_text(encoding="utf-8").split("\n"):
            assert not re.search(r"\b[Cc]all us\b", line), path


@pytest.mark.parametrize(("file", "old", "new", "named"), WRONG, ids=[f"{w[0]}: {w[3]}" for w in WRONG])
def test_a_wrong_edit_is_told_with_its_file_and_a_remedy(copy: Path, file: str, old: str, new: str, named: str) -> None:
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    faults: list[Fault] = []
    LOADERS.get(file.split("/")[0], read)(copy, faults)
    mine = [fault for fault in faults if fault.file.startswith(file)]
    assert mine, faults
    assert any(named in fault.problem or named in fault.file for fault in mine), mine
    assert all(fault.remedy for fault in mine)


def test_all_faults_are_told_at_once(copy: Path) -> None:
    (copy / "verdicts/genuine.md").unlink()
    (copy / "advice/paid.md").write_text("no front matter", encoding="utf-8")
    (copy / "questions/new.md").write_bytes(b"\xff\xfe")
    with pytest.raises(BadKnowledge) as raised:
        load(copy)
    for file in ("verdicts/genuine.md", "advice/paid.md", "questions/new.md"):
        assert file in raised.value.message


def test_a_page_of_no_verdict_is_refused(copy: Path) -> None:
    shutil.copy(copy / "verdicts/genuine.md", copy / "verdicts/honest.md")
    faults: list[Fault] = []
    load_verdicts(copy, faults)
    assert any(fault.file == "verdicts/honest.md" and "no verdict" in fault.problem for fault in faults)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadKnowledge, match="there is no folder"):
        load(tmp_path / "nowhere")
