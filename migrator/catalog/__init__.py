"""Data only: each file names its source and the day it was read."""
