"""Score the recognition of lasting rules, and of later ones that supersede, on a folder with `dialogues.jsonl`.

A line holds one dialogue: `mentor`, `mentee` and `sessions`, each with `text`, `type` and `topic` in parallel. The mentor's
turns are read as a user's prompts. A topic is matched when an extracted rule names its value (what the topic has in quotes)
and at least half of its other content words, the thing it is about (function, method, argument…) among them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from codememory.extract.statements import Statement, statements_in, supersedes
from codememory.extract.subjects import stem_of
from codememory.extract.wording import values_of

KINDS = ("constraint", "preference")
FILLED = frozenset("a an the always all is it if even not in of for as with your from use include add to at most never not do when write writing main prefer preferr".split())
ALIKE = {"begin": "start", "prefix": "start", "suffix": "end", "append": "end", "parameter": "argument", "hint": "annotation",
         "block": "statement", "number": "digit", "upper": "case", "uppercase": "case", "camel": "case", "camelcas": "case",
         "camelcase": "case", "snake_cas": "case", "snake_case": "case"}  # fmt: skip
THINGS = frozenset("argument attribute variable method class function".split())


def content(text: str) -> set[str]:
    """Give the stems of the words that say what a rule is about."""
    plain = "".join(character if character.isalnum() or character in "_@-/" else " " for character in text.lower())
    stems = {stem_of(word.strip("_@-")) for word in plain.split() if word not in FILLED}
    return {ALIKE.get(stem, stem) for stem in stems if stem}


def matches(topic: str, rule: str) -> bool:
    """Tell whether a rule states a topic."""
    values = [value.lower() for _, value in values_of(topic) if value != "pedantic"]
    low = rule.lower()
    if not all(value in low for value in values):
        return False
    wanted = content(topic)
    for value in values:
        wanted -= content(value)
    stated = content(rule)
    things = wanted & THINGS
    if "argument" in things:
        things = {"argument"}
    rest = wanted - THINGS
    return things <= stated and len(rest & stated) * 2 >= len(rest)


def turns(session: dict[str, Any], mentor: str) -> list[str]:
    """Give what the mentor says, without the name before it."""
    head = f"{mentor}: "
    return [part.strip()[len(head) :] for part in session["text"].split("\n") if part.strip().startswith(head)]


def subject_of_topic(topic: str) -> frozenset[str]:
    """Give what an update of a topic leaves unchanged: its words without its value."""
    words = content(topic)
    for _, value in values_of(topic):
        words -= content(value)
    return frozenset(words)


def score(dialogues: list[dict[str, Any]], show: int = 0) -> dict[str, float]:
    """Measure recall of instructions, precision of what is extracted, small talk, and supersession."""
    count = dict.fromkeys(
        ("instructions", "found", "workflow", "workflow_found", "extracted", "right", "workflow_right", "talk", "talk_hit",
         "updates", "seen", "superseded", "wrong_superseded", "pairs"), 0)  # fmt: skip
    for dialogue in dialogues:
        history: list[tuple[str, Statement]] = []
        work: set[str] = set()
        for session in dialogue["sessions"]:
            rules = [
                found
                for turn in turns(session, dialogue["mentor"])
                for found in statements_in(turn, role="user")
                if found.kind in KINDS
            ]
            topics = list(zip(session["type"], session["topic"], strict=True))
            coding = [topic for kind, topic in topics if kind.startswith("instruction")]
            workflow = [topic for kind, topic in topics if kind.startswith("filler-instruction")]
            if not coding and not workflow:
                count["talk"] += 1
                count["talk_hit"] += bool(rules)
            work.update(workflow)
            stated: list[tuple[str, Statement]] = []
            for topic in coding + workflow:
                hits = [found for found in rules if matches(topic, found.text)]
                prefix = "" if topic in coding else "workflow_"
                count["instructions" if not prefix else "workflow"] += 1
                count[prefix + "found"] += bool(hits)
                if not hits and show > 0 and not prefix:
                    show -= 1
                    said = [turn for turn in turns(session, dialogue["mentor"]) if matches(topic, turn)]
                    print("MISSED", topic, *(said or ["(not said by the mentor)"]), sep="\n      ")
                stated += [(topic, found) for found in hits[:1]]
            for found in rules:
                count["extracted"] += 1
                right = any(matches(topic, found.text) for topic in coding)
                count["right"] += right
                beside = not right and any(matches(topic, found.text) for topic in workflow)
                count["workflow_right"] += beside
                if not right and not beside and show > 0:
                    show -= 1
                    print("WRONG ", found.text, "\n      ", coding, workflow)
            updated = {topic for kind, topic in topics if kind == "instruction-update"}
            for topic, found in stated:
                earlier = [(name, old) for name, old in history if subject_of_topic(name) == subject_of_topic(topic)]
                if topic in updated:
                    count["updates"] += 1
                    if earlier and earlier[-1][0] != topic:
                        count["seen"] += 1
                        won = supersedes(found, earlier[-1][1]) == "supersedes"
                        count["superseded"] += won
                        if not won and show > 0:
                            show -= 1
                            print("KEPT  ", found.subject, "|", found.text, "\n   ", earlier[-1][1].subject, "|", earlier[-1][1].text)
                for name, old in history:
                    if topic in coding and name not in work and subject_of_topic(name) != subject_of_topic(topic):
                        count["pairs"] += 1
                        wrong = supersedes(found, old) != ""
                        count["wrong_superseded"] += wrong
                        if wrong and show > 0:
                            show -= 1
                            print("STOLE ", found.subject, "|", found.text, "\n   ", old.subject, "|", old.text)
            history += stated
    return {
        "instructions": count["instructions"],
        "recall": round(count["found"] / max(1, count["instructions"]), 3),
        "recall_workflow": round(count["workflow_found"] / max(1, count["workflow"]), 3),
        "extracted": count["extracted"],
        "precision": round((count["right"] + count["workflow_right"]) / max(1, count["extracted"]), 3),
        "precision_workflow_wrong": round(count["right"] / max(1, count["extracted"]), 3),
        "precision_workflow_left_out": round(count["right"] / max(1, count["extracted"] - count["workflow_right"]), 3),
        "talk_sessions": count["talk"],
        "talk_sessions_with_a_rule": count["talk_hit"],
        "updates_with_predecessor": count["seen"],
        "superseded": round(count["superseded"] / max(1, count["seen"]), 3),
        "superseded_of_all_updates_stated": round(count["superseded"] / max(1, count["updates"]), 3),
        "unrelated_pairs": count["pairs"],
        "unrelated_superseded": count["wrong_superseded"],
    }


def main() -> None:
    """Print the score of the dialogues in the folder named first; a number after it shows as many misses."""
    folder = Path(sys.argv[1])
    lines = (folder / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    print(json.dumps(score([json.loads(line) for line in lines], int(sys.argv[2]) if len(sys.argv) > 2 else 0), indent=1))


if __name__ == "__main__":
    main()
