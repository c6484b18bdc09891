"""The tables: one module per family, each statement a literal inside the one function that runs it."""
