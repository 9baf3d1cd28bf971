"""Links: what they show, where they lead, and which gateway stands in between."""

import pytest

from bot.intake.htmltext import RawLink
from bot.intake.linkhosts import host_of
from bot.intake.linkrewrites import undo_rewriting
from bot.intake.links import read_links

HOSTS = [
    ("https://Example.ORG/path", "example.org"),
    ("https://bank.example@evil.test/", "evil.test"),
    ("https://bank.example:pw@evil.test:8443/x", "evil.test"),
    ("https:\\\\evil.test\\bank.example", "evil.test"),
    ("https:/evil.test/", "evil.test"),
    ("//evil.test/x", "evil.test"),
    ("ht\ntps://ev\til.test/", "evil.test"),
    ("https://evil%2Etest/", "evil.test"),
    ("https://evil。test/", "evil.test"),
    ("https://xn--bcher-kva.example/", "bücher.example"),
    ("https://BÜCHER.example/", "bücher.example"),
    ("http://3221225985/", "192.0.2.1"),
    ("http://0xC0000201/", "192.0.2.1"),
    ("http://0300.0.2.1/", "192.0.2.1"),
    ("http://192.0.513/", "192.0.2.1"),
    ("http://[2001:db8::1]:80/", "2001:db8::1"),
    ("mailto:a@example.org", ""),
    ("javascript:alert(1)", ""),
    ("data:text/html,x", ""),
    ("tel:+1555", ""),
    ("page.html", ""),
]
TARGET = "https://evil.test/a?b=c"
ENCODED = "https%3A%2F%2Fevil.test%2Fa%3Fb%3Dc"
REWRITTEN = [
    (f"https://eur01.safelinks.protection.outlook.com/?url={ENCODED}&data=05", TARGET, "safe-links"),
    (f"https://urldefense.proofpoint.com/v1/url?u={ENCODED}&k=x", TARGET, "url-defense"),
    ("https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.test_a-3Fb-3Dc&d=x", TARGET, "url-defense"),
    ("https://urldefense.com/v3/__https://evil.test/a*b=c__;Pw!!x!y$", TARGET, "url-defense"),
    ("https://urldefense.com/v3/__https://evil.test/**Ac__;Pz0!!x!y$", "https://evil.test/?=c", "url-defense"),
    ("https://protect-eu.mimecast.com/s/abc?domain=x.test", None, "mimecast"),
    (f"https://linkprotect.cudasvc.com/url?a={ENCODED}&c=E,1", TARGET, "barracuda"),
    (f"https://secure-web.cisco.com/1abcDEF/{ENCODED}", TARGET, "cisco"),
    (f"https://ca-1234.wis.trendmicro.com/wis/clicktime/v1/query?url={ENCODED}&umid=1", TARGET, "trend-micro"),
    ("https://eu.protection.sophos.com/?d=evil.test&u=aHR0cHM6Ly9ldmlsLnRlc3QvYT9iPWM=&i=x", TARGET, "sophos"),
    (f"https://protect2.fireeye.com/v1/url?k=1&u={ENCODED}", TARGET, "trellix"),
    (f"https://clicktime.symantec.com/3abc?u={ENCODED}", TARGET, "symantec"),
    (f"https://www.google.com/url?q={ENCODED}&sa=D", TARGET, "google"),
    (f"https://slack-redir.net/link?url={ENCODED}", TARGET, "slack"),
    ("https://url.avanan.click/v2/___https://evil.test/a?b=c___.abc", TARGET, "check-point"),
    ("https://www.google.com/search?q=x", None, ""),
    (TARGET, None, ""),
]


@pytest.mark.parametrize(("url", "host"), HOSTS)
def test_the_host_is_the_one_that_a_browser_would_go_to(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(("url", "target", "gateway"), REWRITTEN)
def test_a_gateways_rewriting_is_undone_or_named(url: str, target: str | None, gateway: str) -> None:
    assert undo_rewriting(url) == (target or url, gateway)


def test_rewriting_is_undone_three_deep_and_no_deeper() -> None:
    def wrapped(times: int) -> str:
        url = TARGET
        for _ in range(times):
            url = "https://slack-redir.net/link?url=" + url.replace("%", "%25").replace("&", "%26").replace("?", "%3F")
        return url

    assert undo_rewriting(wrapped(3))[0] == TARGET
    assert undo_rewriting(wrapped(4))[0] != TARGET


def test_bare_urls_lose_the_full_stop_and_are_listed_once() -> None:
    text = "See https://example.org/a_(b). Or (www.example.net/x), or https://example.org/c"
    found = read_links([RawLink("here", "https://example.org/c")], [text], 10)
    assert [(link.text, link.target) for link in found] == [
        ("here", "https://example.org/c"),
        ("https://example.org/a_(b)", "https://example.org/a_(b)"),
        ("www.example.net/x", "http://www.example.net/x"),
    ]


def test_links_without_a_host_are_links_too() -> None:
    found = read_links([RawLink("call", "tel:+1555"), RawLink("x", "javascript:go()")], [], 10)
    assert [(link.target, link.host) for link in found] == [("tel:+1555", ""), ("javascript:go()", "")]
