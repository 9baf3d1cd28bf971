"""An inquiry: one person's question about one mail, from the first message to the last answer. Kept in the store."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.diagnosis import Diagnosis, Reply, Ticket
from bot.model.report import Reader, Told


class Surface(StrEnum):
    """The way in."""

    DIRECT = "direct"
    CHANNEL = "channel"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    WORKFLOW = "workflow"


class Belonging(StrEnum):
    """What somebody is to the workspace."""

    STAFF = "staff"
    GUEST = "guest"
    """A single- or multi-channel guest of ours (`is_restricted`, `is_ultra_restricted`)."""
    STRANGER = "stranger"
    """Somebody of another organisation in a shared channel (Slack Connect)."""
    UNKNOWN = "unknown"
    """Slack couldn't be asked: is answered, and sees what a guest sees, until that is known."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks; what the directory knew of them when they asked."""

    team: str
    user: str
    name: str = ""
    address: str = ""
    belonging: Belonging = Belonging.STAFF
    locale: str = ""
    """As Slack gives it: "en-GB"; "" where unknown."""
    verified: bool = True
    """False where only a forwarded mail's From says who asks, which anybody can write."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the conversation is: a channel (or a person's id, which stands for the direct message) and its thread."""

    channel: str
    thread: str = ""
    """The root message's ts; "" until there is one."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that lies with Slack; fetched by the worker alone."""

    id: str
    name: str = ""
    url: str = ""
    """`url_private_download`; "" where only the id is known (Slack Connect: `check_file_info`)."""
    size: int = 0
    """Octets, as Slack says; the truth is counted while it comes."""
    mimetype: str = ""
    mode: str = "hosted"
    """hosted, snippet, email, external, file_access, tombstone, hidden_by_limit."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of material as it came: a text or a file. `ts` is the message's, which orders and tells copies."""

    ts: str
    text: str = ""
    """Unescaped, as the person wrote it."""
    file: FileRef | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What one delivery from Slack brings; the handlers make it, the reception takes it."""

    key: str
    """Two deliveries of one thing have the same: message "team:channel:ts", modal "view:id", step "function:id"."""
    surface: Surface
    asker: Asker
    place: Place
    pieces: tuple[Piece, ...] = ()
    told: Told = field(default_factory=Told)
    reader: Reader = Reader.RECEIVER
    step: str = ""
    """Workflow Builder's `function_execution_id`, to be completed with the outcome."""
    about: Place | None = None
    """The message that somebody chose; where they choose it again, it is the same inquiry."""


class Stage(StrEnum):
    """How far an inquiry is."""

    RECEIVED = "received"
    """Material or an answer came in that isn't answered yet."""
    ANSWERED = "answered"
    FAILED = "failed"
    """Given up for good: the person and the technicians were told; the dead letter is kept."""
    FORGOTTEN = "forgotten"


class Wish(StrEnum):
    """What a person asks for besides an answer."""

    PERSON = "person"
    """"Get a person"."""
    WRONG = "wrong"
    """"This is wrong"."""
    URGENT = "urgent"
    """"I clicked or typed my password"."""

    @property
    def called(self) -> str:
        """The mark of the post that tells technicians of it."""
        return f"wish-{self.value}"

    @property
    def noted(self) -> str:
        """The mark of what the person is told then."""
        return f"noted-{self.value}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided and said at one revision; without the mail itself."""

    revision: int
    diagnosis: Diagnosis
    reply: Reply
    technician: Reply
    """The same for a technician's eyes."""
    ticket: Ticket | None
    sender_name: str = ""
    sender_address: str = ""
    server_ip: str = ""
    server_host: str = ""
    server_country: str = ""
    mail: str = ""
    """The mail's identity (`bot.sameness`); "" where it has none."""
    seen_before: int = 0
    """How many others had reported the same mail."""
    borrowed: bool = False
    """This was a forwarded copy; the verdict is of the whole mail that somebody else handed in."""
    campaign: str = ""
    """The campaign that the mail belongs to (`bot.campaigns`); "" where it has too little of its own."""
    campaign_people: int = 0
    """How many reported a mail of that campaign, this person too."""
    recipients: tuple[str, ...] = ()
    """Addresses in To and Cc."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The whole of it. `revision` grows with every piece and answer that comes in; an outcome belongs to one."""

    id: str
    surface: Surface
    asker: Asker
    place: Place
    received_at: datetime
    pieces: tuple[Piece, ...] = ()
    told: Told = field(default_factory=Told)
    reader: Reader = Reader.RECEIVER
    wishes: tuple[Wish, ...] = ()
    stage: Stage = Stage.RECEIVED
    revision: int = 1
    outcome: Outcome | None = None
    previous: Outcome | None = None
    """The outcome before, to say what changed."""
    step: str = ""
    changed_at: datetime | None = None
    part: str = ""
    """Which of several mails among the pieces this is about (`bot.splitting`)."""
    about: str = ""
    """What that mail is called, where there are several."""
    parent: str = ""
    """The inquiry with which this mail came; "" for the first or only one."""
