"""How a mail travelled, and at which hop its origin is judged."""

from collections import Counter
from pathlib import Path

import pytest

from bot.checks.passage import judge
from bot.handbook.faults import Fault
from bot.handbook.forwarders import Forwarders, load_forwarders
from bot.intake.reading import read_exhibit
from bot.model import Judged, Limits, Method, Passage, Trust, Zone

KNOWN = Forwarders(
    lists=frozenset({"lists.example", "oldlist.example"}),
    forwarders=frozenset({"alias.example", "google.com"}),
    sealers=frozenset({"alias.example", "sealer.example"}),
)
LIST = """\
Return-Path: <talk-bounces+a=example.com@lists.example>
Received: from mm.lists.example (mm.lists.example [198.51.100.20]) by mx.example.com (Postfix) with ESMTPS id 4
Received: from mm.lists.example (localhost [127.0.0.1]) by mm.lists.example (Postfix) with ESMTP id 3
Authentication-Results: mm.lists.example; dkim=pass header.d=example.org
Received: from mail.example.org (mail.example.org [192.0.2.1]) by mm.lists.example (Postfix) with ESMTPS id 2
List-Id: Talk <talk.lists.example>
List-Post: <mailto:talk@lists.example>
From: Maria <maria@example.org>
"""
DIRECT = """\
Return-Path: <maria@example.org>
Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=maria@example.org; dmarc=pass header.from=example.org
Received: from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.com (Postfix) with ESMTPS id 1
From: Maria <maria@example.org>
"""
FORWARDED = """\
Return-Path: <SRS0=ab=cd=example.org=maria@alias.example>
Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=alias.example; dkim=pass header.d=example.org;
 dmarc=pass header.from=example.org
Received: from out.alias.example (out.alias.example [198.51.100.30]) by mx.example.com (Postfix) with ESMTPS id 2
Authentication-Results: in.alias.example; spf=pass smtp.mailfrom=maria@example.org
Received: from mail.example.org (mail.example.org [192.0.2.1]) by in.alias.example (Postfix) with ESMTPS id 1
From: Maria <maria@example.org>
"""
SEALED = """\
Return-Path: <maria@example.org>
Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=example.org; dkim=fail header.d=example.org; arc=pass
Received: from out.sealer.example (out.sealer.example [198.51.100.40]) by mx.example.com (Postfix) with ESMTPS id 2
ARC-Seal: i=2; d=sealer.example; cv=pass; b=x
ARC-Authentication-Results: i=2; sealer.example; dkim=pass header.d=example.org
ARC-Seal: i=1; d=alias.example; cv=none; b=x
ARC-Authentication-Results: i=1; alias.example; dmarc=pass header.from=example.org
From: Maria <maria@example.org>
"""


def judged(headers: str, trust: Trust | None = None, known: Forwarders = KNOWN) -> Judged:
    settings = trust or Trust()
    mail = headers + "To: a@example.com\nSubject: x\nDate: Tue, 4 Mar 2025 10:11:12 +0100\n\nHello\n"
    return judge(read_exhibit(mail.encode(), trust=settings, limits=Limits()), settings, known)


def said(found: Judged) -> list[str]:
    return [f"{stamp.method}={stamp.word} {stamp.domain}".strip() for stamp in found.stamps]


def where(found: Judged) -> str:
    return found.hop.ip if found.hop else ""


def test_direct_mail_is_judged_at_the_border() -> None:
    found = judged(DIRECT)
    assert (found.passage, where(found)) == (Passage.DIRECT, "192.0.2.1")
    assert said(found) == ["spf=pass example.org", "dmarc=pass example.org"]


def test_a_list_that_we_know_is_judged_at_its_own_intake() -> None:
    found = judged(LIST)
    assert (found.passage, where(found)) == (Passage.LIST, "192.0.2.1")
    assert said(found) == ["dkim=pass example.org"]
    assert {stamp.zone for stamp in found.stamps} == {Zone.HANDED}


def test_a_list_that_we_dont_know_cant_tell_where_the_mail_came_from() -> None:
    found = judged(LIST, known=Forwarders())
    assert (found.passage, found.hop, found.stamps, found.known) == (Passage.LIST, None, (), False)
    assert "isn't one that we know" in found.why


def test_list_fields_on_a_server_of_another_name_make_no_list() -> None:
    fake = LIST.replace("mm.lists.example", "mail.bad.example")
    found = judged(fake)
    assert (found.passage, where(found)) == (Passage.DIRECT, "198.51.100.20")


def test_a_newsletter_from_its_own_house_is_direct() -> None:
    letter = DIRECT.replace("<maria@", "<news-bounces@", 1) + "List-Id: News <news.example.org>\nPrecedence: list\n"
    assert judged(letter).passage is Passage.DIRECT


def test_mail_that_a_list_server_sends_for_itself_without_a_list_is_direct() -> None:
    plain = DIRECT.replace("example.org", "lists.example")
    assert judged(plain).passage is Passage.DIRECT


def test_old_lists_whose_server_nobody_checked_are_lists_of_unknown_origin() -> None:
    old = (
        "Return-Path: <talk-admin@oldlist.example>\n"
        "Received: from oldlist.example ([198.51.100.50]) by mx.example.com (8.11.6/8.11.6) with ESMTP id 1\n"
        "List-Id: Talk <talk.oldlist.example>\nPrecedence: bulk\nX-BeenThere: talk@oldlist.example\n"
        "From: Maria <maria@example.org>\n"
    )
    found = judged(old)
    assert (found.passage, found.hop, found.stamps) == (Passage.LIST, None, ())
    stamped = "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=oldlist.example\n" + old
    assert judged(stamped).passage is Passage.DIRECT


def test_a_forwarder_that_we_know_is_judged_at_its_intake() -> None:
    found = judged(FORWARDED)
    assert (found.passage, where(found)) == (Passage.FORWARDER, "192.0.2.1")
    assert said(found) == ["spf=pass example.org", "dkim=pass example.org"]


@pytest.mark.parametrize("field", ["X-Forwarded-To: a@example.com", "Resent-From: a@example.com"])
def test_a_claim_to_be_forwarded_by_a_stranger_changes_nothing(field: str) -> None:
    failing = DIRECT.replace("=pass", "=fail").replace("mail.example.org", "mail.bad.example")
    found = judged(failing + field + "\n")
    assert (found.passage, where(found)) == (Passage.DIRECT, "192.0.2.1")
    assert said(found) == ["spf=fail example.org", "dmarc=fail example.org"]
    assert "nobody whom we know" in found.why


def test_a_chain_of_known_sealers_that_passes_is_believed_about_the_first() -> None:
    found = judged(SEALED)
    assert found.passage is Passage.FORWARDER
    assert said(found) == ["dmarc=pass example.org"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("arc=pass", "arc=fail"), ("arc=pass", "arc=none"), ("d=alias.example", "d=bad.example"), ("i=2", "i=1")],
)
def test_a_chain_that_fails_or_has_a_strange_sealer_or_one_set_is_no_forwarding(old: str, new: str) -> None:
    assert judged(SEALED.replace(old, new)).passage is Passage.DIRECT


def test_the_authors_signature_that_outlives_spf_shows_a_forwarder() -> None:
    kept = SEALED.partition("ARC-Seal")[0].replace("dkim=fail", "dkim=pass") + "From: Maria <maria@example.org>\n"
    found = judged(kept)
    assert (found.passage, where(found)) == (Passage.FORWARDER, "198.51.100.40")
    assert Method.SPF not in {stamp.method for stamp in found.stamps}
    assert (
        judged(kept.replace("dkim=pass header.d=example.org", "dkim=pass header.d=bad.example")).passage
        is Passage.DIRECT
    )


def test_behind_our_relay_only_what_was_found_at_the_relay_counts() -> None:
    relayed = (
        "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=example.org; dkim=pass header.d=example.org\n"
        "Received: from gw.filter.example (gw.filter.example [198.51.100.9]) by mx.example.com "
        "(Postfix) with ESMTPS id 2\n"
        "Authentication-Results: gw.filter.example; spf=pass smtp.mailfrom=example.org\n"
        "Received: from mail.example.org (mail.example.org [192.0.2.1]) by gw.filter.example "
        "(Haraka/2) with ESMTPS id 1\n"
        "From: Maria <maria@example.org>\n"
    )
    found = judged(relayed, Trust(our_relays=("filter.example",)))
    assert (found.passage, where(found)) == (Passage.OUR_RELAY, "192.0.2.1")
    assert said(found) == ["dkim=pass example.org", "spf=pass example.org"]


def test_mail_of_somebody_signed_in_at_the_receiver_never_left_it() -> None:
    own = DIRECT.replace("with ESMTPS", "with ESMTPSA")
    assert judged(own).passage is Passage.INTERNAL


def test_without_received_lines_nothing_is_known_of_the_way() -> None:
    found = judged("From: Maria <maria@example.org>\n")
    assert (found.passage, found.hop, found.stamps) == (Passage.UNKNOWN, None, ())


def test_the_projects_own_list_of_forwarders_has_no_fault() -> None:
    faults: list[Fault] = []
    known = load_forwarders(Path(__file__).parents[1] / "knowledge", faults)
    assert faults == []
    assert {"kernel.org", "groups.io"} <= known.lists
    assert "simplelogin.co" in known.forwarders
    assert "google.com" in known.sealers


def test_a_broken_list_of_forwarders_names_every_fault(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    text = '[lists]\n"No Domain" = "why"\n"a.example" = ""\n"b.example" = "good"\n[other]\n[sealers]\n'
    (tmp_path / "lists" / "forwarders.toml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    assert load_forwarders(tmp_path, faults).lists == {"b.example"}
    assert len(faults) == 4
    assert all(fault.file == "lists/forwarders.toml" for fault in faults)


@pytest.mark.shared
def test_the_corpus_travels_as_its_sources_say(shared: Path) -> None:
    known = load_forwarders(Path(__file__).parents[1] / "knowledge", [])
    seen: Counter[tuple[str, Passage]] = Counter()
    for path in sorted((shared / "corpus" / "mail").glob("*.eml")):
        source = "list" if path.name[:2] == "20" else path.name.partition("-")[0]
        message = read_exhibit(path.read_bytes(), trust=Trust(), limits=Limits())
        seen[source, judge(message, Trust(), known).passage] += 1
    lists = sum(count for (source, _), count in seen.items() if source == "list")
    samples = sum(count for (source, _), count in seen.items() if source == "sample")
    assert seen["list", Passage.LIST] / lists >= 0.97
    assert seen["sample", Passage.DIRECT] / samples >= 0.95
