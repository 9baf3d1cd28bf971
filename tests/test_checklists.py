"""knowledge/checklists/: each provider's list asks for what must not be skipped, and what friends are told fits."""

from pathlib import Path

import pytest

from bot import handbook
from bot.handbook import checklists
from bot.handbook.checklists import LONGEST_TEXT, MUST, OURS, checklist, friend_pack, load_checklists
from bot.handbook.faults import Fault
from bot.handbook.pages import MUST_HAVE
from bot.model.tickets import Account

KNOWN = handbook.load()
FAULTS: list[Fault] = []
LISTS = load_checklists(KNOWN.root, FAULTS)
PROVIDERS = [page.slug for page in KNOWN.providers]
LACKS = {
    "icloud": {"app-grants", "delegates"},
    "outlook-com": {"app-grants", "delegates"},
    "yahoo": {"delegates"},
}


def account(provider: str, *, ours: bool = True) -> Account:
    return Account(f"vic@{provider}.example", provider=provider, ours=ours)


def test_the_pages_as_shipped_have_no_fault() -> None:
    checklists.check_providers(LISTS, KNOWN.providers, FAULTS)
    assert FAULTS == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_account_of_ours_has_every_mandatory_kind_of_step(provider: str) -> None:
    steps = checklist(LISTS, KNOWN.providers, account(provider))
    must = {step.topic for step in steps if step.must}
    wanted = {topic.value for topic in MUST_HAVE} - LACKS.get(provider, set())
    assert must >= wanted | set(MUST[OURS])
    assert all(step.source.startswith("https://") for step in steps)
    assert len({step.id for step in steps}) == len(steps)
    assert not any("{" in step.text for step in steps)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_account_outside_is_not_ours_to_mend(provider: str) -> None:
    steps = checklist(LISTS, KNOWN.providers, account(provider, ours=False))
    assert {step.topic for step in steps if step.must} == {"tell-owner", "other-mailboxes"}


def test_a_provider_without_a_page_has_the_steps_for_any() -> None:
    steps = checklist(LISTS, KNOWN.providers, account("nobody-knows"))
    assert {step.id.split(".")[1] for step in steps} == {"imap-host"}


def test_the_second_account_of_a_ticket_has_steps_of_its_own() -> None:
    one = checklist(LISTS, KNOWN.providers, account("gmail"))
    two = checklist(LISTS, KNOWN.providers, account("gmail"), number=2)
    assert not {step.id for step in one} & {step.id for step in two}


def test_each_provider_has_its_own_way_of_taking_mail_out_of_mailboxes() -> None:
    texts = {
        provider: [step.text for step in steps if step.topic == "other-mailboxes"]
        for provider in PROVIDERS
        for steps in (checklist(LISTS, KNOWN.providers, account(provider)),)
    }
    assert all(len(each) == 1 for each in texts.values())
    assert "Purview" in texts["microsoft-365"][0]
    assert "investigation tool" in texts["google-workspace"][0]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("desk", ["IT", "The help desk of Brandt Logistics in Bremen (+49 421 555 0100)"])
def test_what_a_friend_is_told_fits_a_text_message_and_names_no_mail(provider: str, desk: str) -> None:
    address = "a.rather.long.name.of.somebody@mail.some-provider-with-a-name.example"
    pack = friend_pack(LISTS, KNOWN.providers, provider, desk=desk, address=address, theirs="your own IT support")
    assert len(pack.text) <= LONGEST_TEXT
    assert "change the password" in pack.text
    owner = next(page for page in KNOWN.providers if page.slug == provider).owner
    assert sum(line[0].isdigit() for line in pack.phone) == sum(step.must for step in owner)
    assert "{" not in "".join((*pack.phone, pack.text))
    assert "<https" not in "".join(pack.phone)


def test_a_text_message_that_would_not_fit_loses_its_last_steps_not_its_end() -> None:
    pack = friend_pack(LISTS, KNOWN.providers, "gmail", desk="D" * 200, address="a" * 60 + "@b.example", theirs="them")
    assert len(pack.text) <= LONGEST_TEXT
    assert pack.text.endswith("Don't answer by mail.")


BROKEN = (
    ("ours.md", "[personal-data!]", "[personal-data]", "no step that must be done about personal-data"),
    ("ours.md", "[receivers]", "[somebody]", "no topic in"),
    ("ours.md", " <https://ic3.gov/CrimeInfo/BEC>", "", "no source in"),
    ("ours.md", "gmail, yahoo", "gmail, aol", "'aol' has no page under providers/"),
    ("ours.md", "outlook-com, gmail, yahoo, ", "outlook-com, gmail, ", "no step [other-mailboxes!] for yahoo"),
    ("ours.md", "Have everybody told", "Have {name} told", "in braces"),
    ("outside.md", "[tell-owner!]", "[tell-owner]", "no step that must be done about tell-owner"),
    ("friend.md", "{steps}", "these steps", "has no {steps}"),
    ("friend.md", "- password: change the password\n", "", "no word for password"),
    ("friend.md", "- delegates:", "- friends:", "'friends' is no topic"),
    ("friend.md", "this is {desk}", "this is {me}", "{me} is not a placeholder"),
    ("friend.md", "## Phone end", "## Later", "no list under ## Phone end"),
    ("friend.md", 'slug = "friend"', 'slug = "fiend"', "slug is 'fiend'"),
)


@pytest.mark.parametrize(("file", "old", "new", "problem"), BROKEN)
def test_what_is_wrong_in_a_page_is_named(tmp_path: Path, file: str, old: str, new: str, problem: str) -> None:
    folder = tmp_path / "checklists"
    folder.mkdir()
    for page in (KNOWN.root / "checklists").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        if page.name == file:
            assert old in text
            text = text.replace(old, new)
        (folder / page.name).write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    checklists.check_providers(load_checklists(tmp_path, faults), KNOWN.providers, faults)
    assert problem in "\n".join(fault.problem for fault in faults)
    assert all(fault.file.startswith("checklists") for fault in faults)


def test_missing_and_needless_pages_are_named(tmp_path: Path) -> None:
    (tmp_path / "checklists").mkdir()
    (tmp_path / "checklists" / "more.md").write_text('+++\nslug = "more"\ntitle = "More"\n+++\n', encoding="utf-8")
    faults: list[Fault] = []
    load_checklists(tmp_path, faults)
    assert {(fault.file, fault.problem) for fault in faults} == {
        ("checklists/ours.md", "is missing"),
        ("checklists/outside.md", "is missing"),
        ("checklists/friend.md", "is missing"),
        ("checklists/more.md", "is read by nobody"),
    }
