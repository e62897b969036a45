"""One file per renderer, each `render(plan) -> str`."""
