"""The rules, a module a question. Importing this package fills `bot.ruling.REGISTRY`."""
