"""Secrets by their place and their form, where no maker's prefix tells them: each class with forms of its own."""

from __future__ import annotations

import pytest

from codememory import redact
from codememory.redact import weight

SIGNED = "r7(Kx]m2Q{vT&9pZ=w,4"
WORDS = "quarry.lantern_6041"
LEET = "Gr4N1t3-quarry58"
HEX = "5be09c1fa7d2436e8810f3b7c92ad64e"
PLACES = {
    "signs of code, quoted": ("password: '{}'", SIGNED),
    "signs of code, in a list of options": ("-e 'STORE_PASSWORD={}' -p 80:80", SIGNED),
    "signs of code, in a call": ("new mysqli('db', 'shop', '{}', 'shop')", SIGNED),
    "signs of code, to the end of a line": ("[client]\npassword={}\nhost=db", "h3]Wq)t8[Zk(2mL"),
    "signs of code, no capital": ("SECRET_KEY='{}'", "w8%qz$k3*h)4-%!a7np61*5q%tz%2e(9xb&h4n7ud=rmc)=y2k5"),
    "words joined by two signs": ("secret = {}", WORDS),
    "a sign at the end": ("user `admin`, password `{}`", "Quarry5820+"),
    "a word that ends as a stand-in does": ("db1:5432:erp:erp:{}", "Quarry_hammock7"),
    "comparison behind the value": ("UPDATE users SET password = '{}' WHERE id = 7;", "Quarry5820"),
    "groups of letters": ("AuthKey={}", "QZKV-WTRX-LHDF-BNWJ-KPQX"),
    "format of a print": ("printf 'machine x login ci password %s\\n' '{}' >> ~/.netrc", LEET),
    "state of a generated password": (
        '"type": "random_password",\n"name": "x",\n"instances": [\n{{"attributes": {{\n"length": 16,\n"result": "{}"',
        "Quarry5820",
    ),
    "element of a short name": ("<user>svc</user>\n<pass>{}</pass>", LEET),
    "name that ends in pass": ("keytool -importkeystore -srcstorepass {} -srckeystore a.p12", LEET),
    "community of a device": ("rocommunity {} 10.0.0.0/8", LEET),
    "key behind a server of a device": ("tacacs-server host 10.1.1.1 key {}", LEET),
    "words in the middle of a name": ('pre-shared-key ascii-text "{}"', LEET),
    "user of a device": ('createUser mon SHA "{}" AES "x"', LEET),
    "rights of a store": ("ACL SETUSER worker on >{} ~* +@all", LEET),
    "user and password of a set-up": ("impdp system/{} directory=d", LEET),
    "user and password of a host": ("bundle config set --global gems.shop.example anna:{}", LEET),
    "encoded": ("echo -n '{}' | base64", LEET),
    "said with a slash": ("ssh into it with anna / {}", LEET),
    "said behind a word for accounts": ("creds: anna {}", LEET),
    "said before": ("can you open it with {}? that's the passphrase", "Quarry5820"),
    "list without signs": ("accounts:\nanna Quarry5820\nbert {}\n", LEET),
    "columns named in a comment": ('# client server secret IP\nanna\tpptpd\t"{}"\t*', LEET),
    "one line of a password file in a command": ('echo "db:5432:app:anna:{}" >> ~/.pgpass', LEET),
    "said twice": ("set-pin --old 481625 # the device passcode is 481625 {}", "481625"),
    "login of a tool": ("mvn verify -Dsonar.login={}", HEX),
    "private half": ("MJ_APIKEY_PRIVATE={}", HEX),
    "name in capitals": ("Airtable PAT {}", HEX),
    "name of a header": ('add_header X-Auth "{}";', HEX),
    "flag": ("netlify deploy --auth {}", HEX),
    "printed into a file": ("echo {} > ~/.config/x/token", HEX),
    "piped": ('echo "{}" | wrangler secret put API_TOKEN', HEX + HEX),
    "seal of an address": ('secure_link_md5 "$secure_link_expires$uri {}";', HEX),
    "address that is a secret": ("const url = 'https://in.shop.example/w/{}' // secret write URL", "8KvmwTJz53_ksrGVe"),
    "parameter": ("curl 'https://api.shop.example/v1?appid={}&q=1'", HEX),
    "number of a session": ('{{"user":"x","sessionId":"{}"}}', HEX),
    "jar of cookies": ("#HttpOnly_x.example\tFALSE\t/\tTRUE\t1798761600\tsessionid\t{}", HEX),
    "French": ("la clé d'API est {}", HEX),
    "Italian": ("la chiave API è {}", HEX),
    "Japanese": ("API キー: {}", HEX),
    "named list of bytes": (
        "     1\u2192unsigned char session_key[] = {{\n     2\u2192    {}\n     3\u2192}};",
        "0xfa, 0x7f, 0x91, 0xc4, 0x08, 0x5d, 0xee, 0x21, 0x66, 0xb0, 0xd3, 0x1b",
    ),
    "PIN behind its name": ("pkcs11-tool --login --pin {} --list-objects", "481625"),
    "PIN in an object": ('{{"otp": "{}"}}', "481625"),
    "code behind its name": ("device passcode {}", "481625"),
    "numbered recovery codes": ("# 2FA backup codes\n1. {}\n2. 7719 0264\n", "4816 2503"),
    "recovery code of a request": ("-d user=x -d recovery_code={}", "KX7QZ42M"),
    "phrase with other words behind": (
        "import my seed phrase: {} and derive five addresses",
        "cargo mango ladder tulip orbit panel ribbon salad timber vivid walnut zebra",
    ),
    "phrase with other lines below": (
        "recovery phrase of the wallet:\n{}\nderive 5 accounts\n",
        "cargo all ladder tulip orbit panel ribbon salad timber vivid walnut zebra",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), PLACES.values(), ids=PLACES.keys())
def test_a_secret_is_found_where_its_place_or_form_tells_it(text: str, secret: str) -> None:
    text = text.format(secret)
    assert secret in text
    assert secret not in redact.redacted(text)


STAYS = {
    "version of a license": '"license": "Apache-2.0", "extra": "BlueOak-1.0.0"',
    "range of an expression": "regex = 'AccountKey=[a-zA-Z0-9+/=]{88}'",
    "two sessions of a log": (
        "component=x session_id=6d7bc55f-f28f-40e9-bf76-867c7cde3fdd "
        "session_id=446f6b3c-e344-42ed-a400-d81b11ff6723"
    ),
    "versions with a slash": "runs with python / Node20 and gcc / Clang18",
    "lists of two words": "accounts:\nanna admin\nbert guest\n",
    "comment above words": "# the secret of it\nis kept in vaults\n",
    "numbers of pins": "gpio pin 17, pin count 4096",
    "encoded words": "echo hello | base64; echo $TOKEN | base64 -d",
    "names with digits": "secret = module.handler_v2",
}  # fmt: skip


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS.keys())
def test_what_only_stands_like_a_secret_stays(text: str) -> None:
    assert redact.redacted(text) == text


@pytest.mark.parametrize("value", [SIGNED, "pT7<vX2}kQ9[mZ4", "a" * 3 + "B7&k!Q2(w)Z9^h"])
def test_random_signs_are_told_from_code(value: str) -> None:
    assert weight.is_generated(value)


@pytest.mark.parametrize(
    "value",
    ["os.environ['KEY1']", "items[index1].getValue(2)", "${HOST:-A1b2}", "f(X1)[2]", "Session_id=6d7B-c55f-f28f",
     "^[A-Za-z0-9]{8}$", "[redacted:key:3f9a]"],
)  # fmt: skip
def test_code_is_not_random(value: str) -> None:
    assert not weight.is_generated(value)


def test_a_block_of_private_lines_is_marked_once() -> None:
    text = "Private-Lines: 2\nAAAAgQCx7Kd\nEm2V9q0Zt\nsecret = hunter42xyz"
    once = redact.redacted(text)
    assert redact.redacted(once) == once
    assert redact.redacted("Private-Lines: 1\n[redacted:key:3f9a]\nx") == "Private-Lines: 1\n[redacted:key:3f9a]\nx"
