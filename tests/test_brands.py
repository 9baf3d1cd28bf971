"""knowledge/brands.toml and the lists beside it: complete, well-formed, and every fault named."""

from functools import cache
from pathlib import Path

import pytest

from bot.checks.domains import is_domain
from bot.handbook import default_root
from bot.handbook.faults import Fault
from bot.handbook.lists import Lists, is_disposable, load_lists
from bot.model import ClaimKind


@cache
def loaded() -> tuple[Lists, tuple[Fault, ...]]:
    faults: list[Fault] = []
    return load_lists(Path(default_root()), faults), tuple(faults)


def test_the_lists_have_no_fault() -> None:
    assert loaded()[1] == ()


def test_enough_brands_of_enough_countries_and_sectors_are_known() -> None:
    brands = loaded()[0].brands
    assert len(brands) >= 350
    countries = {brand.country for brand in brands}
    wanted = {
        "US",
        "GB",
        "DE",
        "FR",
        "ES",
        "IT",
        "NL",
        "BE",
        "CH",
        "AT",
        "PL",
        "SE",
        "NO",
        "DK",
        "FI",
        "BR",
        "MX",
        "AR",
        "CL",
    }
    assert wanted | {"IN", "JP", "AU", "ZA", "NG", "TR"} <= countries
    sectors = {"bank", "parcel", "post", "tax", "government", "police", "court", "streaming", "social", "shop", "telco"}
    assert sectors | {
        "payment",
        "crypto",
        "antivirus",
        "insurance",
        "energy",
        "travel",
        "jobs",
        "saas",
        "ai",
        "games",
    } <= {brand.sector for brand in brands}
    assert sum(brand.kind is ClaimKind.PUBLIC_BODY for brand in brands) >= 60


def test_enough_people_of_public_note_are_known() -> None:
    assert len(loaded()[0].people) >= 120


def test_every_domain_of_the_lists_could_be_looked_up() -> None:
    lists = loaded()[0]
    every = (
        {domain for brand in lists.brands for domain in brand.domains} | lists.freemail | lists.platform | lists.tenant
    )
    every |= {domain for person in lists.people for domain in person.domains}
    assert [domain for domain in sorted(every) if not is_domain(domain)] == []


def test_the_largest_freemail_domains_are_no_brands_own() -> None:
    lists = loaded()[0]
    assert [domain for domain in ("gmail.com", "hotmail.com", "live.com") if lists.owner(domain)] == []


def test_a_subdomain_belongs_to_the_brand() -> None:
    owner = loaded()[0].owner("mail.service.paypal.com")
    assert owner is not None
    assert owner.id == "paypal"
    assert loaded()[0].owner("paypal.com.example.org") is None


def test_disposable_mailboxes_are_known_from_the_package_and_our_list() -> None:
    lists = loaded()[0]
    assert is_disposable("mailinator.com", lists)
    assert is_disposable("a.b.mailinator.com", lists)
    assert not is_disposable("example.org", lists)


BRAND = 'name = "Example"\ndomains = "example.org"\ncountry = "US"\nsector = "bank"\n'
FAULTY = [
    ("", "holds no brands", "add one"),
    ("[a", "can't be read", "mend the file"),
    ('[a]\nname = "Example"\n', "has no domains", "add domains"),
    ('[a]\ndomains = "example.org"\n', "has no name", "add name"),
    (f"[a]\n{BRAND}".replace("example.org", "Example_org"), "isn't a host name", "write it like"),
    (f"[a]\n{BRAND}".replace("example.org", "example.org example.org"), "names a domain twice", "keep it once"),
    (f"[a]\n{BRAND}[b]\n{BRAND}", "'Example' is [a] too", "keep it in one"),
    (f"[a]\n{BRAND}".replace('"Example"', '"Exa"'), "too short or too common", "set generic = true"),
    (f'[a]\n{BRAND}aliases = "Support"\n', "too short or too common", "move it to common"),
    (f"[a]\n{BRAND}colour = 1\n", "'colour'", "use"),
    (f'[a]\n{BRAND}nam = "x"\n', "'nam' isn't a key", "did you mean name?"),
    (f'[a]\n{BRAND}generic = "yes"\n', "generic = 'yes'", "write generic = true, without quotes"),
    (f"[a]\n{BRAND}".replace('"bank"', '"bnk"'), "sector = 'bnk'", "did you mean bank?"),
    ('[a]\nname = "Example"\ndomains = ["example.org"]\n', "domains = ['example.org']", "separated by spaces"),
    (
        f"[a]\n{BRAND}[b]\n{BRAND.replace('Example', 'Another')}",
        "[b] example.org is a domain of [a] too",
        'write shares = "a"',
    ),
    (f'[a]\n{BRAND}shares = "b"\n', "shares no domain with 'b'", "take it out"),
    (f'[a]\n{BRAND}kind = "shop"\n', "kind = 'shop'", "public-body"),
    (f"[a]\n{BRAND}".replace('"US"', '"usa"'), "needs a country", "country = "),
]


@pytest.mark.parametrize(("text", "problem", "remedy"), FAULTY)
def test_a_fault_in_the_brands_is_named_with_its_remedy(tmp_path: Path, text: str, problem: str, remedy: str) -> None:
    (tmp_path / "brands.toml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    load_lists(tmp_path, faults)
    of_brands = [fault for fault in faults if fault.file.startswith("brands.toml")]
    assert any(problem in fault.problem and remedy in fault.remedy for fault in of_brands), of_brands


def test_missing_files_are_all_named_at_once(tmp_path: Path) -> None:
    faults: list[Fault] = []
    load_lists(tmp_path, faults)
    missing = {fault.file for fault in faults if fault.problem == "is missing"}
    assert missing == {
        "brands.toml", "lists/people.toml", "lists/domains.toml", "lists/names.toml", "lists/simulations.toml",
    }  # fmt: skip


LISTS = [
    ("domains.toml", 'freemail = "example.org example.org"', "example.org stands there twice"),
    ("domains.toml", 'freemail = "example"', "'example' isn't a host name"),
    ("domains.toml", 'fremail = "example.org"', "'fremail' isn't a key"),
    ("people.toml", 'people = """\nMadonna\n"""', "a name of one word"),
    ("people.toml", 'people = """\nMaria Lopez @ example\n"""', "'example' isn't a host name"),
    ("people.toml", 'people = """\nMaria Lopez\nMaria Lopez !\n"""', "stands there twice"),
    ("simulations.toml", '[a]\nname = "A"\n', "has no headers"),
    ("simulations.toml", '[a]\nname = "A"\nheaders = ["X-A"]\nnetworks = ["203.0.113.300"]\n', "203.0.113.300"),
]


@pytest.mark.parametrize(("file", "text", "problem"), LISTS)
def test_a_fault_in_a_list_is_named(tmp_path: Path, file: str, text: str, problem: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / file).write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    load_lists(tmp_path, faults)
    assert any(problem in fault.problem and fault.file == f"lists/{file}" for fault in faults), faults
