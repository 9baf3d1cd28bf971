"""On which side of the trust boundary a stamp lies: by its place in the mail, its name only where places are equal.

RFC 8601, 5: a server takes out foreign stamps that bear its own name, and adds its own above. Postfix's milters
and Gmail put them right below their own Received line instead; Microsoft above it, without a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.hosts import family
from bot.intake.boundary import Boundary
from bot.model import ArcSet, Defect, Method, Stamp, Trust, Zone

_RESULTS = "authentication-results"
_BESIDE = ("received-spf", "arc-", "x-", "dkim-filter", "return-path", "delivered-to", "envelope-to", _RESULTS)
"""Fields that a receiving server may put between its Received line and its stamps."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A stamp and the index of the header field in which it stands."""

    stamp: Stamp
    field: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the trace stands in the mail: field names in lower case, the field index of each hop."""

    names: tuple[str, ...]
    hops: tuple[int, ...]

    def hop_above(self, field: int) -> int | None:
        """The hop below whose Received line the field stands; None above the first."""
        above = [index for index, place in enumerate(self.hops) if place < field]
        return above[-1] if above else None

    def beside_end(self, hop: int) -> int:
        """The first field below a hop's Received line that its server can't have put there."""
        place = self.hops[hop] + 1
        while place < len(self.names) and self.names[place].startswith(_BESIDE):
            place += 1
        return place


def zone_stamps(
    placed: Sequence[Placed], boundary: Boundary, layout: Layout, arc: Sequence[ArcSet], trust: Trust
) -> tuple[Placed, ...]:
    """The stamps with INSIDE where the receiver wrote them, else OUTSIDE.

    Mail that never left the receiver has no border: what stands above its last line is the receiver's, too.
    """
    gate = boundary.border
    if gate is None:
        gate = next((hop.index for hop in reversed(boundary.hops) if hop.zone is Zone.INSIDE), None)
    return _gate(placed, gate, boundary.receiver, boundary, layout, arc, trust, Zone.INSIDE, floor=-1)


def hand_stamps(
    placed: Sequence[Placed], boundary: Boundary, layout: Layout, arc: Sequence[ArcSet], trust: Trust
) -> tuple[Placed, ...]:
    """The stamps below the border that the sending server's own organisation wrote, as HANDED."""
    if boundary.border is None or boundary.last_handed is None:
        return tuple(placed)
    floor = layout.hops[boundary.border]
    return _gate(placed, boundary.last_handed, boundary.client, boundary, layout, arc, trust, Zone.HANDED, floor=floor)


def _gate(
    placed: Sequence[Placed],
    gate: int | None,
    owners: frozenset[str],
    boundary: Boundary,
    layout: Layout,
    arc: Sequence[ArcSet],
    trust: Trust,
    zone: Zone,
    *,
    floor: int,
) -> tuple[Placed, ...]:
    """Stamps between `floor` and the gate's Received line, and those right beside it under an owner's name."""
    if gate is None:
        return tuple(placed)
    edge, end, client = layout.hops[gate], layout.beside_end(gate), boundary.hops[gate].ip
    sealers = {each.instance: family(each.sealer) for each in arc}
    first: dict[tuple[str, Method], int] = {}
    stamps_above = False
    out: list[Placed] = []
    for each in sorted(placed, key=lambda item: item.field):
        if each.stamp.zone is not Zone.OUTSIDE or not floor < each.field < end:
            out.append(each)
            continue
        above = each.field < edge
        believed = _named_so(each.stamp, owners, sealers, trust, need_name=not above or zone is Zone.HANDED)
        if believed and not above:
            about_client = not (each.stamp.ip and client) or each.stamp.ip == client
            believed = about_client and first.get(_key(each.stamp), each.field) == each.field
            # A receiver that stamps above its line doesn't stamp below it, too: that is the sender's.
            believed = believed and not stamps_above
        if believed:
            first.setdefault(_key(each.stamp), each.field)
            stamps_above |= above and zone is Zone.INSIDE and each.stamp.source.lower() == _RESULTS
            each = replace(each, stamp=replace(each.stamp, zone=zone, beside=not above))
        out.append(each)
    return tuple(out)


def _key(stamp: Stamp) -> tuple[str, Method]:
    """One verifier states a method in one field: the same again below is the sender's."""
    return (stamp.source.lower(), stamp.method)


def _named_so(stamp: Stamp, owners: frozenset[str], sealers: dict[int, str], trust: Trust, *, need_name: bool) -> bool:
    """Whether the stamp's name allows that an owner wrote it; above the border only ARC sets need one."""
    trusted = bool(stamp.authserv_id) and stamp.authserv_id in {name.lower() for name in trust.authserv_ids}
    if stamp.source.lower().startswith("arc-"):
        return trusted or sealers.get(stamp.arc_instance, "") in owners - {""}
    if stamp.source.lower() not in (_RESULTS, "received-spf"):
        return trusted or not need_name  # renamed or private fields are somebody's claim
    if not need_name:
        return True
    return trusted or family(stamp.authserv_id) in owners - {""}


def forged(placed: Sequence[Placed], boundary: Boundary, trust: Trust) -> tuple[Defect, ...]:
    """A defect for each stamp below the border that bears the receiver's name.

    Mail that the receiver's own provider sent, forwarded or returned carries such stamps honestly.
    """
    if boundary.border is None or boundary.client & boundary.receiver:
        return ()
    ours = boundary.receiver | {family(name) for name in trust.authserv_ids} - {""}
    found: dict[str, Defect] = {}
    for each in placed:
        stamp = each.stamp
        if stamp.zone is not Zone.OUTSIDE or stamp.source.lower() not in (_RESULTS, "received-spf"):
            continue
        named = family(stamp.authserv_id)
        if named and named in ours:
            words = f"{stamp.source} of {stamp.authserv_id} says {stamp.method}={stamp.word}, below the border"
            found.setdefault(f"{stamp.method}{stamp.authserv_id}", Defect("forged-stamp", words))
    return tuple(found.values())[:20]
