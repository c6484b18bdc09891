"""The plain text that a regular expression is sure to need: what has it not need not be looked through."""

from __future__ import annotations


def sure_literal(expression: str) -> str:
    """Return the longest plain text that every match of a regular expression holds, '' where that is not easy to tell.

    It holds no character that JSON would write otherwise, so a message that has it has it as it is stored.
    """
    if "|" in expression or "(" in expression:
        return ""
    runs = [""]
    at = 0
    while at < len(expression):
        one = expression[at]
        at += 1
        if one == "\\" and expression[at : at + 1] and not expression[at].isalnum():
            one = expression[at]
            at += 1
        elif one in "*?{":
            runs[-1] = runs[-1][:-1]
            at = _behind(expression, at, one)
            one = ""
        elif one in "\\[.^$+":
            at = _behind(expression, at, one)
            one = ""
        if one and one.isascii() and one.isprintable() and one not in '"\\':
            runs[-1] += one
        else:
            runs.append("")
    return max(runs, key=len)


def _behind(expression: str, at: int, opening: str) -> int:
    """Return where an expression goes on behind an escape, a set of characters or a number of times."""
    if opening == "\\":
        return len(expression)  # what follows may belong to it: digits, names
    if opening not in "[{":
        return at
    end = expression.find("]", at + 1 + expression.startswith("^", at)) if opening == "[" else expression.find("}", at)
    return end + 1 if end >= 0 and "\\" not in expression[at:end] else len(expression)
