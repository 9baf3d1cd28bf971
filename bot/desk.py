"""The composition root of the processes that serve: which parts they consist of, and in which order those start."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog
from slack_sdk import WebClient

from bot import deciding, handbook, jobs, running, ticketjobs
from bot.adapters import web
from bot.adapters.broker import Broker
from bot.adapters.casebook import RedisCasebook
from bot.adapters.children import Children
from bot.adapters.clock import SystemClock
from bot.adapters.contacts import Contacts, marked
from bot.adapters.inquiries import RedisInquiries
from bot.adapters.metrics import PrometheusMeter
from bot.adapters.queue import DeadLetters, RedisQueue, make_broker, open_dead_letters
from bot.adapters.sightings import RedisSightings
from bot.adapters.store import Line, open_line
from bot.adapters.tickets import RedisTickets
from bot.adapters.vitals import answers, gauges
from bot.adapters.worker import Worker
from bot.advice import desk_to_call
from bot.checks.names import name_words
from bot.cli_serve import Role, Running
from bot.correcting import Correcting
from bot.engine import LoopEngine
from bot.errors import StoreUnavailable
from bot.handbook.official import official_links
from bot.model import Belonging, Case, Message, Verdict
from bot.ports import Directory, Meter, Person
from bot.reception import Reception
from bot.sameness import is_partly_read
from bot.settings import Listen, Mode, Settings, Welcome
from bot.ticketing import Keeper, Ticketing
from bot.tickets.accounts import AccountBook
from bot.tickets.clock import Timing
from bot.triage import Tools
from bot.upkeep import Upkeep
from handlers.app import make_app
from handlers.blocks.wording import Wording
from handlers.calls import REFUSED, code_of, later, make_client
from handlers.channels import SlackChannels
from handlers.connection import SocketConnection
from handlers.desk import Desk, Link
from handlers.files import SlackFiles
from handlers.http import PATH, HttpEntrance
from handlers.people import SlackPeople
from handlers.places import channel_id, group_id
from handlers.tickets.room import TicketRoom
from handlers.ticketvoice import TicketVoice
from handlers.tokens import TokenWatch
from handlers.views import BlockViews
from handlers.voice import make_voice

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

log = structlog.get_logger()
Probe = Callable[[], str]
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
_CALL_S = 10
"""Seconds that one call of Slack's Web API may take in a worker."""


class Compose(Protocol):
    """Builds the engine's tools over a directory (`bot.__main__`)."""

    def __call__(
        self, settings: Settings, directory: Directory | None, meter: Meter | None
    ) -> AbstractAsyncContextManager[Tools]: ...


@contextmanager
def open_desk(compose: Compose, settings: Settings, role: Role, stop: running.Stop, children: int) -> Iterator[Running]:
    """One process's parts over an open store, which is closed at the end; `children` are its further workers.

    A store that is away at the start is waited for; raises Shown for what waiting doesn't mend.
    """
    with ExitStack() as stack:
        line = _store(stack, settings, stop)
        common = _common(stack, settings, line)
        parts: list[running.Part] = [
            TokenWatch(common.client, common.link),
            running.Background("people", common.people),
        ]
        entrance: SocketConnection | HttpEntrance | None = None
        if role.works:
            parts.append(running.Late("worker", lambda: _workers(common, compose, stop)))
        if children:
            parts.append(_children(settings, children))
        if role.takes:
            entrance = _entrance(common, _reception(stack, common))
            parts.append(entrance)
        health = _health(stack, common, parts, entrance)
        page = _web(common, health, entrance)
        yield Running((*page, *parts), health.stopping)


@dataclass(frozen=True, slots=True)
class Common:
    """What every role has."""

    settings: Settings
    line: Line
    meter: PrometheusMeter
    link: Link
    client: WebClient
    wording: Wording
    people: SlackPeople
    broker: Broker
    queue: RedisQueue
    inquiries: RedisInquiries
    sightings: RedisSightings
    letters: DeadLetters
    ticketing: Ticketing


def _store(stack: ExitStack, settings: Settings, stop: running.Stop) -> Line:
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            return stack.enter_context(open_line(settings.redis_url or None, settings.data_dir.expanduser()))
        except StoreUnavailable as away:
            if not settings.redis_url or away.code != "store-unavailable":
                raise
            log.warning("the store is away", why=away.message, again_in_s=wait_s)
        stop.pause(wait_s)
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


def _common(stack: ExitStack, settings: Settings, line: Line) -> Common:
    meter, clock, known = PrometheusMeter(), SystemClock(), handbook.load()
    client = make_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, timeout_s=_CALL_S)
    broker = make_broker(line, meter)
    inquiries = _inquiries(settings, line)
    sightings = RedisSightings(line, keep=timedelta(hours=settings.keep_content_h))
    stack.callback(inquiries.close)
    stack.callback(sightings.close)
    letters = stack.enter_context(open_dead_letters(line))
    tickets = RedisTickets(
        line,
        clock,
        keep_content=timedelta(hours=settings.keep_content_h),
        keep_record=timedelta(days=settings.keep_verdicts_d),
    )
    stack.callback(tickets.close)
    meter.watch(lambda: gauges(letters))
    people = _people(settings, client, known)
    queue = RedisQueue(broker, line.url)
    return Common(
        settings=settings,
        line=line,
        meter=meter,
        link=Link(),
        client=client,
        wording=Wording(
            known.talk, official_links(known), desk_to_call(settings.help_desk), bool(settings.technicians_channel)
        ),
        people=people,
        broker=broker,
        queue=queue,
        inquiries=inquiries,
        sightings=sightings,
        letters=letters,
        ticketing=Ticketing(
            Keeper(tickets, queue, clock, meter, Timing(settings.office, urgent_always=settings.urgent_always)),
            _book(settings, people, known),
            desk_to_call(settings.help_desk),
            many=settings.many_reports,
        ),
    )


def _people(settings: Settings, client: WebClient, known: handbook.Handbook) -> SlackPeople:
    """The owner's contacts and the workspace's people, VIPs marked among both."""
    words = name_words(known.lists)

    def directory(people: Sequence[Person]) -> Contacts:
        return Contacts(marked(people, settings.vips), words)

    contacts = Contacts.load(settings.contacts, words).people()
    return SlackPeople(
        client, directory, contacts, group=settings.technicians_group, channel=settings.technicians_channel
    )


def _book(settings: Settings, people: SlackPeople, known: handbook.Handbook) -> AccountBook:
    def whose(team: str, address: str) -> str:
        member = people.by_address(address, team)
        return member.user if member and member.belonging is Belonging.STAFF else ""

    def vip(address: str) -> bool:
        owner = people.owner(address)
        return owner is not None and owner.vip

    return AccountBook(known, whose, vip, frozenset(settings.our_domains))


def _workers(common: Common, compose: Compose, stop: running.Stop) -> tuple[running.Part, ...]:
    """The engine and the worker, with the voice that they answer with. Raises Stopped."""
    settings = common.settings
    opened = partial(compose, settings, common.people, common.meter)
    engine = LoopEngine(opened, ours=common.people.domains, decided=remember, corrected=correct)
    channel = _found(stop, common, "CHECKMAIL_TECHNICIANS_CHANNEL", settings.technicians_channel, channel_id)
    group = _found(stop, common, "CHECKMAIL_TECHNICIANS_GROUP", settings.technicians_group, group_id)
    # A channel that is set but isn't there reaches nobody, so nobody is said to be told.
    wording = replace(common.wording, has_technicians=bool(channel))
    voice = make_voice(common.client, wording, common.meter, technicians=channel, group=group)
    files = SlackFiles(common.client)
    desk = deciding.Desk(
        common.inquiries,
        common.sightings,
        common.queue,
        voice,
        files,
        engine,
        SystemClock(),
        common.meter,
        tickets=common.ticketing if channel else None,
    )
    jobs.register(common.broker, desk)
    on_call = _found(stop, common, "CHECKMAIL_ON_CALL_GROUP", settings.on_call_group, group_id)
    says = TicketVoice(voice, common.ticketing, on_call, settings.manager)
    corrected = Correcting(desk, engine.remember)
    telling = ticketjobs.Telling(common.ticketing, common.inquiries, voice, says, common.meter, corrected)
    ticketjobs.register(common.broker, telling)
    upkeep = Upkeep(common.inquiries, common.queue, common.meter)
    clock = ticketjobs.TicketClock(common.ticketing, common.inquiries)
    return engine, Worker(common.broker, threads=settings.worker_threads), upkeep, clock


async def correct(message: Message, verdict: Verdict, at: datetime, tools: Tools) -> None:
    """Keeps what a technician found of a mail. Raises StoreUnavailable."""
    casebook = tools.instruments.casebook
    if isinstance(casebook, RedisCasebook):
        await casebook.remember_verdict(message, verdict, at, by_technician=True)


async def remember(case: Case, tools: Tools) -> None:
    """Keeps the verdict for the sender's next mail; a store that is away costs the memory, not the answer."""
    casebook = tools.instruments.casebook
    if isinstance(casebook, RedisCasebook) and not is_partly_read(case.message):
        try:
            await casebook.decided(case)
        except StoreUnavailable as away:
            log.warning("verdict not remembered", code=away.code)


def _found(stop: running.Stop, common: Common, variable: str, name: str, find: Callable[[WebClient, str], str]) -> str:
    """The id of what a setting names; "" where there is none of that name, which is told. Raises Stopped."""
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            found = find(common.client, name)
        except REFUSED as refused:
            code = code_of(refused)
            if later(refused) is None:
                log.error("can't be looked up; see checkmail doctor", setting=variable, code=code)
                return ""
            log.warning("Slack can't be asked", setting=variable, code=code, again_in_s=wait_s)
            stop.pause(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            continue
        if name and not found:
            log.error("nothing of that name; see checkmail doctor", setting=variable)
        return found


def _children(settings: Settings, count: int) -> Children:
    """Workers as processes of their own; each tells its health at the next port."""
    place = settings.http
    ports = [Listen(place.host, place.port + number) if place else None for number in range(1, count + 1)]
    environments = [{**os.environ, "CHECKMAIL_HTTP": str(port) if port else "off"} for port in ports]
    return Children([sys.executable, "-m", "bot", "worker", "--until-closed"], environments)


def _reception(stack: ExitStack, common: Common) -> Reception:
    """With clients of its own for the store: what doesn't answer soon is told while Slack still waits."""
    settings, line = common.settings, common.line.for_the_front()
    broker = make_broker(line, common.meter)
    inquiries = _inquiries(settings, line)
    stack.callback(broker.close)
    stack.callback(inquiries.close)
    return Reception(
        inquiries,
        RedisQueue(broker, line.url),
        SystemClock(),
        common.meter,
        reports_an_hour=settings.reports_an_hour,
    )


def _inquiries(settings: Settings, line: Line) -> RedisInquiries:
    return RedisInquiries(
        line,
        SystemClock(),
        keep_content=timedelta(hours=settings.keep_content_h),
        keep_verdicts=timedelta(days=settings.keep_verdicts_d),
    )


def _entrance(common: Common, reception: Reception) -> SocketConnection | HttpEntrance:
    settings = common.settings
    admitted = {Belonging.STAFF, Belonging.UNKNOWN}
    if settings.guests is Welcome.ANSWER:
        admitted.add(Belonging.GUEST)
    if settings.strangers is Welcome.ANSWER:
        admitted.add(Belonging.STRANGER)
    desk = Desk(
        reception=reception,
        people=common.people,
        talk=common.wording.talk,
        views=BlockViews(
            common.wording, timedelta(hours=settings.keep_content_h), timedelta(days=settings.keep_verdicts_d)
        ),
        channels=SlackChannels(common.client, settings.help_desk_channels),
        admitted=frozenset(admitted),
        link=common.link,
        help_desk=common.wording.help_desk,
        tickets=TicketRoom(common.ticketing, common.wording, settings.office) if settings.technicians_channel else None,
    )
    app = make_app(desk, common.client, settings.slack_signing_secret.get_secret_value())
    if settings.mode is Mode.HTTP:
        return HttpEntrance(app, common.meter)
    token = settings.slack_app_token.get_secret_value()
    return SocketConnection(app, make_client(token, settings.slack_api_url, timeout_s=_CALL_S), common.meter)


def _health(
    stack: ExitStack, common: Common, parts: Sequence[running.Part], entrance: SocketConnection | HttpEntrance | None
) -> web.Health:
    client = common.line.client()
    stack.callback(client.close)
    ready: dict[str, Probe] = {"store": lambda: answers(common.line.url, client)}
    ready |= {part.name: part.ready for part in parts if isinstance(part, TokenWatch | Children | running.Late)}
    if entrance is not None:
        ready["slack"] = entrance.ready
    return web.Health({part.name: part.fault for part in parts}, ready)


def _web(
    common: Common, health: web.Health, entrance: SocketConnection | HttpEntrance | None
) -> tuple[web.WebServer, ...]:
    settings = common.settings
    if settings.http is None:
        return ()

    def metrics() -> web.Page:
        body, kind = common.meter.page()
        return web.Page(body, content_type=kind)

    pages = {"/healthz": health.live, "/readyz": health.readiness, "/metrics": metrics}
    posts: dict[str, WSGIApplication] = {}
    if isinstance(entrance, HttpEntrance):
        posts[PATH] = entrance.application
    # Several processes of one machine have the same default; only who asked for a place must get it.
    needed = bool(posts) or (entrance is not None and "http" in settings.model_fields_set)
    return (web.WebServer(settings.http.host, settings.http.port, web.site(pages, posts), needed=needed),)
