"""The workspace's people: names and addresses for the engine, and who asks; and the help desk's channels by name."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.adapters.contacts import Contacts
from bot.handbook.personal import NameWords
from bot.model import Asker, Belonging
from bot.ports import Person
from handlers.calls import make_client
from handlers.channels import SlackChannels, is_channel_id
from handlers.people import Member, SlackPeople, joined, member_of
from tests.fakeslack import TOKEN, Answer, FakeSlack, running

TEAM = "T01TEST"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with running() as fake:
        yield fake


def user(id: str, name: str, address: str = "", **more: Any) -> dict[str, Any]:
    """A user object of `users.list`."""
    profile = {"real_name": name, "display_name": name.split()[0].lower(), "email": address}
    return {
        "id": id,
        "team_id": TEAM,
        "name": name.split()[0].lower(),
        "deleted": False,
        "real_name": name,
        "locale": "en-GB",
        "profile": profile,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
    } | more


ALICE = user("U01ALICE", "Alice Anderson", "Alice@Example.org")
BOB = user("U02BOB", "Bob Brown", "bob@example.com")
GUEST = user("U03GUEST", "Gina Guest", "gina@partner.example", is_restricted=True)
LEFT = user("U04LEFT", "Leo Left", "leo@example.org", deleted=True)
ROBOT = user("U05BOT", "Robot", is_bot=True)
SLACKBOT = user("USLACKBOT", "Slackbot")
OTHER = user("U06OTHER", "Olga Other", "olga@other.example", team_id="T99OTHER")


def contacts(people: Any) -> Contacts:
    return Contacts(people, NameWords())


def pages(*members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`users.list` in pages."""
    return [
        {"ok": True, "members": page, "response_metadata": {"next_cursor": "more" if at + 1 < len(members) else ""}}
        for at, page in enumerate(members)
    ]


def people(fake: FakeSlack, own: tuple[Person, ...] = (), **more: Any) -> SlackPeople:
    return SlackPeople(make_client(TOKEN, fake.api), contacts, own, **more)


def full(fake: FakeSlack, own: tuple[Person, ...] = (), **more: Any) -> SlackPeople:
    fake.answers["users.list"] = pages([ALICE, LEFT, ROBOT], [BOB, GUEST, SLACKBOT, OTHER])
    made = people(fake, own, **more)
    assert made.refresh()
    return made


def test_all_pages_are_read_and_bots_and_people_who_left_arent_people(slack: FakeSlack) -> None:
    made = full(slack)
    assert [person.name for person in made.people()] == ["Alice Anderson", "Bob Brown", "Gina Guest"]
    assert [call.get("cursor", "") for call in slack.of("users.list")] == ["", "more"]
    assert {call["limit"] for call in slack.of("users.list")} == {"200"}


def test_the_engine_finds_staff_by_name_and_by_address_of_any_domain(slack: FakeSlack) -> None:
    made = full(slack)
    assert made.owner("ALICE@example.org") == Person(
        "Alice Anderson", ("alice@example.org",), staff=True, nicknames=("alice",)
    )
    assert [person.name for person in made.named("Brown, Bob")] == ["Bob Brown"]
    assert made.owner("gina@partner.example") == Person(
        "Gina Guest", ("gina@partner.example",), staff=False, nicknames=("gina",)
    )
    assert made.owner("leo@example.org") is None
    assert made.owner("olga@other.example") is None


def test_before_the_first_reading_the_owners_contacts_are_known(slack: FakeSlack) -> None:
    made = people(slack, (Person("Maria Muster", ("maria@example.net",)),))
    assert made.owner("maria@example.net") is not None
    assert made.age_s() is None


def test_somebody_in_contacts_and_workspace_is_one_person_with_all_addresses(slack: FakeSlack) -> None:
    own = (Person("Alicia Anderson", ("alicia@home.example", "alice@example.org"), vip=True, nicknames=("Ali",)),)
    found = full(slack, own).owner("alice@example.org")
    assert found == Person(
        "Alicia Anderson",
        ("alicia@home.example", "alice@example.org"),
        staff=True,
        vip=True,
        nicknames=("Alice Anderson", "alice", "Ali"),
    )


def test_members_without_address_or_name_are_no_contacts() -> None:
    members = [Member("U1", "", address="a@example.org"), Member("U2", "Ann")]
    assert joined((), members) == ()


def test_who_asks_is_known_without_a_call(slack: FakeSlack) -> None:
    made = full(slack)
    before = len(slack.calls)
    assert made.whois("U01ALICE", TEAM) == Asker(
        TEAM, "U01ALICE", "Alice Anderson", "alice@example.org", Belonging.STAFF, "en-GB"
    )
    assert made.whois("U03GUEST", TEAM).belonging is Belonging.GUEST
    assert made.whois("U06OTHER", TEAM).belonging is Belonging.STRANGER
    assert made.by_address("Bob@example.com", TEAM) == made.whois("U02BOB", TEAM)
    assert made.by_address("nobody@example.com", TEAM) is None
    assert len(slack.calls) == before


def test_somebody_new_is_looked_up_once(slack: FakeSlack) -> None:
    made = full(slack)
    slack.answers["users.info"] = {"ok": True, "user": user("U09NEW", "Nora New", "nora@example.org")}
    for _ in range(5):
        assert made.whois("U09NEW", TEAM).name == "Nora New"
    assert [call["user"] for call in slack.of("users.info")] == ["U09NEW"]


@pytest.mark.parametrize(
    "refusal",
    [{"ok": False, "error": "missing_scope"}, Answer(b"", 429, (("Retry-After", "30"),)), Answer(b"", 503)],
)
def test_who_cant_be_looked_up_is_unknown_until_that_works(slack: FakeSlack, refusal: Any) -> None:
    now = [1000.0]
    made = people(slack, clock=lambda: now[0])
    slack.answers["users.info"] = refusal
    for _ in range(5):
        assert made.whois("U09NEW", TEAM) == Asker(TEAM, "U09NEW", belonging=Belonging.UNKNOWN)
    assert len(slack.of("users.info")) == 1
    slack.answers["users.info"] = {"ok": True, "user": user("U09NEW", "Nora New")}
    now[0] += 31.0
    assert made.whois("U09NEW", TEAM).belonging is Belonging.STAFF


def test_while_slack_wants_quiet_nobody_else_is_looked_up(slack: FakeSlack) -> None:
    now = [1000.0]
    made = people(slack, clock=lambda: now[0])
    slack.answers["users.info"] = [
        Answer(b"", 429, (("Retry-After", "30"),)),
        {"ok": True, "user": user("U08NEW", "Nils New")},
    ]
    made.whois("U09NEW", TEAM)
    assert made.whois("U08NEW", TEAM).name == ""
    assert len(slack.of("users.info")) == 1
    now[0] += 31.0
    assert made.whois("U08NEW", TEAM).name == "Nils New"


def test_whom_slack_doesnt_know_is_a_guest(slack: FakeSlack) -> None:
    slack.answers["users.info"] = {"ok": False, "error": "user_not_found"}
    made = people(slack)
    assert [made.whois("U09NEW", TEAM).belonging for _ in range(3)] == [Belonging.GUEST] * 3
    assert len(slack.of("users.info")) == 1


def test_an_address_that_the_list_lacks_is_looked_up_once_and_within_a_budget(slack: FakeSlack) -> None:
    now = [1000.0]
    made = people(slack, clock=lambda: now[0])
    slack.answers["users.lookupByEmail"] = [
        {"ok": True, "user": user("U09NEW", "Nora New", "nora@example.org")},
        {"ok": False, "error": "users_not_found"},
    ]
    for _ in range(3):
        found = made.found_by("sales@example.org", TEAM)
        assert found is not None
        assert found.user == "U09NEW"
        assert made.found_by("nobody@example.net", TEAM) is None
    assert len(slack.of("users.lookupByEmail")) == 2
    for number in range(50):
        made.found_by(f"a{number}@example.net", TEAM)
    assert len(slack.of("users.lookupByEmail")) == 20
    now[0] += 61.0
    made.found_by("later@example.net", TEAM)
    assert len(slack.of("users.lookupByEmail")) == 21


def test_whose_a_direct_message_is_is_asked_once_and_a_failure_again(slack: FakeSlack) -> None:
    now = [1000.0]
    made = people(slack, clock=lambda: now[0])
    slack.answers["users.info"] = {"ok": True, "user": ALICE}
    slack.answers["conversations.info"] = [
        Answer(b"", 503),
        {"ok": True, "channel": {"id": "D01", "is_im": True, "user": "U01ALICE"}},
    ]
    assert made.in_direct("D01", TEAM) is None
    now[0] += 31.0
    found = [made.in_direct("D01", TEAM) for _ in range(3)]
    assert [each.name for each in found if each] == ["Alice Anderson"] * 3
    assert len(slack.of("conversations.info")) == 2


def test_nobody_is_looked_up_for_no_id(slack: FakeSlack) -> None:
    assert people(slack).whois("", TEAM).belonging is Belonging.GUEST
    assert slack.calls == []


def test_a_failed_reading_keeps_what_was_known(slack: FakeSlack) -> None:
    made = full(slack)
    slack.answers["users.list"] = {"ok": False, "error": "missing_scope"}
    assert not made.refresh()
    assert made.owner("alice@example.org") is not None


def test_a_limit_in_the_middle_is_waited_for(slack: FakeSlack) -> None:
    first, second = pages([ALICE], [BOB])
    slack.answers["users.list"] = [
        first,
        Answer(b'{"ok":false,"error":"ratelimited"}', 429, (("Retry-After", "1"),)),
        second,
    ]
    made = people(slack)
    made._stop = WaitsNot()
    assert made.refresh()
    assert len(made.people()) == 2
    assert made._stop.waited == [1.0]


class WaitsNot(threading.Event):
    """A stop that lets nobody wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        return False


GROUPS = {"ok": True, "usergroups": [{"id": "S01TECH", "handle": "technicians", "name": "Technicians"}]}


@pytest.mark.parametrize("group", ["S01TECH", "technicians", "@technicians", "Technicians"])
def test_technicians_are_found_by_the_groups_id_handle_or_name(slack: FakeSlack, group: str) -> None:
    slack.answers |= {"usergroups.list": GROUPS, "usergroups.users.list": {"ok": True, "users": ["U02BOB"]}}
    made = full(slack, group=group)
    assert made.is_technician("U02BOB")
    assert not made.is_technician("U01ALICE")
    assert [call["usergroup"] for call in slack.of("usergroups.users.list")] == ["S01TECH"]


@pytest.mark.parametrize("channel", ["C01TECH", "it-support", "#it-support"])
def test_without_a_group_the_staff_in_the_technicians_channel_are_technicians(slack: FakeSlack, channel: str) -> None:
    """Guests of that channel, and whoever else is in it, aren't."""
    slack.answers |= {
        "users.conversations": {"ok": True, "channels": [{"id": "C01TECH", "name": "it-support"}]},
        "conversations.members": {"ok": True, "members": ["U02BOB", "U03GUEST", "U05BOT", "U99UNKNOWN"]},
    }
    made = full(slack, channel=channel)
    assert [made.is_technician(user) for user in ("U01ALICE", "U02BOB", "U03GUEST", "U05BOT")] == [
        False,
        True,
        False,
        False,
    ]
    assert [call["channel"] for call in slack.of("conversations.members")] == ["C01TECH"]


def test_where_a_group_is_set_the_channel_counts_for_nothing(slack: FakeSlack) -> None:
    slack.answers |= {"usergroups.list": GROUPS, "usergroups.users.list": {"ok": True, "users": ["U02BOB"]}}
    made = full(slack, group="technicians", channel="C01TECH")
    assert (made.is_technician("U02BOB"), slack.of("conversations.members")) == (True, [])


def test_a_guest_in_the_technicians_group_is_no_technician(slack: FakeSlack) -> None:
    users = {"ok": True, "users": ["U02BOB", "U03GUEST", "U06OTHER"]}
    slack.answers |= {"usergroups.list": GROUPS, "usergroups.users.list": users}
    made = full(slack, group="technicians")
    assert [made.is_technician(id) for id in users["users"]] == [True, False, False]  # type: ignore[attr-defined]


def test_without_user_groups_there_are_people_still(slack: FakeSlack) -> None:
    slack.answers["usergroups.list"] = {"ok": False, "error": "paid_teams_only"}
    made = full(slack, group="technicians")
    assert made.people()
    assert not made.is_technician("U02BOB")


def test_a_domain_is_the_companys_when_several_of_its_staff_have_it(slack: FakeSlack) -> None:
    slack.answers["users.list"] = pages(
        [
            ALICE,
            user("U7", "Ann One", "ann@example.org"),
            user("U9", "Abe Two", "abe@example.org"),
            BOB,
            user("U10", "Ben Two", "ben@example.com"),
            GUEST,
            user("U8", "Gil", "gil@partner.example", is_restricted=True),
        ]
    )
    made = people(slack)
    made.refresh()
    assert made.domains() == ("example.org",)


def test_the_list_is_read_in_the_background_and_the_reading_ends(slack: FakeSlack) -> None:
    slack.answers["users.list"] = pages([ALICE])
    made = people(slack)
    made.start()
    for _ in range(200):
        if made.age_s() is not None:
            break
        threading.Event().wait(0.02)
    made.close()
    assert made.owner("alice@example.org") is not None
    assert not any(thread.name == "people" for thread in threading.enumerate())


BELONGING = [
    ({}, Belonging.STAFF),
    ({"is_ultra_restricted": True}, Belonging.GUEST),
    ({"is_stranger": True}, Belonging.STRANGER),
    ({"team_id": "T99OTHER"}, Belonging.STRANGER),
    ({"team_id": "T98SISTER", "enterprise_user": {"enterprise_id": "E1"}}, Belonging.STAFF),
]


@pytest.mark.parametrize(("fields", "belonging"), BELONGING)
def test_staff_guests_and_strangers_are_told_apart(fields: dict[str, Any], belonging: Belonging) -> None:
    member = member_of(user("U1", "Ann", "ann@example.org") | fields, TEAM)
    assert member is not None
    assert member.belonging is belonging


CONVERSATIONS = {
    "ok": True,
    "channels": [{"id": "C01HELP", "name": "help-desk"}, {"id": "C02GENERAL", "name": "general"}],
    "response_metadata": {"next_cursor": ""},
}


def channels(fake: FakeSlack, *wanted: str, now: list[float] | None = None) -> SlackChannels:
    times = now or [0.0]
    return SlackChannels(make_client(TOKEN, fake.api), wanted, clock=lambda: times[0])


def test_channels_by_id_cost_no_call(slack: FakeSlack) -> None:
    made = channels(slack, "C01HELP")
    assert "C01HELP" in made
    assert "C02GENERAL" not in made
    assert slack.calls == []


def test_channels_by_name_are_looked_up_once(slack: FakeSlack) -> None:
    slack.answers["users.conversations"] = CONVERSATIONS
    made = channels(slack, "#Help-Desk")
    for _ in range(10):
        assert "C01HELP" in made
        assert "C02GENERAL" not in made
    assert len(slack.of("users.conversations")) == 1
    assert made.missing() == ()
    assert channels(slack, "help-desk", "no-such").missing() == ("no-such",)


def test_a_channel_that_the_bot_joined_later_is_found(slack: FakeSlack) -> None:
    now = [0.0]
    slack.answers["users.conversations"] = {"ok": True, "channels": []}
    made = channels(slack, "help-desk", now=now)
    assert "C01HELP" not in made
    slack.answers["users.conversations"] = CONVERSATIONS
    assert "C01HELP" not in made
    now[0] += 61.0
    assert "C01HELP" in made


def test_a_channel_that_is_renamed_to_the_help_desks_name_is_found(slack: FakeSlack) -> None:
    now = [0.0]
    slack.answers["users.conversations"] = {"ok": True, "channels": [{"id": "C01HELP", "name": "it"}]}
    made = channels(slack, "help-desk", now=now)
    assert "C01HELP" not in made
    slack.answers["users.conversations"] = CONVERSATIONS
    assert "C01HELP" not in made
    now[0] += 601.0
    assert "C01HELP" in made


def test_names_that_could_never_be_looked_up_dont_make_a_message_nobodys(slack: FakeSlack) -> None:
    slack.answers["users.conversations"] = {"ok": False, "error": "internal_error"}
    with pytest.raises(SlackApiError):
        assert "C01HELP" in channels(slack, "help-desk")


@pytest.mark.parametrize(
    ("word", "is_id"), [("C0123ABCD", True), ("GABC12345", True), ("help-desk", False), ("general", False)]
)
def test_ids_are_told_from_names(word: str, is_id: bool) -> None:
    assert is_channel_id(word) is is_id
