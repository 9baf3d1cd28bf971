"""Makes knowledge/geo/country.mmdb, the country of every address that a regional registry gave out.

    uv run .github/make_country_database.py [OUT]

iptocc answers for one address at a time, so the address space is asked on a grid as fine as the
registries hand it out: every quarter of an IPv4 /24 (then each address of a mixed one), and every IPv6 /32
(then its /36s, then each /48 of a mixed one). Equal neighbours become one range. Takes about six minutes;
ends with a comparison on random addresses and refuses to write a file that disagrees.
"""

import random
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

import geoip2.database
import geoip2.errors
from iptocc import country_code
from mmdb_writer import MMDBWriter
from netaddr import IPSet, iprange_to_cidrs

OUT = Path(__file__).parents[1] / "knowledge" / "geo" / "country.mmdb"
NOT_COUNTRIES = {"EU", "AP", "ZZ"}
"""Codes that registries use for regions; ISO 3166-1 has no such country."""
TWELVES = (0x2400, 0x2410, 0x2600, 0x2610, 0x2620, 0x2630, 0x2800, 0x2A00, 0x2A10, 0x2C00)
BLOCKS = (0x2001, 0x2003, *(twelve | low for twelve in TWELVES for low in range(16)))
"""The /16s within what IANA gave to the registries (ipv6-unicast-address-assignments)."""
SAMPLES = 200_000

Step = tuple[int, str | None]
"""An address as a number from which on this code holds."""


def main(out: Path) -> None:
    v4 = list(ranges(steps_v4(), 1 << 32))
    v6 = list(ranges(steps_v6(), 1 << 128))
    write(v4, v6, out)
    wrong = disagreements(v4, v6, out)
    size = out.stat().st_size / 1e6
    sys.stdout.write(f"{len(v4)} IPv4 and {len(v6)} IPv6 ranges, {size:.1f} MB, {wrong:.4%} disagree\n")
    if wrong > 0.0005:
        out.unlink()
        sys.exit("Too many addresses disagree with iptocc: the grid of this script is too coarse for its data.")


def ask(texts: list[str]) -> list[str | None]:
    return [None if code in NOT_COUNTRIES else code for code in country_code(texts)]


def steps_v4() -> Iterator[Step]:
    quarters = [f"{third}.{fourth}" for third in range(256) for fourth in (0, 64, 128, 192)]
    for high in range(1 << 16):
        first, second = divmod(high, 256)
        if first in (0, 10, 127) or first >= 224:
            yield high << 16, None
            continue
        codes = ask([f"{first}.{second}.{rest}" for rest in quarters])
        for third in range(256):
            start = high << 16 | third << 8
            four = codes[third * 4 : third * 4 + 4]
            if len(set(four)) == 1:
                yield start, four[0]
            else:
                single = ask([f"{first}.{second}.{third}.{fourth}" for fourth in range(256)])
                yield from ((start + fourth, code) for fourth, code in enumerate(single))


def steps_v6() -> Iterator[Step]:
    lows = [f"{low:x}" for low in range(1 << 16)]
    yield 0, None
    for high in BLOCKS:
        first = ask([f"{high:x}:{low}::" for low in lows])
        for top in range(256):
            if any(first[top << 8 : (top + 1) << 8]):
                yield from steps_v6_24(high, top)
            else:
                yield (high << 16 | top << 8) << 96, None
        yield (high + 1) << 112, None


def steps_v6_24(high: int, top: int) -> Iterator[Step]:
    """The 256 /32s of one /24: each asked at its sixteen /36s, and whole where it or a neighbour is mixed."""
    seen = [ask([f"{high:x}:{top << 8 | low:x}:{part:x}000::" for part in range(16)]) for low in range(256)]
    mixed = {low for low in range(256) if len(set(seen[low])) > 1}
    for low in range(256):
        start = high << 16 | top << 8 | low
        if mixed & {low - 1, low, low + 1}:
            every = ask([f"{start >> 16:x}:{start & 0xFFFF:x}:{part:x}::" for part in range(1 << 16)])
            yield from (((start << 16 | part) << 80, code) for part, code in enumerate(every))
        else:
            yield start << 96, seen[low][0]


def ranges(steps: Iterable[Step], end: int) -> Iterator[tuple[int, int, str]]:
    """First and last address and code, equal neighbours made one, the unknown left out."""
    changes: list[Step] = []
    for start, code in steps:
        if not changes or changes[-1][1] != code:
            changes.append((start, code))
    for (start, code), (following, _) in pairwise([*changes, (end, None)]):
        if code:
            yield start, following - 1, code


def write(v4: list[tuple[int, int, str]], v6: list[tuple[int, int, str]], out: Path) -> None:
    writer = MMDBWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type="checkmail-Country",
        languages=["en"],
        description={"en": f"Country by registry, from iptocc {version('iptocc')} (MIT OR Apache-2.0)"},
    )
    for kind, found in ((4, v4), (6, v6)):
        for start, end, code in found:
            first, last = (text(kind, number) for number in (start, end))
            writer.insert_network(IPSet(iprange_to_cidrs(first, last)), {"country": {"iso_code": code}})
    out.parent.mkdir(parents=True, exist_ok=True)
    writer.to_db_file(str(out))


def text(kind: int, number: int) -> str:
    size = 4 if kind == 4 else 16
    return str(ip_address(number.to_bytes(size, "big")))


def disagreements(v4: list[tuple[int, int, str]], v6: list[tuple[int, int, str]], out: Path) -> float:
    """The share of random addresses (anywhere in IPv4, in and around known IPv6 ranges) that differ."""
    chance = random.Random(1)  # noqa: S311 - a sample, not a secret
    some = [text(4, chance.randrange(1 << 32)) for _ in range(SAMPLES)]
    some += [text(4, chance.choice(v4)[chance.randrange(2)]) for _ in range(SAMPLES)]
    for _ in range(SAMPLES):
        start, end, _code = chance.choice(v6)
        some.append(text(6, min(chance.randrange(start, end + 1) + chance.choice((0, end - start)), (1 << 128) - 1)))
    wanted = ask(some)
    with geoip2.database.Reader(out) as reader:
        return sum(found(reader, ip) != code for ip, code in zip(some, wanted, strict=True)) / len(some)


def found(reader: geoip2.database.Reader, ip: str) -> str | None:
    try:
        return reader.country(ip).country.iso_code
    except geoip2.errors.AddressNotFoundError:
        return None


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
