"""Settings that frameworks take from the environment under names of their own making."""
