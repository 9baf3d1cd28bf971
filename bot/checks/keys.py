"""Public keys in DNS (RFC 6376, 3.6.2), fetched ahead of verification."""

from bot.checks.answers import Answers
from bot.checks.signed import NotVerified
from bot.errors import NotChecked
from bot.model import Result


def key_name(selector: bytes, domain: bytes) -> str:
    """Where a signature's key record stands. Raises NotVerified for what isn't a name."""
    try:
        return f"{selector.decode('ascii')}._domainkey.{domain.decode('ascii')}".lower().rstrip(".")
    except UnicodeDecodeError as bad:
        raise NotVerified(Result.PERMERROR, "the signature's domain isn't a host name") from bad


async def fetch_key(answers: Answers, selector: bytes, domain: bytes) -> bytes:
    """The key record's octets. Raises NotVerified: TEMPERROR where DNS gave no answer, PERMERROR without a key."""
    outcome = await answers.fetch(key_name(selector, domain), "TXT")
    if isinstance(outcome, NotChecked):
        raise NotVerified(Result.TEMPERROR, f"{outcome.what}: {outcome.why}")
    # Several records are undefined (RFC 6376, 3.6.2.2); other TXT records may share the name.
    found = [record for record in outcome.records if b"p=" in record]
    if not found:
        raise NotVerified(Result.PERMERROR, "no key for signature")
    return found[0]
