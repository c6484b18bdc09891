"""Look into the store: search it, describe one thing, expand it to verbatim messages. For the command line and tools."""
