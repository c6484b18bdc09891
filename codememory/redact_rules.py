"""What a secret looks like: provider prefixes, secret-looking names and the values that are none. Data only.

Prefixes and lengths are the providers' own published formats.
"""

from __future__ import annotations

# kind, shortest random part, prefixes. A token is one run of letters, digits, "_", "-" and "+" that begins so.
PROVIDER_PREFIXES = (
    ("aws-access-key", 16, "AKIA ASIA ABIA ACCA AGPA AIDA AROA ANPA ANVA"),
    ("aws-bedrock-key", 40, "ABSK bedrock-api-key-"),
    ("gcp-api-key", 30, "AIza"),
    ("gcp-oauth-secret", 20, "GOCSPX-"),
    ("github-token", 30, "ghp_ gho_ ghu_ ghs_ ghr_"),
    ("github-token", 40, "github_pat_"),
    (
        "gitlab-token",
        18,
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glimt- glagent- gloas- glffct- glwt- GR1348941",
    ),
    ("slack-token", 16, "xoxb- xoxp- xoxa- xoxs- xoxr- xoxo- xoxc- xoxd- xoxe- xapp- xoxe.xoxp- xoxe.xoxb-"),
    ("stripe-key", 16, "sk_live_ sk_test_ rk_live_ rk_test_ sk_prod_ rk_prod_ pk_live_ whsec_"),
    ("anthropic-key", 24, "sk-ant-"),
    (
        "openai-key",
        20,
        "sk-proj- sk-svcacct- sk-admin- sk-None- sess-",
    ),
    ("openrouter-key", 30, "sk-or-"),
    ("api-key", 28, "sk-"),
    ("huggingface-token", 30, "hf_ api_org_"),
    ("npm-token", 30, "npm_"),
    ("pypi-token", 50, "pypi-AgEI pypi-"),
    ("rubygems-token", 40, "rubygems_"),
    ("clojars-token", 50, "CLOJARS_"),
    ("sendinblue-key", 60, "xkeysib- xsmtpsib-"),
    ("mailgun-key", 32, "key- pubkey-"),
    ("mailchimp-key", 60, "mandrill_"),
    ("digitalocean-token", 40, "dop_v1_ doo_v1_ dor_v1_"),
    ("heroku-key", 34, "HRKU-"),
    ("shopify-token", 30, "shpat_ shpca_ shppa_ shpss_ shptka_"),
    ("square-token", 20, "sq0atp- sq0csp- sq0idp- EAAA"),
    ("newrelic-key", 18, "NRAK- NRJS- NRII- NRRA- NRSP- NRIQ-"),
    ("datadog-key", 30, "ddapi_ ddapp_ ddp_"),
    ("linear-key", 30, "lin_api_ lin_oauth_ lin_wh_"),
    ("notion-token", 40, "ntn_ secret_"),
    ("databricks-token", 30, "dapi dkea dose"),
    ("supabase-key", 30, "sbp_ sb_secret_ sbs_"),
    ("sentry-token", 30, "sntrys_ sntryu_ sntrya_"),
    ("atlassian-token", 40, "ATATT3 ATCTT3 ATSTT3 ATOAuth"),
    ("bitbucket-token", 28, "ATBB"),
    ("age-key", 50, "AGE-SECRET-KEY-1"),
    ("grafana-token", 30, "glsa_ glc_ eyJrIjoi"),
    ("postman-key", 40, "PMAK-"),
    ("figma-token", 30, "figd_ figu_ figdr_ figoh_"),
    ("groq-key", 40, "gsk_"),
    ("cerebras-key", 40, "csk-"),
    ("aiven-password", 18, "AVNS_"),
    ("sourcegraph-token", 40, "sgp_ slk_"),
    ("launchdarkly-key", 36, "sdk- api- mob-"),
    ("nkey-seed", 54, "SUA SAA SNA SOA"),
    ("wallet-key", 100, "xprv yprv zprv"),
    ("cargo-token", 32, "cio"),
    ("brevo-key", 60, "xkeysib-"),
    ("intercom-token", 40, "dG9rO"),
    ("shodan-key", 30, "PSKEY-"),
    ("xai-key", 40, "xai-"),
    ("perplexity-key", 40, "pplx-"),
    ("replicate-token", 30, "r8_"),
    ("together-key", 30, "tgp_v1_"),
    ("fireworks-key", 20, "fw_"),
    ("elevenlabs-key", 40, "sk_"),
    ("nvidia-key", 50, "nvapi-"),
    ("langsmith-key", 30, "lsv2_pt_ lsv2_sk_ ls__"),
    ("pinecone-key", 40, "pcsk_"),
    ("tavily-key", 20, "tvly-"),
    ("firecrawl-key", 30, "fc-"),
    ("resend-key", 24, "re_"),
    ("posthog-key", 40, "phc_ phx_ phs_"),
    ("planetscale-token", 32, "pscale_tkn_ pscale_pw_ pscale_oauth_"),
    ("pulumi-token", 40, "pul-"),
    ("terraform-token", 60, "atlasv1-"),
    ("fly-token", 12, "fo1_ fm1r_ fm2_ fm1a_"),
    ("render-key", 24, "rnd_"),
    ("netlify-token", 30, "nfp_ nfc_ nfo_ nfu_"),
    ("vercel-token", 24, "vcp_ vck_ vca_ vci_ vcr_"),
    ("docker-token", 20, "dckr_pat_ dckr_oat_"),
    ("artifactory-key", 50, "AKCp cmVmd"),
    ("nuget-key", 43, "oy2"),
    ("alibaba-key", 18, "LTAI"),
    ("tencent-key", 32, "AKID"),
    ("yandex-key", 35, "AQVN YCAJ"),
    ("facebook-token", 100, "EAA"),
    ("matrix-token", 24, "syt_"),
    ("telnyx-key", 40, "KEY0"),
    ("baidu-key", 20, "ALTAK-"),
    ("cluster-token", 60, "K10"),
    ("firebase-token", 100, "APA91b"),
    ("twilio-key", 32, "SK"),
    ("plaid-token", 30, "access-sandbox- access-development- access-production-"),
    ("flutterwave-key", 30, "FLWSECK_TEST- FLWSECK- flwseck-"),
    ("razorpay-key", 14, "rzp_live_ rzp_test_"),
    ("easypost-key", 50, "EZAK EZTK"),
    ("shippo-token", 40, "shippo_live_ shippo_test_"),
    ("duffel-token", 40, "duffel_live_ duffel_test_"),
    ("readme-key", 60, "rdme_"),
    ("prefect-key", 30, "pnu_ pnb_"),
    ("infracost-key", 30, "ico-"),
    ("frameio-token", 40, "fio-u-"),
    ("dynatrace-token", 60, "dt0c01-"),
    ("typeform-token", 40, "tfp_"),
    ("contentful-token", 40, "CFPAT-"),
    ("buildkite-token", 30, "bkua_ bkct_ bkpt_"),
    ("circleci-token", 30, "CCIPAT_ CCIPRJ_"),
    ("sonar-token", 38, "sqp_ squ_ sqa_"),
    ("scaleway-key", 17, "SCW"),
    ("intra42-secret", 50, "s-s4t2ud- s-s4t2af-"),
    ("adobe-secret", 30, "p8e-"),
    ("clickhouse-key", 36, "4b1d"),
    ("tailscale-key", 20, "tskey-"),
    ("onepassword-token", 60, "ops_eyJ"),
    ("cloudflare-token", 36, "cfut_ cfat_ cfk_"),
    ("neon-key", 40, "napi_"),
    ("apify-token", 30, "apify_api_"),
    ("weights-key", 60, "wandb_v1_"),
    ("meta-token", 40, "IGQV"),
)
# The same where a dot parts the prefix from the run ("SG.<22>.<43>"); a star is any word ("dp.st.<config>.<43>").
DOTTED_PREFIXES = {
    "SG": ("sendgrid-key", 18),
    "hvs": ("vault-token", 20),
    "hvb": ("vault-token", 20),
    "hvr": ("vault-token", 20),
    "ya29": ("gcp-oauth-token", 20),
    "dp.pt": ("doppler-token", 30),
    "dp.st": ("doppler-token", 30),
    "dp.sa": ("doppler-token", 30),
    "dp.ct": ("doppler-token", 30),
    "dp.scim": ("doppler-token", 30),
    "dp.audit": ("doppler-token", 30),
    "dp.st.*": ("doppler-token", 30),
    "mlsn": ("mailersend-key", 40),
    "xoxe": ("slack-token", 16),
    "atlasv1": ("terraform-token", 50),
    "sl": ("dropbox-token", 60),
    "pk": ("mapbox-token", 50),
    "sk": ("mapbox-token", 50),
    "mfa": ("discord-token", 60),
    "dt0c01": ("dynatrace-token", 20),
    "v2.local": ("paseto", 40),
    "v4.local": ("paseto", 40),
    "v3.local": ("paseto", 40),
    "t1": ("yandex-token", 40),
    "v1": ("cloudflare-key", 150),
    "CWSSO": ("api-token", 20),
}
# A run of 32 hexadecimal digits with one of these ends (shape: h for a hexadecimal digit, 0 for a decimal one).
HEX_TAILS = {"-hhhhhhhh-hhhhhhhh": "mailgun-key", "-us00": "mailchimp-key", "-us0": "mailchimp-key"}
PROSE_JOINTS = ("is", "was", "be", "to", "=", "est", "es", "ist", "lautet", "is:")
SETTERS = ("ENV", "ARG", "setx", "set", "export", "put", "add", "-x", "configure")
# Words right behind which a token stands with nothing between.
BESIDE_WORDS = frozenset(
    "token apikey pat secret bearer login add-authtoken authtoken authtoken: jwt password passwd".split()
)
KEY_WORDS = frozenset(
    "api access secret license auth deploy private account subscription unseal recovery encryption signing master "
    "service shared app application consumer client admin personal".split()
)
TYPE_WORDS = frozenset("str string char text byte bytes varchar const let var val final final: auto".split())
VALUE_WORDS = frozenset("value default stringvalue val content defaultvalue created generated issued".split())
# What says in a line that a random value behind it is a secret.
NEAR_WORDS = (b"secret", b"password", b"token", b"api key", b"apikey", b"api_key", b"credential", b" creds", b"passwd")
# Commands that print a new secret on the next line.
MAKERS = (
    b"genkey",
    b"genpsk",
    b"openssl rand",
    b"pwgen",
    b"token_hex",
    b"token_urlsafe",
    b"makepasswd",
    b"rake secret",
)
HASH_SCHEMES = (b"$1$", b"$5$", b"$6$", b"$y$", b"$apr1$", b"$2a$", b"$2b$", b"$2y$", b"$argon2")
RARE_SYMBOLS = frozenset("!#$~")  # those that formulas, addresses and paths seldom have within a word
PASSWORD_SYMBOLS = frozenset(b"!#$%^&*?~+")
# Signs and words of other scripts that join a name and its value.
WIDE_JOINTS = tuple(word.encode() for word in ("→", "：", "＝", "是", "为", "は", "「", "“"))
ESCAPED_SIGNS = frozenset((b"%3d", b"%3a", b"%22", b"%27", b"%3e", b"u0022", b"u003d", b"u003a", b"u0027"))
# Parts of private keys in JSON and XML.
KEY_NUMBERS = frozenset("d p q dp dq qi k D P Q DP DQ InverseQ".split())
# How public keys, images, addresses of content and pages of a listing begin, and what numbers of a code host hold.
PUBLIC_STARTS = (b"AAAA", b"Qm", b"bafy", b"iVBOR", b"R0lGOD", b"PD94", b"Y3Vyc29y", b"MII", b"MDQ6", b"MDEw", b"eyJ")
LINE_WIDTHS = (60, 64, 72, 76)  # of long base64
PUBLIC_PARTS = (b"kwDO", b"kgDO")
# How names of random values end that are no secrets.
HARMLESS_NAMES = (
    "id", "ids", "uuid", "integrity", "sum", "hash", "digest", "sha", "sha1", "sha256", "sha512", "etag", "nonce",
    "signature", "checksum", "fingerprint", "revision", "commit", "cursor", "public", "pubkey", "ref", "version",
    "path", "file", "name", "cid", "guid", "address", "hashes", "src", "h1", "data", "content", "d", "image",
)  # fmt: skip
# First words of long identifiers that are no secrets.
ID_WORDS = frozenset(
    "toolu msg req chatcmpl call resp file run thread step asst evt cus pi ch in price prod sha commit tree blob rev "
    "build chunk index main vendor asset hash cache id uuid session trace span job task test data image img layer "
    "node container pod release revision digest checksum etag object bundle style module page event message item "
    "project workspace org team user batch vs ft ftjob fc rs msgbatch artifact snapshot srvtoolu base href svg path "
    "integrity nonce srctok font css js webpack static public pub pk mem sum sha1 sha256 sha384 sha512 h1".split()
)
SCHEMES = frozenset("bearer basic token apikey negotiate digest".split())
# A word of a run's own name that makes the random rest of it a secret, whoever issued it ("acme_live_9f3…").
TOKEN_WORDS = frozenset(
    "sk pat key apikey token tok secret live prod auth access oauth refresh bot priv private svc psk bearer cred "
    "password passwd pwd admin webhook sec usr test sandbox".split()
)

# --- names -----------------------------------------------------------------------------------------------------------
# The last word of a name that is assigned a secret. Strong: any unlikely word is one. Weak: only a random value.
STRONG_WORDS = frozenset(
    "password passwd pwd pass passphrase passcode passwort secret secrets userpassword dbpassword dbpass mypassword "
    "clientsecret appsecret pgpassword sshpass passwords pswd secretkey secretaccesskey requirepass masterauth "
    "rootpassword adminpassword keypass storepass pw pword userpw mdp passe motdepasse contraseña contrasena "
    "kennwort senha hasło passwrd pasword psswd psk presharedkey passkey".split()
)
STRONG_ENDS = ("password", "passwd", "secret", "passphrase", "secretkey", "passwort", "dbpwd", "userpwd", "passcode")
WEAK_WORDS = frozenset(
    "token tokens apikey apitoken authtoken accesstoken refreshtoken bearer authorization auth credential "
    "credentials  creds cred pat tok jwt cookie signing samlresponse samlrequest clientassertion sig hmac otp "
    "mnemonic webhook dsn accesskey privatekey  sk skey amzsignature signingkey encryptionkey masterkey authkey "
    "appkey license seed csrf xsrf code sas  salt pepper".split()
)
# Words of the weak kind that also name harmless things: their value must be long and of all character classes.
WEAKEST_WORDS = frozenset("key keys code sig".split())
# The first of these stems in a name says what its secret is.
KINDS_BY_STEM = (
    ("pass", "password"), ("pwd", "password"), ("pw", "password"), ("token", "token"), ("cookie", "cookie"),
    ("session", "cookie"), ("key", "key"),
)  # fmt: skip
# Words that may follow the telling word ("SECRET_VALUE", "API_KEY_PROD").
TRAILING_WORDS = frozenset(
    "value string str base64 b64 hex raw plain plaintext prod production dev development staging stage test testing "
    "live old new backup primary secondary current default text data enc encoded env var header file1 one two "
    "s base main local remote master root admin user".split()
)
# The word before "key" that makes it no secret.
HARMLESS_KEYS = frozenset(
    "public primary foreign sort cache partition object unique index row group idempotency map dict dedupe "
    "dedup lookup composite natural react translation i18n query host pub registry file item list node parent "
    "child config s3 state path shard tree bucket blob record entity field column data json arrow "
    "hot shortcut keyboard metadata label tag topic message event locale lang feature flag commit content log sha "
    "test cursor page job task run build artifact dependency lock version known press bind type "
    "is has get set on by of for the a an this that any each every".split()
)

# --- values ----------------------------------------------------------------------------------------------------------
# A value beginning so names a secret's place, or is code that gets it.
REFERENCE_STARTS = (
    "${", "$(", "$$", "{{", "{", "<", "%(", "%{", "%s", "process.", "os.", "env.", "env(", "env[", "getenv", "import.",
    "config.", "self.", "this.", "settings.", "secrets.", "vars.", "var.", "local.", "data.", "module.", "args.",
    "options.", "opts.", "req.", "request.", "params.", "props.", "ctx.", "c.", "cfg.", "conf.", "vault:", "op://",
    "arn:", "ref:", "file:", "./", "../", "~/", "http://", "https://", "[redacted", "[private]", "[REDACTED", "#{",
    "sha256:", "sha512-", "sha1-", "sha384-", "ENC[", "\\u", "...", "…", "--", "`", "(", ")", "[", "keyring:",
    "env:", "new ", "await ", "std::", "String.", "ssm:", "awskms:", "gcpkms:",
)  # fmt: skip
# A value beginning so is a reference or code too, unless all of it is what only a made-up password can be.
SYMBOL_STARTS = ("$", "!", "&", "*", "@", "|", ">", "=", "%", "/", "~", "-")
# Parts of a value that show a placeholder.
PLACEHOLDER_PARTS = (
    "your", "xxxx", "...", "placeholder", "changeme", "change-me", "change_me", "redacted",
    "example", "insert", "replace",
    "dummy", "sample", "<", "****", "....", "todo", "fixme", "fake", "mock", "foobar", "-here", "_here", "notreal",
    "not-a-real", "undefined", "……", "${", "{{", "$(", "hidden", "masked", "●●", "••",
)  # fmt: skip
# Words that stand for a password instead of being one.
PLACEHOLDER_WORDS = frozenset(
    "pass password passwd pwd pw secret token key string str none null nil true false undefined "
    "empty required optional "
    "n/a hidden text bytes value int bool boolean any object number user username admin root test testing todo xxx "
    "my db vault app change default unset missing invalid wrong correct plain email login auth "
    "authentication reset".split()
)

# Words that no passphrase is made of, but messages and names are.
PLAIN_WORDS = frozenset(
    "the and for you your with without this that must not has have are was were will can cannot may should please "
    "enter type invalid incorrect wrong required field value values name names user users file files data error "
    "failed fails from into set get new old is in on of to or be by if it its client server service account app "
    "login sign reset confirm forgot change current repeat match matches does key keys token tokens secret secrets "
    "database string hash hashed encrypted credentials credential auth authentication api access default test tests "
    "config settings manager email least characters length long short strong weak empty missing expired input form "
    "hidden show copy paste store stored storage provider reference store only when then else use used using some "
    "any all one two via hashed bcrypt argon vault keyring keychain prompt stdin manual disabled enabled number "
    "boolean object minimum letters secure private public global project system generate generated random custom "
    "internal external dynamic static masked redacted never always optional function method header cookie session "
    "bearer basic visible toggle update create delete verify verified recovery security".split()
)
# Words that no wallet's phrase has, but any sentence.
JOINING_WORDS = frozenset("the and for with from into not are was were has have your its per but".split())
# Parts that show an unquoted word of letters and digits to be a variable's name.
NAME_PARTS = (
    b"pass", b"pw", b"user", b"token", b"secret", b"key", b"val", b"name", b"str", b"text", b"var", b"arg", b"tmp",
    b"hash", b"input", b"utf", b"base", b"int", b"float", b"sha", b"md5", b"rsa", b"aes", b"test", b"param", b"md",
)  # fmt: skip
# The commonest pairs of letters in English and in names of programs.
COMMON_PAIRS = (
    "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra ld "
    "ur me ne wa ro ri ma li ce co om ca el la ta be us io ss ec tr pe ch lo ho sh no un ee ut ac ad ag ai am ap av ay "
    "ba bl bo ck cl ct di do du ef em ep ev ex fi fo fr ge gr id ie if ig il im ir iv ke ki ll mi mo mp na ni ns nc ob "
    "oc od og ol oo op os ot ow pa pl po pr qu rd rs rt ry sc so sp su sw tu ty ul um up va vi we wh wi wo ye gi ga"
)

KNOWN_PASSWORDS = (
    "letmein iloveyou qwerty qwertyuiop qwertz azerty asdfgh asdfghjkl zxcvbn zxcvbnm trustno sunshine princess "
    "football baseball superman batman dragon monkey shadow correcthorsebatterystaple changeit opensesame hunter "
    "swordfish supersecret topsecret sesame verysecret mysecret supersecretpassword secretpassword hackme"
)
"""The letters-only passwords that people use."""

FOREIGN_NAMES = (
    "密码", "密碼", "密钥", "密鑰", "口令", "令牌", "私钥", "凭证", "パスワード", "비밀번호", "пароль", "Пароль",
    "токен", "contraseña", "Contraseña", "授权码", "秘钥", "通行码",
    "验证码", "驗證碼", "动态码", "校验码", "提取码", "密語", "暗号", "パスコード",
)  # fmt: skip
FOREIGN_LEADS = (0xC3, 0xD0, 0xD1, 0xE3, 0xE4, 0xE5, 0xE7, 0xEB)
"""The first bytes of the marks: the quickest look of all."""

FOREIGN_CODES = frozenset(("验证码", "驗證碼", "动态码", "校验码", "提取码", "パスコード", "密码", "口令"))
FOREIGN_MARKS = ("密", "秘", "令", "私", "凭", "码", "碼", "号", "パ", "비", "арол", "окен", "ñ")
"""One of these is in a text that holds one of the names: cheaper to look for."""
FOREIGN_JOINTS = "是为為はがの은는 ：:=＝「『“”‘'\"`（( \t»«—"
FOREIGN_WORDS = ("改成", "改为", "设置为", "设为", "设成", "换成", "is ", "es ", "est ", "ist ", "lautet ")

# Flag, the commands to which it gives a password, and how: "next" word, "attached" to the flag, either, or the part
# after a colon ("pair") or a percent sign of the next word.
PASSWORD_FLAGS: dict[bytes, tuple[tuple[str, frozenset[bytes]], ...]] = {
    b"-u": (
        ("pair", frozenset({b"curl"})),
        ("comma", frozenset({b"lftp"})),
    ),
    b"--auth": (("pair", frozenset({b"http", b"https", b"xh"})),),
    b"--user": (("pair", frozenset({b"curl", b"etcdctl"})),),
    b"-p": (
        ("attached", frozenset(b"mysql mysqldump mysqladmin mysqlimport mariadb mariadb-dump 7z 7za rar".split())),
        (
            "either",
            frozenset(
                b"az sshpass mongo mongosh mongodump mongorestore login influx cqlsh clickhouse useradd usermod "
                b"rdesktop psexec twine evil-winrm nxc netexec crackmapexec smbmap snowsql wpscan steghide".split()
            ),
        ),
    ),
    b"-a": (("either", frozenset({b"redis-cli"})), ("pair", frozenset({b"http", b"https", b"xh"}))),
    b"-w": (("either", frozenset(b"ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd security".split())),),
    b"-P": (("either", frozenset(b"sqlcmd bcp zip unzip mosquitto_pub mosquitto_sub ipmitool ssh-keygen".split())),),
    b"-U": (("percent", frozenset(b"smbclient rpcclient net".split())),),
    b"-k": (("token", frozenset({b"nuget"})), ("either", frozenset({b"openssl"}))),
    b"-K": (("either", frozenset({b"openssl"})),),
    b"-X": (("either", frozenset(b"snmpget snmpwalk snmpset".split())),),
    b"-pw": (("either", frozenset(b"plink pscp putty psftp kadmin kadmin.local addprinc".split())),),
    b"-N": (("either", frozenset({b"ssh-keygen"})),),
    b"-t": (("token", frozenset(b"codecov codecov.sh surge vercel netlify doctl".split())),),
    b"-S": (("piped", frozenset()),),
    b"-A": (("quoted", frozenset()), ("either", frozenset(b"snmpget snmpwalk snmpset".split()))),
}
PARTED_BY = {"pair": b":", "percent": b"%", "comma": b","}
# Flags that give a password when another one of the command gives a user.
LIKELY_FLAGS = frozenset((b"-p", b"-P", b"-w", b"-pw", b"-A", b"-X"))
USER_FLAGS = (b"-u", b"-U", b"--user", b"-l", b"/u:", b"-D", b"--login")
FLAG_LETTERS = frozenset((b"K", b"X", b"u", b"-", b"p", b"a", b"w", b"P", b"U", b"k", b"t", b"S", b"A", b"N"))
# What reads a password from what is piped into it.
STDIN_READERS = (b"--password-stdin", b"passwd --stdin", b"chpasswd")
# Words between a password's name and the password.
PROSE_WORDS = (
    b"is ",
    b"was ",
    b"are ",
    b"is:",
    b"est ",
    b"ist ",
    b"lautet ",
    b"to ",
    b"for this is ",
    b"should be ",
    b"identified by ",
)
PROSE_PHRASES = (b"for ", b"of ", b"to ", b"on ", b"in ")
PREPOSITIONS = frozenset((b"from", b"to", b"with", b"as", b"use", b"using", b"try", b"/"))
# Programs that write a user and a password as user/password@place.
SLASHED = (b"sqlplus", b"oracle", b"sqlldr", b"impdp", b"expdp")
SETTERS_BYTES = tuple(word.encode() for word in SETTERS)
# What may stand between an equals sign or a colon and the value.
VALUE_OPENINGS = (b"<![CDATA[", b"|\n", b">\n", b"|-\n", b'["', b"['", b'"""', b"'''")
# How an expression that looks a value up begins.
LOOKUPS = (b"process.env", b"os.environ", b"os.getenv", b"getenv", b"env(", b"env.", b"config(", b"System.getenv",
    b"ENV[", b"ENV.fetch", b"import.meta.env", b"config.get", b"Deno.env", b"environ",
)  # fmt: skip

WEBHOOK_PLACES = (
    "hooks.slack.com/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "webhook.office.com/",
    "hooks.zapier.com/hooks/catch/",
    "hook.make.com/",
    "hook.eu1.make.com/",
    "open.feishu.cn/open-apis/bot/",
    "chat.googleapis.com/v1/spaces/",
    "api.telegram.org/bot",
    "qyapi.weixin.qq.com/cgi-bin/webhook/",
    "oapi.dingtalk.com/robot/",
    "hooks.airtable.com/",
    "api.pushcut.io/",
    "ntfy.sh/",
    "access_token$production$",
    "outlook.office.com/webhook/",
)
