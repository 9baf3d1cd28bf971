"""Received lines as real servers write them, and what hostile ones can't do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.received import local_user, read_hop
from bot.intake.received_dates import read_date
from bot.intake.received_origination import read_origination
from bot.intake.received_tokens import tokenize
from bot.model import Header

DATE = "; Tue, 4 Mar 2025 10:11:12 +0100"

# software, line, (helo, host, ip, by, protocol, authenticated)
LINES = [
    (
        "postfix",
        "from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.com (Postfix) with ESMTPS id 4A42D1CAB5 "
        "for <a@example.com>",
        ("mail.example.org", "mail.example.org", "192.0.2.1", "mx.example.com", "ESMTPS", ""),
    ),
    (
        "postfix",
        "from [10.0.0.7] (unknown [203.0.113.9]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) "
        "(No client certificate requested) (Authenticated sender: maria@example.org) by mail.example.org (Postfix) "
        "with ESMTPSA id 98E67ED",
        ("[10.0.0.7]", "unknown", "203.0.113.9", "mail.example.org", "ESMTPSA", "maria@example.org"),
    ),
    (
        "postfix",
        "from out.example.org (out.example.org [IPv6:2001:db8::1:20]) by mx.example.com (Postfix) with UTF8SMTPSA id 1",
        ("out.example.org", "out.example.org", "2001:db8::1:20", "mx.example.com", "UTF8SMTPSA", "*"),
    ),
    ("postfix", "by web.example.org (Postfix, from userid 48) id 3E74E", ("", "", "", "web.example.org", "local", "")),
    (
        "exchange",
        "from CLIENT (192.0.2.8) by DM6NAM12FT056.mail.protection.outlook.com (10.13.179.204) with Microsoft SMTP "
        "Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.7068.22 via Frontend Transport",
        ("CLIENT", "", "192.0.2.8", "dm6nam12ft056.mail.protection.outlook.com", "SMTP", ""),
    ),
    (
        "exchange",
        "from EX1.example.org ([fe80::7d4f:49e9:b062:84d9]) by EX2.example.org ([fe80::7d4f:49e9:b062:84d9%15]) with "
        "mapi id 15.01.2106.003",
        ("EX1.example.org", "", "fe80::7d4f:49e9:b062:84d9", "ex2.example.org", "mapi", "*"),
    ),
    (
        "exchange",
        "from MN0PR19MB6041.namprd19.prod.outlook.com (::1) by MN0PR19MB6312.namprd19.prod.outlook.com with HTTPS",
        ("MN0PR19MB6041.namprd19.prod.outlook.com", "", "::1", "mn0pr19mb6312.namprd19.prod.outlook.com", "HTTPS", ""),
    ),
    (
        "exchange",
        "from in.example.local ([192.168.2.11]) by proxy.example.org over TLS secured channel with "
        "Microsoft SMTPSVC(10.0.14393.4169)",
        ("in.example.local", "", "192.168.2.11", "proxy.example.org", "SMTP", ""),
    ),
    (
        "gmail",
        "by 2002:a05:7300:8305:b0:d1:2e88:8f20 with SMTP id w5csp1670752dyi",
        ("", "", "", "2002:a05:7300:8305:b0:d1:2e88:8f20", "SMTP", ""),
    ),
    (
        "gmail",
        "from mail.example.org (mail.example.org. [192.0.2.5]) by mx.google.com with ESMTPS id q22si9",
        ("mail.example.org", "mail.example.org", "192.0.2.5", "mx.google.com", "ESMTPS", ""),
    ),
    (
        "gmail",
        "from ?IPV6:2001:db8:1::7? ([2001:db8:1::7]) by smtp.googlemail.com with ESMTPSA id k6-2 (version=TLS1_3)",
        ("?IPV6:2001:db8:1::7?", "", "2001:db8:1::7", "smtp.googlemail.com", "ESMTPSA", "*"),
    ),
    (
        "exim",
        "from [192.0.2.77] (port=52874 helo=[192.168.88.181]) by host4.example.net with esmtpa (Exim 4.96) "
        "(envelope-from <maria@example.org>) id 1qRBGp-0006S0-33",
        ("[192.168.88.181]", "", "192.0.2.77", "host4.example.net", "ESMTPA", "*"),
    ),
    (
        "exim",
        "from c-192-0-2-1.access.example.net ([192.0.2.1]:45278 helo=203.0.113.112) by s.example.net with esmtpsa "
        "(TLS1.2) tls TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (Exim 4.96.2) (envelope-from <x@example.org>) id 1sLvNL",
        ("203.0.113.112", "c-192-0-2-1.access.example.net", "192.0.2.1", "s.example.net", "ESMTPSA", "*"),
    ),
    (
        "sendmail",
        "from host (dsl.example.net [192.0.2.30] (may be forged)) (authenticated bits=0) by mail.example.org "
        "(8.14.7/8.14.7) with ESMTP id 15H5XvZ1001673 for <a@example.com>",
        ("host", "", "192.0.2.30", "mail.example.org", "ESMTP", "*"),
    ),
    (
        "sendmail",
        "from w.example.org (IDENT:welch@w.example.org [192.0.2.31]) by b.example.org (8.9.3/8.9.3) with ESMTP",
        ("w.example.org", "w.example.org", "192.0.2.31", "b.example.org", "ESMTP", ""),
    ),
    (
        "sendmail",
        "(from root@localhost) by v.example.org (8.14.7/8.14.7/Submit) id 5",
        ("", "", "", "v.example.org", "", ""),
    ),
    (
        "qmail",
        "from unknown (HELO mx.example.net) (192.0.2.40) by in.example.com with SMTP",
        ("mx.example.net", "unknown", "192.0.2.40", "in.example.com", "SMTP", ""),
    ),
    (
        "qmail",
        "from mx.example.net (HELO mx.example.net) (maria@example.org@192.0.2.41 with login) by in.test with SMTP",
        ("mx.example.net", "mx.example.net", "192.0.2.41", "in.test", "SMTP", "maria@example.org"),
    ),
    ("qmail", "(qmail 29995 invoked by uid 510)", ("", "", "", "", "local", "")),
    (
        "zimbra",
        "from m.example.org (LHLO m.example.org) (192.168.1.1) by m.example.org with LMTP",
        ("m.example.org", "m.example.org", "192.168.1.1", "m.example.org", "LMTP", ""),
    ),
    (
        "vger",
        'from mail.example.org ([192.0.2.50]:58184 "EHLO mail.example.org" rhost-flags-OK-OK-OK-OK) by vger.kernel.org '
        "with ESMTP id S1727699AbfFGHZo (ORCPT <rfc822;list@example.com>)",
        ("mail.example.org", "mail.example.org", "192.0.2.50", "vger.kernel.org", "ESMTP", ""),
    ),
    (
        "vger",
        "(majordomo@vger.kernel.org) by vger.kernel.org via listexpand id S17 (ORCPT <rfc822;a@example.com>)",
        ("", "", "", "vger.kernel.org", "", ""),
    ),
    (
        "yahoo",
        "from 127.0.0.1 (EHLO mail.example.org) (192.0.2.60) by mtaproxy1.mail.gq1.yahoo.com with SMTPs",
        ("mail.example.org", "", "192.0.2.60", "mtaproxy1.mail.gq1.yahoo.com", "SMTPS", ""),
    ),
    (
        "yahoo",
        "by hermes--prod-1 (Yahoo Inc. Hermes SMTP Server) with ESMTPA ID 7c",
        ("", "", "", "hermes--prod-1", "ESMTPA", "*"),
    ),
    (
        "ses",
        "from a1.smtp-out.example.org (a1.smtp-out.example.org [192.0.2.61]) by inbound-smtp.us-east-1.amazonaws.com "
        "with SMTP id abc for a@example.com",
        (
            "a1.smtp-out.example.org",
            "a1.smtp-out.example.org",
            "192.0.2.61",
            "inbound-smtp.us-east-1.amazonaws.com",
            "SMTP",
            "",
        ),
    ),
    (
        "sendgrid",
        "by recvd-55b9bbfc4b-pj7j8 with SMTP id recvd-55b-1",
        ("", "", "", "recvd-55b9bbfc4b-pj7j8", "SMTP", ""),
    ),
    (
        "sendgrid",
        "from example.org (unknown) by geopod-ismtpd-3 (SG) with ESMTP id UY8",
        ("example.org", "", "", "geopod-ismtpd-3", "ESMTP", ""),
    ),
    ("mailgun", "by 73a91a5c79f4 with HTTP id 67ccde3aeaab884477c83eb2", ("", "", "", "73a91a5c79f4", "HTTP", "")),
    (
        "mimecast",
        "from mx.example.org (mx.example.org [192.0.2.62]) (Using TLS) by relay.mimecast.com with ESMTP with STARTTLS",
        ("mx.example.org", "mx.example.org", "192.0.2.62", "relay.mimecast.com", "ESMTP", ""),
    ),
    (
        "proofpoint",
        "from pps.filterd (m0413768.ppops.net [127.0.0.1]) by mx07-0.pphosted.com (8.18.1.2/8.18.1.2) with ESMTP",
        ("pps.filterd", "m0413768.ppops.net", "127.0.0.1", "mx07-0.pphosted.com", "ESMTP", ""),
    ),
    (
        "haraka",
        "from PC (c.example.net [192.0.2.63]) by h.example.org (Haraka/2.8.28) with ESMTPSA id 0A envelope-from "
        "<x@example.org> (authenticated bits=0)",
        ("PC", "c.example.net", "192.0.2.63", "h.example.org", "ESMTPSA", "*"),
    ),
    (
        "mdaemon",
        "from PC by example.org (MDaemon PRO v9.6.4) with ESMTP id md50000",
        ("PC", "", "", "example.org", "ESMTP", ""),
    ),
    (
        "communigate",
        "from [192.0.2.64] (account maria@example.org HELO [10.1.1.1]) by cg.example.org (CommuniGate Pro SMTP 6.1) "
        "with ESMTPSA id 1",
        ("[10.1.1.1]", "", "192.0.2.64", "cg.example.org", "ESMTPSA", "maria@example.org"),
    ),
    (
        "kerio",
        "from [10.0.0.2] ([192.0.2.65]) (authenticated user maria@example.org) by k.test (Kerio Connect) with ESMTPSA",
        ("[10.0.0.2]", "", "192.0.2.65", "k.test", "ESMTPSA", "maria@example.org"),
    ),
    (
        "courier",
        "from pc (c.example.net [::ffff:192.0.2.66]) (AUTH: LOGIN maria@example.org, SSL: TLSv1.2) by co.example.org "
        "with ESMTPSA id 1",
        ("pc", "c.example.net", "192.0.2.66", "co.example.org", "ESMTPSA", "maria@example.org"),
    ),
    (
        "domino",
        "from m.example.org ([192.0.2.67]) by d.example.com (Lotus Domino Release 8.5.3) with ESMTP id 2012-1",
        ("m.example.org", "", "192.0.2.67", "d.example.com", "ESMTP", ""),
    ),
    (
        "oracle",
        "by o.example.org (Oracle Communications Messaging Server 8.1.0.1 64bit (built Dec 14)) with ESMTPS",
        ("", "", "", "o.example.org", "ESMTPS", ""),
    ),
    (
        "zoho",
        "from [192.0.2.68] (192.0.2.68 [192.0.2.68]) by mx.zohomail.com with SMTPS id 1",
        ("[192.0.2.68]", "", "192.0.2.68", "mx.zohomail.com", "SMTPS", ""),
    ),
    (
        "yandex",
        "by iva1-1.qloud-c.yandex.net (smtp/Yandex) with ESMTPSA id x",
        ("", "", "", "iva1-1.qloud-c.yandex.net", "ESMTPSA", "*"),
    ),
    (
        "mail.ru",
        "from [192.0.2.69] (port=2 helo=pc) by smtp12.mail.ru with esmtpa (envelope-from <x@example.org>) id 1",
        ("pc", "", "192.0.2.69", "smtp12.mail.ru", "ESMTPA", "*"),
    ),
    (
        "gmx",
        "from [192.0.2.70] ([192.0.2.70]) by web-mail.gmx.net (3c-app.server.lan [172.19.172.110]) (via HTTP)",
        ("[192.0.2.70]", "", "192.0.2.70", "web-mail.gmx.net", "HTTP", ""),
    ),
    (
        "webmail",
        "from [192.0.2.71] ([192.0.2.71]) by example.org (Horde Framework) with HTTPS",
        ("[192.0.2.71]", "", "192.0.2.71", "example.org", "HTTPS", ""),
    ),
    (
        "webmail",
        "from 192.0.2.72 (SquirrelMail authenticated user maria) by www.example.org with HTTP",
        ("192.0.2.72", "", "192.0.2.72", "www.example.org", "HTTP", "maria"),
    ),
    (
        "coremail",
        "from pc.example.local (unknown []) by gzga-smtp-0 (Coremail) with SMTP id _____wD3",
        ("pc.example.local", "", "", "gzga-smtp-0", "SMTP", ""),
    ),
    (
        "fetchmail",
        "from jalapeno [127.0.0.1] by localhost with IMAP (fetchmail-5.9.0) for jm@localhost (single-drop)",
        ("jalapeno", "", "127.0.0.1", "localhost", "IMAP", ""),
    ),
    (
        "proton",
        "from pc.example.org (pc.example.org [192.0.2.73]) (using TLSv1.3) by mailin001.protonmail.ch with ESMTPS",
        ("pc.example.org", "pc.example.org", "192.0.2.73", "mailin001.protonmail.ch", "ESMTPS", ""),
    ),
    (
        "fastmail",
        "from phl-imap-11 ([10.202.2.101]) by phl-compute-07.internal (MEProxy)",
        ("phl-imap-11", "", "10.202.2.101", "phl-compute-07.internal", "", ""),
    ),
]


@pytest.mark.parametrize(("software", "line", "expected"), LINES, ids=[f"{row[0]}-{n}" for n, row in enumerate(LINES)])
def test_a_line_says_who_handed_to_whom(software: str, line: str, expected: tuple[str, ...]) -> None:
    hop = read_hop(line + DATE, 0)
    assert (hop.helo, hop.host, hop.ip, hop.by, hop.protocol, hop.authenticated) == expected
    assert hop.software == software
    assert hop.at == datetime(2025, 3, 4, 10, 11, 12, tzinfo=timezone(timedelta(hours=1)))


def test_envelope_and_recipient_are_read_wherever_they_stand() -> None:
    exim = read_hop(
        "from x.example.org ([192.0.2.1]) by y with esmtps (Exim 4) (envelope-from <>) id 1 for a@example.com", 0
    )
    assert (exim.envelope_from, exim.recipient) == ("", "a@example.com")
    vger = read_hop(
        'from x ([192.0.2.1]:1 "EHLO x" rhost-flags-OK) by vger.kernel.org (ORCPT <rfc822;l@example.com>)', 0
    )
    assert vger.recipient == "l@example.com"
    haraka = read_hop("from x (x [192.0.2.1]) by h (Haraka/2) with ESMTP id 1 envelope-from <b@example.org>", 0)
    assert haraka.envelope_from == "b@example.org"


DATES = [
    ("Tue, 4 Mar 2025 10:11:12 +0100 (CET)", datetime(2025, 3, 4, 9, 11, 12, tzinfo=UTC)),
    ("4 Mar 2025 10:11:12 -0000", datetime(2025, 3, 4, 10, 11, 12, tzinfo=UTC)),
    ("Tue, 04 Mar 25 10:11 GMT", datetime(2025, 3, 4, 10, 11, tzinfo=UTC)),
    ("Thu, 19 Sep 102 02:36:39 EST", datetime(2002, 9, 19, 7, 36, 39, tzinfo=UTC)),
    ("id X Sun, 03 Dec 2023 17:27:24.210 +0000 (UTC)", datetime(2023, 12, 3, 17, 27, 24, tzinfo=UTC)),
    ("x-1 2023-12-03 17:27:24.262822314 +0000 UTC m=+4056452.7", datetime(2023, 12, 3, 17, 27, 24, tzinfo=UTC)),
    ("Tue, 4 Mar 2025 23:59:60 +0000", datetime(2025, 3, 4, 23, 59, 59, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "moment"), DATES)
def test_dates_of_every_age_are_one_moment(text: str, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "31 Feb 2025 10:00:00 +0000", "4 Mar 2025 25:00:00 +0000"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_a_programs_user_is_told_apart_from_somebody_signed_in() -> None:
    assert local_user(read_hop("by w.example.org (Postfix, from userid 48) id 1", 0)) == "uid:48"
    assert (
        local_user(read_hop("(from www-data@localhost) by w.example.org (8.14.4/8.14.4/Submit) id 1", 0))
        == "www-data@localhost"
    )
    assert local_user(read_hop("from dave by d.example.org with local (Exim 4.98) id 1", 0)) == "dave"
    assert local_user(read_hop("from mta.example.net by d.example.org with LOCAL", 0)) == ""


ORIGINATIONS = [
    ("X-Originating-IP", "[192.0.2.9]", "192.0.2.9", ""),
    ("X-PHP-Originating-Script", "33:mailer.php", "", "script:mailer.php"),
    ("X-PHP-Script", "www.example.org/wp/send.php for 192.0.2.4, 192.0.2.5", "192.0.2.4", "script:send.php"),
    ("X-Get-Message-Sender-Via", "s.example.net: authenticated_id: maria@example.org", "", "maria@example.org"),
    ("X-Get-Message-Sender-Via", "s.example.net: acl_c_authenticated_local_user: web/mailer", "", "local:web"),
    ("X-Authenticated-Sender", "s.example.net: maria@example.org", "", "maria@example.org"),
    ("X-Authentication-Warning", "w.example.org: www-data set sender to a@example.org using -f", "", "local:www-data"),
    ("X-AuthUser", "maria", "", "maria"),
    ("X-AntiAbuse", "Originator/Caller UID/GID - [1001 12] / [47 12]", "", "uid:1001"),
    ("X-Source-Args", "/usr/bin/php /home/x/public_html/contact.php ", "", "script:contact.php"),
    ("X-Google-Original-From", "A <a@example.org>", "", "a@example.org"),
    ("x-sender", "<maria@example.org>", "", "maria@example.org"),
]


@pytest.mark.parametrize(("name", "value", "ip", "account"), ORIGINATIONS)
def test_fields_of_submission_are_read(name: str, value: str, ip: str, account: str) -> None:
    found = read_origination(Header(name, value))
    assert found is not None
    assert (found.ip, found.account) == (ip, account)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Originating-IP", "nowhere"),
        ("X-Source", ""),
        ("X-AntiAbuse", "Primary Hostname - s.example.net"),
        ("To", "a@b.c"),
    ],
)
def test_fields_that_tell_nothing_are_left_out(name: str, value: str) -> None:
    assert read_origination(Header(name, value)) is None


def test_a_comment_that_never_closes_hides_nothing() -> None:
    hop = read_hop("from a.example.org (a.example.org [192.0.2.1] by mx.example.com with ESMTP id 1" + DATE, 0)
    assert (hop.by, hop.protocol) == ("mx.example.com", "ESMTP")


def test_ten_megabytes_of_brackets_are_cut() -> None:
    for piece in ("(", "((a", "from ", "by x (", "[", "a@", ";", '"', "helo=", "\\("):
        hop = read_hop("from " + piece * (10_000_000 // len(piece)), 3)
        assert hop.index == 3
        assert len(hop.raw) <= 1_000


@given(st.text(alphabet=st.sampled_from(list('()[]<>;:@.\\" =abfromyhel0123 :%')), max_size=400))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    hop = read_hop(text, 0)
    assert hop.index == 0
    local_user(hop)
    tokens, _ = tokenize(text)
    assert all(token.text == token.text.strip() or token.comment for token in tokens)


@given(st.binary(max_size=300))
def test_no_octets_make_the_reader_raise(octets: bytes) -> None:
    text = octets.decode("latin-1")
    assert read_hop("from " + text + " by mx.example.com", 0).software is not None
    assert read_origination(Header("X-PHP-Script", text)) is None or text.strip()
