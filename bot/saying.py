"""Saying a thing once: claimed in the store, looked up in Slack where a send's fate is unknown, then recorded."""
