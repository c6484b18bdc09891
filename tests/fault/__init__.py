"""Faults, kills and limits, against the real program."""
