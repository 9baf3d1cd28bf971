"""The Outlook files among the sample mails; `python -m tests.outlook_samples` writes them."""

from datetime import UTC, datetime
from pathlib import Path

from tests.cfb import compound, mail

SAMPLES = Path(__file__).parents[1] / "knowledge" / "samples"


def with_headers() -> bytes:
    """A mail from a broken-into account, saved by Outlook with its Internet headers."""
    head, _, text = (SAMPLES / "hacked-account" / "robbed-abroad.eml").read_text("utf-8").partition("\n\n")
    return compound(
        mail(
            {
                0x001A: "IPM.Note",
                0x007D: head.replace("\n", "\r\n") + "\r\n\r\n",
                0x0037: "Terrible trip, please help",
                0x1000: text.replace("\n", "\r\n"),
            }
        )
    )


def without_headers() -> bytes:
    """A mail that was dragged out of Sent Items or an archive: Outlook kept no Internet headers of it."""
    return compound(
        mail(
            {
                0x001A: "IPM.Note",
                0x0037: "Minutes of Tuesday",
                0x0042: "Anna Lind",
                0x5D02: "anna.lind@example.org",
                0x0C1A: "Anna Lind",
                0x5D01: "anna.lind@example.org",
                0x0039: datetime(2026, 11, 17, 10, 30, tzinfo=UTC),
                0x1000: "Hello Bob,\r\n\r\nhere are the minutes of Tuesday.\r\n\r\nRegards\r\nAnna\r\n",
            },
            recipients=({0x3001: "Bob Brown", 0x39FE: "bob@example.com", 0x0C15: 1},),
        )
    )


FILES = {
    SAMPLES / "hacked-account" / "saved-from-outlook.msg": with_headers,
    SAMPLES / "undetermined" / "outlook-without-headers.msg": without_headers,
}

if __name__ == "__main__":
    for path, made in FILES.items():
        path.write_bytes(made())
