"""The errors that this program knows; there is no fourth kind.

Shown       told to the person: what happened and what to do next
NotChecked  a fact that could not be had: a line in the reply
(the unexpected is caught in one place, `bot.cli` or the queue's actor)
"""


class Shown(Exception):
    """Something that the person who asked has to know.

    `code` is a kebab-case reference that scripts and tickets may rely on, `message` says what
    happened, `hint` what to do next. Neither may hold text of the mail that isn't escaped later.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Unreadable(Shown):
    """The material handed in can't be read as a mail."""


class TooLarge(Shown):
    """The material is over a limit of size, count or depth."""


class BadSetting(Shown):
    """One or more settings are wrong; the message lists all of them."""


class BadKnowledge(Shown):
    """Files under knowledge/ are wrong; the message lists every fault with file and remedy."""


class StoreUnavailable(Shown):
    """The store (Redis or the embedded server) can't be reached or opened."""


class NotChecked(Exception):
    """A fact isn't known: neither true nor false. `what` names it, `why` says the cause."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why
