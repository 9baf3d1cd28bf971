"""The names of header fields that mail programs write: what tells headers from prose, and where one begins."""

import re
from collections.abc import Iterator

_TRACE = """
Received Return-Path Delivered-To X-Original-To Envelope-To X-Envelope-From X-Envelope-To Delivery-date
Authentication-Results Authentication-Results-Original ARC-Authentication-Results ARC-Message-Signature ARC-Seal
ARC-Filter DKIM-Signature DKIM-Filter DomainKey-Signature X-Google-DKIM-Signature X-DKIM X-Received X-Received-SPF
Received-SPF Received-X X-Forwarded-For X-Forwarded-To X-Forwarded-Encrypted X-Originating-IP X-Sender-IP X-SID-PRA
X-Sender-ID X-Source-IP X-Spam-Status X-Spam-Score X-Spam-Flag X-Spam-Level X-Spam-Checker-Version X-Spam-Report
X-Virus-Scanned X-Forefront-Antispam-Report X-Microsoft-Antispam X-Microsoft-Antispam-Mailbox-Delivery
X-Microsoft-Antispam-Message-Info X-Microsoft-Exchange-Diagnostics X-EOPAttributedMessage X-EOPTenantAttributedMessage
X-MS-PublicTrafficType X-MS-TrafficTypeDiagnostic X-IncomingTopHeaderMarker X-IncomingHeaderCount
X-Gm-Message-State X-Google-Smtp-Source X-YMailISG X-Apparently-To X-Authenticated-Sender X-Authenticated-User
X-PHP-Originating-Script X-PHP-Script X-AntiAbuse X-Source X-Source-Args X-Source-Dir X-Get-Message-Sender-Via
X-Proofpoint-Spam-Details X-Proofpoint-Virus-Version X-Mimecast-Spam-Score Autocrypt Resent-From Resent-To Resent-Date
Resent-Message-ID X-Pm-Origin X-Pm-Content-Encryption X-Greylist X-Sieve Old-Return-Path X-BeenThere X-Loop
"""
_FORMAT = """
From To Cc Bcc Sender Reply-To Subject Date Message-ID In-Reply-To References Mime-Version Content-Type
Content-Transfer-Encoding Content-Disposition Content-Language Content-ID Content-Description Content-Class
Organization Comments Keywords Importance Priority Sensitivity X-Priority X-MSMail-Priority X-Mailer User-Agent
X-MimeOLE Thread-Topic Thread-Index Accept-Language X-Originator-Org X-TMN X-OriginalArrivalTime
List-Id List-Unsubscribe List-Unsubscribe-Post List-Help List-Post List-Subscribe List-Owner List-Archive Precedence
Auto-Submitted Feedback-ID Errors-To Errors-to Mail-Followup-To Mail-Reply-To Return-Receipt-To
Disposition-Notification-To X-Report-Abuse X-Report-Abuse-To X-CSA-Complaints X-Mailgun-Sid X-SG-EID X-SES-Outgoing
X-Campaign-ID X-Campaign X-Entity-Ref-ID X-Auto-Response-Suppress X-Mailman-Version Status X-Status Lines
X-Accept-Language X-UID X-Mozilla-Status X-Mozilla-Status2 X-Apple-Base-Url X-Universally-Unique-Identifier
"""

_SHORT = "from to cc bcc sender subject date status lines keywords comments priority"

TRACE = frozenset(name.lower() for name in _TRACE.split())
"""Fields that servers write; no person types them."""
KNOWN = TRACE | frozenset(name.lower() for name in _FORMAT.split())
_VENDOR = re.compile(
    r"(?i:x|arc|list|resent|dkim|content|authentication|received|ironport|cmm|amq)-[a-z0-9-]{1,80}", re.I
)
FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,90})([ \t]{0,3}):(?=([ \t]|$)?)")
"""A field name and its colon at the start of a line; group 3 is the white space or end after it."""
_MIDDLE = re.compile(r"(?<=\s)([A-Za-z][A-Za-z0-9-]{1,80}):(?=(\s|$)?)")
_LONE_NAMES = "received from to cc sender subject date importance precedence references autocrypt organization"
_LONE = frozenset(_LONE_NAMES.split())
"""Known names without a hyphen that are looked for within a line; others are words of prose too."""


def names_within(line: str) -> Iterator[re.Match[str]]:
    """Where known fields' names stand within a line, white space on both sides; group 1 is the name.

    Servers' own fields may have none after the colon (`ARC-Seal:i=1;`); others without it are a signature's
    list of names, or a code of a filter.
    """
    for found in _MIDDLE.finditer(line):
        name = found[1]
        lower = name.lower()
        if found[2] is None:
            if "-" in lower and lower in TRACE:
                yield found
        elif (lower in _LONE and not _in_comment(line, found.start())) or (
            "-" in lower and (lower in KNOWN or _VENDOR.fullmatch(lower))
        ):
            yield found


def _in_comment(line: str, at: int) -> bool:
    """Whether a place lies within parentheses: `(Authenticated sender: maria)` begins no field."""
    before = line[max(0, at - 200) : at]
    return before.rfind("(") > before.rfind(")")


def field_name(line: str) -> str | None:
    """The name of the field that begins on this line, or None where none begins.

    A known name may be followed by anything, an unknown one must look like a field's (a hyphen, or a
    capital and white space after the colon): `CIP:203.0.113.9;CTRY:…` goes on with the field above.
    """
    found = FIELD.match(line)
    if found is None:
        return None
    name, gap, after = found[1], found[2], found[3]
    lower = name.lower()
    if lower in KNOWN:
        return name if after is not None or lower not in _TAG_LIKE else None
    if gap or after is None:
        return None
    if _VENDOR.fullmatch(name) or ("-" in name and name[0].isupper()):
        return name
    return None


_TAG_LIKE = frozenset(_SHORT.split())
"""Words that also stand in `h=From:To:Subject` lists and filters' codes, with nothing after the colon."""


def is_known(name: str) -> bool:
    """Whether mail programs write a field of this name, as far as the list or its prefix tells."""
    return name.lower() in KNOWN or _VENDOR.fullmatch(name) is not None


def is_trace(name: str) -> bool:
    """Whether servers write this field."""
    lower = name.lower()
    return lower in TRACE or lower.startswith(("x-ms-exchange-", "x-microsoft-", "x-forefront-", "arc-"))
