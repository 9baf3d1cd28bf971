"""Metrics for Prometheus: what is counted and timed, with label values that can't grow without bound."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from bot.errors import NotChecked, StoreUnavailable
from bot.ports import DnsAnswer, Meter, Resolver

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0, 10.0)
"""Seconds; Slack waits 3 for a delivery, people about a second for a word."""
PATIENT = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 120.0, 600.0)
"""Seconds; a verdict is due within 3."""
MOST_VALUES = 60
"""Of one label; further ones are counted as "other"."""
MOST_METRICS = 60
_VALUE = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


@dataclass(frozen=True, slots=True)
class Known:
    """A metric that the README tells of."""

    text: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Of a time; none for a count."""


COUNTS: dict[str, Known] = {
    "reports": Known("Mails handed in, by the way in", ("surface",)),
    "verdicts": Known("Answers, by the way in and verdict", ("surface", "verdict")),
    "failures": Known("Reports that got an error as their answer, by its code", ("code",)),
    "duplicates": Known("Deliveries that were known already", ("surface",)),
    "reused": Known("Mails not checked again, since the same one just was"),
    "borrowed": Known("Forwarded mails that were answered with what was found of the whole mail"),
    "swept": Known("Reports queued again, since their job was lost"),
    "not_taken": Known("Deliveries not acknowledged, which Slack brings again", ("kind",)),
    "lookups": Known("Facts looked up, by kind and whether there was an answer", ("kind", "result")),
    "retries": Known("Jobs put off, by what for", ("job", "why")),
    "dead_letters": Known("Jobs given up for good", ("job",)),
    "slack_errors": Known("Calls of Slack's Web API that failed, by its word (ratelimited: 429)", ("code",)),
    "slack_paced": Known("Messages put off, since Slack takes about one a second for a channel"),
    "slack_blocks_refused": Known("Messages that Slack took only without their blocks", ("code",)),
    "refused": Known("Reports that weren't taken, such as over the rate", ("why",)),
    "forgotten": Known("Times that somebody had everything of theirs forgotten"),
    "tickets": Known("Technicians' tickets opened, by priority and reason", ("priority", "reason")),
    "ticket_acts": Known("What was done to tickets, by kind", ("kind",)),
    "errors": Known("Unexpected errors", ("where",)),
}
TIMES: dict[str, Known] = {
    "acknowledgement": Known("From the delivery to “I've got it” standing in Slack", ("surface",), QUICK),
    "verdict": Known("From the delivery to the verdict standing in Slack", ("surface",), PATIENT),
    "delivery": Known("From a delivery's coming to its acknowledgement to Slack", ("kind",), QUICK),
    "job": Known("One job's run", ("job",), PATIENT),
    "check": Known("Reading, looking up and judging one mail", (), PATIENT),
}


class PrometheusMeter:
    """A Meter (`bot.ports`) over a registry of its own.

    A name that isn't among COUNTS and TIMES is taken all the same, so that a new one is never an error.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._lock = threading.Lock()
        self._counters = {what: self._counter(what, known) for what, known in COUNTS.items()}
        self._histograms = {what: self._histogram(what, known) for what, known in TIMES.items()}
        self._seen: dict[tuple[str, str], set[str]] = {}

    def count(self, what: str, **labels: str) -> None:
        """One more of it."""
        known = COUNTS.get(what) or Known(what, tuple(labels))
        with self._lock:
            counter = self._counters.get(what)
            if counter is None and len(self._counters) < MOST_METRICS:
                counter = self._counters[what] = self._counter(what, known)
            values = self._bounded(what, known.labels, labels)
        if counter is not None:
            (counter.labels(*values) if values else counter).inc()

    def time(self, what: str, seconds: float, **labels: str) -> None:
        """It took that long."""
        known = TIMES.get(what) or Known(what, tuple(labels), PATIENT)
        with self._lock:
            histogram = self._histograms.get(what)
            if histogram is None and len(self._histograms) < MOST_METRICS:
                histogram = self._histograms[what] = self._histogram(what, known)
            values = self._bounded(what, known.labels, labels)
        if histogram is not None:
            (histogram.labels(*values) if values else histogram).observe(max(0.0, seconds))

    def watch(self, gauges: Callable[[], Iterable["Gauge"]]) -> None:
        """Values that are asked for when somebody looks, such as the queue's depth."""
        self.registry.register(_Gauges(gauges))

    def page(self) -> tuple[bytes, str]:
        """All of it in Prometheus' text form, with its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4

    def _counter(self, what: str, known: Known) -> Counter:
        return Counter(_name(what), known.text, known.labels, registry=self.registry)

    def _histogram(self, what: str, known: Known) -> Histogram:
        name = f"{_name(what)}_seconds"
        return Histogram(name, known.text, known.labels, registry=self.registry, buckets=known.buckets)

    def _bounded(self, what: str, names: tuple[str, ...], labels: dict[str, str]) -> tuple[str, ...]:
        return tuple(self._value(what, name, labels.get(name, "")) for name in names)

    def _value(self, what: str, label: str, value: str) -> str:
        if not _VALUE.fullmatch(value):
            return "other" if value else "none"
        seen = self._seen.setdefault((what, label), set())
        if value not in seen and len(seen) >= MOST_VALUES:
            return "other"
        seen.add(value)
        return value


@dataclass(frozen=True, slots=True)
class MeteredResolver(Resolver):
    """Counts what is looked up by the kind of record, and whether there was an answer."""

    resolver: Resolver
    meter: Meter

    async def look_up(self, name: str, rdtype: str) -> DnsAnswer:
        """As the resolver's own. Raises NotChecked."""
        try:
            answer = await self.resolver.look_up(name, rdtype)
        except NotChecked:
            self.meter.count("lookups", kind=rdtype, result="no-answer")
            raise
        self.meter.count("lookups", kind=rdtype, result=answer.status.value)
        return answer


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value of this moment."""

    name: str
    text: str
    values: tuple[tuple[str, float], ...]
    """Each with its label's value; the one of an unlabelled gauge has ""."""
    label: str = ""


class _Gauges(Collector):
    def __init__(self, gauges: Callable[[], Iterable[Gauge]]) -> None:
        self._gauges = gauges

    def describe(self) -> Iterator[Metric]:
        """Nothing: the registry would otherwise ask the store at once."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Asks; where the store is away the values are absent, which Prometheus can alert on."""
        try:
            found = tuple(self._gauges())
        except StoreUnavailable:
            return
        for gauge in found:
            family = GaugeMetricFamily(_name(gauge.name), gauge.text, labels=[gauge.label] if gauge.label else [])
            for label, value in gauge.values:
                family.add_metric([label] if gauge.label else [], value)
            yield family


def _name(what: str) -> str:
    return "checkmail_" + re.sub(r"[^a-z0-9]+", "_", what.lower())[:60].strip("_")
