"""Message + what we know → Facts. The only room that waits for the network.

    examine(message, told, instruments) -> Facts

`network` overlaps all look-ups under one deadline: `spf`, `dkim`, `arc`, `dmarc`, `origin`. The rest reads
what is known offline: `passage` says where origin is judged, `domains`, `claims`, `lookalike`, `links` and
`wants` what the mail is and says, `history` and `comparison` what is usual.
"""

from bot.checks.examination import Instruments, examine

__all__ = ["Instruments", "examine"]
