"""A case as people read it: terminal, Markdown, JSON. Escapes what came from the mail."""
