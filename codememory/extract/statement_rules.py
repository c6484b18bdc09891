"""Words by which a lasting statement is told from talk: data only, English and Chinese.

Phrases are matched against the lower-cased words of a sentence joined by single blanks, so they begin and end at words.
"""

from __future__ import annotations

USER_CUES = (
    "always", "never", "must", "from now", "going forward", "moving forward", "future", "henceforth", "from today",
    "from this point", "want you to", "like you to", "need you to", "expect you to", "like us to", "want us to",
    "make sure", "ensure", "be sure", "remember", "mandatory", "required", "should", "have to", "need to",
    "please", "don't", "don’t", "do not", "avoid", "refrain", "stop ", "prefer", "instead", "rather", "we use",
    "we'll", "we’ll", "we are ", "we're", "we only", "we now", "we decided", "we've decided", "convention", "standard", "rule",
    "policy", "practice", "habit", "no longer", "whenever", "every ", "each ", "all ", "any ", " only ", "names", "naming",
    "use ", "still need", "todo", "remind me", "importance of", "didn't work", "did not work", "let's use", "mustn't", "cannot", "can't",
    "必须", "不要", "不得", "不能", "不许", "不准", "禁止", "别", "务必", "一律", "统一", "始终", "永远", "总是", "以后",
    "今后", "从现在", "从今", "每次", "所有", "只能", "只用", "改用", "不再", "规范", "约定", "规定", "要求", "优先", "待办",
    "应该", "应当", "尽量", "代替", "而不是", "行不通", "没有用", "记得", "记住",
)  # fmt: skip
ASSISTANT_CUES = (
    "decid", "decision", "chose", "opted", "opting", "went with", "going with", "go with", "settled on", "because",
    "since ", "so that", "to avoid", "to prevent", "to keep", "to ensure", "instead of", "rather than", "in favor of",
    "in favour of", "root cause", "intentional", "by design", "deliberate", "work because", "ruled out", "rejected",
    "not viable", "reverted", "abandoned", "todo:", "still open", "follow-up", "open question", "remaining work",
    "left to do", "not done", "tried", "—",
    "决定", "选择", "选用", "采用", "改用", "改为", "换成", "根因", "根本原因", "放弃", "行不通", "不可行", "待办", "未完成",
    "而不是", "遗留",
)  # fmt: skip

# What makes a rule last.
LASTING = (
    "always", "never", "from now on", "from now onwards", "from this point", "from this day", "from today", "going forward",
    "moving forward", "henceforth", "in the future", "in future", "future projects", "at all times", "every time", "each time",
    "whenever", "as a rule", "without exception", "consistently", "as a standard",
    "as standard", "in the habit", "into the habit", "a habit", "mandatory", "under no circumstances", "our rule", "one of our rules", "the rule is", "the convention is",
    "our convention", "any more", "anymore", "must not", "mustn't", "must never", "not allowed", "forbidden",
    "the conventions we follow", "until further notice", "on every commit", "permanently",
)  # fmt: skip
# The same at the beginning of a clause only; they ask as well.
CUSTOMS = ("we use", "we don't", "we do not", "we only", "we never", "we always", "we prefer", "we keep", "we follow", "we write", "we run", "we put",
    "we name", "we start", "we end", "we avoid", "we want all", "always", "never", "no one", "nobody")  # fmt: skip
CLAUSE_MARKS = (",", "and", "but", "so", "that", "here", "now", "then", "also", "project", "repo", "team", "please", "because")
# Before a gerund these begin a habit.
HABITS = ("you to start", "us to start", "you to begin", "start", "we'll start", "we'll be", "we will be", "you to get used to", "focus on", "we start",
    "we are", "we're", "get used to", "you to be", "you to keep", "consider", "we've started", "recommend")  # fmt: skip
# Explain, rather than state, a rule when they begin a sentence; not when what follows presses.
EXPLAINING = frozenset("this that these those they it it'll that's that'll by".split())
PRESSING = frozenset("mandatory important crucial essential required necessary vital imperative".split())
# What a clause before a comma begins with, when the command follows.
FRONTS = frozenset("""when for if after before in with as from going moving regarding while since on at whenever unless first firstly
    secondly second third also now additionally finally lastly remember once until wherever to by please""".split())
# Nouns that say nothing of what a rule asks for.
GENERIC = frozenset("""code coding codebase codebases codebas convention conventions standard standards style rule practice format formatting
    programming name names naming file files project line lines python version versions review reviews test-suite workflow
    development software value values key object list list objects statement statements step print page pages integration memory""".split())
NAMED = frozenset("""function functions method methods class classes argument arguments parameter parameters variable variables attribute
    attributes module modules identifier identifiers""".split())
# Rules about no thing in particular.
VAGUE = ("keep our code", "keep your code", "your code clean", "code consistent", "modulariz", "the principles", "differently", "the way you", "change into",
    "our code consistent", "some coding", "code base consistent", "coding style consistent", "keep our codebase", "set of criteria")  # fmt: skip
# A phrase that asks somebody to do something.
DIRECTIVES = (
    "want you to", "like you to", "need you to", "expect you to", "want us to", "like us to", "need us to", "ask you to",
    "asking you to", "must", "should", "shall", "please", "remember to", "remember that",
    "have to", "has to", "need to", "needs to", "required", "mandatory", "don't", "do not", "avoid", "refrain from", "stop",
    "prefer", "we'll be", "we will be", "we'll use", "we will use", "we now", "we're switching", "we are switching", "we're moving", "we are moving", "we've decided", "we decided", "we have decided",
    "the convention is", "our convention", "our rule", "our rules", "the rule is", "conventions we follow", "conventions is",
    "practices is", "practice is", "rules is", "importance of", "important that", "important to", "crucial to", "crucial that",
    "essential to", "essential that", "you to start", "focus on", "in the habit of", "into the habit of", "adhere to is", "use of",
    "let's use", "not allowed", "forbidden", "mustn't", "cannot", "can't", "i want", "i'd like", "keep in mind", "we want to", "we're starting to", "we start",
    "are to be", "is to be", "we follow", "i expect", "i'd prefer", "i prefer", "i need", "we should", "you'll need to", "we're going to",
    "we've started", "we're adopting", "we've switched", "we switched", "we're updating", "encourage you to", "we'd like",
)  # fmt: skip
IMPERATIVES = frozenset(
    """use add include start end begin import write name prefix suffix annotate wrap append prepend put keep put run commit push
    document format declare define avoid prefer incorporate implement apply insert insist place store log test mock validate
    return throw raise handle pin lock squash rebase merge sign tag version call make create set stick remember ensure limit
    never always only don't do not stop refrain embed utilize employ adopt switch conclude finish decorate lint follow
    give configure enable disable cover update change replace assert catch check treat leave write touch modify edit""".split()
)
# The work itself: what a rule can ask for. Forms are made by `forms`.
ACTIONS = (
    "use add include start end begin import write name prefix suffix annotate wrap append prepend put keep run commit push"
    " document format declare define incorporate insert place store log test mock validate return throw raise handle"
    " pin squash rebase merge tag call create decorate lint catch assert embed utilize employ adopt switch conclude finish"
    " touch modify edit delete drop rename expose export inherit extend cache encrypt escape sanitize hardcode"
    " deploy release install build compile depend rely throw log print swallow ignore suppress cover mention sign"
    " go be contain have follow hit access bypass skip disable enable set follow take move update implement"
    " change set prefer avoid make exceed read exceed comment indent quote share bump upgrade limit generate"
    " reference treat check implement apply provide specify pass emit fetch query migrate store read round"
).split()
GENERAL = (
    "all", "every", "each", "any", "whenever", "everywhere", "anywhere", "new code", "your code", "our code", "across the code",
    "codebase", "code base", "this repo", "this project", "this repository", "the project", "the repo", "our repo",
    "wherever", "in general", "no matter", "regardless", "a new",
)  # fmt: skip
CONVENTIONS = (
    "convention", "conventions", "naming", "prefix", "suffix", "standard", "standards", "style", "guideline", "guidelines",
    "rule", "rules", "policy", "preference", "practice", "practices", "instead of", "rather than", "not", "instruction",
    "instructions", "even if", "instead", "habit",
)  # fmt: skip
GERUND_FRAMES = ("when", "before", "after", "while", "for", "if", "in")

# Nouns that only engineering uses (2), and those that also mean something else (1); a sentence needs 2.
STRONG_NOUNS = frozenset(
    """codebase codebases repo repos repository repositories variable variables docstring docstrings decorator decorators linter
    linters linting formatter debugger debuggers debugging profiler api apis endpoint endpoints database databases sql orm schema
    schemas migration migrations dependency dependencies async typescript javascript python golang rust java kotlin swift react
    vue django flask fastapi node npm pnpm yarn bun pip uv poetry cargo maven gradle webpack vite eslint prettier ruff black mypy
    pytest jest vitest docker kubernetes terraform postgres postgresql mysql sqlite redis mongodb graphql grpc json yaml toml css
    html tailwind git github gitlab bitbucket rebase linux vim emacs vscode pycharm ide ides stderr stdout regex mutex
    refactor refactoring snake_case camelcase pascalcase kebab-case uppercase lowercase ci/cd ci pre-commit precommit gpu gpus tpu tpus
    virtualenv venv env commit commits changelog readme todo todos typehint typehints config configs backend frontend mock mocks
    ui cli tui sdk jwt oauth timestamp timestamps utc enum enums struct structs const null undefined nullable mutable immutable
    singleton singletons subclass subclasses constructor constructors boolean booleans string strings integer integers tuple
    middleware plugin plugins webhook webhooks microservice microservices localhost makefile dockerfile lockfile
    indentation tabs whitespace semicolon semicolons import imports assert asserts assertion assertions coding kwargs
    programming programmer codestral copilot gh ssh curl bash shell subprocess stack-trace traceback logger
    logging fixture fixtures unit-test unittest playwright cypress selenium storybook lodash axios httpx requests jsx tsx""".split()
)
WEAK_NOUNS = frozenset(
    """code function functions method methods class classes argument arguments parameter parameters attribute attributes module
    modules package packages library libraries comment comments annotation annotations exception exceptions error errors test
    tests testing branch branches file files folder directory path paths type types interface interfaces name names naming identifier
    identifiers constant constants script scripts query queries table tables column columns test-suite server client component
    components hook hooks event events log logs build builds release releases deployment production staging main master dev merge
    version versions field fields key keys value values object objects list token tokens secret secrets password passwords
    request requests response responses header headers handler handlers service services state model models controller
    try except statement statements digit number formatting format prefix suffix convention conventions standard standards compile compiler
    hints hint notebook environment pipeline pipelines print prints output input unit integration feature flag flags
    route routes page pages button view views template templates memory thread threads lock locks cache loop loops control
    abstraction inheritance line lines tab spaces rule workflow pull pr prs review reviews""".split()
)
# Read as strong when they stand together.
STRONG_PAIRS = (
    "function argument", "function name", "method name", "class name", "attribute name", "variable name", "argument name",
    "try statement", "try block", "try except", "assert statement", "type hint", "version control", "virtual environment",
    "pull request", "unit test", "integration test", "feature branch", "dev branch", "main branch", "error handling", "default export",
    "named export", "log message", "commit message", "test file", "source file", "source code", "magic number", "feature flag", "environment variable",
    "print statement", "global state", "the tests", "test coverage", "error message", "error messages", "your code", "your functions",
    "your methods", "your classes", "function argument", "function definition", "method definition", "code example", "code review",
    "business logic", "public function", "class attribute", "in your code",
)  # fmt: skip
TALK_PAIRS = (
    "dress code", "code of conduct", "zip code", "communication method", "benefits package", "company values", "core values",
    "customer service", "performance review", "conflict of", "team building", "open door", "communication style", "feedback",
    "code words", "type of", "types of", "class of", "world class", "first class", "these values", "performance dashboard",
)  # fmt: skip
# Code nouns whose bare plural means "in general", and what makes a plural particular.
PLURAL_NOUNS = frozenset(
    """functions methods classes variables attributes arguments parameters names modules imports decorators docstrings comments
    annotations asserts statements tests commits branches files endpoints migrations dependencies exceptions errors strings
    types hints interfaces constants prs queries components hooks logs messages timestamps secrets tokens passwords exports
    mocks fixtures routes handlers apis packages libraries lines prefixes suffixes enums globals singletons todos booleans
    notebooks pipelines debuggers linters formatters gpus identifiers keys values columns tables tabs semicolons code""".split()
)
PARTICULAR = frozenset("the these those this that both two three four five six seven eight nine ten which what".split())

# One of these takes a sentence out: it asks, guesses, or holds only for the moment.
TRANSIENT = (
    "for now", "for the moment", "this time", "just once", "temporarily", "temporary", "only this once", "right now", "for today",
    "in this session", "for this session", "for the time being", "at the moment", "not at this", "later today", "until then", "this once",
    "today i", "yesterday", "last week", "yet", "so far", "as a test", "for this pr", "in this pr", "for this one", "first pass", "for a second",
)  # fmt: skip
HEDGES = (
    "maybe", "perhaps", "might", "could", "would it", "would you", "would be", "what if", "i wonder", "wondering", "i guess", "not sure",
    "i assume", "probably", "possibly", "hypothetically", "suppose", "i'm thinking", "let me know", "if you think", "would we",
    "i was thinking", "seems", "seem to", "i think", "or should", "can you", "could you", "can we", "shall we", "should we", "should i",
    "i've noticed", "i noticed", "you forgot", "looks like", "remember when", "remember how", "remember the time",
    "is supposed to", "was supposed to", "what about", "how about", "do you", "did you", "are there", "have you", "why",
)  # fmt: skip
# Praise, manners and pep talk; and rules about rules.
TALK = (
    "don't hesitate", "do not hesitate", "feel free", "reach out", "don't worry", "keep up", "don't be afraid", "let's dive", "don't forget to ask",
    "happy to help", "keep me posted", "you're welcome", "take care", "great job", "well done", "proud of", "looking forward",
    "good luck", "have a great", "i'm glad", "thank you", "thanks for", "always here to", "always a pleasure", "i'm here to", "never mind", "nevermind",
    "can help", "doesn't mean", "does not mean", "keep in mind that", "always be reviewed",
    "touch base", "make it a point to ask", "happy coding", "is always", "are always", "always been", "always open", "can always", "will always", "would always",
    "you might name", "you would name", "you'd name", "you could name", "for example , if", "for instance , if", "i hope", "not only",
    "second nature", "let's discuss", "don't see", "don't know", "don't understand", "don't think", "don't have to", "do not have to", "don't need",
    "do not need", "i don't", "why don't", "can't see", "it doesn't", "i should", "doesn't have to", "if you have any", "if you need", "let's move",
    "not just", "keep that in mind", "keep this in mind", "helps ensure", "help ensure", "do not stop", "don't stop", "please confirm", "want me to", "in order to see",
)  # fmt: skip
META_VERBS = ("updat", "chang", "standardiz", "incorporat", "pay attention", "start using", "adjust", "there's", "there is", "follow", "adhere", "adopt", "apply", "implement", "practice", "consistent", "stick", "internalize", "remember", "discuss",
    "provide", "emphasize", "share", "give", "go over", "review", "touch", "reinforce", "address", "revisit", "talk", "maintain")  # fmt: skip
DEIXIS = (
    "this function", "this file", "this test", "this line", "this method", "this class", "this pr", "this branch", "this commit",
    "this error", "the following", "these files", "these tests", "these changes", "this change", "this bug", "line", "lines", "the above",
    "below", "as well here", "this issue", "this case", "this fix", "this comment", "this feature", "the bug", "the fix", "step 1",
    "the plan", "in that case", "the new one", "next step", "this script", "the script", "currently",
    "this dialog", "this page", "this button", "the button", "the screenshot", "this project now",
)  # fmt: skip
ANAPHORA = frozenset("them they it those these that this there".split())
CONNECTORS = frozenset(
    """also and then so please now first second third firstly secondly thirdly lastly finally additionally moreover furthermore but just
    again okay ok yes no hey alright well remember next however therefore instead plus oh right great perfect good yeah yep still or
    both kindly simply""".split()
)
BEFORE_ALWAYS = frozenset("we you to should must and please us ll will also so they".split())
PREFERENCES = ("prefer", "i like", "i'd rather", "i would rather", "i'd prefer", "i don't like", "my preference")
# A change of an earlier rule.
UPDATES = (
    "instead", "no longer", "update", "updated", "updating", "change", "changed", "changing", "switch", "switched", "switching",
    "from now on", "going forward", "moving forward", "replace", "new convention", "anymore", "any more", "not any", "now on", "we now",
    "改用", "不再", "改为", "改成", "换成", "以后", "今后", "从现在", "从今",
)  # fmt: skip

# What the user announces and did not write, and what he did.
PASTED = (
    "log", "logs", "output", "error", "errors", "trace", "traceback", "feedback", "review", "comment", "comments", "doc", "docs",
    "document", "documentation", "spec", "article", "email", "message", "issue", "ticket", "plan", "transcript", "report",
    "readme", "finding", "findings", "suggestion", "response", "reply", "paste", "pasted", "says", "said", "wrote", "thread", "summary",
    "snippet", "text", "page", "content", "contents", "prompt", "description", "quote", "example",
)  # fmt: skip
PASTED_CHINESE = ("日志", "报错", "错误", "文档", "输出", "内容", "反馈", "评论", "邮件", "计划", "原文", "如下", "示例", "说")
RULE_LISTS = ("rule", "rules", "convention", "conventions", "guidelines", "requirements", "constraints", "preferences", "standards",
    "instructions", "规则", "规范", "约定", "要求", "约束")  # fmt: skip
PLAN_STARTS = ("implement the following plan", "you are ", "your task is", "base directory for this skill", "execute the plan",
    "in @", "this session is being continued", "please analyze this codebase", "# ", "caveat:")  # fmt: skip
LOG_STARTS = (
    "Traceback", "File \"", "at ", "--- FAIL", "--- PASS", "FAIL", "ok  ", "PASS", "error:", "Error:", "warning:", "ERROR", "WARN",
    "INFO", "DEBUG", "$ ", "❯", "> ", "diff --git", "@@", "+++", "---", "|", "│", "<", "{", "}", "==", "npm ERR", "error[", "//", "/*",
    "import ", "from ", "def ", "func ", "const ", "let ", "return ", "#!", "=> ", "✓", "✗", "⏺", "⎿", "●",
)  # fmt: skip

# ---------------------------------------------------------------- what an assistant concludes

CHOICES = ("decided to", "decided against", "decided on", "decided not to", "we decided", "i decided", "i've decided", "opted for", "opted to",
    "went with", "settled on", "going with", "chose to", "i chose", "we chose", "chose not to", "i've chosen", "i'll go with", "we'll go with",
    "i'm going with", "we're going with", "i've gone with", "was chosen", "were chosen")  # fmt: skip
DECISION_LABELS = ("decision:", "key decision:", "design decision:", "key design decision:", "design choice:", "decided:", "chosen approach:",
    "final decision:", "决定：", "决定:", "决策：", "决策:", "最终方案：", "最终方案:")  # fmt: skip
CHANGED = frozenset(
    """replaced switched changed renamed moved removed kept dropped converted migrated extracted split merged made used refactored
    simplified disabled enabled pinned reverted excluded restricted declined deferred skipped adopted inlined added left limited
    wrapped bumped downgraded upgraded hardcoded set ignored avoided restored deleted swapped rewrote redesigned consolidated
    unified chose preserved retained relaxed tightened introduced standardized standardised""".split()
)
NOW_VERBS = frozenset(
    """uses use returns return reads read writes write calls call checks check runs run stores store skips skip keeps keep fails
    requires require accepts rejects treats validates prints shows show sends handles defaults falls loads creates create delegates
    goes lives respects tracks ignores ignore pass passes produces emits gets includes include hides matches match""".split()
)
REASONS = ("because", "since", "so that", "to avoid", "to prevent", "to keep", "to ensure", "due to", "so the", "so it", "so they", "so we",
    "as it", "as they", "to make sure", "otherwise", "to make", "to preserve", "to match", "to allow", "to support", "to satisfy", "to break",
    "to eliminate", "to reduce", "to guard", "to protect", "to handle", "to stop")  # fmt: skip
CONTRASTS = ("instead of", "rather than", "in favor of", "in favour of", "over")
NO_CONCLUSION = (
    "let me", "would", "could", "might", "maybe", "perhaps", "recommend", "suggest", "consider", "option", "if you", "want me", "i'd", "you could",
    "should", "probably", "likely", "may", "need to", "needs to", "i need", "shall", "let's", "going to", "you can", "if we", "can be",
    "i think", "seems", "appears", "suspect", "apparently", "hypothesis", "alternatively", "either", "i wonder", "will be", "plan to", "unless you",
    "have to", "has to", "hadn't", "proposed", "proposal", "not sure", "i was going", "whether", "todo",
)  # fmt: skip
INTENTIONAL = ("intentional", "intentionally", "by design", "deliberate", "deliberately", "on purpose")
ROOT_CAUSES = ("root cause:", "root cause was", "root cause is", "the root cause", "root cause —", "根因：", "根因是", "根本原因是", "根本原因：")
FIXES = ("fixed by", "the fix was", "the fix is", "fix:", "fixed it by", "so we now", "so it now", "so i ", "fixed:", "solution:", "resolved by",
    "the fix:", "修复：", "修复方法", "因此改", "所以改", "改为", "改成")  # fmt: skip
FAILED_TRIALS = ("didn't work", "did not work", "doesn't work", "does not work", "won't work", "failed because", "not viable", "wasn't viable",
    "isn't viable", "is a dead end", "was a dead end", "isn't an option", "made it worse", "broke ")  # fmt: skip
TRIALS = ("tried", "attempt", "attempted", "approach", "idea", "alternative", "workaround", "first version", "previous version", "the earlier")
REJECTIONS = ("ruled out", "rejected", "decided against", "abandoned the", "abandoned this", "discarded", "dismissed")
TASK_LABELS = ("todo:", "still open:", "still to do:", "remaining work:", "follow-up:", "follow-ups:", "followup:", "not done:", "not done yet:", "open task:",
    "left to do:", "open question:", "deferred:", "待办：", "待办:", "未完成：", "未完成:", "遗留：", "遗留:", "遗留问题：")  # fmt: skip
TASK_PHRASES = ("we still need to", "still needs to be", "remains to be done", "is still open", "remind me to", "left for a follow-up",
    "next we need to", "deferred to a follow-up", "out of scope for this pr")  # fmt: skip

# ---------------------------------------------------------------- Chinese

CHINESE_LASTING = ("以后", "今后", "从现在", "从今", "始终", "永远", "总是", "一律", "统一", "每次", "所有", "任何", "每个", "不再", "规范", "约定", "规定",
    "禁止", "一直", "凡是", "全部", "只能", "都要", "都用", "都必须", "不得", "不允许", "绝不", "我们用", "我们使用")  # fmt: skip
CHINESE_DIRECTIVES = ("必须", "不要", "不得", "不能", "不许", "不准", "不允许", "禁止", "别", "务必", "只能", "只用", "应该", "应当", "请", "要", "改用", "用",
    "不再", "统一", "一律", "绝不", "优先", "不", "记住", "记得", "保持")  # fmt: skip
CHINESE_FORCE = ("必须", "务必", "禁止", "不得", "不许", "不准", "不允许", "绝不", "而不是", "不要用", "不要在", "不要把", "不要直接", "代替", "千万")
CHINESE_NOUNS = ("代码", "变量", "函数", "方法", "类名", "类型", "测试", "提交", "分支", "接口", "注释", "数据库", "文件", "模块", "命名", "前缀", "后缀",
    "日志", "依赖", "文档", "缩进", "格式", "部署", "配置", "异常", "错误", "参数", "属性", "组件", "目录", "脚本", "版本", "仓库", "主分支", "端口",
    "装饰器", "导入", "常量", "字段", "表名", "索引", "缓存", "密钥", "密码", "环境变量", "单元", "编译", "构建", "发布", "合并", "样式", "请求", "响应", "时间戳")  # fmt: skip
CHINESE_VETO = ("吗", "？", "?", "呢", "要不要", "是不是", "能不能", "可否", "可不可以", "是否", "这次", "暂时", "先别", "目前", "临时", "今天", "也许", "可能",
    "或许", "大概", "好像", "似乎", "假如", "假设", "如果可以", "为什么", "怎么", "什么", "不客气", "别担心", "别客气", "不要紧", "看看", "看一下", "试试", "别急", "不对", "第一行")  # fmt: skip
CHINESE_PARTICULAR = ("这个", "这里", "那个", "这行", "这一", "该", "上面", "下面", "刚才")
CHINESE_CHOICES = ("决定", "选择了", "最终选择", "选用", "采用", "改用", "换成", "改为")
CHINESE_REASONS = ("因为", "由于", "以避免", "避免", "以便", "防止", "为了", "原因是")
CHINESE_NO_CONCLUSION = ("可以", "建议", "可能", "也许", "如果", "让我", "我来", "要不要", "是否", "吗", "？", "应该", "需要", "打算", "将会", "推荐", "考虑", "接下来")
CHINESE_REJECTIONS = ("放弃", "行不通", "不可行", "没有用", "不起作用", "走不通")

# ---------------------------------------------------------------- subjects

NAMED_THINGS = {
    "function argument": "argument", "function arguments": "argument", "function parameter": "argument", "argument": "argument",
    "arguments": "argument", "parameter": "argument", "parameters": "argument", "attribute": "attribute", "attributes": "attribute",
    "variable": "variable", "variables": "variable", "method": "method", "methods": "method", "function": "function",
    "functions": "function", "class": "class", "classes": "class", "constant": "constant", "constants": "constant",
    "branch": "branch", "branches": "branch", "file": "file", "files": "file", "table": "table", "tables": "table",
    "column": "column", "columns": "column", "test": "test", "tests": "test", "module": "module", "modules": "module",
    "component": "component", "components": "component", "package": "package", "field": "field", "fields": "field", "key": "key",
    "keys": "key", "enum": "enum", "enums": "enum", "interface": "interface", "interfaces": "interface", "type": "type",
    "types": "type", "endpoint": "endpoint", "endpoints": "endpoint", "hook": "hook", "hooks": "hook",
    "变量": "variable", "函数": "function", "方法": "method", "参数": "argument", "属性": "attribute", "类名": "class", "常量": "constant",
    "分支": "branch", "文件": "file", "表名": "table", "字段": "field", "组件": "component", "模块": "module", "接口": "interface",
}  # fmt: skip
NAMING_ASPECTS = (
    ("prefix", ("start", "starts", "starting", "begin", "begins", "beginning", "prefix", "prefixed", "prepend", "前缀", "开头")),
    ("suffix", ("end", "ends", "ending", "suffix", "append", "finish", "conclude", "后缀", "结尾")),
    ("digit", ("digit", "digits", "数字")),
    ("case", ("snake_case", "snake", "camelcase", "camel", "pascalcase", "pascal", "kebab-case", "kebab", "uppercase", "lowercase", "upper",
        "all-caps", "capital", "caps", "大写", "小写", "驼峰", "下划线")),
    ("contains", ("include", "includes", "including", "contain", "contains", "containing", "string", "包含")),
)  # fmt: skip
TOOL_ROLES = {
    "database": "postgres postgresql mysql mariadb sqlite mongodb mongo dynamodb oracle cockroachdb duckdb",
    "package manager": "npm pnpm yarn bun pip uv poetry pipenv conda pdm",
    "test framework": "pytest unittest nose jest vitest mocha jasmine",
    "browser test": "playwright cypress selenium puppeteer",
    "formatter": "black prettier autopep8 yapf formatter",
    "linter": "eslint flake8 pylint biome linter",
    "bundler": "webpack vite rollup parcel esbuild turbopack",
    "http client": "requests httpx aiohttp axios fetch urllib urllib3 got",
    "web framework": "flask django fastapi express koa fastify starlette",
    "ui framework": "react vue svelte angular solid",
    "css": "tailwind bootstrap sass less styled-components",
    "state management": "redux zustand mobx recoil jotai pinia vuex",
    "orm": "prisma drizzle typeorm sequelize sqlalchemy peewee",
    "message queue": "kafka rabbitmq sqs nats",
    "version control": "gitlab bitbucket github mercurial svn",
    "ide": "vscode pycharm vim emacs neovim intellij sublime",
    "project management": "jira asana trello monday linear notion clickup",
    "video calls": "skype zoom",
    "team chat": "slack discord teams",
    "computer": "macbook laptop desktop linux windows",
    "indentation": "tabs spaces indentation 缩进",
    "training hardware": "gpu gpus tpu tpus",
    "debugging": "debugger debuggers",
    "language": "typescript javascript",
    "date library": "moment dayjs luxon date-fns",
}
UNSUBJECT = frozenset(
    """a an the and or but to of in on at by for from with without as is are be been being was were it its this that these those them they
    their our your my we you i he she us me all every each any some no not never always only must should shall will would can
    cannot can't don't do does did doesn't please now on going forward moving future make sure ensure want like need have has
    had use uses used using instead rather than when whenever while if even so because since also just remember important
    importance keep start starting follow code consistently consistent i'd i'll we'll we're we've you're it's let's new there here
    such into onto over under about which what who whom consistency readability practice practices get habit always use one more
    thing good way both prefer avoid stop add include including write create put set them via per same update updated
    convention standard rule instruction , - — point right mandatory required necessary explicitly team company project projects""".split()
)
NEGATIVES = ("never", "not", "don't", "no longer", "avoid", "refrain", "stop", "without", "mustn't", "can't", "cannot", "shouldn't", "no",
    "不要", "不得", "不能", "禁止", "别", "不再", "不许", "不用", "绝不")  # fmt: skip


def forms(verbs: list[str]) -> frozenset[str]:
    """Give each verb with its third person, its gerund and its participle."""
    found = set()
    for verb in verbs:
        stem = verb[:-1] if verb.endswith("e") else verb
        doubled = stem + stem[-1] if verb[-1] in "tnpgm" and verb[-2:-1] in "aeiou" else stem
        found.update((verb, verb + "s", stem + "ing", doubled + "ing", stem + "ed", doubled + "ed"))
        if verb.endswith(("sh", "ch", "ss", "x")):
            found.add(verb + "es")
    return frozenset(found)
