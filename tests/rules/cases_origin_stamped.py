"""Cases of bot/rules/origin_stamped.py."""

from bot.model import Defect, FilterVerdict, Method, Passage, Relation, Result, Zone
from tests.rules.case import Case, Given, judged, stamp

SPF, DKIM, DMARC, COMPAUTH = Method.SPF, Method.DKIM, Method.DMARC, Method.COMPAUTH
PASS, FAIL, NONE = Result.PASS, Result.FAIL, Result.NONE
OTHER = "other.test"


def _by(method: Method, result: Result, name: str = "example.org", passage: Passage = Passage.DIRECT) -> Given:
    return {"judged": judged(stamp(method, result, name), passage=passage)}


def _against(rule: str, says: tuple[str, ...], method: Method, result: Result, name: str = "example.org") -> Case:
    """A stamp against the sender: quiet after a list or forwarder, and where the check passed."""
    return Case(
        rule,
        says,
        _by(method, result, name),
        {
            "a list handed it on": _by(method, result, name, Passage.LIST),
            "a forwarder handed it on": _by(method, result, name, Passage.FORWARDER),
            "it passed": _by(method, PASS),
        },
    )


def _filter(value: str, zone: Zone = Zone.INSIDE) -> Given:
    return {"filters": (FilterVerdict("X-Forefront-Antispam-Report", "CAT", value, "in words", zone),)}


CASES = (
    Case(
        "our-service-sent-it",
        ("letters.test",),
        {"our_service": "letters.test"},
        {"no service of ours sent it": {"our_service": ""}},
    ),
    Case(
        "dmarc-passed",
        ("mx.example.com", "example.org"),
        _by(DMARC, PASS),
        {"for another domain": _by(DMARC, PASS, OTHER), "it failed": _by(DMARC, FAIL)},
    ),
    Case(
        "dkim-of-the-author-passed",
        ("mx.example.com", "mail.example.org"),
        _by(DKIM, PASS, "mail.example.org"),
        {"another's signature": _by(DKIM, PASS, OTHER), "it failed": _by(DKIM, FAIL)},
    ),
    Case(
        "spf-of-the-author-passed",
        ("example.org", "192.0.2.1"),
        _by(SPF, PASS),
        {
            "another's envelope": _by(SPF, PASS, OTHER),
            "a name that only ends alike": _by(SPF, PASS, "notexample.org"),
            "softfail": _by(SPF, Result.SOFTFAIL),
        },
    ),
    Case(
        "best-guess-passed",
        ("mx.example.com", "example.org"),
        _by(DMARC, Result.BESTGUESSPASS),
        {"no policy and no guess": _by(DMARC, NONE)},
    ),
    _against("dmarc-failed", ("mx.example.com", "example.org"), DMARC, FAIL),
    Case(
        "dmarc-failed-after-a-list",
        ("list",),
        _by(DMARC, FAIL, passage=Passage.LIST),
        {"it came directly": _by(DMARC, FAIL), "it passed": _by(DMARC, PASS, passage=Passage.LIST)},
    ),
    _against("spf-failed", ("example.org", "192.0.2.1", "SPF fail"), SPF, FAIL),
    _against("spf-softly-failed", ("example.org", "192.0.2.1", "softfail"), SPF, Result.SOFTFAIL),
    _against("spf-passed-for-another-domain", (OTHER, "example.org"), SPF, PASS, OTHER),
    Case(
        "spf-passed-for-another-domain",
        (OTHER,),
        _by(SPF, PASS, OTHER),
        {
            "the author's signature passed beside it": {
                "judged": judged(stamp(SPF, PASS, OTHER), stamp(DKIM, PASS, "example.org"))
            }
        },
    ),
    _against("envelope-of-another-domain-unproven", (OTHER, "example.org"), SPF, NONE, OTHER),
    Case(
        "envelope-of-another-domain-unproven",
        (OTHER,),
        _by(SPF, FAIL, OTHER),
        {"the envelope is the author's": _by(SPF, FAIL, "example.org")},
    ),
    _against("nothing-vouches-for-it", ("example.org",), DMARC, NONE),
    Case(
        "nothing-vouches-for-it",
        ("example.org",),
        {**_by(SPF, NONE), "server_relation": Relation.UNRELATED},
        {
            "nothing was checked": {"judged": judged()},
            "a pass that the sender may have written": {"judged": judged(stamp(SPF, PASS, beside=True))},
        },
    ),
    _against("dkim-of-the-author-failed", ("example.org", "fail"), DKIM, FAIL),
    _against("dkim-only-of-others", (OTHER, "example.org"), DKIM, PASS, OTHER),
    Case(
        "own-tenant-signed",
        ("example.onmicrosoft.com", "example.org"),
        _by(DKIM, PASS, "example.onmicrosoft.com"),
        {
            "another's tenant": _by(DKIM, PASS, "other.onmicrosoft.com"),
            "the signature failed": _by(DKIM, FAIL, "example.onmicrosoft.com"),
        },
    ),
    Case(
        "own-tenant-signed",
        ("example-org.20230601.gappssmtp.com",),
        _by(DKIM, PASS, "example-org.20230601.gappssmtp.com"),
        {"a tenant that only begins alike": _by(DKIM, PASS, "example-organs.20230601.gappssmtp.com")},
    ),
    Case(
        "composite-check-failed",
        ("000",),
        {"judged": judged(stamp(COMPAUTH, FAIL, reason="000"))},
        {
            "it passed": {"judged": judged(stamp(COMPAUTH, PASS, reason="100"))},
            "a list handed it on": {"judged": judged(stamp(COMPAUTH, FAIL, reason="000"), passage=Passage.LIST)},
        },
    ),
    Case(
        "composite-check-passed",
        ("100",),
        {"judged": judged(stamp(COMPAUTH, PASS, reason="100"))},
        {"it failed": {"judged": judged(stamp(COMPAUTH, FAIL, reason="000"))}},
    ),
    Case(
        "filter-saw-spoofing",
        ("SPOOF", "in words"),
        _filter("SPOOF"),
        {
            "the sender wrote it": _filter("SPOOF", Zone.OUTSIDE),
            "it only says spam": _filter("SPM"),
            "it only says that the sender is new": _filter("9.25"),
        },
    ),
    Case(
        "receivers-stamp-forged",
        ("mx.example.com",),
        {"defects": (Defect("forged-stamp", "a result in the name of mx.example.com stands below the border"),)},
        {"another defect": {"defects": (Defect("too-many-stamps", "more than 300 results by mx.example.com"),)}},
    ),
)
