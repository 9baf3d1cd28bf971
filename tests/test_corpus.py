"""What the verdicts must reach on labelled real mail, with the weights that ship and cross-validated."""

import asyncio
from functools import cache
from pathlib import Path

import pytest

from bot.calibration import Sample, cross_validate, judge
from bot.cli_weights import load_samples
from bot.evaluation import Figures, figures, read_labels
from tests.line import offline_tools

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
MICROSOFT = ("X-MS-*", "X-Microsoft-*", "X-Forefront-*")
WAYS = [(), MICROSOFT]
pytestmark = pytest.mark.shared


@cache
def samples(without: tuple[str, ...]) -> tuple[Sample, ...]:
    tools, loaded = offline_tools(), list[Sample]()

    async def load() -> None:
        loaded.extend(await load_samples(tools, read_labels(CORPUS / "labels.csv"), CORPUS, without))

    asyncio.run(load())
    return tuple(loaded)


@cache
def crossed(without: tuple[str, ...]) -> Figures:
    tools = offline_tools()
    return figures(cross_validate(samples(without), tools.rules, tools.handbook.weights))


def shipped(without: tuple[str, ...]) -> Figures:
    tools = offline_tools()
    weights = tools.handbook.weights
    return figures(tuple(judge(sample, tools.rules, weights) for sample in samples(without)))


def reaches(found: Figures) -> None:
    print(f"exact {found.exact:.1%}, accepted {found.accepted:.1%}, genuine found {found.genuine_found:.1%}")
    assert found.exact >= 0.82
    assert found.accepted >= 0.92
    assert found.genuine_found >= 0.80
    assert found.genuine_accused <= 0.02
    assert found.harmful_cleared <= 0.02


@pytest.mark.parametrize("without", WAYS, ids=["all headers", "without Microsoft's"])
def test_the_shipped_weights_reach_what_was_asked(without: tuple[str, ...]) -> None:
    reaches(shipped(without))


@pytest.mark.parametrize("without", WAYS, ids=["all headers", "without Microsoft's"])
def test_weights_fitted_without_the_mail_reach_it_too(without: tuple[str, ...]) -> None:
    reaches(crossed(without))


def test_leaving_out_microsofts_own_headers_changes_little() -> None:
    whole, less = crossed(()), crossed(MICROSOFT)
    assert abs(whole.exact - less.exact) <= 0.03
    assert abs(whole.accepted - less.accepted) <= 0.03
