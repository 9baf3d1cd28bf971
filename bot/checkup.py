"""What `checkmail doctor` says of one thing that it tried."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """What was tried, how it is, and where it isn't well, what to do."""

    what: str
    text: str
    remedy: str = ""

    @property
    def wrong(self) -> bool:
        return bool(self.remedy)
