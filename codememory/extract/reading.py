"""Choose the readers for an output by the words in it, and run them from the most to the least specific."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output
from codememory.extract.outcome import QUIET_TOOLS

LIST_MARKS = ("Failed ", "FAILED", "(fail) ", "rspec ./", "' failed", "✘ Test ", "(Failed)", "(Timeout)", "(SEGFAULT)")
LINK_WORDS = (
    "ndefined",
    "multiple definition",
    "cannot find -l",
    "duplicate symbol",
    "cannot open output",
    "unresolved",
)
FRAME_MARK = "\n    at "


def read(
    text: str, *, tool: str = "", command: str = "", cwd: str = "", exit_code: int | None = None, flagged: bool = True
) -> list[Failure]:
    """Read all failures of an output; with `flagged` false only what a closing verdict or traceback proves."""
    subject = command if tool in QUIET_TOOLS else ""
    output = Output(text, command, cwd, exit_code, tool, subject)
    if not flagged:
        from codememory.extract import hidden
        from codememory.extract.outcome import masked

        if not hidden.proven(output.lines, masked(command)):
            return _final_crash(output)
        return _reports(output) or _diagnostics(output) or _final_crash(output) or _said(output)
    from codememory.extract import error_rules

    if any(mark in text[:400] for mark, _, _ in error_rules.CLIENT_REFUSALS):
        from codememory.extract.shells import client_failures

        found = client_failures(output)
        if found:
            return found
    found = [*_reports(output), *_crashes(output), *_diagnostics(output)]
    from codememory.extract.shells import shell_failures

    if not found:
        found = shell_failures(output)
        if not found:
            from codememory.extract.general import general_failures

            return general_failures(output)
        from codememory.extract.general import verdict_failures

        return found + verdict_failures(output)
    return found + shell_failures(output)


def _said(output: Output) -> list[Failure]:
    """Read the verdict itself where nothing below it is left to read."""
    from codememory.extract.general import general_failures

    return general_failures(output)


def _reports(output: Output) -> list[Failure]:
    """Run the readers of test reports whose marks occur."""
    text = output.text
    found: list[Failure] = []
    if "short test summary info" in text or "= FAILURES =" in text or "= ERRORS =" in text or "FAILED " in text:
        from codememory.extract.python_reports import pytest_failures

        found += pytest_failures(output)
    if "======\nFAIL: " in text or "======\nERROR: " in text:
        from codememory.extract.python_reports import unittest_failures

        found += unittest_failures(output)
    if "● " in text or "FAIL  " in text or "failing tests:" in text or "not ok " in text:
        from codememory.extract import script_reports

        if "● " in text:
            found += script_reports.jest_failures(output)
        if not found and "FAIL  " in text:
            found += script_reports.vitest_failures(output)
        if not found and ("not ok " in text or "failing tests:" in text):
            found += script_reports.tap_failures(output)
    if (
        "--- FAIL: " in text
        or "FAIL\t" in text
        or "panicked at" in text
        or "... FAILED" in text
        or "<<< " in text
        or " FAILED\n" in text
    ):
        from codememory.extract import native_reports

        if "--- FAIL: " in text or "FAIL\t" in text:
            found += native_reports.go_test_failures(output)
        if "panicked at" in text or "... FAILED" in text:
            found += native_reports.rust_panic_failures(output)
        if "<<< " in text or " > " in text:
            found += native_reports.java_failures(output)
    return found or _listed(output)


def _listed(output: Output) -> list[Failure]:
    """Run the readers of lists of failing tests."""
    text = output.text
    found: list[Failure] = []
    if "1) " in text:
        from codememory.extract.test_lists import numbered_failures

        found = numbered_failures(output)
    if not found and any(mark in text for mark in LIST_MARKS):
        from codememory.extract.test_lists import named_failures

        found = named_failures(output)
    return found


def _crashes(output: Output) -> list[Failure]:
    """Run the readers of stack traces whose marks occur."""
    text = output.text
    found: list[Failure] = []
    if (
        "Traceback (most recent call last)" in text
        or "SyntaxError: " in text
        or "IndentationError: " in text
        or "TabError: " in text
    ):
        from codememory.extract.tracebacks import traceback_failures

        found += traceback_failures(output)
    if FRAME_MARK in text:
        from codememory.extract.script_reports import uncaught_failures

        found += uncaught_failures(output)
    if "\tat " in text:
        from codememory.extract.native_reports import java_failures

        found += java_failures(output)
    if "\ngoroutine " in text:
        from codememory.extract.native_reports import go_panic_failures

        found += go_panic_failures(output)
    return found


def _diagnostics(output: Output) -> list[Failure]:
    """Run the readers of compilers, linkers and sanitizers, where anything looks like a place or a verdict."""
    text = output.text
    from codememory.extract.diagnostics import diagnostic_failures

    found: list[Failure] = []
    if "Sanitizer: " in text or "Memcheck" in text:
        from codememory.extract.binaries import sanitizer_failures

        found += sanitizer_failures(output)
    found += diagnostic_failures(output)
    if any(word in text for word in LINK_WORDS):
        from codememory.extract.binaries import link_failures

        found += link_failures(output)
    return found


def _final_crash(output: Output) -> list[Failure]:
    """Read a traceback or a panic that ends the output."""
    text = output.text
    if "Traceback (most recent call last)" in text:
        from codememory.extract.tracebacks import traceback_failures

        return traceback_failures(output, near_end=True)[-1:]
    if "\ngoroutine " in text and ("\nexit status 2" in text[-200:] or "\tpanic: " in text):
        from codememory.extract.native_reports import go_panic_failures

        return go_panic_failures(output)
    return []
