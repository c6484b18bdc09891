"""The command line for people, scripts and CI."""
