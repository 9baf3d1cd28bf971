"""How right the verdicts are on labelled mail: confusion, precision and recall, reliability."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Unreadable
from bot.model import Verdict

HARMFUL = (Verdict.HACKED_ACCOUNT, Verdict.SPOOFED_ADDRESS, Verdict.SPOOFED_NAME)
VERDICTS = tuple(verdict.value for verdict in Verdict)
BINS = 5
READERS_TRUST = {"A": 1.0, "B": 0.8, "C": 0.5}


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled mail: its file below the corpus, the headline, the others that a fair expert accepts."""

    file: str
    verdict: Verdict
    also: frozenset[Verdict]
    trust: float
    """How sure the reader was, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said of one labelled mail."""

    label: Label
    said: Verdict
    confidence: float
    leaning: Verdict | None = None


@dataclass(frozen=True, slots=True)
class ClassFigures:
    verdict: Verdict
    labelled: int
    said: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 0.0


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Mails whose confidence lay in one range: how many, the mean confidence, the share that was accepted."""

    low: float
    high: float
    mails: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one evaluation; shares from 0 to 1."""

    mails: int
    exact: float
    """The headline is the label itself."""
    accepted: float
    """The headline is the label or one of its accepted others."""
    genuine_accused: float
    """Of mail labelled genuine: called hacked, spoofed-address or spoofed-name."""
    genuine_found: float
    harmful_cleared: float
    """Of mail labelled one of the three: called genuine."""
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[Verdict, tuple[int, ...]], ...]
    """A row for each label, a column for each verdict, in the order of Verdict."""
    reliability: tuple[ReliabilityBin, ...]


def read_labels(path: Path) -> tuple[Label, ...]:
    """Read labels.csv (file, label, also, confidence, why). Raises Unreadable, naming each bad row."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            head = lines.readline()
            lines.seek(0)
            # Spreadsheets of half of Europe separate columns by semicolons.
            rows = list(csv.DictReader(lines, delimiter=";" if ";" in head and "," not in head else ","))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable("labels", f"{path} can't be read: {error}", "Give the path of a labels.csv.") from error
    labels, faults = [], []
    for number, row in enumerate(rows, start=2):
        missing = [column for column in ("file", "label") if column not in row]
        if missing:
            faults.append(f"there is no column {' and no column '.join(missing)}")
            break
        wrong = [f"{word!r} is no verdict" for word in _verdicts(row) if word not in VERDICTS]
        if (trust := (row.get("confidence") or "").strip()) not in ("", *READERS_TRUST):
            wrong.append(f"confidence {trust!r} is none of {', '.join(READERS_TRUST)}")
        faults.extend(f"row {number}: {each}" for each in wrong)
        if not wrong:
            labels.append(_label(row))
    if faults or not labels:
        text = "; ".join(faults[:10]) or "no rows"
        columns = "Columns are file,label,also,confidence; also is separated by ';'; confidence is A, B or C."
        hint = f"{columns} Verdicts: {', '.join(VERDICTS)}."
        raise Unreadable("labels", f"{path}: {text}", hint)
    return tuple(labels)


def _verdicts(row: dict[str, str | None]) -> tuple[str, ...]:
    """The label, then the others that are accepted."""
    also = (word.strip() for word in re.split(r"[;, ]", row.get("also") or ""))
    return (row["label"] or "").strip(), *filter(None, also)


def _label(row: dict[str, str | None]) -> Label:
    label, *also = map(Verdict, _verdicts(row))
    trust = READERS_TRUST.get((row.get("confidence") or "A").strip(), 1.0)
    return Label((row["file"] or "").strip(), label, frozenset(also), trust)


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures of one evaluation. Raises ValueError without outcomes."""
    if not outcomes:
        raise ValueError("no outcomes to evaluate")
    genuine = [o for o in outcomes if o.label.verdict is Verdict.GENUINE]
    harmful = [o for o in outcomes if o.label.verdict in HARMFUL]
    return Figures(
        mails=len(outcomes),
        exact=_share(outcomes, [o for o in outcomes if o.said is o.label.verdict]),
        accepted=_share(outcomes, [o for o in outcomes if accepted(o)]),
        genuine_accused=_share(genuine, [o for o in genuine if o.said in HARMFUL]),
        genuine_found=_share(genuine, [o for o in genuine if o.said is Verdict.GENUINE]),
        harmful_cleared=_share(harmful, [o for o in harmful if o.said is Verdict.GENUINE]),
        classes=tuple(_class_figures(outcomes, verdict) for verdict in Verdict),
        confusion=tuple((verdict, _row(outcomes, verdict)) for verdict in Verdict),
        reliability=_reliability([o for o in outcomes if o.said is not Verdict.UNDETERMINED]),
    )


def accepted(outcome: Outcome) -> bool:
    """Whether a fair expert would accept the headline."""
    return outcome.said is outcome.label.verdict or outcome.said in outcome.label.also


def _share(of: Sequence[Outcome], those: Sequence[Outcome]) -> float:
    return len(those) / len(of) if of else 0.0


def _class_figures(outcomes: Iterable[Outcome], verdict: Verdict) -> ClassFigures:
    labelled = [o for o in outcomes if o.label.verdict is verdict]
    said = [o for o in outcomes if o.said is verdict]
    return ClassFigures(verdict, len(labelled), len(said), sum(o.label.verdict is verdict for o in said))


def _row(outcomes: Iterable[Outcome], verdict: Verdict) -> tuple[int, ...]:
    said = [o.said for o in outcomes if o.label.verdict is verdict]
    return tuple(said.count(column) for column in Verdict)


def _reliability(outcomes: Sequence[Outcome]) -> tuple[ReliabilityBin, ...]:
    found = []
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        inside = [o for o in outcomes if low <= o.confidence < high or (number == BINS - 1 and o.confidence >= 1.0)]
        if inside:
            said = sum(o.confidence for o in inside) / len(inside)
            found.append(
                ReliabilityBin(low, high, len(inside), said, _share(inside, [o for o in inside if accepted(o)]))
            )
    return tuple(found)
