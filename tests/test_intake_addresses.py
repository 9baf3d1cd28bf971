"""Every reading of From that a common client could show, and one reading of an honest field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.addresses import read_mailboxes, read_path, read_senders

ONE_READING = [
    ("Maria Lopez <maria@example.org>", "Maria Lopez", "maria@example.org"),
    ('"Lopez, Maria" <maria@example.org>', "Lopez, Maria", "maria@example.org"),
    ("Lopez, Maria <maria@example.org>", "Lopez, Maria", "maria@example.org"),
    ("Microsoft account team, <x@example.test>", "Microsoft account team", "x@example.test"),
    ("maria@example.org", "", "maria@example.org"),
    ("maria@example.org (Maria Lopez)", "Maria Lopez", "maria@example.org"),
    ("<maria@EXAMPLE.org>", "", "maria@example.org"),
    ("Maria.L@Example.ORG", "", "Maria.L@example.org"),
    ("Maria <maria@example.org >", "Maria", "maria@example.org"),
    ("Maria <maria@example.org> ", "Maria", "maria@example.org"),
    ("Maria via List <list@example.net>", "Maria via List", "list@example.net"),
    ("'Maria' via List <list@example.net>", "'Maria' via List", "list@example.net"),
    ("=?utf-8?q?Mar=C3=ADa?= <maria@example.org>", "María", "maria@example.org"),
    ('"=?utf-8?q?Mar=C3=ADa?=" <maria@example.org>', "María", "maria@example.org"),
    ("=?utf-8?b?TWFyw60=?= =?utf-8?b?YQ==?= <maria@example.org>", "María", "maria@example.org"),
    ('"boss@bank.example" <evil@example.test>', "boss@bank.example", "evil@example.test"),
    ("boss@bank.example <evil@example.test>", "boss@bank.example", "evil@example.test"),
    ("=?utf-8?q?boss=40bank=2Eexample?= <evil@example.test>", "boss@bank.example", "evil@example.test"),
    ('"boss <boss@bank.example>" <evil@example.test>', "boss <boss@bank.example>", "evil@example.test"),
    ("<@a.example,@b.example:user@c.example>", "", "user@c.example"),
    ('"john doe"@example.org', "", '"john doe"@example.org'),
    ('<"a@b.example"@example.org>', "", '"a@b.example"@example.org'),
    ("Staff: maria@example.org;", "", "maria@example.org"),
    ("Re: offer <maria@example.org>", "Re: offer", "maria@example.org"),
    ("Fine <61700@%detran.com.br>", "Fine", "61700@%detran.com.br"),
    ("costco <ninja@loyalty-survey,net>", "costco", "ninja@loyalty-survey,net"),
    ("ninja@loyalty-survey,net", "", "ninja@loyalty-survey,net"),
    ("Maria <maria@[192.0.2.7]>", "Maria", "maria@[192.0.2.7]"),
    ("Maria <maria@bücher.example>", "Maria", "maria@bücher.example"),
    ("“Maria” <maria@example.org>", "Maria", "maria@example.org"),
    ("Maria <maria@example.org", "Maria", "maria@example.org"),
    ("Maria maria@example.org", "Maria", "maria@example.org"),
    ("Maria <maria@example.org> (by phone)", "Maria", "maria@example.org"),
    ("Maria <maria@example.org> (maria@example.org)", "Maria", "maria@example.org"),
    ('"Maria (eve@b.example)" <maria@example.org>', "Maria (eve@b.example)", "maria@example.org"),
    ("(eve@b.example)", "eve@b.example", ""),
    ("maria@example.org (Maria @ home)", "Maria @ home", "maria@example.org"),
    ("Maria <maria@example.org> wrote", "Maria wrote", "maria@example.org"),
    ("Acme @ Home, Inc <info@acme.example>", "Acme @ Home, Inc", "info@acme.example"),
    ("Only A Name", "Only A Name", ""),
    ('"Facebook" <>', "Facebook", ""),
    ("Maria\0 <maria@example.org>", "Maria", "maria@example.org"),
]

SEVERAL_READINGS = [
    ("=?utf-8?q?boss=40bank=2Eexample?=", ["boss@bank.example", ""]),  # RFC 2047, 5: no encoded word in an address
    ("a@example.org, b@example.test", ["a@example.org", "b@example.test"]),
    ("A <a@example.org>, B <b@example.test>", ["a@example.org", "b@example.test"]),
    ("A <a@example.org> <b@example.test>", ["b@example.test", "a@example.org"]),
    ("A <a@example.org> b@example.test", ["a@example.org", "b@example.test"]),
    ("a@example.org b@example.test", ["a@example.org", "b@example.test"]),
    ("<a@example.org@example.test>", ["a@example.org@example.test", "a@example.org"]),
    ("<a@example.org\0@example.test>", ["a@example.org@example.test", "a@example.org"]),
    (
        "=?utf-8?q?Bank_=3Cboss=40bank=2Eexample=3E?= <evil@example.test>",
        ["evil@example.test", "boss@bank.example"],
    ),
    (
        "=?utf-8?b?Ym9zc0BiYW5rLmV4YW1wbGU=?==?utf-8?Q?=00?=@example.test",
        ["boss@bank.example@example.test", "boss@bank.example"],
    ),
    ("bob@a.example (eve@b.example)", ["bob@a.example", "eve@b.example"]),
    ("Bob (eve@b.example) <bob@a.example>", ["bob@a.example", "eve@b.example"]),
    ("(Eve <eve@b.example>) bob@a.example", ["bob@a.example", "eve@b.example"]),
    ("bob@a.example (=?utf-8?q?eve=40b=2Eexample?=)", ["bob@a.example", "eve@b.example"]),
    ("Bob <bob@a.example> (by way of Eve (eve@b.example))", ["bob@a.example", "eve@b.example"]),
    ("Staff: a@example.org, b@example.org;", ["a@example.org", "b@example.org"]),
]


@pytest.mark.parametrize(("field", "name", "address"), ONE_READING)
def test_a_field_that_clients_agree_on_has_one_reading(field: str, name: str, address: str) -> None:
    assert [(mailbox.name, mailbox.address) for mailbox in read_senders([field])] == [(name, address)]


@pytest.mark.parametrize(("field", "addresses"), SEVERAL_READINGS)
def test_a_field_that_clients_could_show_differently_has_each_reading(field: str, addresses: list[str]) -> None:
    assert [mailbox.address for mailbox in read_senders([field])] == addresses


def test_two_from_fields_are_two_readings_and_the_same_address_twice_is_one() -> None:
    assert [m.address for m in read_senders(["a@example.org", "B <b@example.org>"])] == [
        "a@example.org",
        "b@example.org",
    ]
    assert len(read_senders(["a@example.org", "A <A@EXAMPLE.org>"])) == 1


@pytest.mark.parametrize("field", ["", "   ", "<>", ",", ";"])
def test_an_empty_field_has_no_reading(field: str) -> None:
    assert read_senders([field]) == ()


def test_a_malformed_address_and_an_encoded_domain_are_also_kept_as_a_client_shows_them() -> None:
    assert read_senders(["Shop <a@%b.example>"])[0].shown == "Shop <a@%b.example>"
    assert read_senders(["Shop <a@xn--bcher-kva.example>"])[0].shown == "Shop <a@bücher.example>"
    assert read_senders(["Shop <a@b.example>"])[0].shown == ""


@pytest.mark.parametrize(
    ("field", "addresses"),
    [
        ("a@example.org, Lopez, Maria <m@example.org>", ["a@example.org", "m@example.org"]),
        ("undisclosed-recipients:;", []),
        ('"A; B" <a@example.org>; b@example.org', ["a@example.org", "b@example.org"]),
    ],
)
def test_a_list_of_recipients_is_read_one_reading_each(field: str, addresses: list[str]) -> None:
    assert [m.address for m in read_mailboxes(field) if m.address] == addresses


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("<>", ""),
        ("<bounce+x=y@Example.ORG>", "bounce+x=y@example.org"),
        ("bounce@example.org", "bounce@example.org"),
        ("<SRS0=ab=cd=example.org=maria@relay.example>", "SRS0=ab=cd=example.org=maria@relay.example"),
    ],
)
def test_a_return_path_is_kept_as_it_is(field: str, path: str) -> None:
    assert read_path(field) == path


@given(st.text(alphabet=st.sampled_from('ab@.,;:<>"()\\ =?utf-8qB\0\r\n[]%'), max_size=200))
def test_any_field_has_readings_that_are_distinct_and_free_of_control_characters(field: str) -> None:
    found = read_senders([field])
    assert len({mailbox.address.lower() for mailbox in found}) == len(found)
    assert not any(ord(letter) < 32 for mailbox in found for letter in mailbox.name + mailbox.address + mailbox.shown)
