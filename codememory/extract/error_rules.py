"""What an error line looks like, as data: marks, noise, and the types that words stand for."""
from __future__ import annotations

# Each such line is a failure of its own, whoever printed it: (mark, type).
SHELL_MARKS = (
    (": command not found", "missing-command"),
    ("command not found: ", "missing-command"),
    (": not found", "missing-command"),
    ("is not recognized as an internal or external command", "missing-command"),
    (": No such file or directory", "missing-file"),
    ("no such file or directory: ", "missing-file"),
    (": Permission denied", "permission"),
    ("permission denied: ", "permission"),
    (": unbound variable", "shell"),
    (": parameter not set", "shell"),
    ("syntax error near", "shell"),
    ("syntax error: ", "shell"),
    ("Syntax error: ", "shell"),
    (": cannot execute", "shell"),
    (": bad interpreter", "shell"),
    (": ambiguous redirect", "shell"),
    (": bad substitution", "shell"),
    ("parse error near", "shell"),
    ("no matches found: ", "shell"),
    ("operator expected", "shell"),
    (": Is a directory", "missing-file"),
    (": Not a directory", "missing-file"),
    (": File exists", "file-exists"),
    (": Directory not empty", "file-exists"),
    (": No space left on device", "disk"),
    (": Read-only file system", "disk"),
    (": Operation not permitted", "permission"),
    ("Segmentation fault", "crash"),
    ("Bus error", "crash"),
    ("Aborted (core dumped)", "crash"),
    ("Illegal instruction", "crash"),
    ("Floating point exception", "crash"),
)
# A line that starts with, or right after its `name: ` prefix goes on with, one of these is the tool's own verdict.
STRONG = (
    "error:", "Error:", "ERROR:", "fatal:", "Fatal:", "FATAL:", "error[", "error ", "ERROR ", "Error ", "ERR!",
    "fatal error", "FATAL ", "panic:", "E: ", "! [", "CONFLICT", "Parse error", "Runtime error", "PHP Fatal error",
    "PHP Parse error", "Fatal error", "CMake Error", "npm error", "npm ERR!", "[ERROR]", "[error]", "[FATAL]", "***",
    "curl: (", "Failed to ", "failed to ", "Failure:", "FAILURE:", "FAILED:", "Cannot ", "cannot ", "Can't ",
    "Could not ", "could not ", "Unable to ", "unable to ", "ERR_", "✖ ", "✗ ", "✘ ", "❌", "× ", "error TS",
    "Exception", "Unhandled", "Uncaught", "psql: error", "Invalid ", "invalid ", "Unknown ", "unknown ",
    "unrecognized ", "No such ", "no such ", "abort:", "Abort:", "bad ", "InputValidationError",
)
VERDICT_STARTS = ("error: ", "fatal: ", "curl: (", "psql: error", "E: ", "! [", "CONFLICT (")
WEAK = (
    "error", "fatal", "fail", "cannot", "can't", "could not", "couldn't", "not found", "no such", "denied", "refused",
    "unable", "undefined", "unknown", "invalid", "unexpected", "exception", "missing", "abort", "panic", "timed out",
    "timeout", "timed-out", "unrecognized", "not recognized", "unsupported", "rejected", "conflict", "killed",
    "core dumped", "does not exist", "doesn't exist", "already exists", "in use", "no rule", "unresolved", "mismatch",
    "not supported", "not allowed", "not a valid", "not permitted", "must be", "must specify", "required", "illegal",
    "violat", "exceed", "out of memory", "out of range", "overflow", "not in ", "not set", "deprecated", "expected",
    "nothing to commit", "no changes", "unmerged", ".pl line ", ".pm line ", "would reformat", "[warn] ", "what():",
    "terminate called", " is not a ", "not something", "diff in ",
)
# Said around an error by a tool that wants to help, or repeated by the tool above it.
NOISE_STARTS = (
    "Node.js v", "Thrown at:",
    "hint:", "note:", "help:", "npm warn", "npm WARN", "npm verbose", "npm http", "npm info", "npm timing",
    "npm silly", "npm notice", "warning", "Warning", "WARNING", "WARN ", "[WARNING]", "[INFO]", "[DEBUG]", "+ ",
    "++ ", "at ", "INFO", "DEBUG", "* ", "> ", "A complete log", "For more information", "See also", "Compiling ",
    "Finished ", "Running ", "Usage:", "usage:", "Try ", "make: Entering", "make: Leaving", "tar: Child returned",
    "tar: Error is not recoverable", "tar: Exiting with failure", "collect2:", "ld returned", "1 error",
    "compilation terminated", "Found ", "To see the full", "Re-run ", "[Help", "Note:", "Hint:", "exit status",
    "exited with", "Checked ", "Downloading ", "Collecting ", "Using ", "info ", "info:", "Traceback", "% Total",
    "real\t", "user\t", "sys\t", "Process finished", "Process exited", "See ", "Looking in ", "=== ", "--- PASS",
    "--- SKIP", "ok  \t", "?   \t", "PASS", "** ",
)
NOISE_WITHIN = (
    "--trace-uncaught",
    "could not compile `", "aborting due to", "Error is not recoverable", "Child returned status",
    "A complete log of this run", "0 errors", "0 failed", "no errors", "errors occurred!", "generated correctly",
    "returned 1 exit", "errors generated", "error generated", "See `npm help", "command failed with exit code",
    "Command failed with exit code", "Process completed with exit code", "target(s) in ", "test(s) in ", "exit code: ",
    "warnings emitted", "build failed, waiting",
)
# A tool that goes on after an error: each such line is a failure of its own.
SEPARATE_STARTS = (
    "Parse error near line", "Runtime error near line", "Error: near line", "ERROR:  ", "ERROR 1", "curl: (",
    "wget: ", "E: ", "psql:",
)
# The wrapper's own verdict: counts only where nothing else is said.
WRAPPERS = (
    "make: *** ", "make[", "gmake: *** ", "npm error Lifecycle", "npm ERR! Test failed", "npm error Test failed",
    "ELIFECYCLE", "error Command failed", "BUILD FAILED", "BUILD FAILURE", "exit status ", "error: Recipe",
    "error: script ", "task failed", "child_copy: cygheap", "dofork: child", "husky - ", "ninja: build stopped",
    "Error: Process completed", "error: failed to push some refs",
)
# They tell that something failed and nothing more: what was run has to stand for what.
BARE_VERDICTS = frozenset(("FAIL", "FAILED", "Failed", "failed", "ERROR", "Error", "error"))
BARE_ENDS = (" ERROR task failed",)
# First match gives the type of an error line that no reader knows.
TYPE_WORDS = (
    ("onnection refused", "network"), ("onnection reset", "network"), ("resolve host", "network"),
    ("ECONNREFUSED", "network"), ("ENOTFOUND", "network"), ("ETIMEDOUT", "network"),
    ("address already in use", "network"), ("was refused", "network"), ("timed out", "timeout"),
    ("timeout", "timeout"), ("onnect to ", "network"), ("curl: (", "network"), ("ssl", "network"),
    ("ermission denied", "permission"), ("EACCES", "permission"), ("not a git repository", "git"),
    ("pathspec", "git"), ("CONFLICT", "git"), ("refs", "git"), ("npm error", "package"), ("npm ERR", "package"),
    ("ERR_PNPM", "package"), ("requirement", "package"), ("distribution found", "package"),
    ("No rule to make target", "make"), ("make: ***", "make"), ("CMake Error", "cmake"), ("docker", "docker"),
    ("o such file", "missing-file"), ("ENOENT", "missing-file"), ("no such table", "sql"),
    ("constraint failed", "sql"), ("near line", "sql"), ("not found", "not-found"), ("does not exist", "not-found"),
)
COMMAND_TYPES = {
    "git": "git", "npm": "package", "pnpm": "package", "yarn": "package", "pip": "package", "uv": "package",
    "pip3": "package", "docker": "docker", "make": "make", "cmake": "cmake", "mvn": "build", "gradle": "build",
    "gradlew": "build", "cargo": "build", "go": "build", "sqlite3": "sql", "psql": "sql", "mysql": "sql",
    "curl": "network", "wget": "network", "ssh": "network",
}
# Refusals of the client's own tools: (mark, type, keep only the mark).
CLIENT_REFUSALS = (
    ("File has not been read yet", "edit-refused", True),
    ("File has been modified since read", "edit-refused", True),
    ("File has been unexpectedly modified", "edit-refused", True),
    ("String to replace not found in file", "edit-refused", False),
    ("No changes to make: old_string and new_string", "edit-refused", True),
    (" matches of the string to replace, but replace_all is false", "edit-refused", False),
    ("InputValidationError", "input-refused", False),
    ("File content (", "too-large", True),
    ("exceeds maximum allowed", "too-large", True),
    ("File does not exist", "missing-file", True),
    ("EISDIR: illegal operation on a directory", "missing-file", True),
    ("Unknown skill: ", "input-refused", False),
)
