"""Find passwords that commands and calls take by a flag or by their place, and what is printed into a reader of one."""

from __future__ import annotations

from codememory.redact.cutting import QUOTES, REACH_CHARS, line_end, line_start
from codememory.redact.weight import MIXED, RANDOM, WORD, is_digest, is_generated, is_phrase, is_stand_in, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND_CHARS_MAX = 400
# The flags of a command whose value is a password. A colon or a percent sign behind a flag: the part after that sign.
# "last": its last word, "second" its second; "args": any word of its that looks like a password.
COMMANDS = {
    name: tuple(flags.split())
    for names, flags in (
        ("winexe", "-U% --user%"),
        ("mc s3cmd", "args"),
        ("curl", "-u: --user: -U: --proxy-user: --oauth2-bearer"),
        ("mysql mysqldump mysqladmin mysqlimport mariadb mariadb-dump 7z 7za 7zz rar unrar", "-p+"),
        ("sshpass", "-p"),
        (
            "az mongo mongosh mongodump mongorestore influx cqlsh rdesktop psexec twine evil-winrm nxc netexec smbmap "
            "crackmapexec snowsql wpscan steghide useradd usermod podman docker skopeo buildah nerdctl oras helm "
            "cosign oc cf ibmcloud ftp vncpasswd argocd virsh winrm rabbitmqadmin clickhouse-client databricks hydra "
            "isql tsql exp imp sftp",
            "-p --pass",
        ),
        ("redis-cli valkey-cli", "-a --pass"),
        ("lftp", "-u,"),
        ("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd ldapcompare security", "-w"),
        ("sqlcmd bcp zip unzip zipcloak mosquitto_pub mosquitto_sub ipmitool", "-P"),
        ("smbclient rpcclient smbget", "-U% --user% args"),
        ("net", "-U% --user% args"),
        ("openssl", "-k -K pass:"),
        ("plink pscp putty psftp kadmin kadmin.local addprinc", "-pw"),
        ("ssh-keygen", "-N -P"),
        ("snmpget snmpwalk snmpset snmpbulkwalk snmptrap snmpgetnext", "-c -A -X"),
        ("htpasswd wpa_passphrase", "last"),
        ("codecov surge vercel netlify doctl", "-t"),
        ("etcdctl", "--user:"),
        ("xfreerdp wfreerdp mstsc rdp", "/p:"),
        ("sqlplus sqlldr impdp expdp rman", "args/"),
        ("bundle composer", "args:"),
        (
            "createuser setuser rabbitmqctl add_user change_password set-agent-token gpg restic borg rclone bw lpass "
            "op unseal networksetup samba-tool drush smbpasswd qpdf",
            "args",
        ),
        ("swaks", "-ap --auth-password"),
        (
            "jwt hmac createhmac hash_hmac fernet aes des cipher client algoliasearch login connect authenticate "
            "basicauth networkcredential getconnection mysqli_connect httpbasicauth createconnection "
            "mysql_connect pg_connect cookieparser keygrip cookiesession signer encrypt decrypt pbkdf2 scrypt setkey "
            "mysqli pdo begin signin bcrypt argon2 passlib urlsafetimedserializer secretbox hashsync hashpw checkpw "
            "comparesync",
            "call",
        ),
        ("auth", "call"),
        ("put-parameter", "--value"),
        ("schtasks runas", "/rp /p"),
        ("docker-compose vault snmp-server", "args"),
        ("setpassword convertto-securestring obscure encrypt_string", "args"),
    )
    for name in names.split()
}
_FLAG_STARTS = frozenset(flag[0] for flags in COMMANDS.values() for flag in flags)
_TOKEN_FLAGS = frozenset(("-t", "-k", "-K", "-s", "-T"))
_NAMES_OBJECTS = ("git ", "cat-file", "rev-parse", "hg ")
"""In a line of these a long digest is an object's name, whatever flag stands before it."""
_LOGINS = frozenset(("login", "auth", "authenticate", "connect"))
_ENDS = ("|", ";", "&&", "\0")


def command_spans(view: str, at: int, word: str) -> Iterator[tuple[int, int]]:
    """Yield what the command that begins at `at` is given as a password."""
    flags = COMMANDS[word]
    begin = at + len(word)
    if flags[0] == "call":
        yield from call_spans(view, begin)
        if word in _LOGINS:
            yield from _told_login(view, at, begin)
        return
    if view[begin : begin + 1] != " ":
        return
    stop = line_end(view, begin, COMMAND_CHARS_MAX)
    for sign in _ENDS:
        place = view.find(sign, begin, stop)
        stop = place if place >= 0 else stop
    words = list(_words(view, begin, stop))
    for number, (first, last, quoted) in enumerate(words):
        value = view[first:last]
        if flags[-1][:4] == "args":
            if value[:1] == ">":
                first, value = first + 1, value[1:]
            if sign := flags[-1][4:]:
                user, parted, rest = value.partition(sign)
                if parted and user.replace("_", "").isalnum() and "/" not in rest:
                    first, value = first + len(user) + 1, rest
                elif sign == ":" and is_digest(value) and len(value) >= 32:
                    yield first, last
                    continue
            if (
                weigh(value) >= MIXED
                and not is_digest(value)
                and (is_generated(value) or ("/" not in value and "=" not in value))
                and not value.startswith("-")
            ):
                yield first, last
                continue
            if len(flags) == 1:
                continue
        if flags[0] == "last":
            if number == len(words) - 1 and number >= 1 and weigh(value) >= WORD and "/" not in value:
                yield first, last
            continue
        if value[:1] not in _FLAG_STARTS:  # most words of a command are no flag
            continue
        for flag in flags:
            sign = flag[-1] if flag[-1] in ":%+," and flag not in ("pass:", "/p:") else ""
            bare = flag[: len(flag) - len(sign)]
            if not value.startswith(bare) or (quoted and bare != "/p:"):
                continue
            place = len(bare) + (value[len(bare) : len(bare) + 1] == "=")
            if len(value) > place:
                if bare.startswith("--") and value[len(bare)] != "=":
                    continue
                opening = value[place : place + 1] in QUOTES
                span = first + place + opening, last - (opening and value[-1] in QUOTES)
            elif number + 1 < len(words) and sign != "+":
                span = words[number + 1][:2]
            else:
                continue
            if found := _password(view, *span, sign):
                yield found
            break


def _told_login(view: str, at: int, begin: int) -> Iterator[tuple[int, int]]:
    """Yield the random word behind `tool login` or `tool auth`: a hash's form is a token's here."""
    tool = view[line_start(view, at) : at].rstrip().rpartition(" ")[2]
    if view[begin : begin + 1] != " ":
        return
    is_given = view[at:begin] == "AUTH"  # as a store's protocol writes it
    if not is_given and not (tool.replace("-", "").isalnum() and tool.islower()):
        return
    least = MIXED if is_given else RANDOM
    for count, (first, last, _) in enumerate(_words(view, begin, line_end(view, begin))):
        value = view[first:last].split("\n")[0].split("\0")[0].rstrip(";")
        if count > 3 or value[:1] in "&|;" or not (value[:1] == "-" or weigh(value) >= MIXED or value.isalpha()):
            return
        if (
            value[:1] != "-"
            and len(value) >= 8 + 8 * (not is_given)
            and weigh(value) >= least
            and "/" not in value
            and "." not in value
        ):
            yield first, first + len(value)
            return


def printed_literals(view: str, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is printed in place of a secret's file: `--password-file=<(echo …)`."""
    stop = line_end(view, end, REACH_CHARS + len("printf"))
    limit = view.find("\n", end)
    stop = min(max(stop, end + 80), limit if limit >= 0 else len(view), end + REACH_CHARS)
    start = max(view.find("echo ", end, end + 24), view.find("printf ", end, end + 24))
    if start < 0:
        return
    at = view.find(" ", start)
    while at < stop and view[at] not in ")|>":
        finish = at
        while finish < stop and view[finish] not in " \t\"')|>\\":
            finish += 1
        value = view[at:finish]
        if weigh(value) >= MIXED and "/" not in value:
            yield at, finish
        at = finish + 1 + (view[finish : finish + 1] == "\\")


def formatted_spans(view: str, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is printed in the place of a name's value: `printf 'password %s' '…'`."""
    close = min((place for quote in "'\"" if (place := view.find(quote, end, end + 40)) >= 0), default=-1)
    if close < 0:
        return
    for first, last, _ in _words(view, close + 1, _line_stop(view, close)):
        value = view[first:last]
        if value[:1] in "|>;&":
            return
        if weigh(value) >= MIXED and (is_generated(value) or "/" not in value):
            yield first, last


def _line_stop(view: str, at: int) -> int:
    stop = view.find("\n", at, at + REACH_CHARS)
    return stop if stop >= 0 else min(len(view), at + REACH_CHARS)


def call_spans(view: str, begin: int, first_place: int = 0) -> Iterator[tuple[int, int]]:
    """Yield the literals among a call's arguments that look like a password or a key."""
    opening = begin
    while opening < begin + 24 and (view[opening : opening + 1].isalnum() or view[opening : opening + 1] in (".", "_")):
        opening += 1
    if view[opening : opening + 1] != "(":
        return
    stop = line_end(view, opening, COMMAND_CHARS_MAX)
    for place, (first, last, quoted) in enumerate(_words(view, opening + 1, stop)):
        if place < first_place:
            continue
        opened = view.find("(", first, last)
        if opened >= 0 and not quoted and view[first:opened].replace(".", "").replace("_", "").isalnum():
            first = opened + 1  # `Some("…")`
        while first < last and view[first] in "\"'`":
            first += 1
        is_literal = quoted or view[first - 1] in QUOTES
        while last > first and view[last - 1] in "\"'`),;":
            last -= 1
        value = view[first:last]
        if (
            not is_literal
            or (("/" in value or "=" in value or "." in value[-4:]) and not is_generated(value))
            or ("@" in value and weigh(value) < RANDOM)
        ):
            continue
        if value[:2] == "AC" and is_digest(value[2:]):
            continue
        if (weigh(value) >= MIXED and (not is_digest(value) or len(value) >= 32)) or (
            "-" in value and is_phrase(value.replace("-", " "), 3)
        ):
            yield first, last


def _password(view: str, first: int, last: int, sign: str) -> tuple[int, int] | None:
    value = view[first:last]
    if sign in (":", "%", ","):
        user, parted, rest = value.partition(sign)
        if not parted:
            return None
        if not rest:
            return (first, last - 1) if weigh(user) >= RANDOM else None
        first += len(user) + 1
        value = rest
    if len(value) < 3 or is_stand_in(value) or "/" in value or (value.isdigit() and len(value) < 6) or value[:1] == "-":
        return None
    if value.replace(":", "").replace(".", "").isdigit():
        return None
    return first, last


def _words(view: str, at: int, stop: int) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of the shell words between two positions, quotes taken off, and whether they were quoted."""
    while at < stop:
        char = view[at]
        if char in " \t(),\\":
            at += 1
            continue
        if char in "'\"":
            close = view.find(char, at + 1, stop)
            close = close if close >= 0 else stop
            yield at + 1, close - (view[close - 1 : close] == "\\"), True
            at = close + 1
            continue
        end = view.find(" ", at, stop)
        end = end if end >= 0 else stop
        word = view[at:end]
        if "'" in word or '"' in word or "\t" in word:  # else the blank is its end
            end = at
        while end < stop and view[end] not in " \t":
            if view[end] in "'\"" and view[end - 1] != "\\":
                close = view.find(view[end], end + 1, stop)
                end = close if close >= 0 else stop - 1
            end += 1
        yield at, at + len(view[at:end].rstrip("\"')\\,")) if view[at] not in "-/" else end, False
        at = end


def flag_spans(view: str, at: int, flag: str) -> Iterator[tuple[int, int]]:
    """Yield the value of a flag that mostly gives a password, of whatever command (`-p`, `-P`, `-w`)."""
    begin = at + len(flag)
    if view[begin : begin + 1] != " ":
        return
    for first, last, _ in _words(view, begin, min(begin + 80, len(view))):
        value = view[first:last].split("\n")[0].split("\0")[0]
        if flag in ("-u", "-a", "--user", "--auth"):
            user, sign, value = value.partition(":")
            if not sign or not user.replace("_", "").replace("-", "").replace(".", "").replace("@", "").isalnum():
                return
            first += len(user) + 1
        least = RANDOM if flag in _TOKEN_FLAGS else MIXED
        if (
            weigh(value) >= least
            and (not is_digest(value) or (flag in _TOKEN_FLAGS and len(value) >= 32 and not _names_objects(view, at)))
            and (is_generated(value) or not ("/" in value or "=" in value or ":" in value))
        ):
            yield first, first + len(value)
        return


def _names_objects(view: str, at: int) -> bool:
    line = view[line_start(view, at, COMMAND_CHARS_MAX) : at]
    return any(map(line.__contains__, _NAMES_OBJECTS))


def printed_spans(view: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is printed into, or given as a here-string to, the command around `at` that reads a password."""
    if view.startswith("send", at):
        yield from _sent(view, at, end)
        return
    begin = line_start(view, at, COMMAND_CHARS_MAX)
    pipe = view.rfind("|", begin, at)
    here = view.find("<<<", end, end + COMMAND_CHARS_MAX)
    newline = view.find("\n", end)
    if here >= 0 and not 0 <= newline < here:
        for first, last, _ in _words(view, here + 3, min(here + 200, len(view))):
            yield from _printed(view, first, last)
            return
    if pipe < 0:
        return
    start = max(view.rfind("echo ", begin, pipe), view.rfind("printf ", begin, pipe))
    if start < 0:
        return
    words = list(_words(view, start, pipe))
    if len(words) > 1:
        first, last, _ = words[-1]
        colon = view.find(":", first, last)
        if view.startswith(("chpasswd", "base64"), at) and colon >= 0:
            first = colon + 1
        if view.startswith("base64", at):
            value = view[first:last].rstrip("\"'\\")
            if weigh(value) < MIXED or "/" in value or "%" in value or "." in value[-5:]:
                return
        yield from _printed(view, first, last)


def _sent(view: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what an expect script sends after a password was asked for."""
    if view[end : end + 2] not in (' "', " \\") or (
        "assw" not in view[max(at - 120, 0) : at] and "assw" not in view[end : end + 80]
    ):
        return
    begin = view.find('"', end, end + 4) + 1
    close = view.find('"', begin, begin + 80)
    value = view[begin : max(close, begin)].split("\\r")[0].split("\\n")[0].rstrip("\\")
    if len(value) > 3 and not is_stand_in(value) and weigh(value) >= WORD:
        yield begin, begin + len(value)


def _printed(view: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    while last > first and view[last - 1] in "\"'\\":
        last -= 1
    if last - first >= 4 and not is_stand_in(view[first:last]) and " " not in view[first:last]:
        yield first, last
