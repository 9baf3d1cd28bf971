"""Message + what we know → Facts. The only room that waits for the network."""
