"""What becomes of each environment variable, and who reads it."""
