"""Look into the store: search it, describe one thing, expand it to verbatim messages."""
