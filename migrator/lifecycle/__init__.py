"""The commands around a migration: inventory, estimate, retire."""
