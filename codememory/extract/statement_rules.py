"""Words by which a lasting statement is told from talk: data only, English and Chinese.

Phrases are matched against the lower-cased words of a sentence joined by single blanks, so they begin and end at words.
"""

from __future__ import annotations

from codememory.extract.wording import phrases


def forms(verbs: list[str]) -> frozenset[str]:
    """Give each verb with its third person, its gerund and its participle."""
    found: set[str] = set()
    for verb in verbs:
        stem = verb[:-1] if verb.endswith("e") else verb
        doubled = stem + stem[-1] if verb[-1] in "tnpgm" and verb[-2:-1] in "aeiou" else stem
        found.update((verb, verb + "s", stem + "ing", doubled + "ing", stem + "ed", doubled + "ed"))
        if verb.endswith(("sh", "ch", "ss", "x")):
            found.add(verb + "es")
    return frozenset(found)


# What makes a rule last.
LASTING = phrases(
    "always", "never", "from now on", "from now onwards", "from this point", "from this day", "from today",
    "from here on", "everywhere", "going forward", "moving forward", "henceforth", "in the future", "in future",
    "future projects", "at all times", "every time", "each time", "whenever", "as a rule", "without exception",
    "consistently", "as a standard", "as standard", "in the habit", "into the habit", "a habit", "mandatory",
    "under no circumstances", "our rule", "one of our rules", "the rule is", "the convention is", "our convention",
    "any more", "anymore", "must not", "mustn't", "must never", "not allowed", "forbidden",
    "no exceptions", "no exception", "the conventions we follow", "until further notice", "on every commit",
    "permanently",
)  # fmt: skip
# The same at the beginning of a clause only; they ask as well.
CUSTOMS = (
    "we use", "we don't", "we do not", "we only", "we never", "we always", "we prefer", "we keep", "we follow",
    "we write", "we run", "we put", "we name", "we start", "we end", "we avoid", "we want all", "no one", "nobody",
    "prefer", "i prefer", "i'd rather have", "only use", "use only", "don't ever", "do not ever", "please prefer",
)  # fmt: skip
CLAUSE_MARKS = (
    "btw", "fyi", "forward", "on", ",", "and", "but", "so", "that", "here", "now", "then", "also", "project", "repo",
    "team",
    "please", "because",
)  # fmt: skip
# Before a gerund these begin a habit.
HABITS = (
    "you to start", "us to start", "you to begin", "start", "we'll start", "we'll be", "we will be",
    "you to get used to", "focus on", "we start", "we are", "we're", "get used to", "you to be", "you to keep",
    "consider", "we've started", "recommend",
)  # fmt: skip
# Who forbids these wants something protected.
PROTECTED_FROM = frozenset("touch modify edit change delete rename remove".split())
FORBIDDING = (
    "don't", "do not", "never", "must not", "mustn't", "not allowed to", "please don't", "don't ever",
    "should not", "shouldn't", "avoid", "stop",
)  # fmt: skip
FORBIDDEN = phrases("stop", "avoid", "never", "don't")
FRONTED = ("for all", "for every", "for each", "for any")
# A prohibition of these alone holds for the task at hand.
EVERYTHING = frozenset(
    """write make modify edit change touch create implement commit push any code file files changes anything the it
    edits more""".split()
)
QUANTIFIERS = frozenset("every each all any".split())
BEFORE_QUANTIFIER = frozenset(", sure ensure that so remember please and also".split())
BEFORE_FORBIDDING = frozenset(", please you and we so also but just should must".split())
RULE_NAMES = phrases(
    "mandatory", "forbidden", "not allowed", "required",
    "rule is", "convention is", "rules are", "policy is", "our rule", "our convention",
)  # fmt: skip
NORMATIVE = frozenset(
    """must should needs need has have gets is are shall goes go belong belongs live lives stay remain""".split()
)
# Those that ask by themselves, of a whole class or after `always`.
ASKING = frozenset("must should needs need shall goes go belong belongs live lives stay remain".split())
# Before a number they bound something for good.
LIMITS = phrases(
    "under", "below", "at most", "no more than", "up to", "longer than", "fewer than", "less than", "exceed",
    "within",
)  # fmt: skip
NOTHING_FORBIDDEN = frozenset(
    """errors error changes change issues issue problems problem worries need longer result results output failures
    found were was available yet exist exists detected matches remaining left""".split()
)
# Explain, rather than state, a rule when they begin a sentence; not when what follows presses.
EXPLAINING = frozenset("this that these those they it it'll that's that'll by".split())
PRESSING = frozenset("mandatory important crucial essential required necessary vital imperative".split())
# What a clause before a comma begins with, when the command follows.
FRONTS = frozenset(
    """when for if after before in with as from going moving regarding while since on at whenever unless first
    firstly secondly second third also now additionally finally lastly remember once until wherever to by
    please""".split()
)
# Nouns that say nothing of what a rule asks for.
GENERIC = frozenset(
    """code coding codebase codebases codebas convention conventions standard standards style rule practice format
    formatting programming name names naming project line lines python version versions review reviews test-suite
    workflow development software value values key object list objects statement statements step print page pages
    integration memory""".split()
)
NAMED = frozenset(
    """function functions method methods class classes argument arguments parameter parameters variable variables
    attribute attributes module modules identifier identifiers""".split()
)
# Rules about no thing in particular.
VAGUE = (
    "keep our code", "keep your code", "your code clean", "code consistent", "modulariz", "the principles",
    "differently", "the way you", "change into", "our code consistent", "some coding", "code base consistent",
    "coding style consistent", "keep our codebase", "set of criteria",
)  # fmt: skip
# A phrase that asks somebody to do something.
DIRECTIVES = phrases(
    "want you to", "like you to", "need you to", "expect you to", "want us to", "like us to", "need us to",
    "ask you to", "asking you to", "must", "should", "shall", "please", "remember to", "remember that", "have to",
    "has to", "need to", "needs to", "required", "mandatory", "don't", "do not", "refrain from", "we'll be",
    "we will be", "we'll use", "we will use", "we now", "we're switching", "we are switching", "we're moving",
    "we are moving", "we've decided", "we decided", "we have decided", "the convention is", "our convention",
    "our rule", "our rules", "the rule is", "conventions we follow", "conventions is", "practices is",
    "practice is", "rules is", "importance of", "important that", "important to", "crucial to", "crucial that",
    "essential to", "essential that", "needs a", "needs an", "need a", "need an", "remember ,", "you to start",
    "focus on", "in the habit of", "into the habit of", "adhere to is", "use of", "let's use", "not allowed",
    "forbidden", "mustn't", "cannot", "can't", "i want", "i'd like", "keep in mind", "we want to",
    "we're starting to", "are to be", "is to be", "we follow", "i expect", "i'd prefer", "i need", "we should",
    "you'll need to", "we're going to", "we've started", "we're adopting", "we've switched", "we switched",
    "we're updating", "encourage you to", "we'd like",
)  # fmt: skip
IMPERATIVES = frozenset(
    """use add include start end begin import write name prefix suffix annotate wrap append prepend put keep run
    commit push document format declare define avoid prefer incorporate implement apply insert insist place store
    log test mock validate return throw raise handle pin lock squash rebase merge sign tag version call make
    create set stick remember ensure limit never always only don't do not stop refrain embed utilize employ adopt
    switch conclude finish decorate lint follow give configure enable disable cover update change replace assert
    catch check treat leave touch modify edit""".split()
)
# The work itself: what a rule can ask for. Forms are made by `forms`.
ACTIONS = forms(
    """use stay remain support add include start end begin import write name prefix suffix annotate wrap append
    prepend put keep run
    commit push document format declare define incorporate insert place store log test mock validate return throw
    raise handle pin squash rebase merge tag call create decorate lint catch assert embed utilize employ adopt
    switch conclude finish touch modify edit delete drop rename expose export inherit extend cache encrypt escape
    sanitize hardcode deploy release install build compile depend rely print swallow ignore suppress cover mention
    sign ask answer reply respond force-push go be contain have has follow hit access bypass skip disable enable
    set take move update implement change prefer avoid make exceed read comment indent quote share bump upgrade
    limit load send retry generate reference treat check apply specify pass emit fetch query migrate
    round""".split()
)
GENERAL = phrases(
    "all", "every", "each", "any", "whenever", "everywhere", "anywhere", "new code", "your code", "our code",
    "across the code", "codebase", "code base", "this repo", "this project", "this repository", "the project",
    "the repo", "our repo", "wherever", "even if", "in general", "no matter", "regardless", "a new",
)  # fmt: skip
CONVENTIONS = phrases(
    "convention", "conventions", "naming", "prefix", "suffix", "standard", "standards", "style", "guideline",
    "guidelines", "rule", "rules", "policy", "preference", "practice", "practices", "instead of", "rather than",
    "not", "instruction", "instructions", "even if", "instead", "habit",
)  # fmt: skip
# Nouns that name rules, and how a sentence announces one that the next ones state.
ABOUT_RULES = phrases(
    "convention", "conventions", "guideline", "guidelines", "standards", "practices", "practice", "instruction",
    "instructions", "standard", "rules", "coding practices", "style",
)  # fmt: skip
FRAMES = phrases(
    "convention", "conventions", "coding standards", "coding standard", "instruction", "instructions",
    "guidelines", "coding practices", "coding style", "rule", "rules",
)  # fmt: skip
FRAME_VERBS = phrases(
    "want", "i'd like", "update", "change", "new", "give", "follow", "regarding", "discuss", "emphasize",
)  # fmt: skip
GERUND_FRAMES = ("when", "before", "after", "while", "for", "if", "in")

# Work for which a tool is chosen, and what joins the two.
WORK = frozenset(
    """install installs installing installation installations build builds deploy deploys deploying deployment
    deployments format formatting lint linting bundle bundles bundling packaging scaffolding compile compiling
    benchmarking profiling debugging migrate migrations releases logging mocking type-checking typechecking
    backups provisioning testing tests dependencies""".split()
)
WORK_FOR = frozenset("for to when".split())
WORK_WITH = frozenset("with using via through without".split())
# Directly before what to do they need no comma.
LASTING_STARTS = (
    "from now on", "from now onwards", "going forward", "moving forward", "from here on", "henceforth", "in future",
    "in the future", "from today", "from today on",
)  # fmt: skip
# What stands before the colon of `One rule: always …`.
RULE_LABELS = frozenset("rule rules reminder remember note important convention policy said again btw nb".split())

# Nouns that only engineering uses (2), and those that also mean something else (1); a sentence needs 2.
STRONG_NOUNS = frozenset(
    """push deploy async/await callback callbacks ifs third-party codebase codebases repo repos repository
    repositories variable variables docstring docstrings decorator decorators linter linters linting formatter
    debugger debuggers debugging profiler api apis endpoint endpoints database databases sql orm schema schemas
    migration migrations dependency dependencies async typescript javascript python golang java kotlin vue django
    flask fastapi node npm pnpm yarn pip uv cargo maven gradle webpack vite eslint prettier ruff mypy pytest jest
    vitest docker kubernetes terraform postgres postgresql mysql sqlite redis mongodb graphql grpc json yaml toml
    css html tailwind git github gitlab bitbucket rebase linux vim emacs vscode pycharm ide ides stderr stdout
    regex mutex refactor refactoring snake_case camelcase pascalcase kebab-case uppercase lowercase ci/cd ci
    pre-commit precommit gpu gpus tpu tpus virtualenv venv env commit commits changelog readme todo todos typehint
    typehints config configs backend frontend mock mocks ui cli tui sdk jwt oauth timestamp timestamps utc enum
    enums struct structs const null undefined nullable mutable immutable singleton singletons subclass subclasses
    constructor constructors boolean booleans string strings integer integers tuple middleware webhook webhooks
    microservice microservices localhost makefile dockerfile lockfile indentation tabs whitespace semicolon
    semicolons import imports assert asserts assertion assertions coding kwargs programming programmer codestral
    copilot gh ssh bash subprocess stack-trace traceback logger function functions tests test-suite file files
    folder directory module modules queries endpoint-test branch branches force-push force-pushing squash rebasing
    headers handlers routes exports orms any-type runtime logging fixture fixtures unit-test unittest playwright
    cypress selenium storybook lodash axios httpx requests jsx tsx uuid uuids websocket websockets kafka rabbitmq
    pagination monolith kubectl cluster staging bashisms vendoring cursor polling semver""".split()
)
WEAK_NOUNS = frozenset(
    """docs documentation returns promises abbreviations code method methods class classes argument arguments
    parameter parameters attribute attributes package packages library libraries comment comments annotation
    annotations exception exceptions error errors test testing path paths type types interface interfaces name
    names naming identifier identifiers constant constants script scripts query table tables column columns
    test-suite server client component components hook hooks event events log logs build builds release releases
    deployment production staging main master dev merge version versions field fields key keys value values object
    objects list token tokens secret secrets password passwords request requests response responses header handler
    service services state model models controller poetry bun black rust swift curl shell react plugin plugins
    command commands usage network answer reply respond german english french chinese japanese spanish inheritance
    composition try except statement statements digit number formatting format prefix suffix convention
    conventions standard standards compile compiler hints hint notebook environment pipeline pipelines print
    prints output input unit integration feature flag flags route routes page pages button view views template
    templates memory thread threads lock locks cache loop loops control abstraction line lines tab spaces rule
    workflow pull pr prs review reviews retry retries backoff queue queues timeout timeouts""".split()
)
# Read as strong when they stand together.
STRONG_PAIRS = (
    "function argument", "function name", "method name", "class name", "attribute name", "variable name",
    "argument name", "try statement", "try block", "try except", "assert statement", "type hint",
    "version control", "virtual environment", "pull request", "unit test", "integration test", "feature branch",
    "dev branch", "main branch", "error handling", "default export", "named export", "log message",
    "commit message", "test file", "source file", "source code", "magic number", "feature flag",
    "environment variable", "print statement", "global state", "the tests", "test coverage", "error message",
    "error messages", "your code", "your functions", "your methods", "your classes", "function definition",
    "method definition", "code coverage", "test coverage", "code example", "code review", "business logic",
    "public function", "class attribute",
    "in your code",
)  # fmt: skip
TALK_PAIRS = (
    "dress code", "code of conduct", "zip code", "communication method", "benefits package", "company values",
    "core values", "customer service", "performance review", "conflict of", "team building", "open door",
    "communication style", "feedback", "code words", "type of", "types of", "class of", "world class",
    "first class", "these values", "performance dashboard",
)  # fmt: skip
# Code nouns whose bare plural means "in general", and what makes a plural particular.
PLURAL_NOUNS = frozenset(
    """functions methods classes variables attributes arguments parameters names modules imports decorators
    docstrings comments annotations asserts statements tests commits branches files endpoints migrations
    dependencies exceptions errors strings types hints interfaces constants prs queries components hooks logs
    messages timestamps secrets tokens passwords exports mocks fixtures routes handlers apis packages libraries
    lines prefixes suffixes enums globals singletons todos booleans notebooks pipelines debuggers linters
    formatters gpus identifiers keys values columns tables tabs semicolons code""".split()
)
PARTICULAR = frozenset(
    """the these those this that both two three four five six seven eight nine ten which what""".split()
)

# One of these takes a sentence out: it asks, guesses, or holds only for the moment.
TRANSIENT = phrases(
    "for now", "for the moment", "this time", "just once", "temporarily", "temporary", "only this once",
    "right now", "for today", "in this session", "for this session", "for the time being", "at the moment",
    "not at this", "later today", "until then", "this once", "today i", "yesterday", "last week", "yet", "so far",
    "pass now", "work now", "works now", "please check", "asap", "as a test", "for this pr", "in this pr",
    "for this one", "first pass", "for a second",
)  # fmt: skip
HEDGES = phrases(
    "maybe", "perhaps", "might", "could", "would it", "would you", "would be", "what if", "i wonder", "wondering",
    "i guess", "not sure", "i assume", "probably", "possibly", "hypothetically", "suppose", "i'm thinking",
    "let me know", "if you think", "would we", "i was thinking", "seems", "seem to", "i think", "or should",
    "can you", "could you", "can we", "shall we", "should we", "should i", "i would", "you should have",
    "should've", "should have", "i don't want you", "you would", "we would", "they would", "i've noticed",
    "i noticed", "you forgot", "looks like", "remember when", "remember how", "remember the time",
    "is supposed to", "was supposed to", "what about", "how about", "do you", "did you", "are there", "have you",
    "how come",
)  # fmt: skip
# The plain words of the rules' own tests.
NAMES = phrases("name", "names", "naming")
STRICT = phrases("must", "always", "never")
CONTRASTS = phrases("instead of", "rather than")
ASKED_FOR = phrases("want", "like", "need", "we'll", "we", "we're", "please", "expect")
TRIED = phrases("tried", "attempted", "approach")
FAILED = phrases(
    "didn't work", "did not work", "doesn't work", "does not work", "failed because", "not viable",
    "is a dead end", "made it worse",
)  # fmt: skip
REASONED = phrases("because", "since", "as it")
TASKS = phrases(
    "we still need to", "still needs to be", "remains to be done", "is still open", "remind me to",
    "left for a follow-up", "next we need to", "later we need to", "later we have to", "later on we need to",
    "later on we have to",
)  # fmt: skip
TASK_STARTS = (
    "todo:",
    "todo for later",
    "todo later",
    "still open:",
    "still to do:",
    "follow-up:",
    "open task:",
    "待办：",
    "待办:",
)
ENGINEERING = (" code", "coding", "python", "codebase", "programming", "repo", "`")
# A sentence that begins so asks, with or without its mark.
QUESTIONS = frozenset(
    "why how who whose which where what what's does did is are was were can could would should".split()
)
# What asks for something to be done from now on, although it is put as a question.
POLITE = (
    "can you make sure", "could you make sure", "can you please make sure", "could you please make sure",
    "can you always", "could you always", "can you please always", "could you please always",
)  # fmt: skip
# `Write a function that never …` says what is to be made, not how to work.
MAKING = frozenset("write create implement build generate develop make".split())
# A choice between two ways, by a user.
USER_CHOICES = phrases(
    "let's go with", "let's use", "we decided to", "we decided on", "i decided to", "we're going with",
    "we'll go with", "i'll go with", "we settled on", "let's stick with", "we chose", "i chose",
    "we've decided to", "we've decided on", "we opted for", "we went with", "let's stay with", "decision:",
    "we're sticking with", "we will go with", "we'll keep", "we're keeping", "i decided against",
    "we decided against", "we've decided against", "we'll stay with",
)  # fmt: skip
CHOOSING = phrases(
    "we should", "let's", "use", "we want", "we prefer", "switch", "store", "keep",
)  # fmt: skip
UNWANTED = phrases(
    "i don't want", "we don't want", "i do not want", "we do not want", "i never want",
)  # fmt: skip
# Praise, manners and pep talk; and rules about rules.
TALK = phrases(
    "don't hesitate", "do not hesitate", "feel free", "reach out", "don't worry", "keep up", "don't be afraid",
    "let's dive", "don't forget to ask", "happy to help", "keep me posted", "you're welcome", "take care",
    "great job", "well done", "proud of", "looking forward", "good luck", "have a great", "i'm glad", "thank you",
    "thanks for", "always here to", "always a pleasure", "i'm here to", "never mind", "nevermind", "can help",
    "doesn't mean", "does not mean", "keep in mind that", "always be reviewed", "touch base",
    "make it a point to ask", "happy coding", "always been", "always open", "can always", "will always",
    "would always", "you might name", "you would name", "you'd name", "you could name", "for example , if",
    "for instance , if", "i hope", "not only", "second nature", "let's discuss", "don't see", "don't know",
    "don't understand", "don't think", "don't have to", "do not have to", "don't need", "do not need",
    "i don't get", "i don't remember", "i don't care", "i don't have", "why don't", "can't see", "it doesn't",
    "i should", "doesn't have to", "if you have any", "if you need", "let's move", "not just", "anything else",
    "keep that in mind", "keep this in mind", "helps ensure", "help ensure", "do not stop", "don't stop",
    "please confirm", "want me to", "in order to see",
)  # fmt: skip
META_VERBS = (
    "updat", "chang", "standardiz", "incorporat", "pay attention", "start using", "adjust", "there's", "there is",
    "follow", "adhere", "adopt", "apply", "implement", "practice", "consistent", "stick", "internalize",
    "remember", "discuss", "provide", "emphasize", "share", "give", "go over", "review", "touch", "reinforce",
    "address", "revisit", "talk", "maintain",
)  # fmt: skip
DEIXIS = phrases(
    "the first", "the second", "the third", "option", "the other", "this function", "this file", "this test",
    "this line", "this method", "this class", "this pr", "this branch", "this commit", "this error",
    "the following", "these files", "these tests", "these changes", "this change", "this bug", "on line",
    "at line", "in line", "see line", "the above", "of these", "around lines", "below", "as well here",
    "this issue", "this case", "this fix", "this comment", "this feature", "the bug", "the fix", "step 1",
    "the plan", "in that case", "the new one", "next step", "this script", "the script", "currently",
    "that file", "that function", "that test", "that line", "that branch", "that method", "that commit",
    "this endpoint", "this table", "this component", "this module", "this query", "this view", "this screen",
    "this dialog", "this page", "this button", "the button", "the screenshot", "this project now",
)  # fmt: skip
LEANING = frozenset("them they it those these this".split())
ANAPHORA = frozenset("them they it those these that this there".split())
CONNECTORS = frozenset(
    """also likewise similarly and then so please now first second third firstly secondly thirdly lastly finally
    additionally moreover furthermore but just again okay ok yes no hey alright well remember next however
    therefore instead plus btw fyi oh right great perfect good yeah yep still or both kindly simply""".split()
)
BEFORE_ALWAYS = frozenset("on forward we you to should must and please us ll will also so they".split())
PREFERENCES = phrases(
    "prefer", "prefer to", "i like", "i'd rather", "i would rather", "i'd prefer", "i don't like", "my preference",
)  # fmt: skip
# A change of an earlier rule.
UPDATES = phrases(
    "instead", "no longer", "update", "updated", "updating", "change", "changed", "changing", "switch", "switched",
    "switching", "from now on", "going forward", "moving forward", "replace", "new convention", "anymore",
    "any more", "not any", "now on", "we now",
)  # fmt: skip

CHINESE_UPDATES = ("改用", "不再", "改为", "改成", "换成", "以后", "今后", "从现在", "从今")

# ---------------------------------------------------------------- Chinese

CHINESE_LASTING = (
    "以后", "今后", "从现在", "从今", "始终", "永远", "总是", "一律", "统一", "每次", "所有", "任何", "每个",
    "不再", "规范", "约定", "规定", "禁止", "一直", "凡是", "全部", "只能", "都要", "都用", "都必须", "不得",
    "不允许", "绝不", "我们用", "我们使用", "优先",
)  # fmt: skip
CHINESE_DIRECTIVES = (
    "必须", "不要", "不得", "不能", "不许", "不准", "不允许", "禁止", "别", "务必", "只能", "只用", "应该", "应当",
    "请", "要", "改用", "用", "不再", "统一", "一律", "绝不", "优先", "不", "记住", "记得", "保持",
)  # fmt: skip
CHINESE_FORCE = (
    "要用", "不能超过", "不超过", "必须", "务必", "禁止", "不得", "不许", "不准", "不允许", "绝不", "而不是",
    "不要用", "不要在", "不要把", "不要直接", "代替", "千万", "别用", "不用", "别在", "别把",
)  # fmt: skip
CHINESE_TASKS = ("之后记得", "回头记得", "后续需要", "后续还要", "稍后记得", "之后还要", "回头要")
CHINESE_USER_CHOICES = (
    "我们决定",
    "决定用",
    "决定不用",
    "决定采",
    "决定改",
    "决定使",
    "最终决定",
    "还是不用",
    "还是用",
    "就用",
)
CHINESE_NOUNS = (
    "代码", "变量", "函数", "方法", "类名", "类型", "测试", "提交", "分支", "接口", "注释", "数据库", "文件",
    "模块", "命名", "前缀", "后缀", "日志", "依赖", "文档", "缩进", "格式", "部署", "配置", "异常", "错误", "参数",
    "属性", "组件", "目录", "脚本", "版本", "仓库", "主分支", "端口", "装饰器", "导入", "常量", "字段", "表名",
    "索引", "缓存", "密钥", "密码", "环境变量", "单元", "编译", "构建", "发布", "合并", "样式", "继承", "组合",
    "请求", "响应", "时间戳",
)  # fmt: skip
CHINESE_VETO = (
    "吗", "？", "?", "呢", "要不要", "是不是", "能不能", "可否", "可不可以", "是否", "这次", "暂时", "先别",
    "目前", "临时", "说：", "说:", "说，", "认为", "先不", "先看", "先把", "今天", "也许", "可能", "或许", "大概",
    "好像", "似乎", "假如", "假设", "如果可以", "为什么",
    "怎么", "什么", "不客气", "别担心", "别客气", "不要紧", "看看", "看一下", "试试", "别急", "不对", "第一行",
    "不用了", "不用担心",
)  # fmt: skip
CHINESE_PARTICULAR = ("这个", "这里", "那个", "这行", "这一", "该", "上面", "下面", "刚才")
