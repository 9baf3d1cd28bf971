"""The trust boundary: what the receiver wrote is believed, what lies below is a claim, whatever name it bears."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.hosts import clean_host, clean_ip, family, is_generic, is_inner, is_local_name
from bot.intake.trace import Trace, read_trace
from bot.model import Header, Limits, Trust, Zone

OUTLOOK = """\
Received: from A.namprd19.prod.outlook.com (::1) by B.namprd19.prod.outlook.com with HTTPS; 1 Jan 2025 00:00:04 +0000
Received: from C.namprd13.prod.outlook.com (2603:10b6:a03:2c5::9) by A.namprd19.prod.outlook.com
 (2603:10b6:408:1a6::12) with Microsoft SMTP Server id 15; 1 Jan 2025 00:00:03 +0000
Received: from D.eop-NAM04.prod.protection.outlook.com (2603:10b6:a03:2c5:cafe::3a) by C.outlook.office365.com
 (2603:10b6:a03:2c5::9) with Microsoft SMTP Server id 15 via Frontend Transport; 1 Jan 2025 00:00:02 +0000
Authentication-Results: spf=fail (sender IP is 192.0.2.9) smtp.mailfrom=example.org; dkim=none
 header.d=none;dmarc=fail action=oreject header.from=example.org;compauth=fail reason=000
Received-SPF: Fail (protection.outlook.com: domain of example.org does not designate 192.0.2.9 as permitted sender)
 receiver=protection.outlook.com; client-ip=192.0.2.9; helo=mail.example.net;
Received: from mail.example.net (192.0.2.9) by D.mail.protection.outlook.com (10.13.158.72) with Microsoft SMTP
 Server id 15 via Frontend Transport; 1 Jan 2025 00:00:01 +0000
"""

GMAIL = """\
Delivered-To: a@example.com
Received: by 2002:a05:7300:8305:b0:d1:2e88:8f20 with SMTP id w5; 1 Jan 2025 00:00:02 +0000
ARC-Seal: i=1; a=rsa-sha256; d=google.com; s=arc; cv=none; b=x
ARC-Authentication-Results: i=1; mx.google.com; spf=pass smtp.mailfrom=a@example.org
Return-Path: <a@example.org>
Received: from mail.example.org (mail.example.org. [192.0.2.1]) by mx.google.com with ESMTPS id q22; 1 Jan 2025
 00:00:01 +0000
Received-SPF: pass (google.com: domain of a@example.org designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;
Authentication-Results: mx.google.com; dkim=pass header.i=@example.org; spf=pass smtp.mailfrom=a@example.org
"""

POSTFIX = """\
Received: from mx.example.com (localhost [127.0.0.1]) by mx.example.com (Postfix) with ESMTP id 2; 1 Jan 2025
 00:00:02 +0000
Received: from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.com (Postfix) with ESMTPS id 1; 1 Jan
 2025 00:00:01 +0000
Authentication-Results: mx.example.com; dkim=pass header.d=example.org
Authentication-Results: mx.example.com; dmarc=pass (p=none dis=none) header.from=example.org
"""

LIST = """\
Received: from lists.example.net (lists.example.net [192.0.2.20]) by mx.example.com (Postfix) with ESMTPS id 4; 1
 Jan 2025 00:00:04 +0000
Received: from lists.example.net (localhost [127.0.0.1]) by lists.example.net (Postfix) with ESMTP id 3; 1 Jan 2025
 00:00:03 +0000
Authentication-Results: lists.example.net; dkim=pass header.d=example.org
Received: from mail.example.org (mail.example.org [192.0.2.1]) by lists.example.net (Postfix) with ESMTPS id 2; 1
 Jan 2025 00:00:02 +0000
Authentication-Results: lists.example.net; spf=pass smtp.mailfrom=a@example.org
Received: from [10.1.1.1] (home.example.test [198.51.100.7]) by mail.example.org (Postfix) with ESMTPSA id 1; 1 Jan
 2025 00:00:01 +0000
"""


def fields(text: str) -> list[Header]:
    pairs = (line.partition(": ") for line in text.strip().replace("\n ", " ").splitlines())
    return [Header(name, value) for name, _, value in pairs]


def trace(text: str, trust: Trust | None = None) -> Trace:
    return read_trace(fields(text), trust or Trust(), Limits())


def zones(found: Trace) -> str:
    """One letter a hop: i, b, h, o."""
    return "".join(hop.zone.value[0] for hop in found.hops)


def stamped(found: Trace) -> list[str]:
    return [f"{stamp.zone.value[0]} {stamp.method}={stamp.word}" for stamp in found.stamps]


def test_microsofts_nameless_stamp_is_believed_by_its_place() -> None:
    found = trace(OUTLOOK + "From: a@example.org\n")
    assert zones(found) == "iiib"
    assert found.hops[3].ip == "192.0.2.9"
    assert {stamp.zone for stamp in found.stamps} == {Zone.INSIDE}
    assert {stamp.hop for stamp in found.stamps} == {2}


def test_gmails_stamps_below_its_own_line_are_believed() -> None:
    found = trace(GMAIL + "From: a@example.org\n")
    assert zones(found) == "ib"
    assert stamped(found) == ["i spf=pass", "i spf=pass", "i dkim=pass", "i spf=pass"]


def test_a_milters_stamps_right_below_the_border_line_are_believed() -> None:
    found = trace(POSTFIX)
    assert zones(found) == "ib"
    assert stamped(found) == ["i dkim=pass", "i dmarc=pass"]


def test_a_stamp_beside_the_border_under_another_name_is_a_claim() -> None:
    found = trace(POSTFIX.replace("Results: mx.example.com", "Results: mx.example.org"))
    assert stamped(found) == ["o dkim=pass", "o dmarc=pass"]
    trusted = trace(POSTFIX.replace("Results: mx.example.com", "Results: mx.example.org"), Trust(("mx.example.org",)))
    assert stamped(trusted) == ["i dkim=pass", "i dmarc=pass"]


FORGED = "Authentication-Results: {id}; spf=pass smtp.mailfrom=a@example.org; dmarc=pass header.from=example.org\n"


@pytest.mark.parametrize(
    ("receiver", "name"), [(OUTLOOK, "protection.outlook.com"), (GMAIL, "mx.google.com"), (POSTFIX, "mx.example.com")]
)
def test_a_stamp_of_the_receivers_name_further_below_is_a_finding(receiver: str, name: str) -> None:
    below = "Received: from x (x.example.net [192.0.2.77]) by mail.example.org (Postfix) with ESMTP id 0\n"
    found = trace(receiver + "From: a@example.org\n" + below + FORGED.format(id=name))
    assert stamped(found)[-2:] == ["o spf=pass", "o dmarc=pass"]
    assert {defect.code for defect in found.defects} == {"forged-stamp"}
    assert name in found.defects[0].detail


def test_a_second_stamp_of_the_same_method_beside_the_border_is_forged() -> None:
    found = trace(POSTFIX + "Authentication-Results: mx.example.com; dkim=pass header.d=bank.example\n")
    assert stamped(found) == ["i dkim=pass", "i dmarc=pass", "o dkim=pass"]
    assert [defect.code for defect in found.defects] == ["forged-stamp"]


def test_a_stamp_beside_the_border_about_another_server_is_not_believed() -> None:
    mine = POSTFIX.partition("Authentication-Results")[0]
    about = "Authentication-Results: mx.example.com; spf=pass (sender IP is 192.0.2.55) smtp.mailfrom=bank.example\n"
    assert stamped(trace(mine + about)) == ["o spf=pass"]


def test_a_received_line_that_looks_like_the_receivers_stays_outside() -> None:
    fake = (
        "Received: from mail.bank.example (mail.bank.example [203.0.113.1]) by mx.example.com "
        "(Postfix) with ESMTPS id 9\n"
    )
    found = trace(POSTFIX + "From: a@bank.example\n" + fake)
    assert zones(found) == "ibo"


def test_a_helo_of_the_receivers_name_is_still_outside() -> None:
    forged = OUTLOOK.replace("from mail.example.net (192.0.2.9)", "from E.prod.outlook.com (192.0.2.9)")
    assert zones(trace(forged)) == "iiib"
    exchange = (
        "Received: from ex1.example.com (192.0.2.9) by ex2.example.com (203.0.113.5) with Microsoft SMTP Server id 15\n"
        "Received: from mail.bank.example (203.0.113.77) by ex1.example.com (203.0.113.6) with "
        "Microsoft SMTP Server id 15\n"
    )
    assert zones(trace(exchange)) == "bo"
    assert zones(trace(exchange.replace("(192.0.2.9)", "(203.0.113.6)"))) == "ib"


def test_mail_between_two_tenants_of_one_provider_comes_from_outside() -> None:
    sent = OUTLOOK.replace("from mail.example.net (192.0.2.9)", "from X.outbound.protection.outlook.com (40.93.65.64)")
    below = (
        "Received: from Y.eurprd05.prod.outlook.com (2603:10a6:10:8a::22) by "
        "Z.eurprd05.prod.outlook.com (2603:10a6:10:633::14) with Microsoft SMTP Server id 15\n"
        "Received: from Y.eurprd05.prod.outlook.com ([fe80::c444:22d5:cdec:48f6]) by "
        "Y.eurprd05.prod.outlook.com ([fe80::c444:22d5:cdec:48f6%6]) with mapi id 15\n"
    )
    found = trace(sent + below)
    assert zones(found) == "iiibhh"
    assert found.hops[5].authenticated == "*"


def test_our_relays_are_inside_by_name_and_by_network() -> None:
    gateway = (
        "Received: from gw.filter.example (gw.filter.example [198.51.100.9]) by mx.example.com "
        "(Postfix) with ESMTPS id 2\n"
        "Authentication-Results: gw.filter.example; spf=fail smtp.mailfrom=example.org\n"
        "Received: from mail.example.net (mail.example.net [192.0.2.9]) by gw.filter.example "
        "(Haraka/2) with ESMTPS id 1\n"
    )
    assert zones(trace(gateway)) == "bh"
    for relay in ("filter.example", "198.51.100.0/24"):
        found = trace(gateway, Trust(our_relays=(relay,)))
        assert zones(found) == "ib"
        assert stamped(found) == ["i spf=fail"]
    assert zones(trace(gateway, Trust(our_relays=("not/a network", "203.0.113.0/24")))) == "bh"


def test_no_received_line_means_no_border() -> None:
    found = trace("Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\nFrom: a@example.org\n")
    assert stamped(found) == ["o dmarc=pass"]
    assert found.hops == ()


def test_mail_that_never_left_has_no_border() -> None:
    found = trace(
        "Received: from localhost (localhost [127.0.0.1]) by mx.example.com (Postfix) with ESMTP id 2\n"
        "Received: by mx.example.com (Postfix, from userid 1000) id 1\n"
    )
    assert zones(found) == "ii"


def test_polled_mail_was_taken_in_by_the_polled_server() -> None:
    found = trace(
        "Received: from localhost (home [127.0.0.1]) by home.example.com (Postfix) with ESMTP id 2\n"
        "Received: from home [127.0.0.1] by localhost with IMAP (fetchmail-5.9.0) for me@localhost (single-drop)\n"
        "Received: from mail.example.org (mail.example.org [192.0.2.1]) by in.example.net "
        "(8.11.6/8.11.6) with ESMTP id 1\n"
    )
    assert zones(found) == "iib"


def test_a_filter_on_the_same_machine_is_inside() -> None:
    found = trace(
        "Received: from mail.example.com by box with LMTP id 3 for <a@example.com>\n"
        "Received: from mx.example.com ([127.0.0.1]) by localhost (mx.example.com [127.0.0.1]) "
        "(amavisd-new, port 10024) with ESMTP id 2\n"
        "Received: from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.com (Postfix) with ESMTPS id 1\n"
    )
    assert zones(found) == "iib"


def test_a_receiver_whose_address_translation_hides_clients_believes_no_stranger() -> None:
    found = trace(
        "Received: from mail.bad.example (unknown [172.17.0.1]) by mx.example.com (Postfix) with ESMTPS id 2\n"
        "Authentication-Results: mail.example.org; dmarc=pass header.from=bank.example\n"
        "Received: from mail.bank.example (mail.bank.example [203.0.113.1]) by mail.example.org "
        "(Postfix) with ESMTPS id 1\n"
    )
    assert zones(found) == "io"
    assert stamped(found) == ["o dmarc=pass"]


def test_a_receiver_that_stamps_above_its_line_did_not_stamp_below_it_too() -> None:
    above = "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=a@example.org; dmarc=fail\n"
    received = (
        "Received: from x.test (x.test [192.0.2.9]) by mx.example.com (Postfix) with ESMTP id 1; 1 Jan 2025 00:00\n"
    )
    beside = "Authentication-Results: mx.example.com; dkim=pass header.d=example.org\n"
    both, alone = trace(above + received + beside), trace(received + beside)
    assert [(s.zone, s.method.value) for s in both.stamps if s.method.value == "dkim"] == [(Zone.OUTSIDE, "dkim")]
    assert "forged-stamp" in [defect.code for defect in both.defects]
    assert [(s.zone, s.beside) for s in alone.stamps] == [(Zone.INSIDE, True)]


def test_what_a_proven_list_server_wrote_is_handed() -> None:
    found = trace(LIST)
    assert zones(found) == "bhho"
    assert stamped(found) == ["h dkim=pass", "h spf=pass"]
    assert found.hops[2].ip == "192.0.2.1"


def test_a_server_whose_name_nobody_looked_up_hands_nothing() -> None:
    assert zones(trace(LIST.replace("(lists.example.net [192.0.2.20])", "(unknown [192.0.2.20])"))) == "booo"
    rented = LIST.replace("lists.example.net", "static.192-0-2-20.clients.example.net")
    assert zones(trace(rented)) == "booo"


def test_the_authors_spf_proves_the_server_whatever_it_calls_itself() -> None:
    passing = OUTLOOK.replace("spf=fail", "spf=pass").replace("Fail (prot", "Pass (prot")
    client = "Received: from [198.51.100.7] (port=1 helo=pc) by mail.example.net with esmtpa (Exim 4.96) id 1\n"
    script = "X-Get-Message-Sender-Via: mail.example.net: authenticated_id: a@example.org\n"
    found = trace(passing + client + script + "From: a@example.org\n")
    assert zones(found) == "iiibh"
    assert [(o.account, o.zone) for o in found.originations] == [("a@example.org", Zone.HANDED)]
    for other in ("From: a@bank.example\n", "From: a@example.org, b@bank.example\n"):
        assert zones(trace(passing + client + other)) == "iiibo"


def test_an_arc_set_counts_where_its_sealer_is_the_receiver() -> None:
    assert stamped(trace(GMAIL))[0] == "i spf=pass"
    assert stamped(trace(GMAIL.replace("d=google.com", "d=example.org")))[0] == "o spf=pass"


def test_renamed_stamps_are_claims() -> None:
    found = trace(POSTFIX.replace("Authentication-Results:", "Authentication-Results-Original:"))
    assert stamped(found) == ["o dkim=pass", "o dmarc=pass"]


def test_an_origination_lies_where_its_field_lies() -> None:
    found = trace(
        POSTFIX + "X-Originating-IP: [198.51.100.7]\nReceived: by www.example.org (Postfix, from userid 48) id 0\n"
    )
    assert [(o.header, o.ip or o.account, o.zone) for o in found.originations] == [
        ("X-Originating-IP", "198.51.100.7", Zone.HANDED),
        ("Received", "uid:48", Zone.HANDED),
    ]
    listed = trace(LIST + "X-Originating-IP: [198.51.100.7]\n")
    assert [o.zone for o in listed.originations] == [Zone.OUTSIDE]


def test_the_sending_servers_own_address_is_no_origination() -> None:
    assert trace(OUTLOOK + "X-Sender-IP: 192.0.2.9\n").originations == ()


def test_microsofts_filter_fields_are_believed_of_microsoft_only() -> None:
    report = "X-Forefront-Antispam-Report: CAT:SPOOF;SCL:5\nX-Forefront-Antispam-Report-Untrusted: CAT:NONE\n"
    assert [(f.code, f.zone) for f in trace(OUTLOOK + report).filters] == [
        ("CAT", Zone.INSIDE),
        ("SCL", Zone.INSIDE),
        ("CAT", Zone.OUTSIDE),
    ]
    assert {f.zone for f in trace(POSTFIX + report).filters} == {Zone.OUTSIDE}


def test_a_hundred_thousand_fields_are_cut() -> None:
    line = Header(
        "Received", "from a.example.org (a.example.org [192.0.2.1]) by b.example.org (Postfix) with ESMTP id 1"
    )
    stamp = Header("Authentication-Results", "b.example.org; spf=pass smtp.mailfrom=example.org")
    found = read_trace([line] * 50_000 + [stamp] * 50_000, Trust(), Limits(headers=100_000))
    assert (len(found.hops), len(found.stamps)) == (200, 300)
    assert {"too-many-hops", "too-many-stamps"} <= {defect.code for defect in found.defects}


CLAIMS = [line for text in (OUTLOOK, GMAIL, POSTFIX, LIST) for line in text.strip().replace("\n ", " ").splitlines()]
CLAIMS += [
    FORGED.format(id=name).strip() for name in ("mx.google.com", "mx.example.com", "protection.outlook.com", "x")
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([OUTLOOK, LIST, GMAIL]), st.lists(st.sampled_from(CLAIMS), max_size=12))
def test_nothing_that_a_sender_writes_moves_the_border_or_becomes_inside(receiver: str, claims: list[str]) -> None:
    alone = trace(receiver + "From: a@example.test\n")
    found = trace(receiver + "From: a@example.test\n" + "\n".join(claims))
    border = next(hop.index for hop in alone.hops if hop.zone is Zone.BORDER)
    assert next(hop.index for hop in found.hops if hop.zone is Zone.BORDER) == border
    inside = [stamp for stamp in alone.stamps if stamp.zone is Zone.INSIDE]
    assert [stamp for stamp in found.stamps if stamp.zone is Zone.INSIDE] == inside


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Received", "Authentication-Results", "ARC-Seal", "X-Originating-IP", "x"]),
            st.text(max_size=80),
        ),
        max_size=8,
    )
)
def test_no_fields_make_the_reader_raise(pairs: list[tuple[str, str]]) -> None:
    found = read_trace([Header(name, value) for name, value in pairs], Trust(our_relays=("x",)), Limits())
    assert len(found.hops) == sum(1 for name, _ in pairs if name == "Received")


HOSTS = [
    ("Mail.Example.ORG.", "mail.example.org"),
    ("häm.example", "xn--hm-via.example"),
    ("_dmarc.example.org", "_dmarc.example.org"),
    ("localhost", ""),
    ("192.0.2.1", ""),
    ("a..b", ""),
    ("a b.example", ""),
    ("", ""),
    ("x" * 64 + ".example", ""),
    ("-a.example", ""),
]
IPS = [
    ("[192.0.2.1]", "192.0.2.1"),
    ("IPv6:2001:DB8::1", "2001:db8::1"),
    ("fe80::1%15", "fe80::1"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
    ("192.0.2.256", ""),
    ("example.org", ""),
    ("", ""),
]


@pytest.mark.parametrize(("value", "expected"), HOSTS)
def test_only_clean_host_names_are_hosts(value: str, expected: str) -> None:
    assert clean_host(value) == expected


@pytest.mark.parametrize(("value", "expected"), IPS)
def test_addresses_have_one_form(value: str, expected: str) -> None:
    assert clean_ip(value) == expected


def test_names_and_addresses_are_sorted_by_what_they_prove() -> None:
    assert family("a.prod.outlook.com") == family("b.office365.com") != family("a.google.com")
    assert family("mail.example.co.uk") == "example.co.uk"
    assert is_inner("2002:a05:7300::1")
    assert not is_inner("2002:c000:201::1")
    assert not is_inner("192.0.2.1")
    assert is_generic("c-73-8-49-179.hsd1.il.example.net")
    assert not is_generic("mout-p-101.example.org")
    assert is_local_name("ex1.corp.local")
    assert not is_local_name("mx.example.org")


@pytest.mark.shared
def test_a_border_is_found_in_the_corpus_with_and_without_microsofts_fields(shared: Path) -> None:
    seen = found = same = 0
    for path in sorted((shared / "corpus" / "mail").glob("*.eml")):
        headers = _unfolded(path.read_bytes())
        with_all = read_trace(headers, Trust(), Limits())
        if not with_all.hops:
            continue
        private = ("x-ms-", "x-microsoft-", "x-forefront-")
        without = read_trace([h for h in headers if not h.name.lower().startswith(private)], Trust(), Limits())
        seen += 1
        found += any(hop.zone is Zone.BORDER for hop in with_all.hops)
        same += [hop.zone for hop in with_all.hops] == [hop.zone for hop in without.hops]
    assert seen >= 190
    assert found / seen >= 0.97
    assert same == seen


def _unfolded(octets: bytes) -> list[Header]:
    head = octets.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("latin-1")
    pairs = (line.partition(":") for line in head.replace("\n ", " ").replace("\n\t", " ").splitlines())
    return [Header(name.strip(), value.strip()) for name, _, value in pairs]
