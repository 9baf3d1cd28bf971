"""Which of the next questions can be answered by a click, and by which."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.actions import ANSWER, NO, SAY, UNSURE, YES, Answered
from handlers.blocks.kit import Block, button
from handlers.blocks.wording import Wording

_YES_OR_NO = (YES, NO, UNSURE)
_WHO = (SAY, UNSURE)

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ask-other-channel": _YES_OR_NO,
        "bounces": _YES_OR_NO,
        "did-you-click": (YES, NO),
        "expected-it": (),
        "confirm-address": (),
        "known-address": _WHO,
        "known-sender": _WHO,
        "others-got-it": _YES_OR_NO,
        "second-address": _YES_OR_NO,
        "sent-items": _YES_OR_NO,
        "sign-ins": _YES_OR_NO,
        "usual-server": (),
        "who-does-it-claim": _WHO,
        "whose-address": _WHO,
    }
)
"""By the question's code (a page under knowledge/questions/). Empty where `Told` has no place for an answer."""


def answers(inquiry: str, question: str, wording: Wording) -> tuple[Block, ...]:
    """The buttons under a question; none where it is answered by material or in words."""
    talk = wording.talk
    return tuple(
        button(
            talk.text(f"button-{choice}"),
            f"{ANSWER}_{number}",
            value=Answered(inquiry, question, choice).value,
            spoken=talk.text(f"spoken-{choice}"),
        )
        for number, choice in enumerate(CHOICES.get(question, ()))
    )
