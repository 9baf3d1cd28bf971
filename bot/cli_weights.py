"""The commands about rules and their weights: `rules`, `evaluate`, `calibrate`."""

import asyncio
import fnmatch
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import settings as configuration
from bot.calibration import Sample, cross_validate, judge, refit
from bot.checks import examine
from bot.cli import ALL_READ, SOME_NOT, Compose, print_error, shown_errors
from bot.errors import BadKnowledge, Shown, Unreadable
from bot.evaluation import HARMFUL, Figures, Label, Outcome, accepted, figures, read_labels
from bot.handbook.weights import FILE, Weights, rewrite
from bot.model import Exhibit, Report, Told, Verdict
from bot.render.console import open_console, print_columns, print_line
from bot.triage import Tools, read

ENOUGH = 50
"""Labelled mails from which weights are written without being asked twice."""
MOST_TOLD = 20
CHANGES = ("expert", "now", "refitted")
IN_TWO_LINES = (
    "label \\\nsaid",
    *(verdict.value.replace("-", "-\n").replace("undetermined", "undeter-\nmined") for verdict in Verdict),
    "preci-\nsion",
    "recall",
)
RELIABILITY = frozenset({"mails", "said", "accepted"})
HEADER_END = re.compile(rb"\r?\n\r?\n")


def add_to(app: typer.Typer, compose: Compose) -> None:
    """Register the commands."""

    @app.command()
    def rules(question: Annotated[str, typer.Option(help="Only this question's rules.")] = "") -> None:
        """List every rule: what it sees, what it weighs and why."""
        with shown_errors():
            asyncio.run(_rules(compose, question))

    @app.command()
    def evaluate(
        labels: Annotated[Path, typer.Argument(help="labels.csv: file,label,also,confidence.")],
        corpus: Annotated[Path, typer.Argument(help="The folder that the files are named from.")],
        without: Annotated[list[str] | None, typer.Option(help="Leave out header fields, such as 'X-MS-*'.")] = None,
        cross: Annotated[
            bool, typer.Option("--cross-validate", help="Judge each mail by weights fitted without it.")
        ] = False,
        misses: Annotated[bool, typer.Option("--misses", help="Name the mails that came out otherwise.")] = False,
    ) -> None:
        """How right the verdicts are on labelled mail (offline)."""
        with shown_errors():
            whole = asyncio.run(_evaluate(compose, labels, corpus, tuple(without or ()), cross, misses))
        raise typer.Exit(ALL_READ if whole else SOME_NOT)

    @app.command()
    def calibrate(
        labels: Annotated[Path, typer.Argument(help="labels.csv: file,label,also,confidence.")],
        corpus: Annotated[Path, typer.Argument(help="The folder that the files are named from.")],
        write: Annotated[bool, typer.Option("--write", help="Write the refitted weights.")] = False,
        force: Annotated[bool, typer.Option("--force", help=f"Write them from fewer than {ENOUGH} mails.")] = False,
    ) -> None:
        """Refit the weights on labelled mail and show what would change; changes nothing without --write."""
        with shown_errors():
            asyncio.run(_calibrate(compose, labels, corpus, write, force))


async def _rules(compose: Compose, question: str) -> None:
    async with compose(configuration.load(offline=True)) as tools:
        known = [rule for rule in tools.rules if question in ("", rule.question.value)]
        if not known:
            raise Shown(
                "no-such-question", f"no rules about {question!r}", "Questions: identity, origin, intent, standing."
            )
        weights = tools.handbook.weights.rules
        rows = [(r.id, r.question.value, r.group, f"{weights[r.id].weight:+.1f}", r.title) for r in known]
        headings = ("rule", "question", "group", "weight", "what it sees")
        print_columns(open_console(), headings, rows, right=frozenset({"weight"}))


async def load_samples(tools: Tools, labels: tuple[Label, ...], corpus: Path, without: tuple[str, ...]) -> list[Sample]:
    """Each labelled mail with its facts, offline. What can't be read is told and left out.

    Raises Unreadable where nothing can be read.
    """
    samples, faults = [], []
    for label in labels:
        try:
            content = drop_fields((corpus / label.file).read_bytes(), without)
            message = read(Report((Exhibit(content, label.file),)), tools)
            samples.append(Sample(label, await examine(message, Told(), tools.instruments)))
        except OSError as error:
            faults.append(f"{label.file}: {(error.strerror or str(error)).lower()}")
        except Shown as error:
            faults.append(f"{label.file}: {error.message}")
    if not faults:
        return samples
    told = "\n".join([*faults[:MOST_TOLD], *([f"… and {len(faults) - MOST_TOLD} more"] if faults[MOST_TOLD:] else [])])
    if not samples:
        raise Unreadable(
            "corpus", told, f"Files are looked for below {corpus}: give the folder that they are named from."
        )
    left_out = f"{len(faults)} of {len(labels)} mails couldn't be read and aren't counted:\n{told}"
    print_error(Shown("corpus", left_out, f"Mend the names in the list, or the folder ({corpus})."))
    return samples


def drop_fields(content: bytes, patterns: tuple[str, ...]) -> bytes:
    """The mail without the header fields whose names fit one of the patterns (`X-MS-*`)."""
    if not patterns:
        return content
    found = HEADER_END.search(content)
    end = found.start() if found else len(content)
    kept, dropping = [], False
    for line in content[:end].splitlines(keepends=True):
        if not line.startswith((b" ", b"\t")):
            name = line.partition(b":")[0].decode("latin-1").strip().lower()
            dropping = any(fnmatch.fnmatchcase(name, pattern.lower()) for pattern in patterns)
        if not dropping:
            kept.append(line)
    return b"".join(kept) + content[end:]


async def _evaluate(
    compose: Compose, labels: Path, corpus: Path, without: tuple[str, ...], cross: bool, misses: bool
) -> bool:
    """Whether every mail could be read."""
    async with compose(configuration.load(offline=True)) as tools:
        labelled = read_labels(labels)
        samples = await load_samples(tools, labelled, corpus, without)
        weights = tools.handbook.weights
        if cross:
            outcomes = cross_validate(samples, tools.rules, weights)
        else:
            outcomes = tuple(judge(sample, tools.rules, weights) for sample in samples)
        print_figures(open_console(), figures(outcomes))
        for outcome in outcomes if misses else ():
            if outcome.said is not outcome.label.verdict:
                typer.echo(_miss(outcome))
    return len(samples) == len(labelled)


def _miss(outcome: Outcome) -> str:
    mark = "accepted" if accepted(outcome) else "wrong"
    lean = f" (leaning {outcome.leaning})" if outcome.leaning else ""
    label = outcome.label
    return f"{mark:9}{label.verdict} said {outcome.said}{lean} {outcome.confidence} {label.file}"


def print_figures(console: Console, found: Figures) -> None:
    """The figures as tables."""
    labelled = {each.verdict: each.labelled for each in found.classes}
    harmful = sum(labelled[verdict] for verdict in HARMFUL)
    honest = labelled[Verdict.GENUINE]
    print_line(console, f"{found.mails} mails: headline exact {found.exact:.1%}, accepted {found.accepted:.1%}")
    print_line(
        console,
        f"genuine: found {_share(found.genuine_found, honest)}, "
        f"wrongly accused {_share(found.genuine_accused, honest)}; "
        f"hacked and spoofed wrongly cleared {_share(found.harmful_cleared, harmful)}",
    )
    console.print()
    rows = [
        (verdict.value, *map(str, row), _ratio(each.precision, each.said), _ratio(each.recall, each.labelled))
        for (verdict, row), each in zip(found.confusion, found.classes, strict=True)
    ]
    numbers = (*(verdict.value for verdict in Verdict), "precision", "recall")
    print_columns(console, ("label \\ said", *numbers), rows, right=frozenset(numbers), narrow=IN_TWO_LINES)
    console.print()
    parts = [
        (f"{part.low:.1f}-{part.high:.1f}", str(part.mails), f"{part.said:.2f}", f"{part.right:.2f}")
        for part in found.reliability
    ]
    print_columns(console, ("confidence", "mails", "said", "accepted"), parts, right=RELIABILITY)


def _share(share: float, of: int) -> str:
    """A share of nothing is neither none nor all."""
    return f"{share:.1%}" if of else "–"


def _ratio(ratio: float, of: int) -> str:
    return f"{ratio:.2f}" if of else "–"


async def _calibrate(compose: Compose, labels: Path, corpus: Path, write: bool, force: bool) -> None:
    async with compose(configuration.load(offline=True)) as tools:
        samples = await load_samples(tools, read_labels(labels), corpus, ())
        if write and len(samples) < ENOUGH and not force:
            message = f"{len(samples)} mails are too few to write weights from: {ENOUGH} at least"
            raise Shown("too-few", message, "Label more mail, look without --write, or add --force.")
        console = open_console()
        old = tools.handbook.weights
        new = refit(samples, tools.rules, old)
        console.print("Cross-validated, each mail judged by weights fitted without it:")
        print_figures(console, figures(cross_validate(samples, tools.rules, old)))
        print_changes(console, old, new)
        if write:
            _write(tools.handbook.root / FILE, new)
            console.print(f"Written to {tools.handbook.root / FILE}.")
        else:
            console.print("Nothing was changed; --write writes these weights.")


def print_changes(console: Console, old: Weights, new: Weights) -> None:
    """Every weight that would change by half a deciban or more."""
    rows = []
    for name, entry in sorted(new.rules.items()):
        if abs(entry.weight - old.rules[name].weight) >= 0.5:
            rows.append((name, f"{entry.expert:+.1f}", f"{old.rules[name].weight:+.1f}", f"{entry.weight:+.1f}"))
    for question, value in new.priors.items():
        rows.append((f"prior of {question.value}", "", f"{old.priors[question]:+.1f}", f"{value:+.1f}"))
    print_columns(console, ("rule", *CHANGES), rows, right=frozenset(CHANGES))


def _write(path: Path, weights: Weights) -> None:
    try:
        path.write_text(rewrite(path.read_text("utf-8"), weights), "utf-8")
    except OSError as error:
        raise BadKnowledge("read-only", f"{path} can't be written: {error}", "Run it in a checkout.") from error
