"""checkmail: what happened to the person that a suspicious mail seems to come from."""
