"""What each hook imports, pinned: every module is paid for at every tool call.

Write the list anew with `CODEMEMORY_PIN_MODULES=1 pytest tests/unit/test_hook_modules.py` and look at the difference.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.homes import Home

from codememory.hook import EVENTS

PIN = bool(os.environ.get("CODEMEMORY_PIN_MODULES"))
PINNED = Path(__file__).with_name("hook_modules.txt")

FORBIDDEN = frozenset(
    """re typing dataclasses enum pathlib json logging datetime functools contextlib subprocess inspect
    tempfile shutil traceback warnings decimal argparse importlib.metadata asyncio socket threading uuid random sqlite3
    msgspec typer click rich apsw.ext apsw.bestpractice unittest hypothesis""".split()
)
"""None of these on the path of a hook that has nothing unusual to do; see DESIGN section 11 for what each costs."""

PLATFORM = frozenset(("apsw", "fcntl", "math", "zlib", "grp"))
"""Extension modules that one build of Python has built in and another loads."""

OF_APSW = frozenset("_collections _operator collections collections.abc itertools keyword operator reprlib".split())
"""What apsw itself imports, in some of its versions."""

NAMES = "\nimport sys, os\nleave = os._exit\n" + (
    "def tell(code):\n"
    "    os.write(2, ' '.join(sorted(set(sys.modules) - before)).encode())\n"
    "    leave(code)\n"
    "os._exit = tell\n"
    "before = set(sys.modules)\n"
)


def loaded(home: Home, event: str, *words: str) -> list[str]:
    """Return the modules that a hook imports beyond those of a bare interpreter."""
    made = home.conversation(turns=1)
    home.mark("constraint", "Never change the signature of total()", "--file", "invoice_0.py")
    home.hook("Stop", home.payload("Stop", made.session))
    made.say("user", "now sum the rows once and keep going")
    made.tool("Read", {"file_path": f"{home.project}/invoice_0.py"}, "     1\tdef total_0(rows):\n")
    made.write()
    data = home.payload(
        event,
        made.session,
        source="startup",
        prompt="does the signature of total() in invoice_0.py stay",
        tool_name="Edit",
        tool_use_id="toolu_1",
        tool_input={"file_path": f"{home.project}/invoice_0.py", "old_string": "a", "new_string": "b"},
        tool_response={"filePath": "invoice_0.py"},
        error="",
        reason="other",
        agent_id="a1" if "Subagent" in event else "",
        agent_type="Explore",
        agent_transcript_path="",
        compact_summary="so far",
        stop_hook_active=False,
    )
    done = home.hook(event, data, *words, prelude=NAMES)
    assert done.returncode == 0
    assert home.problems() == []
    return done.stderr.decode().split()


def shape(modules: list[str]) -> list[str]:
    """Leave out what only tells one build of Python or apsw from another."""
    return [name for name in modules if name.partition(".")[0] not in PLATFORM and name not in OF_APSW]


def pinned() -> dict[str, list[str]]:
    """Return the checked-in list: an event and its modules on each line."""
    lines = PINNED.read_text().splitlines() if PINNED.exists() else []
    return {event: names.split() for event, _, names in (line.partition(": ") for line in lines)}


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_the_modules_of_a_hook_are_pinned(home: Home, event: str) -> None:
    found = shape(loaded(home, event))
    if PIN:
        whole = {**pinned(), event: found}
        PINNED.write_text("".join(f"{name}: {' '.join(whole[name])}\n" for name in sorted(whole)))
    assert found == pinned()[event]


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_nothing_dear_is_imported(home: Home, event: str) -> None:
    found = loaded(home, event)
    assert "codememory.hook" in found
    assert "apsw" in found
    assert FORBIDDEN.isdisjoint(name.partition(".")[0] for name in found) and FORBIDDEN.isdisjoint(found)


@pytest.mark.parametrize("event", ["PreToolUse", "PostToolUse", "PostToolUseFailure", "UserPromptSubmit"])
def test_sqlite_is_loaded_without_the_collections_it_only_takes_abstract_classes_of(home: Home, event: str) -> None:
    found = loaded(home, event)
    assert "apsw" in found
    assert "collections" not in found


def test_a_hook_that_is_switched_off_does_not_even_load_sqlite(home: Home) -> None:
    home.set(CODEMEMORY_ENABLED="false")
    done = home.hook("PreToolUse", home.payload("PreToolUse", "s"), prelude=NAMES)
    assert "apsw" not in done.stderr.decode().split()
    assert not home.database.exists()


def test_the_background_entry_of_print_mode_leaves_at_once(home: Home) -> None:
    done = home.hook("Stop", home.payload("Stop", "s"), "--background", prelude=NAMES, CLAUDE_CODE_ENTRYPOINT="sdk-cli")
    assert done.returncode == 0
    assert not home.database.exists()


def test_the_guard_sees_an_import_that_is_new(home: Home) -> None:
    """The list is of this process's own imports: one more shows."""
    done = home.hook("PreToolUse", home.payload("PreToolUse", "s"), prelude=NAMES + "import json\n")
    assert not FORBIDDEN.isdisjoint(done.stderr.decode().split())


def test_the_command_line_is_not_loaded_for_a_hook_nor_the_hook_for_a_command(home: Home) -> None:
    script = (
        "import atexit, sys; sys.argv = ['codememory', '--version']\n"
        "atexit.register(lambda: print('codememory.hook' in sys.modules))\n"
        "from codememory.__main__ import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=home.environment, check=False)
    assert b"False" in done.stdout
