"""The zone data of the SPF test suites (openspf.org) behind our Resolver port."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import NotChecked
from bot.ports import DnsAnswer, DnsStatus

SUITES = Path(__file__).parents[2] / "shared" / "suites" / "spf"

TIMEOUT = "TIMEOUT"


@dataclass(frozen=True)
class SpfCase:
    id: str
    ip: str
    mail_from: str
    helo: str
    results: tuple[str, ...]
    explanation: str | None
    zone: dict[str, list[Any]]


class SuiteResolver:
    """Answers from the suite's zone; TIMEOUT stands for a question without an answer."""

    def __init__(self, zone: dict[str, list[Any]]) -> None:
        self._zone = {str(name).lower(): entries for name, entries in zone.items()}

    async def look_up(self, name: str, rdtype: str) -> DnsAnswer:
        current, passed = name.lower().rstrip("."), set[str]()
        while True:
            if current in passed:
                raise NotChecked(f"DNS {rdtype} {name}", "CNAME loop")
            passed.add(current)
            records = self._records(current, rdtype)
            alias = [] if records else self._records(current, "CNAME")
            if not alias:
                break
            current = alias[0].decode().lower().rstrip(".")
        known = self._zone.get(current)
        status = DnsStatus.FOUND if records else DnsStatus.NO_NAME if known is None else DnsStatus.NO_DATA
        return DnsAnswer(name, rdtype, status, tuple(records))

    def _records(self, name: str, rdtype: str) -> list[bytes]:
        found: list[bytes] = []
        entries = self._zone.get(name, [])
        has_txt = any(isinstance(entry, dict) and "TXT" in entry for entry in entries)
        for entry in entries:
            if entry == TIMEOUT:
                if not found and rdtype != "CNAME":
                    raise NotChecked(f"DNS {rdtype} {name}", "no answer")
                return found
            for kind, value in entry.items():
                # The suite writes policies as SPF records, to be served as TXT where no TXT stands.
                wanted = kind == rdtype or (kind == "SPF" and rdtype == "TXT" and not has_txt)
                if wanted and value != "NONE":
                    found.append(_octets(kind, value))
        return found


def _octets(kind: str, value: Any) -> bytes:
    if kind == "MX":
        preference, host = value
        return f"{preference} {host.rstrip('.')}".encode()
    text = "".join(value) if isinstance(value, list) else str(value)
    return text.encode("utf-8") if kind in ("TXT", "SPF") else text.rstrip(".").encode()


def cases(file: str) -> Iterator[SpfCase]:
    """Every case of a suite's file."""
    for document in yaml.safe_load_all((SUITES / file).read_text("utf-8")):
        for name, test in document["tests"].items():
            result = test["result"]
            yield SpfCase(
                id=f"{document['description']}/{name}",
                ip=test["host"],
                mail_from=test["mailfrom"],
                helo=test["helo"] or "",
                results=tuple(result) if isinstance(result, list) else (result,),
                explanation=test.get("explanation"),
                zone=document["zonedata"],
            )
