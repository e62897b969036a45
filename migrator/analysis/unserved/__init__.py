"""Clients whose requests the target would refuse, or whose class would refuse its replies."""
