"""The commands about rules and their weights: `rules`, `evaluate`, `calibrate`."""

import asyncio
import fnmatch
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot import settings as configuration
from bot.calibration import Sample, cross_validate, judge, refit
from bot.checks import examine
from bot.cli import Compose, shown_errors
from bot.errors import BadKnowledge, Shown, Unreadable
from bot.evaluation import Figures, Label, Outcome, accepted, figures, read_labels
from bot.handbook.weights import FILE, Weights, rewrite
from bot.model import Exhibit, Report, Told, Verdict
from bot.triage import Tools, read

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
            asyncio.run(_evaluate(compose, labels, corpus, tuple(without or ()), cross, misses))

    @app.command()
    def calibrate(
        labels: Annotated[Path, typer.Argument(help="labels.csv: file,label,also,confidence.")],
        corpus: Annotated[Path, typer.Argument(help="The folder that the files are named from.")],
        write: Annotated[bool, typer.Option("--write", help="Write the refitted weights.")] = False,
    ) -> None:
        """Refit the weights on labelled mail and show what would change; changes nothing without --write."""
        with shown_errors():
            asyncio.run(_calibrate(compose, labels, corpus, write))


async def _rules(compose: Compose, question: str) -> None:
    async with compose(configuration.load(offline=True)) as tools:
        table = Table(box=None, pad_edge=False)
        for heading in ("rule", "question", "group", "weight", "what it sees"):
            table.add_column(heading, justify="right" if heading == "weight" else "left", overflow="fold")
        known = [rule for rule in tools.rules if question in ("", rule.question.value)]
        if not known:
            raise Shown(
                "no-such-question", f"no rules about {question!r}", "Questions: identity, origin, intent, standing."
            )
        for rule in known:
            weight = tools.handbook.weights.rules[rule.id].weight
            table.add_row(rule.id, rule.question.value, rule.group, f"{weight:+.1f}", rule.title)
        Console(highlight=False).print(table)


async def load_samples(tools: Tools, labels: tuple[Label, ...], corpus: Path, without: tuple[str, ...]) -> list[Sample]:
    """Each labelled mail with its facts, offline. Raises Unreadable, naming every file that can't be read."""
    samples, faults = [], []
    for label in labels:
        try:
            content = drop_fields((corpus / label.file).read_bytes(), without)
            message = read(Report((Exhibit(content, label.file),)), tools)
            samples.append(Sample(label, await examine(message, Told(), tools.instruments)))
        except (OSError, Shown) as error:
            faults.append(f"{label.file}: {error}")
    if faults:
        raise Unreadable("corpus", "\n".join(faults[:20]), "Give the folder that the labels' files are named from.")
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
) -> None:
    async with compose(configuration.load(offline=True)) as tools:
        samples = await load_samples(tools, read_labels(labels), corpus, without)
        weights = tools.handbook.weights
        if cross:
            outcomes = cross_validate(samples, tools.rules, weights)
        else:
            outcomes = tuple(judge(sample, tools.rules, weights) for sample in samples)
        print_figures(Console(highlight=False), figures(outcomes))
        for outcome in outcomes if misses else ():
            if outcome.said is not outcome.label.verdict:
                typer.echo(_miss(outcome))


def _miss(outcome: Outcome) -> str:
    mark = "accepted" if accepted(outcome) else "wrong"
    lean = f" (leaning {outcome.leaning})" if outcome.leaning else ""
    label = outcome.label
    return f"{mark:9}{label.verdict} said {outcome.said}{lean} {outcome.confidence} {label.file}"


def print_figures(console: Console, found: Figures) -> None:
    """The figures as tables."""
    console.print(f"{found.mails} mails: headline exact {found.exact:.1%}, accepted {found.accepted:.1%}")
    console.print(
        f"genuine: found {found.genuine_found:.1%}, wrongly accused {found.genuine_accused:.1%}; "
        f"hacked and spoofed wrongly cleared {found.harmful_cleared:.1%}"
    )
    table = Table("label \\ said", *(verdict.value for verdict in Verdict), "precision", "recall", box=None)
    for (verdict, row), each in zip(found.confusion, found.classes, strict=True):
        table.add_row(verdict.value, *map(str, row), f"{each.precision:.2f}", f"{each.recall:.2f}")
    console.print(table)
    reliability = Table("confidence", "mails", "said", "accepted", box=None)
    for part in found.reliability:
        reliability.add_row(f"{part.low:.1f}-{part.high:.1f}", str(part.mails), f"{part.said:.2f}", f"{part.right:.2f}")
    console.print(reliability)


async def _calibrate(compose: Compose, labels: Path, corpus: Path, write: bool) -> None:
    async with compose(configuration.load(offline=True)) as tools:
        samples = await load_samples(tools, read_labels(labels), corpus, ())
        console = Console(highlight=False)
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
    table = Table("rule", "expert", "now", "refitted", box=None)
    for name, entry in sorted(new.rules.items()):
        if abs(entry.weight - old.rules[name].weight) >= 0.5:
            table.add_row(name, f"{entry.expert:+.1f}", f"{old.rules[name].weight:+.1f}", f"{entry.weight:+.1f}")
    for question, value in new.priors.items():
        table.add_row(f"prior of {question.value}", "", f"{old.priors[question]:+.1f}", f"{value:+.1f}")
    console.print(table)


def _write(path: Path, weights: Weights) -> None:
    try:
        path.write_text(rewrite(path.read_text("utf-8"), weights), "utf-8")
    except OSError as error:
        raise BadKnowledge("read-only", f"{path} can't be written: {error}", "Run it in a checkout.") from error
