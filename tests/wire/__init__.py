"""Real libraries before and after a run, against recorders on loopback that play both gateways. Opt-in: see README.md."""
