"""A case for each rule: facts that make it fire, and the same facts but for one thing that keep it quiet."""
