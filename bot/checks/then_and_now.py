"""SPF, DKIM, DMARC and ARC as stamped at delivery beside what they are now.

Records change and keys are withdrawn: the two are different facts, and both are shown.
"""

from collections.abc import Iterable

from bot.model import (
    Agreement,
    ArcNow,
    Comparison,
    DkimNow,
    DmarcNow,
    Fact,
    Judged,
    Method,
    Result,
    SpfNow,
    Stamp,
)

_REFUSING = (Result.FAIL, Result.SOFTFAIL)


def compare(
    judged: Judged,
    *,
    spf: Fact[SpfNow],
    dkim: Fact[tuple[DkimNow, ...]],
    dmarc: Fact[DmarcNow],
    arc: Fact[ArcNow],
) -> tuple[Comparison, ...]:
    """One comparison a mechanism that was stamped or checked; `stamped` and `now` are "" where they aren't known."""
    sender, policy, chain = spf.maybe(), dmarc.maybe(), arc.maybe()
    found = (
        _one("SPF", _stamped(judged.stamps, Method.SPF), None if sender is None else sender.result),
        _signatures(judged.stamps, dkim.maybe()),
        _one("DMARC", _stamped(judged.stamps, Method.DMARC), None if policy is None else policy.result),
        _one("ARC", _stamped(judged.stamps, Method.ARC), None if chain is None else chain.result),
    )
    return tuple(each for each in found if each.agreement is not Agreement.NEITHER)


def _stamped(stamps: Iterable[Stamp], method: Method) -> Result | None:
    return next((stamp.result for stamp in stamps if stamp.method is method), None)


def _one(mechanism: str, then: Result | None, now: Result | None) -> Comparison:
    agreement = _agreement(then is not None, now is not None, same=_side(then) == _side(now))
    return Comparison(mechanism, "" if then is None else then.value, "" if now is None else now.value, agreement)


def _side(result: Result | None) -> str:
    """Results that mean the same to a receiver are one: fail and softfail refuse, the rest says nothing."""
    if result in (Result.PASS, Result.BESTGUESSPASS):
        return "allows"
    return "refuses" if result in _REFUSING else "open"


def _signatures(stamps: Iterable[Stamp], now: tuple[DkimNow, ...] | None) -> Comparison:
    """Signatures compare by the domains that pass: their order and number differ between verifiers."""
    verified = [stamp for stamp in stamps if stamp.method is Method.DKIM]
    then = {stamp.domain for stamp in verified if stamp.result is Result.PASS}
    today = {each.domain for each in now or () if each.result is Result.PASS}
    same = bool(then & today) or (not then and not today)
    agreement = _agreement(bool(verified), bool(now), same=same)
    stamped = _shown([(stamp.result, stamp.domain) for stamp in verified])
    return Comparison("DKIM", stamped, _shown([(each.result, each.domain) for each in now or ()]), agreement)


def _shown(results: list[tuple[Result, str]]) -> str:
    words = dict.fromkeys(f"{result.value} ({domain})" if domain else result.value for result, domain in results)
    return ", ".join(list(words)[:4])


def _agreement(then: bool, now: bool, *, same: bool) -> Agreement:
    if then and now:
        return Agreement.AGREE if same else Agreement.DISAGREE
    if then or now:
        return Agreement.ONLY_STAMPED if then else Agreement.ONLY_NOW
    return Agreement.NEITHER
