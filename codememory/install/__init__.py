"""Wire CodeMemory into the client's own settings, for those who have no marketplace, and take it out again."""
