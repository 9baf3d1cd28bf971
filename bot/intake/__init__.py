"""bytes → Message: what a person handed in, read as the mail they ask about. Pure.

    read(report, trust=..., limits=...) -> Message

`kinds` tells what a piece is, `eml`, `msg`, `pasted`, `slack_email` and `words` read it, `forwarded` says
which mail is meant, and `exhibits` joins several pieces to one. `archives` finds the mails in files and folders.
"""

from bot.intake.exhibits import read

__all__ = ["read"]
