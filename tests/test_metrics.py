"""Metrics: what is counted is told to Prometheus, and no label value that somebody invents makes it grow."""

import re
from pathlib import Path

import pytest

from bot.adapters.metrics import COUNTS, MOST_METRICS, MOST_VALUES, TIMES, Gauge, PrometheusMeter
from bot.errors import StoreUnavailable

ROOT = Path(__file__).parents[1]


def page(meter: PrometheusMeter) -> str:
    return meter.page()[0].decode()


def test_counts_and_times_are_told_by_their_labels() -> None:
    meter = PrometheusMeter()
    meter.count("verdicts", surface="direct", verdict="hacked-account")
    meter.count("verdicts", surface="direct", verdict="hacked-account")
    meter.time("acknowledgement", 0.15, surface="direct")
    said = page(meter)
    assert 'checkmail_verdicts_total{surface="direct",verdict="hacked-account"} 2.0' in said
    assert 'checkmail_acknowledgement_seconds_bucket{le="0.1",surface="direct"} 0.0' in said
    assert 'checkmail_acknowledgement_seconds_bucket{le="0.2",surface="direct"} 1.0' in said


def test_two_meters_share_nothing() -> None:
    one, other = PrometheusMeter(), PrometheusMeter()
    one.count("reports", surface="direct")
    assert 'surface="direct"' not in page(other)


def test_label_values_are_bounded_in_number() -> None:
    meter = PrometheusMeter()
    for number in range(5 * MOST_VALUES):
        meter.count("failures", code=f"code-{number}")
    lines = re.findall(r"^checkmail_failures_total\{", page(meter), re.M)
    assert len(lines) == MOST_VALUES + 1
    assert f'code="other"}} {4.0 * MOST_VALUES}' in page(meter)


@pytest.mark.parametrize("value", ["maria@example.org", "a b", "x" * 61, 'quo"te', "zeile\n2"])
def test_what_isnt_a_code_is_no_label(value: str) -> None:
    meter = PrometheusMeter()
    meter.count("failures", code=value)
    assert 'checkmail_failures_total{code="other"} 1.0' in page(meter)


def test_a_missing_label_is_none_and_a_surplus_one_is_left_out() -> None:
    meter = PrometheusMeter()
    meter.count("reports", colour="red")
    assert 'checkmail_reports_total{surface="none"} 1.0' in page(meter)


def test_a_new_name_is_taken_and_names_are_bounded_too() -> None:
    meter = PrometheusMeter()
    for number in range(2 * MOST_METRICS):
        meter.count(f"new thing {number}", code="a")
        meter.time(f"new time {number}", 1.0)
    said = page(meter)
    assert 'checkmail_new_thing_0_total{code="a"} 1.0' in said
    assert len(re.findall(r"^# TYPE checkmail_\w+_total counter", said, re.M)) == MOST_METRICS
    assert len(re.findall(r"^# TYPE checkmail_\w+_seconds histogram", said, re.M)) == MOST_METRICS


def test_gauges_are_asked_when_somebody_looks() -> None:
    meter, depth = PrometheusMeter(), [0.0]
    meter.watch(lambda: [Gauge("queue depth", "Jobs that wait", (("check", depth[0]),), "queue")])
    depth[0] = 7.0
    assert 'checkmail_queue_depth{queue="check"} 7.0' in page(meter)


def test_with_the_store_away_the_rest_is_told() -> None:
    def away() -> list[Gauge]:
        raise StoreUnavailable("store-unavailable", "The store is away.", "Start it.")

    meter = PrometheusMeter()
    meter.count("reports", surface="direct")
    meter.watch(away)
    assert 'checkmail_reports_total{surface="direct"} 1.0' in page(meter)


def test_every_name_that_the_code_counts_or_times_is_known() -> None:
    said: dict[str, set[str]] = {"count": set(), "time": set()}
    for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py")):
        for how, what in re.findall(r"meter\.(count|time)\(\s*\"([^\"]+)\"", path.read_text("utf-8")):
            said[how].add(what)
    assert said["count"] <= COUNTS.keys()
    assert said["time"] <= TIMES.keys()
