"""Findings about whole files and the tree around the code."""
