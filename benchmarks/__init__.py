"""Measurements beside the claims: ratios in one run, because machines are noisy."""
