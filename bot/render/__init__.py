"""A case on the way out: JSON for programs, Markdown, and the terminal. Escaping happens here."""
