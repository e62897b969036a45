"""Findings about connections: addresses, clients, endpoints, and what requests and replies hold."""
