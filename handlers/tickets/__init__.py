"""Tickets in Slack: the technicians' buttons and forms, what reporters and apparent senders press, the queue."""
