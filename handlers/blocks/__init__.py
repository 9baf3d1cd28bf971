"""The only place that knows Block Kit and mrkdwn: types in, posts and views out. Pure."""
