"""Files, folders, mbox files and zips give their mails, and nothing in them stops the walk."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Shown, TooLarge, Unreadable
from bot.intake.archives import Entry, count_mails, split, split_mbox, walk
from bot.intake.unpack import gunzip, unzip
from bot.model import Limits

ONE = b"From: a@example.org\nSubject: one\n\nfirst\n"
TWO = b"From: b@example.org\nSubject: two\n\nsecond\n"


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def _walked(path: Path) -> list[tuple[str, bytes | str]]:
    found = walk(path)
    return [(str(Path(entry.label).name), entry.error.code if entry.error else entry.content) for entry in found]


def test_a_file_is_one_mail_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "notes.xyz").write_bytes(ONE)
    assert _walked(tmp_path / "notes.xyz") == [("notes.xyz", ONE)]


def test_a_folder_gives_its_files_in_the_order_of_their_names_and_goes_down(tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(TWO)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "z.eml").write_bytes(ONE)
    (tmp_path / ".DS_Store").write_bytes(b"junk")
    assert _walked(tmp_path) == [("z.eml", ONE), ("b.eml", TWO)]


def test_a_maildir_gives_cur_and_new_and_its_sub_folders_but_not_tmp(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Sent/cur"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cur" / "1.host:2,S").write_bytes(ONE)
    (tmp_path / "new" / "2.host").write_bytes(TWO)
    (tmp_path / "tmp" / "3.host").write_bytes(b"half")
    (tmp_path / ".Sent" / "cur" / "4.host").write_bytes(TWO)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_bytes(b"x")
    assert [name for name, _ in _walked(tmp_path)] == ["4.host", "1.host:2,S", "2.host"]


def test_an_mbox_is_split_at_its_postmarks_and_unescaped() -> None:
    mbox = (
        b"From a@example.org Mon Jan  1 00:00:00 2024\n" + ONE + b"\n>From here on\n\n"
        b"From b@example.org Mon Jan  1 00:00:01 2024\r\n" + TWO
    )
    assert list(split_mbox(mbox)) == [ONE + b"\nFrom here on\n\n", TWO]
    assert count_mails(mbox) == 2


def test_a_sentence_that_begins_with_from_does_not_split_an_mbox() -> None:
    mbox = b"From a@example.org Mon Jan  1 00:00:00 2024\nSubject: x\n\nFrom what I hear\nit is late: really.\n"
    assert count_mails(mbox) == 1


def test_the_mails_of_an_mbox_and_of_a_zip_are_labelled_by_their_place(tmp_path: Path) -> None:
    mbox = b"From a\n" + ONE + b"\nFrom b\n" + TWO
    (tmp_path / "box").write_bytes(mbox)
    (tmp_path / "pack").write_bytes(_zip(**{"x.eml": ONE, "in/y.eml": TWO, "box": mbox}))
    labels = [Path(entry.label).as_posix().removeprefix(tmp_path.as_posix()) for entry in walk(tmp_path)]
    assert labels == ["/box#1", "/box#2", "/pack!x.eml", "/pack!in/y.eml", "/pack!box#1", "/pack!box#2"]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(ONE)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside / "secret")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "broken").symlink_to(inside / "nothing")
    assert _walked(inside) == []


def test_a_fifo_is_an_error_entry_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "z.eml").write_bytes(ONE)
    assert _walked(tmp_path) == [("pipe", "not-a-file"), ("z.eml", ONE)]


def test_what_is_not_there_or_too_large_is_an_error_entry(tmp_path: Path) -> None:
    assert _walked(tmp_path / "missing") == [("missing", "cannot-open")]
    (tmp_path / "big").write_bytes(b"x" * 101)
    entry = next(walk(tmp_path / "big", Limits(exhibit=100)))
    assert isinstance(entry.error, TooLarge)


def test_a_mailbox_file_larger_than_a_mail_may_be_is_read_mail_by_mail(tmp_path: Path) -> None:
    mail = b"From a@example.org Mon Jan  1 00:00:00 2024\nSubject: x\n\n" + b"text\n" * 100
    (tmp_path / "box").write_bytes(mail * 50)
    found = list(walk(tmp_path / "box", Limits(exhibit=2_000)))
    assert len(found) == 50
    assert all(entry.content.startswith(b"Subject: x\n") and not entry.error for entry in found)


@pytest.mark.parametrize("name", ["gzip", "zip"])
def test_a_bomb_is_refused_before_it_is_unpacked(name: str) -> None:
    zeros = bytes(30_000_000)
    bomb = gzip.compress(zeros) if name == "gzip" else _zip(bomb=zeros)
    with pytest.raises(TooLarge):
        gunzip(bomb, 60_000_000) if name == "gzip" else list(unzip(bomb, 60_000_000))


def test_a_cut_or_locked_archive_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        gunzip(gzip.compress(ONE * 100)[:-20], 1_000_000)
    with pytest.raises(Unreadable):
        list(unzip(_zip(a=ONE * 100)[:60], 1_000_000))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"From x\n", b"From x\nA: b\n\nFrom y\nC: d\n"]),
)
def test_splitting_raises_nothing_on_any_octets(rest: bytes, start: bytes) -> None:
    for entry in split("x", start + rest):
        assert isinstance(entry, Entry)
        assert entry.error is None or isinstance(entry.error, Shown)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_splitting_a_damaged_zip_raises_nothing(data: st.DataObject) -> None:
    packed = bytearray(_zip(a=ONE, b=TWO * 50))
    for _ in range(data.draw(st.integers(1, 8))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    assert all(isinstance(entry, Entry) for entry in split("x", bytes(packed)))
