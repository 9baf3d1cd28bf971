"""Cases of bot/rules/identity.py."""

from dataclasses import replace

from bot.model import ClaimKind, DomainClass, FilterVerdict, Kind, Link, Lookalike, LookalikeKind, Want, Zone
from tests.rules.case import Case, box, claim, domain, known, phrases, sender, usual

KIND = ClaimKind
SHOWN = "maria@example.org"
TWIN = Lookalike("examp1e.org", "example.org", "Example Ltd", LookalikeKind.CONFUSABLE, "from")
IMPERSONATED = FilterVerdict("X-Forefront-Antispam-Report", "CAT", "UIMP", "it imitates a person", Zone.INSIDE)
FIRST = FilterVerdict("X-Forefront-Antispam-Report", "SFTY", "9.25", "the first contact with this sender", Zone.INSIDE)
PAGE = "LearnAboutSenderIdentification"
SHOP = {"name_is_organisation": True, "senders": sender(SHOWN, "Blue Parcel")}


def _claimed(rule: str, kind: ClaimKind, *says: str, where: str = "display name", other: ClaimKind) -> Case:
    """A claim of one kind at a foreign address; quiet where the address is theirs, can't be told, or another claims."""
    return Case(
        rule,
        ("Acme", *says),
        {"claims": (claim(kind, where=where),)},
        {
            "the address is theirs": {"claims": (claim(kind, where=where, owns=True),)},
            "it can't be told whose the address is": {"claims": (claim(kind, where=where, owns=None),)},
            "somebody of another kind is claimed": {"claims": (claim(other, where=where),)},
        },
    )


CASES = (
    _claimed("contact-at-another-address", KIND.CONTACT, "ACME Service", "desk@acme.test", SHOWN, other=KIND.BRAND),
    _claimed("contact-at-another-address", KIND.STAFF, "desk@acme.test", SHOWN, other=KIND.TOLD),
    _claimed("brand-named-at-foreign-address", KIND.BRAND, "acme.test", SHOWN, other=KIND.CONTACT),
    _claimed("public-body-named-at-foreign-address", KIND.PUBLIC_BODY, "acme.test", SHOWN, other=KIND.BRAND),
    _claimed(
        "brand-in-subject-at-foreign-address", KIND.BRAND, "acme.test", SHOWN, where="subject", other=KIND.CONTACT
    ),
    Case(
        "brand-in-subject-at-foreign-address",
        ("ACME Service",),
        {"claims": (claim(KIND.BRAND, where="subject"),)},
        {"the brand stands in the name": {"claims": (claim(KIND.BRAND),)}},
    ),
    _claimed("address-imitates-a-known-one", KIND.BRAND, "acme.test", where="address", other=KIND.CONTACT),
    _claimed("known-person-at-foreign-address", KIND.KNOWN_PERSON, SHOWN, other=KIND.CONTACT),
    _claimed("not-the-address-you-know", KIND.TOLD, "desk@acme.test", SHOWN, where="told", other=KIND.CONTACT),
    Case(
        "nobody-knows-it-for-theirs",
        ("Acme", SHOWN),
        {"claims": (claim(KIND.TOLD, owns=None, where="told"),)},
        {
            "it is theirs": {"claims": (claim(KIND.TOLD, owns=True, where="told"),)},
            "the mail claims it, not you": {"claims": (claim(KIND.CONTACT, owns=None),)},
        },
    ),
    Case(
        "address-is-the-persons-own",
        (SHOWN, "Acme"),
        {"claims": (claim(KIND.CONTACT, owns=True),)},
        {
            "it isn't theirs": {"claims": (claim(KIND.CONTACT, owns=False),)},
            "it is a brand's": {"claims": (claim(KIND.BRAND, owns=True),)},
        },
    ),
    Case(
        "domain-is-the-organisations-own",
        ("Acme", "example.org"),
        {"claims": (claim(KIND.BRAND, owns=True),)},
        {
            "it isn't theirs": {"claims": (claim(KIND.BRAND, owns=False),)},
            "it is a contact's": {"claims": (claim(KIND.CONTACT, owns=True),)},
        },
    ),
    Case(
        "domain-looks-like-a-known-one",
        ("examp1e.org", "example.org", "Example Ltd"),
        {"lookalikes": (TWIN,)},
        {
            "the twin is a link's": {
                "lookalikes": (
                    Lookalike("examp1e.org", "example.org", "Example Ltd", LookalikeKind.CONFUSABLE, "link"),
                )
            }
        },
    ),
    Case(
        "name-holds-another-address",
        ("boss@acme.test", SHOWN),
        {"senders": sender(SHOWN, "Boss <boss@acme.test>")},
        {
            "the address in the name is of the same organisation": {"senders": sender(SHOWN, "boss@mail.example.org")},
            "a list wrote it": {"senders": sender(SHOWN, "boss@acme.test via Staff")},
            "the name holds no address": {"senders": sender(SHOWN, "Boss at acme.test")},
        },
    ),
    Case(
        "name-in-disguised-letters",
        ("ACME Service", "Acme", "confusable"),
        {"claims": (claim(KIND.BRAND, trick="confusable"),)},
        {
            "the letters are plain": {"claims": (claim(KIND.BRAND),)},
            "it is theirs": {"claims": (claim(KIND.BRAND, trick="confusable", owns=True),)},
        },
    ),
    Case(
        "no-address-behind-the-name",
        ("Acme",),
        {"claims": (claim(KIND.BRAND),), "senders": sender("", "ACME Service"), "author": domain("")},
        {
            "there is an address": {"senders": sender(SHOWN), "author": domain("example.org")},
            "it is only described": {"kind": Kind.WORDS},
            "nobody is claimed": {"claims": ()},
        },
    ),
    Case(
        "no-address-behind-the-name",
        ("Acme", "maria@a_b"),
        {
            "claims": (claim(KIND.BRAND),),
            "senders": sender("maria@a_b"),
            "author": domain("a_b", DomainClass.NOT_A_DOMAIN),
        },
        {"the domain could be one": {"author": domain("a_b")}},
    ),
    Case(
        "two-senders-shown",
        (SHOWN, "eve@evil.test"),
        {"senders": (box(SHOWN), box("eve@evil.test"))},
        {"one reading": {"senders": (box(SHOWN),)}},
    ),
    Case(
        "filter-saw-impersonation",
        ("UIMP", "it imitates a person"),
        {"filters": (IMPERSONATED,)},
        {
            "the sender wrote it": {
                "filters": (FilterVerdict("X-Forefront-Antispam-Report", "CAT", "UIMP", "…", Zone.OUTSIDE),)
            },
            "another category": {
                "filters": (FilterVerdict("X-Forefront-Antispam-Report", "CAT", "SPM", "spam", Zone.INSIDE),)
            },
        },
    ),
    Case(
        "receiver-seldom-hears-from-it",
        ("SFTY:9.25", "the first contact"),
        {"filters": (FIRST,)},
        {
            "the sender wrote it": {"filters": (replace(FIRST, zone=Zone.OUTSIDE),)},
            "another code": {"filters": (replace(FIRST, value="9.19"),)},
        },
    ),
    Case(
        "receiver-seldom-hears-from-it",
        (SHOWN, "Outlook's note"),
        {"mail_text": f"[Sie erhalten nicht häufig E-Mails von {SHOWN}. Siehe https://aka.ms/{PAGE} ]\n\nHello Bob."},
        {
            "about somebody else": {
                "mail_text": f"[You seldom hear from bob@example.com: https://aka.ms/{PAGE} ]\nHi."
            },
            "in what is quoted": {"mail_text": f"Fine!\n\n> [You seldom hear from {SHOWN}: https://aka.ms/{PAGE} ]\n"},
            "another page": {"mail_text": f"You don't often get mail from {SHOWN}. https://aka.ms/privacy"},
            "somewhere below": {"mail_text": f"{'Hello. ' * 80}{SHOWN} https://aka.ms/{PAGE}"},
        },
    ),
    Case(
        "receiver-seldom-hears-from-it",
        (SHOWN,),
        {
            "mail_text": f"You don't often get email from {SHOWN}. Learn why this is important\nHello Bob.",
            "mail_links": (Link("Learn why this is important", f"https://aka.ms/{PAGE}", "aka.ms"),),
        },
        {"its link goes elsewhere": {"mail_links": (Link("Learn why", "https://site.test/", "site.test"),)}},
    ),
    Case(
        "first-mail-of-this-address",
        ("9 genuine mails", "example.org", SHOWN),
        {"usual": usual("example.org"), "earlier": known(0.0)},
        {
            "it wrote once": {"earlier": known(0.8)},
            "its own history is known": {"usual": usual()},
        },
        reads=("earlier", "usual"),
    ),
    Case(
        "name-known-with-this-address",
        (SHOWN, "Maria Example"),
        {"usual": usual(names=("MARIA example",))},
        {
            "another name is known": {"usual": usual(names=("Maria Other",))},
            "only the domain's history is known": {"usual": usual("example.org", names=("Maria Example",))},
        },
        reads=("usual",),
    ),
    Case(
        "name-new-for-this-address",
        (SHOWN, "Mia Other", "Maria Example"),
        {"usual": usual(names=("Mia Other",))},
        {
            "the name is known": {"usual": usual(names=("Mia Other", "maria example"))},
            "it is known surname first": {"usual": usual(names=("Example, Maria",))},
            "it is known in other letters": {
                "senders": sender(SHOWN, "Marija Iwanowa"),
                "usual": usual(names=("Мария Иванова",)),
            },
            "only the domain's history is known": {"usual": usual("example.org", names=("Mia Other",))},
            "no name was ever given": {"usual": usual()},
        },
        reads=("usual",),
    ),
    Case(
        "name-fits-the-address",
        ("Maria Example", SHOWN),
        {},
        {"a name that isn't in it": {"senders": sender(SHOWN, "Petra Sommer")}},
    ),
    Case(
        "organisation-not-in-its-address",
        ("Blue Parcel", SHOWN),
        SHOP,
        {
            "a person's name": {"name_is_organisation": False},
            "the domain holds a word of it": {"author": domain("blue-mail.test")},
            "only a task is named": {"senders": sender(SHOWN, "Support Team")},
            "the mailbox is called so": {"senders": sender("parcel@example.org", "Parcel")},
            "it is one of a list": {"claims": (claim(KIND.BRAND, owns=None),)},
        },
    ),
    Case(
        "text-speaks-as-that-organisation",
        ("your parcel", SHOWN),
        {**SHOP, "text": "Confirm your Parcel today."},
        {
            "the text only names it": {"text": "A parcel came today."},
            "a person's name": {"name_is_organisation": False},
        },
    ),
    Case(
        "asks-in-an-organisations-name",
        ("Blue Parcel", "some telling words", SHOWN),
        {**SHOP, "phrases": phrases(Want.DELIVERY)},
        {
            "it asks what anybody may ask": {"phrases": phrases(Want.MARKETING)},
            "the domain holds a word of the name": {"author": domain("parcel.test")},
        },
    ),
    Case(
        "asks-as-somebody-you-know",
        ("some telling words", "maria@gmail.test"),
        {
            "phrases": phrases(Want.GIFT_CARDS),
            "author": domain("gmail.test", DomainClass.FREEMAIL),
            "senders": sender("maria@gmail.test"),
        },
        {
            "the mailbox is a contact's": {"claims": (claim(KIND.CONTACT, owns=True),)},
            "the mailbox isn't a free one": {"author": domain("example.org")},
            "it asks for something else": {"phrases": phrases(Want.CASINO)},
        },
    ),
    Case(
        "asks-as-somebody-you-know",
        ("some telling words", "no address is told"),
        {"phrases": phrases(Want.GIFT_CARDS), "senders": (), "kind": Kind.WORDS},
        {"the address isn't a free one": {"senders": sender(SHOWN)}},
    ),
    Case(
        "lure-needs-no-name",
        ("some telling words",),
        {"phrases": phrases(Want.CASINO)},
        {
            "it borrows a name": {"claims": (claim(KIND.BRAND),)},
            "it asks what needs a name": {"phrases": phrases(Want.CREDENTIALS)},
        },
    ),
)
