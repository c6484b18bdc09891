"""What well-known commands do, as data. Subcommands stand behind their command; `*` is any other."""

from __future__ import annotations

READING = frozenset(
    """[ [[ ack ag codememory arch base64 basename bat cal cat cd cksum clear cloc cmp colordiff column comm
    command cut date df diff dig dirname du echo egrep expr false fd fgrep file fold free getconf getent glow grep
    groups head hexdump history
    host hostname id ifconfig jobs join jq last less locate ls lsb_release lsof man md5sum mdfind more nl nm
    nproc nslookup numfmt objdump od otool paste pgrep pidof popd pr printenv printf ps pushd pwd read readelf readlink
    realpath return rg say seq sha1sum sha256sum shasum sleep sort stat strings sw_vers tac tail test tldr tokei
    top tput
    tr tree true tsort tty type uname uniq uptime users vm_stat w wait wc where whereis which who whoami xxd yes zcat
    zgrep : set unset export alias ulimit umask trap shopt local declare exit break continue shift tasklist
    awk gawk sed find perl yq""".split()
)
"""Commands that leave everything as it was; the last line's have a writing form (see `effects._rewrites`)."""

READING_SUBCOMMANDS = {
    "git": "blame cat-file check-attr check-ignore cherry count-objects describe diff diff-tree for-each-ref grep help"
    " log ls-files ls-remote ls-tree merge-base name-rev range-diff reflog rev-list rev-parse shortlog show show-branch"
    " show-ref status var version whatchanged",
    "docker": "events history images info inspect logs port ps search stats top version",
    "podman": "images info inspect logs port ps stats top version",
    "docker-compose": "config images logs ps top",
    "kubectl": "api-resources cluster-info describe diff explain get logs top version",
    "gh": "browse search status",
    "npm": "bin explain fund help list ll ls outdated ping prefix root search show view whoami why",
    "pnpm": "list ls outdated root why",
    "yarn": "info list why",
    "pip": "check debug freeze index inspect list show",
    "pip3": "check debug freeze index inspect list show",
    "uv": "tree version",
    "poetry": "env show version about",
    "cargo": "locate-project metadata pkgid search tree",
    "go": "doc env help list version",
    "rustup": "show which",
    "brew": "config deps info leaves list search",
    "apt": "list policy search show",
    "dpkg": "-l -L -s",
    "terraform": "output providers show state version",
    "systemctl": "cat is-active is-enabled list-units show status",
    "alembic": "branches current heads history show",
    "helm": "get history list search show status template",
    "tmux": "capture-pane list-panes list-sessions list-windows ls",
    "conda": "info list search",
    "mise": "current ls list tasks where which",
    "make": "-n --dry-run",
    "dotnet": "--info --list-sdks",
    "claude": "--version",
}

CHECKING = frozenset(
    """actionlint bandit checkov clang-tidy commitlint cppcheck ctest cypress deptry detekt dialyzer djlint eslint
    flake8 gotestsum hadolint htmlhint interrogate jest karma ktlint markdownlint mocha mypy nose2 nosetests
    nox oxlint phpcs phpstan phpunit playwright pre-commit psalm pycodestyle pydocstyle pyflakes pylint pyright pyre
    py.test pytest revive rspec semgrep shellcheck staticcheck standard stylelint swiftlint tap tox ty
    unittest valgrind vet vitest vue-tsc vulture yamllint py_compile compileall doctest trial stestr""".split()
)
CHECKING_SUBCOMMANDS = {
    "ruff": "check",
    "golangci-lint": "run",
    "go": "test vet",
    "cargo": "bench check clippy miri nextest test udeps deny audit",
    "npm": "audit doctor t test tst",
    "pnpm": "audit t test",
    "yarn": "audit test",
    "bun": "test",
    "deno": "check lint test",
    "mvn": "test verify checkstyle:check",
    "mvnw": "test verify",
    "gradle": "check test lint",
    "gradlew": "check test lint",
    "dotnet": "test",
    "swift": "test",
    "mix": "credo dialyzer test",
    "flutter": "analyze test",
    "dart": "analyze test",
    "bazel": "test query",
    "sbt": "test",
    "terraform": "plan validate",
    "helm": "lint",
    "rails": "test spec",
    "hatch": "test",
    "biome": "check ci lint",
    "prettier": "--check -c -l --list-different",
    "black": "--check --diff",
    "isort": "--check --check-only --diff -c",
    "gofmt": "-l -d",
    "goimports": "-l -d",
    "rustfmt": "--check",
    "uv": "check",
    "poetry": "check",
    "composer": "test validate",
    "zig": "test",
    "forge": "test",
    "coverage": "report",
    "alembic": "check",
    "nx": "test lint",
    "docker": "scout",
    "claude": "plugin",
}
BUILDING = frozenset(
    """c++ cc clang clang++ cl cmake esbuild g++ gcc ghc javac kotlinc ld meson msbuild nasm ninja nvcc parcel qmake
    rollup rustc scalac swiftc tsc tsup vite webpack xcodebuild""".split()
)
BUILDING_SUBCOMMANDS = {
    "go": "build",
    "cargo": "build rustc",
    "npm": "pack",
    "deno": "compile",
    "mvn": "compile package",
    "mvnw": "compile package",
    "gradle": "assemble build",
    "gradlew": "assemble build",
    "dotnet": "build publish",
    "swift": "build",
    "mix": "compile",
    "flutter": "build",
    "bazel": "build",
    "sbt": "compile",
    "uv": "build",
    "poetry": "build",
    "hatch": "build",
    "zig": "build",
    "forge": "build",
    "docker": "build",
    "next": "build",
}

CHANGING = frozenset(
    """apk apt-get aptitude autopep8 black bzip2 chgrp chmod chown clang-format corepack cp createdb createuser dd dnf
    dos2unix dropdb gofmt goimports gunzip gzip install isort kill killall launchctl ln mkdir mkfifo mktemp
    mv nvm pacman patch pg_restore pipx pkill prettier pyenv rbenv rename rm rmdir rsync rustfmt setfacl stow sdk tar
    touch truncate unlink unzip update-alternatives xattr xz yapf yum zip zypper""".split()
)
CHANGING_SUBCOMMANDS = {
    "git": "add am apply bisect checkout cherry-pick clean clone commit fetch gc init lfs merge mv pull push rebase"
    " reset"
    " restore revert rm sparse-checkout stash submodule switch update-ref update-index filter-branch prune",
    "npm": "add ci create dedupe i init install link prune publish rebuild uninstall un update version",
    "pnpm": "add i import install link prune remove rm up update",
    "yarn": "add init install link remove up upgrade",
    "bun": "add i install link remove update",
    "deno": "add cache fmt install",
    "pip": "download install uninstall wheel",
    "pip3": "download install uninstall wheel",
    "uv": "add init lock pip python remove sync tool venv",
    "poetry": "add init install lock remove update",
    "pipenv": "install lock sync uninstall update",
    "pdm": "add install lock remove sync update",
    "cargo": "add clean fix fmt generate-lockfile init install new publish remove update vendor",
    "go": "clean fix fmt generate get install mod work",
    "rustup": "component default install target toolchain update",
    "docker": "commit compose cp create kill load network pull push rename restart rm rmi start stop system tag volume",
    "podman": "build create kill pull restart rm rmi start stop",
    "docker-compose": "build create down kill pull restart rm start stop up",
    "kubectl": "apply create delete edit patch replace rollout scale set",
    "helm": "install uninstall upgrade",
    "brew": "install link reinstall services tap uninstall unlink update upgrade",
    "apt": "autoremove install remove update upgrade",
    "gem": "install uninstall update",
    "bundle": "add install update",
    "composer": "dump-autoload install remove require update",
    "conda": "create install remove update",
    "mise": "install trust use",
    "asdf": "install local global plugin",
    "systemctl": "daemon-reload disable enable reload restart start stop",
    "service": "*",
    "alembic": "downgrade revision stamp upgrade",
    "prisma": "db generate migrate",
    "rails": "db:create db:drop db:migrate db:reset db:rollback db:schema:load db:seed db:setup destroy generate g",
    "terraform": "apply destroy fmt import init",
    "ruff": "format",
    "biome": "format migrate",
    "mix": "deps.compile deps.get ecto.create ecto.migrate ecto.reset format",
    "flutter": "clean create pub",
    "dart": "fix format pub",
    "swift": "package",
    "playwright": "install",
    "pre-commit": "autoupdate clean install",
    "venv": "*",
    "ensurepip": "*",
    "virtualenv": "*",
    "ssh-keygen": "*",
    "pg_ctl": "reload restart start stop",
    "initdb": "*",
    "next": "telemetry",
    "husky": "*",
    "direnv": "allow",
}

REPAIRING_FLAGS = frozenset(
    """--fix --write --apply --apply-unsafe --in-place --auto-correct --autocorrect --autocorrect-all --fix-dry-run
    --update-snapshot --updateSnapshot --snapshot-update --unsafe-fixes --fix-type
    --init""".split()
)
"""With one of these a checking command rewrites files."""

RUNNING_SUBCOMMANDS = {
    "npm": "run run-script",
    "pnpm": "run",
    "yarn": "run",
    "bun": "run",
    "deno": "task",
    "mise": "run",
    "hatch": "run",
    "nx": "run",
    "turbo": "run",
    "composer": "run run-script",
    "lerna": "run",
    "invoke": "",
    "make": "",
    "gmake": "",
    "just": "",
    "task": "",
    "mage": "",
    "rake": "",
    "ant": "",
    "lage": "",
    "moon": "run",
}
"""Commands that run a task of the project; what the task does is told by its name (see below)."""

CHECK_WORDS = frozenset(
    """analyze bench benchmark check checks ci clippy coverage cov doctest e2e eslint integration jest lint linter mypy
    pytest smoke spec specs tc test tests testing tsc typecheck types unit validate verify vet vitest""".split()
)
BUILD_WORDS = frozenset("all build bundle compile dist package wheel".split())
CHANGE_WORDS = frozenset(
    """bootstrap bump clean codegen configure create delete deploy deps down drop fix fmt format gen generate init
    install
    migrate migration migrations prepare proto publish push release reset restart rollback seed setup snapshot snapshots
    sync tidy uninstall up update upgrade venv""".split()
)

WRAPPERS = {
    "sudo": "-u -g -h", "time": "", "timeout": "-s -k --signal --kill-after", "env": "-u -C", "nice": "-n",
    "ionice": "-c -n",
    "nohup": "", "exec": "", "builtin": "", "stdbuf": "-i -o -e", "xvfb-run": "", "unbuffer": "", "caffeinate": "",
    "setsid": "", "strace": "-e -o", "npx": "-p --package", "bunx": "", "pnpx": "", "uvx": "--from --with -p --python",
    "xargs": "-I -n -P -L -d -s -a", "watch": "-n", "chronic": "", "retry": "", "doas": "-u", "arch": "", "dotenv": "",
}  # fmt: skip
"""Commands that run the words behind them, with their flags that take a value."""

INNER_RUNS = {
    "uv": ("run",), "poetry": ("run",), "pipenv": ("run",), "rye": ("run",), "pdm": ("run",), "bundle": ("exec",),
    "pnpm": ("exec", "dlx"), "yarn": ("exec", "dlx"), "npm": ("exec", "x"), "bun": ("x",), "direnv": ("exec",),
    "mise": ("exec", "x"), "nix-shell": ("--run",), "coverage": ("run",), "conda": ("run",), "micromamba": ("run",),
    "devbox": ("run",),
}  # fmt: skip
"""Commands whose subcommand runs the words behind it."""

INNER_FLAGS_WITH_VALUE = frozenset(
    """--with --extra --group --python -p --project --directory --env-file --package -n --name --prefix -e --env
    -w --workdir -u --user -C --with-requirements --index --no-group --only-group --source --include --omit""".split()
)
