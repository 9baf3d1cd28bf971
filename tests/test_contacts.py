"""The directory from CSV and vCard: columns, encodings, faults with their rows, and finding people."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.contacts import Contacts, load_contacts
from bot.errors import BadSetting
from bot.handbook.personal import NameWords
from bot.ports import Person

WORDS = NameWords(("dr", "prof"), ("jr", "phd"))


def load(text: str | bytes) -> tuple[Person, ...]:
    content = text.encode() if isinstance(text, str) else text
    return load_contacts(content, "people", WORDS).people()


MARIA = Person("Maria Lopez", ("maria@example.org",))
CSV = [
    "Maria Lopez,maria@example.org\n",
    "name,address\nMaria Lopez,maria@example.org\n",
    "Name;Address\r\nMaria Lopez;maria@example.org\r\n",
    "Maria Lopez\tmaria@example.org",
    "\ufeffname,address\nMaria Lopez,maria@example.org",
    "\n\nname,address\n\nMaria Lopez , maria@example.org \n\n",
    '"Maria Lopez","<maria@example.org>"\n',
    "address,name\nmaria@example.org,Maria Lopez\n",
    "First Name,Middle Name,Last Name,E-mail Address,E-mail Type,Home Phone,Home Street\n"
    "Maria,,Lopez,maria@example.org,SMTP,,1 Road\n",
    "Name,Given Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,Address 1 - Formatted\n"
    "Maria Lopez,Maria,Lopez,* Home,maria@example.org,1 Road\n",
    "First Name,Last Name,Nickname,E-mail 1 - Label,E-mail 1 - Value\nMaria,Lopez,,Work,maria@example.org\n",
    "Vorname;Nachname;E-Mail-Adresse\nMaria;Lopez;maria@example.org\n",
]


@pytest.mark.parametrize("text", CSV)
def test_csv_is_read_with_any_header_separator_and_export(text: str) -> None:
    assert load(text) == (MARIA,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    assert load("name,address\nJürgen Müller,j@example.org\n".encode(encoding))[0].name == "Jürgen Müller"


def test_staff_vip_and_nicknames_are_read_from_the_columns() -> None:
    expected = Person("Maria Lopez", ("maria@example.org",), True, True, ("Lolo", "Mari"))
    assert load("name,address,staff,vip,nicknames\nMaria Lopez,maria@example.org,yes,x,Lolo;Mari\n") == (expected,)
    assert load("Maria Lopez,maria@example.org,yes,x,Lolo;Mari\n") == (expected,)


def test_several_addresses_of_one_person_are_joined() -> None:
    expected = (Person("Maria Lopez", ("maria@example.org", "ml@example.net", "m@example.com")),)
    assert load("Maria Lopez,maria@example.org\nmaria lopez,ml@example.net; m@example.com\n") == expected


VCARDS = [
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Maria Lopez\r\nEMAIL;TYPE=INTERNET:maria@example.org\r\nEND:VCARD\r\n",
    "BEGIN:VCARD\nVERSION:4.0\nFN:Maria Lo\n pez\nEMAIL:maria@exam\n ple.org\nEND:VCARD\n",
    "BEGIN:VCARD\nVERSION:3.0\nN:Lopez;Maria;;;\nitem1.EMAIL;type=pref:maria@example.org\nEND:VCARD\n",
    "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Lopez;Mar=\n=69a\nEMAIL;PREF:maria@example.org\nEND:VCARD\n",
    "begin:vcard\nversion:3.0\nfn:Maria Lopez\nemail:maria@example.org\nend:vcard\n",
]


@pytest.mark.parametrize("text", VCARDS)
def test_vcards_of_every_version_are_read(text: str) -> None:
    assert load(text) == (MARIA,)


def test_a_vcard_has_charsets_escapes_nicknames_several_addresses_and_a_photo() -> None:
    card = (
        b"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:J=FCrgen M=FCller\\, Bass\n"
        b"NICKNAME:J\xc3\xbcrg,JM\n"
        b"EMAIL:j@example.org\nEMAIL:jm@example.net\nPHOTO;BASE64:\n " + b"A" * 200_000 + b"\nEND:VCARD\n"
    )
    expected = Person("Jürgen Müller, Bass", ("j@example.org", "jm@example.net"), nicknames=("Jürg", "JM"))
    assert load(card) == (expected,)


FAULTS = [
    ("Maria Lopez,maria@example.org\nBob,bob(at)example.org\n,x@example.org\nEve,\n", ["row 2", "row 3", "row 4"]),
    ("name,address\nMaria Lopez,maria\n", ["row 2", "'maria' isn't an address"]),
    ("", ["no contacts"]),
    ("name,address\n", ["no contacts"]),
    ("BEGIN:VCARD\nFN:Maria\nEMAIL:maria\nEND:VCARD\n", ["card 1", "'maria' isn't an address"]),
    ("BEGIN:VCARD\nEMAIL:maria@example.org\nEND:VCARD\n", ["card 1", "no name"]),
]


@pytest.mark.parametrize(("text", "told"), FAULTS)
def test_all_faults_are_told_with_their_rows(text: str, told: list[str]) -> None:
    with pytest.raises(BadSetting) as raised:
        load(text)
    for words in told:
        assert words in str(raised.value)
    assert raised.value.code == "bad-contacts"


def test_of_very_many_faults_the_first_are_told_and_the_rest_counted() -> None:
    with pytest.raises(BadSetting, match="and 30 more"):
        load("".join(f"Maria {number},nowhere\n" for number in range(50)))


def people() -> Contacts:
    text = """name,address,staff,vip,nicknames
Maria Lopez,maria@example.org,,,
Marta Lopez,marta@example.org,,,
Robert Smith,rs@example.org,,,Smitty
Jürgen Müller,jm@example.org,,,
Anna-Maria Huber,ah@example.org,,,
Wei Li,wl@example.org,,,
"""
    return load_contacts(text.encode(), "people", WORDS)


NAMED = [
    ("Maria Lopez", ["Maria Lopez"]),
    ("Lopez, Maria", ["Maria Lopez"]),
    ("Dr. Maria Lopez (Choir)", ["Maria Lopez"]),
    ("Bob Smith", ["Robert Smith"]),
    ("Smitty Smith", ["Robert Smith"]),
    ("Smitty", ["Robert Smith"]),
    ("Juergen Mueller", ["Jürgen Müller"]),
    ("Anna Huber", ["Anna-Maria Huber"]),
    ("Li Wei", ["Wei Li"]),
    ("M. Lopez", ["Maria Lopez", "Marta Lopez"]),
    ("Peter Lopez", []),
    ("Lopez", []),
    ("", []),
]


@pytest.mark.parametrize(("shown", "names"), NAMED)
def test_people_are_found_by_any_form_of_their_name(shown: str, names: list[str]) -> None:
    assert [person.name for person in people().named(shown)] == names


def test_an_address_is_found_in_any_case() -> None:
    found = people().owner(" MARIA@Example.ORG ")
    assert found is not None
    assert found.name == "Maria Lopez"
    assert people().owner("nobody@example.org") is None


def test_a_file_is_loaded_and_vips_are_marked_by_name_or_address(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "Maria Lopez,maria@example.org\nBob Smith,bob@example.org\nEve Huber,eve@example.org\n", encoding="utf-8"
    )
    known = Contacts.load(file, WORDS, ("maria lopez", "BOB@example.org"))
    assert [person.vip for person in known.people()] == [True, True, False]


def test_without_a_file_the_directory_is_empty_and_a_missing_file_is_told(tmp_path: Path) -> None:
    assert Contacts.load(None).people() == ()
    with pytest.raises(BadSetting, match="can't be read"):
        Contacts.load(tmp_path / "none.csv")


def test_fifty_thousand_contacts_are_read_and_a_name_finds_only_its_own() -> None:
    text = "".join(f"Maria Family{chr(97 + n % 26)}{n},m{n}@example.org\n" for n in range(50_000))
    text = text.replace("Familya0,", "Lopez,", 1)
    known = load_contacts(text.encode(), "people", WORDS)
    assert [person.name for person in known.named("Maria Lopez")] == ["Maria Lopez"]


@given(st.binary(max_size=300))
def test_any_bytes_are_contacts_or_a_clear_error(content: bytes) -> None:
    found: tuple[Person, ...] = ()
    with contextlib.suppress(BadSetting):
        found = load(content)
    assert all(person.name and person.addresses for person in found)


@pytest.mark.parametrize("shown", ["Sergej Iwanow", "Iwanow, Sergej", "Сергей Иванов", "Sergey Ivanov"])
def test_a_name_is_found_in_the_letters_of_another_country(shown: str) -> None:
    known = load_contacts(b"Sergei Ivanov,si@example.org\nSergei Petrov,sp@example.org\n", "people", WORDS)
    assert [person.addresses[0] for person in known.named(shown)] == ["si@example.org"]


def test_a_name_that_only_nearly_sounds_alike_is_not_found() -> None:
    known = load_contacts(b"Sergei Ivanov,si@example.org\n", "people", WORDS)
    assert known.named("Sergej Iwanenko") == known.named("Anton Iwanow") == ()
