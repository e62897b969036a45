"""One file per format; each has `lower(source) -> Module`."""
