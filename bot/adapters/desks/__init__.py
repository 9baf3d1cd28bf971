"""Other help desks that tickets are handed to. Each escapes the case file's texts for its own surface."""
