"""The sample mails that ship: one for each verdict and each form of input, and right replies to all three readers."""

import re
from pathlib import Path

import pytest

from bot.intake.archives import Entry, walk
from bot.model import Case, Grade, Kind, Reader, Verdict
from tests.line import outcome
from tests.outlook_samples import FILES, SAMPLES

FORMS = {
    # file: (kind, grade, a defect that tells the form)
    "genuine/minutes.eml": (Kind.EML, Grade.WHOLE, ""),
    "genuine/list-post.eml": (Kind.EML, Grade.WHOLE, ""),
    "genuine/gmail-show-original.html": (Kind.HEADERS, Grade.FULL_HEADERS, "web-page"),
    "hacked-account/robbed-abroad.eml": (Kind.EML, Grade.WHOLE, ""),
    "hacked-account/forwarded-as-attachment.eml": (Kind.EML, Grade.WHOLE, ""),
    "hacked-account/saved-from-outlook.msg": (Kind.MSG, Grade.WHOLE, ""),
    "plain-spam/bonus.eml": (Kind.EML, Grade.WHOLE, ""),
    "plain-spam/two-mails.mbox#1": (Kind.EML, Grade.WHOLE, ""),
    "plain-spam/two-mails.mbox#2": (Kind.EML, Grade.WHOLE, ""),
    "spoofed-address/invoice-overdue.eml": (Kind.EML, Grade.WHOLE, ""),
    "spoofed-address/pasted-and-quoted.txt": (Kind.HEADERS, Grade.FULL_HEADERS, "quoted"),
    "spoofed-name/parcel-fee.eml": (Kind.EML, Grade.WHOLE, ""),
    "spoofed-name/pasted-from-slack.txt": (Kind.HEADERS, Grade.FULL_HEADERS, "chat-links"),
    "undetermined/forwarded-inline.eml": (Kind.EML, Grade.SLACK_REST, ""),
    "undetermined/outlook-message-details.txt": (Kind.HEADERS, Grade.SLACK_REST, "visible-block"),
    "undetermined/outlook-without-headers.msg": (Kind.MSG, Grade.SLACK_REST, "no-transport-headers"),
    "undetermined/told-in-words.txt": (Kind.WORDS, Grade.WORDS, ""),
    "undetermined/what-slack-keeps.json": (Kind.SLACK_EMAIL, Grade.SLACK_REST, ""),
}
ENTRIES = {str(Path(entry.label).relative_to(SAMPLES)): entry for entry in walk(SAMPLES)}


def case_of(entry: Entry, reader: Reader = Reader.RECEIVER) -> Case:
    said = outcome(entry.content, reader=reader)
    assert isinstance(said, Case)
    return said


def test_the_table_names_every_sample() -> None:
    assert sorted(ENTRIES) == sorted(FORMS)


def test_every_verdict_has_a_sample() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(Verdict)


@pytest.mark.parametrize("name", FORMS)
def test_a_sample_gets_the_verdict_of_its_folder(name: str) -> None:
    case = case_of(ENTRIES[name])
    kind, grade, defect = FORMS[name]
    assert case.diagnosis.verdict == name.partition("/")[0]
    assert (case.message.kind, case.diagnosis.grade) == (kind, grade)
    assert defect in {"", *(each.code for each in case.message.defects)}


@pytest.mark.parametrize("reader", Reader)
@pytest.mark.parametrize("name", FORMS)
def test_a_reply_is_whole_and_says_what_to_do(name: str, reader: Reader) -> None:
    reply = case_of(ENTRIES[name], reader).reply
    sections = [line for _, lines in reply.sections for line in lines]
    said = (reply.headline, *reply.steps, *reply.reasons, *reply.unchecked, reply.settles, *reply.advice, *sections)
    assert reply.headline.strip()
    assert reply.steps
    assert len(reply.reasons) <= 3
    for line in (*said, reply.contact):
        assert not re.search(r"[{}]|\bNone\b|<bot\.|(?<!\.)\.\.(?!\.)|  ", line), line


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_outlook_files_are_what_their_source_makes(path: Path) -> None:
    assert path.read_bytes() == FILES[path]()
