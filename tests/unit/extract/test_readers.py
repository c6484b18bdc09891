"""One output for each reader: its type, its test, and a near miss that must stay apart."""

from __future__ import annotations

import pytest

from codememory.extract.signature import failures_in

# (output, type, symbol, check, a text in the output, its near miss)
READERS = {
    "collection": (
        "= ERRORS =\n===== ERRORS =====\n___ ERROR collecting test_a.py ___\nE   ImportError: cannot import name 'q'\n"
        "=== short test summary info ===\nERROR test_a.py\n",
        "collection",
        "test_a.py",
        "test_a.py",
        "'q'",
        "'r'",
    ),
    "mypy": ('svc.py:4: error: "A" has no attribute "b"  [attr-defined]\n', "lint", "attr-defined", "", '"b"', '"c"'),
    "ruff": ("F821 Undefined name `totl`\n --> a.py:2:12\n", "lint", "F821", "", "totl", "totz"),
    "flake8": ("a.py:2:5: F841 local variable 'x' is assigned to but never used\n", "lint", "F841", "", "'x'", "'y'"),
    "tsc": (
        ("i.ts(2,3): error TS2322: Type 'string' is not assignable to type 'number'.\n"),
        "compile",
        "TS2322",
        "",
        "number",
        "Date",
    ),
    "eslint": ("/srv/app.js\n  1:5  error  'a' is not defined  no-undef\n", "lint", "no-undef", "", "'a'", "'b'"),
    "gcc": (
        "main.c: In function 'f':\nmain.c:4:18: error: 'cuont' undeclared\n",
        "compile",
        None,
        "",
        "cuont",
        "cuomt",
    ),
    "linker": (
        "/usr/bin/ld: /tmp/ccAbCdEf.o: in function `main':\nmain.c:(.text+0xa): undefined reference to `draw'\n",
        "link",
        "draw",
        "",
        "draw",
        "flush",
    ),
    "rustc": (
        (
            "error[E0308]: mismatched types\n --> src/main.rs:2:30\n  |\n"
            '2 |     f("3")\n  |       ^^^ expected `u32`, found `&str`\n'
        ),
        "compile",
        "E0308",
        "",
        "&str",
        "i64",
    ),
    "rust test": (
        (
            "thread 'tests::adds' (81) panicked at src/lib.rs:6:17:\n"
            "assertion `left == right` failed\n  left: 0\n right: 4\n"
        ),
        "assertion",
        "tests::adds",
        "tests::adds",
        "tests::adds",
        "tests::subs",
    ),
    "go build": ("# depot\n./main.go:5:27: undefined: totl\n", "compile", None, "", "totl", "totz"),
    "go panic": (
        (
            "panic: runtime error: index out of range [4] with length 1\n\n"
            "goroutine 1 [running]:\nmain.pick(...)\n\t/srv/main.go:5 +0x1d\n"
        ),
        "panic",
        "main.pick",
        "",
        "pick",
        "take",
    ),
    "javac": (
        ("Main.java:3: error: cannot find symbol\n  f(xss);\n    ^\n  symbol:   variable xss\n"),
        "compile",
        "xss",
        "",
        "variable xss",
        "variable yss",
    ),
    "java": (
        'Exception in thread "main" java.lang.IllegalStateException: bad row\n\tat depot.Main.load(Main.java:3)\n',
        "IllegalStateException",
        "depot.Main.load",
        "",
        "load(",
        "save(",
    ),
    "surefire": (
        (
            "[ERROR] io.depot.CartTest.total -- Time elapsed: 0.1 s <<< F"
            "AILURE!\norg.opentest4j.AssertionFailedError: expected: <3>\n"
        ),
        "assertion",
        "io.depot.CartTest.total",
        "io.depot.CartTest.total",
        "total",
        "count",
    ),
    "jest": (
        (
            "FAIL ./c.test.js\n  ● cart › sums\n\n"
            "    expect(received).toBe(expected)\n\n    Expected: 3\n"
            "    Received: 2\n\nTests: 1 failed\n"
        ),
        "assertion",
        "cart › sums",
        "c.test.js::cart › sums",
        "sums",
        "adds",
    ),
    "vitest": (
        " FAIL  c.test.ts > cart > sums\nAssertionError: expected 2 to be 3\n",
        "assertion",
        "cart > sums",
        "c.test.ts::cart > sums",
        "sums",
        "adds",
    ),
    "tap": ("TAP version 13\nnot ok 1 - sums\n  ---\n  error: 'no'\n  ...\n", "test", "sums", "sums", "sums", "adds"),
    "node": (
        (
            "app.js:1\nf(\n\n"
            "TypeError: Cannot read properties of undefined (reading 'b')\n"
            "    at total (/srv/app.js:1:2)\n"
        ),
        "TypeError",
        "total",
        "",
        "total",
        "first",
    ),
    "rspec": (
        ("Failures:\n\n  1) Cart adds items\n     Failure/Error: expect(total).to eq(3)\n\n2 examples, 1 failure\n"),
        "assertion",
        "Cart adds items",
        "Cart adds items",
        "adds",
        "drops",
    ),
    "googletest": (
        "[  FAILED  ] Cart.Total (0 ms)\n[  FAILED  ] 1 test, listed below:\n",
        "test",
        "Cart.Total",
        "Cart.Total",
        "Total",
        "Count",
    ),
    "cmake": (
        ('CMake Error at CMakeLists.txt:3 (add_x):\n  Unknown CMake command "add_x".\n\n'),
        "cmake",
        "add_x",
        "",
        "add_x",
        "add_y",
    ),
    "terraform": (
        (
            "╷\n│ Error: Reference to undeclared input variable\n│\n"
            '│   on main.tf line 3:\n│    3: x = var.zone\n│\n│ Name "zone".\n╵\n'
        ),
        "error",
        None,
        "",
        'Name "zone"',
        'Name "area"',
    ),
    "npm": (
        ("npm error code E404\nnpm error 404 Not Found - GET https://registry.invalid/a-b\n"),
        "package",
        "E404",
        "",
        "a-b",
        "a-c",
    ),
    "asan": (
        (
            "==9==ERROR: AddressSanitizer: heap-use-after-free on address 0x60\n"
            "SUMMARY: AddressSanitizer: heap-use-after-free main.c:2 in use\n"
        ),
        "sanitizer",
        "use",
        "",
        "in use",
        "in put",
    ),
    "missing command": (
        "run.sh: line 3: kubectx: command not found\n",
        "missing-command",
        "kubectx",
        "",
        "kubectx",
        "helm",
    ),
    "missing file": (
        "cat: build/version.txt: No such file or directory\n",
        "missing-file",
        "build/version.txt",
        "",
        "version",
        "release",
    ),
    "make": (
        "make: *** No rule to make target 'main.o', needed by 'app'.  Stop.\n",
        "make",
        None,
        "",
        "main.o",
        "list.o",
    ),
    "git": ("fatal: repository '/srv/git/none.git' does not exist\n", "not-found", None, "", "none", "some"),
    "sqlite": ("Parse error near line 3: no such table: orders\n", "sql", None, "", "orders", "items"),
    "an unknown tool": ("frob: starting\nfrob: E17: cannot attach volume blue\n", "error", None, "", "blue", "green"),
}


@pytest.mark.parametrize(("output", "kind", "symbol", "check", "text", "miss"), READERS.values(), ids=READERS)
def test_reader(output: str, kind: str, symbol: str | None, check: str, text: str, miss: str) -> None:
    (failure,) = failures_in(output, tool="Bash", command="build", cwd="/srv", exit_code=1)
    assert (failure.type, failure.symbol, failure.check) == (kind, symbol, check)
    assert text in output
    (other,) = failures_in(output.replace(text, miss), tool="Bash", command="build", cwd="/srv", exit_code=1)
    assert other.signature != failure.signature


FLAGS = {
    "tsc --pretty": (
        "i.ts(2,3): error TS2304: Cannot find name 'q'.",
        "i.ts:20:3 - error TS2304: Cannot find name 'q'.\n\n20 q\n   ~\n",
    ),
    "ruff concise": ("F821 Undefined name `totl`\n --> a.py:2:12\n", "a.py:6:12: F821 Undefined name `totl`\n"),
    "mypy --pretty": (
        'svc.py:4: error: Argument 1 to "f" has incompatible type "str"; expected "int"  [arg-type]',
        (
            'svc.py:9:3: error: Argument 1 to "f" has incompatible type "'
            'str"; expected\n"int"  [arg-type]\n    f("3")\n      ^~~'
        ),
    ),
    "cargo short": (
        (
            "error[E0308]: mismatched types\n --> src/main.rs:2:30\n  |\n"
            '2 |   f("3")\n  |     ^^^ expected `u32`, found `&str`\n'
        ),
        "src/main.rs:9:30: error[E0308]: mismatched types: expected `u32`, found `&str`\n",
    ),
    "go test -v": (
        "--- FAIL: TestSum (0.00s)\n    a_test.go:8: got 2, want 3\nFAIL\n",
        "=== RUN   TestSum\n    a_test.go:18: got 2, want 3\n--- FAIL: TestSum (0.12s)\nFAIL\n",
    ),
    "bash -x": ("run.sh: line 1: helm: command not found", "+ helm sync\nrun.sh: line 5: helm: command not found"),
    "python 3.13": (
        (
            'Traceback (most recent call last):\n  File "a.py", line 2, in f\n'
            "    g(x)\n    ^^^^\nNameError: name 'g' is not defined\n"
        ),
        'Traceback (most recent call last):\n  File "a.py", line 9, in f\n    g(x)\n    ^\n'
        "NameError: name 'g' is not defined. Did you mean: 'f'?\n",
    ),
}


@pytest.mark.parametrize(("plain", "flagged"), FLAGS.values(), ids=FLAGS)
def test_other_flags_give_the_same_signature(plain: str, flagged: str) -> None:
    one, other = (failures_in(text, tool="Bash", exit_code=1) for text in (plain, flagged))
    assert [failure.signature for failure in one] == [failure.signature for failure in other]


def test_make_does_not_hide_the_compiler_below_it() -> None:
    (failure,) = failures_in("main.c:4:1: error: 'a' undeclared\nmake: *** [Makefile:3: app] Error 1\n", exit_code=2)
    assert failure.type == "compile"


def test_warnings_count_only_without_errors() -> None:
    found = failures_in("a.c:1:2: warning: unused 'q'\na.c:9:2: error: 'a' undeclared\n", exit_code=1)
    assert [failure.lines[0] for failure in found] == ["a.c:9:2: error: 'a' undeclared"]


def test_each_shell_complaint_is_its_own() -> None:
    assert len(failures_in("sh: 1: helm: not found\ncat: a.txt: No such file or directory\n", exit_code=1)) == 2
