"""The trace of a mail: who handed it to whom, and what the verifiers on the way said of it.

`read_trace` turns the header fields of RFC 5321 (Received), RFC 8601 (Authentication-Results), RFC 7208
(Received-SPF), RFC 8617 (ARC) and the vendors' own fields into typed values, and says of each on which
side of the trust boundary it lies.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.hosts import family
from bot.intake.boundary import Boundary, begins, find_border, hand_over, prove_client
from bot.intake.filter_scores import read_filters
from bot.intake.received import local_user, read_hop
from bot.intake.received_origination import read_origination
from bot.intake.received_tokens import LONGEST_VALUE
from bot.intake.stamps import ReadField, read_results
from bot.intake.stamps_spf import read_received_spf
from bot.intake.stamps_zone import Layout, Placed, forged, hand_stamps, zone_stamps
from bot.intake.tags import read_arc_sets, read_signatures
from bot.model import (
    ArcSet,
    Defect,
    FilterVerdict,
    Header,
    Hop,
    Limits,
    Method,
    Origination,
    Result,
    Signature,
    Stamp,
    Trust,
    Zone,
)

_AT_DOMAIN = re.compile(r"@([A-Za-z0-9.-]{1,253})")
_MOST_DEFECTS = 60
_MOST_SMALL = 200
"""Originations and filter verdicts kept."""
_MICROSOFT = family("outlook.com")
_MICROSOFT_FIELDS = (
    "x-forefront-antispam-report",
    "x-microsoft-antispam",
    "x-ms-exchange-organization-",
    "x-sid-result",
)


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
    headers = headers[: limits.headers]
    names = tuple(header.name.strip().lower() for header in headers)
    places = tuple(index for index, name in enumerate(names) if name == "received")
    layout = Layout(names, places[: limits.hops])
    hops = tuple(read_hop(headers[place].value, index) for index, place in enumerate(layout.hops))
    placed, stamp_defects = _read_stamps(headers, names, limits)
    arc = read_arc_sets(headers)
    boundary, placed = _draw(hops, placed, layout, arc, trust, _author_domains(headers))
    return Trace(
        hops=boundary.hops,
        stamps=tuple(replace(each.stamp, hop=layout.hop_above(each.field)) for each in placed),
        originations=_originations(headers, layout, boundary),
        filters=_filters(headers, layout, boundary),
        arc=arc,
        signatures=read_signatures(headers),
        defects=(
            *_received_defects(headers, places, limits),
            *stamp_defects,
            *forged(placed, boundary, trust),
        )[:_MOST_DEFECTS],
    )


def _draw(
    hops: tuple[Hop, ...],
    placed: tuple[Placed, ...],
    layout: Layout,
    arc: tuple[ArcSet, ...],
    trust: Trust,
    authors: Sequence[str],
) -> tuple[Boundary, tuple[Placed, ...]]:
    """The border first, then the stamps inside it, then what these prove of the sending server."""
    boundary = find_border(hops, trust)
    placed = zone_stamps(placed, boundary, layout, arc, trust)
    if boundary.border is not None:
        border = boundary.hops[boundary.border]
        boundary = hand_over(boundary, prove_client(border, _spf_domains(placed, border), authors))
    return boundary, hand_stamps(placed, boundary, layout, arc, trust)


def _author_domains(headers: Sequence[Header]) -> list[str]:
    """Every domain that From could be read to name, at most ten: only a single one proves anything."""
    fields = [header.value[:2_000] for header in headers if header.name.strip().lower() == "from"][:10]
    return [match[1] for value in fields for match in _AT_DOMAIN.finditer(value)][:10]


def _spf_domains(placed: Sequence[Placed], border: Hop) -> list[str]:
    """The domains for which the receiver found that the sending server may send."""
    stamps = (each.stamp for each in placed if each.stamp.zone is Zone.INSIDE)
    return [
        stamp.domain
        for stamp in stamps
        if stamp.method is Method.SPF and stamp.result is Result.PASS and stamp.ip in ("", border.ip)
    ]


def _read_stamps(
    headers: Sequence[Header], names: Sequence[str], limits: Limits
) -> tuple[tuple[Placed, ...], tuple[Defect, ...]]:
    placed: list[Placed] = []
    defects: list[Defect] = []
    fields = 0
    for index, (header, name) in enumerate(zip(headers, names, strict=True)):
        read = _read_stamp_field(name, header) if fields <= limits.stamps else None
        if read is None:
            continue
        fields += 1
        if fields > limits.stamps or len(placed) + len(read.stamps) > limits.stamps:
            defects.append(Defect("too-many-stamps", f"more than {limits.stamps} results; the rest is left out"))
            break
        placed.extend(Placed(stamp, index) for stamp in read.stamps)
        defects.extend(read.defects)
    return tuple(placed), tuple(defects)


def _read_stamp_field(name: str, header: Header) -> ReadField | None:
    """Exchange's X-MS-Exchange-Authentication-Results repeats what an inner hop found, so it is no stamp."""
    if name == "received-spf":
        return read_received_spf(header.value)
    if name.startswith("x-ms-exchange-") or "authentication-results" not in name:
        return None
    if name.endswith(("authentication-results", "authentication-results-original")):
        return read_results(header.value, header.name.strip())
    return None


def _received_defects(headers: Sequence[Header], places: Sequence[int], limits: Limits) -> list[Defect]:
    defects: list[Defect] = []
    if len(places) > limits.hops:
        defects.append(Defect("too-many-hops", f"{len(places)} Received lines; {limits.hops} are read"))
    longest = max((len(headers[place].value) for place in places[: limits.hops]), default=0)
    if longest > LONGEST_VALUE:
        defects.append(Defect("received-cut", f"a Received line of {longest} characters was cut"))
    return defects


def _zone_by_place(field: int, layout: Layout, boundary: Boundary) -> Zone:
    """Other fields: above the border the receiver's, below it the sending organisation's if that is proven."""
    if boundary.border is None:
        return Zone.OUTSIDE
    if field < layout.hops[boundary.border]:
        return Zone.INSIDE
    return Zone.HANDED if _handed_by_submitter(field, layout, boundary) else Zone.OUTSIDE


def _handed_by_submitter(field: int, layout: Layout, boundary: Boundary) -> bool:
    """Whether the sending organisation wrote the field: it stands among its lines, or the mail began with it."""
    if not boundary.client:
        return False
    last = boundary.last_handed
    if last is not None and field < layout.hops[last]:
        return True
    edge = last if last is not None else boundary.border
    if edge is None or edge + 1 < len(boundary.hops):
        return False
    return last is None or begins(boundary.hops[last])


def _originations(headers: Sequence[Header], layout: Layout, boundary: Boundary) -> tuple[Origination, ...]:
    """The fields' originations, then those of Received lines written by a program on the server itself."""
    found: list[Origination] = []
    server = boundary.hops[boundary.border].ip if boundary.border is not None else ""
    for index, header in enumerate(headers):
        origination = read_origination(header)
        if origination is None or (origination.ip == server and not origination.account):
            continue  # Outlook.com's X-Sender-IP repeats the sending server
        found.append(replace(origination, zone=_zone_by_place(index, layout, boundary)))
    for hop in boundary.hops:
        if user := local_user(hop):
            found.append(Origination("Received", account=user, zone=hop.zone))
    return tuple(found[:_MOST_SMALL])


def _filters(headers: Sequence[Header], layout: Layout, boundary: Boundary) -> tuple[FilterVerdict, ...]:
    """Microsoft puts its fields at the end, after taking foreign ones out or renaming them "-Untrusted"."""
    found: list[FilterVerdict] = []
    for index, header in enumerate(headers):
        for verdict in read_filters(header):
            name = verdict.source.lower()
            zone = _zone_by_place(index, layout, boundary)
            if zone is not Zone.INSIDE and name.startswith(_MICROSOFT_FIELDS):
                ours = _MICROSOFT in boundary.receiver and not name.endswith("-untrusted")
                zone = Zone.INSIDE if ours else Zone.OUTSIDE
            found.append(replace(verdict, zone=zone))
            if len(found) >= _MOST_SMALL:
                return tuple(found)
    return tuple(found)
