"""What a secret looks like: words that name one, providers' prefixes, and what is none. Data only."""

from __future__ import annotations

# --- tokens ----------------------------------------------------------------------------------------------------------
# The kind of a token by how it begins. Only the marker's word and a lower threshold hang on it: a token whose maker
# is not here is found by its randomness.
PREFIXES = {
    prefix: kind
    for kind, prefixes in (
        ("aws-access-key", "AKIA ASIA ABIA ACCA"),
        ("aws-bedrock-key", "ABSK bedrock-api-key-"),
        ("gcp-api-key", "AIza"),
        ("gcp-oauth-secret", "GOCSPX-"),
        ("gcp-oauth-token", "ya29."),
        ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_"),
        ("gitlab-token", "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glimt- glagent- gloas- glffct- GR1348941"),
        ("slack-token", "xoxb- xoxp- xoxa- xoxs- xoxr- xoxo- xoxc- xoxd- xoxe- xapp- xoxe."),
        ("stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_ sk_prod_ rk_prod_ whsec_"),
        ("anthropic-key", "sk-ant-"),
        ("openai-key", "sk-proj- sk-svcacct- sk-admin- sk-None- sess-"),
        ("openrouter-key", "sk-or-"),
        ("api-key", "sk-"),
        ("huggingface-token", "hf_ api_org_"),
        ("npm-token", "npm_"),
        ("pypi-token", "pypi-"),
        ("rubygems-token", "rubygems_"),
        ("sendgrid-key", "SG."),
        ("sendinblue-key", "xkeysib- xsmtpsib-"),
        ("mailgun-key", "key- pubkey-"),
        ("twilio-key", "SK"),
        ("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_"),
        ("heroku-key", "HRKU-"),
        ("shopify-token", "shpat_ shpca_ shppa_ shpss_ shptka_"),
        ("square-token", "sq0atp- sq0csp- sq0idp- EAAA"),
        ("newrelic-key", "NRAK- NRJS- NRII- NRRA- NRSP- NRIQ-"),
        ("datadog-key", "ddapi_ ddapp_ ddp_"),
        ("linear-key", "lin_api_ lin_oauth_ lin_wh_"),
        ("notion-token", "ntn_ secret_"),
        ("databricks-token", "dapi dkea"),
        ("supabase-key", "sbp_ sb_secret_"),
        ("sentry-token", "sntrys_ sntryu_ sntrya_"),
        ("atlassian-token", "ATATT3 ATCTT3 ATSTT3"),
        ("bitbucket-token", "ATBB"),
        ("age-key", "AGE-SECRET-KEY-1"),
        ("grafana-token", "glsa_ glc_"),
        ("postman-key", "PMAK-"),
        ("figma-token", "figd_ figu_"),
        ("groq-key", "gsk_"),
        ("aiven-password", "AVNS_"),
        ("sourcegraph-token", "sgp_ slk_"),
        ("launchdarkly-key", "sdk- mob-"),
        ("wallet-key", "xprv yprv zprv"),
        ("perplexity-key", "pplx-"),
        ("replicate-token", "r8_"),
        ("together-key", "tgp_v1_"),
        ("xai-key", "xai-"),
        ("nvidia-key", "nvapi-"),
        ("langsmith-key", "lsv2_pt_ lsv2_sk_ ls__"),
        ("pinecone-key", "pcsk_"),
        ("tavily-key", "tvly-"),
        ("firecrawl-key", "fc-"),
        ("resend-key", "re_"),
        ("posthog-key", "phc_ phx_ phs_"),
        ("planetscale-token", "pscale_tkn_ pscale_pw_ pscale_oauth_"),
        ("pulumi-token", "pul-"),
        ("fly-token", "fo1_ fm1r_ fm2_ fm1a_"),
        ("render-key", "rnd_"),
        ("netlify-token", "nfp_ nfc_ nfo_ nfu_"),
        ("vercel-token", "vcp_ vck_ vca_ vci_ vcr_"),
        ("docker-token", "dckr_pat_ dckr_oat_"),
        ("artifactory-key", "AKCp cmVmd"),
        ("nuget-key", "oy2"),
        ("alibaba-key", "LTAI"),
        ("tencent-key", "AKID"),
        ("yandex-key", "AQVN YCAJ"),
        ("telnyx-key", "KEY0"),
        ("cluster-token", "K10"),
        ("plaid-token", "access-sandbox- access-development- access-production-"),
        ("flutterwave-key", "FLWSECK_TEST- FLWSECK- flwseck-"),
        ("razorpay-key", "rzp_live_ rzp_test_"),
        ("easypost-key", "EZAK EZTK"),
        ("typeform-token", "tfp_"),
        ("contentful-token", "CFPAT-"),
        ("buildkite-token", "bkua_ bkct_"),
        ("circleci-token", "CCIPAT_ CCIPRJ_"),
        ("sonar-token", "sqp_ squ_ sqa_"),
        ("adobe-secret", "p8e-"),
        ("tailscale-key", "tskey-"),
        ("onepassword-token", "ops_eyJ"),
        ("cloudflare-token", "cfut_ cfat_ cfk_"),
        ("apify-token", "apify_api_"),
        ("vault-token", "hvs. hvb. hvr."),
        ("doppler-token", "dp."),
        ("dynatrace-token", "dt0c01."),
        ("jwt", "eyJ"),
    )
    for prefix in prefixes.split()
}
PREFIX_SIZES = sorted({len(prefix) for prefix in PREFIXES}, reverse=True)
PREFIX_HEADS = frozenset(prefix[:2] for prefix in PREFIXES)
# First words of long identifiers that are no secrets.
ID_WORDS = frozenset(
    "toolu msg req chatcmpl call resp file run thread step asst evt cus pi ch in price prod sha commit "
    "tree blob rev build chunk index main vendor asset hash cache id uuid session trace span job task "
    "test data image img layer node container pod release revision digest checksum etag object bundle "
    "style module page event message item project workspace org team user batch vs ft ftjob fc rs "
    "msgbatch artifact snapshot srvtoolu base href svg path integrity nonce srctok font css js webpack "
    "static public pub pk mem sum sha1 sha256 sha384 sha512 h1 agent constraint decision failure attempt "
    "session".split()
)
# A word of a run's own name that makes the random rest of it a secret, whoever issued it ("acme_live_9f3…").
TOKEN_WORDS = frozenset(
    "sk pat key apikey token tok secret live prod auth access oauth refresh bot priv private svc psk "
    "bearer cred password passwd pwd admin webhook sec usr sandbox".split()
)
# How public keys, images, addresses of content and pages of a listing begin, and what numbers of a code host hold.
PUBLIC_STARTS = (
    "AAAA",
    "Qm",
    "bafy",
    "iVBOR",
    "R0lGOD",
    "PD94",
    "Y3Vyc29y",
    "MII",
    "MDQ6",
    "MDEw",
    "LS0tLS1CRUdJTiBDRV",
)
PUBLIC_PARTS = ("kwDO", "kgDO")
# How names of random values end that are no secrets.
HARMLESS_NAMES = (
    "id", "ids", "uuid", "integrity", "sum", "hash", "digest", "sha", "sha1", "sha256", "sha512", "etag", "nonce",
    "signature", "checksum", "fingerprint", "revision", "commit", "cursor", "public", "pubkey", "ref", "version",
    "path", "file", "name", "cid", "guid", "address", "hashes", "src", "h1", "data", "content", "image", "publickey",
    "public_key", "public-key", "sha384", "md5", "blob", "tree", "certificate", "modulus",
)  # fmt: skip
HASH_SCHEMES = ("$1$", "$5$", "$6$", "$y$", "$apr1$", "$2a$", "$2b$", "$2y$", "$argon2", "$7$", "$pbkdf2", "$scrypt")

# --- names -----------------------------------------------------------------------------------------------------------
# The last word of a name that is given a secret. Strong: any unlikely word is one. Weak: only a random value.
STRONG_WORDS = frozenset(
    "password passwd pwd pass passphrase passcode passwort secret secrets userpassword dbpassword dbpass "
    "mypassword clientsecret appsecret pgpassword sshpass passwords pswd secretkey secretaccesskey "
    "requirepass masterauth rootpassword adminpassword keypass storepass pw pws pword userpw mdp passe "
    "keystring authtok motdepasse contrasena passout passin kennwort senha passwrd pasword psswd psk presharedkey "
    "passkey passphrases passcodes wachtwoord salasana heslo losenord adgangskode parola sifre sandi haslo "
    "kennworte passworter zugangscode geheim clave jelszo identified".split()
)
STRONG_ENDS = ("password", "passwd", "secret", "passphrase", "secretkey", "passwort", "dbpwd", "userpwd", "passcode",
               "kennwort", "wachtwoord", "storepass", "keypass", "authpass", "userpass", "dbpass", "rootpass",
               "adminpass", "mypass", "smtppass", "mailpass", "ftppass", "bindpass", "wifipass")  # fmt: skip
WEAK_WORDS = frozenset(
    "token tokens apikey apitoken authtoken accesstoken refreshtoken bearer authorization auth credential "
    "credentials creds cred pat jwt cookie cookies signing samlresponse samlrequest clientassertion hmac "
    "dsn accesskey privatekey skey signingkey encryptionkey masterkey authkey setcookie apikeys appkey "
    "eap xauth "
    "chiave chave klucz sleutel nyckel avain anahtar rocommunity rwcommunity trapcommunity linkmd5 sessionkey "
    "license csrf xsrf sas salt pepper secretid community sessiontoken csrftoken jeton schlussel ficha".split()
)
# Names that are also words of any text: what they are given stands right behind a sign.
PLAIN_NAMES = frozenset("pepper salt license seed ficha geheim signing pat tan tok sas mdp auth".split())
# Words of the weak kind that also name harmless things: their value must be random.
DOUBTFUL_WORDS = frozenset("key keys code login sig tok seed otp pk".split())
# Names that have nothing of the other names in them.
WHOLE_NAMES = tuple(
    "chiave chave klucz sleutel nyckel avain anahtar sandi sifre salasana losenord adgangskode jeton ficha "
    "secure_link_md5 sonar_login appid".split()
)
# Names of what proves a session or a request.
SEAL_WORDS = frozenset("sid sessid sessionid session signature phpsessid jsessionid sig connectsid".split())
# What a number of four to eight digits behind it is a secret of.
CODE_WORDS = frozenset("pin pins otp totp passcode tan puk cvv cvc 2fa mfa passcodes".split())
CODE_OWNERS = frozenset(
    "2fa mfa verification security login access auth authentication onetime otp recovery backup pin door "
    "confirmation scratch unlock sms emergency one-time two-factor factor alarm gate activation device".split()
)
PHRASE_WORDS = frozenset("mnemonic phrase phrases seed recovery words wallet mnemonics".split())
# Words in whose line a user's password may stand behind the user's name.
ACCOUNT_WORDS = frozenset("creds credentials credential cred login logins accounts account admin wifi wlan".split())
# Words before a user and a password.
ENTRY_WORDS = (
    "with ",
    "using",
    "ssh",
    "log",
    "sign",
    "user",
    "admin",
    "account",
    "cred",
    "access",
    "vpn",
    "pass",
    " as ",
)
# Parts of an address behind which the rest is what lets one in.
PATH_WORDS = frozenset(
    "reset invite invitation verify confirm confirmation activate activation unsubscribe magic hooks hook "
    "webhook webhooks webhookb2 incomingwebhook recover infura alchemy quiknode alchemyapi ankr".split()
)
# Words that may follow the telling word ("SECRET_VALUE", "API_KEY_PROD").
TRAILING_WORDS = frozenset(
    "value string str base64 b64 hex raw plain plaintext prod production dev development staging stage "
    "test testing live old new backup primary secondary current default text data enc encoded env var "
    "private header one two s base main local remote master root admin user hash stdin".split()
)
# Words that make a name that of a secret's file, or of a command that prints it.
POINTER_WORDS = frozenset("file command cmd program script from".split())
# The word before "key" that makes it no secret.
HARMLESS_KEYS = frozenset(
    "public primary foreign sort cache partition object unique index row group idempotency map dict "
    "dedupe dedup lookup composite natural react translation i18n query host pub registry file item list "
    "node parent child config s3 state path shard tree bucket blob record entity field column data json "
    "arrow hot shortcut keyboard metadata label tag topic message event locale lang feature flag commit "
    "content log sha test cursor page job task run build artifact dependency lock version known press "
    "bind type get set on by any each every".split()
)
KEY_WORDS = frozenset(
    "api access secret license auth deploy private account subscription unseal recovery encryption "
    "signing master aes hmac des cipher crypto wrapping data service shared app application consumer "
    "client admin personal product activation root wifi wlan wpa wep network isakmp tacacs server radius "
    "preshared snmp ntp bgp ospf ike vpn authentication stream ssh gpg bot rest webhook "
    "sdk write integration storage instrumentation tsig ingest ingestion team agent routing".split()
)
# The word for a password in other scripts, as UTF-8 read as Latin-1.
FOREIGN_NAMES = tuple(
    name.encode().decode("latin-1")
    for name in (
        "密码 密碼 密钥 密鑰 口令 令牌 私钥 凭证 授权码 秘钥 通行码 验证码 驗證碼 动态码 校验码 提取码 密語 "
        "暗号 暗証番号 パスワード パスコード トークン 秘密鍵 비밀번호 암호 토큰 "
        "пароль Пароль пароля пароли токен Токен ключ секрет шифр пін "
        "contraseña Contraseña hasło Hasło lösenord Lösenord şifre Şifre jelszó Jelszó schlüssel Schlüssel "
        "κωδικός סיסמה كلمة पासवर्ड รหัสผ่าน khẩu"
    ).split()
)

# Those of keys of any kind: what they are given is random.
FOREIGN_KEYS = tuple(name.encode().decode("latin-1") for name in "clé Clé キー 키 nøgle klíč".split())

FOREIGN_RUNS = frozenset(
    run
    for name in (*FOREIGN_NAMES, *FOREIGN_KEYS)
    if name[:1].isascii() or name[-1:].isascii() or any(char.isascii() for char in name)
    for run in "".join(" " if char.isascii() else char for char in name).split()
)
"""The letters of those names that have others of ASCII, too."""

# --- values ----------------------------------------------------------------------------------------------------------
# A value beginning so names a secret's place, or is code that gets it.
REFERENCE_STARTS = (
    "${", "$(", "$$", "{{", "{", "<", "%(", "%{", "%s", "process.", "os.", "env.", "env(", "env[", "getenv", "import.",
    "config.", "self.", "this.", "settings.", "secrets.", "vars.", "var.", "local.", "data.", "module.", "args.",
    "options.", "opts.", "req.", "request.", "params.", "props.", "ctx.", "c.", "cfg.", "conf.", "vault:", "op://",
    "arn:", "ref:", "file:", "./", "../", "~/", "http://", "https://", "[redacted", "[private]", "[REDACTED", "#{",
    "sha256:", "sha512-", "sha1-", "sha384-", "ENC[", "\\u", "...", "--", "`", "(", ")", "[", "keyring:",
    "env:", "new ", "await ", "std::", "String.", "ssm:", "awskms:", "gcpkms:",
)  # fmt: skip
# Parts of a value that show a placeholder.
PLACEHOLDER_PARTS = (
    "your", "xxxx", "...", "placeholder", "changeme", "change-me", "change_me", "redacted", "example", "insert",
    "replace", "dummy", "sample", "****", "todo", "fixme", "fake", "mock", "foobar", "-here", "_here", "notreal",
    "not-a-real", "undefined", "${", "{{", "$(", "hidden", "masked", "1234567890", "0123456", "abcdefgh", "0000000",
    "\xe2\x80\xa6", "\xe2\x97\x8f", "\xe2\x80\xa2",
)  # fmt: skip
# Those that are also the end of other words ("hammock").
PLACEHOLDER_STARTS = frozenset(("mock", "todo", "fake", "sample", "insert"))
# Words that stand for a password instead of being one.
PLACEHOLDER_WORDS = frozenset(
    "pass password passwd pwd pw secret token key string str none null nil true false undefined empty "
    "required optional n/a hidden text bytes value int bool boolean any object number user username admin "
    "root test testing todo xxx my db vault app change default unset missing invalid wrong correct plain "
    "email login auth authentication reset".split()
)
# Words that no passphrase is made of, but messages and names are.
PLAIN_WORDS = frozenset(
    "the and for you your with without this that must not has have are was were will can cannot may "
    "should please enter type invalid incorrect wrong required field value values name names user users "
    "file files data error failed fails from into set get new old is in on of to or be by if it its "
    "client server service account app login sign reset confirm forgot change current repeat match "
    "matches does key keys token tokens secret secrets database string hash hashed encrypted credentials "
    "credential auth authentication api access default test tests config settings manager email least "
    "characters length long short strong weak empty missing expired input form hidden show copy paste "
    "store stored storage provider reference store only when then else use used using some any all one "
    "two via hashed bcrypt argon vault keyring keychain prompt stdin manual disabled enabled number "
    "boolean object minimum letters secure private public global project system generate generated random "
    "custom internal external dynamic static masked redacted never always optional function method header "
    "cookie session bearer basic visible toggle update create delete verify verified recovery security "
    "password passwords".split()
)
# Parts that show an unquoted word of letters and digits to be a variable's name.
NAME_PARTS = (
    "pass", "pw", "user", "token", "secret", "key", "val", "name", "str", "text", "var", "arg", "tmp", "hash", "input",
    "utf", "base", "int", "float", "sha", "md5", "rsa", "aes", "test", "param", "md", "col", "row", "item", "node",
)  # fmt: skip
NAME_WORDS = frozenset(NAME_PARTS) | PLAIN_WORDS | TRAILING_WORDS
# The commonest pairs of letters in English and in names of programs.
COMMON_PAIRS = frozenset(
    "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa "
    "si ar ve ra ld ur me ne wa ro ri ma li ce co om ca el la ta be us io ss ec tr pe ch lo ho sh no un "
    "ee ut ac ad ag ai am ap av ay ba bl bo ck cl ct di do du ef em ep ev ex fi fo fr ge gr id ie if ig "
    "il im ir iv ke ki ll mi mo mp na ni ns nc ob oc od og ol oo op os ot ow pa pl po pr qu rd rs rt ry "
    "sc so sp su sw tu ty ul um up va vi we wh wi wo ye gi ga ey ab lt rm ff ft rn rk rg rc nf mb bu cr "
    "fe nv xt ew ud ub uc ug ir ru ue ui pi ns dd gh ly rl pu".split()
)
KNOWN_PASSWORDS = frozenset(
    "letmein iloveyou qwerty qwertyuiop qwertz azerty asdfgh asdfghjkl zxcvbn zxcvbnm trustno sunshine "
    "princess football baseball superman batman dragon monkey shadow correcthorsebatterystaple changeit "
    "opensesame hunter swordfish supersecret topsecret sesame verysecret mysecret supersecretpassword "
    "secretpassword hackme".split()
)
# What numbers belong to as parts of ordinary technical names ("sha256", "python3.11").
TECHNICAL_STEMS = frozenset(
    "sha md utf aes rsa rs hs es ps ed base int uint float http ipv mp py python node arm amd win iso rfc "
    "cve pep issue pr step test case line page v ver version rev release build run job sprint phase part "
    "chapter section fig gpt claude llama opus sonnet gemini java jdk php ruby go rust gcc clang vs net "
    "core cpu gpu port user host db server worker web app api item node col row tab level layer block "
    "chunk file img image video track disk eth en wlan usb tty com dev sda sdb nvme cuda sm x h p q s t u "
    "k r g m c d e f route latin code windows unicode".split()
)
