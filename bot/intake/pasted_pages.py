"""Web pages that show a mail's source: saved or copied "show original" pages, and the tables above the source."""

import html
import re

from bot.model import Defect

MOST_PAGE = 6_000_000
_PRE = re.compile(r"<(pre|textarea|xmp)\b[^<>]{0,2000}>", re.IGNORECASE)
_DROP = re.compile(r"<(script|style|template|noscript|head)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/pre|hr|/table|/dd|/dt)\b[^<>]{0,500}>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\s{0,20}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,15}(?:\s[^<>]{0,4000})?/?>")
_SOFT = re.compile(r"[ \t]{0,40}\n[ \t]{0,40}")

_LABEL = r"(?m)^[ \t>|]{0,8}(%s)[ \t]{0,20}(?::|\t|[ ]{2,})[ \t]{0,40}\n?[ \t]{0,20}(\S[^\n]{0,1500})$"
_ROWS = {
    "Message-ID": r"message[ -]?id|nachrichten-id|id du message|id del mensaje|messaggio id|id da mensagem|bericht-id",
    "Date": r"created(?: at| on)?|erstellt(?: am| um)?|date de création|fecha de creación|creado el|data di creazione|"
    r"criado em|gemaakt(?: op)?",
    "From": r"from|von|de|expéditeur|da|van",
    "To": r"to|an|à|para|a|aan",
    "Subject": r"subject|betreff|objet|asunto|oggetto|assunto|onderwerp",
    "spf": r"spf",
    "dkim": r"dkim",
    "dmarc": r"dmarc",
}
_PATTERNS = {name: re.compile(_LABEL % labels, re.IGNORECASE) for name, labels in _ROWS.items()}
_RESULT = re.compile(r"['\"‘“]?(pass|fail|softfail|neutral|none|temperror|permerror|policy)\b", re.IGNORECASE)
_IP = re.compile(r"\b(?:ip|ip-adresse|adresse ip|dirección ip)\b[ :]{0,4}\[?([0-9A-Fa-f.:]{3,45})", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:domain|domäne|domaine|dominio|domínio|domein)[ :]{0,3}([A-Za-z0-9.-]{1,253})", re.IGNORECASE)
_USING = re.compile(r"(?i)\s+(?:using|via|über)\s+[^<>@]{1,100}$")
_DELAY = re.compile(r"\s*\((?:delivered|zugestellt|distribué|entregado|consegnato|entregue|bezorgd)[^()]{0,80}\)", re.I)


def page_text(page: str) -> str:
    """The text that a browser would show of a page, the contents of `<pre>` first if they hold anything; pure."""
    page = page[:MOST_PAGE]
    inner = "\n".join(_preformatted(page))
    if ":" in inner and inner.strip():
        return inner
    page = _without(page)
    page = _SOFT.sub("\n", page)
    page = _CELL.sub("\t", _BREAK.sub("\n", page))
    return html.unescape(_TAG.sub("", page))


def _preformatted(page: str) -> list[str]:
    """The contents of each <pre> and its like, one pass from left to right."""
    found: list[str] = []
    at = 0
    lower = page.lower()
    while (start := _PRE.search(page, at)) is not None and len(found) < 100:
        end = lower.find(f"</{start[1].lower()}", start.end())
        end = len(page) if end < 0 else end
        found.append(html.unescape(_TAG.sub("", _BREAK.sub("\n", page[start.end() : end]))))
        at = end
    return found


def _without(page: str) -> str:
    """The page without scripts, styles, its head and comments."""
    out: list[str] = []
    at = 0
    lower = page.lower()
    while (start := min(_starts(page, at), default=None, key=lambda found: found[0])) is not None:
        out.append(page[at : start[0]])
        end = lower.find(start[1], start[0])
        if end < 0:
            return "".join(out)
        at = end + len(start[1])
    return "".join([*out, page[at:]])


def _starts(page: str, at: int) -> list[tuple[int, str]]:
    comment, drop = _COMMENT.search(page, at), _DROP.search(page, at)
    found = [(comment.start(), "-->")] if comment else []
    return found + ([(drop.start(), f"</{drop[1].lower()}>")] if drop else [])


def read_summary(text: str) -> tuple[bytes, tuple[Defect, ...]] | None:
    """Gmail's "Original message" table as header fields, or None where the text isn't one.

    Gmail's own words on SPF, DKIM and DMARC become an Authentication-Results of mx.google.com, and the
    address that SPF passed or failed for becomes the Received line of that border: it is what Gmail saw.
    """
    rows = {name: found[2].strip() for name, pattern in _PATTERNS.items() if (found := pattern.search(text[:20_000]))}
    checks = [name for name in ("spf", "dkim", "dmarc") if name in rows and _RESULT.search(rows[name])]
    if not checks or "From" not in rows:
        return None
    rows["From"] = _USING.sub("", rows["From"])
    rows["Date"] = _DELAY.sub("", rows.get("Date", "")).replace(" at ", " ")
    ip = _IP.search(rows.get("spf", ""))
    head = [f"Received: from unknown ([{ip[1].rstrip('.')}]) by mx.google.com"] if ip else []
    head.append("Authentication-Results: mx.google.com; " + "; ".join(_statement(name, rows) for name in checks))
    head += [f"{name}: {rows[name]}" for name in ("Message-ID", "Date", "From", "To", "Subject") if rows.get(name)]
    note = Defect("summary-table", "only the table above the original was pasted; the headers below it say more")
    return ("\r\n".join(head) + "\r\n\r\n").encode("utf-8", "replace"), (note,)


def _statement(name: str, rows: dict[str, str]) -> str:
    value = rows[name]
    result = _RESULT.search(value)
    word = result[1].lower() if result else "none"
    domain = _DOMAIN.search(value)
    if name == "spf":
        ip = _IP.search(value)
        return f"spf={word}" + (f" (google.com: client-ip {ip[1]})" if ip else "")
    if name == "dkim":
        return f"dkim={word}" + (f" header.d={domain[1].rstrip('.')}" if domain else "")
    author = re.search(r"@([A-Za-z0-9.-]{1,253})", rows["From"])
    return f"dmarc={word}" + (f" header.from={author[1]}" if author else "")
