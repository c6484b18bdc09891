"""What commands do: a table of real-looking ones, and what must hold of any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.effects import (
    BUILDS,
    BY_WEIGHT,
    CHANGES,
    CHECKS,
    COMMAND_CHARS_MAX,
    READS,
    UNKNOWN,
    effect_of,
    may_change,
)

CASES: dict[str, list[str]] = {
    READS: [
        "ls -la src",
        "cat pyproject.toml | head -20",
        "cd /srv/app && git status --short",
        "grep -rn 'rm -rf' scripts/ | sort | uniq -c",
        'rg "DELETE FROM" --type sql',
        "find . -name '*.py' -not -path './.venv/*' | xargs wc -l",
        "find . -type f -exec grep -l TODO {} +",
        "sed -n '10,40p' src/app.ts",
        "awk '{print $1}' access.log | sort | uniq -c | sort -rn | head",
        "git log --oneline -5",
        "git -C /srv/app --no-pager diff HEAD~1 -- src",
        "git -c color.ui=never show HEAD:README.md",
        "git branch -a",
        "git branch --show-current",
        "git stash list",
        "git remote -v",
        "git config --get user.email",
        "git worktree list",
        "git tag",
        "git submodule status",
        "docker ps -a --format '{{.Names}}'",
        "docker logs app 2>&1 | tail -50",
        "docker compose ps",
        "docker compose -f ci.yml logs web",
        "kubectl get pods -n prod",
        "gh pr view 12 --json title",
        "gh run list --limit 5",
        "gh api repos/o/r/pulls/12/comments",
        "npm ls react",
        "npm view typescript version",
        "pip show requests",
        "pip list | grep -i django",
        "python -m pip freeze",
        "uv pip list",
        "uv tree",
        "cargo metadata --format-version 1 | jq '.packages[].name'",
        "go list ./...",
        "node --version",
        "python3 --version && which python3",
        'echo "$(date): $(whoami)"',
        'for f in *.md; do echo $f; wc -l "$f"; done',
        "if [ -f .env ]; then cat .env; fi",
        "test -d build && echo yes || echo no",
        "ps aux | grep node | grep -v grep",
        "lsof -i :3000",
        "source .venv/bin/activate && pip list",
        "export PATH=$PATH:/opt/bin; which tool",
        "ls missing 2>/dev/null",
        "cat a > /dev/null",
        "diff <(sort a.txt) <(sort b.txt)",
        "tar -tzf release.tgz",
        "unzip -l release.zip",
        "systemctl status nginx",
        "python -m json.tool data.json",
        "alembic history",
        "terraform show",
        "jq '.scripts' package.json # rm -rf node_modules",
        "command -v uv",
        "sleep 2 && cat out.log",
        "git apply --check fix.patch",
    ],
    CHECKS: [
        "pytest -q tests/test_total.py::test_rounding",
        "python -m pytest tests/ -x -q 2>&1 | tail -40",
        "python3 -W error -m unittest discover -s tests",
        "uv run pytest -k 'total and not slow'",
        "uv run --with hypothesis --extra dev pytest tests",
        "poetry run mypy src",
        "PYTHONPATH=src DEBUG=1 python -m pytest",
        "env CI=1 npm test -- --runInBand",
        "timeout 120 cargo test --workspace",
        "time go test ./... -run TestTotal -count=1",
        "go vet ./...",
        "npm run test:unit",
        "npm run lint",
        "pnpm lint",
        "pnpm --filter web run typecheck",
        "yarn test --watchAll=false",
        "npx tsc --noEmit -p tsconfig.json",
        "npx vitest run src/total.test.ts",
        "npx -y eslint src --ext .ts",
        "cd packages/core && npx jest --ci",
        "make test",
        "make -C server check",
        "make lint test",
        "just test-integration",
        "mise run test:ci 2>&1",
        "mise run lint && mise run test",
        "bundle exec rspec spec/models",
        "./gradlew test --tests '*Total*'",
        "mvn -q test",
        "ruff check src tests",
        "ruff format --check .",
        "black --check .",
        "prettier --check src",
        "gofmt -l .",
        "cargo fmt --check",
        "cargo clippy -- -D warnings",
        "docker exec -it app pytest -q",
        "docker compose exec -T web python manage.py test billing",
        "kubectl exec pod-1 -- pytest tests",
        "bash -c 'cd app && pytest -q'",
        "sudo -u app pytest",
        "pytest > /tmp/out 2>&1; tail -20 /tmp/out",
        "pytest | tee test.log",
        "pytest -q 2>&1 | grep -E 'passed|failed'",
        "python3 check_total.py",
        "./run_tests.sh --fast",
        "./scripts/lint.sh",
        "node tests/total.test.js",
        "node --test",
        "bash -n deploy.sh",
        "python -m py_compile src/app.py",
        "python manage.py check",
        "if ! pytest -q; then echo failed; fi",
        "for i in 1 2 3; do pytest -q tests/test_race.py; done",
        "xvfb-run -a npm run e2e",
        "golangci-lint run ./...",
        "pre-commit run --all-files",
        "nx test api",
        "tox -e py311",
        "find tests -name 'test_*.py' -exec pytest {} \\;",
        "coverage run -m pytest",
        "npm run format:check",
        "terraform validate",
        "shellcheck bin/*.sh",
    ],
    BUILDS: [
        "npm run build",
        "go build ./...",
        "cargo build --release",
        "make",
        "make -j8 all",
        "cmake --build build",
        "gcc -o total total.c && ./check_total",
        "npx tsc -p .",
        "docker build -t app .",
        "python -m build",
        "mvn -q package -DskipTests",
        "go build ./... && go test ./...",
        "webpack --mode production",
    ],
    CHANGES: [
        "rm -rf node_modules",
        "mkdir -p build/reports",
        "touch src/__init__.py",
        "cp .env.example .env",
        "sudo mv a b",
        "chmod +x bin/run",
        "ln -sf ../lib lib",
        "npm install",
        "npm ci && npm test",
        "pnpm add -D vitest",
        "yarn",
        "pip install -e '.[dev]'",
        "python3 -m pip install requests",
        "python -m venv .venv",
        "uv sync --all-extras",
        "uv pip install ruff",
        "uv add hypothesis",
        "poetry install",
        "bundle install",
        "brew install jq",
        "sudo apt-get install -y libpq-dev",
        "go mod tidy",
        "go get example.com/x@latest",
        "cargo add serde",
        "cargo fmt",
        "ruff check --fix src",
        "ruff format .",
        "black src",
        "eslint . --fix",
        "npx prettier --write src",
        "npm run format",
        "npm run lint:fix",
        "npm run lint -- --fix",
        "npx jest -u",
        "gofmt -w cmd/",
        "sed -i 's/a/b/' src/app.py",
        "sed -i.bak -e 's/a/b/' src/app.py",
        "sed -Ei 's/a+/b/' x.txt",
        "perl -pi -e 's/a/b/' src/*.py",
        "cat > src/app.py <<'EOF'\nprint(1)\nEOF",
        "cat <<EOF >> ~/.profile\nexport A=1\nEOF\necho done",
        "echo 'DEBUG=1' >> .env",
        "printf '%s' x | tee src/version.txt src/version.py",
        "jq '.a=1' package.json > package.tmp && mv package.tmp package.json",
        "cat > /tmp/probe.py <<'EOF'\nimport x\nEOF\npython /tmp/probe.py",
        "find . -name '*.pyc' -delete",
        "find . -name __pycache__ -exec rm -rf {} +",
        "git ls-files -z '*.orig' | xargs -0 rm -f",
        'for f in src/*.js; do mv "$f" "${f%.js}.ts"; done',
        "git checkout -b feature",
        "git add -A && git commit -m \"$(cat <<'EOF'\nFix the total; don't round twice\nEOF\n)\"",
        "git stash && git pull --rebase",
        "git fetch origin",
        "git config user.email a@b.c",
        "git branch -D old",
        "git submodule update --init",
        "docker compose up -d db",
        "docker exec db createdb app",
        "kubectl apply -f k8s/",
        "python manage.py migrate",
        "alembic upgrade head",
        "npx prisma migrate dev",
        "rails db:migrate",
        "make install",
        "make clean && make test",
        "make db-migrate",
        "lsof -ti:3000 | xargs kill -9",
        "pkill -f vite",
        "tar xzf data.tgz",
        "VERSION=$(cat version) && rm -f dist/$VERSION",
        "x=`rm -f lock`; echo $x",
        'bash -c "rm -f app.lock"',
        "pytest -q; git checkout -- snapshots",
        "systemctl restart nginx",
        "make deploy-check && mystery --now",
    ],
    UNKNOWN: [
        "",
        "python train.py",
        "python -c 'import os; os.remove(\"x\")'",
        "python - <<'EOF'\nprint(1)\nEOF",
        "python3 scripts/fix_imports.py && pytest -q",
        "node server.js",
        "npm start",
        "npm run dev",
        "curl -s https://example.com/health",
        "ssh host 'systemctl restart app'",
        "psql -c 'select 1'",
        "gh pr merge 12",
        "gh api -X DELETE repos/o/r/git/refs/heads/x",
        "mystery --flag | tail -3",
        "./tool --input a",
        "./scripts/setup_tests.sh",
        "/opt/vendor/bin/loader",
        "go run ./cmd/seed",
        "cargo run --example load",
        "bash scripts/do.sh",
        "docker run --rm image pytest",
        "docker compose run web sh -c ls",
        "source ./scripts/do.sh && pytest",
        'eval "$COMMANDS"',
        "some_function () { echo hi; }; some_function",
    ],
}


@pytest.mark.parametrize(
    ("command", "effect"), [(command, effect) for effect, commands in CASES.items() for command in commands]
)
def test_effect(command: str, effect: str) -> None:
    assert effect_of(command) == effect


def test_there_are_enough_cases() -> None:
    assert sum(map(len, CASES.values())) >= 120


def test_a_command_that_was_cut_off_is_not_trusted() -> None:
    whole = "pytest -q " + "tests/test_a.py " * 200
    assert effect_of(whole[: COMMAND_CHARS_MAX - 1]) == CHECKS
    assert effect_of(whole[:COMMAND_CHARS_MAX]) == UNKNOWN


@pytest.mark.parametrize("command", CASES[CHANGES] + CASES[UNKNOWN][1:])
@pytest.mark.parametrize("other", ["pytest -q", "ls", "npm run build"])
def test_what_may_change_outweighs_everything(command: str, other: str) -> None:
    for joint in (" && ", "\n"):
        assert may_change(f"{other}{joint}{command}")
        assert may_change(f"{command}\n{other}")


@given(st.text(alphabet=st.sampled_from(list("ab\"'`$(){}<>|&;#\\\n -=E")) | st.characters(), max_size=300))
def test_any_text_has_an_effect(command: str) -> None:
    assert effect_of(command) in BY_WEIGHT


@given(st.sampled_from([one for commands in CASES.values() for one in commands if one]), st.sampled_from(CASES[READS]))
def test_looking_first_changes_nothing(command: str, look: str) -> None:
    if "#" not in look and "export" not in look:
        weight = {effect: place for place, effect in enumerate(BY_WEIGHT)}
        assert effect_of(f"{look}\n{command}") == min(effect_of(look), effect_of(command), key=weight.__getitem__)


@pytest.mark.parametrize(
    "text", ["$(" * 20_000, '"' + "\\a" * 500_000, "<<E\n" * 100_000, "`" * 300_000, "a " * 500_000]
)
def test_hostile_text_takes_no_time(text: str) -> None:
    from time import process_time

    started = process_time()
    effect_of(text)
    assert process_time() - started < 1.0
