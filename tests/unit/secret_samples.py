# ruff: noqa: E501
"""Made-up secrets in the places where they occur. Every one is drawn at random and joined from parts.

No line here has the form of a secret, so that no scanner stops at this file.
"""

from __future__ import annotations

import base64
import random

_random = random.Random(20_240_607)
LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGITS = "0123456789"
ALNUM = LOWER + UPPER + DIGITS
HEX = "0123456789abcdef"
URLSAFE = ALNUM + "_-"
BASE64 = ALNUM + "+/"
BASE32 = UPPER + "234567"


def draw(chars: str, count: int) -> str:
    """Draw characters until letters and digits are both among them, as every issuer's tokens have them."""
    while True:
        drawn = "".join(_random.choice(chars) for _ in range(count))
        if any(c.isdigit() for c in drawn) and any(c.isalpha() for c in drawn):
            return drawn


def jwt() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(f'{{"sub":"{draw(DIGITS + LOWER, 10)}","iat":1516239022}}'.encode()).decode()
    return f"{head}.{body.rstrip('=')}.{draw(URLSAFE, 43)}"


def uuid() -> str:
    return "-".join(draw(HEX, n) for n in (8, 4, 4, 4, 12))


def pem(label: str, lines: int = 8) -> str:
    body = "\n".join(draw(BASE64, 64) for _ in range(lines))
    return "-----" + f"BEGIN {label}-----\n{body}\n{draw(BASE64, 30)}==\n-----" + f"END {label}-----"


# kind, token, as the providers document their formats. None needs a name beside it.
TOKENS: list[tuple[str, str]] = [
    ("aws access key", "AKIA" + draw(BASE32, 16)),
    ("aws temporary key", "ASIA" + draw(BASE32, 16)),
    ("gcp api key", "AI" + "za" + draw(URLSAFE, 35)),
    ("gcp oauth secret", "GOC" + "SPX-" + draw(URLSAFE, 28)),
    ("gcp oauth token", "ya" + "29." + draw(URLSAFE, 60)),
    ("azure ad secret", draw(ALNUM, 3) + "8Q~" + draw(ALNUM, 34)),
    ("github pat", "gh" + "p_" + draw(ALNUM, 36)),
    ("github oauth", "gh" + "o_" + draw(ALNUM, 36)),
    ("github user", "gh" + "u_" + draw(ALNUM, 36)),
    ("github server", "gh" + "s_" + draw(ALNUM, 36)),
    ("github refresh", "gh" + "r_" + draw(ALNUM, 36)),
    ("github fine-grained", "github" + "_pat_" + draw(ALNUM, 22) + "_" + draw(ALNUM, 59)),
    ("gitlab pat", "gl" + "pat-" + draw(URLSAFE, 20)),
    ("gitlab deploy", "gl" + "dt-" + draw(URLSAFE, 20)),
    ("gitlab runner", "gl" + "rt-" + draw(URLSAFE, 20)),
    ("gitlab routable", "gl" + "pat-" + draw(URLSAFE, 27) + ".01." + draw(HEX, 9)),
    (
        "slack bot",
        "xo"
        + f"xb-{draw(DIGITS + 'a', 12).replace('a', '1')}-{draw(DIGITS + 'a', 13).replace('a', '2')}-{draw(ALNUM, 24)}",
    ),
    (
        "slack user",
        "xo"
        + f"xp-{_random.randrange(10**11)}-{_random.randrange(10**12)}-{_random.randrange(10**12)}-{draw(HEX, 32)}",
    ),
    ("slack app", "xa" + f"pp-1-A0{draw(UPPER + DIGITS, 9)}-{_random.randrange(10**12)}-{draw(HEX, 64)}"),
    (
        "slack webhook",
        "https://hooks.slack"
        + f".com/services/T0{draw(UPPER + DIGITS, 8)}/B0{draw(UPPER + DIGITS, 8)}/{draw(ALNUM, 24)}",
    ),
    (
        "discord webhook",
        "https://discord.com/api/web" + f"hooks/{_random.randrange(10**17, 10**18)}/{draw(URLSAFE, 68)}",
    ),
    ("stripe live", "sk" + "_live_" + draw(ALNUM, 24)),
    ("stripe long", "sk" + "_live_51" + draw(ALNUM, 97)),
    ("stripe restricted", "rk" + "_live_" + draw(ALNUM, 24)),
    ("stripe test", "sk" + "_test_" + draw(ALNUM, 24)),
    ("stripe webhook", "wh" + "sec_" + draw(ALNUM, 32)),
    ("openai legacy", "sk" + "-" + draw(ALNUM, 20) + "T3Blbk" + "FJ" + draw(ALNUM, 20)),
    ("openai project", "sk" + "-proj-" + draw(URLSAFE, 74)),
    ("openai service", "sk" + "-svcacct-" + draw(URLSAFE, 60)),
    ("anthropic", "sk" + "-ant-api03-" + draw(URLSAFE, 93) + "AA"),
    ("anthropic oauth", "sk" + "-ant-oat01-" + draw(URLSAFE, 93) + "AA"),
    ("anthropic admin", "sk" + "-ant-admin01-" + draw(URLSAFE, 93) + "AA"),
    ("openrouter", "sk" + "-or-v1-" + draw(HEX, 64)),
    ("deepseek", "sk" + "-" + draw(HEX, 32)),
    ("huggingface", "h" + "f_" + draw(ALNUM, 34)),
    ("npm", "np" + "m_" + draw(ALNUM, 36)),
    ("pypi", "py" + "pi-AgEIcHlwaS5vcmc" + draw(URLSAFE, 80)),
    ("rubygems", "ruby" + "gems_" + draw(HEX, 48)),
    ("sendgrid", "S" + "G." + draw(URLSAFE, 22) + "." + draw(URLSAFE, 43)),
    ("brevo", "xkey" + "sib-" + draw(HEX, 64) + "-" + draw(ALNUM, 16)),
    ("mailgun", "key" + "-" + draw(HEX, 32)),
    ("mailgun new", draw(HEX, 32) + "-" + draw(HEX, 8) + "-" + draw(HEX, 8)),
    ("mailchimp", draw(HEX, 32) + "-us14"),
    ("twilio", "S" + "K" + draw(HEX, 32)),
    ("digitalocean", "dop" + "_v1_" + draw(HEX, 64)),
    ("shopify", "shp" + "at_" + draw(HEX, 32)),
    ("shopify shared", "shp" + "ss_" + draw(HEX, 32)),
    ("square", "sq0" + "atp-" + draw(URLSAFE, 22)),
    ("square secret", "sq0" + "csp-" + draw(URLSAFE, 43)),
    ("telegram", f"{_random.randrange(10**8, 10**9)}:AA" + draw(URLSAFE, 33)),
    ("discord bot", "M" + draw(ALNUM, 23) + "." + draw(URLSAFE, 6) + "." + draw(URLSAFE, 38)),
    ("newrelic", "NR" + "AK-" + draw(UPPER + DIGITS, 27)),
    ("linear", "lin" + "_api_" + draw(ALNUM, 40)),
    ("notion", "nt" + "n_" + draw(ALNUM, 46)),
    ("notion old", "secret" + "_" + draw(ALNUM, 43)),
    ("vault", "hv" + "s." + draw(URLSAFE, 90)),
    ("vault batch", "hv" + "b." + draw(URLSAFE, 140)),
    ("doppler", "dp" + ".pt." + draw(ALNUM, 43)),
    ("databricks", "dap" + "i" + draw(HEX, 32)),
    ("supabase", "sb" + "p_" + draw(HEX, 40)),
    ("sentry", "sntr" + "yu_" + draw(HEX, 64)),
    ("atlassian", "ATA" + "TT3xFfGF0" + draw(URLSAFE, 170) + "=" + draw(UPPER + DIGITS, 8)),
    ("age", "AGE-SECRET" + "-KEY-1" + draw("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    ("jwt", jwt()),
    ("grafana", "gl" + "sa_" + draw(ALNUM, 32) + "_" + draw(HEX, 8)),
    ("grafana cloud", "gl" + "c_eyJ" + draw(ALNUM, 90)),
    ("postman", "PM" + "AK-" + draw(HEX, 24) + "-" + draw(HEX, 34)),
    ("figma", "fig" + "d_" + draw(URLSAFE, 40)),
    ("groq", "gs" + "k_" + draw(ALNUM, 52)),
    ("xai", "xa" + "i-" + draw(ALNUM, 80)),
    ("perplexity", "pp" + "lx-" + draw(ALNUM, 48)),
    ("replicate", "r" + "8_" + draw(ALNUM, 37)),
    ("airtable", "pa" + "t" + draw(ALNUM, 14) + "." + draw(HEX, 64)),
    ("pulumi", "pu" + "l-" + draw(HEX, 40)),
    ("terraform cloud", draw(ALNUM, 14) + ".atlas" + "v1." + draw(URLSAFE, 67)),
    ("planetscale", "pscale" + "_tkn_" + draw(URLSAFE, 43)),
    ("docker", "dckr" + "_pat_" + draw(URLSAFE, 27)),
    ("artifactory", "AK" + "Cp" + draw(ALNUM, 69)),
    ("nuget", "oy" + "2" + draw(LOWER + DIGITS, 43)),
    ("alibaba", "LT" + "AI" + draw(ALNUM, 20)),
    ("facebook", "EA" + "AC" + draw(ALNUM, 120)),
    ("resend", "r" + "e_" + draw(ALNUM, 8) + "_" + draw(ALNUM, 24)),
    ("posthog", "ph" + "x_" + draw(ALNUM, 43)),
    ("fly", "Fly" + "V1 fm" + "2_" + draw(BASE64, 80)),
    ("sonarqube", "sq" + "p_" + draw(HEX, 40)),
    ("circleci", "CCI" + "PAT_" + draw(ALNUM, 22) + "_" + draw(HEX, 40)),
    ("buildkite", "bk" + "ua_" + draw(HEX, 40)),
    ("dynatrace", "dt0" + "c01." + draw(BASE32, 24) + "." + draw(BASE32, 64)),
    ("mapbox secret", "sk" + ".eyJ1Ijoi" + draw(ALNUM, 60) + "." + draw(URLSAFE, 22)),
    ("tailscale", "ts" + "key-auth-" + draw(ALNUM, 17) + "-" + draw(ALNUM, 32)),
    ("onepassword service", "op" + "s_eyJ" + draw(ALNUM, 250)),
    ("langsmith", "ls" + "v2_pt_" + draw(HEX, 32) + "_" + draw(HEX, 10)),
    ("pinecone", "pc" + "sk_" + draw(ALNUM, 60)),
    ("razorpay", "rzp" + "_live_" + draw(ALNUM, 14)),
    ("flutterwave", "FLWS" + "ECK-" + draw(HEX, 32) + "-X"),
    ("clojars", "CLO" + "JARS_" + draw(HEX, 60)),
    ("databento unknown", "zq" + "_live_" + draw(ALNUM, 28)),
    ("unknown secret", "acme" + "_secret_" + draw(HEX, 40)),
    ("unknown pat", "forge" + "-pat-" + draw(ALNUM, 32)),
    ("unknown sk", "sk" + "_acme_" + draw(ALNUM, 30)),
]

# Places for a token; each token goes into two of them.
PLACES = [
    "please use {} for the deploy",
    "export SOME_VALUE={}",
    'the file says:\n{{"a": 1, "value": "{}"}}\nand nothing else',
    "curl -s https://api.example.org/v1/items -H 'X-Thing: {}' | jq .",
    "  12→const client = new Client('{}');",
    "value: {}\nother: 3",
    'printed: "{{\\"k\\": \\"{}\\"}}\\n"',
    "log line [{}] accepted",
    "first\\n{}\\nlast",
    "(see `{}`)",
]


def _password() -> str:
    return draw(ALNUM, 9) + _random.choice("!@#%*") + draw(ALNUM, 3)


def _named() -> list[tuple[str, str, str]]:
    """Return id, text with {} for the secret, secret: values that only their place gives away."""
    hex32, hex40, b64 = draw(HEX, 32), draw(HEX, 40), draw(BASE64, 40)
    return [
        ("aws secret env", "AWS_SECRET_ACCESS_KEY={}", b64),
        ("aws secret ini", "[default]\naws_secret_access_key = {}\nregion = eu-west-1", draw(BASE64, 40)),
        ("aws session", "aws_session_token={}", draw(BASE64, 200)),
        ("azure storage", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey={};EndpointSuffix=core", draw(BASE64, 86) + "=="),
        ("azure sas", "https://x.blob.core.windows.net/c?sv=2022-11-02&sp=r&sig={}", draw(ALNUM, 43) + "%3D"),
        ("azure servicebus", "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={}", draw(BASE64, 43) + "="),
        ("ado string", "Server=db;Database=x;User Id=sa;Password={};Encrypt=true", _password()),
        ("ado pwd", "Driver=ODBC;Uid=app;Pwd={};", _password()),
        ("datadog api", "DD_API_KEY={}", hex32),
        ("datadog app", "datadog:\n  app_key: {}", hex40),
        ("heroku", "HEROKU_API_KEY={}", uuid()),
        ("cloudflare", 'CLOUDFLARE_API_TOKEN="{}"', draw(URLSAFE, 40)),
        ("cloudflare global", "X-Auth-Key: {}", draw(HEX, 37)),
        ("twilio auth", "TWILIO_AUTH_TOKEN={}", draw(HEX, 32)),
        ("algolia", "ALGOLIA_ADMIN_KEY: {}", draw(HEX, 32)),
        ("mongodb url", "mongodb+srv://app:{}@cluster0.ab1cd.mongodb.net/test", draw(ALNUM, 12)),
        ("postgres url", "DATABASE_URL=postgres://app:{}@db.internal:5432/app", draw(ALNUM, 10)),
        ("postgres word", "postgresql://svc:{}@10.0.0.3/app", draw(LOWER + "5", 9)),
        ("mysql url", "mysql://root:{}@127.0.0.1:3306/x", draw(ALNUM, 8) + "!"),
        ("redis url", "redis://:{}@cache:6379/0", draw(ALNUM, 14)),
        ("amqp url", "amqps://user1:{}@mq.example.net/vh", draw(ALNUM, 11)),
        ("git url", "git clone https://oauth2:{}@git.example.com/x.git", draw(ALNUM, 20)),
        ("git url token", "git remote set-url origin https://{}@git.example.com/x.git", draw(ALNUM, 40)),
        ("proxy url", "HTTPS_PROXY=http://corp:{}@proxy:8080", draw(ALNUM, 9) + "%21"),
        ("jdbc", "jdbc:postgresql://h/db?user=app&password={}&ssl=true", draw(ALNUM, 12)),
        ("bearer header", "curl -H 'Authorization: Bearer {}' https://x", draw(ALNUM, 40)),
        ("bearer dotted", "Authorization: Bearer {}", draw(URLSAFE, 30) + "." + draw(URLSAFE, 30)),
        ("basic header", "Authorization: Basic {}", base64.b64encode(f"admin:{draw(ALNUM, 14)}".encode()).decode()),
        ("token header", "-H \"Authorization: Token {}\"", hex40),
        ("apikey header", "x-api-key: {}", draw(ALNUM, 32)),
        ("private-token header", "curl --header \"PRIVATE-TOKEN: {}\" https://git.example.com", draw(ALNUM, 20)),
        ("json header", '{{"headers": {{"Authorization": "Bearer {}"}}}}', draw(ALNUM, 36)),
        ("python header", "headers = {{'Authorization': f'Bearer {}'}}", draw(ALNUM, 36)),
        ("cookie", "Cookie: sessionid={}; theme=dark", draw(LOWER + DIGITS, 32)),
        ("set-cookie", "Set-Cookie: connect.sid=s%3A{}; Path=/; HttpOnly", draw(URLSAFE, 32)),
        ("curl cookie", "curl -b 'auth_session={}' https://x", draw(ALNUM, 44)),
        ("mysql -p", "mysql -h db -u root -p{} app < dump.sql", _password()),
        ("mysqldump -p", "mysqldump --single-transaction -uroot -p'{}' app", _password()),
        ("curl -u", "curl -u deploy:{} https://ci.example.com/job", draw(ALNUM, 10)),
        ("curl --user", "curl --user 'deploy:{}' https://ci.example.com/job", draw(ALNUM, 11)),
        ("sshpass", "sshpass -p '{}' ssh root@host", _password()),
        ("sshpass attached", "sshpass -p{} scp x host:", draw(ALNUM, 12)),
        ("redis-cli", "redis-cli -h cache -a {} ping", draw(ALNUM, 16)),
        ("docker login", "docker login -u me -p {} registry.example.com", draw(ALNUM, 18)),
        ("flag password=", "tool --password={} --verbose", _password()),
        ("flag password", "tool --password {} --verbose", _password()),
        ("flag token", "tool deploy --token {} --prod", draw(ALNUM, 24)),
        ("flag api-key", "tool deploy --api-key={}", draw(HEX, 32)),
        ("flag db-pass", "./run --db-pass '{}'", _password()),
        ("pgpassword", "PGPASSWORD={} psql -h db -U app", draw(ALNUM, 10)),
        ("mysql_pwd", "MYSQL_PWD={} mysql -u app", draw(ALNUM, 10)),
        ("env password", "DB_PASSWORD={}\nDB_USER=app", _password()),
        ("env short", "ADMIN_PASS={}", draw(ALNUM, 8)),
        ("env quoted", "SMTP_PASSWORD=\"{}\"", _password()),
        ("env secret", "JWT_SECRET={}", draw(ALNUM, 32)),
        ("env secret base", "SECRET_KEY_BASE={}", draw(HEX, 128)),
        ("django", "SECRET_KEY = 'django-insecure-{}'", draw(ALNUM + "!@#(^&*", 44).replace("(", "x") + "9a"),
        ("yaml password", "spring:\n  datasource:\n    username: app\n    password: {}", draw(ALNUM, 10)),
        ("yaml secret", "clientSecret: {}\nredirect: /cb", draw(ALNUM, 36)),
        ("yaml quoted", 'password: "{}"', _password()),
        ("k8s secret", "kind: Secret\ndata:\n  password: {}", base64.b64encode(draw(ALNUM, 12).encode()).decode()),
        ("json password", '{{"user": "app", "password": "{}"}}', _password()),
        ("json camel", '{{"dbPassword":"{}","x":1}}', draw(ALNUM, 10)),
        ("json escaped", '"{{\\"client_secret\\": \\"{}\\"}}"', draw(ALNUM, 24)),
        ("json apikey", '{{"apiKey": "{}"}}', draw(ALNUM, 24)),
        ("json auth", '{{"auths": {{"ghcr.io": {{"auth": "{}"}}}}}}', base64.b64encode(f"me:{draw(ALNUM, 24)}".encode()).decode()),
        ("toml", 'api_token = "{}"', draw(ALNUM, 28)),
        ("ini", "[client]\nuser=root\npassword={}", draw(ALNUM, 9)),
        ("properties", "app.security.jwt.secret={}", draw(ALNUM, 40)),
        ("xml", "<server><id>x</id><password>{}</password></server>", _password()),
        ("xml attribute", '<add key="x" password="{}" />', _password()),
        ("netrc", "machine git.example.com login me password {}", draw(ALNUM, 16)),
        ("npmrc", "//registry.example.com/:_authToken={}", draw(ALNUM, 36)),
        ("npmrc auth", "_auth={}", base64.b64encode(f"me:{draw(ALNUM, 20)}".encode()).decode()),
        ("python", "API_KEY = '{}'", draw(ALNUM, 32)),
        ("python typed", "api_key: str = \"{}\"", draw(ALNUM, 32)),
        ("python password", "conn = connect(host='h', password='{}')", _password()),
        ("python getenv", "os.environ.get('DB_PASSWORD', '{}')", _password()),
        ("javascript", "const authToken = '{}';", draw(ALNUM, 32)),
        ("javascript or", "const secret = process.env.SECRET || '{}';", draw(ALNUM, 24)),
        ("go", 'const apiSecret = "{}"', draw(ALNUM, 32)),
        ("go walrus", 'password := "{}"', _password()),
        ("java", 'private static final String DB_PASSWORD = "{}";', _password()),
        ("ruby", "config.secret_key = '{}'", draw(HEX, 64)),
        ("php", "define('DB_PASSWORD', '{}');", _password()),
        ("php arrow", "'password' => '{}',", _password()),
        ("rust", 'let api_key = "{}";', draw(ALNUM, 32)),
        ("terraform", 'password = "{}"', _password()),
        ("dockerfile", "ENV API_TOKEN {}", draw(ALNUM, 24)),
        ("dockerfile eq", "ENV API_TOKEN={}", draw(ALNUM, 24)),
        ("powershell", "$env:CLIENT_SECRET = '{}'", draw(ALNUM, 24)),
        ("cmd set", "set ACCESS_TOKEN={}", draw(ALNUM, 24)),
        ("heroku set", "heroku config:set STRIPE_SECRET={} -a app", draw(ALNUM, 24)),
        ("kubectl", "kubectl create secret generic x --from-literal=password={}", _password()),
        ("query token", "https://api.example.com/v1?access_token={}&x=1", draw(ALNUM, 40)),
        ("query key", "GET /maps/api/js?api_key={}&v=3", draw(ALNUM, 32)),
        ("prose password", "the admin password is {} for now", _password()),
        ("prose colon", "Password: {}", _password()),
        ("prose key", "my api key is {}", draw(ALNUM, 32)),
        ("prose backticks", "use the token `{}` to log in", draw(ALNUM, 32)),
        ("chinese", "数据库密码是 {}", _password()),
        ("chinese colon", "密码：{}", draw(ALNUM, 10)),
        ("chinese key", "密钥为{}", draw(ALNUM, 24)),
        ("never seen name", "NIMBUS_INGEST_KEY={}", draw(ALNUM, 27)),
        ("never seen yaml", "quorra:\n  signing-key: {}", draw(BASE64, 44)),
        ("never seen json", '{{"voltr": {{"credential": "{}"}}}}', draw(ALNUM, 30)),
        ("never seen token", "ZORBTOKEN={}", draw(UPPER + DIGITS, 26)),
        ("never seen passphrase", "backup_passphrase: {}", "maple-" + draw(LOWER + "77", 8)),
        ("never seen pat", "VELOCITY_PAT={}", draw(LOWER + DIGITS, 52)),
        ("encryption key", "ENCRYPTION_KEY={}", draw(HEX, 64)),
        ("webhook secret", "webhook_secret: {}", draw(HEX, 40)),
        ("line numbered", "     3→OPENWEATHER_API_KEY={}", draw(HEX, 32)),
        ("diff line", "+DB_PASSWORD={}", _password()),
        ("grep line", "config/prod.env:12:API_SECRET={}", draw(ALNUM, 30)),
        ("url encoded", "grant_type=client_credentials&client_secret={}&scope=x", draw(ALNUM, 32)),
        ("csv-ish table", "| API_KEY | {} |", draw(ALNUM, 32)),
    ]  # fmt: skip


NAMED = _named()

_BLOCK = pem("RSA PRIVATE KEY")
BLOCKS: list[tuple[str, str, str]] = [
    ("pem rsa", f"cat id_rsa\n{_BLOCK}\n", _BLOCK),
    ("pem pkcs8", pem("PRIVATE KEY"), ""),
    ("pem ec", pem("EC PRIVATE KEY", 3), ""),
    ("openssh", pem("OPENSSH PRIVATE KEY"), ""),
    ("encrypted", pem("ENCRYPTED PRIVATE KEY"), ""),
    ("pgp", pem("PGP PRIVATE KEY BLOCK"), ""),
    ("truncated end", pem("RSA PRIVATE KEY").rsplit("\n", 3)[0], ""),
    ("truncated begin", pem("RSA PRIVATE KEY").split("\n", 2)[2], ""),
    ("line numbers", "\n".join(f"{n:6}→{line}" for n, line in enumerate(pem("PRIVATE KEY").split("\n"), 1)), ""),
    ("one line json", '{"private_key": "' + pem("PRIVATE KEY").replace("\n", "\\n") + '\\n"}', ""),
    ("indented yaml", "key: |\n" + "\n".join("    " + line for line in pem("PRIVATE KEY").split("\n")), ""),
]


def planted() -> list[tuple[str, str, list[str]]]:
    """Return id, text and the pieces of the secret that must not be left in it."""
    cases = []
    for at, (kind, token) in enumerate(TOKENS):
        # What must go is the random part; a prefix, a host or a project number may stay.
        pieces = [piece for piece in token.replace("/", " ").replace(".", " ").split() if len(piece) >= 14]
        pieces = [max(pieces, key=len)]
        places = (PLACES[at % len(PLACES)], PLACES[(at * 3 + 4) % len(PLACES)])
        cases += [(f"{kind} in {place[:12]!r}", place.format(token), pieces) for place in places]
    cases += [(name, text.format(secret), [secret]) for name, text, secret in NAMED]
    for name, text, _ in BLOCKS:
        lines = [
            line for line in text.replace("\\n", "\n").split("\n") if len(line.strip()) >= 40 and "---" not in line
        ]
        cases.append((name, text, [line.split("→")[-1].strip() for line in lines]))
    return cases
