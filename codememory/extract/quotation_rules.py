"""By what a message's own words are told from what was pasted into it: data only, English and Chinese."""

from __future__ import annotations

# What the user announces and did not write, and what he did.
PASTED = (
    "log", "logs", "output", "error", "errors", "trace", "traceback", "feedback", "review", "comment", "comments",
    "doc", "docs", "document", "documentation", "spec", "article", "email", "message", "issue", "ticket", "plan",
    "transcript", "report", "readme", "finding", "findings", "suggestion", "response", "reply", "paste", "pasted",
    "says", "said", "wrote", "thread", "summary", "snippet", "text", "page", "content", "contents", "prompt",
    "description", "quote", "example", "answer", "chat", "conversation",
)  # fmt: skip
ANNOUNCING = (
    "here", "this", "got", "see ", "below", "following", "from", "the ", "attached", "said", "contains", "wrote:",
    "output of", "contents of", "content of", "says:", " output:", " log:", " logs:", " traceback:",
)  # fmt: skip
# Who speaks where a text is told on: a document, or a name that ends like a file's.
DOCUMENTS = frozenset(
    """readme doc docs document documentation page site website article blog post file manual guide guideline
    guidelines spec specification contributing changelog output error log logs tool command result response message
    warning hint email mail issue ticket comment stack trace report linter compiler wiki tutorial answer api server
    prompt plan notes note text content contents package adr rfc thread slack jira""".split()
)
# Those that are there to be read: what is `of` or `from` one of them is its author's.
TEXTS = frozenset(
    """readme doc docs document documentation page site website article blog post manual guide guidelines spec
    specification changelog email mail thread ticket wiki tutorial rfc adr transcript conversation chat paper
    handbook runbook playbook policy memo minutes tweet channel ticket excerpt""".split()
)
SAYS = frozenset(
    """says say states state tells tell instructs instruct recommends recommend advises advise mandates demands said
    stated told instructed recommended wrote writes claims explains suggests insists mentions mentioned reads
    commented remarked explained claimed suggested argued concludes concluded argues replied replies reported
    announces announced proposes warns warned noted declares declared
    wants orders urges directs commands asserts""".split()
)
# A piece of a text: what follows `this paragraph:` is its author's, unless the line tells of work done.
PIECES = frozenset(
    "paragraph sentence sentences passage text quote quotation wording excerpt snippet statement advice rules".split()
)
PASSAGES = PIECES - {"rules"} | frozenset(
    "comment message line section claim remark reply answer takeaway takeaways points".split()
)
RAW = frozenset("stdout stderr output outputs result results log logs".split())
WORKED = frozenset(
    """change changes changed update updates updated fix fixes fixed add added wrote write did made make decision
    decisions decided choice choices chose replaced moved removed renamed refactored switched improved improvements
    implemented plan steps summary-of-changes todo i'll we'll""".split()
)
# What is done with a text that is given after a colon, and what a line of output calls itself.
TEXT_WORK = frozenset(
    """convert turn make classify count improve rewrite reply respond answer evaluate rate compare extract parse label
    shorten expand simplify explain interpret analyse analyze judge critique edit quote spell""".split()
)
OUTPUT_LABELS = frozenset(
    "error errors e w warning warn info fatal input output expected actual question answer text prompt".split()
)
FROM_STARTS = ("from ", "per ", "this is from ", "it's from ", "source", "quote", "quoting", "seen ", "read ")
VERBATIM = frozenset("verbatim quoted pasted quote quotation excerpt".split())
LABEL_STARTS = frozenset("the a an in from per search their its this that one another".split())
# What an output does before a colon, and how an author gives what he came upon.
PRINTS = frozenset("printed prints emitted emits posted commented left logged sent returned outputs ends".split())
FOUND = frozenset("found find see saw read got received copied posted sent gave forwarded shared pasted".split())
ATTRIBUTED_AFTER = (
    "that's what", "that is what", "this is what", "so says", "so say", "(from ", "(source", "(quoted", "source:",
    "— ", "- from", "– ", "-- ", "quoted from", "taken from", "copied from",
)  # fmt: skip
# Those of them that an author's own sentence hardly has: anybody who does so is told on.
TELLING = SAYS - frozenset("state states tell claims reads writes reported noted".split())
TOLD_BY = frozenset("that to we you they it all always never not as the this".split())
# These tell on only what stands after a colon: an output that contains a blank is no quotation.
SHOWS = frozenset("contains reads shows lists prints has is was includes follows: returned returns answered".split())
FOLLOWING = ("as follows", "the following", "如下")
SAID_AFTER = (
    "according to ", "as per ", "per the ", "from the docs", "from the readme", "from the page", "quoting ",
    "quote from ", "as stated ", "as written ", "as noted ", "as quoted ", "as put ", "in the words of ",
)  # fmt: skip
CONTENT_OF = (
    "content of ", "contents of ", "text of ", "output of ", "output from ", "response from ", "says:",
    "excerpt from ", "quote from ", "pasted", "verbatim", "quoted ", "fetched", "result of the ", "results from ",
    "result of web", "search results", "said:", "wrote:", "replied:", "reported:",
)  # fmt: skip
# After one of these a document that speaks is part of the author's own rule or reason.
OWN_BEFORE = frozenset(
    """make sure ensure always never every each all any must should when whenever if unless until because since so
    need needs want i'd please don't keep no""".split()
)
FIRST_PERSON = frozenset("i i'm i've i'll we we've we'll we're my our let let's".split())
OWN_AGAIN = (", i ", ", so i ", ", but ", "; i ", ", and i ", ", therefore i ", ", so we ", "; but ", ", yet ")
# With one of these an author takes up his own thread after what another said.
OWN_STARTS = ("so ", "but ", "however", "therefore", "hence", "instead", "still", "nevertheless", "decision:")
ATTRIBUTED_WITHIN = 6
SPEAKER_REACH = 4
QUOTATIONS = {'"': '"', "'": "'", "«": "»", "「": "」", "『": "』", "„": '"', "`": "`"}
"""What opens a passage that may be another's, and what ends it."""
BRACKET_QUOTES = "«「『„"
QUOTING = ('"', " '", "('", "«", "「", "『", "„", "</")
MAIL_HEADERS = ("from:", "to:", "subject:", "date:", "sent:", "cc:", "reply-to:", "发件人", "收件人", "主题")
DIFF_STARTS = ("@@", "+++ ", "diff --git", "--- a/")
# Whose words follow a colon at the beginning of a line, and how a chat is written for a model.
TURNS = ("human:", "assistant:", "system:", "user:", "developer:", "ai:", "system prompt:", "q:")
TEMPLATE_STARTS = (
    "<|", "[inst]", "[/inst]", "<<sys>>", "<start_of_turn>", "[system]", "[user]", "[assistant]", "instruction:",
)  # fmt: skip
PROMPTS = ("$ ", "❯ ", "➜ ", "PS C:\\", ">>> ", "root@")
BLOCKS = {"```": "```", "~~~": "~~~", '"""': '"""', "'''": "'''", "/*": "*/"}
"""What begins a block of lines that is a text or code by itself, and what ends it."""
TEXT_TASKS = (
    "translate", "proofread", "proof-read", "summarize", "summarise", "paraphrase", "rephrase", "reword", "spellcheck",
    "spell-check", "correct the grammar", "fix the grammar", "check the grammar", "polish th", "tl;dr", "翻译", "总结",
    "润色", "校对", "改写", "概括",
)  # fmt: skip
POLITE_STARTS = (
    "please ",
    "can you ",
    "could you ",
    "would you ",
    "please ",
    "now ",
    "help me ",
    "请",
    "帮我",
    "请帮我",
)
ABOUT_TEXT = ("what does ", "what do ", "is this ", "is that ", "are these ", "这是", "这段", "这句")
MEANING = ("mean", "means", "right", "true", "correct", "still true", "accurate", "意思", "对吗", "什么意思")
# Who speaks in Chinese, by what verb, and where the author speaks again.
DOCUMENTS_CHINESE = (
    "文档", "网页", "页面", "网站", "官网", "日志", "输出", "邮件", "工具", "评论", "报告", "文件", "文章", "博客",
    "手册", "指南", "消息", "帖子", "作者", "原文", "搜索结果", "回答", "服务器", "同事", "有人", "说明", "网上",
    "维护者", "readme", "issue", "changelog", "wiki", "记录", "纪要", "聊天", "公告", "规范",
)  # fmt: skip
SAYS_CHINESE = (
    "说", "写着", "写道", "写的是", "写到", "里写", "中写", "上写", "提到", "指出", "显示", "表示", "建议", "声称",
    "推荐", "规定", "注明", "返回", "声明", "告诉", "认为", "回复", "如下", "内容是",
)  # fmt: skip
OF_OTHERS_CHINESE = ("说他", "说她")
SAID_AFTER_CHINESE = ("根据", "按照", "依照", "依据", "据")
WORKED_CHINESE = ("我", "修改", "更新", "改动", "决定", "变更", "调整")
OWN_BEFORE_CHINESE = ("我", "咱", "必须", "应该", "不要", "请", "禁止")
OWN_AGAIN_CHINESE = ("但", "不过", "然而", "所以我", "因此我")
PASTED_CHINESE = (
    "日志", "报错", "错误", "文档", "输出", "内容", "反馈", "评论", "邮件", "计划", "原文", "如下", "示例", "说",
    "一段", "这段", "这句", "翻译", "总结",
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
    "==", "npm ERR", "error[", "//", "/*", "import ", "from ", "-- ", "; ", "def ", "func ", "const ", "let ",
    "return ", "#!", "remote:", "hint:", "fatal:", "npm ", "gyp ", "E   ", "=> ", "✓", "✗", "⏺", "⎿", "●",
)  # fmt: skip
