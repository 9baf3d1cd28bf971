"""What posts are written with: the texts, and what of the surroundings they mention."""

from dataclasses import dataclass, field

from bot.handbook.talk import Talk


@dataclass(frozen=True, slots=True)
class Wording:
    """One for each process."""

    talk: Talk
    links: frozenset[str] = field(default_factory=frozenset)
    """Web addresses that stand in knowledge/ (`bot.handbook.official`): the only ones that are live in a reply."""
    help_desk: str = ""
    """Whom to call, for whoever gets no reply that says it (`bot.advice.desk_to_call`)."""
    has_technicians: bool = False
    """Whether somebody is told: a technicians' channel is set."""
