"""Mails that a help desk meets: each case's verdict is accepted, what must be found is found."""

import asyncio
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot import handbook
from bot.adapters.contacts import Contacts
from bot.adapters.geoip import GeoAtlas
from bot.checks import Instruments
from bot.checks.names import name_words
from bot.handbook import Handbook
from bot.model import Case, Exhibit, Report, Told, Trust, Verdict
from bot.ports import Person
from bot.triage import Tools, triage

CASES = Path(__file__).parent / "cases"
ACCUSING = frozenset({Verdict.HACKED_ACCOUNT, Verdict.SPOOFED_ADDRESS, Verdict.SPOOFED_NAME})
KEYS = frozenset({"why", "accepted", "findings", "told", "settings", "contacts"})


@dataclass(frozen=True, slots=True)
class Expected:
    """case.toml: what the reporter told, what is set, and what must come out."""

    why: str
    accepted: tuple[Verdict, ...]
    findings: tuple[str, ...]
    told: Told
    trust: Trust
    contacts: tuple[Person, ...]


class Noon:
    """A day after the newest case."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, tzinfo=UTC)


@cache
def known() -> Handbook:
    return handbook.load()


@cache
def atlas() -> GeoAtlas:
    return GeoAtlas()


def folders() -> list[Path]:
    return sorted(path.parent for path in CASES.glob("*/*/message.eml"))


def expected(folder: Path) -> Expected:
    table: dict[str, Any] = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    assert not table.keys() - KEYS, f"unknown keys in {folder}/case.toml"
    people = (
        Person(row["name"], tuple(row["addresses"]), row.get("staff", False), row.get("vip", False))
        for row in table.get("contacts", ())
    )
    return Expected(
        why=table["why"],
        accepted=tuple(map(Verdict, table["accepted"])),
        findings=tuple(table.get("findings", ())),
        told=Told(**table.get("told", {})),
        trust=Trust(**{key: tuple(value) for key, value in table.get("settings", {}).items()}),
        contacts=tuple(people),
    )


def tools(want: Expected) -> Tools:
    """The tools of `checkmail check --offline`, with the case's settings and contacts."""
    book = known()
    instruments = Instruments(
        lists=book.lists,
        phrases=book.phrases,
        servers=book.servers,
        forwarders=book.forwarders,
        link_lists=book.link_lists,
        trust=want.trust,
        atlas=atlas(),
        directory=Contacts(want.contacts, name_words(book.lists)),
        clock=Noon(),
    )
    return Tools(book, instruments)


def decide(folder: Path) -> Case:
    want = expected(folder)
    exhibit = Exhibit((folder / "message.eml").read_bytes(), "message.eml")
    return asyncio.run(triage(Report((exhibit,), want.told), tools(want)))


@pytest.mark.parametrize("folder", folders(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_verdict_is_one_that_an_expert_accepts_and_rests_on_what_must_be_found(folder: Path) -> None:
    want, case = expected(folder), decide(folder)
    found = {finding.rule for finding in case.diagnosis.findings}
    assert case.diagnosis.verdict in want.accepted, (want.why, sorted(found))
    assert set(want.findings) <= found
    assert case.reply.headline
    assert case.reply.steps or case.diagnosis.verdict is Verdict.GENUINE


def test_each_folder_is_named_after_a_verdict_that_it_accepts() -> None:
    wrong = [str(folder) for folder in folders() if folder.parent.name not in expected(folder).accepted]
    assert not wrong


def test_honest_mail_is_never_accepted_as_an_attack_nor_an_attack_as_honest() -> None:
    """`accepted` may hold two neighbours, never both sides."""
    for folder in folders():
        accepted = set(expected(folder).accepted)
        assert not (Verdict.GENUINE in accepted and accepted & ACCUSING), folder


def test_every_verdict_has_cases() -> None:
    assert {folder.parent.name for folder in folders()} == set(Verdict)
