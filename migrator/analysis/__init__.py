"""What moves together, and what holds it back."""
