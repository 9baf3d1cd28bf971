"""The standing advice: what matters most for the verdict comes first."""

import re
from collections.abc import Mapping

from bot.advice.account import traces
from bot.advice.sender import about
from bot.advice.steps import filled
from bot.handbook import Handbook
from bot.handbook.pages import When
from bot.model import Diagnosis, Facts, Reader, Verdict

SHOWN = 3
"""Pieces that are told to people who did nothing wrong yet."""
_VERDICTS = "|".join(Verdict)
_FOR = re.compile(rf"((?:{_VERDICTS})(?:, (?:{_VERDICTS})){{0,5}}): ")


def standing(
    facts: Facts, diagnosis: Diagnosis, handbook: Handbook, reader: Reader, values: Mapping[str, str]
) -> tuple[str, ...]:
    """All of it, the pieces marked for the verdict (or the leaning) first; none with honest mail."""
    verdict = Verdict.HACKED_ACCOUNT if traces(facts, diagnosis, reader) else about(diagnosis)
    if verdict is Verdict.GENUINE:
        return ()
    marked = [(_FOR.match(item), item) for item in handbook.told(When.ALWAYS, verdict)]
    marked.sort(key=lambda pair: not (pair[0] and verdict in pair[0].group(1).split(", ")))
    return filled(tuple(item[mark.end() :] if mark else item for mark, item in marked), values)
