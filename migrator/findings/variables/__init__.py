"""Findings about the variables that hold keys and addresses, and about keys in the code."""
