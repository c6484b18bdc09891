"""A store of a given size, made through the real ingest and marking, and an environment as the plugin builds it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import sysconfig
import uuid
import venv
from pathlib import Path
from time import time

import apsw

from codememory import db, ingest, outcomes, records
from codememory.extract.calls import call_of
from codememory.store import calls, memories, projects, sessions

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("apsw",)
LINES_PER_SESSION = 500
WORDS = (
    "invoice total parser token cache retry socket schema migrate render index cursor ledger worker queue batch commit"
    " branch merge timeout fixture snapshot handler request response header payload buffer stream encode decode hash"
    " signature lifecycle summary anchor budget deadline session transcript project folder module package import export"
).split()


def environment(folder: Path) -> Path:
    """Make an environment like the plugin's: an interpreter, its packages and compiled source. No network."""
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    site = next((folder / "lib").glob("python3*/site-packages"))
    shutil.copytree(ROOT / "codememory", site / "codememory", ignore=shutil.ignore_patterns("__pycache__"))
    installed = Path(sysconfig.get_paths()["platlib"])
    for name in PACKAGES:
        shutil.copytree(installed / name, site / name)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-X", "no_debug_ranges", "-m", "compileall", "-q", str(site)], check=True)
    subprocess.run([python, "-X", "no_debug_ranges", str(site / "codememory" / "bundle.py"), str(site)], check=True)
    return folder


def fill(path: Path, project: Path, *, messages: int, nodes: int, seed: int = 7) -> None:
    """Write a store of about so many messages and exactly so many nodes, half of them failures."""
    project.mkdir(parents=True, exist_ok=True)
    connection = db.connect(str(path))
    chance = random.Random(seed)
    sources = path.parent / "transcripts"
    sources.mkdir(exist_ok=True)
    for number in range(-(-messages // LINES_PER_SESSION)):
        file = sources / f"{uuid.UUID(int=chance.getrandbits(128), version=4)}.jsonl"
        file.write_text("".join(line(chance, file.stem, project, at) for at in range(LINES_PER_SESSION)))
        ingest.ingest(connection, str(file), 1_780_000_000_000 + number)
        file.unlink()
    _nodes(connection, project, nodes, chance)
    db.shorten_wal(connection, 0)
    connection.close()


def line(chance: random.Random, session: str, project: Path, at: int) -> str:
    """Return one line of a made-up session: somebody says something, calls a tool, gets its result."""
    text = " ".join(chance.choices(WORDS, k=40))
    call = f"toolu_{session[:8]}_{at // 3}"
    content: list[dict[str, object]] = [{"type": "text", "text": f"step {at}: {text}"}]
    role = "assistant"
    if at % 3 == 1:
        given = {"command": f"make {chance.choice(WORDS)}"} if at % 2 else {"file_path": f"{project}/src/{text[:9]}.py"}
        content = [{"type": "tool_use", "id": call, "name": "Bash" if at % 2 else "Read", "input": given}]
    elif at % 3 == 2:
        role, content = "user", [{"type": "tool_result", "tool_use_id": call, "content": text * 3}]
    elif at % 60 == 0:
        role = "user"
    return transcript_line(chance, session, project, role, content)


def transcript_line(
    chance: random.Random, session: str, project: Path, role: str, content: list[dict[str, object]]
) -> str:
    """Return one line as the client writes it."""
    line = {
        "parentUuid": None,
        "isSidechain": False,
        "cwd": str(project),
        "sessionId": session,
        "version": "2.1.197",
        "gitBranch": "main",
        "type": role,
        "message": {"role": role, "content": content},
        "uuid": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "timestamp": "2026-03-01T10:00:00.000Z",
    }
    return json.dumps(line) + "\n"


def _nodes(connection: apsw.Connection, project: Path, nodes: int, chance: random.Random) -> None:
    now = int(time() * 1000)
    connection.execute("BEGIN IMMEDIATE")
    place = projects.place_of(connection, str(project), now)
    session = sessions.create(connection, "bench", place.project_id, now)
    for number in range(nodes):
        if number % 2:
            call = call_of(f"toolu_n{number}", "Bash", {"command": f"make {chance.choice(WORDS)}-{number % 900}"},
                           root=place.root, cwd=place.root, at=now)  # fmt: skip
            error = f"Exit code 2\nmake: *** [Makefile:{number}: {chance.choice(WORDS)}_{number}] Error 2"
            calls.record(connection, session.session_id, call)
            ending = outcomes.Ending(error, is_error=True, at=now - number, cwd=place.root)
            outcomes.settle(connection, call, ending, session_id=session.session_id, place=place)
        else:
            kind = chance.choice(("decision", "constraint", "task"))
            draft = memories.Draft(
                records.key_of("bench", str(number)), kind, " ".join(chance.choices(WORDS, k=12)) + f" case{number}",
                place.project_id, session.session_id, origin="user", trust="stated", confidence=1.0,
                tags=[("file", f"src/{chance.choice(WORDS)}_{number % 700}.py", 1.0)],
            )  # fmt: skip
            memories.add(connection, draft, now - number)
    connection.execute("COMMIT")


if __name__ == "__main__":
    fill(Path(sys.argv[1]), Path(sys.argv[2]), messages=int(sys.argv[3]), nodes=int(sys.argv[4]))
