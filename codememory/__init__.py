"""Durable engineering memory for Claude Code, in one local SQLite file."""

__version__ = "0.1.0"
