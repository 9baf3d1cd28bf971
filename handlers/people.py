"""Who the people of the workspace are: names and addresses for the engine's Directory, and who asks.

`users.list` is read in the background and kept in memory; only somebody whom the list doesn't have yet costs a call
(`users.info`), and that only once.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import structlog
from slack_sdk import WebClient

from bot.model import Asker, Belonging
from bot.ports import Directory, Person
from handlers.calls import REFUSED, code_of, later, quick
from handlers.places import channel_id, group_id
from handlers.reading import Json, string

log = structlog.get_logger()

_PAGE = 200
"""Members of one page, as Slack recommends; it may give fewer."""
_MOST_MEMBERS = 500_000
_OF_THE_FIRM = 3
"""Staff with an address in a domain that make it the firm's."""
_MOST_LATE = 10_000
"""People known by `users.info` alone who are remembered."""
_AGAIN_S = 60.0
"""How long after a failed reading of the list it is read again."""
_ASKED_A_MINUTE = 20
"""Look-ups of what comes from outside; Slack allows fifty a minute to all of the app."""
_QUIET_S = 10.0
"""How long nobody is looked up after Slack refused."""
_NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
"""What Slack says of an id, or an address, that nobody has."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person of `users.list`; no bots, nobody who has left."""

    id: str
    name: str
    nickname: str = ""
    address: str = ""
    belonging: Belonging = Belonging.STAFF
    locale: str = ""

    def person(self) -> Person:
        nicknames = (self.nickname,) if self.nickname and self.nickname.casefold() != self.name.casefold() else ()
        return Person(self.name, (self.address,), staff=self.belonging is Belonging.STAFF, nicknames=nicknames)

    def asker(self, team: str) -> Asker:
        return Asker(team, self.id, self.name, self.address, self.belonging, self.locale)


def member_of(user: Json, team: str) -> Member | None:
    """A user object of Slack as a member; None for bots and for people who have left.

    Guests are `is_restricted` or `is_ultra_restricted`, people of other organisations `is_stranger`, or of another
    team where neither belongs to an organisation of ours (docs.slack.dev/reference/objects/user-object).
    """
    profile = user.get("profile")
    details: Json = profile if isinstance(profile, dict) else {}
    if user.get("deleted") or user.get("is_bot") or user.get("is_workflow_bot") or user.get("is_connector_bot"):
        return None
    id, name = string(user.get("id")), _name(user, details)
    if not id or id == "USLACKBOT":
        return None
    return Member(
        id,
        name[:200],
        string(details.get("display_name")).strip()[:200],
        string(details.get("email")).strip().lower()[:320],
        _belonging(user, team),
        string(user.get("locale")),
    )


def _name(user: Json, profile: Json) -> str:
    real = string(profile.get("real_name")) or string(user.get("real_name"))
    return (real or string(profile.get("display_name")) or string(user.get("name"))).strip()


def _belonging(user: Json, team: str) -> Belonging:
    theirs = string(user.get("team_id"))
    enterprise = user.get("enterprise_user")
    if user.get("is_stranger") or (team and theirs not in ("", team) and not isinstance(enterprise, dict)):
        return Belonging.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Belonging.GUEST
    return Belonging.STAFF


@dataclass(frozen=True, slots=True)
class _Known:
    """What one reading of the list gave."""

    by_id: Mapping[str, Member]
    by_address: Mapping[str, Member]
    directory: Directory
    technicians: frozenset[str] = frozenset()
    read_at: float = 0.0
    domains: tuple[str, ...] = ()


class SlackPeople(Directory):
    """The directory of a workspace, with the owner's own contacts in it. Safe in threads.

    `directory_of` makes a directory of people, with its own way of comparing names (`bot.adapters.contacts.Contacts`).
    `contacts` are the owner's; where somebody is in both, both sets of addresses count. `group` is the technicians'
    user group by id or handle, `channel` their channel by id or name: the staff in the group, or without one in the
    channel, are technicians.
    """

    def __init__(
        self,
        client: WebClient,
        directory_of: Callable[[Sequence[Person]], Directory],
        contacts: Sequence[Person] = (),
        *,
        group: str = "",
        channel: str = "",
        refresh_s: float = 6 * 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._quick = quick(client)
        self._directory_of = directory_of
        self._contacts = tuple(contacts)
        self._group = group.lstrip("@")
        self._channel = channel.lstrip("#")
        self._refresh_s = refresh_s
        self._clock = clock
        nobody: Mapping[str, Member] = MappingProxyType({})
        self._known = _Known(nobody, nobody, directory_of(self._contacts))
        self._late: OrderedDict[tuple[str, str], tuple[Member, float]] = OrderedDict()
        self._asked_at: list[float] = []
        """When addresses and direct messages were looked up within the last minute."""
        self._quiet_until = 0.0
        """Until when nobody is looked up, since Slack asked for quiet or couldn't be reached; Slack waits for us."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._team = ""

    def start(self) -> None:
        """Reads the list now and every `refresh_s` seconds, in the background, until `close`."""
        self._thread = threading.Thread(target=self._keep_fresh, name="people", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the reading; a page under way is finished."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=15)

    def refresh(self) -> bool:
        """Reads the whole list and who the technicians are; whether that worked. What was known stays until then."""
        try:
            self._team = self._team or string(self._client.auth_test().get("team_id"))
            members = self._members()
            technicians = self._technicians(members)
        except REFUSED as refused:
            log.warning("people not read", code=code_of(refused))
            return False
        by_address = {member.address: member for member in reversed(members) if member.address}
        self._known = _Known(
            MappingProxyType({member.id: member for member in members}),
            MappingProxyType(by_address),
            self._directory_of(joined(self._contacts, members)),
            technicians,
            self._clock(),
            _domains(members),
        )
        log.info("people read", members=len(members), technicians=len(technicians))
        return True

    def people(self) -> tuple[Person, ...]:
        return self._known.directory.people()

    def named(self, name: str) -> tuple[Person, ...]:
        return self._known.directory.named(name)

    def owner(self, address: str) -> Person | None:
        return self._known.directory.owner(address)

    def whois(self, user: str, team: str) -> Asker:
        """Somebody by their id. Who can't be looked up is UNKNOWN: an outage turns nobody away, and shows no more."""
        member = self._known.by_id.get(user) or self._looked_up(user, team)
        return member.asker(team)

    def by_address(self, address: str, team: str) -> Asker | None:
        """The member whose address this is."""
        member = self._known.by_address.get(address.strip().lower())
        return member.asker(team) if member else None

    def found_by(self, address: str, team: str) -> Asker | None:
        """The member whose address this is; by a look-up where the list doesn't have it. Within a budget, since
        anybody can write any address into a mail.
        """
        known = self.by_address(address, team)
        if known is not None or "@" not in address:
            return known
        member = self._remembered(("address", address.strip().lower()), lambda: self._by_email(address, team))
        return member.asker(team) if member and member.id else None

    def in_direct(self, channel: str, team: str) -> Asker | None:
        """Whose direct message with the bot a channel is."""
        member = self._remembered(("direct", channel), lambda: self._other_in(channel))
        return self.whois(member.id, team) if member and member.id else None

    def is_technician(self, user: str) -> bool:
        """Whether they are in the technicians' group, or without one in their channel, as of the last reading."""
        return user in self._known.technicians

    def domains(self) -> tuple[str, ...]:
        """The domains that at least three of our staff have their addresses in, the most common first; freemail's,
        which many firms' staff use, may be among them.
        """
        return self._known.domains

    def age_s(self) -> float | None:
        """Seconds since the list was read; None where it never was."""
        return self._clock() - self._known.read_at if self._known.by_id else None

    def _looked_up(self, user: str, team: str) -> Member:
        """By `users.info`, remembered; a failure isn't, but for a while nobody is looked up."""
        now = self._clock()
        with self._lock:
            found = self._late.get((team, user))
        if found is not None and found[1] > now:
            return found[0]
        if not user:
            return Member(user, "", belonging=Belonging.GUEST)
        member = self._asked(user, team) if now >= self._quiet_until else None
        if member is None:
            return Member(user, "", belonging=Belonging.UNKNOWN)
        with self._lock:
            self._late[team, user] = (member, now + self._refresh_s)
            while len(self._late) > _MOST_LATE:
                self._late.popitem(last=False)
        return member

    def _asked(self, user: str, team: str) -> Member | None:
        """None where Slack can't be asked; whom it doesn't know, or who has left, is a guest."""
        nobody = Member(user, "", belonging=Belonging.GUEST)
        try:
            answer = self._quick.users_info(user=user, include_locale=True).get("user")
        except REFUSED as refused:
            if code_of(refused) in _NOBODY:
                return nobody
            self._be_quiet(refused)
            return None
        return (member_of(answer, team) if isinstance(answer, dict) else None) or nobody

    def _remembered(self, key: tuple[str, str], ask: Callable[[], Member | None]) -> Member | None:
        now = self._clock()
        with self._lock:
            found = self._late.get(key)
            self._asked_at = [at for at in self._asked_at if now - at < 60.0]
            if found is not None and found[1] > now:
                return found[0]
            if now < self._quiet_until or len(self._asked_at) >= _ASKED_A_MINUTE:
                return None
            self._asked_at.append(now)
        member = ask()
        if member is not None:
            with self._lock:
                self._late[key] = (member, now + self._refresh_s)
                while len(self._late) > _MOST_LATE:
                    self._late.popitem(last=False)
        return member

    def _by_email(self, address: str, team: str) -> Member | None:
        """A member without an id where nobody has the address; None where Slack can't be asked."""
        try:
            answer = self._quick.users_lookupByEmail(email=address).get("user")
        except REFUSED as refused:
            if code_of(refused) in _NOBODY:
                return Member("", "")
            self._be_quiet(refused)
            return None
        return (member_of(answer, team) if isinstance(answer, dict) else None) or Member("", "")

    def _other_in(self, channel: str) -> Member | None:
        try:
            answer = self._quick.conversations_info(channel=channel).get("channel")
        except REFUSED as refused:
            self._be_quiet(refused)
            return None
        return Member(string(answer.get("user")), "") if isinstance(answer, dict) else Member("", "")

    def _be_quiet(self, refused: Exception) -> None:
        wait = later(refused)
        log.warning("somebody not looked up", code=code_of(refused))
        self._quiet_until = self._clock() + (wait.seconds if wait else _QUIET_S)

    def _members(self) -> list[Member]:
        """Every page of `users.list`."""
        members: list[Member] = []
        cursor = ""
        while len(members) < _MOST_MEMBERS:
            page = self._page(cursor)
            users = page.get("members")
            listed = [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []
            members += filter(None, (member_of(user, self._team) for user in listed))
            after = page.get("response_metadata")
            cursor = string(after.get("next_cursor")) if isinstance(after, dict) else ""
            if not cursor or self._stop.is_set():
                break
        return members

    def _page(self, cursor: str) -> Json:
        """One page; limits are waited for, since a large workspace has more pages than Slack gives in a minute."""
        for _ in range(5):
            try:
                return _data(self._client.users_list(limit=_PAGE, cursor=cursor, include_locale=True).data)
            except REFUSED as refused:
                wait = later(refused)
                if wait is None or wait.why != "429" or self._stop.wait(wait.seconds):
                    raise
        return _data(self._client.users_list(limit=_PAGE, cursor=cursor, include_locale=True).data)

    def _technicians(self, members: Iterable[Member]) -> frozenset[str]:
        try:
            staff = frozenset(member.id for member in members if member.belonging is Belonging.STAFF)
            if self._group:
                return self._in_group() & staff
            return self._in_channel() & staff if self._channel else frozenset()
        except REFUSED as refused:
            log.warning("technicians not read", code=code_of(refused))
            return self._known.technicians

    def _in_group(self) -> frozenset[str]:
        group = group_id(self._client, self._group)
        users = self._client.usergroups_users_list(usergroup=group).get("users") if group else None
        return frozenset(map(str, users)) if isinstance(users, list) else frozenset()

    def _in_channel(self) -> frozenset[str]:
        """Of a channel of more than a thousand only those on the first page: that is no technicians' channel."""
        channel = channel_id(self._client, self._channel)
        users = self._client.conversations_members(channel=channel, limit=1000).get("members") if channel else None
        return frozenset(map(str, users)) if isinstance(users, list) else frozenset()

    def _keep_fresh(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self._refresh_s if self.refresh() else min(_AGAIN_S, self._refresh_s))


def _domains(members: Iterable[Member]) -> tuple[str, ...]:
    staff = (member for member in members if member.belonging is Belonging.STAFF)
    counted = Counter(member.address.rpartition("@")[2] for member in staff if "@" in member.address)
    return tuple(domain for domain, count in counted.most_common() if count >= _OF_THE_FIRM)


def joined(contacts: Sequence[Person], members: Iterable[Member]) -> tuple[Person, ...]:
    """The owner's contacts and the members with an address, one person where both have one of the addresses."""
    people = list(contacts)
    places = {address.casefold(): at for at, person in enumerate(people) for address in person.addresses}
    for member in members:
        if not member.address or not member.name or member.belonging is Belonging.STRANGER:
            continue
        at = places.get(member.address.casefold())
        if at is None:
            people.append(member.person())
            continue
        known, found = people[at], member.person()
        names = (found.name, *found.nicknames, *known.nicknames)
        nicknames = dict.fromkeys(name for name in names if name.casefold() != known.name.casefold())
        people[at] = replace(known, staff=known.staff or found.staff, nicknames=tuple(nicknames))
    return tuple(people)


def _data(value: object) -> Json:
    return value if isinstance(value, dict) else {}
