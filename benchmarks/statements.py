"""Score what is recognised as lasting: in single messages, or in a folder with `dialogues.jsonl`.

usage: python -m benchmarks.statements [FOLDER [MISSES]]

Without a folder: the messages of `readings/messages.jsonl`, each labelled by hand with the kind of what is lasting in
it and words that must stand in it; small talk, reports, quotations and orders of the moment have none. A folder's
dialogues are scored so:

A line holds one dialogue: `mentor`, `mentee` and `sessions`, each with `text`, `type` and `topic` in parallel. The
mentor's turns are read as a user's prompts. A rule states a topic when it names the topic's value (what stands there in
quotes), the thing it is about (function, argument…), and at least half of the topic's other content words.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from codememory.extract.statements import Statement, statements_in, supersedes
from codememory.extract.subjects import stem_of
from codememory.extract.wording import values_of

KINDS = ("constraint", "preference")
EMPTY = frozenset(
    """a an the always all is it if even not in of for as with your from use include add to at most never do when write
    writing main prefer preferr""".split()
)
ALIKE = {"begin": "start", "prefix": "start", "suffix": "end", "append": "end", "parameter": "argument"}
ALIKE |= {"hint": "annotation", "block": "statement", "number": "digit"}
ALIKE |= dict.fromkeys("upper uppercase uppercas camel camelcas camelcase snake_cas snake_case".split(), "case")
THINGS = frozenset("argument attribute variable method class function".split())


class Tally:
    """What was counted, and how many misses may still be shown."""

    def __init__(self, show: int) -> None:
        self.count: Counter[str] = Counter()
        self.show = show

    def miss(self, *parts: object) -> None:
        """Show one miss, while any may be."""
        if self.show > 0:
            self.show -= 1
            print(*parts, sep="\n      ")

    def share(self, part: str, whole: str) -> float:
        """Divide two counts."""
        return round(self.count[part] / max(1, self.count[whole]), 3)


def content(text: str) -> set[str]:
    """Give the stems of the words that say what a rule is about."""
    plain = "".join(character if character.isalnum() or character in "_@-/" else " " for character in text.lower())
    stems = {stem_of(word.strip("_@-")) for word in plain.split() if word not in EMPTY}
    return {ALIKE.get(stem, stem) for stem in stems if stem}


def states(topic: str, rule: str) -> bool:
    """Tell whether a rule states a topic."""
    values = [value.lower() for _, value in values_of(topic) if value != "pedantic"]
    low = rule.lower()
    if not all(value in low for value in values):
        return False
    wanted = content(topic)
    for value in values:
        wanted -= content(value)
    said = content(rule)
    things = {"argument"} if "argument" in wanted else wanted & THINGS
    rest = wanted - THINGS
    return things <= said and len(rest & said) * 2 >= len(rest)


def fixed_part(topic: str) -> frozenset[str]:
    """Give what an update of a topic leaves as it is: its words without its value."""
    words = content(topic)
    for _, value in values_of(topic):
        words -= content(value)
    return frozenset(words)


def rules_of(session: dict[str, Any], mentor: str) -> list[Statement]:
    """Read the mentor's turns, without the name before each."""
    head = f"{mentor}: "
    turns = [line.strip()[len(head) :] for line in session["text"].split("\n") if line.strip().startswith(head)]
    return [rule for turn in turns for rule in statements_in(turn, role="user") if rule.kind in KINDS]


def score_session(
    session: dict[str, Any], rules: list[Statement], history: list[tuple[str, Statement]], tally: Tally
) -> None:
    """Count what one session's topics and rules have in common, and what the rules do to earlier ones."""
    topics = list(zip(session["type"], session["topic"], strict=True))
    coding = [topic for kind, topic in topics if kind.startswith("instruction")]
    workflow = [topic for kind, topic in topics if kind.startswith("filler-instruction")]
    count = tally.count
    if not coding and not workflow:
        count["talk"] += 1
        count["talk_hit"] += bool(rules)
    for rule in rules:
        count["extracted"] += 1
        right = any(states(topic, rule.text) for topic in coding)
        beside = not right and any(states(topic, rule.text) for topic in workflow)
        count["right"] += right
        count["right_workflow"] += beside
        if not right and not beside:
            tally.miss("WRONG", rule.text, coding, workflow)
    for topic in workflow:
        count["workflow"] += 1
        count["workflow_found"] += any(states(topic, rule.text) for rule in rules)
    stated = []
    for topic in coding:
        hits = [rule for rule in rules if states(topic, rule.text)]
        count["coding"] += 1
        count["found"] += bool(hits)
        if not hits:
            tally.miss("MISSED", topic, *[rule.text for rule in rules])
        stated += [(topic, rule) for rule in hits[:1]]
    updates = {topic for kind, topic in topics if kind == "instruction-update"}
    for topic, rule in stated:
        _score_succession(topic, rule, topic in updates, history, tally)
    history += stated


def _score_succession(
    topic: str, rule: Statement, update: bool, history: list[tuple[str, Statement]], tally: Tally
) -> None:
    own = [(name, old) for name, old in history if fixed_part(name) == fixed_part(topic)]
    if update and own and own[-1][0] != topic:
        tally.count["updates"] += 1
        won = supersedes(rule, own[-1][1]) == "supersedes"
        tally.count["superseded"] += won
        if not won:
            tally.miss("KEPT", rule.subject, rule.text, own[-1][1].subject, own[-1][1].text)
    for name, old in history:
        if fixed_part(name) != fixed_part(topic):
            tally.count["unrelated"] += 1
            tally.count["unrelated_superseded"] += supersedes(rule, old) != ""


def score(dialogues: list[dict[str, Any]], show: int = 0) -> dict[str, float]:
    """Measure recall and precision of rules, small talk taken for one, and supersession by updates."""
    tally = Tally(show)
    for dialogue in dialogues:
        history: list[tuple[str, Statement]] = []
        for session in dialogue["sessions"]:
            score_session(session, rules_of(session, dialogue["mentor"]), history, tally)
    count = tally.count
    count["right_any"] = count["right"] + count["right_workflow"]
    count["extracted_coding"] = count["extracted"] - count["right_workflow"]
    return {
        "instructions": count["coding"],
        "recall": tally.share("found", "coding"),
        "recall_workflow": tally.share("workflow_found", "workflow"),
        "extracted": count["extracted"],
        "precision_workflow_right": tally.share("right_any", "extracted"),
        "precision_workflow_wrong": tally.share("right", "extracted"),
        "precision_workflow_left_out": tally.share("right", "extracted_coding"),
        "talk_sessions": count["talk"],
        "talk_sessions_with_a_rule": count["talk_hit"],
        "updates_with_a_predecessor": count["updates"],
        "superseded": tally.share("superseded", "updates"),
        "unrelated_pairs": count["unrelated"],
        "unrelated_superseded": count["unrelated_superseded"],
    }


MESSAGES = Path(__file__).parent / "readings" / "messages.jsonl"
ALIKE_KINDS = {"preference": "constraint", "rejection": "decision"}


def score_messages(messages: list[dict[str, Any]], show: int = 0) -> dict[str, float]:
    """Measure precision and recall on labelled messages; a right statement of another kind counts as right too."""
    tally = Tally(show)
    count = tally.count
    for message in messages:
        missing = list(message["lasting"])
        count["lasting"] += len(missing)
        for one in statements_in(message["text"], role=message["role"]):
            count["extracted"] += 1
            said = f"{one.text} {one.reason}".lower()
            hits = [wanted for wanted in message["lasting"] if wanted["has"].lower() in said]
            count["right"] += bool(hits)
            count["kind_right"] += any(wanted["kind"] == ALIKE_KINDS.get(one.kind, one.kind) for wanted in hits)
            missing = [wanted for wanted in missing if wanted not in hits]
            if not hits:
                tally.miss("WRONG", message["id"], one.text)
        count["found"] += len(message["lasting"]) - len(missing)
        for wanted in missing:
            tally.miss("MISSED", message["id"], wanted["has"])
    return {
        "messages": len(messages),
        "lasting": count["lasting"],
        "extracted": count["extracted"],
        "precision": tally.share("right", "extracted"),
        "precision_with_the_kind": tally.share("kind_right", "extracted"),
        "recall": tally.share("found", "lasting"),
    }


def main() -> None:
    """Print the score of the labelled messages by set, or of the dialogues in the folder named first."""
    if len(sys.argv) < 2:
        messages = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
        sets = {one["set"]: [other for other in messages if other["set"] == one["set"]] for one in messages}
        print(json.dumps({name: score_messages(members) for name, members in sets.items()}, indent=1))
        return
    lines = (Path(sys.argv[1]) / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    show = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    print(json.dumps(score([json.loads(line) for line in lines], show), indent=1))


if __name__ == "__main__":
    main()
