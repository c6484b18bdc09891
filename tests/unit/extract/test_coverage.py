"""Which passing check speaks for which failing one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.coverage import covers, tells_outcome

SPEAKING = [
    ("pytest -q", "pytest -q", ""),
    ("cd /srv/app && pytest -q 2>&1 | tail -5", "pytest -q", ""),
    ("pytest", "pytest tests/test_a.py::test_x -q", ""),
    ("python -m pytest -x", "pytest tests/test_a.py", ""),
    ("uv run pytest", "python -m pytest tests/test_a.py -v", ""),
    ("pytest tests -v", "pytest tests/test_a.py", ""),
    ("pytest tests/test_a.py -v", "pytest tests/test_a.py --tb=short", ""),
    ("pytest tests/test_a.py", "pytest -q", "tests/test_a.py::test_x"),
    ("pytest tests/test_a.py::test_x", "pytest -q", "tests/test_a.py::test_x"),
    ("pytest -k test_x", "pytest -q", "tests/test_a.py::test_x"),
    ("pytest 'tests/test_a.py::test_x[1-2]'", "pytest -q", "tests/test_a.py::test_x[1-2]"),
    ("pytest tests/test_a.py::test_x", "pytest -q", "tests/test_a.py::test_x[1-2]"),
    ("go test ./...", "go test ./pkg/export/... -run TestTotal -v", ""),
    ("go test -run TestTotal ./pkg", "mise run test", "TestTotal"),
    ("go test -run '^TestTotal$' ./pkg", "mise run test", "TestTotal/empty_rows"),
    ("go test -run 'TestOther|TestTotal' ./pkg", "mise run test", "TestTotal"),
    ("npm test", "npm test -- src/total.test.ts", ""),
    ("npm run lint", "npm run lint -- src", ""),
    ("cargo test", "cargo test total::rounds", ""),
    ("mise run test:ci", "mise run test:ci -- -run TestTotal", ""),
    ("cargo clippy --workspace", "cargo clippy", ""),
    ("npx tsc --noEmit", "tsc -p . --noEmit", ""),
    ("ruff check .", "ruff check src", ""),
    ("make test", "make test 2>&1 | tail", ""),
    ("python3 check_total.py", "cd /x && python3 check_total.py", ""),
]
SILENT = [
    ("", "pytest", ""),
    ("pytest tests/test_b.py", "pytest tests/test_a.py", ""),
    ("pytest tests/test_b.py", "pytest", "tests/test_a.py::test_x"),
    ("pytest tests/test_a.py::test_y", "pytest", "tests/test_a.py::test_x"),
    ("pytest -k test_y", "pytest -q", "tests/test_a.py::test_x"),
    ("pytest tests/test_ab.py", "pytest tests/test_a", ""),
    ("pytest --lf", "pytest", ""),
    ("pytest -m fast", "pytest", ""),
    ("go test -run TestTotalOther ./pkg", "mise run test", "TestTotal"),
    ("go test ./pkg/a", "go test ./pkg/b", ""),
    ("go vet ./...", "go test ./...", ""),
    ("npm run lint", "npm test", ""),
    ("npm run build", "npm run test", ""),
    ("mise run fmt", "mise run lint", ""),
    ("git commit -m 'fix TestTotal'", "mise run test", "TestTotal"),
    ("grep -rn TestTotal .", "go test ./...", "TestTotal"),
    ("cat tests/test_a.py", "pytest", "tests/test_a.py::test_x"),
    ("python check_a.py", "python check_b.py", ""),
    ("make build", "make test", ""),
    ("ls", "pytest", ""),
    ("cargo check", "cargo test", ""),
]
TELLING = [
    "pytest -q", "pytest 2>&1 | tail -20", "cd x && pytest", "pytest | tee out.log", "make lint && make test",
    "ls; pytest", "npm ci && npm test", "set -e; pytest; echo done", "git push", "mkdir -p x", "echo hi; pytest | cat",
]  # fmt: skip
SWALLOWING = [
    "pytest || true", "pytest; echo done", "pytest; echo \"exit: $?\"", "pytest | grep FAIL",
    "go test ./... | grep -c ok | head",
    "pytest 2>&1 | grep -E 'passed|failed' | tail -3", "pytest & sleep 3", "npm run build | sed 's/a/b/'",
    "pytest\nls",
]  # fmt: skip


@pytest.mark.parametrize(("passing", "failing", "check"), SPEAKING)
def test_speaks_for(passing: str, failing: str, check: str) -> None:
    assert covers(passing, failing, check)


@pytest.mark.parametrize(("passing", "failing", "check"), SILENT)
def test_does_not_speak_for(passing: str, failing: str, check: str) -> None:
    assert not covers(passing, failing, check)


@pytest.mark.parametrize("command", TELLING)
def test_exit_code_tells(command: str) -> None:
    assert tells_outcome(command)


@pytest.mark.parametrize("command", SWALLOWING)
def test_exit_code_is_swallowed(command: str) -> None:
    assert not tells_outcome(command)


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_never_raises(passing: str, failing: str, check: str) -> None:
    assert covers(passing, failing, check) in (True, False)
    assert tells_outcome(passing) in (True, False)


@given(st.sampled_from([one[0] for one in SPEAKING + SILENT if one[0]]))
def test_a_command_speaks_for_itself(command: str) -> None:
    assert covers(command, command, "")
