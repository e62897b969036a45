"""What only a person can do."""
