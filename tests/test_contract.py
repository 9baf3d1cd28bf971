"""The JSON contract of DESIGN.md, field by field, and what each option changes."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from bot.model import Answer, Grade, Question, Verdict
from tests.commandline import COMMAND, SAMPLES, checkmail, environment
from tests.dnsserver import DnsServer

FIELDS = """
file verdict also leaning suspected affected confidence grade questions sender server findings unchecked
next_question steps ticket
""".split()
OTHERS = ["next_code", "headline", "reasons"]
"""Added since; the fields above keep their names and their order."""
MINUTES = SAMPLES / "genuine" / "minutes.eml"
FORGED = SAMPLES / "spoofed-address" / "invoice-overdue.eml"


def rows(home: Path, *words: str | Path, status: int = 0, given: bytes = b"") -> list[dict[str, Any]]:
    done = checkmail(home, "check", "--json", *words, given=given)
    assert done.status == status, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def only(home: Path, *words: str | Path, given: bytes = b"") -> dict[str, Any]:
    (row,) = rows(home, *words, given=given)
    return row


@pytest.fixture(scope="module")
def sample_rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return rows(tmp_path_factory.mktemp("home"), "--offline", SAMPLES)


def test_each_input_has_the_contracts_fields_in_their_order(sample_rows: list[dict[str, Any]]) -> None:
    for row in sample_rows:
        assert [name for name in row if name in FIELDS] == FIELDS
        assert set(row) - set(FIELDS) == set(OTHERS)


def test_each_field_is_of_its_type_and_range(sample_rows: list[dict[str, Any]]) -> None:
    verdicts = set(Verdict)
    for row in sample_rows:
        assert row["verdict"] in verdicts
        assert set(row["also"]) <= verdicts - {row["verdict"]}
        assert row["leaning"] is None or (row["leaning"] in verdicts and row["verdict"] == Verdict.UNDETERMINED)
        assert isinstance(row["suspected"], bool)
        assert all(set(each) == {"verdict", "who"} and each["verdict"] in verdicts for each in row["affected"])
        assert 0 <= row["confidence"] <= 1
        assert row["grade"] in set(Grade)
        assert list(row["questions"]) == [question.value for question in Question]
        for point in row["questions"].values():
            assert point["answer"] in set(Answer)
            assert 0 <= point["probability"] <= 1
        assert row["steps"]
        assert all(isinstance(step, str) and step for step in row["steps"])
        assert row["next_question"] is None or row["next_question"]


def test_the_parts_of_a_row_are_of_their_types(sample_rows: list[dict[str, Any]]) -> None:
    for row in sample_rows:
        assert list(row["sender"]) == ["name", "address", "readings"]
        assert row["sender"]["readings"] >= 0
        if row["server"] is not None:
            assert list(row["server"])[:3] == ["ip", "host", "country"]
            assert row["server"]["country"] is None or re.fullmatch("[A-Z]{2}", row["server"]["country"])
        for finding in row["findings"]:
            assert list(finding)[:4] == ["rule", "question", "weight", "text"]
            assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", finding["rule"])
            assert finding["question"] in set(Question)
            assert isinstance(finding["weight"], float)
            assert finding["text"]
        assert all(list(each) == ["what", "why"] for each in row["unchecked"])
        if row["ticket"] is not None:
            assert list(row["ticket"]) == ["reason", "priority", "summary", "affected"]


def test_a_folder_is_walked_in_the_order_of_its_names(sample_rows: list[dict[str, Any]]) -> None:
    labels = [row["file"] for row in sample_rows]
    assert labels == sorted(labels)
    assert str(SAMPLES / "plain-spam" / "two-mails.mbox#2") in labels


def test_inputs_keep_their_order_whatever_runs_at_a_time(tmp_path: Path) -> None:
    files = [FORGED, MINUTES, SAMPLES / "spoofed-name" / "parcel-fee.eml", MINUTES, FORGED]
    one = rows(tmp_path, "--offline", "--jobs", "1", *files)
    many = rows(tmp_path, "--offline", "--jobs", "5", *files)
    assert [row["file"] for row in many] == [str(path) for path in files]
    assert one == many


def test_a_dash_reads_standard_input(tmp_path: Path) -> None:
    row = only(tmp_path, "--offline", "-", given=MINUTES.read_bytes())
    assert (row["file"], row["verdict"]) == ("-", "genuine")


def test_what_cannot_be_read_is_an_error_object_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    found = rows(tmp_path, "--offline", "empty", "absent", "picture", MINUTES, status=1)
    assert [row["file"] for row in found] == ["empty", "absent", "picture", str(MINUTES)]
    for row in found[:3]:
        assert list(row) == ["file", "error"]
        assert list(row["error"]) == ["code", "message", "hint"]
        assert all(row["error"].values())
    assert [row["error"]["code"] for row in found[:3]] == ["empty", "cannot-open", "a-picture"]
    assert found[3]["verdict"] == "genuine"


USAGE = {
    "no file": ["check"],
    "no such option": ["check", "--nonsense", "x"],
    "no such command": ["nonsense"],
    "two forms": ["check", "--json", "--markdown", "x"],
    "jobs that are none": ["check", "--jobs", "0", "x"],
    "a resolver that is none": ["check", "--dns", "nonsense:x", "x"],
    "contacts that are absent": ["check", "--contacts", "absent.csv", "x"],
    "a domain that is none": ["check", "--our-domain", "no domain", "x"],
    "a comparison that is absent": ["check", "--offline", "--compare", "absent.eml", str(MINUTES)],
    "a database that is none": ["check", "--offline", "--geoip", str(MINUTES), str(MINUTES)],
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage_ends_with_two_and_says_why_on_standard_error(case: str, tmp_path: Path) -> None:
    done = checkmail(tmp_path, *USAGE[case])
    assert (done.status, done.out) == (2, "")
    assert done.err.strip()
    assert "Traceback" not in done.err


BOSS = b"""\
Received: from mail-ed1.example.net (mail-ed1.example.net [198.51.100.20])
 by mx.example.com (Postfix) with ESMTPS id 1; Tue, 17 Nov 2026 09:00:00 +0000
Authentication-Results: mx.example.com; dkim=pass header.d=gmail.com; spf=pass smtp.mailfrom=gmail.com; dmarc=pass
 header.from=gmail.com
From: Johanna Oberholzer <office.desk8821@gmail.com>
To: bob@example.com
Subject: Quick task
Date: Tue, 17 Nov 2026 08:59:58 +0000
Message-ID: <a1@mail.gmail.com>

Are you at your desk? I am in a meeting and can't talk.
I need you to buy gift cards for a client now, keep it between us, I'll pay you back today.
"""


def test_contacts_say_whose_name_was_used(tmp_path: Path) -> None:
    (tmp_path / "boss.eml").write_bytes(BOSS)
    (tmp_path / "contacts.csv").write_text("name,address\nJohanna Oberholzer,johanna.oberholzer@example.com\n")
    before = only(tmp_path, "--offline", "boss.eml")
    after = only(tmp_path, "--offline", "--contacts", "contacts.csv", "boss.eml")
    assert before["questions"]["identity"]["answer"] != "no"
    assert (after["verdict"], after["questions"]["identity"]["answer"]) == ("spoofed-name", "no")


def test_a_claim_that_is_told_counts_as_one(tmp_path: Path) -> None:
    (tmp_path / "boss.eml").write_bytes(BOSS.replace(b"Johanna Oberholzer <", b"<"))
    claim = "Johanna Oberholzer <johanna.oberholzer@example.com>"
    before = only(tmp_path, "--offline", "boss.eml")
    after = only(tmp_path, "--offline", "--claims", claim, "boss.eml")
    assert before["questions"]["identity"]["answer"] != "no"
    assert (after["verdict"], after["questions"]["identity"]["answer"]) == ("spoofed-name", "no")


def findings(row: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in row["findings"]}


def test_a_domain_of_ours_makes_its_addresses_known(tmp_path: Path) -> None:
    domain = only(tmp_path, "--offline", MINUTES)["sender"]["address"].rpartition("@")[2]
    before, after = only(tmp_path, "--offline", MINUTES), only(tmp_path, "--offline", "--our-domain", domain, MINUTES)
    assert findings(before) != findings(after)
    assert after["questions"]["standing"]["probability"] > before["questions"]["standing"]["probability"]


def test_a_trusted_authserv_id_is_believed_beside_the_receivers_line(tmp_path: Path) -> None:
    stamped = BOSS.replace(b"Authentication-Results: mx.example.com;", b"Authentication-Results: filter-7.test;")
    (tmp_path / "boss.eml").write_bytes(stamped)
    before = only(tmp_path, "--offline", "boss.eml")
    after = only(tmp_path, "--offline", "--trust", "filter-7.test", "boss.eml")
    assert before["questions"]["origin"]["answer"] != "yes"
    assert after["questions"]["origin"]["answer"] == "yes"


def test_a_comparison_is_told_point_by_point(tmp_path: Path) -> None:
    done = checkmail(tmp_path, "check", "--offline", "--technician", "--compare", MINUTES, MINUTES)
    plain = checkmail(tmp_path, "check", "--offline", "--technician", MINUTES)
    assert done.status == 0
    assert len(done.out) > len(plain.out)
    assert findings(only(tmp_path, "--offline", "--compare", MINUTES, MINUTES)) > findings(
        only(tmp_path, "--offline", MINUTES)
    )


def test_the_country_comes_from_the_file_that_is_named(tmp_path: Path) -> None:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-Country")
    writer.insert_network(IPSet(["8.8.8.0/24"]), {"country": {"iso_code": "CH", "names": {"en": "Switzerland"}}})
    writer.to_db_file(str(tmp_path / "own.mmdb"))
    (tmp_path / "mail.eml").write_bytes(BOSS.replace(b"198.51.100.20", b"8.8.8.8"))
    server = only(tmp_path, "--offline", "--geoip", "own.mmdb", "mail.eml")["server"]
    assert (server["ip"], server["country"]) == ("8.8.8.8", "CH")


async def test_the_resolver_that_is_named_is_asked_and_offline_asks_nobody(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(BOSS.replace(b"gmail.com", b"sender.test"))
    zones = {
        "sender.test": {"TXT": ["v=spf1 -all"], "MX": ["10 mx.sender.test"]},
        "mx.sender.test": {"A": ["192.0.2.7"]},
    }

    async def run(*options: str) -> dict[str, Any]:
        running = await asyncio.create_subprocess_exec(
            *COMMAND, "check", "--json", *options, "mail.eml", cwd=tmp_path, env=environment(tmp_path),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await running.communicate()
        return dict(json.loads(out))

    async with DnsServer(zones) as server:
        host, port = server.address
        offline = await run("--offline", "--dns", f"{host}:{port}")
        assert server.asked == []
        online = await run("--dns", f"{host}:{port}")
    assert ("sender.test", "TXT") in server.names()
    assert len(online["unchecked"]) < len(offline["unchecked"])
    assert findings(online) != findings(offline)


def test_markdown_and_the_technicians_view_are_other_forms_of_the_same(tmp_path: Path) -> None:
    person = checkmail(tmp_path, "check", "--offline", "--markdown", FORGED)
    everything = checkmail(tmp_path, "check", "--offline", "--markdown", "--technician", FORGED)
    headline = only(tmp_path, "--offline", FORGED)["headline"].split(" ")[0]
    assert person.status == everything.status == 0
    assert headline in person.out
    assert re.search(r"^#|^\*\*", person.out, re.M)
    assert "dmarc" not in person.out.split("\n")[0].lower()
    assert len(everything.out) > len(person.out)


def test_the_owner_of_the_address_is_told_something_else(tmp_path: Path) -> None:
    assert only(tmp_path, "--offline", FORGED)["steps"] != only(tmp_path, "--offline", "--own", FORGED)["steps"]
