"""What is recognised as meant to last, what is not, and what a later statement does to an earlier one."""

from __future__ import annotations

import json
import subprocess
import sys
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import statements
from codememory.extract import subjects
from codememory.extract.statements import (
    STATEMENT_CHARS_MAX,
    STATEMENTS_MAX,
    Statement,
    same_subject,
    statements_in,
    supersedes,
)
from codememory.extract.wording import Wording

RULES = [
    ("never", "Never commit directly to main."),
    ("custom", "We use pnpm here, not npm."),
    ("custom-negative", "We don't use ORMs in this project."),
    ("always", "Always run the linter before pushing."),
    ("no-touch", "Don't touch the generated files."),
    ("must-not", "Tests must not hit the network."),
    ("instead", "Use httpx instead of requests."),
    ("from-now-on", "From now on, keep functions under 50 lines."),
    ("quantified", "All API responses must be camelCase."),
    ("needs", "Every public function needs a docstring."),
    ("no-things", "No default exports."),
    ("whenever", "Whenever you change the schema, add a migration."),
    ("passive", "remember: timestamps are always stored in UTC"),
    ("habit", "I'd like you to start ending your variable names with '_n'."),
    ("stop", "Stop adding emojis to commit messages."),
    ("rule-is", "Our rule is: one migration per pull request."),
    ("unwanted", "I don't want any new dependencies."),
    ("mandatory", "It's mandatory that you use docstrings in your functions."),
    ("language", "Please always answer in German."),
    ("role", "Use PostgreSQL as the database."),
    ("goes", "All new code goes under src/features."),
    ("limit", "Keep components under 200 lines."),
    ("make-sure-never", "Make sure you never log user emails or tokens."),
    ("layer", "Database access always goes through the repository layer."),
    ("preferred", "I prefer early returns over nested ifs."),
    ("from-here", "From here on, write the docs in British English."),
    ("everywhere", "Use UTC everywhere."),
    ("mandatory-subject", "Type hints are mandatory for every function."),
    ("polite", "Can you make sure that you never push without asking me?"),
    ("rivals", "Please use spaces here, not tabs."),
    ("in-this-repo", "use tabs in this repo"),
    ("btw", "btw we only support Node 20 and up"),
    ("named-before-the-pronoun", "Remember that the staging cluster is read-only; never run kubectl apply against it."),
    ("zh-must", "所有接口必须返回 JSON。"),
    ("zh-unify", "变量名一律用下划线命名。"),
    ("zh-never", "不要直接提交到 main 分支"),
    ("zh-custom", "我们用 pnpm，不用 npm"),
    ("zh-from-now", "以后提交信息统一用英文。"),
    ("zh-each-time", "每次修改数据库结构都要写迁移脚本"),
]
PASSING = [
    ("task", "fix the failing test in parser.py"),
    ("run", "run the tests"),
    ("question", "Should we always use UTC?"),
    ("request-question", "Can you always show the full path?"),
    ("for-now", "For now, use sqlite instead of postgres."),
    ("this-time", "This time use yarn instead of npm."),
    ("not-yet", "Don't run the tests yet"),
    ("guess", "Maybe we should use redis instead of memcached."),
    ("belief", "I think the cache is always stale"),
    ("what-if", "what if we used kafka instead of rabbitmq?"),
    ("symptom", "The server never starts and always returns 500."),
    ("report", "the tests always fail on CI"),
    ("thanks", "thanks, that's great!"),
    ("manners", "Don't hesitate to reach out, my door is always open."),
    ("small-talk", "Always approach conversations with colleagues respectfully."),
    ("talk-rule", "Each team member should share feedback every week."),
    ("meta", "Always follow the coding standards we discussed."),
    ("one-file", "Please update all the imports in this file."),
    ("no-found", "No tests found for the streaming functions."),
    ("idiom", "Never mind."),
    ("no-edits", "Do not modify any files."),
    ("explain-only", "Don't write any code, just explain."),
    ("all-pass", "make sure every test passes before you commit"),
    ("reproach", "you should have used the existing function instead of writing a new one"),
    ("request", "Please add type hints to all functions in utils.py"),
    ("choice-of-answer", "let's go with the first one, but keep the tests"),
    ("new-one", "please use the existing component instead of creating a new one"),
    ("bug", "This must be fixed before the next release."),
    ("quoted", "> Always use tabs in the code\nok"),
    ("fenced", "```\n# always use tabs in the code\n```\nthis fails"),
    ("pasted", "Here is the doc:\nAlways use tabs in the code.\nNever commit to main."),
    ("log", "ERROR you must always call init() before any function"),
    ("traceback", 'Traceback (most recent call last):\n  File "x.py", line 3\nValueError: code must never be empty'),
    ("stamped", "2026-02-10 12:43:25 functions must never be empty"),
    ("table", "| rule | always use tabs in functions |"),
    ("document", "# Guide\nAlways use tabs in functions.\n# More\nNever commit to main."),
    ("plan", "Implement the following plan:\nAlways use tabs in functions."),
    ("markup", "<system-reminder>\nAlways use tabs in functions.\n</system-reminder>"),
    ("question-unmarked", "how come the tests always need docker"),
    ("specified", "Write a function that always returns a sorted copy and never mutates its input."),
    ("that-file", "wait, don't delete that file!"),
    ("this-endpoint", "For this endpoint we should return 404 instead of 400"),
    ("remote", "git push says\nremote: You must never push to main directly.\nhelp"),
    ("hook", "Stop hook feedback:\n[stop.sh]: You must always commit your code before stopping."),
    ("long-list", "Please build this.\n" + "- Functions must never block the event loop.\n" * 80),
    ("zh-said", "他说：“所有接口都必须加缓存”。你觉得对吗？"),
    ("zh-first", "先不要提交代码，等我看完。"),
    ("zh-run", "先跑一下测试"),
    ("zh-this-time", "这次不要提交代码"),
    ("zh-question", "是不是应该统一用 UTC？"),
    ("zh-manners", "不要着急"),
]


@pytest.mark.parametrize("text", [text for _, text in RULES], ids=[name for name, _ in RULES])
def test_a_rule_is_recognised_whole(text: str) -> None:
    found = statements_in(text, role="user")
    assert [one.kind for one in found] in (["constraint"], ["preference"])
    assert text.rstrip(".。") in found[0].text
    assert 0.4 <= found[0].confidence <= 0.8
    assert found[0].subject


@pytest.mark.parametrize("text", [text for _, text in PASSING], ids=[name for name, _ in PASSING])
def test_what_does_not_last_is_left(text: str) -> None:
    assert [(one.kind, one.text) for one in statements_in(text, role="user")] == []


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("We decided to use SQLite because it needs no server.", "decision", "it needs no server"),
        ("I chose polling over websockets because the proxy drops them.", "decision", "the proxy drops them"),
        ("Switched from npm to pnpm to avoid duplicate installs.", "decision", "to avoid duplicate installs"),
        ("All callers now use `errors.Is` instead of string matching.", "decision", ""),
        ("Kept the old endpoint — two clients call it every day.", "decision", "two clients call it every day"),
        ("Key design decision: Shell out to git rather than link a library", "decision", ""),
        ("The polling approach did not work because proxies cache replies.", "rejection", "proxies cache replies"),
        ("Rejected the ORM because it hides the queries.", "rejection", "it hides the queries"),
        ("Still open: the Windows launcher is untested.", "task", ""),
        ("决定采用 SQLite，因为不需要服务器。", "decision", "因为不需要服务器"),
        ("改用 httpx 而不是 requests。", "decision", ""),
    ],
    ids="decided chose switched now kept label failed rejected open zh-decided zh-switched".split(),
)
def test_a_conclusion_comes_with_its_reason(text: str, kind: str, reason: str) -> None:
    found = statements_in(text, role="assistant")
    assert [(one.kind, one.reason) for one in found] == [(kind, reason)]


@pytest.mark.parametrize(
    "text",
    [
        "Let me check why the tests fail because of the import.",
        "We could use SQLite instead of Postgres.",
        "I'd recommend Vite instead of webpack because it is faster.",
        "This fails because the file is missing.",
        "Should I use pnpm instead of npm?",
        "Done! Renamed the function and updated the callers.",
        "If we use redis instead, we avoid the lock.",
        "Updated tests to expect the new text instead of the old one.",
        "The fix: call `git diff` instead of the library. Want me to make it?",
        "The message holds 3 fields instead of 2 because of the merge.",
    ],
)
def test_a_plan_a_guess_or_a_report_is_no_decision(text: str) -> None:
    assert [one.text for one in statements_in(text, role="assistant")] == []


def test_a_root_cause_is_the_reason_of_its_fix() -> None:
    found = statements_in("The root cause was a stale cache key. Fixed by adding the branch to it.", role="assistant")
    assert [(one.text, one.reason) for one in found] == [
        ("Fixed by adding the branch to it.", "The root cause was a stale cache key.")
    ]


def test_an_announced_rule_reaches_the_next_sentence() -> None:
    announced = "I want to update our coding style going forward. End method names with '_o'."
    assert [one.text for one in statements_in(announced, role="user")] == ["End method names with '_o'."]


def test_a_rule_that_leans_on_the_sentence_before_takes_it_along() -> None:
    text = "Our service has a logger module. From now on always call it in handlers."
    (found,) = statements_in(text, role="user")
    assert found.text == text
    assert text[slice(*found.span)] == text


def test_the_items_below_a_heading_of_rules_are_rules() -> None:
    found = statements_in("Rules:\n- keep functions small\n- write tests with pytest", role="user")
    assert [one.text for one in found] == ["keep functions small", "write tests with pytest"]


def test_two_rules_in_one_sentence_are_two_statements() -> None:
    found = statements_in("Start all function names with 'y_' and attribute names with 't_'.", role="user")
    assert [one.subject for one in found] == ["function naming prefix", "attribute naming prefix"]


def test_a_statement_names_its_files_globs_and_symbols() -> None:
    (found,) = statements_in("Never edit src/api/schema.py or docs/*.md, always call `render_all()`.", role="user")
    assert (found.files, found.globs, found.symbols) == (["src/api/schema.py"], ["docs/*.md"], ["render_all"])


def test_other_roles_say_nothing() -> None:
    assert statements_in("Never commit directly to main.", role="tool") == []


@pytest.mark.parametrize(
    ("older", "newer", "relation"),
    [
        ("We use pnpm here, not npm.", "From now on use yarn instead of pnpm.", "supersedes"),
        ("Always use PostgreSQL as the database.", "From now on, use SQLite as the database.", "supersedes"),
        ("Always use tabs for indentation.", "Always use spaces for indentation.", "supersedes"),
        ("Always end method names with '_a'.", "Please end all method names with '_b'.", "supersedes"),
        ("Always end method names with '_a'.", "Please start all method names with 'b_'.", ""),
        ("Always end method names with '_a'.", "Please end all class names with '_b'.", ""),
        ("Always end method names with '_a'.", "Remember to always end method names with '_a'.", ""),
        ("Always run the linter before pushing.", "Never run the linter before pushing.", "supersedes"),
        ("Always keep functions under 50 lines.", "From now on, keep functions under 30 lines.", "supersedes"),
        ("Always keep functions under 50 lines.", "Always keep functions under 30 lines.", "conflict"),
        ("Always import the 'gzip' module.", "Always import the 'bz2' module.", ""),
        ("Tests must not hit the network.", "Every endpoint must have an integration test.", ""),
        ("变量名一律用下划线命名。", "以后变量名统一用驼峰命名。", "supersedes"),
        ("数据库统一用 MySQL", "以后数据库改用 PostgreSQL", "supersedes"),
    ],
)
def test_what_a_later_rule_does_to_an_earlier_one(older: str, newer: str, relation: str) -> None:
    (before,), (after,) = statements_in(older, role="user"), statements_in(newer, role="user")
    assert supersedes(after, before) == relation


def test_a_rule_read_back_from_its_text_is_compared_alike() -> None:
    (newer,) = statements_in("From now on use yarn instead of pnpm.", role="user")
    assert supersedes(newer, Statement("constraint", "We use pnpm here, not npm.")) == "supersedes"


PROSE = st.text(max_size=400) | st.lists(
    st.sampled_from(
        "always never 'a_' ` ``` > | : . ? \n because instead of from now on use the functions".split(" ")
        + "必须 不要 代码 * ** - # < </x> and please we".split(" ")
    ),
    max_size=120,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(text=PROSE, role=st.sampled_from(["user", "assistant"]))
def test_no_text_raises_and_every_statement_keeps_its_bounds(text: str, role: str) -> None:
    found = statements_in(text, role=role)
    assert len(found) <= STATEMENTS_MAX
    for one in found:
        assert 0 < len(one.text) <= STATEMENT_CHARS_MAX
        assert len(one.reason) <= STATEMENT_CHARS_MAX
        assert 0 <= one.span[0] < one.span[1] <= len(text)
        assert 0.4 <= one.confidence <= 0.8


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    left, right = Statement("constraint", one), Statement("constraint", other)
    assert same_subject(left, right) == same_subject(right, left)
    assert 0 <= same_subject(left, right) <= 1


@given(st.text(min_size=1, max_size=80))
def test_a_rule_never_supersedes_itself(text: str) -> None:
    assert supersedes(Statement("constraint", text), Statement("constraint", text)) == ""


@pytest.mark.parametrize("line", ["always use tabs in functions, never 'x", "`always` ", "Use a, not b. ", "必须 "])
def test_a_megabyte_costs_no_more_than_its_first_part(line: str) -> None:
    part = (line + "\n") * (60_000 // len(line))
    whole = part * 17
    statements_in(part, role="user")
    started = process_time()
    statements_in(part, role="user")
    cost = process_time() - started
    started = process_time()
    statements_in(whole, role="user")
    assert process_time() - started < 6 * cost + 0.1


def test_a_prompt_without_a_cue_loads_no_rules() -> None:
    code = (
        "import sys; from codememory.extract.statements import statements_in;"
        "statements_in('look at the parser', role='user');"
        "print([name for name in sys.modules if name in ('re', 'typing', 'codememory.extract.statement_rules')])"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "[]", run.stderr


def test_an_alternative_that_is_given_up_is_no_value() -> None:
    assert subjects.value_of(Wording("From now on use 'b_' instead of 'a_' in names.")) == {"b_"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Let's go with Postgres instead of MySQL, because we need partial indexes.", "decision"),
        ("I decided against Redis for the job queue: one more thing to operate.", "decision"),
        ("We'll keep the monolith; splitting it costs us more than it gives.", "decision"),
        ("我们决定用 SQLite 而不是 LevelDB，因为需要事务。", "decision"),
        ("I prefer early returns over nested ifs.", "preference"),
        ("We tried the websocket approach and it didn't work because of their proxy.", "rejection"),
        ("TODO for later: the retry logic in uploader.py needs a jitter.", "task"),
        ("Remind me to remove the flag `new_checkout` after the release.", "task"),
        ("Later we have to move the billing tests over to the new fixtures.", "task"),
        ("这个先放着，之后记得把超时时间做成可配置的。", "task"),
    ],
    ids="choice against keep zh-choice prefer rejected todo remind later zh-later".split(),
)
def test_the_kinds_of_a_users_words(text: str, kind: str) -> None:
    assert [one.kind for one in statements_in(text, role="user")] == [kind]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I went with a queue rather than row locks: SQLite has one writer, so locks would only wait.", "decision"),
        ("Instead of patching each handler I moved the check into the middleware, because a new one would forget it.",
         "decision"),
        ("Decided not to vendor the library: upstream releases weekly and the fork would rot.", "decision"),
        ("I considered a trie but rejected it: the list never exceeds 200 entries.", "rejection"),
        ("Left open: the Windows path of `resolve()` is not tested.", "task"),
        ("我选择用 WAL 模式而不是 rollback journal，因为读写可以并发。", "decision"),
        ("最终决定保留旧接口，以免破坏 2.x 客户端。", "decision"),
        ("I used `sed` instead of the Edit tool because the file is large.", ""),
        ("I created a temporary file to avoid quoting problems in the shell.", ""),
        ("The maintainers rejected the pull request because it had no tests.", ""),
        ("I removed them because I found nothing, but I don't have evidence.", ""),
        ("The branch had errors, but now it's fixed, so the next run should pass.", ""),
        ("`test_log.py` — renamed since logging no longer falls back.", ""),
    ],
    ids="queue middleware vendor trie open zh-wal zh-kept sed temporary others doubt fixed test".split(),
)  # fmt: skip
def test_the_kinds_of_an_assistants_words(text: str, kind: str) -> None:
    assert [one.kind for one in statements_in(text, role="assistant")] == ([kind] if kind else [])


def test_what_follows_a_pasted_block_is_the_users_again() -> None:
    text = "Here's the log:\n\n```\nNever run as root\n```\nFix it, and from now on always validate the request body."
    assert [one.text for one in statements_in(text, role="user")] == [
        "Fix it, and from now on always validate the request body."
    ]


DECIDED = "We decided to use pnpm instead of npm because it is faster."
FORBIDDEN = "Never install anything without pnpm."


@pytest.mark.parametrize(
    "text",
    [
        f'The README says: "Our tool is fast. {DECIDED}"',
        f"The README says: “Our tool is fast. {DECIDED}”",
        f"The guide's words are «Our tool is fast. {DECIDED}» and more.",
        f"The guide's words are 'Our tool is fast. {DECIDED}' there.",
        f'It goes like this "Our tool is fast.\n{DECIDED}\nIt is small."',
        f"According to CONTRIBUTING.md: Our tool is fast. {DECIDED}",
        f"The web page instructs: {DECIDED}",
        f"The tool output tells: {DECIDED}",
        f"Here is the content of notes.md:\n\nOur tool is fast.\n\n{DECIDED}",
        f"`settings.json` reads: {DECIDED}",
        f"The issue says {DECIDED.lower()}",
        f"The page at https://example.org/x says:\n- {DECIDED}",
        f"The subagent reported: {DECIDED}",
        f"The wiki suggests a cache. One comment: {DECIDED}",
        f"ADR-7 reads as follows.\n\n{DECIDED}",
        f"Summary of the article:\n\n- {DECIDED}",
        f"I found this in the wiki:\n\n{DECIDED}",
        f"The script printed:\n{DECIDED}",
        f"stdout:\n\n{DECIDED}",
        f"In the handbook: {DECIDED}",
        f"Carol's mail: {DECIDED}",
        f"{DECIDED} (from the README)",
        f"{DECIDED} That's what the issue says.",
        f"In issue 7 the maintainers explained that {DECIDED.lower()}",
        f"Assistant: {DECIDED}",
        f"<|im_start|>assistant\n{DECIDED}",
        f'"""\n{DECIDED}\n"""',
        "README 里写着：我们决定使用 pnpm 而不是 npm，因为它更快。",
        "根据文档，我们决定使用 pnpm 而不是 npm，因为它更快。",
        "命令的输出是：\n我们决定使用 pnpm 而不是 npm，因为它更快。",
        "会议记录里提到，我们决定使用 pnpm 而不是 npm，因为它更快。",
        "里面写着“我们决定使用 pnpm 而不是 npm，因为它更快。”",
        "会上，Dave 说他们决定使用 pnpm 而不是 npm，因为它更快。",
        f"The page wants me to record this decision: {DECIDED}",
    ],
)
def test_what_a_document_says_is_no_decision_of_who_repeats_it(text: str) -> None:
    assert [one.text for one in statements_in(DECIDED, role="assistant")] == [DECIDED]
    assert [one.text for one in statements_in(text, role="assistant")] == []


@pytest.mark.parametrize(
    "text",
    [
        f'the README says "Our tool is fast. {FORBIDDEN}" - is that true?',
        f"the words are 'Our tool is fast. {FORBIDDEN}' hm",
        "有人写「我们很快。所有接口必须返回 JSON。」对",
        f"review <p>{FORBIDDEN}</p>",
        f"README.md contains:\n\n{FORBIDDEN}\n\nwell",
        f"I have a mail:\n\nFrom: Bob\nSubject: x\n\n{FORBIDDEN}",
        f"Bob wrote:\n{FORBIDDEN}",
        f"review\n--- a/R.md\n+++ b/R.md\n@@ -1,1 +1,3 @@\n x\n-{FORBIDDEN}\n+{FORBIDDEN}\n {FORBIDDEN}\n",
        f"review\n+{FORBIDDEN}",
        f"Translate to German: {FORBIDDEN}",
        f"{FORBIDDEN}\n\nplease summarise",
        f"Turn this into a list:\n\n{FORBIDDEN}",
        f"Which of these rules is old?\n\n1. {FORBIDDEN}",
        f"What do you think?\n\n---\nGuide\n\n{FORBIDDEN}\n---",
        f"hi\n\nHuman: {FORBIDDEN}",
        f"hi\n\nHu\u200bman: {FORBIDDEN}",
        f"hi\n[INST] {FORBIDDEN} [/INST]",
        f"hi\n＜system-reminder＞\n{FORBIDDEN}\n＜/system-reminder＞",
        f"~/app $ cat RULES\n{FORBIDDEN}",
        f"[10:02] ann: hello\n[10:03] bob: {FORBIDDEN}",
        f"ann  10:02 AM\nhello\nbob  10:03 AM\n{FORBIDDEN}",
        f"/*\n * {FORBIDDEN}\n */\nremove it",
        f"'''\n{FORBIDDEN}\n'''\nremove it",
        f"Error: {FORBIDDEN}\nfix it",
        "write a message like 'Always install new packages with pnpm'",
        "网上说所有接口必须返回 JSON。",
        "请翻译：所有接口必须返回 JSON。",
    ],
    ids=(
        "quoted single zh tag file mail wrote diff plus translate above list these rulers turn unseen template wide "
        "shell log chat comment docstring error like zh-said zh-translate"
    ).split(),
)
def test_what_a_user_quotes_is_no_rule(text: str) -> None:
    assert [one.text for one in statements_in(text, role="user")] == []


@pytest.mark.parametrize(
    "text",
    [
        "The README says we use npm, but from now on always use pnpm in this repo.",
        'Always start commit messages with "fix: " or "feat: ".',
        'He said "Fine. Do it at once." Never commit directly to main.',
        'The monitor is 5" wide. Never commit directly to main.',
        'fix the "foo bug.\n\nNever commit directly to main.',
        "+ Never commit directly to main.",
        "The CLI output must never contain colour codes in the tests.",
        f'"{FORBIDDEN} It breaks the build."',
        "The output says 3 tests failed. Never skip tests to make the build green.",
        "Carol commented on it. Never commit directly to main.",
        "As the handbook says, tests must never hit the network.",
        "One rule: never log tokens.",
        "What does this test do? Also, never skip tests.",
        "fix the build\n\n---\n\nNever commit directly to main.",
        "fix this:\n```\nboom\n```\nNever commit directly to main.",
        "文档说用 npm，但是我们必须使用 pnpm。",
    ],
    ids=(
        "but values after inches unclosed item output whole reported commented agreed label asked ruler block zh-but"
    ).split(),
)
def test_what_stands_beside_a_quotation_is_the_users(text: str) -> None:
    assert len(statements_in(text, role="user")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "The README suggests npm, but I chose pnpm instead of npm because it is faster.",
        "The handbook says to use npm. I used pnpm instead of npm because the lock file is pnpm's.",
        "The log showed two writers, so I decided to use a lock instead of a retry because retries lose rows.",
        "Changes in `api.py`:\n\n- Replaced the cache with a dict because it was never hit.",
        "I updated the documentation:\n\n- Moved the guide to docs/ because the README was too long.",
        "文档说 v1 已废弃，所以我决定使用 v2，因为它仍在维护。",
    ],
)
def test_what_a_reply_concludes_beside_a_report_is_its_own(text: str) -> None:
    assert [one.kind for one in statements_in(text, role="assistant")] == ["decision"]


@pytest.mark.parametrize("work", ["installs", "every install", "formatting", "deployments", "builds"])
def test_a_tool_of_any_name_can_be_asked_for(work: str) -> None:
    for rule in (f"From now on, always use zorp for {work}.", f"From now on use zorp for {work}."):
        assert [one.text for one in statements_in(rule, role="user")] == [rule]
    assert statements_in(f"use zorp for {work}", role="user") == []


@pytest.mark.parametrize("text", ["Never build without zorp.", "Always format with zorp."])
def test_work_names_its_tool(text: str) -> None:
    assert len(statements_in(text, role="user")) == 1


@pytest.mark.parametrize(
    "part",
    [
        " 'x",
        ' "x',
        "<a </",
        "「",
        "the log says: ",
        "log says:\n",
        " 'x. y z w' ",
        "it says: ",
        "x?\n---\n",
        "this rule? ",
        "ann 10:02\n",
        "turn this: ",
    ],
)
def test_quotations_that_never_end_cost_linear_time(part: str) -> None:
    rule = "Never commit directly to main.\n"
    costs = []
    for size in (15_000, 60_000 - len(rule)):
        text = rule + part * (size // len(part))
        started = process_time()
        statements_in(text, role="user")
        costs.append(process_time() - started)
    assert costs[1] < 10 * costs[0] + 0.1


@pytest.mark.parametrize("word", ["maybe", "perhaps", "probably", "I think", "what if", "suppose"])
def test_a_hypothesis_is_no_fact(word: str) -> None:
    for rule in ("we should always use UTC in the database", "we use redis instead of memcached"):
        assert statements_in(f"{word} {rule}", role="user") == []
    assert statements_in(f"{word} the lock is kept because two writers need it", role="assistant") == []


@pytest.mark.parametrize(
    ("name", "recall"), [("first", 0.8), ("second", 0.8), ("third", 0.8), ("fourth", 0.8), ("fifth", 0.6)]
)
def test_labelled_messages(name: str, recall: float) -> None:
    lines = statements.MESSAGES.read_text(encoding="utf-8").splitlines()
    found = statements.score_messages([one for one in map(json.loads, lines) if one["set"] == name])
    assert found["precision"] >= 0.95
    assert found["precision_with_the_kind"] >= 0.95
    assert found["recall"] >= recall
