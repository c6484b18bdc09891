"""How many planted secrets redaction takes out, what it takes out wrongly, and what it costs.

usage: python -m benchmarks.redaction [FOLDER] [--show missed|redacted] [--ci]

`recall`: each line of `planted_secrets.txt` is a place where secrets occur (`kind`, tab, text; `⟦…⟧` is a secret in it,
`«an36»` stands for 36 random letters and digits, and so on), filled in by a seeded generator, so that nothing in the
file has the form of a secret. A secret is out when no stretch of it longer than half is left, in the bare text, among
other words, and in a tool result's JSON.

`cost`: the processor time of redaction against that of decoding the same lines, and against that of a whole hook which
takes in a delta of ordinary lines.

`precision`, with a FOLDER of transcripts: redactions for each 10,000 words, to be read with `--show redacted`.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import re
import string
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

from codememory import redact, transcript

PLANTED = Path(__file__).with_name("planted_secrets.txt")
RECALL_MIN = 0.98
HOOK_SHARE_MAX = 0.10
REPEATS = 5
DELTA_LINES = 12
COST_LINES = 3_000

ALPHABETS = {
    "an": string.ascii_letters + string.digits,
    "lc": string.ascii_lowercase + string.digits,
    "hx": string.digits + "abcdef",
    "HX": string.digits + "ABCDEF",
    "up": string.ascii_uppercase + string.digits,
    "b6": string.ascii_letters + string.digits + "+/",
    "bu": string.ascii_letters + string.digits + "-_",
    "dg": string.digits,
    "al": string.ascii_lowercase,
}
WORDS = (
    "copper lantern orbit velvet thistle marble harbour pepper saddle quartz ribbon walnut tundra falcon meadow ginger"
).split()
SYMBOLS = "!#%*_+-."


def value(drawn: random.Random, code: str, length: int) -> str:
    """Return a made-up value: of an alphabet, or `pw` a generated password, `wk` a person's, `ps` and `ph` phrases of
    words, `pem` lines of base64, `uu` a UUID.
    """
    if code == "pw":
        middle = "".join(drawn.choice(ALPHABETS["an"] + SYMBOLS) for _ in range(length - 3))
        return drawn.choice(string.ascii_uppercase) + middle + drawn.choice("!#%*") + drawn.choice("23456789") + "k"
    if code == "wk":
        return drawn.choice(WORDS) + "".join(drawn.choice(string.digits) for _ in range(length))
    if code in ("ps", "ph"):
        return (" " if code == "ps" else "-").join(drawn.choice(WORDS) for _ in range(length))
    if code == "pem":
        return "\n".join(value(drawn, "b6", 64) for _ in range(length))
    if code == "uu":
        return "-".join(value(drawn, "hx", part) for part in (8, 4, 4, 4, 12))
    made = "".join(drawn.choice(ALPHABETS[code]) for _ in range(length))
    if length >= 12 and code != "al" and not any(char.isdigit() for char in made):
        made = f"{made[:5]}7{made[6:]}"
    return made


def planted(seed: int = 0) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (kind, text, the secrets in it) of every line of the file."""
    for number, line in enumerate(PLANTED.read_text(encoding="utf-8").splitlines()):
        kind, _, template = line.partition("\t")
        drawn = random.Random(f"{seed}-{number}")
        text = template.replace("⏎", "\n").replace("⇥", "\t").replace("␍", "\r")
        text = re.sub(
            "«([a-zA-Z0-9]{2,3}?)([0-9]*)»",
            lambda found: value(drawn, found[1], int(found[2] or 0)),  # noqa: B023 - used at once
            text,
        )
        text = re.sub("‹b64:(.*?)›", lambda found: base64.b64encode(found[1].encode()).decode(), text, flags=re.S)
        secrets = re.findall("⟦(.*?)⟧", text, flags=re.S)
        yield kind, text.replace("⟦", "").replace("⟧", ""), secrets


def is_left(text: str, secret: str) -> bool:
    """Tell whether more than half of any line of a secret can be read in a text."""
    for line in secret.split("\n"):
        part = line.strip("+ \r")
        size = max(len(part) * 6 // 10, min(5, len(part)))
        if any(part[at : at + size] in text for at in range(len(part) - size + 1)):
            return True
    return False


def missed(seed: int = 0) -> list[tuple[str, str]]:
    """Return (kind, text) of the lines of which a secret is left in one of the ways it can come."""
    found = []
    for kind, text, secrets in planted(seed):
        result = redact.redacted_value([{"type": "tool_result", "tool_use_id": "toolu_1", "content": text}])
        ways = (redact.redacted(text), redact.redacted(f"Look at this.\n{text}\nThanks a lot."), result[0]["content"])
        if any(is_left(way, secret) for way in ways for secret in secrets):
            found.append((kind, text))
    return found


def texts_of(given: Any) -> Iterator[str]:
    """Yield the strings of decoded JSON, in order."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, list | dict):
        for child in given.values() if isinstance(given, dict) else given:
            yield from texts_of(child)


def read(folder: Path) -> Iterator[transcript.Line]:
    """Yield every conversation line of a folder's transcripts once."""
    seen = set()
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open("rb") as file:
            for raw in file:
                try:
                    values = transcript.decoded(raw)
                except ValueError:
                    continue
                for given in values:
                    line = (
                        transcript.conversation_line(given, "s", "", 0, len(raw)) if isinstance(given, dict) else None
                    )
                    if line and line.key not in seen:
                        seen.add(line.key)
                        yield line


def precision(folder: Path) -> tuple[int, list[tuple[str, str]]]:
    """Return (words, (text before, what was redacted)) over a folder of transcripts."""
    words, found = 0, []
    for line in read(folder):
        whole = [line.blocks, line.extra]
        cleaned = redact.redacted_value(whole)
        for before, after in zip(texts_of(whole), texts_of(cleaned), strict=True):
            words += len(before.split())
            if after != before:
                at = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
                found += [(before[max(at - 70, 0) : at + 60], after[max(at - 10, 0) : at + 60])] * max(
                    after.count("[redacted:") - before.count("[redacted:"), 1
                )
    return words, found


def ordinary_lines(count: int) -> list[bytes]:
    """Return lines as a session has them: words, commands, code and listings, with ids but without secrets."""
    drawn = random.Random(3)
    lines = []
    for number in range(count):
        words = " ".join(drawn.choice(WORDS) for _ in range(drawn.choice((8, 40, 160))))
        code = "\n".join(f"{at:6}\tdef handle_{drawn.choice(WORDS)}(self, name: str) -> None:" for at in range(40))
        content = [
            [{"type": "text", "text": words}],
            [{"type": "tool_use", "id": f"toolu_{value(drawn, 'an', 24)}", "name": "Bash",
              "input": {"command": f"git log --oneline -n 20 src/{drawn.choice(WORDS)}.py && make test"}}],
            [{"type": "tool_result", "tool_use_id": f"toolu_{value(drawn, 'an', 24)}", "content": f"{words}\n{code}"}],
        ][number % 3]  # fmt: skip
        role = "user" if number % 3 == 2 else "assistant"
        lines.append(
            json.dumps(
                {"type": role, "uuid": value(drawn, "uu", 0), "sessionId": value(drawn, "uu", 0), "cwd": "/tmp/x",
                 "timestamp": "2026-03-01T10:00:00.000Z", "message": {"role": role, "content": content}}
            ).encode()
        )  # fmt: skip
    return lines


def least(work: Any) -> float:
    """Return the least processor seconds of several runs."""
    taken = []
    for _ in range(REPEATS):
        started = process_time()
        work()
        taken.append(process_time() - started)
    return min(taken)


def cost(raws: list[bytes]) -> dict[str, float]:
    """Return milliseconds of decoding and of redacting lines, and their ratio."""

    def decoded() -> list[Any]:
        found = []
        for raw in raws:
            try:
                found += transcript.decoded(raw)
            except ValueError:
                continue
        return found

    lines = [
        line
        for given in decoded()
        if isinstance(given, dict) and (line := transcript.conversation_line(given, "s", "", 0, 1))
    ]

    def redacted() -> None:
        for line in lines:
            redact.redacted_value(line.blocks)
            redact.redacted_value(line.extra)

    decoding, redacting = least(decoded), least(redacted)
    return {
        "decode_ms": round(decoding * 1e3, 1),
        "redact_ms": round(redacting * 1e3, 1),
        "of_decoding": round(redacting / decoding, 3),
    }


TIMED = """
import sys, time
sys.path[:0] = [{source!r}]
import codememory.redact.rules
spent = [0.0]
def timed(work):
    def run(*given):
        started = time.process_time()
        try:
            return work(*given)
        finally:
            spent[0] += time.process_time() - started
    return run
started = time.process_time()
from codememory import redact
spent[0] += time.process_time() - started
redact.redacted, redact.redacted_value = timed(redact.redacted), timed(redact.redacted_value)
import os
leave = os._exit
def told(code):
    os.write(2, f"{{spent[0]}} {{time.process_time()}}".encode())
    leave(code)
os._exit = told
from codememory import hook
sys.argv = ["codememory", "hook", {event!r}]
hook.main()
"""


def hook_share(event: str = "PostToolUse") -> float:
    """Return redaction's share of a hook's processor time, its import included, when it takes in an ordinary delta."""
    source = str(Path(__file__).resolve().parents[1])
    shares = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        session = "0b9d2a60-1111-4222-8333-444455556666"
        path = home / "session.jsonl"
        lines = ordinary_lines(DELTA_LINES * (REPEATS + 1))
        command = {"command": "make test"}
        payload = {"session_id": session, "transcript_path": str(path), "cwd": folder, "hook_event_name": event,
                   "tool_name": "Bash", "tool_use_id": "toolu_1", "tool_input": command,
                   "tool_response": {"stdout": "ok\n" * 200, "stderr": ""}}  # fmt: skip
        for number in range(REPEATS + 1):
            path.write_bytes(b"\n".join(lines[: DELTA_LINES * (number + 1)]) + b"\n")
            done = subprocess.run(
                [sys.executable, "-I", "-c", TIMED.format(source=source, event=event)],
                input=json.dumps(payload).encode(), capture_output=True, check=True, cwd=folder,
                env={"HOME": folder, "PATH": os.environ["PATH"]},
            )  # fmt: skip
            spent, whole = map(float, done.stderr.split())
            shares.append(spent / whole)
    return min(shares[1:])


def main() -> None:
    """Print the report as JSON; with `--ci` fail below the limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--show", choices=("missed", "redacted"), default="")
    parser.add_argument("--ci", action="store_true")
    given = parser.parse_args()
    left = missed()
    total = sum(1 for _ in planted())
    report: dict[str, Any] = {
        "planted": total,
        "kinds": len({kind for kind, _, _ in planted()}),
        "recall": round(1 - len(left) / total, 4),
        "missed": dict(Counter(kind for kind, _ in left)),
        "hook_share": round(hook_share(), 4),
        "cost": cost(ordinary_lines(COST_LINES)),
    }
    shown = [f"{kind}: {text!r}" for kind, text in left] if given.show == "missed" else []
    if given.folder:
        words, found = precision(given.folder)
        report |= {"words": words, "redactions": len(found), "per_10_000_words": round(len(found) / words * 1e4, 3)}
        raws = [line for path in sorted(given.folder.rglob("*.jsonl")) for line in path.read_bytes().splitlines()]
        report["cost_of_transcripts"] = cost(raws)
        if given.show == "redacted":
            shown = [f"{before!r} → {after!r}" for before, after in found]
    print(json.dumps(report, indent=2, ensure_ascii=False))
    print("\n".join(shown), end="\n" if shown else "")
    if given.ci and (report["recall"] < RECALL_MIN or report["hook_share"] > HOOK_SHARE_MAX):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
