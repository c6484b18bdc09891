# ruff: noqa: E501
"""Secrets go, everything else stays."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secret_samples import ALNUM, HEX, NAMED, TOKENS, draw, pem, planted, uuid

from benchmarks import redaction
from codememory import redact

PLANTED = planted()
NAMED_SECRET = "velvet" + "Market1987"
CLEAN = {
    "git sha": f"commit {draw(HEX, 40)}\nAuthor: A <a@example.org>",
    "uuid": f'"id": "{uuid()}", "parentUuid": "{uuid()}"',
    "session uuid": f"session_id={uuid()}",
    "lock file": f'"integrity": "sha512-{draw(ALNUM, 86)}=="\nchecksum = "{draw(HEX, 64)}"',
    "go sum": f"github.com/a/b v1.2.3 h1:{draw(ALNUM, 43)}=",
    "docker digest": f"image@sha256:{draw(HEX, 64)}",
    "tool id": "toolu_01" + draw(ALNUM, 22),
    "message id": "msg_01" + draw(ALNUM, 22) + " req_011" + draw(ALNUM, 21),
    "data url": "data:image/png;base64," + draw(ALNUM + "+/", 4000),
    "angle placeholder": "export API_TOKEN=<your-token>",
    "shell reference": 'curl -H "Authorization: Bearer $TOKEN" -u $USER:$PASS',
    "braced reference": "PASSWORD=${DB_PASSWORD:-}",
    "process env": "const password = process.env.DB_PASSWORD1",
    "environ": "password = os.environ['DB_PASSWORD1']",
    "call": "password = get_password1()",
    "type": "password: string;\ntoken: str = None\nsecret: Optional[str]",
    "same name": "connect(password=password, secret=self.secret1)",
    "template": "password: {{ vault_password_1 }}",
    "github expression": "token: ${{ secrets.GITHUB_TOKEN1 }}",
    "xs": "sk-ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1 and ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1",
    "example words": "API_KEY=your-api-key-goes-here-123456",
    "test id": "test-session-001 test-token-123 user-password-field-2",
    "model name": "claude-opus-4-5-20251101",
    "test runner": "--- PASS: TestReadTemplate/case_2 (0.00s)\nPASS: suite1",
    "token counts": '{"input_tokens": 12345, "cache_read_input_tokens": 987654321}',
    "primary key": "primary_key = 'users_2024_pkey'; cache_key: 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6'",
    "prose": "The password field is required. Reset your password: click the link. The secret is out.",
    "passing": "3 passed, 0 failed; bypass=1234abcd; compass: north1",
    "flags of others": "mkdir -p src/a1b2 && cp -a x1 y2 && sort -u f1 && docker run -p 8080:80 -u 1000:1000 x",
    "plain address": "https://example.org:8080/a@b and git@github.com:a/b.git and http://user@host/",
    "key in code": 'public static final String CACHE_KEY = "session:1234:abcd";',
    "detector source": 'if "-----BEGIN RSA PRIVATE KEY-----" in text: raise',
    "cache key": f"cache restored from key: setup-uv-1-x86_64-unknown-linux-gnu-0.7.13-{draw(HEX, 64)}",
    "type names": "private_key: x25519.X25519PrivateKey = ed25519.Ed25519PrivateKey.from_private_bytes(secret1)",
    "pass to": "Pass to `findCommitMessageForCheckpoint2` and pass the 2nd to `b1`",
    "messages": 'password: "Enter your new password", secret: "The client secret is required", passphrase: "at least 8"',
    "image with digest": f"docker pull a/b:v1@sha256:{draw(HEX, 64)}",
    "long branch": "feature/ent-221-cleanup-and-sessions-fix-v2 token: ent-259-fix-deferred-condense",
    "source map": "//# sourceMappingURL=data:application/json;base64," + draw(ALNUM + "+/", 900),
    "webpack chunk": f"static/js/main.{draw(HEX, 8)}.chunk.js chunk-{draw(HEX, 20)}.mjs",
    "plain English": "the secret is out, the password was reset, my login failed as admin because of 2 errors",
    "private words": "a private <privately> matter; private: true",
    "formula": "T = A^{n0 d0} * A^n1_d0^d2 + 20*n*I*pi - c5*l_M_tilde + t*A_1_norm",
    "revision ranges": "git log --oneline 46f74c20^1..46f74c20^2~10 && git show 966e0df2~5",
    "an object asked for by its hash": f"git -C /srv/app cat-file -t {draw(HEX, 40)} 2>&1",
    "long names": "def testSingleCmsgTruncLen0Minus1(self): LocalIpv6NetworkCidr = route53_configuration_v2",
    "resource name": 'STEM = "sam-property-api-route53configuration"',
    "lines of base64": "\n".join(draw(ALNUM, 76) for _ in range(4)) + "\n",
    "hashes by name": f'"etag": "{draw(ALNUM, 32)}", "contentHash": "{draw(ALNUM, 40)}", "cursor": "{draw(ALNUM, 36)}"',
    "node of a code host": f'"id": "PR_kwDO{draw(ALNUM, 16)}", gh api graphql -f id=IC_kwDO{draw(ALNUM, 18)}',
    "address of content": f"ipfs cat Qm{draw(ALNUM, 44)}",
    "own ids": f"mem_{draw(ALNUM, 26)} sum_{draw(ALNUM, 26)} msg_{draw(ALNUM, 26)}",
    "numbers of other codes": "exit code: 1234, error code 40401, status code = 2000, ping: 1234 ms, pin_count = 4096",
    "hashes after words": "recovery code is in backup codes\n19d3adc7 docs: simplify command\n1eb84763 chore: more",
    "ports and paths": "docker run -u 1000 -p 8080:80 x; ssh -l bob -p 2222 h; xargs -P 4; mkdir -p src/a1b2",
    "readers without a secret": "echo done | tee log; echo $TOKEN | docker login; printf '%s' \"$PW\" > pass.txt",
    "calls with variables": "jwt.sign(data, secret1); hmac.new(key1, msg2); connect(host1, user2, password3)",
    "dashed list": "- `SESSION_SECRET` - Base64 key of 32 bytes\n- password - the login's",
    "password fields": 'password: "required", label_password = "Password", secret = "string"',
    "public key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + draw(ALNUM, 43) + " me@host",
}


def test_most_planted_secrets_are_gone() -> None:
    left = [name for name, text, pieces in PLANTED if any(piece in redact.redacted(text) for piece in pieces)]
    assert len(PLANTED) >= 300 and len(TOKENS) + len(NAMED) >= 200
    assert len(left) <= 0.01 * len(PLANTED), left


@pytest.mark.parametrize("seed", [0, 1])
def test_secrets_in_the_places_where_they_occur_are_gone(seed: int) -> None:
    total = sum(1 for _ in redaction.planted())
    left = redaction.missed(seed)
    assert total >= 1500
    assert len(left) <= 0.03 * total, left


def test_planted_secrets_are_gone_from_json_and_the_prefilter_sees_them() -> None:
    for name, text, pieces in PLANTED:
        message = [{"type": "tool_result", "content": [{"type": "text", "text": text}]}]
        cleaned = redact.redacted_value(message)
        changed = cleaned is not message
        assert changed == (redact.redacted(text) != text), name
        if changed:
            assert not any(piece in json.dumps(cleaned) for piece in pieces), name


@pytest.mark.parametrize(("name", "text", "pieces"), PLANTED, ids=[case[0] for case in PLANTED])
def test_redacting_twice_is_redacting_once(name: str, text: str, pieces: list[str]) -> None:
    once = redact.redacted(text)
    assert redact.redacted(once) == once


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN.keys())
def test_what_is_no_secret_stays_the_same_object(text: str) -> None:
    assert redact.redacted(text) == text
    value = {"content": [{"text": text}]}
    assert redact.redacted_value(value) is value


def test_marker_names_the_kind_and_tells_secrets_apart() -> None:
    first, second = "gh" + "p_" + draw(ALNUM, 36), "gh" + "p_" + draw(ALNUM, 36)
    out = redact.redacted(f"{first} {second} {first}").split()
    assert out[0].startswith("[redacted:github-token:") and out[0].endswith("]")
    assert out[0] == out[2] != out[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <private>b</private> c", "a [private] c"),
        ("a <PRIVATE>b\nc</Private > d", "a [private] d"),
        ('a <private reason="x">b', "a [private]"),
        ("a < private >b</ private >c", "a [private]c"),
        ("<private>a</private><private>b</private>", "[private][private]"),
        ("a <privacy>b</privacy>", "a <privacy>b</privacy>"),
        ("a <private>b <private>c</private> d</private> e", "a [private] e"),
        ("a <private>b <private>c</private> d", "a [private]"),
        ("a </private> b", "a </private> b"),
    ],
)
def test_private_sections_are_dropped(text: str, expected: str) -> None:
    assert redact.redacted(text) == expected
    assert redact.redacted_value([text]) == [expected]


def test_private_section_goes_on_into_later_blocks_of_text() -> None:
    blocks = [
        {"type": "text", "text": "a <Private>b"},
        {"type": "image", "source": {"type": "base64", "data": "x"}},
        {"type": "text", "text": "c"},
        {"type": "text", "text": "d </PRIVATE> e <private>f"},
        {"type": "text", "text": "g"},
    ]
    told = [block.get("text") for block in redact.redacted_value(blocks)]  # type: ignore[union-attr]
    assert told == ["a [private]", None, "[private]", "[private] e [private]", "[private]"]


def test_key_gives_its_value_away() -> None:
    secret = "hunter2" + "xyz"
    assert redact.redacted_value({"user": "a", "password": secret}) == {
        "user": "a",
        "password": redact.redacted_value({"password": secret})["password"],  # type: ignore[index]
    }
    assert secret not in json.dumps(redact.redacted_value([{"db": [{"password": secret}]}]))
    assert redact.redacted_value({"password": "get_password"}) == {"password": "get_password"}


def test_image_payload_and_signature_are_left_alone() -> None:
    payload = "AK" + "IA" + draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": payload}}
    thought = {"type": "thinking", "thinking": "x", "signature": payload}
    value = [image, thought]
    assert redact.redacted_value(value) is value
    assert payload not in json.dumps(redact.redacted_value([{"type": "text", "text": payload}, image])[0])  # type: ignore[index]


def test_deep_nesting_is_walked_without_recursion() -> None:
    deep: object = {"password": "hunter2" + "xyz"}
    for _ in range(50_000):
        deep = [deep]
    out = redact.redacted_value(deep)
    while isinstance(out, list):
        out = out[0]
    assert isinstance(out, dict) and out["password"].startswith("[redacted:")
    while isinstance(deep, list):  # taken apart by hand: freeing it would recurse
        deep = deep.pop()


PIECES = st.one_of(
    st.sampled_from([text for _, text, _ in PLANTED]),
    st.sampled_from(
        ["password", "=", ": ", '"', "\\", "\n", "<private>", "secret", "token ", "-p", "://", "@", "密码", "\0"]
    ),
    st.text(max_size=12),
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text_is_redacted_once(text: str) -> None:
    once = redact.redacted(text)
    assert redact.redacted(once) == once


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda children: st.one_of(
        st.lists(children, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(["password", "text", "type", "id", "authorization"]), TEXTS), children,
                        max_size=4),
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.one_of(TEXTS, st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
@settings(max_examples=400, deadline=None)
def test_no_text_grows_beyond_its_markers(text: str) -> None:
    """A secret has three characters at least, and no marker more than forty."""
    assert len(redact.redacted(text)) <= 14 * len(text)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_any_value_is_redacted_once_and_keeps_its_shape(value: object) -> None:
    once = redact.redacted_value(value)
    assert shape(once) == shape(value)
    assert redact.redacted_value(once) == once


@given(st.lists(JSON, max_size=5))
@settings(deadline=None)
def test_values_are_redacted_together_as_they_are_alone(values: list[object]) -> None:
    told = [
        {"text": f"the db password is {NAMED_SECRET}"},
        *values,
        [f"<private>{NAMED_SECRET}</private>"],
        None,
        values,
    ]
    redact._harmless.clear()
    redact._roles.clear()
    together = redact.redacted_values(told)
    assert together == [redact.redacted_value(one) for one in told]
    assert NAMED_SECRET not in json.dumps(together[0])
    assert redact.redacted_values([]) == []


def shape(value: object) -> object:
    """Return a value's nesting, without its texts and keys."""
    if isinstance(value, dict):
        return [shape(child) for child in value.values()]
    return [shape(child) for child in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    "unit",
    ["password=", "a" * 15 + "-1b2 ", "://a:", "<private ", "</", "-----BEGIN RSA PRIVATE KEY-----\n", "curl -u ", "/a1B2c3D4e5F6g7H8",
     "secret\\", "eyJa1b2c3d4e5f6g7.", "PRIVATE KEY-----END ", "token: \"", "mysql -p", "-----BEGIN", "=", "sk-",
     "sk-a1B2c3D4e5F6g7H8i9J0", "authorization: basic ", "kind: Secret\ndata:\n", "kind: Secret\ndata: a\n a: bcdefgh\n",
     "Private-Lines: 1\n", "mnemonic abc ", "auth=(", "cred ", "admin ", "identified by '", "a:b1c2d3@", "password%3D",
     "echo a | x --password-stdin ", "密码是abc123 ", "password x\n", "pw ", '{"name":"password","value":', "sudo -S <<< ",
     "token=a1B2c3D4e5F6g7H8i9J0&", "kty d=a1B2c3D4e5F6g7H8i9J0k1 ", "\0password\0", "pass("],
    ids=lambda unit: unit[:12],
)  # fmt: skip
def test_hostile_text_takes_linear_time(unit: str) -> None:
    """Eight times the text takes about eight times as long; squared it would be sixty-four times."""
    small, large = (min(_seconds(unit * (size // len(unit))) for _ in range(2)) for size in (12_000, 96_000))
    assert large < 30 * max(small, 0.001)


def _seconds(text: str) -> float:
    started = time.process_time()
    redact.redacted(text)
    return time.process_time() - started


def test_no_expression_is_loaded() -> None:
    program = (
        "import sys; from codememory import redact; text = 'DB_PASSWORD=' + 'a1b2' * 5; "
        "assert redact.redacted(text) != text; redact.redacted('plain words here'); sys.exit('re' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"]).returncode == 0  # fmt: skip


def test_pem_body_is_gone_but_the_words_around_stay() -> None:
    out = redact.redacted(f"before\n{pem('PRIVATE KEY')}\nafter")
    assert out.startswith("before\n[redacted:private-key:") and out.endswith("]\nafter")


@pytest.mark.parametrize("key", ["session", "sessionId", "signature", "sid"])
def test_the_name_of_a_session_beside_a_secret(key: str) -> None:
    value = {key: "abcdefghij", "text": "password=hunter2xyzQ9"}
    cleaned = redact.redacted_value(value)
    assert "hunter2xyzQ9" not in cleaned["text"]
    assert cleaned[key] == "abcdefghij"


@pytest.mark.parametrize("stops", [True, False], ids=["as sets do here", "as they might elsewhere"])
@given(st.lists(st.sampled_from([b"one", b"two", b"three", b"four"])), st.sets(st.sampled_from([b"one", b"three"])))
def test_the_words_that_are_looked_at_are_those_not_known(stops: bool, words: list[bytes], known: set[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redact, "_STOPS_AT_FIRST", stops and redact._STOPS_AT_FIRST)
        patch.setattr(redact, "_harmless", known)
        assert redact._unknown(words) == set(words) - known
