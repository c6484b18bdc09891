"""Secrets joined to their names in the ways of lists, blocks, commands and calls; payloads stay."""

from __future__ import annotations

import random
from string import ascii_letters, digits
from time import process_time

import pytest

from codememory import redact
from codememory.redact import reading
from codememory.redact.occurrences import _with_plain_markers

JOINTS = {
    "list of accounts": ("Logins of the lab:\n1. porter - {}\n2. waiter - x", "velvetMarket1987"),
    "heading of accounts": ("## Test accounts\n- anna: {}", "Meadow4821?"),
    "users of a first boot": ("chpasswd:\n  list: |\n    root:{}", "H4Rb0r_garden31"),
    "scheme of a store": ("anna@shop.example:{{PLAIN}}{}:1000:1000", "H4Rb0r_garden31"),
    "words and a number": ("the office wifi key is {}, on the fridge", "timber-saddle-copper-48"),
    "word, at, number": ("user k.marsh, pass {}", "Wrzkvo@371#"),
    "number between words": ("the db password ({})", "tower77moon"),
    "block of a setting": ('variable "db_password" {{\n  type = string\n  default = "{}"\n}}', "H4Rb0r_garden31"),
    "element in an element": ("<Password>\n  <Value>{}</Value>", "Wrzkvo@371#"),
    "name and value apart": ('<add key="ApiKey" value="{}"/>', "velvetMarket1987"),
    "content of a key": ("    Key Content            : {}", "W1nd0W.cradle5"),
    "device's key": ("radius-server key 7 {}", "08A1C2E4B6D8F0137A9C"),
    "key and a scheme": ("authentication-key 1 md5 {}", "velvetMarket1987"),
    "letters only": ("export SERVICE_TOKEN={}", "tMQzKoHdvw"),
    "login of a tool": ("acme login {}", "9e41c07bd2f85a6634be0d17c9a85f20"),
    "printed for a file": ("sync --password-file=<(echo '{}') a b", "velvetMarket1987"),
    "printed for a flag": ("vpn --auth-user-pass <(printf 'anna\\n{}\\n')", "DkBQz7VxRGp"),
    "call in a call": ('client.basic_auth("svc", Some("{}"))', "velvetMarket1987"),
    "national literal": ("CREATE LOGIN x WITH PASSWORD = N'{}';", "Wrzkvo@371#"),
    "mail as a user": ("-u 'anna@vault.local:{}@vc.shop.example'", "ochagfbyDwoSXfNjYP"),
    "own code's name": ('door_code: "{}"', "7391"),
    "folded text": ("password: >-\n  {}", "velvetMarket1987"),
    "phrase below": (
        "Write down the seed phrase of the new account:\n{}\n",
        "cargo mango ladder tulip orbit panel ribbon salad timber vivid walnut zebra",
    ),
}


@pytest.mark.parametrize(("text", "secret"), JOINTS.values(), ids=JOINTS.keys())
def test_a_secret_is_found_however_it_is_joined_to_its_name(text: str, secret: str) -> None:
    assert secret not in redact.redacted(text.format(secret))


@pytest.mark.parametrize("chars", [300, 40_000])
def test_a_run_longer_than_any_key_is_a_payload(chars: int) -> None:
    dump = random.Random(chars).randbytes(chars // 2).hex()
    assert redact.redacted(f"read:\n{dump}\n") == f"read:\n{dump}\n"


@pytest.mark.parametrize("unit", ["password=", "://:@", 'secret: {"a": ', "| password | x |\n"])
def test_hostile_text_costs_no_more_by_the_character_the_longer_it_is(unit: str) -> None:
    def cost(chars: int) -> float:
        text = unit * (chars // len(unit))
        begin = process_time()
        redact.redacted(text)
        return process_time() - begin

    cost(2_000)
    assert cost(64_000) < 12 * max(cost(16_000), 1e-3)


@pytest.mark.parametrize("name", ["token ", "api_key=", "password: "])
def test_what_is_redacted_is_not_judged_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of nothing but secrets is read a second time: no value is left there to be weighed."""
    draw = random.Random(name)
    text = "".join(name + "".join(draw.choices(ascii_letters + digits, k=24)) + " " for _ in range(200))
    once = redact.redacted(text)
    judged = []

    def counted(*given: object) -> None:
        judged.append(given)

    monkeypatch.setattr(reading, "secret_in", counted)
    assert redact.redacted(once) == once
    assert sum(len(str(given[0])[given[1] : given[2]]) > 8 for given in judged) == 0


def test_the_end_of_a_marker_promises_no_value() -> None:
    marker = b"[redacted:token:3f9a]"
    assert _with_plain_markers(b"a " + marker + b" 12 " + marker) == b"a [redacted:token:same] 12 [redacted:token:same]"
    for text in (
        b"",
        b"plain 3f9a",
        b"[redacted:",
        b"[redacted:]",
        b"[redacted:x]",
        b"[redacted:" + b"a" * 90 + b":3f9a]",
    ):
        assert _with_plain_markers(text) == text


def test_no_marker_is_put_into_a_marker() -> None:
    """Whatever digits a marker ends in, the name before it takes it for no value."""
    draw = random.Random(5)
    for _ in range(60):
        text = redact.redacted("api key: npm_" + "".join(draw.choices(ascii_letters + digits, k=36)))
        assert text.startswith("api key: [redacted:npm-token:")
