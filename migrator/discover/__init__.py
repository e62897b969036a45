"""Which files of a tree are read. Stays empty: the front door imports `needles` alone."""
