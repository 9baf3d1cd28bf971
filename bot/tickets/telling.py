"""What an act has to be told to whom. Pure, so that a worker that died tells the same again.

The technicians' post is brought up to date by every act; a line below it, or a message to somebody, comes only where
they have to know, so that nobody mutes the channel. The reporter hears at every turn what is happening.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bot.model.diagnosis import Verdict
from bot.model.telling import Tell, Whom
from bot.model.tickets import Act, ActKind, Again, Entry, Level, LiveTicket, Reporter, Role, TicketState

CODES = frozenset(
    """post opened raised joined handed-over released question answered wrote new-verdict rests comes-back noted
    waits-for-confirmation confirmed refused closed closed-by-reporter reopened relapse sender-question sender-yes
    sender-no sender-unsure notice-proposed notice-approved notice notice-sent pack helped not-helped
    first-soon first-due first-late soon due late no-answer many-due taken-up known asked corrected held ended
    open-again handed-to-you yours-reopened yours-answered your-turn""".split()
)
"""Every code that a Tell may have."""
HARMFUL = frozenset(Verdict) - {Verdict.GENUINE, Verdict.UNDETERMINED}
"""What is passed on to whoever reports something like it: whoever imitates a genuine mail gains nothing."""
COUNTS = frozenset({2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000})
"""At how many reports a line is written: a campaign mustn't flood the channel."""
_REMINDED = {
    Level.FIRST_SOON: Whom.THREAD,
    Level.FIRST_DUE: Whom.ON_CALL,
    Level.FIRST_LATE: Whom.MANAGER,
    Level.SOON: Whom.THREAD,
    Level.DUE: Whom.ON_CALL,
    Level.LATE: Whom.MANAGER,
    Level.NO_ANSWER: Whom.THREAD,
}
K = ActKind


@dataclass(frozen=True, slots=True)
class _Turn:
    before: LiveTicket | None
    act: Act
    after: LiveTicket


def tells(before: LiveTicket | None, entry: Entry, after: LiveTicket, *, desk: bool = False) -> tuple[Tell, ...]:
    """What is to be told, the most urgent first. `desk`: another help desk follows along."""
    post = () if entry.act.kind in (K.POSTED, K.NOTE, K.FEEDBACK) else (_tell(after, Whom.POST, "post"),)
    other = (_tell(after, Whom.DESK, _desk_code(entry)),) if desk and _desk_code(entry) else ()
    turn = _Turn(before, _meant(before, entry.act), after)
    if entry.parked:
        return (*post, _line(turn, "waits-for-confirmation", act=entry.act.kind.value, number=str(entry.number)))
    said = tuple(_TELLS[turn.act.kind](turn)) if turn.act.kind in _TELLS else ()
    if entry.act.kind is K.CONFIRMED:
        who = entry.act.by.name
        said = (_tell(after, Whom.THREAD, "confirmed", by=who, act=turn.act.kind.value), *said)
    return (*post, *said, *other)


def _meant(before: LiveTicket | None, act: Act) -> Act:
    """Of a confirmation, the act that now counts."""
    if act.kind is not K.CONFIRMED or before is None:
        return act
    return next(each.act for each in before.parked if each.number == act.number)


def _desk_code(entry: Entry) -> str:
    codes = {TicketState.CLOSED: "closed", TicketState.REOPENED: "reopened"}
    if entry.was is None:
        return "opened"
    return codes.get(entry.became, "") if entry.was is not entry.became else ""


def _raised(turn: _Turn) -> Iterable[Tell]:
    assert turn.act.opening is not None
    yield _line(turn, "raised", reason=turn.act.opening.reason, priority=turn.after.priority.value)
    if turn.before and turn.before.priority is not turn.after.priority and turn.after.owner:
        yield _tell(turn.after, Whom.TECHNICIAN, "your-turn", user=turn.after.owner, priority=turn.after.priority.value)


def _joined(turn: _Turn) -> Iterable[Tell]:
    """Who reports what somebody has in hand, or has decided, hears that at once."""
    assert turn.act.opening is not None
    inquiry, theirs = turn.act.opening.reporter.inquiry, turn.after.theirs
    if theirs in HARMFUL and theirs is not turn.act.opening.verdict:
        yield _tell(turn.after, Whom.REPORTER, "known", inquiry=inquiry, verdict=theirs.value)
    elif turn.after.owner and turn.after.is_open:
        yield _tell(turn.after, Whom.REPORTER, "taken-up", inquiry=inquiry, who=turn.after.owner_name)
    if turn.before and turn.before.priority is not turn.after.priority:
        yield from _raised(turn)
    if turn.after.reports in COUNTS and (turn.before is None or turn.before.reports != turn.after.reports):
        yield _line(turn, "joined", count=str(turn.after.reports))


def _take(turn: _Turn) -> Iterable[Tell]:
    if turn.before is not None and turn.before.answered_at is None:
        yield from _everybody(turn.after, "taken-up", who=turn.after.owner_name)


def _hand_over(turn: _Turn) -> Iterable[Tell]:
    yield _line(turn, "handed-over", to=turn.after.owner_name)
    for user in sorted({turn.after.owner, turn.before.owner if turn.before else ""} - {"", turn.act.by.user}):
        yield _tell(
            turn.after, Whom.TECHNICIAN, "handed-to-you" if user == turn.after.owner else "handed-over", user=user
        )
    yield from _take(turn)


def _ask(turn: _Turn) -> Iterable[Tell]:
    asked = turn.act.inquiry or next((each.inquiry for each in turn.after.reporters if each.user), "")
    who = next((each.name for each in turn.after.reporters if each.inquiry == asked), "")
    yield _tell(turn.after, Whom.REPORTER, "question", inquiry=asked, who=turn.act.by.name, text=turn.act.text)
    yield _line(turn, "asked", to=who, text=turn.act.text)


def _answered(turn: _Turn) -> Iterable[Tell]:
    asked = turn.before is not None and turn.before.asked_at is not None
    yield _line(turn, "answered" if asked else "wrote", text=turn.act.text)
    if turn.after.owner:
        yield _tell(turn.after, Whom.TECHNICIAN, "yours-answered", user=turn.after.owner, who=turn.act.by.name)


def _changed(turn: _Turn) -> Iterable[Tell]:
    assert turn.act.verdict is not None
    verdict, was = turn.act.verdict.value, turn.before.verdict if turn.before else None
    yield _line(turn, "new-verdict", verdict=verdict, was=was.value if was else "", text=turn.act.text)
    yield from _everybody(turn.after, "corrected", verdict=verdict, who=turn.act.by.name)


def _held(turn: _Turn) -> Iterable[Tell]:
    until = turn.act.until.isoformat() if turn.act.until else ""
    yield _line(turn, "rests", until=until, text=turn.act.text)
    yield from _everybody(turn.after, "held", until=until)


def _resumed(turn: _Turn) -> Iterable[Tell]:
    yield _line(turn, "comes-back")
    if turn.after.owner and turn.after.owner != turn.act.by.user:
        yield _tell(turn.after, Whom.TECHNICIAN, "comes-back", user=turn.after.owner)


def _closed(turn: _Turn) -> Iterable[Tell]:
    act = turn.act
    assert act.outcome is not None
    by_reporter = act.by.role is Role.REPORTER
    code = "closed-by-reporter" if by_reporter else "closed"
    yield _line(turn, code, outcome=act.outcome.value, text=act.text)
    if by_reporter and turn.after.owner:
        yield _tell(turn.after, Whom.TECHNICIAN, "closed-by-reporter", user=turn.after.owner)
    verdict, ours = turn.after.verdict, turn.after.ours
    # Who wanted to be forgotten in the meantime is named in the ticket as it was; they are told all the same.
    for each in turn.before.reporters if turn.before else ():
        if each.user:
            yield _tell(
                turn.after,
                Whom.REPORTER,
                "ended",
                inquiry=each.inquiry,
                outcome=act.outcome.value,
                verdict=verdict.value if verdict else "",
                was=ours.value if ours else "",
                who=act.by.name if act.by.role is Role.TECHNICIAN else "",
            )


def _reopened(turn: _Turn) -> Iterable[Tell]:
    act = turn.act
    code = "relapse" if act.again is Again.RELAPSE else "reopened"
    yield replace(_line(turn, code, text=act.text), whom=Whom.ON_CALL)
    if turn.before and turn.before.owner and turn.before.owner != act.by.user:
        yield _tell(turn.after, Whom.TECHNICIAN, "yours-reopened", user=turn.before.owner)
    if act.again is not Again.RELAPSE:
        yield from _everybody(turn.after, "open-again")


def _reminded(turn: _Turn) -> Iterable[Tell]:
    level, together = turn.act.level, turn.act.together
    assert level is not None
    if level is Level.NO_ANSWER:
        yield from _everybody(turn.after, "no-answer")
    if together:
        if turn.after.number == together[0]:
            numbers = ", ".join(map(str, together))
            yield _tell(turn.after, _REMINDED[level], "many-due", numbers=numbers, count=str(len(together)))
    elif _REMINDED[level] is Whom.THREAD and turn.after.owner:
        yield _tell(turn.after, Whom.TECHNICIAN, level.value, user=turn.after.owner)
    else:
        yield _tell(turn.after, _REMINDED[level], level.value, who=turn.after.owner_name)


def _feedback(turn: _Turn) -> Iterable[Tell]:
    yield _line(turn, "helped" if turn.act.helped else "not-helped")


def _sender_asked(turn: _Turn) -> Iterable[Tell]:
    yield _tell(turn.after, Whom.SENDER, "sender-question", user=turn.after.sender)
    yield _line(turn, "sender-question", to=turn.act.name)


def _sender_said(turn: _Turn) -> Iterable[Tell]:
    assert turn.act.said is not None
    yield _line(turn, f"sender-{turn.act.said.value}")
    if turn.after.owner:
        yield _tell(
            turn.after, Whom.TECHNICIAN, f"sender-{turn.act.said.value}", user=turn.after.owner, who=turn.act.by.name
        )


def _proposed(turn: _Turn) -> Iterable[Tell]:
    count = len(turn.after.notice.recipients) if turn.after.notice else 0
    yield _line(turn, "notice-proposed", text=turn.act.text, count=str(count))


def _approved(turn: _Turn) -> Iterable[Tell]:
    assert turn.after.notice is not None
    for user in turn.after.notice.recipients:
        yield _tell(turn.after, Whom.RECIPIENT, "notice", user=user, text=turn.after.notice.text)


def _sent(turn: _Turn) -> Iterable[Tell]:
    yield _line(turn, "notice-sent", count=str(len(turn.after.notice.recipients) if turn.after.notice else 0))


def _plain(code: str) -> Callable[[_Turn], Iterable[Tell]]:
    def told(turn: _Turn) -> Iterable[Tell]:
        yield _line(turn, code, text=turn.act.text)

    return told


_TELLS: dict[ActKind, Callable[[_Turn], Iterable[Tell]]] = {
    K.RAISED: _raised,
    K.JOINED: _joined,
    K.TAKE: _take,
    K.RELEASE: _plain("released"),
    K.HAND_OVER: _hand_over,
    K.ASK: _ask,
    K.ANSWERED: _answered,
    K.CHANGE_VERDICT: _changed,
    K.HOLD: _held,
    K.RESUMED: _resumed,
    K.NOTE: _plain("noted"),
    K.CLOSE: _closed,
    K.REOPENED: _reopened,
    K.REMINDED: _reminded,
    K.FEEDBACK: _feedback,
    K.SENDER_ASKED: _sender_asked,
    K.SENDER_SAID: _sender_said,
    K.NOTICE_PROPOSED: _proposed,
    K.NOTICE_APPROVED: _approved,
    K.NOTICE_SENT: _sent,
    K.REFUSED: _plain("refused"),
}


def _everybody(ticket: LiveTicket, code: str, **values: str) -> Iterator[Tell]:
    """Every reporter who is known, in the thread of each of their inquiries."""
    named: Iterable[Reporter] = (each for each in ticket.reporters if each.user)
    return (_tell(ticket, Whom.REPORTER, code, inquiry=each.inquiry, **values) for each in named)


def _line(turn: _Turn, code: str, **values: str) -> Tell:
    return _tell(turn.after, Whom.THREAD, code, by=turn.act.by.name, **values)


def _tell(ticket: LiveTicket, whom: Whom, code: str, *, user: str = "", inquiry: str = "", **values: str) -> Tell:
    told = tuple((key, value) for key, value in values.items() if value)
    return Tell(ticket.team, ticket.number, ticket.version, whom, code, user, inquiry, told)
