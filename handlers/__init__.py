"""Slack in, Slack out; decides nothing."""
