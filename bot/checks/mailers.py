"""Which family of mail program wrote a mail, and whose Message-ID it bears, in the form in which they are habits.

`Microsoft Outlook 16.0` and `Outlook 15` are one: versions change with every update and say nothing of the person.
"""

import re

from bot.hosts import organisation

_LONGEST = 200
_FAMILIES: tuple[tuple[str, str], ...] = (
    (r"outlook express", "outlook express"),
    (r"outlook (?:for )?(?:ios|android)|outlook-(?:ios|android)", "outlook mobile"),
    (r"outlook|exchange|owa\b", "outlook"),
    (r"iphone mail|ipad mail", "apple mail mobile"),
    (r"apple mail", "apple mail"),
    (r"thunderbird|icedove|betterbird", "thunderbird"),
    (r"roundcube", "roundcube"),
    (r"squirrelmail", "squirrelmail"),
    (r"zimbra", "zimbra"),
    (r"horde|\bimp\b", "horde"),
    (r"phpmailer", "phpmailer"),
    (r"yahoomail|yahoo ?mail|webservice/", "yahoo mail"),
    (r"\bmutt\b|neomutt", "mutt"),
    (r"evolution", "evolution"),
    (r"kmail", "kmail"),
    (r"\bk-9\b", "k-9"),
    (r"the bat!?", "the bat"),
    (r"git-send-email", "git-send-email"),
    (r"open-?xchange", "open-xchange"),
    (r"lotus notes|\bnotes release|hcl notes", "notes"),
    (r"foxmail", "foxmail"),
    (r"alpine|\bpine\b", "alpine"),
    (r"em client", "em client"),
    (r"mailchimp|mandrill", "mailchimp"),
    (r"\bgnus\b", "gnus"),
)
_KNOWN = tuple((re.compile(pattern), family) for pattern, family in _FAMILIES)
_VERSION = re.compile(r"[\s/\-(\[]{1,3}(?:v(?:er(?:sion)?)?\.? ?)?\d.{0,200}$")


def mailer_family(mailer: str) -> str:
    """The program's family, else its own name without the version, in lower case; "" where it isn't named."""
    text = " ".join(mailer[:_LONGEST].lower().split())
    known = next((family for pattern, family in _KNOWN if pattern.search(text)), None)
    return known or _VERSION.sub("", text).strip(" ,;()[]")[:60]


def id_domain(message_id: str) -> str:
    """The organisation that the Message-ID's right side names, else that side itself: a program's own machine."""
    right = message_id.strip().strip("<>").rpartition("@")[2].lower()[:_LONGEST]
    return organisation(right) or right
