"""Several mails in one message: each gets an answer of its own, and what belongs to one mail stays with it."""

import io
import zipfile
from collections.abc import Iterator

import pytest

from bot import splitting
from bot.adapters.store import Line
from bot.engine import LoopEngine
from bot.errors import Shown
from bot.model import Exhibit, FileRef, Inquiry, Kind, Message, Piece, Place, Report, Stage, Submission, Surface, Told
from tests.deskline import PASTED, Office, engine, open_office, until
from tests.inquirykit import MARIA
from tests.storefixtures import line, server

__all__ = ["engine", "line", "server"]
ROOT = "1764000000.000100"
PICTURE = Exhibit(b"\x89PNG\r\n\x1a\n" + b"\0" * 300, "IMG_1.png")
WORDS = Exhibit(b"I think that these are fraud", kind=Kind.WORDS)


def mail(number: int, subject: str = "") -> bytes:
    text = PASTED.replace("<1@sender.test>", f"<{number}@sender.test>")
    return text.replace("gift cards\n", f"{subject or f'number {number}'}\n", 1).encode()


def eml(number: int) -> Exhibit:
    return Exhibit(mail(number), f"{number}.eml")


def zipped(*files: tuple[str, bytes]) -> Exhibit:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files:
            packed.writestr(name, content)
    return Exhibit(out.getvalue(), "mails.zip")


MBOX = Exhibit(b"".join(b"From x Tue Nov 24 11:00:00 2026\n" + mail(number) + b"\n" for number in (1, 2)), "in.mbox")
HEADERS_OF_1 = Exhibit(mail(1).partition(b"\n\n")[0])
GROUPS = {
    "one mail": ((eml(1),), [1]),
    "a mail and its picture": ((eml(1), PICTURE), [2]),
    "a picture and its mail": ((PICTURE, eml(1)), [2]),
    "a mail and words": ((WORDS, eml(1)), [2]),
    "a mail and its own headers": ((HEADERS_OF_1, eml(1)), [2]),
    "the same mail twice": ((eml(1), eml(1)), [2]),
    "two mails": ((eml(1), eml(2)), [1, 1]),
    "two mails, a picture and words": ((WORDS, eml(1), eml(2), PICTURE), [3, 1]),
    "a zip of two": ((zipped(("a.eml", mail(1)), ("b.eml", mail(2))),), [1, 1]),
    "a zip of one mail and a picture": ((zipped(("a.eml", mail(1)), ("b.png", PICTURE.content)),), [1]),
    "a zip of the same mail twice": ((zipped(("a.eml", mail(1)), ("b.eml", mail(1))),), [2]),
    "an mbox of two": ((MBOX,), [1, 1]),
    "pictures alone": ((PICTURE, PICTURE), [2]),
    "nothing": ((), []),
}


@pytest.mark.parametrize(("exhibits", "sizes"), GROUPS.values(), ids=GROUPS)
def test_what_belongs_together(engine: LoopEngine, exhibits: tuple[Exhibit, ...], sizes: list[int]) -> None:
    found = splitting.mails(exhibits, lambda each: engine.read(Report((each,))))
    assert [len(each.exhibits) for each in found] == sizes


def test_a_mail_alone_is_not_read_for_it() -> None:
    def read(_: Exhibit) -> Message | Shown:
        raise AssertionError

    assert len(splitting.mails((eml(1),), read)) == 1


def test_mails_of_one_author_without_ids_are_told_by_their_subjects(engine: LoopEngine) -> None:
    bare = [Exhibit(mail(number).replace(b"Message-ID", b"X-Was")) for number in (1, 2)]
    assert len(splitting.mails(tuple(bare), lambda each: engine.read(Report((each,))))) == 2


@pytest.fixture
def office(line: Line, engine: LoopEngine) -> Iterator[Office]:
    with open_office(line, engine) as made:
        made.worker.start()
        yield made


def files(office: Office, *exhibits: Exhibit, ts: str = ROOT, thread: str = ROOT, told: Told = Told()) -> Submission:  # noqa: B008 (frozen)
    pieces = []
    for number, each in enumerate(exhibits):
        id = f"F{ts}{number}"
        office.materials.files[id] = (each,)
        pieces.append(Piece(ts, file=FileRef(id, each.name)))
    return Submission(f"T1:D1:{ts}", Surface.DIRECT, MARIA, Place("D1", thread), tuple(pieces), told)


def taken(office: Office, submission: Submission) -> Inquiry:
    inquiry = office.reception.receive(submission)
    assert inquiry is not None
    return inquiry


def abouts(office: Office) -> list[str]:
    ids = [each.inquiry for each in office.voice.heard("answer")]
    return sorted(kept.about for id in ids if (kept := office.inquiries.find(id)))


def test_each_of_two_mails_gets_an_answer_in_the_same_thread(office: Office) -> None:
    taken(office, files(office, eml(1), eml(2)))
    assert until(lambda: len(office.voice.heard("answer")) == 2)
    assert abouts(office) == ["number 1", "number 2"]
    assert {each.place for each in office.voice.heard("answer")} == {Place("D1", ROOT)}
    assert len(office.voice.heard("acknowledge")) == 1
    assert office.voice.heard("cannot") == ()


def test_of_many_mails_five_are_answered_and_that_is_said(office: Office) -> None:
    taken(office, files(office, zipped(*((f"{number}.eml", mail(number)) for number in range(7)))))
    assert until(lambda: len(office.voice.heard("answer")) == 5)
    assert abouts(office) == [f"number {number}" for number in range(5)]
    assert [each.mark for each in office.voice.heard("cannot")] == ["missing-more-mails"]


def test_a_mail_added_in_the_thread_is_answered_and_the_first_stays_the_first(office: Office) -> None:
    first = taken(office, files(office, eml(1)))
    assert office.answered(first)
    later = "1764000100.000100"
    added = Submission(f"T1:D1:{later}", Surface.DIRECT, MARIA, Place("D1", ROOT), (Piece(later, mail(2).decode()),))
    assert taken(office, added).id == first.id
    assert until(lambda: "number 2" in abouts(office))
    assert office.answered(first)
    kept = office.inquiries.find(first.id)
    assert kept is not None
    assert kept.about == "number 1"
    assert len(office.inquiries.of(MARIA)) == 2


def test_what_is_written_in_the_thread_afterwards_goes_to_the_first(office: Office) -> None:
    first = taken(office, files(office, eml(1), eml(2)))
    assert until(lambda: len(office.voice.heard("answer")) == 2)
    at = office.inquiries.at(Place("D1", ROOT))
    assert at is not None
    assert at.id == first.id


def test_harm_that_was_told_counts_once(office: Office) -> None:
    taken(office, files(office, eml(1), eml(2), told=Told(paid=True)))
    assert until(lambda: len(office.voice.heard("answer")) == 2)
    assert until(lambda: all(each.stage is Stage.ANSWERED for each in office.inquiries.of(MARIA)))
    assert sorted(bool(each.told.paid) for each in office.inquiries.of(MARIA)) == [False, True]


def test_a_worker_that_comes_again_opens_nothing_twice(office: Office) -> None:
    inquiry = taken(office, files(office, eml(1), eml(2)))
    assert until(lambda: len(office.voice.heard("answer")) == 2)
    office.reception.told(inquiry.id, Told(bounces=True), MARIA, "answer")
    assert until(lambda: len(office.voice.heard("answer")) == 3)
    assert len(office.inquiries.of(MARIA)) == 2


def test_a_forgotten_inquiry_has_no_name_of_its_mail(office: Office) -> None:
    from bot.adapters.records import forgotten

    inquiry = taken(office, files(office, eml(1), eml(2)))
    assert until(lambda: len(office.voice.heard("answer")) == 2)
    kept = office.inquiries.find(inquiry.id)
    assert kept is not None
    assert kept.about
    assert (forgotten(kept).about, forgotten(kept).part) == ("", "")


BESIDE = {
    "a picture beside a mail": ((eml(1), PICTURE), ["picture-beside"]),
    "a picture beside words": ((Exhibit(b"They want money from me"), PICTURE), ["picture-beside"]),
    "a print beside a mail": ((Exhibit(b"%PDF-1.7 mail"), eml(1)), ["picture-beside"]),
    "an archive beside a mail": ((eml(1), Exhibit(b"Rar!\x1a\x07\0\0")), ["packed"]),
    "a picture alone": ((PICTURE,), ["a-picture"]),
    "pictures alone": ((PICTURE, PICTURE), ["a-picture"]),
    "a mail that is too long": ((Exhibit(mail(1) + b"A few words. " * 40_000, "long.eml"),), ["partly-read"]),
    "a mail alone": ((eml(1),), []),
}


@pytest.mark.parametrize(("exhibits", "codes"), BESIDE.values(), ids=BESIDE)
def test_whatever_was_not_read_is_said(office: Office, exhibits: tuple[Exhibit, ...], codes: list[str]) -> None:
    assert office.answered(taken(office, files(office, *exhibits)))
    assert [each.why.code for each in office.voice.heard("cannot") if each.why] == codes


def test_a_mail_read_in_part_says_nothing_of_the_whole_one(office: Office) -> None:
    cut = Exhibit(mail(1) + b"A few words. " * 40_000, "long.eml")
    assert office.answered(taken(office, files(office, cut)))
    later = "1764000100.000100"
    assert office.answered(taken(office, files(office, eml(1), ts=later, thread=later)))
    answers = [each.outcome for each in office.voice.heard("answer") if each.outcome]
    assert [(each.seen_before, each.borrowed) for each in answers] == [(0, False), (0, False)]
    assert answers[0].mail == ""


@pytest.mark.parametrize(("text", "answers"), [("Is this one real?", 0), (PASTED, 1)], ids=["a remark", "headers"])
def test_of_a_chosen_message_whose_file_cannot_be_had_only_a_mail_is_judged(
    office: Office, text: str, answers: int
) -> None:
    pieces = (Piece(ROOT, text), Piece(ROOT, file=FileRef("F404")))
    chosen = Submission("T1:C9:1", Surface.SHORTCUT, MARIA, Place("D1", ROOT), pieces)
    assert office.answered(taken(office, chosen))
    assert len(office.voice.heard("answer")) == answers
    assert [each.why.code for each in office.voice.heard("cannot") if each.why] == ["file-gone"]
