"""What becomes of each connection, decided by its own followed sources."""
