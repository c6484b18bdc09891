"""The user's own word on whether something works now, English and Chinese.

Only a clause that says nothing else counts, and nothing beside it may take it back: "it works if …", "does it work",
"make sure it works" and "它还没好" are no verdicts.
"""

from __future__ import annotations

SENTENCE_CHARS_MAX = 120

CORES = frozenset(
    """works|working|passes|pass|fixed|solved|resolved|gone|green|all good|all green|good to go
    problem solved|problem gone|issue resolved|issue fixed|bug fixed|did it|did the trick|fixed it|solved it|fixed
    the issue
    fixed the problem|fixed the bug|solved the problem|no more errors|no
    errors|runs|builds|compiles|succeeds""".replace("\n", "|")
    .replace("    ", "")
    .split("|")
)
"""What is left of such a clause when its subject and its ornaments are taken away."""

SUBJECTS = frozenset(
    """it its that thats this everything all both tests test build bug error issue problem crash login page app
    suite check
    the my is are now seems to be has been have was the again""".split()
)
CONTINUED = frozenset(("did", "fixed", "solved", "no"))
"""A core that begins so needs a subject before it: "fixed it" alone may be an order's echo."""

ORNAMENTS = frozenset(
    """yes yep yeah yup ok okay great perfect perfectly nice cool awesome excellent amazing thanks thank you thx so
    much now
    finally fine again well correctly properly confirmed indeed good nicely already all just really very sweet lovely
    wonderful works as expected intended everywhere too here""".split()
)
RETRACTING = (
    "not", "n't", "never", "no longer", "still", "if", "when", "until", "once", "unless", "but", "except", "only",
    "almost",
    "should", "would", "could", "how", "why", "what", "whether", "however", "although", "though", "check",
    "verify", "or",
)  # fmt: skip

CHINESE_CORES = (
    "没有错误了", "没问题了", "可以用了", "不报错了", "解决了", "修好了", "修复了", "可以了", "通过了", "正常了",
    "搞定了", "能用了", "成功了", "好了",
)  # fmt: skip
"""The longest first."""
CHINESE_ORNAMENTS = (
    "太好了", "谢谢你", "现在", "已经", "问题", "终于", "这下", "这次", "测试", "全部", "谢谢", "好的",
    "ok", "错误", "确实", "完全", "都", "嗯", "哦", "行", "啊", "啦", "它", "了",
)  # fmt: skip
"""The longest first."""
CHINESE_RETRACTING = (
    "没好",
    "不行",
    "还是",
    "还没",
    "如果",
    "但",
    "怎么",
    "是否",
    "吗",
    "不过",
    "只有",
    "再",
    "要是",
    "等",
)


def says_it_works(prompt: str) -> bool:
    """Tell whether a prompt begins with the report of success, and nothing near it takes that back."""
    text = prompt.strip().lower().replace("’", "'")
    sentence, rest = _first_sentence(text)
    if rest and _is_ornament(sentence.replace(",", " ")):
        sentence, rest = _first_sentence(rest)
    if not sentence or len(sentence) > SENTENCE_CHARS_MAX or "?" in sentence or "？" in sentence:
        return False
    following = _first_sentence(rest)[0]
    if following.startswith(("but ", "however", "except", "still", "although", "但", "不过", "还是")):
        return False
    clauses = [clause.strip() for clause in sentence.replace("，", ",").replace("、", ",").split(",") if clause.strip()]
    if any(_retracts(clause) for clause in clauses):
        return False
    for clause in clauses:
        if _is_verdict(clause) or _is_chinese_verdict(clause):
            return True
        if not _is_ornament(clause):
            return False
    return False


def _first_sentence(text: str) -> tuple[str, str]:
    ends = [end for mark in (". ", ".\n", "!", "\n", "。", "！", ";", "；", " - ") if (end := text.find(mark)) >= 0]
    end = min(ends, default=len(text))
    sentence = text[:end].strip().rstrip(".")
    rest = text[end:].lstrip(".!\n。！;；- ")
    return (sentence, rest) if sentence or not rest else _first_sentence(rest)


def _retracts(clause: str) -> bool:
    words = clause.replace("'t", " n't").split()
    if words[:1] and words[0] in ("is", "are", "was", "has", "does", "did", "do") and words[:2] != ["did", "it"]:
        return True  # a question without its mark
    return (
        any(mark in words for mark in RETRACTING)
        or "no longer" in clause
        or any(mark in clause for mark in CHINESE_RETRACTING)
    )


def _is_verdict(clause: str) -> bool:
    words = [word.strip('.:)("~*') for word in clause.replace("'s", " is").replace("'re", " are").split()]
    while words and words[-1] in ORNAMENTS and " ".join(words[-2:]) not in CORES and words[-1] != "works":
        words = words[:-1]
    for start in range(len(words)):
        core = " ".join(words[start:])
        if core in CORES:
            before = words[:start]
            alone = not [word for word in before if word not in ORNAMENTS]
            if alone and words[start] in CONTINUED and core != "no errors":
                return core == "fixed" and bool(before)
            return all(word in SUBJECTS or word in ORNAMENTS for word in before)
    return False


def _is_chinese_verdict(clause: str) -> bool:
    text = clause.replace(" ", "")
    for core in CHINESE_CORES:
        before, found, after = text.partition(core)
        if found:
            return _only_ornaments(before) and _only_ornaments(after)
    return False


def _only_ornaments(text: str) -> bool:
    for ornament in CHINESE_ORNAMENTS:
        text = text.replace(ornament, "")
    return not text.strip(" ~!！。.")


def _is_ornament(clause: str) -> bool:
    words = clause.split()
    return bool(words) and (all(word in ORNAMENTS for word in words) or _only_ornaments(clause))
