"""Where commands, calls and people put a secret: by the place of a word. Data only."""

from __future__ import annotations

# Behind which words of a command a password stands, and which word it is (-1: the last); by a word that is in them.
ARGUMENTS: dict[bytes, tuple[tuple[bytes, int], ...]] = {
    b"password": (
        (b"change_password ", 2), (b"set password ", 2), (b"set-password ", 1), (b"set_password ", 1),
        (b"mysqladmin password ", 1),
    ),
    b"passwd": ((b"-passwd ", 2),),
    b"setpassword": ((b"setpassword ", 2),),
    b"htpasswd": ((b"htpasswd ", -1),),
    b"passphrase": ((b"wpa_passphrase ", 2),),
    b"user": (
        (b"add_user ", 2), (b"authenticate_user ", 2), (b"net user ", 2), (b"user create ", 2), (b"user add ", 2),
        (b"\nuser ", 2),
    ),
    b"login": ((b"vault login ", 1), (b"bw login ", 2), (b"login -u ", 2)),
    b"use": ((b"net use ", -1),),
    b"alias": ((b"mc alias set ", 3), (b"mc alias set ", 4)),
    b"unlock": ((b"bw unlock ", 1),),
    b"obscure": ((b"rclone obscure ", 1),),
    b"basic": ((b" config http-basic", 3),),
    b"securestring": ((b"securestring ", 1),),
    b"unseal": ((b"unseal ", 1),),
    b"string": ((b"encrypt_string ", 1),),
    b"token": ((b"set-agent-token ", 2), (b"github.token ", 1)),
    b"sqlplus": ((b"sqlplus ", 1),),
}  # fmt: skip
# Calls that take a secret as a literal, and which argument it is; by a word that is in them.
CALLS: dict[bytes, tuple[tuple[bytes, int], ...]] = {
    b"jwt": ((b"jwt.sign(", 2), (b"jwt.encode(", 2), (b"jwt.verify(", 2), (b"jwt.decode(", 2)),
    b"hmac": ((b"hmac.new(", 1), (b"hash_hmac(", 3)),
    b"createhmac": ((b"createhmac(", 2),),
    b"aes": ((b"aes.new(", 1),),
    b"fernet": ((b"fernet(", 1),),
    b"connect": ((b"connect(", 3),),
    b"getconnection": ((b"getconnection(", 3),),
    b"login": ((b"login(", 2),),
    b"basicauth": ((b"basicauth(", 2),),
}
# Words around which a secret is told without a name that is joined to it.
CODE_CUES = frozenset((b"code", b"codes", b"otp", b"pin"))
ACCOUNT_CUES = {b"cred": (b"cred", b"creds", b"credentials"), b"admin": (b"admin",), b"root": (b"root",)}
# What of the target of a pipe or a redirection shows that a secret is printed into it.
SECRET_READERS = (
    b"pass", b"secret", b"token", b"cryptsetup", b"luks", b"credential", b"login", b"env add", b"apikey", b"api_key",
    b"api-key", b"sudo -s", b"vault",
)  # fmt: skip
# Whose code it is that must not be told, and which come as a list.
CODE_OWNERS = (
    b"2fa", b"mfa", b"verification", b"security", b"login", b"access", b"auth", b"authentication", b"one-time",
    b"onetime", b"otp", b"recovery", b"backup", b"pin", b"door", b"confirmation", b"scratch", b"unlock", b"sms",
    b"emergency", b"two-factor",
)  # fmt: skip
LISTED_CODES = (b"recovery", b"backup", b"scratch", b"2fa", b"emergency")
# What says in a line that "a / b" is a user and a password; what stands before a colon in an address.
PAIR_CUES = (
    b"login",
    b"log in",
    b"sign in",
    b"signin",
    b"cred",
    b"account",
    b"user",
    b"admin",
    b"wifi",
    b"wi-fi",
    b"ssid",
)
URL_SCHEMES = frozenset((b"http", b"https", b"ftp", b"ssh", b"git", b"sha256", b"line", b"user"))
