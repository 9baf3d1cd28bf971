"""What a mail wants of its reader: the phrases that ship, and how they are looked for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks.wants import language, own_words, wants
from bot.handbook.faults import Fault
from bot.handbook.phrases import PhraseBook, load_phrases
from bot.handbook.words import words
from bot.intake import read
from bot.model import Exhibit, Grade, Kind, Limits, Link, Message, Report, Trust, Want

KNOWLEDGE = Path(__file__).parents[1] / "knowledge"
CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
LINK = Link("here", "https://pages.example.net/a", "pages.example.net")


@pytest.fixture(scope="module")
def book() -> PhraseBook:
    faults: list[Fault] = []
    loaded = load_phrases(KNOWLEDGE, faults)
    assert faults == []
    return loaded


def mail(text: str, subject: str = "", *links: Link) -> Message:
    return Message(kind=Kind.EML, grade=Grade.WHOLE, subject=subject, text=text, links=links)


def found(book: PhraseBook, text: str, subject: str = "", *links: Link) -> set[Want]:
    return {phrase.want for phrase in wants(mail(text, subject, *links), book)}


@pytest.mark.parametrize(
    ("want", "text"),
    [
        (Want.MONEY, "I ask for your help to transfer the sum of $12,500,000 into your account."),
        (Want.MONEY, "Je vous propose une affaire: la somme de 4 000 000 euros sera versée sur votre compte."),
        (Want.INHERITANCE, "You were named as next of kin of our late client, who died without a will."),
        (Want.INHERITANCE, "Mein verstorbener Mann hinterließ ein Vermögen; ich bin an Krebs erkrankt."),
        (Want.INHERITANCE, "Estou com câncer e quero doar tudo o que tenho para a caridade."),
        (Want.LOTTERY, "I won the jackpot and I am donating 2,000,000 euros to five random individuals."),
        (Want.LOTTERY, "Ich spende Ihnen 1.500.000 Euro. Das ist Ihr Spendencode: AB12."),
        (Want.LOTTERY, "Usted ha ganado la lotería nacional; reclame su premio."),
        (Want.LOAN, "Do you need a loan? We offer loans at 2% interest rate."),
        (Want.LOAN, "Offre de prêt entre particuliers, taux de 2%."),
        (Want.LOAN, "Potrzebujesz pożyczki? Udzielamy kredytów bez sprawdzania."),
        (Want.STRANDED, "I was mugged last night and lost my wallet and passport; can you lend me 900 euros?"),
        (Want.GIFT_CARDS, "I need you to get some Apple gift cards and send me pictures of the codes."),
        (Want.GIFT_CARDS, "Bist du gerade im Büro? Kannst du mir einen Gefallen tun und Gutscheinkarten kaufen?"),
        (Want.BANK_DETAILS, "Please note our new bank details for all payments."),
        (Want.BANK_DETAILS, "Ich möchte die Änderung meiner Bankverbindung für das Gehalt mitteilen."),
        (Want.INVOICE, "Kindly find the attached payment slip and confirm receipt of the payment."),
        (Want.REFUND_CALL, "Your plan has been renewed for $399.99. To cancel, call us at +1 (202) 555-0147."),
        (Want.CREDENTIALS, "We noticed unusual sign-in activity. Verify your account."),
        (Want.CREDENTIALS, "Votre compte a été suspendu, veuillez confirmer vos informations."),
        (Want.CREDENTIALS, "Sua conta foi bloqueada. Atualize seus dados para desbloquear sua conta."),
        (Want.CREDENTIALS, "Il suo conto è stato bloccato: verifichi i suoi dati."),
        (Want.CREDENTIALS, "Uw account is geblokkeerd, bevestig uw gegevens."),
        (Want.CREDENTIALS, "Hesabınız askıya alındı, bilgilerinizi doğrulayın."),
        (Want.CREDENTIALS, "Ваш аккаунт был заблокирован, подтвердите ваши данные."),
        (Want.MAILBOX, "Your mailbox is full and 7 incoming messages are held."),
        (Want.MAILBOX, "Ihr Postfach ist voll, Nachrichten werden zurückgehalten."),
        (Want.DELIVERY, "Your parcel is on hold: pay the customs fee of 1.99 €."),
        (Want.DELIVERY, "Votre colis est en attente, réglez les frais de douane."),
        (Want.DELIVERY, "Twoja paczka została wstrzymana, wymagana jest dopłata do przesyłki."),
        (Want.PRIZE, "Congratulations, you have been selected: complete a short survey and claim your reward."),
        (Want.PRIZE, "Herzlichen Glückwunsch, Sie haben gewonnen: jetzt Gutschein im Wert von 500 Euro sichern."),
        (Want.CRYPTO, "Claim your airdrop: connect your wallet before the snapshot."),
        (Want.CRYPTO, "Enter your 12-word recovery phrase."),
        (Want.EXTORTION, "I recorded you. Transfer 900 USD in bitcoin to my wallet: this is my bitcoin address."),
        (Want.URGENCY, "Respond within 24 hours or access is permanently suspended."),
        (Want.SECRECY, "Please keep this matter strictly confidential and tell nobody."),
        (Want.DATING, "Beautiful Ukrainian women are waiting for you."),
        (Want.PILLS, "Cheap Viagra without prescription."),
        (Want.CASINO, "Get 200 free spins and a welcome bonus, no deposit needed."),
        (Want.MARKETING, "Compare car insurance rates today. This is a marketing message."),
        (Want.BUSINESS_OFFER, "We are a leading manufacturer in China and seek a business relationship."),
        (Want.FINE, "You are eligible for a tax refund of 320 GBP."),
        (Want.FINE, "Existe uma multa pendente e sua CNH será suspensa."),
        (Want.DOCUMENT, "Anna has shared a file with you via OneDrive."),
        (Want.DOCUMENT, "You have a new voicemail."),
        (Want.QR_CODE, "Please scan the QR code below with your phone to keep your access."),
        (Want.QR_CODE, "Open your phone's camera and scan this code."),
        (Want.QR_CODE, "Use the camera of your smartphone to scan the QR code."),
        (Want.QR_CODE, "Scannen Sie den folgenden QR-Code mit Ihrem Handy."),
        (Want.QR_CODE, "Den QR-Code bitte mit dem Handy einscannen."),
        (Want.QR_CODE, "Scannez le code QR ci-dessous."),
        (Want.QR_CODE, "Escanee el código QR con su teléfono."),
        (Want.QR_CODE, "Inquadra il codice QR."),
        (Want.QR_CODE, "Zeskanuj poniższy kod QR."),
        (Want.QR_CODE, "Отсканируйте QR-код телефоном."),
        (Want.JOB, "Work from home and earn 500 USD weekly, no experience needed."),
    ],
)
def test_a_phrase_of_the_kind_is_found(book: PhraseBook, want: Want, text: str) -> None:
    assert want in found(book, text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for the review. I'll send the notes of the meeting tomorrow, and we can talk on Friday.",
        "The server asks for the password twice when the credentials cache is cold; restarting it helps.",
        "Can you add the account of the new colleague to the list? She starts on Monday at 9.",
        "Our choir meets at 19:30 as usual. Please bring the sheet music and 5 euros for the room.",
        "Thank you for your donation of 50 EUR to the animal shelter. The receipt is attached.",
        "Hi, did you get my last email? I'm still waiting for the signed contract.",
        "Are you free for a call tomorrow at 10? You can reach me on my cell, 202-555-0147.",
        "My flight is delayed, I'm stuck in Frankfurt. Start the meeting without me.",
        "The bank called: the loan for the house is approved at 3%. Let's celebrate!",
        "My late father would have loved this. The funeral is on Tuesday.",
        "Please review the attached document and send me your comments.",
        "The reader of our library decodes a QR code in 3 ms; the barcode test still fails.",
        "Show your ticket on the phone: we scan the QR code of each ticket at the door.",
        "Ich habe die Unterlagen gescannt, der Code für die Tür ist derselbe.",
        "Der Vertrag liegt im Büro, ich bringe ihn morgen mit. Viele Grüße, Anna",
        "La réunion est reportée à jeudi; la salle est la même.",
        "O relatório está pronto, posso passar amanhã depois das duas.",
    ],
)
def test_honest_talk_wants_nothing(book: PhraseBook, text: str) -> None:
    assert found(book, text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Please verify your account now",
        "Please VERlFY YOUR ACC0UNT now",
        "Please 𝐯𝐞𝐫𝐢𝐟𝐲 𝐲𝐨𝐮𝐫 𝐚𝐜𝐜𝐨𝐮𝐧𝐭 now",
        "Please ᴠᴇʀɪꜰʏ ʏᴏᴜʀ ᴀᴄᴄᴏᴜɴᴛ now",
        "Please ver\u200bify yo\u00adur acc\u034fount now",
        "Please vеrify yоur aссount now",
        "Please v e r i f y your a c c o u n t now",
        "Please verify\n  your   account now",
        "Please veri fy yo ur acc ount now",
        "Please ver%salt%ify your account now",
    ],
)
def test_a_disguised_phrase_is_found(book: PhraseBook, text: str) -> None:
    assert Want.CREDENTIALS in found(book, text)


def test_the_words_shown_are_those_of_the_mail(book: PhraseBook) -> None:
    phrases = wants(mail("Hello,\nplease verify\nyour Account."), book)
    assert [(phrase.want, phrase.words, phrase.place, phrase.language) for phrase in phrases] == [
        (Want.CREDENTIALS, "verify your Account", "text", "en")
    ]


def test_a_phrase_doesnt_reach_over_a_sentences_end(book: PhraseBook) -> None:
    assert found(book, "This is to verify. Your account of the journey was lovely.") == set()


def test_a_phrase_of_the_subject_counts_there_only(book: PhraseBook) -> None:
    assert Want.URGENCY in found(book, "See below.", "Urgent")
    assert found(book, "It isn't urgent.") == set()


@pytest.mark.parametrize(
    "quote",
    [
        "> Verify your account now.",
        "On Mon, 2 Nov 2026 at 10:00, Eve <eve@example.net> wrote:\n\nVerify your account now.",
        "-----Original Message-----\nFrom: Eve\n\nVerify your account now.",
        "Von: Eve <eve@example.net>\nGesendet: Montag, 2. November 2026\nAn: Maria\n\nVerify your account now.",
        "Am 02.11.26 um 10:00 schrieb Eve Example <eve@example.net>:\n\nVerify your account now.",
    ],
)
def test_what_a_reply_quotes_isnt_the_senders_wish(book: PhraseBook, quote: str) -> None:
    assert Want.CREDENTIALS not in found(book, f"Is this one real? It came this morning.\n\n{quote}\n", "Re: Hello")


def test_a_quote_without_a_reply_is_what_the_sender_says(book: PhraseBook) -> None:
    quote = "On Mon, 2 Nov 2026, Eve wrote:\n\nVerify your account now."
    assert Want.CREDENTIALS in found(book, quote)


def test_what_a_forward_passes_on_is_what_the_sender_wants_read(book: PhraseBook) -> None:
    text = "Please see below and handle it.\n\nFrom: Accounts\nSent: Monday\n\nHere are our new bank details.\n"
    assert Want.BANK_DETAILS in found(book, text, "FW: Payment")
    assert Want.BANK_DETAILS not in found(book, text, "Re: Payment")


def test_a_reply_below_the_quote_stays(book: PhraseBook) -> None:
    text = "Dear list,\nOn Monday Eve wrote:\n> verify your account\nYour mailbox is full, I read.\n"
    assert "mailbox is full" in own_words(text)
    assert found(book, text) == {Want.MAILBOX}


@pytest.mark.parametrize(
    ("text", "links", "only"),
    [
        ("", (LINK,), True),
        ("Click for pictures https://pages.example.net/a", (LINK,), True),
        ("If you no longer wish to receive these emails, you may unsubscribe by clicking here", (LINK,), True),
        ("", (), False),
        ("Here are the minutes of the last meeting, please read them before Friday: ", (LINK,), False),
        ("> all of it quoted\n", (LINK,), False),
    ],
)
def test_a_body_that_is_only_a_link_is_told(book: PhraseBook, text: str, links: tuple[Link, ...], only: bool) -> None:
    assert (Want.LINK_ONLY in found(book, text, "", *links)) is only


@pytest.mark.parametrize(
    "text",
    [
        "Fix it.\n\nSigned-off-by: Maria Example <maria@example.org>\n---\n a.c | 2 +-\n",
        "diff --git a/x.c b/x.c\n@@ -1,2 +1,3 @@\n+int x;\n",
        "It fails since commit 0123456789ab in next.",
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n',
        "The kernel prints this error message when the driver is loaded from the command line.",
    ],
)
def test_technical_talk_is_recognised(book: PhraseBook, text: str) -> None:
    assert found(book, text) == {Want.TECHNICAL_TALK}


def test_two_words_of_the_trade_arent_technical_talk(book: PhraseBook) -> None:
    assert found(book, "We have a patch of land and a new driver's seat; the firmware of the radio is old.") == set()


def test_at_most_five_phrases_of_one_want_each_once(book: PhraseBook) -> None:
    text = "Verify your account. Confirm your identity. Update your payment details. Your password expires today. "
    text += "Your account has been suspended. Secure your account now. Verify your email. Restore your access. "
    phrases = [phrase.words.casefold() for phrase in wants(mail(text * 3), book) if phrase.want is Want.CREDENTIALS]
    assert len(phrases) == len(set(phrases)) == 5


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Thank you for your message, we will be in touch with you about this."),
        ("de", "Vielen Dank für Ihre Nachricht, wir werden uns mit Ihnen in Verbindung setzen."),
        ("fr", "Nous vous remercions pour votre message et nous reviendrons vers vous."),
        ("es", "Gracias por su mensaje, nos pondremos en contacto con usted para el resto."),
        ("pt", "Obrigado pela sua mensagem, não se preocupe, você será contatado por nós."),
        ("it", "La ringraziamo per il suo messaggio, che sarà letto al più presto."),
        ("nl", "Wij danken u voor het bericht en nemen zo snel mogelijk contact met u op."),
        ("pl", "Dziękujemy, że państwo się z nami skontaktowali; odpowiedź jest dla nas ważna."),
        ("ru", "Мы получили ваше сообщение и ответим вам, как только сможем это сделать."),
        ("uk", "Ми отримали ваше повідомлення і відповімо, як тільки зможемо це зробити, її."),
        ("ja", "お問い合わせありがとうございます。"),
        ("", "OK 42"),
        ("", ""),
    ],
)
def test_the_language_is_told_by_its_commonest_words(code: str, text: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('en = ["[one|two words"]', "without its ]"),
        ('en = ["one|two words"]', "brackets"),
        ('en = ["* words"]', "gap at an end"),
        ('en = ["some * * words"]', "two in a row"),
        ('en = ["[some|] words"]', "begins or ends with nothing"),
        ('en = ["{number} {amount}"]', "without any word"),
        ('en = ["pay {money} now"]', "braces hold"),
        ('en = ["wor*d now"]', "nowhere else"),
        ('en = ["ab* words"]', "at least 3 letters"),
        ('en = ["same words", "Same  words"]', "twice"),
        ("en = [3]", "isn't text"),
        ('xx = ["some words"]', "isn't a list of a language"),
        ('en = "some words"', "isn't a list of a language"),
        ('least = 9\nen = ["some words"]', "least = 9"),
        ('en = ["some words]', "can't be read"),
    ],
)
def test_each_fault_of_a_file_is_named_with_its_remedy(tmp_path: Path, line: str, problem: str) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "loan.toml").write_text(f'want = "loan"\n{line}\n', encoding="utf-8")
    faults: list[Fault] = []
    load_phrases(tmp_path, faults)
    assert any(problem in fault.problem and fault.remedy and "loan.toml" in fault.file for fault in faults), faults


def test_an_unknown_want_and_an_empty_folder_are_faults(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "a.toml").write_text('want = "fame"\nen = ["some words"]\n', encoding="utf-8")
    faults: list[Fault] = []
    assert load_phrases(tmp_path, faults).phrases == ()
    assert [fault.file for fault in faults] == ["phrases/a.toml", "phrases"]


def test_optional_parts_and_gaps_are_followed(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    source = 'want = "loan"\nen = ["take * [a|the|] cheap* [loan|credit] from {number} banks"]\n'
    (tmp_path / "phrases" / "loan.toml").write_text(source, encoding="utf-8")
    book = load_phrases(tmp_path, [])
    for text in ("take cheap loan from 3 banks", "take now the cheapest credit from 12 banks"):
        assert found(book, text) == {Want.LOAN}, text
    assert found(book, "take one two three four five cheap loan from 3 banks") == set()


@given(st.text(max_size=400))
def test_words_keep_their_place_whatever_the_text(text: str) -> None:
    told = words(text)
    assert len(told.keys) == len(told.starts) == len(told.ends)
    assert all(0 <= start < end <= len(told.text) for start, end in zip(told.starts, told.ends, strict=True))


@pytest.mark.parametrize(
    "piece", ["a.b-", "1 ", "a ", "+1 (", "@", "\n ", "$1 ", "é̂", "%a%", "send your ", "> \n", "on x\n"]
)
def test_a_long_hostile_text_is_read_to_its_end(book: PhraseBook, piece: str) -> None:
    assert isinstance(wants(mail(piece * (400_000 // len(piece))), book), tuple)


@pytest.mark.shared
def test_labelled_mail_wants_what_its_label_says(book: PhraseBook) -> None:
    spam = heard = 0
    for line in (CORPUS / "labels.csv").read_text(encoding="utf-8").splitlines()[1:]:
        name, label = line.split(",")[:2]
        if label == "undetermined":
            continue
        report = Report((Exhibit((CORPUS / name).read_bytes()),))
        message = read(report, trust=Trust(), limits=Limits())
        scam = {phrase.want for phrase in wants(message, book)} - {Want.TECHNICAL_TALK}
        if label == "genuine":
            assert scam == set(), name
        elif len(message.text.strip()) > 20:
            spam += 1
            heard += bool(scam)
    assert heard / spam >= 0.95
