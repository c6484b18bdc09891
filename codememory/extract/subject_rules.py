"""What rules are about: things that get names, tools by their role, words that say nothing; data only."""

from __future__ import annotations

NAMED_THINGS = {
    "argument": "argument", "arguments": "argument", "parameter": "argument", "parameters": "argument",
    "attribute": "attribute", "attributes": "attribute", "variable": "variable", "variables": "variable",
    "method": "method", "methods": "method", "function": "function", "functions": "function", "class": "class",
    "classes": "class", "constant": "constant", "constants": "constant", "branch": "branch", "branches": "branch",
    "file": "file", "files": "file", "table": "table", "tables": "table", "column": "column", "columns": "column",
    "test": "test", "tests": "test", "module": "module", "modules": "module", "component": "component",
    "components": "component", "package": "package", "field": "field", "fields": "field", "key": "key",
    "keys": "key", "enum": "enum", "enums": "enum", "interface": "interface", "interfaces": "interface",
    "type": "type", "types": "type", "endpoint": "endpoint", "endpoints": "endpoint", "hook": "hook",
    "hooks": "hook",
}  # fmt: skip
# The noun, and what it is called in a key where it can be named; else empty.
CHINESE_THINGS = {
    "变量": "variable", "函数": "function", "方法": "method", "参数": "argument", "属性": "attribute",
    "类名": "class", "常量": "constant", "分支": "branch", "文件": "file", "表名": "table", "字段": "field",
    "组件": "component", "模块": "module", "接口": "interface", "代码": "", "类型": "", "测试": "", "提交": "",
    "注释": "", "数据库": "", "命名": "", "前缀": "", "后缀": "", "日志": "", "依赖": "", "文档": "", "缩进": "",
    "格式": "", "部署": "", "配置": "", "异常": "", "错误": "", "目录": "", "脚本": "", "版本": "", "仓库": "",
    "主分支": "", "端口": "", "装饰器": "", "导入": "", "索引": "", "缓存": "", "密钥": "", "密码": "",
    "环境变量": "", "单元": "", "编译": "", "构建": "", "发布": "", "合并": "", "样式": "", "继承": "",
    "组合": "", "请求": "", "响应": "", "时间戳": "",
}  # fmt: skip
# How a name is shaped, most telling first.
NAMING_ASPECTS = (
    ("prefix", (
        "start", "starts", "starting", "begin", "begins",
        "beginning", "prefix", "prefixed", "prepend", "前缀", "开头",
    )),
    ("suffix", ("end", "ends", "ending", "suffix", "append", "finish", "conclude", "后缀", "结尾")),
    ("digit", ("digit", "digits", "数字")),
    ("case", (
        "snake_case", "snake", "camelcase", "camel", "pascalcase", "pascal", "kebab-case", "kebab", "uppercase",
        "lowercase", "upper", "all-caps", "capital", "caps", "大写", "小写", "驼峰", "下划线",
    )),
    ("contains", ("include", "includes", "including", "contain", "contains", "containing", "string", "包含")),
)  # fmt: skip
CASES = frozenset(NAMING_ASPECTS[3][1])
# Words that a rule sets like a number.
SETTINGS = frozenset(
    """one two three four five six seven eight nine ten once twice half english german french spanish chinese japanese
    korean portuguese russian""".split()
)
# Only one tool of a role is in use at a time.
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
ROLE_OF = {tool: role for role, tools in TOOL_ROLES.items() for tool in tools.split()}
# What stands before a value that is no longer the rule.
FORMER = (
    " from", " instead of", " not", " previously", " rather than", " was", " than", " of", " old", " mentioned",
    " replacing",
)  # fmt: skip
UNSUBJECT = frozenset(
    """a an the and or but need needs to of in on at by for from with without as is are be been being was were it its
    this that
    these those them they their our your my we you i he she us me all every each any some no not never always only
    must should shall will would can cannot can't don't do does did doesn't please now going forward moving future
    make sure ensure want like need have has had use uses used using instead rather than when whenever while if
    even so because since also just remember important importance keep start starting follow code consistently
    consistent i'd i'll we'll we're we've you're it's let's new there here such into onto over under about which
    what who whom consistency readability practice practices get habit one more thing good way both prefer avoid
    stop add include including write create put set via per same update updated convention standard rule
    instruction , - — point right mandatory required necessary explicitly team company project projects""".split()
)
NEGATIVES = (
    "never", "not", "don't", "no longer", "avoid", "refrain", "stop", "without", "mustn't", "can't", "cannot",
    "shouldn't", "no", "不要", "不得", "不能", "禁止", "别", "不再", "不许", "不用", "绝不",
)  # fmt: skip
