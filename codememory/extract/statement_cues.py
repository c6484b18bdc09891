"""What a message must contain to be read for lasting statements at all: data only, English and Chinese."""

from __future__ import annotations

USER_CUES = (
    "keep ", "from here", "stick to", "only ", "要用", "不超过", "always", "never", "must", "from now",
    "going forward", "moving forward", "future", "henceforth", "from today", "from this point", "want you to",
    "like you to", "need you to", "expect you to", "like us to", "want us to", "make sure", "ensure", "be sure",
    "remember", "mandatory", "required", "should", "have to", "need to", "please", "don't", "don’t", "do not",
    "avoid", "refrain", "stop ", "prefer", "instead", "rather", "we use", "we'll", "we’ll", "we are ", "we're",
    "we only", "we now", "we decided", "we've decided", "convention", "standard", "rule", "policy", "practice",
    "habit", "no longer", "whenever", "every ", "each ", "all ", "any ", " only ", "names", "naming", "no ",
    "use ", "let's", "decided", "chose", "settled", "going with", "go with", "want", "still need", "todo",
    "later", "prefer", "allowed", "we squash", "we rebase", "we merge", "we deploy", "we release", "commits", "prs ",
    "branch", "releases", "deploys", "hotfix", "migration", "features", "requests", "tags ", " per ", "rebase,", "ask ",
    "check with me", "without ", "we cut", "we tag", "forbidden", "would like", "remind me", "importance of",
    "didn't work", "did not work", "let's use", "mustn't", "cannot", "can't", "必须",
    "不要", "不得", "不能", "不许", "不准", "禁止", "别", "务必", "一律", "统一", "始终", "永远", "总是", "以后",
    "今后", "从现在", "从今", "每次", "所有", "只能", "只用", "改用", "不再", "规范", "约定", "规定", "要求",
    "优先", "待办", "之后", "后续", "回头", "稍后", "喜欢", "决定", "还是", "应该", "应当", "尽量", "代替", "而不是",
    "行不通", "没有用", "记得", "记住", "我们", "不用",
)  # fmt: skip
WORKFLOW_CUES = (
    "push", "commit", "merg", "rebas", "squash", "deploy", "releas", " tag", " ship ", "branch", " pr ", " prs ",
    " mr ", " mrs ", "requests", "publish", "install", "review", "upgrad", "hotfix", "migration", " dependenc",
    "new features", " adding ", "changelog", "versioning", "backport", " cut ", "gitflow", "git flow",
)  # fmt: skip
"""What a sentence must contain to be read for a rule of the way of working."""

ASSISTANT_CUES = (
    "decid", "decision", "chose", "opted", "opting", "went with", "going with", "go with", "settled on", "because",
    "since ", "so that", "to avoid", "to prevent", "to keep", "to ensure", "instead of", "rather than",
    "in favor of", "in favour of", "root cause", "intentional", "by design", "deliberate", "work because",
    "ruled out", "rejected", "not viable", "reverted", "abandoned", "todo:", "still open", "follow-up",
    "open question", "left open", "remaining work", "left to do", "not done", "tried", "—", "决定", "选择", "以免",
    "选用", "采用",
    "改用", "改为", "换成", "根因", "根本原因", "放弃", "行不通", "不可行", "待办", "未完成", "而不是", "遗留",
)  # fmt: skip
