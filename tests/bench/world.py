"""Thirty made-up domains with their DNS records, and two hundred mails that come from them or pretend to."""

import base64
import random
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import dkim

DAY = datetime(2026, 6, 2, 10, tzinfo=UTC)

DEPTHS = (1,) * 5 + (2,) * 8 + (3,) * 9 + (4,) * 4 + (5,) * 1 + (6,) * 2 + (7,) * 1
"""How many SPF records of each domain lie behind each other: three at the median, six at the 95th percentile."""

TALK = """
we talked about the garden on monday and there were three open questions left for you her brother said that
spring comes late this year so planting has to wait until after easter please bring your notes when we meet at
their house next week I will make soup as always old photos from school are in my blue box under that stair
"""

SCAM = """
dear friend I am the widow of a late banker and hold 10.5 million dollars for you please send your bank details and
your full name to me within 24 hours this is urgent and confidential you have won the lottery verify your password
at https://login.example/verify or your account will be suspended we talked about buying gift cards for the boss
"""

TEXTS = ("talk", "html", "scam")

SIZES = (3_000, 60_000, 1_000_000)

Zones = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Mail:
    """One mail with what its envelope was; on disk, so that the benchmark's own memory stays small."""

    path: Path
    ip: str
    mail_from: str
    helo: str
    genuine: bool

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True)
class Key:
    private: bytes
    record: str


def make_key(bits: int = 2048) -> Key:
    """A fresh RSA key from openssl."""
    made = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], capture_output=True, check=True)
    public = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=made.stdout, capture_output=True, check=True
    )
    return Key(made.stdout, "v=DKIM1; k=rsa; p=" + base64.b64encode(public.stdout).decode())


def domain(number: int) -> str:
    return f"shop{number:02}.test"


def zones(key: Key) -> Zones:
    """What the domains, and the spoofers' servers, publish."""
    found: Zones = {"test": {}}
    for number, depth in enumerate(DEPTHS):
        found |= _domain_zone(number, depth, key)
    for number in range(0, 30, 2):
        host, ip = f"node{number}.rented.example", _spoofer_ip(number)
        found[host] = {"A": [ip]}
        found[_reverse(ip)] = {"PTR": [host]}
    for number in range(30):
        found[f"throwaway{number:02}.test"] = {"TXT": [f"v=spf1 ip4:{_spoofer_ip(number)} -all"]}
    return found


def _domain_zone(number: int, depth: int, key: Key) -> Zones:
    name, ip = domain(number), _own_ip(number)
    found: Zones = {
        f"_dmarc.{name}": {"TXT": ["v=DMARC1; p=reject; rua=mailto:dmarc@" + name]},
        f"s1._domainkey.{name}": {"TXT": [key.record]},
        f"mail.{name}": {"A": [ip]},
        _reverse(ip): {"PTR": [f"mail.{name}"]},
    }
    for level in range(depth):
        holder = name if level == 0 else f"_spf{level}.{name}"
        last = level == depth - 1
        rest = f"ip4:{ip}" if last else f"ip4:192.0.2.{level} include:_spf{level + 1}.{name}"
        found[holder] = {"TXT": [f"v=spf1 {rest} -all"]}
    found[name] |= {"MX": [f"10 mail.{name}"], "A": [ip]}
    return found


def _own_ip(number: int) -> str:
    return f"198.51.100.{number + 1}"


def _spoofer_ip(number: int) -> str:
    return f"203.0.113.{number + 1}"


def _reverse(ip: str) -> str:
    return ".".join(reversed(ip.split("."))) + ".in-addr.arpa"


def mails(
    folder: Path, key: Key, count: int = 200, sizes: tuple[int, ...] = SIZES, *, text: str = "talk"
) -> list[Mail]:
    """Half genuine and signed, half spoofed, of each size alike; the same at every run but for the key."""
    dice = random.Random(7)
    folder.mkdir()
    return [_mail(folder, number, sizes[number // 2 % len(sizes)], key, dice, text) for number in range(count)]


def _mail(folder: Path, number: int, size: int, key: Key, dice: random.Random, text: str) -> Mail:
    genuine, name = number % 2 == 0, domain(number * 7 % 30)
    author = f"maria{number}@{name}"
    raw = _content(author, number, size, dice, text)
    if genuine:
        signature = dkim.sign(raw, b"s1", name.encode(), key.private, canonicalize=(b"relaxed", b"relaxed"))
        ip, helo, mail_from = _own_ip(number * 7 % 30), f"mail.{name}", author
        raw = bytes(signature) + raw
    else:
        server = number % 30
        ip, helo = _spoofer_ip(server), f"node{server}.rented.example"
        mail_from = author if number % 4 == 1 else f"bounce@throwaway{server:02}.test"
    path = folder / f"{number:03}.eml"
    path.write_bytes(_trace(ip, helo, mail_from, number) + raw)
    return Mail(path, ip, mail_from, helo, genuine)


def _trace(ip: str, helo: str, mail_from: str, number: int) -> bytes:
    lines = (
        f"Return-Path: <{mail_from}>",
        f"Received: from {helo} ({helo} [{ip}])\r\n\tby mx.receiver.example (Postfix) with ESMTPS id {number:08X}\r\n"
        f"\tfor <bob@receiver.example>; {format_datetime(DAY)}",
    )
    return "".join(line + "\r\n" for line in lines).encode()


def _content(author: str, number: int, size: int, dice: random.Random, kind: str) -> bytes:
    text = _text(kind, min(size, 10_000), dice)
    head = (
        f"From: Maria {number} <{author}>\r\nTo: Bob <bob@receiver.example>\r\nSubject: Order {number}\r\n"
        f"Date: {format_datetime(DAY)}\r\nMessage-ID: <{number}@{author.partition('@')[2]}>\r\nMIME-Version: 1.0\r\n"
    )
    if size < 20_000:
        form = "html" if kind == "html" else "plain"
        return f"{head}Content-Type: text/{form}; charset=utf-8\r\n\r\n{text}\r\n".encode()
    rest = base64.encodebytes(dice.randbytes((size - len(text)) * 3 // 4)).replace(b"\n", b"\r\n")
    parts = (
        f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n'
        '--b\r\nContent-Type: application/pdf; name="order.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        'Content-Disposition: attachment; filename="order.pdf"\r\n\r\n'
    )
    return parts.encode() + rest + b"--b--\r\n"


def _text(kind: str, size: int, dice: random.Random) -> str:
    """That many octets, about: shuffled talk, the same in a table of HTML with links, or a scam's sentences."""
    if kind == "scam":
        return "\r\n".join([SCAM.strip().replace("\n", "\r\n")] * (size // len(SCAM)))
    lines = [" ".join(dice.sample(TALK.split(), 11)) for _ in range(size // (145 if kind == "html" else 65))]
    if kind == "talk":
        return "\r\n".join(lines)
    rows = (
        f'<tr><td style="padding:4px"><p>{line} <a href="https://shop01.test/{n}">order</a></p></td></tr>'
        for n, line in enumerate(lines)
    )
    return "<html><body><table>" + "\r\n".join(rows) + "</table></body></html>"
