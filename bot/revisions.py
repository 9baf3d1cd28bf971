"""Changes of an inquiry that only count while it is what it was."""

from collections.abc import Callable

from bot.model import Inquiry, Stage


def while_current(inquiry: Inquiry, change: Callable[[Inquiry], Inquiry]) -> Callable[[Inquiry], Inquiry]:
    """A change that isn't made where the inquiry went on or was forgotten meanwhile."""

    def careful(kept: Inquiry) -> Inquiry:
        current = kept.stage is not Stage.FORGOTTEN and kept.revision == inquiry.revision
        return change(kept) if current else kept

    return careful
