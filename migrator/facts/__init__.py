"""What one file says: clients, variables, addresses, keys and model ids. Nothing here decides."""
