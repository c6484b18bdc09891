"""Words by which an assistant's decision is told from its talk: data only, English and Chinese."""

from __future__ import annotations

from codememory.extract.wording import phrases

CHOICES = phrases(
    "we decided", "i decided", "i've decided", "we've decided", "i opted", "we opted", "i went with",
    "we went with", "i settled on", "we settled on", "i chose", "we chose", "we've chosen", "i've chosen",
    "i'll go with", "we'll go with", "i'm going with", "we're going with", "i've gone with", "was chosen",
    "were chosen",
)  # fmt: skip
CHOICE_VERBS = frozenset("decided opted chose went settled picked".split())
DECISION_LABELS = (
    "decision:", "key decision:", "design decision:", "key design decision:", "design choice:", "decided:",
    "chosen approach:", "final decision:", "决定：", "决定:", "决策：", "决策:", "最终方案：", "最终方案:",
)  # fmt: skip
CHANGED = frozenset(
    """replaced switched changed renamed moved removed kept dropped converted migrated extracted split merged made
    used refactored simplified disabled enabled pinned reverted excluded restricted declined deferred skipped
    adopted inlined added left limited wrapped bumped downgraded upgraded hardcoded set ignored avoided restored
    deleted swapped rewrote redesigned consolidated unified chose preserved retained relaxed tightened introduced
    standardized standardised updated implemented reordered exposed guarded cached created took scoped gated
    decoupled centralized deduplicated hoisted""".split()
)
# What ends in s after `now` and is no verb that says what a thing does.
NOT_DOING = frozenset(
    "it's that's there's is has was this us always requires shows contains needs fails means expects".split()
)
REASONS = (
    "because", "since", "so that", "to avoid", "to prevent", "to keep", "to ensure", "due to", "so the", "so it",
    "so they", "so we", "as it", "as they", "to make sure", "otherwise", "to preserve", "to break", "to eliminate",
    "to reduce", "to guard", "to protect", "for consistency", "for clarity", "for safety", "for performance",
    "for compatibility", "for simplicity", "for backward", "for backwards", "for readability", "for security",
)  # fmt: skip
PAUSES = (": ", "; ", " — ", " – ")
CAUSES = ("because", "since", "due to", "as it", "as they", "so that")
ELSEWHERE = frozenset("but if when wait".split())
LEANING = frozenset("them they these those".split())
JOINTS = frozenset(", - -- → ✅ ✓ and also".split())
FIRST_PERSON = frozenset("i we i've we've".split())
FIX_STARTS = ("the fix is", "the fix was", "the fix:", "fix:", "the fix makes", "the fix ensures", "the main change is")
# By these a reply offers what it names; its fix is then not made.
OFFERING = ("want me to", "would you like", "should i ", "shall i ", "let me know if you")
# After what they follow from.
CONSEQUENCES = phrases(
    "so we use", "so we now", "so we keep", "so we store", "so we skip", "so we run", "so i used", "so i kept",
    "so i switched",
    "so i went with", "so i chose", "so i left", "so we went with", "so we chose", "so we avoid", "so we don't",
)  # fmt: skip
CONTRASTS = ("instead of", "rather than", "in favor of", "in favour of")
NO_CONCLUSION = phrases(
    "let me", "maybe", "perhaps", "recommend", "suggest", "consider", "option",
    "if you", "want me", "i'd", "you could", "probably", "i need", "shall", "let's", "going to", "you can", "if we",
    "i think", "seems", "appears", "suspect",
    "apparently", "hypothesis", "alternatively", "either", "i wonder", "plan to", "unless you",
    "hadn't", "no changes", "the issue is", "the problem is", "diagnostic", "evidence",
    "comment says", "the bug", "instead you", "proposed", "proposal",
    "not sure", "i was going", "whether", "todo",
)  # fmt: skip
# The same, but in a reason they only say what would happen otherwise.
MODAL = phrases(
    "would", "could", "might", "should", "likely", "may", "need to", "needs to", "can be", "will be", "have to",
    "has to", "must", "wrong", "incorrectly",
)  # fmt: skip
INTENTIONAL = phrases(
    "intentional", "intentionally", "by design", "deliberate", "deliberately", "on purpose",
)  # fmt: skip
ROOT_CAUSES = (
    "root cause:", "root cause was", "root cause is", "the root cause", "root cause —", "根因：", "根因是",
    "根本原因是", "根本原因：",
)  # fmt: skip
FIXES = (
    "fixed by", "the fix was", "the fix is", "fix:", "fixed it by", "so we now", "so it now", "so i ", "fixed:",
    "solution:", "resolved by", "the fix:", "修复：", "修复方法", "因此改", "所以改", "改为", "改成",
)  # fmt: skip
FAILED_TRIALS = phrases(
    "didn't work", "did not work", "doesn't work", "does not work", "won't work", "failed because", "not viable",
    "wasn't viable", "isn't viable", "is a dead end", "was a dead end", "isn't an option", "made it worse",
    "broke ",
)  # fmt: skip
TRIALS = phrases(
    "tried", "attempt", "attempted", "approach", "idea", "alternative", "workaround", "first version",
    "previous version", "the earlier",
)  # fmt: skip
REJECTIONS = phrases(
    "ruled out", "i rejected", "we rejected", "decided against", "but rejected", "but discarded",
    "abandoned the approach", "abandoned this", "discarded the idea", "discarded this",
)  # fmt: skip
REJECTION_VERBS = frozenset("rejected discarded abandoned".split())
TASK_LABELS = (
    "todo:", "still open:", "still to do:", "remaining work:", "follow-up:", "follow-ups:", "followup:",
    "left open:", "not done:", "not done yet:", "open task:", "left to do:", "open question:", "deferred:", "待办：",
    "待办:",
    "未完成：", "未完成:", "遗留：", "遗留:", "遗留问题：",
)  # fmt: skip
BUT = phrases("but")
# What an assistant says of its own work comes in these forms only.
OPEN_WORK = phrases(
    "left for a follow-up", "deferred to a follow-up", "remains to be done", "is still open",
)  # fmt: skip
# What is changed when nothing was decided.
CHORES = (
    "test", "tests", "comment", "comments", "docstring", "todo", "todos", "import", "imports", "typo", "assertion",
    "assertions", "expectations", "examples", "example", "doc", "docs", "readme.md", "description", "test-helper",
    "spelling", "unused", "head", "incoming", "also", "temporary", "temp",
    "debug", "print", "sed", "awk", "heredoc", "container", "containers", "lockfile", "process", "worktree",
    "stash", "snapshot", "snapshots", "changelog",
)  # fmt: skip
# What was left as it was; a dash and a reason often follow.
LEFT = frozenset("kept left declined skipped retained preserved rejected".split())
DASHES = (" — ", " – ", " -- ", " - ", " (")

CHINESE_CONTRASTS = ("而不是", "而非", "代替")
CHINESE_CHOICES = ("决定", "选择了", "选择用", "选择使用", "最终选择", "选用", "采用", "改用", "换成", "改为")
CHINESE_REASONS = ("因为", "由于", "以避免", "避免", "以免", "以便", "防止", "为了", "原因是")
CHINESE_NO_CONCLUSION = (
    "可以", "建议", "可能", "也许", "如果", "让我", "我来", "要不要", "是否", "吗", "？", "应该", "还需要", "我需要",
    "需要先", "打算",
    "将会", "推荐", "考虑", "接下来",
)  # fmt: skip
CHINESE_REJECTIONS = ("放弃", "行不通", "不可行", "没有用", "不起作用", "走不通")
