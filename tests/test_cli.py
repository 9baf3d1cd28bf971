"""The command line as people meet it: help, errors, memory, odd terminals, closed pipes."""

import json
import mailbox
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app as checkmail_app
from tests.commandline import COMMAND, ROOT, SAMPLES, checkmail, environment

MINUTES = SAMPLES / "genuine" / "minutes.eml"
COMMANDS = ("check", "learn", "forget", "evaluate", "calibrate", "rules", "doctor")


def test_help_names_every_command_and_each_explains_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    overview = CliRunner().invoke(checkmail_app(), ["--help"])
    assert overview.exit_code == 0
    for command in COMMANDS:
        assert re.search(rf"^\W*{command}\b", overview.output, re.M), command
        told = CliRunner().invoke(checkmail_app(), [command, "--help"])
        assert told.exit_code == 0
        assert f" {command} " in told.output
        assert max(map(len, told.output.splitlines())) <= 80


def test_check_help_names_the_contracts_options(tmp_path: Path) -> None:
    told = checkmail(tmp_path, "check", "--help", COLUMNS="120").out
    options = """--json --markdown --technician --offline --our-domain --our-relay --trust --contacts --claims --compare
        --dns --geoip --jobs --own"""
    assert [option for option in options.split() if option not in told] == []


def test_the_version_is_that_of_the_project(tmp_path: Path) -> None:
    said = checkmail(tmp_path, "--version")
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert version is not None
    assert (said.status, said.out) == (0, f"checkmail {version[1]}\n")


FAULTS = {
    # what is run: (environment, status, what is said)
    "check --offline absent.eml": ({}, 1, "absent.eml: The file can't be opened: No such file or directory."),
    "check --offline --compare absent.eml x": ({}, 2, "--compare absent.eml: The file can't be opened"),
    "check --contacts noise x": ({}, 2, "noise"),
    "learn --offline absent.eml": ({}, 1, "absent.eml: The file can't be opened"),
    "evaluate absent.csv .": ({}, 2, "absent.csv"),
    "calibrate noise .": ({}, 2, "noise"),
    "rules --question nonsense": ({}, 2, "Questions: identity, origin, intent, standing."),
    "forget maria@example.org": ({"REDIS_URL": "nonsense"}, 2, "REDIS_URL"),
    "doctor --offline": ({"REDIS_URL": "redis://127.0.0.1:1/0"}, 1, "127.0.0.1:1"),
    "check x": ({"CHECKMAIL_DEADLINE_S": "soon", "CHECKMAIL_DNS": ":x"}, 2, "CHECKMAIL_DEADLINE_S"),
}


@pytest.mark.parametrize("words", FAULTS)
def test_an_error_says_what_it_is_about_without_a_traceback(words: str, tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(bytes(range(256)))
    more, status, said = FAULTS[words]
    done = checkmail(tmp_path, *words.split(), settings=more)
    text = " ".join((done.out + done.err).split())
    assert (done.status, said in text) == (status, True), text
    assert "Traceback" not in text


def test_two_wrong_settings_are_both_said(tmp_path: Path) -> None:
    done = checkmail(tmp_path, "check", "x", CHECKMAIL_DEADLINE_S="soon", CHECKMAIL_DNS=":x")
    assert "CHECKMAIL_DEADLINE_S" in done.err
    assert "CHECKMAIL_DNS" in done.err


def test_warnings_never_stand_between_the_results(tmp_path: Path) -> None:
    done = checkmail(tmp_path, "check", "--offline", "--json", MINUTES, REDIS_URL="redis://127.0.0.1:1/0")
    assert done.status == 0
    assert len(done.out.splitlines()) == 1
    assert "store" in done.err


def genuine(number: int) -> bytes:
    """One of Maria's mails; each has an id and a time of its own."""
    return f"""\
Received: from mail.example.org (mail.example.org [198.51.100.7])
 by mx.example.com (Postfix) with ESMTPS id {number}; Tue, {10 + number} Nov 2026 09:00:00 +0000
Authentication-Results: mx.example.com; dkim=pass header.d=example.org; spf=pass smtp.mailfrom=example.org;
 dmarc=pass header.from=example.org
DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from:subject; bh=AAAA; b=AAAA
From: Maria Lopez <maria@example.org>
To: bob@example.com
Subject: Minutes {number}
Date: Tue, {10 + number} Nov 2026 08:59:58 +0000
Message-ID: <{number}@mail.example.org>

Hello Bob, here are the minutes of meeting {number}.
""".encode()


def maildir(path: Path) -> Path:
    box = mailbox.Maildir(path)
    for number in range(6):
        box.add(genuine(number))
    return path


def mbox(path: Path) -> Path:
    path.write_bytes(
        b"".join(b"From maria@example.org Tue Nov 10 09:00:00 2026\n" + genuine(n) + b"\n" for n in range(6))
    )
    return path


@pytest.mark.parametrize("box", [maildir, mbox])
def test_what_was_learned_is_used_once_and_can_be_forgotten(box: object, tmp_path: Path) -> None:
    assert callable(box)
    path = box(tmp_path / "box")
    (tmp_path / "new.eml").write_bytes(genuine(9))
    before = checkmail(tmp_path, "check", "--offline", "--json", "new.eml").out
    first = checkmail(tmp_path, "learn", "--offline", path)
    again = checkmail(tmp_path, "learn", "--offline", path)
    after = checkmail(tmp_path, "check", "--offline", "--json", "new.eml").out
    assert (first.status, again.status) == (0, 0), first.err
    assert "Learned from 6 mails of 1 addresses and 1 domains." in first.out
    assert "Learned from 0 mails" in again.out
    assert "6 were known already" in again.out
    assert "no record of earlier mail" in before or before != after
    assert after != before
    assert "forgotten" in checkmail(tmp_path, "forget", "maria@example.org").out
    assert "nothing was known" in checkmail(tmp_path, "forget", "maria@example.org").out


def test_a_mail_written_with_another_program_and_numbered_elsewhere_is_unlike_what_was_learned(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.eml").write_bytes(b"X-Mailer: Microsoft Outlook 16.0\n" + genuine(number))
    new = genuine(9).replace(b"mail.example.org>\n\n", b"vps.example.net>\n\n")
    (tmp_path / "new.eml").write_bytes(b"X-Mailer: PHPMailer 6.5.0\n" + new)
    (tmp_path / "usual.eml").write_bytes(b"X-Mailer: Microsoft Outlook 17.1\n" + genuine(10))
    learned = checkmail(tmp_path, "learn", "--offline", *(f"{number}.eml" for number in range(5)))
    assert "Learned from 5 mails" in learned.out, learned.err
    said = checkmail(tmp_path, "check", "--offline", "--json", "new.eml", "usual.eml").out
    new_rules, usual_rules = ({each["rule"] for each in json.loads(line)["findings"]} for line in said.splitlines())
    assert {"unusual-mail-program", "unusual-message-id"} <= new_rules
    assert not {"unusual-mail-program", "unusual-message-id"} & usual_rules


def test_mail_whose_authentication_fails_teaches_nothing(tmp_path: Path) -> None:
    failing = genuine(1).replace(b"=pass", b"=fail").replace(b"[198.51.100.7]", b"[203.0.113.66]")
    (tmp_path / "mail.eml").write_bytes(failing)
    said = checkmail(tmp_path, "learn", "--offline", "mail.eml")
    assert said.status == 0
    assert "Learned from 0 mails" in said.out
    assert "1 taught nothing" in said.out


def test_calibrating_changes_no_file_unless_told_to(tmp_path: Path) -> None:
    weights = ROOT / "knowledge" / "weights.toml"
    before = weights.read_bytes(), weights.stat().st_mtime_ns
    lines = ["file,label,also,confidence,why"]
    for path in sorted(SAMPLES.rglob("*.eml")):
        lines.append(f"{path.relative_to(SAMPLES)},{path.parent.name},,A,")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    said = checkmail(tmp_path, "calibrate", "labels.csv", SAMPLES)
    assert said.status == 0, said.err
    assert "Nothing was changed" in said.out
    assert (weights.read_bytes(), weights.stat().st_mtime_ns) == before
    judged = checkmail(tmp_path, "evaluate", "labels.csv", SAMPLES)
    assert judged.status == 0, judged.err
    assert "headline exact 100.0%" in judged.out


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_reply_keeps_to_the_terminals_width(columns: int, tmp_path: Path) -> None:
    said = checkmail(tmp_path, "check", "--offline", "--technician", SAMPLES / "hacked-account", COLUMNS=str(columns))
    assert said.status == 0
    assert max(map(len, said.out.splitlines())) <= columns


@pytest.mark.parametrize(
    ("form", "encoding"), [("--markdown", "ascii"), ("--technician", "ascii"), ("--technician", "latin-1")]
)
def test_a_terminal_that_knows_few_letters_is_no_error(form: str, encoding: str, tmp_path: Path) -> None:
    said = checkmail(tmp_path, "check", "--offline", form, SAMPLES / "hacked-account", PYTHONIOENCODING=encoding)
    assert (said.status, said.err) == (0, "")


def test_an_unknown_locale_is_no_error(tmp_path: Path) -> None:
    said = checkmail(tmp_path, "check", "--offline", MINUTES, LC_ALL="xx_YY.nonsense", LANG="xx_YY")
    assert (said.status, said.err) == (0, "")


def test_a_files_name_is_no_markup_and_moves_no_terminal(tmp_path: Path) -> None:
    name = "[bold]x[red] \x1b[31m.eml"
    (tmp_path / name).write_bytes(MINUTES.read_bytes())
    said = checkmail(tmp_path, "check", "--offline", name)
    absent = checkmail(tmp_path, "check", "--offline", "\x1b[31m[/red]")
    assert said.status == 0
    assert "[bold]x[red]" in said.out
    assert "\x1b" not in said.out + absent.err
    assert "[/red]" in absent.err


def on_a_terminal(home: Path, **more: str) -> bytes:
    """What `check` writes where standard output is a terminal."""
    leader, follower = pty.openpty()
    command = [*COMMAND, "check", "--offline", str(MINUTES)]
    with subprocess.Popen(command, cwd=home, env=environment(home, {"TERM": "xterm", **more}), stdout=follower):
        os.close(follower)
        out = bytearray()
        try:
            while chunk := os.read(leader, 4096):
                out += chunk
        except OSError:
            pass  # Linux says EIO where the last writer closed
    os.close(leader)
    return bytes(out)


def test_colours_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    assert b"\x1b[1;32m" in on_a_terminal(tmp_path)
    assert not re.search(rb"\x1b\[[0-9;]*3[0-7]m", on_a_terminal(tmp_path, NO_COLOR="1"))
    assert "\x1b" not in checkmail(tmp_path, "check", "--offline", MINUTES).out


@pytest.mark.parametrize("form", ["--json", "--technician"])
def test_a_reader_that_stops_early_is_no_traceback(form: str, tmp_path: Path) -> None:
    command = [*COMMAND, "check", "--offline", form, *[str(SAMPLES)] * 4]
    running = subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    err = running.stderr.read()
    running.stderr.close()
    running.wait(60)
    assert err == b""


def test_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [*COMMAND, "check", "--offline", "--json", "--jobs", "1", str(MINUTES), "-"],
        cwd=tmp_path,
        env=environment(tmp_path, {"PYTHONUNBUFFERED": "1"}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stdout.readline().startswith(b'{"file": ')
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode in (1, 130, -signal.SIGINT)
    assert b"Traceback" not in out + err


def test_doctor_tells_of_each_part(tmp_path: Path) -> None:
    said = checkmail(tmp_path, "doctor", "--offline")
    assert said.status == 0
    assert [line.split()[0] for line in said.out.splitlines()] == [
        "knowledge",
        "GeoIP",
        "contacts",
        "DNS",
        "store",
        "queue",
    ]


def test_rules_are_named_whole_at_any_width(tmp_path: Path) -> None:
    wide = checkmail(tmp_path, "rules", COLUMNS="200").out
    narrow = checkmail(tmp_path, "rules", COLUMNS="60").out
    assert "dmarc-failed" in wide or "dmarc" in wide
    assert "…" not in narrow
    assert max(map(len, narrow.splitlines())) <= 60
