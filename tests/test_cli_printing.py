"""What the command line prints: whole lines into pipes, a list of verdicts, figures, and what is wrong with a list."""

from pathlib import Path

import pytest

from bot.rules import all_rules
from tests.commandline import SAMPLES, checkmail


def test_each_reply_stands_below_its_verdict_and_all_verdicts_stand_in_a_list_at_the_end(tmp_path: Path) -> None:
    said = checkmail(tmp_path, "check", "--offline", SAMPLES / "genuine", SAMPLES / "plain-spam", COLUMNS="")
    separators = [line for line in said.out.splitlines() if line.startswith("── ")]
    assert len(separators) == 6
    assert all(("genuine, " in line) or ("plain-spam, " in line) for line in separators)
    table = said.out.partition("All of them\n")[2].splitlines()
    assert table[0].split() == ["file", "verdict", "how", "sure"]
    assert len(table) == 7
    minutes = next(line for line in table if "minutes.eml" in line)
    assert minutes.split()[-3:] == ["genuine", "almost", "certainly"]
    alone = checkmail(tmp_path, "check", "--offline", SAMPLES / "genuine/minutes.eml")
    assert "All of them" not in alone.out


def test_what_is_no_terminal_gets_whole_lines_without_blanks_at_their_ends(tmp_path: Path) -> None:
    piped = checkmail(tmp_path, "check", "--offline", "--technician", SAMPLES, COLUMNS="")
    narrow = checkmail(tmp_path, "check", "--offline", "--technician", SAMPLES, COLUMNS="80")
    for said in (piped, narrow):
        assert not [line for line in said.out.splitlines() if line != line.rstrip()]
    rules = checkmail(tmp_path, "rules", COLUMNS="").out.splitlines()
    assert len(rules) == 1 + len(all_rules())


def test_markdown_of_several_mails_names_each(tmp_path: Path) -> None:
    said = checkmail(tmp_path, "check", "--offline", "--markdown", SAMPLES / "genuine")
    headings = [line for line in said.out.splitlines() if line.startswith("# ")]
    assert len(headings) == 3
    assert headings[2].endswith("minutes.eml")


@pytest.mark.parametrize("options", [("--sender-denies", "--sender-confirms"), ("--json", "--markdown")])
def test_options_that_contradict_each_other_are_wrong_usage(tmp_path: Path, options: tuple[str, ...]) -> None:
    said = checkmail(tmp_path, "check", *options, SAMPLES / "genuine/minutes.eml")
    assert (said.status, said.out) == (2, "")
    assert "don't go" in said.err


def labels(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text, "utf-8")
    return path


def test_labelled_mail_that_isnt_there_is_told_and_left_out(tmp_path: Path) -> None:
    rows = "file,label\ngenuine/minutes.eml,genuine\nnosuch.eml,genuine\n"
    said = checkmail(tmp_path, "evaluate", labels(tmp_path, rows), SAMPLES)
    assert said.status == 1
    assert "1 mails: headline exact 100.0%" in said.out
    assert "1 of 2 mails couldn't be read and aren't counted" in said.err
    assert "nosuch.eml: no such file or directory" in said.err


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("file,label\nx.eml,spoofd-name\n", "row 2: 'spoofd-name' is no verdict"),
        (
            "file,label\nx.eml,spoofd-name\n",
            "hacked-account, spoofed-address, spoofed-name, plain-spam, genuine, undet",
        ),
        ("mail,label\nx.eml,genuine\n", "there is no column file"),
        ("file,label,confidence\nx.eml,genuine,high\n", "confidence 'high' is none of A, B, C"),
    ],
)
def test_what_is_wrong_with_labels_is_told_with_what_to_write(tmp_path: Path, rows: str, told: str) -> None:
    said = checkmail(tmp_path, "evaluate", labels(tmp_path, rows), SAMPLES)
    assert said.status == 2
    assert told in said.err


def test_labels_may_be_separated_by_semicolons_and_a_share_of_nothing_is_a_dash(tmp_path: Path) -> None:
    rows = "file;label;also;confidence\nplain-spam/bonus.eml;plain-spam;spoofed-name, undetermined;B\n"
    said = checkmail(tmp_path, "evaluate", labels(tmp_path, rows), SAMPLES)
    assert said.status == 0, said.err
    assert "genuine: found –, wrongly accused –; hacked and spoofed wrongly cleared –" in said.out


def test_few_mails_write_no_weights(tmp_path: Path) -> None:
    rows = "file,label\ngenuine/minutes.eml,genuine\nplain-spam/bonus.eml,plain-spam\n"
    said = checkmail(tmp_path, "calibrate", "--write", labels(tmp_path, rows), SAMPLES)
    assert said.status == 2
    assert "2 mails are too few" in said.err
    assert "--force" in said.err


def test_forgetting_what_can_be_no_sender_is_wrong_usage(tmp_path: Path) -> None:
    said = checkmail(tmp_path, "forget", "not an address")
    assert (said.status, said.out) == (2, "")
    assert "neither an address nor a domain" in said.err
