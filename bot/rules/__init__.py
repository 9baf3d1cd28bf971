"""The rules, a module a question. `all_rules()` imports them, which fills `bot.ruling.REGISTRY`."""

from importlib import import_module

from bot.ruling import REGISTRY, Rule

MODULES = (
    "identity",
    "origin_stamped",
    "origin_server",
    "origin_known",
    "intent_text",
    "intent_traits",
    "intent_signin",
    "standing",
)


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by id."""
    for module in MODULES:
        import_module(f"bot.rules.{module}")
    return tuple(REGISTRY[name] for name in sorted(REGISTRY))
