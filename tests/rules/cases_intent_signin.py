"""Cases of bot/rules/intent_signin.py."""

from bot.model import JudgedLink, Link, LinkClass, Passage, Want
from tests.rules.case import Case, box, judged, phrases


def _goes(target: str, cls: LinkClass = LinkClass.OTHER) -> tuple[JudgedLink, ...]:
    host = target.split("/")[2]
    return (JudgedLink(Link("Open", target, host), cls),)


def _knows(target: str) -> dict[str, object]:
    return {"links": _goes(target), "to": (box("bob@example.com"),)}


CASES = (
    Case(
        "link-to-a-strangers-sign-in",
        ("files-view.test", "holds your address"),
        _knows("https://files-view.test/o365/?e=bob@example.com"),
        {
            "a page that asks no sign-in and knows nobody": {"links": _goes("https://files-view.test/agenda")},
            "the sender's own site": {"links": _goes("https://files-view.test/o365/", LinkClass.OWN)},
            "the service itself": {"links": _goes("https://files-view.test/o365/", LinkClass.BRAND)},
            "a list's talk": {"judged": judged(passage=Passage.LIST)},
            "a bulk mailer's way out": {"links": _goes("https://files-view.test/unsubscribe?e=bob@example.com")},
        },
    ),
    Case(
        "link-to-a-strangers-sign-in",
        ("files-view.test", "holds your address"),
        _knows("https://files-view.test/x#Ym9iQGV4YW1wbGUuY29t"),
        {"somebody else's address": {"to": (box("ann@example.com"),)}},
    ),
    Case(
        "link-to-a-strangers-sign-in",
        ("docs.test",),
        {"links": _goes("https://onedrive.docs.test/s/abc"), "phrases": phrases(Want.DOCUMENT)},
        {"the domain itself is called so": {"links": _goes("https://onedrive.test/s/abc")}},
    ),
    Case(
        "link-to-a-strangers-sign-in",
        ("club.test",),
        {"links": _goes("https://club.test/login"), "phrases": phrases(Want.CREDENTIALS)},
        {"nothing asks for a sign-in": {"phrases": ()}},
    ),
)
