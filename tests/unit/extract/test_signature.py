"""What is a failure, which failures one output holds, and what leaves a signature unchanged."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.failure import Failure
from codememory.extract.signature import FAILURES_MAX, failures_in

TRACE = """Traceback (most recent call last):
  File "{root}/bin/run.py", line {line}, in <module>
    main()
  File "{root}/depot/load.py", line {line}, in fetch
    return rows[name]
           ~~~~^^^^^^
KeyError: '{key}'
"""
PYTEST = """=================================== FAILURES ===================================
__________________________________ test_{name} ___________________________________

    def test_{name}():
>       assert count() == 3
E       assert 2 == 3
E        +  where 2 = count()

tests/test_depot.py:{line}: AssertionError
=========================== short test summary info ============================
FAILED tests/test_depot.py::test_{name} - assert 2 == 3
=============================== 1 failed in {seconds}s ===============================
"""


def read(output: str, **context: object) -> list[Failure]:
    return failures_in(output, **{"tool": "Bash", "exit_code": 1, **context})  # type: ignore[arg-type]


def signatures(output: str, **context: object) -> list[str]:
    return [failure.signature for failure in read(output, **context)]


REFUSALS = {
    "rejected": "The user doesn't want to proceed with this tool use. The tool use was rejected.",
    "stop": "The user doesn't want to take this action right now. STOP what you are doing.",
    "interrupted": "[Request interrupted by user for tool use]",
    "interrupted with a code": "Exit code 137\n[Request interrupted by user for tool use]\npartial output",
    "approval": "This command requires approval",
    "permission": "Claude requested permissions to write to /srv/a.txt, but you haven't granted it yet.",
    "auto-denied": "Permission to use WebFetch has been auto-denied in dontAsk mode.",
    "rule": "Permission to use Bash with command rm -r x has been denied.",
    "sibling": "<tool_use_error>Sibling tool call errored</tool_use_error>",
    "plan": "User chose to stay in plan mode and continue planning",
    "folder": "ls in '/etc' was blocked. For security, Claude Code may only list files in the allowed directories",
}


@pytest.mark.parametrize("output", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_no_failure(output: str) -> None:
    assert failures_in(output, tool="Bash", command="make", is_error=True) == []


ANSWERS = [
    ("grep -rn todo src", "", 1),
    ("rg todo", "", 1),
    ("cat a.txt | grep -q todo", "", 1),
    ("cd /srv/x && diff a b", "1c1\n< error one\n---\n> error two\n", 1),
    ("git diff --exit-code", "diff --git a/x b/x\n-failed\n+passed\n", 1),
    ("which frobnicate", "frobnicate not found", 1),
    ("[ -f a.txt ]", "", 1),
    ("pgrep nginx", "", 1),
    ("gh pr checks 12", "lint\tfail\t9s\thttps://ci.example/1", 1),
    ("ssh box 'logread | grep a | grep \"b\\|c\"'", "", 1),
    ("defaults read com.example.app flag 2>/dev/null", "", 1),
    ('for i in a b; do echo "= $i" && ls $i | grep power | head -5; done', "= a\n= b\n", 1),
]


@pytest.mark.parametrize(("command", "output", "code"), ANSWERS, ids=[case[0] for case in ANSWERS])
def test_an_answer_is_no_failure(command: str, output: str, code: int) -> None:
    assert read(output, command=command, exit_code=code) == []


def test_the_same_answering_command_fails_when_it_complains() -> None:
    assert read("grep: src: No such file or directory", command="grep -rn todo src", exit_code=2)


SILENT = {
    "what is asked comes before the last statement": "ps aux | grep [x]y | xargs -r kill; sleep 2; cp a b && echo done",
    "both streams are thrown away": "make >/dev/null 2>/dev/null",
    "nothing is asked": "make",
}


@pytest.mark.parametrize("command", SILENT.values(), ids=SILENT)
def test_silence_is_no_answer_where_nothing_was_asked(command: str) -> None:
    assert [failure.type for failure in read("", command=command)] == ["exit"]


QUIET = {
    "prose": ("Bash", "make", "The error handler failed in the old version, 3 failed attempts were logged."),
    "none failed": ("Bash", "pytest", "== 12 passed, 0 failed in 0.10s =="),
    "a search": ("Bash", "grep -rn Traceback logs", TRACE.format(root="/srv", line=3, key="id")),
    "a log": ("Bash", "cat run.log | tail -50", TRACE.format(root="/srv", line=3, key="id")),
    "a file that was read": ("Read", "", TRACE.format(root="/srv", line=3, key="id")),
    "a fallback": ("Bash", "tool --json 2>&1 || tool", "Error: unknown flag: --json\ntool 1.2\n"),
    "an error in the middle": ("Bash", "tool | tail -5", "started\nError: one of many\nfinished\n"),
    "a filtered word": ("Bash", "tool | grep error", "error: handled\n"),
    "a word behind nothing": ("Bash", "tool", "error: handled, going on\n"),
    "a forgiven target": ("Bash", "make | tail", "make: *** [Makefile:3: x] Error 1 (ignored)\nok\n"),
    "all fixed": ("Bash", "ruff check --fix . | tail", "Found 3 errors (3 fixed, 0 remaining).\n"),
    "counts of other things": ("Bash", "tool", "3 files explain 2 errors in the log\n"),
    "an issue tracker": ("Bash", "tool", "Open issues:\n0 issues.\n"),
    "no failures": ("Bash", "mix test", "12 tests, 0 failures\n"),
    "a finished run": ("Bash", "make", TRACE.format(root="/srv", line=3, key="id") + "recovered\n" * 12),
}


@pytest.mark.parametrize(("tool", "command", "output"), QUIET.values(), ids=QUIET)
def test_success_is_no_failure(tool: str, command: str, output: str) -> None:
    assert failures_in(output, tool=tool, command=command, exit_code=0) == []


HIDDEN = {
    "a runner's last count": ("mix test | tail -1", "12 tests, 1 failure\n", "error"),
    "a task runner's verdict": ("mise run ci | tail -3", "ok  depot\nFAIL\n[ci] ERROR task failed\n", "error"),
    "a build's verdict": (
        "cargo build 2>&1 | tail -3; true",
        "error[E0425]: cannot find value `x`\n --> src/a.rs:8:2\nerror: could not compile `depot` (lib)\n",
        "compile",
    ),
    "a linter's count": ("golangci-lint run | head -3", "cmd/a.go:8:2: x is unused (unused)\n1 issues:\n", "lint"),
    "a masked program's last word": ("cd x && tool --y 2>&1 | head", "Usage: tool\n\nError: unknown flag\n", "error"),
    "a masked program's first word": ("tool 2>&1 | tail", "error: no input\nsee --help\n", "error"),
    "traceback": ("python run.py | tail", TRACE.format(root="/srv", line=3, key="id"), "KeyError"),
    "pytest": ("pytest | tail -20", PYTEST.format(name="count", line=4, seconds="0.1"), "assertion"),
    "go": (
        "go test ./... | tail",
        ("--- FAIL: TestSum (0.00s)\n    a_test.go:8: got 2\nFAIL\nFAIL\tdepot\t0.01s\n"),
        "assertion",
    ),
    "cargo": ("cargo test | tail", "test tests::adds ... FAILED\n\ntest result: FAILED. 1 passed; 1 failed;\n", "test"),
    "unittest": (
        "python -m unittest; true",
        "======\nFAIL: test_a (t.T.test_a)\n------\nTraceback (most recent call last):\n"
        '  File "/srv/t.py", line 4, in test_a\n    self.x()\n'
        "AssertionError: 0 != 2\n\n------\nRan 1 test\n\nFAILED (failures=1)\n",
        "assertion",
    ),
}


@pytest.mark.parametrize(("command", "output", "kind"), HIDDEN.values(), ids=HIDDEN)
def test_exit_code_zero_hides_a_failure(command: str, output: str, kind: str) -> None:
    assert [failure.type for failure in failures_in(output, tool="Bash", command=command, exit_code=0)] == [kind]


def test_a_bare_verdict_is_told_apart_by_what_was_run() -> None:
    first, second = (signatures("ok  depot\nFAIL\n", command=command) for command in ("go test ./a", "go test ./b"))
    assert first != second


def test_a_place_makes_a_short_text_more_than_prose() -> None:
    assert failures_in("Unused things (1)\nleft  package.json:94:6", tool="Bash", command="npx knip", is_error=True)
    assert not failures_in("please use the other file first", tool="Bash", command="git push", is_error=True)


def test_folder_lines_and_colours_do_not_matter() -> None:
    plain = signatures(TRACE.format(root="/home/ann/depot", line=3, key="id"), cwd="/home/ann/depot")
    moved = signatures(TRACE.format(root="/tmp/b c/x", line=90, key="id"), cwd="/tmp/b c/x")
    coloured = TRACE.format(root="/srv", line=3, key="id").replace("KeyError", "\x1b[1;31mKeyError\x1b[0m")
    assert plain == moved == signatures("Exit code 1\n" + coloured, exit_code=None)


def test_the_message_and_the_function_matter() -> None:
    one = TRACE.format(root="/srv", line=3, key="id")
    assert (
        len({*signatures(one), *signatures(one.replace("'id'", "'price'")), *signatures(one.replace("fetch", "save"))})
        == 3
    )


def test_a_failing_test_keeps_its_signature_beside_others() -> None:
    first = PYTEST.format(name="count", line=4, seconds="0.10")
    second = PYTEST.format(name="total", line=40, seconds="7.31")
    both = first.partition("====================")[0] + first.replace("1 failed", "2 failed") + second
    found = read(both)
    assert {failure.check for failure in found} == {
        "tests/test_depot.py::test_count",
        "tests/test_depot.py::test_total",
    }
    assert {failure.signature for failure in found} == {*signatures(first), *signatures(second)}


def test_what_a_failure_carries() -> None:
    (failure,) = read(TRACE.format(root="/home/ann/depot", line=3, key="id"), cwd="/home/ann/depot")
    assert (failure.type, failure.symbol, failure.check) == ("KeyError", "fetch", "")
    assert failure.files == ["depot/load.py", "bin/run.py"]
    assert failure.lines == ["KeyError: 'id'"]
    assert failure.signature.startswith("fs_")
    assert len(failure.signature) == 19


def test_bounds() -> None:
    output = "\n".join(f"src/a{at}.c:3:5: error: '{chr(97 + at % 26)}{at}' undeclared " + "x" * 900 for at in range(99))
    found = read(output)
    assert len(found) == FAILURES_MAX
    assert all(len(failure.lines) <= 5 and all(len(line) <= 300 for line in failure.lines) for failure in found)


CLIENT = [
    ("Edit", "<tool_use_error>String to replace not found in file.\nString: a = 1</tool_use_error>", "edit-refused"),
    (
        "Edit",
        ("<tool_use_error>File has not been read yet. Read it first before writing to it.</tool_use_error>"),
        "edit-refused",
    ),
    ("Read", "<tool_use_error>File does not exist.</tool_use_error>", "missing-file"),
    ("Read", "EISDIR: illegal operation on a directory, read", "missing-file"),
]


@pytest.mark.parametrize(("tool", "output", "kind"), CLIENT)
def test_the_clients_own_refusals_of_an_edit_are_failures(tool: str, output: str, kind: str) -> None:
    (failure,) = failures_in(output, tool=tool, is_error=True)
    assert failure.type == kind


def test_a_person_writing_instead_of_running_is_no_failure() -> None:
    assert failures_in("please add the other file first", tool="Bash", command="git add a", is_error=True) == []


@given(st.text(max_size=400), st.sampled_from([None, 0, 1, 2, 124]), st.booleans())
def test_any_text_is_read(text: str, exit_code: int | None, is_error: bool) -> None:
    for failure in failures_in(text, command="x", cwd="/srv/x", exit_code=exit_code, is_error=is_error):
        assert failure.signature.startswith("fs_")


PIECES = st.sampled_from(
    [
        "Traceback (most recent call last):",
        '  File "a.py", line 3, in f',
        "E   assert 1",
        "___ test_a ___",
        "== FAILURES ==",
        "error[E0308]: x",
        " --> a.rs:1:2",
        "● a › b",
        "not ok 1 - a",
        "--- FAIL: T",
        "panic: x",
        "goroutine 1 [running]:",
        "1) a",
        "thread 'a' panicked at b.rs:1:1:",
        "FAILED a.py::b - c",
        "    at f (a.js:1:2)",
        "X: y",
        "",
        "\tat A.b(A.java:3)",
        "======",
        "FAIL: a (b.C)",
        "CMake Error at x:1 (y):",
        "npm error code E1",
        "npm error x",
        "+ Exception Group Traceback",
        "  | ValueError: a",
    ]
)


@given(st.lists(PIECES, max_size=30))
def test_any_mixture_of_reports_is_read(lines: list[str]) -> None:
    assert isinstance(read("\n".join(lines)), list)


@pytest.mark.parametrize(
    "unit",
    [
        "E   x\n",
        "a.c:1:2: error: x\n",
        "Traceback (most recent call last):\n",
        "\x1b[",
        "____ a ____\n",
        "1) a\n",
        "'/",
        "a:",
    ],
)
def test_hostile_input_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    read(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 5


def test_the_hook_path_loads_no_regular_expressions() -> None:
    program = (
        "import sys; from codememory.extract.signature import failures_in;"
        f"failures_in({PYTEST.format(name='a', line=3, seconds='1')!r}, tool='Bash', exit_code=1);"
        "failures_in('a.c:1:2: error: x', tool='Bash', exit_code=1);"
        "print(sorted({'re', 'typing', 'json', 'enum', 'collections'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r};" + program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_timeout_of_the_client_belongs_to_its_command() -> None:
    said = "Command timed out after 2m 0.0s\nserving on port 8000"
    one, again, other = (read(said, command=command, exit_code=143) for command in ("make a", "make  a", "make b"))
    assert [failure.type for failure in one] == ["timeout"]
    assert one[0].signature == again[0].signature != other[0].signature


def test_silence_is_known_by_exit_code_and_command() -> None:
    (failure,) = read("", command="cd /srv/x && ./deploy 2>&1 | tail -3", exit_code=3)
    assert (failure.type, failure.lines) == ("exit", ["exit code 3: ./deploy"])


def test_an_interrupt_that_says_nothing_is_no_failure() -> None:
    assert read("^C", command="make", exit_code=130) == []


@pytest.mark.parametrize(
    "unit",
    [
        "not ok 1 - a%d\n",
        "--- FAIL: T%d (0s)\n",
        "FAILED a.py::t%d - x\n",
        "FAIL: a%d (b)\n------\n======\n",
        "● a%d › b\n",
    ],
)
def test_many_different_failures_take_linear_time(unit: str) -> None:
    output = "= FAILURES =\n======\n" + "".join(unit.replace("%d", str(at)) for at in range(60_000 // len(unit) * 10))
    started = time.process_time()
    assert len(read(output)) <= FAILURES_MAX
    assert time.process_time() - started < 3
