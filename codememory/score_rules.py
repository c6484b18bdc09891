"""Cues by which a conversation line is scored: data only, English and Chinese."""

from __future__ import annotations

EDIT_TOOLS = frozenset({"Edit", "Write", "MultiEdit", "NotebookEdit", "ApplyPatch", "str_replace_based_edit_tool"})
COMMAND_TOOLS = frozenset({"Bash", "PowerShell", "KillShell", "KillBash", "TaskStop"})
DECISION_TOOLS = frozenset({"ExitPlanMode", "exit_plan_mode", "AskUserQuestion"})
DELEGATION_TOOLS = frozenset({"Task", "Agent"})
TRACKING_TOOLS = frozenset({"TodoWrite", "TodoRead", "TaskCreate", "TaskUpdate", "EnterPlanMode", "Skill"})

# The input field that names what an exploring call looked at; the first one present counts.
TARGET_FIELDS = {
    "Read": ("file_path", "path"),
    "NotebookRead": ("notebook_path",),
    "LS": ("path",),
    "Glob": ("pattern",),
    "Grep": ("pattern",),
}
# Input fields that make another call of the same target a different look.
TARGET_SCOPES = ("path", "glob", "type", "offset", "limit", "output_mode", "ignore")

# A user line beginning with one of these was written by the client.
SCAFFOLDING_STARTS = (
    "[Request interrupted",
    "Caveat: The messages below were generated",
    "<local-command-caveat>",
    "<local-command-stdout>",
    "<local-command-stderr>",
    "<command-name>",
    "<command-message>",
    "<command-args>",
    "<system-reminder>",
    "<user-prompt-submit-hook>",
    "<session-start-hook>",
    "<task-notification>",
    "<bash-stdout>",
    "<bash-stderr>",
    "<new-diagnostics>",
    "<ide_opened_file>",
    "<ide_selection>",
    "<ide_diagnostics>",
    "Stop hook feedback",
    "No response requested",
    "(no content)",
    "This session is being continued from a previous conversation",
)
# Tags of which a whole line may consist without the user having said anything.
SCAFFOLDING_TAGS = (
    "system-reminder",
    "local-command-caveat",
    "local-command-stdout",
    "local-command-stderr",
    "command-name",
    "command-message",
    "command-args",
    "command-contents",
    "user-prompt-submit-hook",
    "session-start-hook",
    "task-notification",
    "bash-stdout",
    "bash-stderr",
    "new-diagnostics",
    "ide_opened_file",
    "ide_selection",
    "ide_diagnostics",
)
# Assistant lines written by the client, whole.
SCAFFOLDING_REPLIES = frozenset(
    {"No response requested.", "(no content)", "API Error", "[Request interrupted by user]"}
)
# A tool result that only says that the user or the client refused: no outcome of the work.
REFUSAL_STARTS = (
    "The user doesn't want to proceed",
    "The user doesn't want to take this action",
    "[Request interrupted",
    "<tool_use_error>Sibling tool call errored",
)
FAILURE_SIGNS = ("Traceback (most recent call last)", "\nFAILED ", "\n--- FAIL", "\nerror[E", "npm ERR!", "\npanic: ")

# A user turn that sets the work right, by how it begins (lower case) ...
CORRECTION_STARTS = (
    "no,", "no.", "no ", "nope", "not ", "don't", "do not", "stop", "wait", "wrong", "that's wrong", "that is wrong",
    "that's not", "that is not", "actually", "instead", "undo", "revert", "you forgot", "you missed", "you didn't",
    "you should", "you shouldn't", "you broke", "why did you", "why are you", "still ", "it still", "this still",
    "doesn't work", "does not work", "it doesn't", "never", "hmm", "i said", "i told you", "i meant", "i asked",
    "please don't", "please stop", "again,", "but ", "isn't", "that didn't", "this is wrong", "this isn't", "roll back",
    "不", "别", "错", "不是", "不要", "不对", "停", "应该",
    "还是", "为什么", "撤销", "回滚", "重新", "我说", "我的意思", "你忘", "你漏",
)  # fmt: skip
# ... and by what it says anywhere in a short turn.
CORRECTION_CUES = (
    "not what i", "that's not right", "is wrong", "are wrong", "instead of", "should have been", "you forgot to",
    "still fail", "still broken", "still not", "doesn't work", "didn't work", "does not work", "not working",
    "rather than", "go back to", "i don't want", "i do not want", "you were supposed", "stop doing", "never use",
    "must not", "too complicated", "over-engineer", "try again", "incorrect",
    "不是这样", "不对", "错了", "弄错", "搞错", "不应该", "不要用", "还是不行",
    "没有用", "没用", "不行", "别用", "改回", "而不是", "太复杂", "理解错",
)  # fmt: skip
CORRECTION_CHARS_MAX = 600

# A choice and its reason, in the assistant's words.
DECISION_STRONG = (
    "decided to", "decision:", "i'll go with", "let's go with", "we'll go with", "opted for", "opting for",
    "settled on", "root cause", "i chose", "trade-off", "tradeoff", "the fix is", "the solution is", "chose to",
)  # fmt: skip
DECISION_STRONG_CJK = ("决定", "根本原因", "根因", "最终方案", "取舍", "权衡", "改用")
DECISION_CUES = (
    "going with", "we'll use", "i'll use", "i've chosen", "the best approach", "best option", "better approach",
    "recommend", "instead of", "rather than", "because", "the reason", "rationale", "prefer", "alternative",
    "the right approach",
)  # fmt: skip
DECISION_CUES_CJK = ("选择", "采用", "方案", "因为", "原因是", "建议", "而不是", "优先")
DECISION_CUES_MIN = 2  # weak words each; a choice seldom shows in one alone

STRUCTURE_STARTS = (
    "#",
    "- ",
    "* ",
    "1.",
    "2.",
    "3.",
    "4.",
    "5.",
    "|",
    "```",
    "**",
    "✅",
    "❌",
    "一、",
    "二、",
    "1、",
    "2、",
)
STRUCTURE_LINES_MIN = 4
ANALYSIS_TOKENS_MIN = 120  # with structure
ESSAY_TOKENS_MIN = 400  # without
IMAGE_TOKENS = 1500
