"""Authentication-Results after RFC 8601's examples and in the forms that verifiers really write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.filter_scores import read_filters
from bot.intake.forefront import explain_compauth, explain_scl, read_forefront
from bot.intake.stamps import read_results
from bot.intake.stamps_scan import scan
from bot.intake.stamps_spf import read_received_spf
from bot.intake.tags import read_arc_sets, read_signatures
from bot.model import Header, Method, Result, Zone

# name, value, authserv-id, [(method, result, domain)]
FORMS: list[tuple[str, str, str, list[tuple[str, str, str]]]] = [
    ("RFC 8601 B.1, nothing done", "example.org 1; none", "example.org", []),
    (
        "RFC 8601 B.2, one method",
        "example.com; spf=pass smtp.mailfrom=example.net",
        "example.com",
        [("spf", "pass", "example.net")],
    ),
    (
        "RFC 8601 B.3, several",
        "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
        "example.com",
        [("auth", "pass", "example.net"), ("spf", "pass", "example.net")],
    ),
    ("RFC 8601 B.3, iprev", "example.com; iprev=pass policy.iprev=192.0.2.200", "example.com", [("iprev", "pass", "")]),
    (
        "RFC 8601 B.4, failing",
        "example.com; auth=pass (cram-md5) smtp.auth=sender@example.com; spf=fail smtp.mailfrom=example.com",
        "example.com",
        [("auth", "pass", "example.com"), ("spf", "fail", "example.com")],
    ),
    (
        "RFC 8601 B.5, two signatures with reasons",
        'example.com; dkim=pass reason="good signature" header.i=@mail-router.example.net; '
        'dkim=fail reason="bad signature" header.i=@newyork.example.com',
        "example.com",
        [("dkim", "pass", "mail-router.example.net"), ("dkim", "fail", "newyork.example.com")],
    ),
    (
        "RFC 8601 B.6, comments everywhere",
        "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy "
        "(A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
        "foo.example.net",
        [("dkim", "fail", "")],
    ),
    (
        "RFC 8616, internationalised",
        "xn--hm-via.example; dkim=pass header.d=häm.example",
        "xn--hm-via.example",
        [("dkim", "pass", "xn--hm-via.example")],
    ),
    (
        "Microsoft, no authserv-id",
        "spf=softfail (sender IP is 192.0.2.87) smtp.mailfrom=shop.example; dkim=fail (no key for signature) "
        "header.d=other.example;dmarc=fail action=oreject header.from=shop.example;compauth=fail reason=000",
        "",
        [
            ("spf", "softfail", "shop.example"),
            ("dkim", "fail", "other.example"),
            ("dmarc", "fail", "shop.example"),
            ("compauth", "fail", ""),
        ],
    ),
    (
        "Microsoft, unsigned and no From domain",
        "spf=none (sender IP is 192.0.2.87) smtp.mailfrom=a.example; dkim=none (message not signed) "
        "header.d=none;dmarc=none action=none header.from=;",
        "",
        [("spf", "none", "a.example"), ("dkim", "none", ""), ("dmarc", "none", "")],
    ),
    (
        "Google",
        "mx.google.com; dkim=pass header.i=@example.org header.s=s1 header.b=abc; spf=pass (google.com: domain of "
        "b+x=y@example.org designates 192.0.2.1 as permitted sender) smtp.mailfrom=b+x=y@example.org; "
        "dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.org",
        "mx.google.com",
        [("dkim", "pass", "example.org"), ("spf", "pass", "example.org"), ("dmarc", "pass", "example.org")],
    ),
    (
        "Yahoo",
        "atlas102.free.mail.bf1.yahoo.com; dkim=pass header.i=@n.example.org header.s=hs2; "
        "spf=pass smtp.mailfrom=b.example.org; dmarc=pass(p=reject) header.from=example.org;",
        "atlas102.free.mail.bf1.yahoo.com",
        [("dkim", "pass", "n.example.org"), ("spf", "pass", "b.example.org"), ("dmarc", "pass", "example.org")],
    ),
    (
        "Fastmail",
        "mx1.messagingengine.com; x-csa=none; x-me-sender=none; dkim=pass (2048-bit rsa key sha256) "
        "header.d=example.org header.i=@example.org header.b=aa header.a=rsa-sha256 header.s=k; "
        "dmarc=pass policy.published-domain-policy=none policy.applied-disposition=none header.from=example.org; "
        "iprev=pass smtp.remote-ip=192.0.2.7 (m.example.org); spf=pass smtp.mailfrom=a@example.org "
        "smtp.helo=m.example.org",
        "mx1.messagingengine.com",
        [
            ("other", "none", ""),
            ("other", "none", ""),
            ("dkim", "pass", "example.org"),
            ("dmarc", "pass", "example.org"),
            ("iprev", "pass", ""),
            ("spf", "pass", "example.org"),
        ],
    ),
    (
        "opendkim, semicolons forgotten",
        'mm.example.net;\tdkim=fail reason="signature verification failed" (1024-bit key; unprotected) '
        'header.d=a.example header.i=@a.example header.b="qf/LQF9r";\tdkim-atps=neutral\tdkim=pass (2048-bit key) '
        "header.d=b.example",
        "mm.example.net",
        [("dkim", "fail", "a.example"), ("other", "neutral", ""), ("dkim", "pass", "b.example")],
    ),
    (
        "opendmarc",
        "mx.example.com; dmarc=fail (p=none dis=none) header.from=a.example",
        "mx.example.com",
        [("dmarc", "fail", "a.example")],
    ),
    (
        "rspamd",
        "mail.example.com; dkim=pass header.d=a.example header.s=x header.b=y; spf=pass (mail.example.com: domain of "
        "a@a.example designates 192.0.2.4 as permitted sender) smtp.mailfrom=a@a.example; dmarc=pass (policy=none) "
        "header.from=a.example",
        "mail.example.com",
        [("dkim", "pass", "a.example"), ("spf", "pass", "a.example"), ("dmarc", "pass", "a.example")],
    ),
    (
        "Proton",
        "mail.protonmail.ch; spf=fail smtp.mailfrom=a.example",
        "mail.protonmail.ch",
        [("spf", "fail", "a.example")],
    ),
    (
        "Zoho",
        "mx.zohomail.com; dkim=pass header.i=a.example; spf=pass (zohomail.com: domain of a.example "
        "designates 192.0.2.3 "
        "as permitted sender) smtp.mailfrom=x@a.example; dmarc=pass(p=reject dis=none) header.from=x@a.example",
        "mx.zohomail.com",
        [("dkim", "pass", "a.example"), ("spf", "pass", "a.example"), ("dmarc", "pass", "a.example")],
    ),
    (
        "Mimecast",
        'relay.mimecast.com; dkim=pass header.d=a.example header.s=k header.b="x/y="; dmarc=pass (policy=reject) '
        "header.from=a.example; spf=pass (relay.mimecast.com: domain of x@a.example designates 192.0.2.3 as permitted "
        "sender) smtp.mailfrom=x@a.example",
        "relay.mimecast.com",
        [("dkim", "pass", "a.example"), ("dmarc", "pass", "a.example"), ("spf", "pass", "a.example")],
    ),
    (
        "Proofpoint",
        "ppops.net; spf=pass smtp.mailfrom=x@a.example; dkim=pass header.s=k header.d=a.example; dmarc=pass "
        "header.from=a.example",
        "ppops.net",
        [("spf", "pass", "a.example"), ("dkim", "pass", "a.example"), ("dmarc", "pass", "a.example")],
    ),
    ("GMX", "gmx.net; dkim=pass header.i=@a.example", "gmx.net", [("dkim", "pass", "a.example")]),
    (
        "Mail.ru",
        "mxs.mail.ru; spf=pass (mx1.mail.ru: domain of a.example designates 192.0.2.3 as permitted sender) "
        "smtp.mailfrom=x@a.example smtp.helo=m.a.example; dkim=pass header.d=a.example; dmarc=pass "
        "header.from=x@a.example",
        "mxs.mail.ru",
        [("spf", "pass", "a.example"), ("dkim", "pass", "a.example"), ("dmarc", "pass", "a.example")],
    ),
    (
        "Yandex",
        "iva8-1.qloud-c.yandex.net; spf=pass (iva8-1.qloud-c.yandex.net: domain of a.example designates 192.0.2.3 as "
        "permitted sender, rule=[ip4:192.0.2.0/24]) smtp.mail=x@a.example; dkim=pass header.i=@a.example",
        "iva8-1.qloud-c.yandex.net",
        [("spf", "pass", "a.example"), ("dkim", "pass", "a.example")],
    ),
    (
        "Amazon SES",
        "amazonses.com; spf=pass (spfCheck: domain of a.example designates 192.0.2.3 as permitted sender) "
        "client-ip=192.0.2.3; envelope-from=x@a.example; helo=m.a.example; dkim=pass header.i=@a.example; "
        "dmarc=none header.from=a.example;",
        "amazonses.com",
        [("spf", "pass", "a.example"), ("dkim", "pass", "a.example"), ("dmarc", "none", "a.example")],
    ),
    (
        "Exim",
        "mx.example.com; iprev=pass (m.a.example) smtp.remote-ip=192.0.2.3; spf=pass smtp.mailfrom=a.example; "
        "dkim=pass header.d=a.example header.s=k header.a=rsa-sha256; dmarc=pass header.from=a.example; arc=none",
        "mx.example.com",
        [
            ("iprev", "pass", ""),
            ("spf", "pass", "a.example"),
            ("dkim", "pass", "a.example"),
            ("dmarc", "pass", "a.example"),
            ("arc", "none", ""),
        ],
    ),
    (
        "Cisco",
        "mx.a.example; dkim=none (message not signed) header.i=none; spf=SoftFail "
        "smtp.mailfrom=x@a.example; dmarc=fail (p=none dis=none) d=a.example",
        "mx.a.example",
        [("dkim", "none", ""), ("spf", "softfail", "a.example"), ("dmarc", "fail", "a.example")],
    ),
    (
        "no semicolon after the name",
        "mx.a.example spf=pass smtp.mailfrom=b.example",
        "mx.a.example",
        [("spf", "pass", "b.example")],
    ),
    (
        "a quoted local part",
        'mx.a.example; spf=pass smtp.mailfrom="x; dmarc=pass"@b.example',
        "mx.a.example",
        [("spf", "pass", "b.example")],
    ),
    (
        "old words",
        "mx.a.example; spf=hardfail smtp.mailfrom=b.example; dkim=timeout header.d=c.example",
        "mx.a.example",
        [("spf", "fail", "b.example"), ("dkim", "temperror", "c.example")],
    ),
]


@pytest.mark.parametrize(("name", "value", "authserv_id", "expected"), FORMS, ids=[form[0] for form in FORMS])
def test_every_common_form_is_read(
    name: str, value: str, authserv_id: str, expected: list[tuple[str, str, str]]
) -> None:
    read = read_results(value)
    assert read.authserv_id == authserv_id
    assert [(str(s.method), str(s.result), s.domain) for s in read.stamps] == expected
    assert all(s.zone is Zone.OUTSIDE for s in read.stamps)
    assert not read.defects


def test_details_stand_where_they_belong() -> None:
    spf, dkim, dmarc, comp = read_results(FORMS[8][1]).stamps
    assert (spf.ip, spf.word) == ("192.0.2.87", "softfail")
    assert dkim.reason == "no key for signature"
    assert dmarc.action == "oreject"
    assert comp.reason == "000"
    first = read_results(FORMS[10][1]).stamps
    assert (first[0].selector, first[1].identity, first[1].ip) == ("s1", "b+x=y@example.org", "192.0.2.1")


def test_a_published_policy_never_becomes_the_result() -> None:
    for policy in ("(p=reject dis=none)", "(p=REJECT)", "policy.published-domain-policy=reject"):
        (stamp,) = read_results(f"mx.a.example; dmarc=fail {policy} header.from=b.example").stamps
        assert (stamp.result, stamp.word) == (Result.FAIL, "fail")
        assert stamp.action in ("", "none")


def test_unknown_words_are_kept() -> None:
    (stamp,) = read_results("mx.a.example; compauth=softpass reason=202").stamps
    assert (stamp.result, stamp.word) == (Result.OTHER, "softpass")
    (other,) = read_results("mx.a.example; bimi=pass header.d=b.example").stamps
    assert (other.method, other.result, other.word) == (Method.OTHER, Result.PASS, "bimi=pass")


@pytest.mark.parametrize(
    "value",
    [
        "a.example,b.example",
        "a.example\\(.b",
        "a..example",
        "exa mple.org@",
        "a.example/..",
        "[a.example]",
        "a.ex%00ample",
        "-a.example",
    ],
)
def test_a_domain_that_is_no_host_name_proves_nothing(value: str) -> None:
    read = read_results(f'mx.x.example; dkim=pass header.d="{value}"')
    assert read.stamps[0].domain == ""
    assert [d.code for d in read.defects] == ["unclean-stamp-domain"]


@pytest.mark.parametrize("value", ["none", "", "root@localhost", "ubuntu-1", "<>"])
def test_no_domain_is_no_defect(value: str) -> None:
    read = read_results(f"mx.x.example; spf=none smtp.mailfrom={value}")
    assert (read.stamps[0].domain, read.defects) == ("", ())


def test_two_different_dmarc_results_in_one_field_are_a_defect() -> None:
    read = read_results("mx.x.example; dmarc=fail header.from=a.example; dmarc=pass header.from=a.example")
    assert [d.code for d in read.defects] == ["contradicting-stamp"]
    assert not read_results("mx.x.example; dkim=fail header.d=a.example; dkim=pass header.d=b.example").defects


def test_arc_results_know_their_instance() -> None:
    for value in (
        "i=2; mx.x.example; spf=pass smtp.mailfrom=a.example",
        "i=2;mx.x.example 1;spf=pass smtp.mailfrom=a.example",
    ):
        read = read_results(value, "ARC-Authentication-Results")
        assert (read.instance, read.authserv_id) == (2, "mx.x.example")
        assert [(s.arc_instance, s.source, s.domain) for s in read.stamps] == [
            (2, "ARC-Authentication-Results", "a.example")
        ]
    assert read_results("i=1; mx.x.example").stamps == ()


SPF = [
    (
        "pass (mybox.example.org: domain of myname@example.com designates 192.0.2.1 as permitted sender) "
        'receiver=mybox.example.org; client-ip=192.0.2.1; envelope-from="myname@example.com"; helo=foo.example.com;',
        ("pass", "example.com", "192.0.2.1", "mybox.example.org"),
    ),
    (
        "fail (mybox.example.org: domain of myname@example.com does not designate 192.0.2.1 as permitted sender) "
        "identity=mailfrom; client-ip=192.0.2.1; envelope-from=<myname@example.com>;",
        ("fail", "example.com", "192.0.2.1", "mybox.example.org"),
    ),
    (
        "Pass (protection.outlook.com: domain of a.example designates 192.0.2.2 as permitted sender) "
        "receiver=protection.outlook.com; client-ip=192.0.2.2; helo=m.a.example; pr=C",
        ("pass", "a.example", "192.0.2.2", "protection.outlook.com"),
    ),
    (
        "SoftFail (protection.outlook.com: domain of transitioning a.example discourages use of "
        "192.0.2.3 as permitted sender)",
        ("softfail", "a.example", "192.0.2.3", "protection.outlook.com"),
    ),
    (
        "None (protection.outlook.com: a.example does not designate permitted sender hosts)",
        ("none", "a.example", "", "protection.outlook.com"),
    ),
    (
        "pass (google.com: domain of b+caf_=x=y.example@a.example designates 2001:db8::5 as "
        "permitted sender) client-ip=2001:db8::5;",
        ("pass", "a.example", "2001:db8::5", "google.com"),
    ),
    (
        "neutral (google.com: 192.0.2.4 is neither permitted nor denied by best guess record for "
        "domain of x@a.example) "
        "client-ip=192.0.2.4;",
        ("neutral", "a.example", "192.0.2.4", "google.com"),
    ),
    (
        "Pass (helo) identity=helo; client-ip=192.0.2.5; helo=m.a.example; "
        'envelope-from="x@b.example"; receiver=<unknown>',
        ("pass", "m.a.example", "192.0.2.5", ""),
    ),
    (
        "TempError (protection.outlook.com: error in processing during lookup of a.example: DNS Timeout)",
        ("temperror", "", "", "protection.outlook.com"),
    ),
]


@pytest.mark.parametrize(("value", "expected"), SPF)
def test_received_spf_is_read_as_pairs_and_as_prose(value: str, expected: tuple[str, str, str, str]) -> None:
    (stamp,) = read_received_spf(value).stamps
    assert (str(stamp.result), stamp.domain, stamp.ip, stamp.authserv_id) == expected
    assert (stamp.method, stamp.source) == (Method.SPF, "Received-SPF")


def test_a_received_spf_without_a_result_is_none() -> None:
    assert read_received_spf("client-ip=192.0.2.1; helo=x").stamps == ()
    assert read_received_spf("").stamps == ()


def test_forefront_codes_are_told_in_words() -> None:
    value = "CIP:192.0.2.1;CTRY:RO;LANG:en;SCL:5;SRV:;SFV:SPM;H:x.example;PTR:;CAT:SPOOF;SFS:(1);SFTY:9.25"
    found = {v.code: (v.value, v.meaning) for v in read_forefront("X-Forefront-Antispam-Report", value)}
    assert found["CAT"] == ("SPOOF", "the sender address is forged")
    assert found["SFTY"] == ("9.25", "the first contact with this sender")
    assert found["CTRY"] == ("RO", "country of the server's address")
    assert found["SCL"] == ("5", "spam")
    assert "SFS" not in found
    assert [v.code for v in read_forefront("X-Microsoft-Antispam", "BCL:7;ARA:1|2")] == ["BCL"]
    assert read_forefront("X-Other", value) == ()


COMPAUTH = [
    ("000", "failed that check"),
    ("001", "proves nothing"),
    ("010", "receiver's own"),
    ("130", "forwarder vouches"),
    ("100", "passed"),
    ("703", "passed"),
    ("202", "softly"),
    ("301", "wasn't checked"),
    ("451", "let past"),
    ("601", "receiver's own"),
]


@pytest.mark.parametrize(("code", "words"), COMPAUTH)
def test_compauth_reasons_are_told_in_words(code: str, words: str) -> None:
    assert words in explain_compauth(code)


def test_what_is_no_code_has_no_meaning() -> None:
    assert explain_compauth("") == explain_compauth("1234") == explain_compauth("abc") == ""
    assert explain_scl("99") == ""


FILTERS = [
    (
        "X-Spam-Status",
        "Yes, score=6.9 required=5.0 tests=BAYES_50",
        "6.9",
        "took it for spam: 6.9 points of the 5.0 needed",
    ),
    ("X-Spam-Flag", "NO", "no", "took it for no spam"),
    (
        "X-Spamd-Result",
        "default: False [13.27 / 25.00]; URIBL_BLACK(7.50)[x.example:url]",
        "13.27",
        "spam points, of the 25.00 at which it is refused",
    ),
    ("X-Proofpoint-Spam-Details", "rule=notspam phishscore=7 bulkscore=0", "7", "points of 100, more is worse"),
    ("X-Mimecast-Spam-Score", "12", "12", "spam points, more is worse"),
]


@pytest.mark.parametrize(("name", "value", "first", "meaning"), FILTERS)
def test_other_filters_scores_are_read(name: str, value: str, first: str, meaning: str) -> None:
    found = read_filters(Header(name, value))
    assert (found[0].value, found[0].meaning) == (first, meaning)


def test_signatures_and_arc_sets_are_tag_lists() -> None:
    headers = [
        Header("DKIM-Signature", "v=1; a=RSA-sha256; d=Example.ORG; s=k 1; h=From: To; l=12; i=@example.org; b=x"),
        Header("ARC-Seal", "i=2; d=b.example; cv=pass; b=x"),
        Header("ARC-Seal", "i=1; d=a.example; cv=none; b=x"),
        Header("ARC-Seal", "i=99; d=c.example; cv=none; b=x"),
        Header("DKIM-Signature", "d=a b..c; s=k"),
    ]
    first, second = read_signatures(headers)
    assert (first.domain, first.selector, first.signed_headers, first.body_length) == (
        "example.org",
        "k1",
        ("from", "to"),
        12,
    )
    assert second.domain == ""
    assert [(s.instance, s.sealer, s.cv) for s in read_arc_sets(headers)] == [
        (1, "a.example", "none"),
        (2, "b.example", "pass"),
    ]


def test_ten_megabytes_are_cut() -> None:
    for piece in ("(", '"', "a=", "=", ";", "dkim=pass ", "\\", ". ", "/ ", "x(y)"):
        value = "mx.x.example; " + piece * (10_000_000 // len(piece))
        assert len(read_results(value).stamps) <= 60
        assert len(read_received_spf(value).stamps) <= 1


@given(st.text(alphabet=st.sampled_from(list('()"\\;=./ @abdkimspfc19-\t')), max_size=300))
def test_no_text_makes_the_readers_raise(text: str) -> None:
    read_results(text)
    read_results("mx.x.example; dkim=pass " + text)
    read_received_spf("pass (" + text)
    assert all(piece.text is not None for segment in scan(text) for piece in segment)
    read_filters(Header("X-Forefront-Antispam-Report", text))
    read_signatures([Header("DKIM-Signature", text)])


@given(
    st.lists(
        st.sampled_from(
            ["spf=pass smtp.mailfrom=a.example", "dkim=fail header.d=b.example", "dmarc=none header.from=c.example"]
        ),
        min_size=1,
        max_size=8,
    )
)
def test_each_statement_becomes_one_stamp_in_order(statements: list[str]) -> None:
    read = read_results("mx.x.example; " + "; ".join(statements))
    assert [f"{s.method}={s.word}" for s in read.stamps] == [text.partition(" ")[0] for text in statements]
