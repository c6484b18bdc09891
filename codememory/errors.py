"""Errors named for the user's problem; each says what to do. Libraries raise them, faces catch them."""

from __future__ import annotations


class CodeMemoryError(Exception):
    """Base of every expected error; its text is one sentence for the user."""


class SettingError(CodeMemoryError):
    """An environment variable has a value out of its type or range."""


class DatabaseError(CodeMemoryError):
    """The database cannot be used: locked, corrupt, foreign, unreadable or of a newer version."""


class GarbageError(DatabaseError):
    """The file at the database's path is no SQLite database."""


class DamagedError(DatabaseError):
    """The file at the database's path is a damaged SQLite database."""


class NewerSchemaError(DatabaseError):
    """The database was written by a later major version."""


class UnknownIdError(CodeMemoryError):
    """No message, node, summary or session has this id."""


class AmbiguousIdError(CodeMemoryError):
    """A prefix fits more than one id."""


class PatternError(CodeMemoryError):
    """A search expression cannot be used."""


class TranscriptError(CodeMemoryError):
    """A path is no transcript or cannot be read."""


class PayloadError(CodeMemoryError):
    """A payload handed in by a caller lacks something or has the wrong shape."""


class OutputError(CodeMemoryError):
    """A file that was asked for cannot be written."""


class TransferError(CodeMemoryError):
    """A file is no export, cannot be read or written, or is of a newer format."""


class TeamError(CodeMemoryError):
    """The team's server cannot be used, or what was asked of it is not possible."""
