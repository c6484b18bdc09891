"""By what a message's own words are told from what was pasted into it: data only, English and Chinese."""

from __future__ import annotations

# What the user announces and did not write, and what he did.
PASTED = (
    "log", "logs", "output", "error", "errors", "trace", "traceback", "feedback", "review", "comment", "comments",
    "doc", "docs", "document", "documentation", "spec", "article", "email", "message", "issue", "ticket", "plan",
    "transcript", "report", "readme", "finding", "findings", "suggestion", "response", "reply", "paste", "pasted",
    "says", "said", "wrote", "thread", "summary", "snippet", "text", "page", "content", "contents", "prompt",
    "description", "quote", "example",
)  # fmt: skip
ANNOUNCING = ("here", "this", "got", "see ", "below", "following", "from", "the ", "attached", "said")
PASTED_CHINESE = (
    "日志", "报错", "错误", "文档", "输出", "内容", "反馈", "评论", "邮件", "计划", "原文", "如下", "示例", "说",
)  # fmt: skip
RULE_LISTS = (
    "rule", "rules", "convention", "conventions", "guidelines", "requirements", "constraints", "preferences",
    "standards", "instructions", "规则", "规范", "约定", "要求", "约束",
)  # fmt: skip
PLAN_STARTS = (
    "implement the following plan", "you are ", "your task is", "base directory for this skill",
    "execute the plan", "implement this plan", "your role is", "act as ", "you will be ", "review the following",
    "analyze the following", "analyse the following", "in @", "this session is being continued",
    "please analyze this codebase", "# ", "caveat:",
    "stop hook feedback", "pretooluse:", "posttooluse:", "userpromptsubmit", "subagentstop hook",
)  # fmt: skip
LOG_STARTS = (
    "Traceback", "File \"", "at ", "--- FAIL", "--- PASS", "FAIL", "ok  ", "PASS", "error:", "Error:", "warning:",
    "ERROR", "WARN", "INFO", "DEBUG", "$ ", "❯", "> ", "diff --git", "@@", "+++", "---", "|", "│", "<", "{", "}",
    "==", "npm ERR", "error[", "//", "/*", "import ", "from ", "def ", "func ", "const ", "let ", "return ", "#!",
    "remote:", "hint:", "fatal:", "npm ", "gyp ", "E   ", "=> ", "✓", "✗", "⏺", "⎿", "●",
)  # fmt: skip
