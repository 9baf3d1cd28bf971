"""A small workspace of our own that speaks Slack's interface on loopback: Web API, Socket Mode, signed requests, files.

It does what a simulator usually leaves out: retries, rate limits, tokens' scopes, Block Kit's limits, forwarded mails,
shortcuts, steps of workflows, and faults on command. `bot.demo.workspace.Workspace` acts as its people,
`bot.demo.running.run` starts it in a thread, `python -m bot.demo` as a process.
"""
