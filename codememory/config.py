"""Settings: environment variables, each with a type, a default and a range.

A hook reads single settings and falls back to the default (`setting`); a person gets a clear sentence (`checked`).
"""

from __future__ import annotations

import os

from codememory.errors import SettingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PREFIX = "CODEMEMORY_"
HAIKU = "claude-haiku-4-5-20251001"
TRUE_WORDS = frozenset(("1", "true", "yes", "on"))
FALSE_WORDS = frozenset(("0", "false", "no", "off"))


class Setting:
    """One variable: its name without the prefix, type, default, range or choices, and what it does."""

    __slots__ = ("choices", "default", "kind", "maximum", "meaning", "minimum", "name")

    def __init__(
        self,
        name: str,
        kind: type,
        default: Any,
        meaning: str,
        minimum: int = 0,
        maximum: int = 2**31,
        choices: tuple[str, ...] = (),
    ) -> None:
        self.name, self.kind, self.default, self.meaning = name, kind, default, meaning
        self.minimum, self.maximum, self.choices = minimum, maximum, choices

    @property
    def variable(self) -> str:
        """Return the name of the environment variable."""
        return PREFIX + self.name


SETTINGS: dict[str, Setting] = {
    one.name: one
    for one in (
        Setting("ENABLED", bool, True, "Switch everything on or off."),
        Setting(
            "DEBUG_TOOLS_ENABLED", bool, False, "Offer the model six more tools: search, look up, expand and lifecycle."
        ),
        Setting("DATABASE_PATH", str, "", "The database. Default: `codememory.db` in the client's config folder."),
        Setting("WORKSPACE_ROOT", str, "", "What file paths are relative to. Default: the project's root."),
        Setting("REDACT", bool, True, "Replace secrets and `<private>` text before anything is stored."),
        Setting("HOOK_BUDGET_MS", int, 150, "Milliseconds a hook may spend on catching up.", 0, 60_000),
        Setting("MAX_ASSEMBLY_TOKEN_BUDGET", int, 0, "Tokens said at a prompt; 0 is the built-in limit.", 0, 2_000),
        Setting(
            "EXPLORED_TARGET_WINDOW_MS",
            int,
            1_800_000,
            "Looking at the same file or pattern again within this time counts as repetition.",
            0,
            2_592_000_000,
        ),
        Setting("COMPACTION_TOKEN_THRESHOLD", int, 30_000, "Tokens not yet compacted that start a compaction."),
        Setting("COMPACTION_FRESH_TAIL_COUNT", int, 20, "Newest messages that compaction leaves alone."),
        Setting("COMPACTION_ENABLED", bool, True, "Compact history into summaries as it grows."),
        Setting("COMPACTION_MAX_INPUT_CHARS", int, 24_000, "Characters one summary may be made from.", 400, 10_000_000),
        Setting(
            "LEAF_CHUNK_TOKENS", int, 20_000, "Tokens one leaf covers; at most COMPACTION_MAX_INPUT_CHARS / 4.", 100
        ),
        Setting("LEAF_TARGET_TOKENS", int, 1_200, "Tokens a leaf may take.", 50),
        Setting("CONDENSED_TARGET_TOKENS", int, 2_000, "Tokens a condensed summary may take.", 50),
        Setting("CONDENSED_MIN_FANOUT", int, 4, "Summaries of one depth that become a condensed one.", 2, 100),
        Setting("INCREMENTAL_MAX_DEPTH", int, 1, "How many levels of condensed summaries are made.", 0, 10),
        Setting("SUMMARY_MAX_OVERAGE_FACTOR", int, 3, "How many times its target a model's summary may take.", 1, 20),
        Setting("COMPACTION_DISABLE_LLM", bool, False, "Never start a model, for summaries or for anything else."),
        Setting("COMPACTION_MODEL", str, HAIKU, "The model that refines summaries."),
        Setting("CLAUDE_BIN", str, "", "The client that is asked for a model's answer. Default: `claude` on PATH."),
        Setting("LLM_CALLS_PER_HOUR", int, 4, "Calls of a model within an hour, of all sessions together.", 0, 10_000),
        Setting("LLM_CALLS_PER_SESSION", int, 20, "Calls of a model made for one session.", 0, 100_000),
        Setting("QUERY_PLANNER_ENABLED", bool, False, "Let a model name what to search for when `ask` finds little."),
        Setting("QUERY_PLANNER_MODEL", str, HAIKU, "The model that plans a search."),
        Setting(
            "QUERY_PLANNER_TIMEOUT_MS",
            int,
            1_200,
            "Milliseconds it may take; the client alone takes 700, so 4000 is a useful value.",
            50,
            600_000,
        ),
        Setting("QUERY_PLANNER_MAX_TOKENS", int, 800, "Tokens it may answer with.", 16, 100_000),
        Setting("EXPANSION_MODEL", str, HAIKU, "The model that answers `ask --delegate`."),
        Setting("EXPANSION_PROVIDER", str, "anthropic", "Who provides it.", choices=("anthropic",)),
        Setting("DELEGATION_TIMEOUT_MS", int, 120_000, "Milliseconds its answer may take.", 50, 3_600_000),
        Setting(
            "AUTO_SUPERSEDE_VIA_LLM", bool, False, "Let a model judge which decisions a new one replaces, after a turn."
        ),
        Setting("AUTO_SUPERSEDE_MODEL", str, HAIKU, "The model that judges."),
        Setting("AUTO_SUPERSEDE_MAX_CANDIDATES", int, 20, "Earlier decisions it is shown.", 1, 200),
        Setting("AUTO_SUPERSEDE_TIMEOUT_MS", int, 8_000, "Milliseconds its judgement may take.", 50, 600_000),
        Setting("MAX_EXPAND_TOKENS", int, 4_000, "Tokens that `expand` gives back at once.", 0, 10_000_000),
        Setting(
            "GUARD",
            str,
            "warn",
            "What to do before a command that is bound to fail as it just did.",
            choices=("off", "warn", "ask", "deny"),
        ),
        Setting(
            "RETENTION_DAYS",
            int,
            0,
            "Days that tool results are kept whole; 0 is for ever. See `prune`.",
            0,
            36_500,
            choices=("client",),
        ),
        Setting("TEAM_DSN", str, "", "How a team's PostgreSQL is reached; empty means libpq's own settings."),
        Setting("LOG_PATH", str, "", "The log. Default: `codememory/codememory.log` in the client's config folder."),
    )
}


def setting(name: str) -> Any:
    """Return a setting's value; a bad one counts as unset, because a hook must not fail on it."""
    given = os.environ.get(PREFIX + name)
    known = SETTINGS[name]
    if not given:
        return known.default
    try:
        return _parsed(known, given)
    except SettingError:
        return known.default


def checked() -> dict[str, Any]:
    """Return every setting's value.

    Raises:
        SettingError: A variable has a value out of its type or range.

    """
    found = {}
    for name, known in SETTINGS.items():
        given = os.environ.get(known.variable)
        found[name] = _parsed(known, given) if given else known.default
    return found


def _parsed(known: Setting, given: str) -> Any:
    text = given.strip()
    if known.kind is bool:
        word = text.lower()
        if word in TRUE_WORDS or word in FALSE_WORDS:
            return word in TRUE_WORDS
        raise SettingError(f"{known.variable} is {given!r}: it must be true or false.")
    if known.kind is int:
        if text in known.choices:
            return text
        number = int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else None
        if number is None or not known.minimum <= number <= known.maximum:
            words = "".join(f", or {word}" for word in known.choices)
            raise SettingError(
                f"{known.variable} is {given!r}: it must be a whole number from {known.minimum} to {known.maximum}"
                f"{words}."
            )
        return number
    if known.choices and text not in known.choices:
        raise SettingError(f"{known.variable} is {given!r}: it must be one of {', '.join(known.choices)}.")
    return text


def config_folder() -> str:
    """Return the client's config folder: `$CLAUDE_CONFIG_DIR`, else `~/.claude`.

    Raises:
        SettingError: There is no home folder, or the path is another one in each working directory.

    """
    chosen = os.environ.get("CLAUDE_CONFIG_DIR")
    if not chosen and os.name == "posix" and not os.environ.get("HOME"):  # the launcher asks no list of users either
        raise SettingError("There is no home folder: set HOME or CLAUDE_CONFIG_DIR.")
    folder = chosen or os.path.join(os.path.expanduser("~"), ".claude")
    if not os.path.isabs(folder):
        raise SettingError(
            f"{'CLAUDE_CONFIG_DIR' if chosen else 'HOME'} must be an absolute path; now it is {folder!r}."
        )
    return folder


def database_path() -> str:
    """Return where the database belongs."""
    chosen: str = setting("DATABASE_PATH")
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    return os.path.join(config_folder(), "codememory.db")


def log_path() -> str:
    """Return where the log belongs."""
    chosen: str = setting("LOG_PATH")
    return os.path.expanduser(chosen) if chosen else os.path.join(config_folder(), "codememory", "codememory.log")
