"""Files from Slack become exhibits; the token goes to Slack alone; what can't be had says why and what to do."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.errors import Shown, TooLarge
from bot.intake import read
from bot.model import Exhibit, FileRef, Grade, Kind, Report, Trust
from bot.ports import Later
from handlers.calls import make_client
from handlers.download import Denied, Downloader, Hosts
from handlers.files import SlackFiles
from tests.fakeslack import TOKEN, Answer, FakeSlack, running
from tests.handlerkit import FORWARDED

EML = b"From: Maria <maria@example.com>\r\nTo: a@example.org\r\nMessage-ID: <1@example.com>\r\nSubject: Hi\r\n\r\nHello"
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Slack</body></html>"
HTML = (("Content-Type", "text/html; charset=utf-8"),)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with running() as fake:
        yield fake


def files(fake: FakeSlack, **limits: Any) -> SlackFiles:
    return SlackFiles(make_client(TOKEN, fake.api), **limits)


def hosted(fake: FakeSlack, answer: Answer, **more: Any) -> FileRef:
    fake.files["/files-pri/F1/download/mail.eml"] = answer
    fields: dict[str, Any] = {"name": "mail.eml", "size": len(EML), "mimetype": "message/rfc822"} | more
    return FileRef("F1", url=f"{fake.url}/files-pri/F1/download/mail.eml", **fields)


def code_of(fake: FakeSlack, file: FileRef, **limits: Any) -> str:
    with pytest.raises(Shown) as caught:
        files(fake, **limits).fetch(file)
    assert caught.value.hint
    return caught.value.code


def test_a_file_is_downloaded_with_the_token_in_the_header_and_no_other_call(slack: FakeSlack) -> None:
    assert files(slack).fetch(hosted(slack, Answer(EML))) == (Exhibit(EML, "mail.eml"),)
    assert slack.fetched == [("/files-pri/F1/download/mail.eml", f"Bearer {TOKEN}")]
    assert slack.calls == []


def test_a_snippet_is_downloaded_whole(slack: FakeSlack) -> None:
    slack.files["/s"] = Answer(b"Received: whole", headers=(("Content-Type", "text/plain"),))
    snippet = FileRef("F2", "paste.txt", f"{slack.url}/s", 15, "text/plain", "snippet")
    assert files(slack).fetch(snippet)[0].content == b"Received: whole"


def test_slack_connects_files_are_asked_about_first(slack: FakeSlack) -> None:
    reference = hosted(slack, Answer(EML))
    slack.answers["files.info"] = {
        "ok": True,
        "file": {"id": "F1", "name": "mail.eml", "mode": "hosted", "url_private_download": reference.url, "size": 100},
    }
    for unknown in (FileRef("F1", mode="file_access"), FileRef("F1")):
        assert files(slack).fetch(unknown) == (Exhibit(EML, "mail.eml"),)
    assert [call["file"] for call in slack.of("files.info")] == ["F1", "F1"]


def test_too_large_by_what_slack_says_isnt_even_asked_for(slack: FakeSlack) -> None:
    assert code_of(slack, hosted(slack, Answer(EML), size=2_000_001), most=2_000_000) == "too-large"
    assert slack.fetched == []


def test_too_large_in_truth_is_given_up(slack: FakeSlack) -> None:
    with pytest.raises(TooLarge, match="1 MB"):
        files(slack, most=1_000_000).fetch(hosted(slack, Answer(b"x" * 1_000_001), size=10))


PAGES = [
    ("a page with status 200", Answer(LOGIN, headers=HTML)),
    ("a page without a type", Answer(b"\n <html>Sign in</html>")),
    ("sent to the page to log in", Answer(b"", 302, (("Location", "/?redir=%2Ffiles-pri%2FF1"),))),
    ("forbidden", Answer(b"no", 403)),
]


@pytest.mark.parametrize(("what", "answer"), PAGES, ids=[page[0] for page in PAGES])
def test_a_page_to_log_in_is_a_missing_scope(slack: FakeSlack, what: str, answer: Answer) -> None:
    slack.answers["files.info"] = {"ok": False, "error": "missing_scope", "needed": "files:read"}
    assert code_of(slack, hosted(slack, answer)) == "missing-scope"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("file_not_found", "not-a-member"),
        ("not_in_channel", "not-a-member"),
        ("file_deleted", "file-gone"),
        ("token_revoked", "token-revoked"),
        ("missing_scope", "missing-scope"),
        ("something_new", "file-refused"),
    ],
)
def test_slacks_own_word_tells_why_a_file_isnt_given(slack: FakeSlack, error: str, code: str) -> None:
    slack.answers["files.info"] = {"ok": False, "error": error}
    assert code_of(slack, hosted(slack, Answer(LOGIN, headers=HTML))) == code
    assert code_of(slack, FileRef("F1", mode="file_access")) == code


def test_where_slack_says_all_is_well_and_gives_a_page_the_scope_is_named(slack: FakeSlack) -> None:
    slack.answers["files.info"] = {"ok": True, "file": {"id": "F1"}}
    assert code_of(slack, hosted(slack, Answer(LOGIN, headers=HTML))) == "missing-scope"


def test_a_web_page_that_was_uploaded_is_a_file(slack: FakeSlack) -> None:
    page = b"<html><body><pre>From: a@example.com</pre></body></html>"
    saved = hosted(slack, Answer(page, headers=HTML), size=len(page), mimetype="text/html")
    assert files(slack).fetch(saved)[0].content == page


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("tombstone", "file-gone"),
        ("hidden_by_limit", "file-hidden"),
        ("external", "file-external"),
        ("canvas", "slack-document"),
    ],
)
def test_files_that_slack_doesnt_hold_say_so(slack: FakeSlack, mode: str, code: str) -> None:
    assert code_of(slack, FileRef("F1", mode=mode)) == code
    assert (slack.fetched, slack.calls) == ([], [])


PASSING = [
    (Answer(b"", 429, (("Retry-After", "37"),)), 37.0),
    (Answer(b"", 503), 5.0),
    (Answer(EML[:20], cut=500), 5.0),
]


@pytest.mark.parametrize(("answer", "seconds"), PASSING)
def test_limits_faults_and_broken_connections_come_later(slack: FakeSlack, answer: Answer, seconds: float) -> None:
    with pytest.raises(Later) as caught:
        files(slack).fetch(hosted(slack, answer))
    assert caught.value.seconds == seconds


def test_no_connection_comes_later(slack: FakeSlack) -> None:
    reference = hosted(slack, Answer(EML))
    made = files(slack)
    with running():
        pass
    dead = Downloader(TOKEN, Hosts("", 1))
    with pytest.raises(Later):
        dead.get("http://127.0.0.1:1/x", most=10, seconds=1)
    assert made.fetch(reference)


@pytest.mark.parametrize(
    "refusal",
    [
        {"ok": False, "error": "ratelimited"},
        Answer(b'{"ok":false,"error":"ratelimited"}', 429, (("Retry-After", "9"),)),
        Answer(b"", 502),
    ],
)
def test_files_info_that_must_wait_comes_later(slack: FakeSlack, refusal: Any) -> None:
    slack.answers["files.info"] = refusal
    with pytest.raises(Later):
        files(slack).fetch(FileRef("F1", mode="email"))


def test_a_slow_download_is_given_up(slack: FakeSlack) -> None:
    with pytest.raises(Later, match="too slow"):
        files(slack, seconds=-1.0).fetch(hosted(slack, Answer(EML)))


ALLOWED = [
    ("https://slack.com/api/", "https://files.slack.com/files-pri/T1-F1/download/a.eml", True),
    ("https://slack.com/api/", "https://files-origin.slack.com/files-email-priv/x/a.eml", True),
    ("https://www.slack.com/api/", "https://files.slack.com/a", True),
    ("https://slack-gov.com/api/", "https://files.slack-gov.com/a", True),
    ("https://slack-gov.com/api/", "https://files.slack.com/a", False),
    ("https://slack.com/api/", "http://files.slack.com/a", False),
    ("https://slack.com/api/", "https://files.slack.com:8443/a", False),
    ("https://slack.com/api/", "https://slack.com.evil.test/a", False),
    ("https://slack.com/api/", "https://evilslack.com/a", False),
    ("https://slack.com/api/", "https://files.slack.com@evil.test/a", False),
    ("https://slack.com/api/", "https://evil.test\\.slack.com/a", False),
    ("https://slack.com/api/", "https://evil.test/\n.slack.com", False),
    ("https://slack.com/api/", "http://127.0.0.1:4020/a", False),
    ("https://slack.com/api/", "http://169.254.169.254/latest", False),
    ("https://slack.com/api/", "file:///etc/passwd", False),
    ("https://slack.com/api/", "", False),
    ("https://slack.com/api/", "https://[::1/a", False),
    ("https://slack.com/api/", "https://files.slack.com:x/a", False),
    ("http://127.0.0.1:4020/api/", "http://localhost:4020/files/F1", True),
    ("http://localhost:4020/api/", "http://127.0.0.1:4020/files/F1", True),
    ("http://[::1]:4020/api/", "http://[::1]:4020/files/F1", True),
    ("http://localhost:4020/api/", "http://localhost:6379/x", False),
    ("http://localhost:4020/api/", "https://files.slack.com/a", False),
    ("http://workspace:4020/api/", "http://workspace:4020/a", False),
]


@pytest.mark.parametrize(("api", "url", "allowed"), ALLOWED)
def test_the_token_goes_to_slack_alone(api: str, url: str, allowed: bool) -> None:
    assert Hosts.of(api).allow(url) is allowed


def test_a_redirection_within_is_followed_and_one_elsewhere_isnt(slack: FakeSlack) -> None:
    slack.files["/moved"] = Answer(b"", 302, (("Location", "/there"),))
    slack.files["/there"] = Answer(EML)
    with running() as elsewhere:
        slack.files["/away"] = Answer(b"", 302, (("Location", f"{elsewhere.url}/there"),))
        downloader = Downloader(TOKEN, Hosts.of(slack.api))
        assert downloader.get(f"{slack.url}/moved", most=1000, seconds=5).content == EML
        with pytest.raises(Denied):
            downloader.get(f"{slack.url}/away", most=1000, seconds=5)
        assert elsewhere.fetched == []


def test_redirections_in_a_circle_end(slack: FakeSlack) -> None:
    slack.files["/round"] = Answer(b"", 302, (("Location", "/round"),))
    with pytest.raises(Denied):
        Downloader(TOKEN, Hosts.of(slack.api)).get(f"{slack.url}/round", most=10, seconds=5)
    assert len(slack.fetched) == 3


FORWARD = FileRef("F050D50CHA4", "Fwd: Your parcel", mode="email", mimetype="text/html")


def forward(fake: FakeSlack, **file: Any) -> tuple[Exhibit, ...]:
    fake.answers["files.info"] = {"ok": True, "file": FORWARDED | file}
    return files(fake).fetch(FORWARD)


def attached(fake: FakeSlack, answer: Answer) -> dict[str, Any]:
    fake.files["/files-email-priv/x/original.eml"] = answer
    url = f"{fake.url}/files-email-priv/x/original.eml"
    listed = [
        {"filename": "logo.png", "mimetype": "image/png", "size": 3, "url": f"{fake.url}/logo"},
        {"filename": "original.eml", "mimetype": "message/rfc822", "size": len(EML), "url": url},
    ]
    return {"attachments": listed, "plain_text": "see attached"}


def test_a_forwarded_mail_is_what_slack_kept_of_it(slack: FakeSlack) -> None:
    [exhibit] = forward(slack, email_security={"spf": "x"}, url_private="secret")
    assert exhibit.kind is Kind.SLACK_EMAIL
    assert json.loads(exhibit.content)["from"] == FORWARDED["from"]
    assert "url_private" not in json.loads(exhibit.content)
    message = read(Report((exhibit,)), trust=Trust())
    assert message.grade is Grade.SLACK_REST
    assert message.author.address == "parcel@example.net"


def test_a_mail_attached_to_a_forward_comes_instead_with_all_its_headers(slack: FakeSlack) -> None:
    assert forward(slack, **attached(slack, Answer(EML))) == (Exhibit(EML, "original.eml"),)
    assert [path for path, _ in slack.fetched] == ["/files-email-priv/x/original.eml"]


def test_an_attached_mail_that_isnt_given_leaves_what_slack_kept(slack: FakeSlack) -> None:
    [exhibit] = forward(slack, **attached(slack, Answer(LOGIN, headers=HTML)))
    assert exhibit.kind is Kind.SLACK_EMAIL


def test_an_attached_mail_that_must_wait_is_waited_for(slack: FakeSlack) -> None:
    with pytest.raises(Later):
        forward(slack, **attached(slack, Answer(b"", 503)))


def test_in_an_ordinary_forward_an_attached_mail_is_handed_on_beside_what_is_quoted(slack: FakeSlack) -> None:
    fields = attached(slack, Answer(EML)) | {"plain_text": FORWARDED["plain_text"]}
    quoted, original = forward(slack, **fields)
    assert quoted.kind is Kind.SLACK_EMAIL
    assert original == Exhibit(EML, "original.eml")


def test_an_attached_mails_url_elsewhere_isnt_asked(slack: FakeSlack) -> None:
    with running() as elsewhere:
        fields = attached(slack, Answer(EML))
        fields["attachments"][1]["url"] = f"{elsewhere.url}/original.eml"
        [exhibit] = forward(slack, **fields)
        assert exhibit.kind is Kind.SLACK_EMAIL
        assert elsewhere.fetched == []
