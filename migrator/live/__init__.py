"""The only code with a socket."""
