"""The trace of a mail: who handed it to whom, and what the verifiers on the way said of it.

`read_trace` turns the header fields of RFC 5321 (Received), RFC 8601 (Authentication-Results), RFC 7208
(Received-SPF), RFC 8617 (ARC) and the vendors' own fields into typed values, and says of each on which
side of the trust boundary it lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.intake.tags import read_arc_sets, read_signatures
from bot.model import ArcSet, Defect, FilterVerdict, Header, Hop, Limits, Origination, Signature, Stamp, Trust


@dataclass(frozen=True, slots=True)
class Trace:
    """What the header fields tell of the way; all in message order, the top (newest) first."""

    hops: tuple[Hop, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    originations: tuple[Origination, ...] = ()
    filters: tuple[FilterVerdict, ...] = ()
    arc: tuple[ArcSet, ...] = ()
    signatures: tuple[Signature, ...] = ()
    defects: tuple[Defect, ...] = ()


def read_trace(headers: Sequence[Header], trust: Trust, limits: Limits) -> Trace:
    """Reads every trace field; raises nothing, whatever the fields hold.

    `headers` are in message order, the top first, unfolded. What is malformed or over a limit is left
    out or cut, with a defect.
    """
    return Trace(arc=read_arc_sets(headers), signatures=read_signatures(headers))
