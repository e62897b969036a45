"""Text that readers copy: set-up blocks and set-up text."""
