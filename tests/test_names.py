"""Display names: whose they are, what shape they have, and disguises undone."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.contacts import Contacts
from bot.checks.names import hosts_in, is_nobody, is_person_shaped, name_words, organisation_like, same_person
from bot.checks.naming import brands_in, people_in, read_name
from bot.handbook import default_root
from bot.handbook.lists import Lists, load_lists
from bot.handbook.personal import NameWords, Sameness, compare, parts_of
from bot.handbook.spelling import CONFUSABLE, HIDDEN, fold, plain
from bot.ports import Person


@cache
def lists() -> Lists:
    return load_lists(Path(default_root()), [])


SAME = [
    ("Maria Lopez", "Maria Lopez"),
    ("MARIA LOPEZ", "Maria Lopez"),
    ("Lopez, Maria", "Maria Lopez"),
    ("LOPEZ Maria", "Maria Lopez"),
    ("María López", "Maria Lopez"),
    ("Maria López García", "Maria Lopez"),
    ("Dr. Maria Lopez", "Maria Lopez"),
    ("Prof. Dr. Maria Lopez, PhD", "Maria Lopez"),
    ("Maria Lopez (Example GmbH)", "Maria Lopez"),
    ("Maria Lopez | Example GmbH", "Maria Lopez"),
    ("Maria Lopez - Support", "Maria Lopez"),
    ("Maria Lopez via Choir List", "Maria Lopez"),
    ("'Maria Lopez'", "Maria Lopez"),
    ("Bob Smith", "Robert Smith"),
    ("Smith, Bill", "William Smith"),
    ("John Smith Jr.", "John Smith"),
    ("John B. Smith", "John Smith"),
    ("Jürgen Müller", "Juergen Mueller"),
    ("Jurgen Muller", "Jürgen Müller"),
    ("Søren Ærø", "Soren Aero"),
    ("Ludwig van Beethoven", "Ludwig Beethoven"),
    ("Patrick O'Brien", "Patrick OBrien"),
    ("Patrick O’Brien", "Patrick O'Brien"),
    ("Anna-Maria Huber", "Anna Maria Huber"),
    ("Мария Иванова", "Maria Ivanova"),
    ("Алексей Кузнецов", "Aleksey Kuznetsov"),
    ("Αλέξης Παπαδόπουλος", "Alexis Papadopoulos"),
    ("山田太郎", "山田 太郎"),
    ("Wei Li", "Li Wei"),
]
MAYBE = [
    ("M. Lopez", "Maria Lopez"),
    ("Maria", "Maria Lopez"),
    ("Maria Lopes", "Maria Lopez"),
    ("Marla Lopez", "Maria Lopez"),
    ("John B. Smith", "John R. Smith"),
]
OTHER = [
    ("Peter Lopez", "Maria Lopez"),
    ("Maria Gomez", "Maria Lopez"),
    ("Ann Lee", "Ann Lea"),
    ("Li Wei", "Li Wen"),
    ("Support", "Maria Lopez"),
    ("", "Maria Lopez"),
    ("...", "Maria Lopez"),
    ("田中太郎", "山田太郎"),
]


@pytest.mark.parametrize(("shown", "known"), SAME)
def test_a_name_in_any_form_is_the_same_persons(shown: str, known: str) -> None:
    assert same_person(shown, known, lists()).answer is Sameness.SAME


@pytest.mark.parametrize(("shown", "known"), MAYBE)
def test_an_initial_a_lone_first_name_or_one_wrong_letter_is_perhaps_the_same_person(shown: str, known: str) -> None:
    found = same_person(shown, known, lists())
    assert found.answer is Sameness.MAYBE
    assert found.why


@pytest.mark.parametrize(("shown", "known"), OTHER)
def test_another_first_name_or_surname_is_another_person(shown: str, known: str) -> None:
    assert same_person(shown, known, lists()).answer is Sameness.NO


def test_a_nickname_of_the_directory_counts_with_the_surname_and_alone_only_as_perhaps() -> None:
    assert same_person("Lolo Lopez", "Maria Lopez", lists(), ("Lolo",)).answer is Sameness.SAME
    assert same_person("Lolo", "Maria Lopez", lists(), ("Lolo",)).answer is Sameness.MAYBE
    assert same_person("Lolo Lopez", "Maria Lopez", lists()).answer is Sameness.NO


ONE_NAME_IN_OTHER_LETTERS = [
    ("Sergej Iwanow", "Sergey Ivanov"),
    ("Iwan Iwanow", "Ivan Ivanov"),
    ("Pjotr Tschaikowski", "Pyotr Tchaikovsky"),
    ("Piotr Czajkowski", "Pyotr Tchaikovsky"),
    ("Pëtr Čajkovskij", "Pyotr Tchaikovsky"),
    ("Пётр Чайковский", "Pjotr Tschaikowskij"),
    ("Юрий Гагарин", "Juri Gagarin"),
    ("Юрий Гагарин", "Yuri Gagarin"),
    ("Юрий Гагарин", "Iouri Gagarine"),
    ("Юрий Шмидт", "Juri Schmidt"),
    ("Juri Schmidt", "Yuri Schmidt"),
    ("Youri Schmidt", "Yury Schmidt"),
    ("Nikita Chruschtschow", "Nikita Khrushchev"),
    ("Michail Gorbatschow", "Mikhail Gorbachyov"),
    ("Georgi Schukow", "Georgy Zhukov"),
    ("Wladimir Kusnezow", "Vladimir Kuznetsov"),
    ("Taras Schewtschenko", "Taras Shevchenko"),
    ("Vladimir Poutine", "Vladimir Putin"),
    ("Anton Tchekhov", "Anton Tschechow"),
    ("Alexandre Soljenitsyne", "Alexander Solschenizyn"),
    ("Iwanow, Sergej", "Sergey Ivanov"),
    ("Søren Sørensen", "Soeren Soerensen"),
    ("Sören Sorensen", "Søren Sørensen"),
    ("Jürgen Müller", "Juergen Muller"),
    ("Haakon Aase", "Håkon Åse"),
    ("Jörg Weiß", "Joerg Weiss"),
    ("Mohamed Hussain", "Muhammad Hussein"),
]
NEARLY = [
    ("Michael Nowak", "Michal Nowak"),
    ("Ivan Petrov", "Ivan Petrova"),
    ("Ivan Petrov", "Ivan Pavlov"),
    ("Andrew Petrov", "Andrei Petrov"),
    ("Ivan Zhukov", "Ivan Shukov"),
    ("Anton Chekhov", "Anton Shekhov"),
    ("Igor Sokolov", "Egor Sokolov"),
    ("Ivan Popov", "Jan Popov"),
    ("Oleg Belov", "Oleg Bilov"),
    ("Сергей Иванов", "Sergei Ivanova"),
    ("Юрий Чехов", "Juri Schechow"),
    ("Jing Wang", "Ying Wang"),
    ("Jun Li", "Yun Li"),
    ("Zara Smith", "Sara Smith"),
    ("Hans Wagner", "Hans Vagner"),
    ("Omar Haddad", "Amar Haddad"),
    ("Joe Sue", "Jo Su"),
]


@pytest.mark.parametrize(("one", "other"), ONE_NAME_IN_OTHER_LETTERS)
def test_a_name_in_the_letters_of_another_country_is_the_same_name(one: str, other: str) -> None:
    assert same_person(one, other, lists()).answer is Sameness.SAME
    assert same_person(other, one, lists()).answer is Sameness.SAME


@pytest.mark.parametrize(("one", "other"), NEARLY)
def test_two_names_that_only_nearly_sound_alike_stay_two(one: str, other: str) -> None:
    assert same_person(one, other, lists()).answer is not Sameness.SAME
    assert same_person(other, one, lists()).answer is not Sameness.SAME


@pytest.mark.parametrize(("one", "other"), ONE_NAME_IN_OTHER_LETTERS)
def test_the_directory_finds_a_name_in_the_letters_of_another_country(one: str, other: str) -> None:
    someone = Person("Zoe Quist", ("zq@example.org",))
    known = Contacts((someone, Person(other, ("it@example.org",))), name_words(lists()))
    assert [person.name for person in known.named(one)] == [other]


TRICKS = [
    ("M\u0430ria Lopez", CONFUSABLE),
    ("𝓜𝓪𝓻𝓲𝓪 Lopez", CONFUSABLE),
    ("Ⓜaria Lopez", CONFUSABLE),
    ("M\u200baria Lopez", HIDDEN),
    ("Ma\U000e0079\U000e0079ria Lopez", HIDDEN),
    ("M\u034fa\u034fr\u034fi\u034fa Lopez", HIDDEN),
    ("Maria\u202e Lopez", ""),
    ("María López", ""),
    ("Мария Лопез", ""),
]


@pytest.mark.parametrize(("shown", "trick"), TRICKS)
def test_disguised_letters_are_undone_and_the_trick_is_told(shown: str, trick: str) -> None:
    found = same_person(shown, "Maria Lopez", lists())
    assert (found.answer, found.trick) == (Sameness.SAME, trick)


BRANDS = [
    ("PayPal", "PayPal", ""),
    ("paypal service", "PayPal", ""),
    ("P a y P a l", "PayPal", ""),
    ("PayPalSupport", "PayPal", ""),
    ("PayPaI", "PayPal", CONFUSABLE),
    ("Amaz0n", "Amazon", CONFUSABLE),
    ("Micros0ft Account", "Microsoft", CONFUSABLE),
    ("Récompenses LidI", "Lidl", CONFUSABLE),
    ("Netf1ix", "Netflix", CONFUSABLE),
    ("lnstagram", "Instagram", CONFUSABLE),
    ("N\u0435tflix", "Netflix", CONFUSABLE),
    ("𝗡𝗲𝘁𝗳𝗹𝗶𝘅", "Netflix", CONFUSABLE),
    ("Net\u200bflix", "Netflix", HIDDEN),
    ("~C͏a͏r͏r͏e͏f͏o͏u͏r~", "Carrefour", HIDDEN),
    ("Netfliix", "Netflix", "misspelt"),
    ("TrustWallet APP", "Trust Wallet", ""),
    ("Banco.Bradesco", "Bradesco", ""),
    ("Caisse d'Epargne", "Caisse d'Épargne", ""),
    ("楽天カード", "Rakuten", ""),
    ("WALMART rewards", "Walmart", ""),
]


@pytest.mark.parametrize(("shown", "brand", "trick"), BRANDS)
def test_a_brand_is_found_however_it_is_written(shown: str, brand: str, trick: str) -> None:
    found = brands_in(read_name(shown), lists())
    assert [(hit.brand.name, hit.trick) for hit in found] == [(brand, trick)]


@pytest.mark.parametrize(
    "shown", ["Paypalooza", "Amazonas Tours", "Metallurgy", "Al Diaz", "Lidia", "Pineapple", "Ups!"]
)
def test_a_brand_inside_another_word_is_none(shown: str) -> None:
    assert all(hit.alias.common for hit in brands_in(read_name(shown), lists()))


@pytest.mark.parametrize(
    ("shown", "person"),
    [
        ("Elon Musk", "Elon Musk"),
        ("Musk, Elon", "Elon Musk"),
        ("Advanced Energy by Elon Musk", "Elon Musk"),
        ("Elon Musk: Savings Hub", "Elon Musk"),
        ("B Arnault", "Bernard Arnault"),
        ("Mrs. Mavis L. Wanczyk", "Mavis Wanczyk"),
        ("''Tayeb Souami''", "Tayeb Souami"),
        ("Maria-Elisabeth Schaeffler", "Maria-Elisabeth Schaeffler"),
    ],
)
def test_a_person_of_public_note_is_found_in_the_name(shown: str, person: str) -> None:
    assert [hit.person.name for hit in people_in(read_name(shown), lists())] == [person]


@pytest.mark.parametrize("shown", ["Elena Musk", "Peter Gates", "Maria Walton", "Charles Smith", "Jackson"])
def test_a_shared_surname_is_nobody_of_public_note(shown: str) -> None:
    assert people_in(read_name(shown), lists()) == ()


@pytest.mark.parametrize(
    "name",
    ["", "Support", "Customer Service", "Itemized Bill", "Kundenservice", "Service Client", "Atención al cliente",
     "Sicherheit", "NO-REPLY", "info@example.org", "Account Security Team", "Служба поддержки"],
)  # fmt: skip
def test_a_generic_name_names_nobody(name: str) -> None:
    assert is_nobody(name, "info@example.org", lists())


@pytest.mark.parametrize("name", ["Maria Lopez", "Netflix", "Choir of St Mary", "Rakesh"])
def test_a_name_of_its_own_names_somebody(name: str) -> None:
    assert not is_nobody(name, "info@example.org", lists())


PEOPLE = ["Maria Lopez", "Lopez, Maria", "Dr. Rajesh Kumar", "J. Pablo González", "Robert Ford", "Heckmann, Ilja"]
ORGANISATIONS = [
    "Example Bank", "Security Alert", "Norton Support Team", "Example GmbH", "Spinania Casino", "Your Rewards!",
    "Platinum Home Shield Department", "Rate Kick Home", "www.example.com", "LifeStory Insurance",
    "Juridisch Collectief",
]  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_a_persons_name_has_its_shape(name: str) -> None:
    assert is_person_shaped(name, "", lists())
    assert organisation_like(name, lists()) == 0.0


@pytest.mark.parametrize("name", ORGANISATIONS)
def test_an_organisations_name_has_its_shape(name: str) -> None:
    assert not is_person_shaped(name, "", lists())
    assert organisation_like(name, lists()) >= 0.5


def test_the_address_tells_that_an_unusual_name_is_a_persons() -> None:
    assert not is_person_shaped("Xiuying Zhaotan", "", lists())
    assert is_person_shaped("Xiuying Zhaotan", "x.zhaotan@example.org", lists())


def test_hosts_in_a_name_are_found_and_addresses_are_not_hosts() -> None:
    assert hosts_in("Netflix.com") == ("netflix.com",)
    assert hosts_in("proton.me mail security") == ("proton.me",)
    assert hosts_in("maria@example.org") == ()
    assert hosts_in("Dr. Maria Lopez") == ()


@given(st.text(max_size=120), st.text(max_size=60))
def test_any_text_is_compared_without_an_error_and_the_same_way_twice(shown: str, known: str) -> None:
    first = same_person(shown, known, lists())
    assert first == same_person(shown, known, lists())
    assert 0.0 <= organisation_like(shown, lists()) <= 1.0
    reading = read_name(shown)
    for hit in brands_in(reading, lists()):
        assert hit.matched


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_and_every_name_is_its_own(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once
    parts = parts_of(text, NameWords())
    assert not parts.tokens or compare(parts, parts).answer is not Sameness.NO


def test_a_long_name_is_cut_before_it_costs_time() -> None:
    assert len(plain("𝓜" * 100_000).text) <= 400
