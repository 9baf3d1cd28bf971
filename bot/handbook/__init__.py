"""knowledge/ read and checked: all faults at once, each with its file and remedy."""
