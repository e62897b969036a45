"""Writing a plan to disk and taking it back; the only code that writes to the tree."""
