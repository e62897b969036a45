"""Findings about model ids and routing options."""
