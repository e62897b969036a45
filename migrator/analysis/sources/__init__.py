"""Where the address and the key of each connection come from, followed to their ends."""
