"""The block that mail programs show on top of a forwarded mail: From, Sent, To, Subject, in many languages.

It says what somebody's program displayed, so that a Message made of it is of grade D. The labels are those
of Outlook, Apple Mail, Gmail, Yahoo and Thunderbird in the language named beside them.
"""

import re
from dataclasses import dataclass, replace
from email.header import Header as EncodedHeader

_LABELS = {
    "from": (
        "from", "von", "de", "da", "van", "fra", "från", "lähettäjä", "od", "nadawca", "odesílatel", "odosielateľ",
        "feladó", "de la", "expéditeur", "expediteur", "remitente", "remetente", "desde", "mittente", "afzender",
        "avsändare", "avsender", "afsender", "gönderen", "kimden", "от", "от кого", "отправитель", "від", "від кого",
        "από", "מאת", "من", "发件人", "寄件者", "寄件人", "差出人", "送信元", "보낸 사람", "보낸사람", "dari", "từ",
        "người gửi", "จาก", "saatja", "no", "nuo", "пошиљалац", "pošiljatelj", "šalje",
    ),
    "date": (
        "sent", "date", "gesendet", "datum", "gesendet am", "envoyé", "envoyé le", "enviado", "enviado el",
        "enviada em", "enviado em", "enviada", "fecha", "data", "inviato", "data invio", "verzonden", "sendt", "dato",
        "skickat", "skickades", "lähetetty", "päivämäärä", "pvm", "wysłano", "wysłane", "odesláno", "odoslané",
        "elküldve", "küldve", "dátum", "trimis", "dată", "gönderildi", "gönderilme tarihi", "gönderme tarihi", "tarih",
        "отправлено", "дата", "надіслано", "στάλθηκε", "ημερομηνία", "נשלח", "תאריך", "تاريخ الإرسال", "التاريخ",
        "发送时间", "发送日期", "日期", "寄件日期", "送信日時", "送信日", "日付", "日時", "보낸 날짜", "날짜",
        "dikirim", "tanggal", "đã gửi", "ngày", "ส่ง", "วันที่",
    ),
    "to": (
        "to", "an", "à", "a", "para", "aan", "til", "till", "vastaanottaja", "do", "adresat", "komu", "címzett",
        "către", "pentru", "destinataire", "destinatario", "destinatário", "kime", "alıcı", "кому", "получатель",
        "προς", "אל", "إلى", "收件人", "收件者", "宛先", "받는 사람", "받는사람", "kepada", "đến", "tới", "ถึง",
    ),
    "cc": (
        "cc", "kopie", "kopi", "kopia", "kopio", "copie à", "copie", "copia", "cópia", "dw", "másolatot kap", "másolat",
        "bilgi", "копия", "копія", "κοιν", "κοινοποίηση", "עותק", "نسخة", "抄送", "副本", "참조",
    ),
    "subject": (
        "subject", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "emne", "ämne", "aihe", "temat",
        "předmět", "predmet", "tárgy", "subiect", "konu", "тема", "θέμα", "נושא", "الموضوع", "主题", "主旨", "件名",
        "제목", "subyek", "perihal", "chủ đề", "tiêu đề", "เรื่อง", "teema",
    ),
    "reply-to": (
        "reply-to", "reply to", "antwort an", "antwortadresse", "répondre à", "responder a", "rispondi a",
        "antwoord aan", "svar til", "svar till", "responder para", "odpowiedź do", "ответить", "返信先", "答复",
    ),
}  # fmt: skip
LABEL = {label: kind for kind, labels in _LABELS.items() for label in labels}
_LINE = re.compile(
    r"[ \t]{0,20}[*_]{0,2}([^\s*:：][^*:：\n]{0,24}?)[*_]{0,2}[ \t]{0,3}[:：][*_]{0,2}[ \t]{0,8}(.{0,2000})"
)
_QUOTE_MARKS = re.compile(r"^(?:[ \t]?>){1,12}[ \t]?")
_MAILTO = re.compile(r"\s*[\[<(](?:mailto:)([^\[\]<>()\s]{1,320})[\]>)]", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,64}@[^\s<>()\[\]\"',;:]{1,253}")
_MOST_LINES = 4_000


@dataclass(frozen=True, slots=True)
class Block:
    """A visible block: its fields as shown ("" where missing), the text above it and below it."""

    sender: str = ""
    date: str = ""
    to: str = ""
    cc: str = ""
    subject: str = ""
    reply_to: str = ""
    above: str = ""
    below: str = ""


def find_block(text: str, *, start: int = 0) -> Block | None:
    """The first block at or after line `start`: a From line with at least two other fields of the block close below.

    Quote marks before the lines are taken for what they are. None where there is no block.
    """
    lines = text.split("\n")[:_MOST_LINES]
    for at in range(start, len(lines)):
        found = _labelled(lines[at])
        if found is None or found[0] not in ("from", "date", "subject"):
            continue
        block, after = _block(lines, at)
        if block.sender and bool(block.date) + bool(block.to) + bool(block.subject) >= 2:
            below = [_unquoted(line) for line in text.split("\n")[after:]]
            return replace(block, above="\n".join(lines[:at]).strip(), below="\n".join(below).strip("\n"))
    return None


def _unquoted(line: str) -> str:
    return _QUOTE_MARKS.sub("", line, count=1)


def _labelled(line: str) -> tuple[str, str] | None:
    if ":" not in line and "：" not in line:
        return None  # most lines of any text; the pattern costs ten times as much
    found = _LINE.match(_unquoted(line))
    if found is None:
        return None
    kind = LABEL.get(" ".join(found[1].casefold().split()))
    return (kind, found[2].strip()) if kind else None


def _block(lines: list[str], at: int) -> tuple[Block, int]:
    """The fields from line `at` on, and the line after them; values may go on for a line, blank lines end it."""
    values: dict[str, str] = {}
    last = ""
    index = at
    while index < min(at + 30, len(lines)):
        line = _unquoted(lines[index])
        found = _labelled(line)
        if found is not None and found[0] not in values:
            last, values[found[0]] = found
        elif not line.strip():
            following = next((_labelled(lines[next_]) for next_ in range(index + 1, min(index + 2, len(lines)))), None)
            if following is None or following[0] in values:
                break
        elif found is None and last in ("to", "cc", "from", "subject") and _goes_on(values[last], line):
            values[last] = f"{values[last]} {line.strip()}"
        else:
            break
        index += 1
    return _made(values), index


def _goes_on(value: str, line: str) -> bool:
    """Whether a line without a label belongs to the value above: a list of addresses, or an empty value."""
    return value.endswith((",", ";")) or not value or (line[:1] in (" ", "\t") and "@" in line)


def _made(values: dict[str, str]) -> Block:
    return Block(
        sender=values.get("from", ""),
        date=values.get("date", ""),
        to=values.get("to", ""),
        cc=values.get("cc", ""),
        subject=values.get("subject", ""),
        reply_to=values.get("reply-to", ""),
    )


def as_mail(block: Block) -> bytes:
    """The block as an Internet message, for the one reader of mails: fields as shown, the text below as body."""
    fields = (
        ("From", _mailbox(block.sender)),
        ("Reply-To", _mailbox(block.reply_to)),
        ("To", _mailboxes(block.to)),
        ("Cc", _mailboxes(block.cc)),
        ("Subject", _encoded(block.subject)),
        ("Date", block.date),
    )
    head = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields if value.strip())
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return (head + kind + "\r\n" + block.below).encode("utf-8", "replace")


def _mailbox(shown: str) -> str:
    """`Maria [mailto:m@example.org]`, `Maria <m@example.org>`, `m@example.org` or `Maria` as an address field."""
    text = _MAILTO.sub(r" <\1>", shown).strip()
    addresses = list(_ADDRESS.finditer(text))
    if not addresses:
        return f"{_phrase(text)} <>" if text else ""
    last = addresses[-1]
    name = text[: last.start()].strip(" \t<([\"'")
    if name.strip("<>").lower() == last[0].lower() or not name:
        return f"<{last[0]}>"
    return f"{_phrase(name)} <{last[0].rstrip('.')}>"


def _phrase(name: str) -> str:
    """A quoted phrase (RFC 5322, 3.2.5): what a client showed as the name, whatever stands in it."""
    return '"' + name.strip(" \"'").replace("\\", "").replace('"', "'")[:500] + '"'


def _mailboxes(shown: str) -> str:
    return ", ".join(_mailbox(one) for one in re.split(r"[;,]", shown)[:50] if _ADDRESS.search(one))


def _encoded(text: str) -> str:
    """As an encoded word where it isn't ASCII or holds one: what was shown must not be decoded a second time."""
    if text.isascii() and "=?" not in text:
        return text
    return EncodedHeader(text, "utf-8", maxlinelen=10_000).encode()
