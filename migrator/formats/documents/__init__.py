"""Documents, markup and notebooks, lowered to the common tree with the programs they hold."""
