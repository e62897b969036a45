"""From findings to changes to a plan."""
