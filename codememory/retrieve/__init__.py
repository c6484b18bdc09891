"""Find what matters for a moment, and put it into few words."""
