"""What a prompt wants to know, told by phrases: data first."""

from __future__ import annotations

FAILING = (
    "error", "fail", "crash", "exception", "broken", " red", "traceback", "panic", "refused", "denied", "cannot",
    "can't", "won't", "doesn't", "complain", "undefined", " race", "warning", " leak", "flaky", " hang", "stuck",
    "timeout", "timed out", "失败", "报错", "错误", "异常",
)  # fmt: skip
"""Something goes wrong."""

QUOTED = "Traceback (most recent call last)"
"""A quoted report is looked up by its signature; the words in it would bring failures of any other kind."""

ASKING = (
    " should ", " which ", " here ", " allowed", " supposed", " how do", " how long ", " how many ", " how much ",
    " how often ", " when do", " where do", " why do", " do we ", " did we ", " are we ", " have we ", " we use ",
    " our ", " must we ", " may we ", " were we ", "我们", "应该", "可以", "能不能", "多久", "哪", "吗",
)  # fmt: skip
"""It is asked what holds in this project, not what is to be done now."""

CHOOSING = (
    " which ", " what ", " should ", " can we ", " could we ", " let's ", " instead ", " switch ", " replace ",
    " why ", " would ", " rather ", " move to ", " try ", " prefer ", " can i ", " could i ", " shall ", " is ",
    "哪", "换成", "能不能",
)  # fmt: skip
"""One thing may be taken in place of another."""

WHY = (" why ", " reason", " how come ", " instead of ", "为什么", "为何")
PERMITTED = (
    " should ", " may ", " allowed", " can i ", " can we ", " could i ", " is it ok", " is it fine", " must ",
    " let's ", " i'll ", " i'd like", " fine", "可以", "能不能", "应该", "允许",
)  # fmt: skip

PREFERENCE = 1.15
"""How much further to the front a memory of the kind that is wanted stands."""


class Intent:
    """What a prompt wants: each is False or True; `kind` is the kind of memory that answers it best, or ''."""

    __slots__ = ("asking", "choosing", "failing", "kind")

    def __init__(self, text: str) -> None:
        said = f" {' '.join(text.lower().split())} "
        self.failing = _holds(said, FAILING) and QUOTED not in text
        self.asking = _holds(said, ASKING)
        self.choosing = _holds(said, CHOOSING)
        self.kind = ""
        if self.failing:
            self.kind = "failure"
        elif _holds(said, WHY):
            self.kind = "decision"
        elif _holds(said, PERMITTED):
            self.kind = "constraint"


def _holds(said: str, marks: tuple[str, ...]) -> bool:
    return any(mark in said for mark in marks)
