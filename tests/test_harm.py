"""What people say that they did already, told from questions and from what a mail says."""

from pathlib import Path

import pytest

import bot
from bot.handbook.faults import Fault
from bot.handbook.harm import Harms, load_harms

KNOWLEDGE = Path(bot.__file__).parents[1] / "knowledge"

SAID = {
    "I clicked on a link in a mail and typed my bank password!!! what do i do": {"clicked", "typed-password"},
    "I typed my password": {"typed-password"},
    "I gave them my password": {"typed-password"},
    "I entered my password on a fake site": {"typed-password"},
    "I paid": {"paid"},
    "I paid the invoice already 😱": {"paid"},
    "I already paid it!!": {"paid"},
    "I opened the attachment": {"opened"},
    "I gave them the code from my phone": {"typed-password"},
    "I've been hacked": {"typed-password"},
    "I got hacked help": {"typed-password"},
    "ich habe geklickt": {"clicked"},
    "i clicked the link and now im scared": {"clicked"},
    "I already sent him 3 gift card codes, 300 euro": {"paid"},
    "I typed my PIN there": {"typed-password"},
    "hello? I need an answer, I typed my password": {"typed-password"},
    "A man from Microsoft called and I let him onto my computer": {"opened"},
    "all my files have strange names now": {"opened"},
    "my boss wrote, so I bought the gift cards he wanted": {"paid"},
    "ich hab mein passwort eingegeben": {"typed-password"},
    "Wir haben die Rechnung überwiesen": {"paid"},
    "j'ai cliqué sur le lien": {"clicked"},
    "clicked it, sorry": {"clicked"},
    "approved the login prompt on my phone by mistake": {"typed-password"},
}
NOT_SAID = (
    "should I click on it?",
    "should I have clicked on this?",
    "I didn't click on anything",
    "I have not paid anything",
    "I never opened the attachment",
    "what happens if I clicked on it?",
    "it says my account was hacked",
    "they claim that I paid for something",
    "The boss wants me to buy gift cards",
    "is it safe to open?",
    "thanks!",
    "my sister says she got a mail from me with a link",
    "> I clicked on the link and typed my password",
    "Subject: I paid the invoice",
    "ich habe nicht geklickt",
    "",
)


@pytest.fixture(scope="module")
def harms() -> Harms:
    faults: list[Fault] = []
    loaded = load_harms(KNOWLEDGE, faults)
    assert not faults
    return loaded


@pytest.mark.parametrize(("text", "kinds"), SAID.items())
def test_what_somebody_did_is_understood(harms: Harms, text: str, kinds: set[str]) -> None:
    assert harms.said(text) == kinds


@pytest.mark.parametrize("text", NOT_SAID)
def test_questions_denials_and_what_a_mail_says_are_no_harm(harms: Harms, text: str) -> None:
    assert harms.said(text) == frozenset()


def test_a_faulty_file_is_told_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "talk").mkdir()
    (tmp_path / "talk" / "harm.toml").write_text(
        '[unless]\nbefore = ["not"]\n[harm]\nclicked = ["* clicked"]\nopend = ["x"]\n', encoding="utf-8"
    )
    faults: list[Fault] = []
    load_harms(tmp_path, faults)
    told = "\n".join(f"{fault.problem}" for fault in faults)
    assert "begins or ends with *" in told
    assert "opend" in told
    assert "paid isn't a list of phrases" in told
