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
    ("heroku-key", 50, "HRKU-"),
    ("shopify-token", 30, "shpat_ shpca_ shppa_ shpss_ shptka_"),
    ("square-token", 20, "sq0atp- sq0csp- sq0idp- EAAA"),
    ("newrelic-key", 20, "NRAK- NRJS- NRII- NRRA- NRSP- NRIQ-"),
    ("datadog-key", 30, "ddapi_ ddapp_ ddp_"),
    ("linear-key", 30, "lin_api_ lin_oauth_ lin_wh_"),
    ("notion-token", 40, "ntn_ secret_"),
    ("databricks-token", 30, "dapi dkea dose"),
    ("supabase-key", 30, "sbp_ sb_secret_ sbs_"),
    ("sentry-token", 30, "sntrys_ sntryu_ sntrya_"),
    ("atlassian-token", 40, "ATATT3 ATCTT3 ATSTT3 ATBB ATOAuth"),
    ("age-key", 50, "AGE-SECRET-KEY-1"),
    ("grafana-token", 30, "glsa_ glc_ eyJrIjoi"),
    ("postman-key", 40, "PMAK-"),
    ("figma-token", 30, "figd_ figu_ figdr_ figoh_"),
    ("groq-key", 40, "gsk_"),
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
    ("artifactory-key", 60, "AKCp cmVmd"),
    ("nuget-key", 43, "oy2"),
    ("alibaba-key", 18, "LTAI"),
    ("tencent-key", 32, "AKID"),
    ("yandex-key", 35, "AQVN YCAJ"),
    ("facebook-token", 60, "EAAC EAAB EAAG EAAE"),
    ("twilio-key", 32, "SK"),
    ("plaid-token", 30, "access-sandbox- access-development- access-production-"),
    ("flutterwave-key", 30, "FLWSECK_TEST- FLWSECK-"),
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
# The same where a dot parts the prefix from the run ("SG.<22>.<43>").
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
    "CWSSO": ("api-token", 20),
}
# A run of 32 hexadecimal digits with one of these ends (shape: h for a hexadecimal digit, 0 for a decimal one).
HEX_TAILS = {"-hhhhhhhh-hhhhhhhh": "mailgun-key", "-us00": "mailchimp-key", "-us0": "mailchimp-key"}
PROSE_JOINTS = ("is", "was", "to", "=")
SETTERS = ("ENV", "ARG", "setx", "set", "export", "put", "add")
SCHEMES = frozenset("bearer basic token apikey negotiate digest".split())
# A word of a run's own name that makes the random rest of it a secret, whoever issued it ("acme_live_9f3…").
TOKEN_WORDS = frozenset(
    "sk pat key apikey token tok secret live prod auth access oauth refresh bot priv private svc psk bearer cred "
    "password passwd pwd admin webhook sec".split()
)

# --- names -----------------------------------------------------------------------------------------------------------
# The last word of a name that is assigned a secret. Strong: any unlikely word is one. Weak: only a random value.
STRONG_WORDS = frozenset(
    "password passwd pwd pass passphrase passcode passwort secret secrets userpassword dbpassword dbpass mypassword "
    "clientsecret appsecret pgpassword sshpass passwords pswd secretkey secretaccesskey requirepass masterauth "
    "rootpassword adminpassword keypass storepass".split()
)
WEAK_WORDS = frozenset(
    "token tokens apikey apitoken authtoken accesstoken refreshtoken bearer authorization auth credential credentials "
    "creds cred pat jwt psk cookie sig hmac otp mnemonic webhook dsn accesskey privatekey "
    "signingkey encryptionkey masterkey authkey appkey license seed csrf xsrf code sas salt".split()
)
# Words of the weak kind that also name harmless things: their value must be long and of all character classes.
WEAKEST_WORDS = frozenset("key keys code seed license salt csrf xsrf sig".split())
# Words that may follow the telling word ("SECRET_VALUE", "API_KEY_PROD").
TRAILING_WORDS = frozenset(
    "value string str base64 b64 hex raw plain plaintext prod production dev development staging stage test testing "
    "live old new backup primary secondary current default text data enc encoded env var header file1 one two "
    "s base main local remote master root admin user".split()
)
# The word before "key" that makes it no secret.
HARMLESS_KEYS = frozenset(
    "public primary foreign sort cache partition object unique index row group routing idempotency map dict dedupe "
    "dedup lookup composite natural react translation i18n query hash host pub registry file item list node parent "
    "child config session storage s3 state path shard tree bucket blob record entity field column data json arrow "
    "hot shortcut keyboard metadata label tag topic message event locale lang feature flag commit content log sha "
    "test cursor page job task run build artifact dependency lock version known press bind type "
    "is has get set on by of for the a an this that any each every".split()
)

# --- values ----------------------------------------------------------------------------------------------------------
# A value beginning so names a secret's place, or is code that gets it.
REFERENCE_STARTS = (
    "$", "${", "{{", "{", "<", "%", "process.", "os.", "env.", "env(", "env[", "getenv", "import.", "config.", "self.",
    "this.", "settings.", "secrets.", "vars.", "var.", "local.", "data.", "module.", "args.", "options.", "opts.",
    "req.", "request.", "params.", "props.", "ctx.", "c.", "cfg.", "conf.", "vault:", "op://", "arn:", "ref:", "file:",
    "/", "./", "../", "~", "http://", "https://", "[redacted", "[private]", "[REDACTED", "!", "&", "*", "@", "#{", "|",
    ">", "sha256:", "sha512-", "sha1-", "sha384-", "base64:", "ENC[", "\\u", "...", "…", "--", "=", "`", "(", ")", "[",
)  # fmt: skip
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

CHINESE_NAMES = ("密码", "密钥", "口令", "令牌", "私钥")
CHINESE_JOINTS = "是为：:=＝「“\"'`（( \t"

# Flag, the commands to which it gives a password, and how: "next" word, "attached" to the flag, either, or the part
# after a colon ("pair") or a percent sign of the next word.
PASSWORD_FLAGS = {
    "-u": ("pair", frozenset({"curl"})),
    "--user": ("pair", frozenset({"curl"})),
    "-p": ("attached", frozenset("mysql mysqldump mysqladmin mysqlimport mariadb mariadb-dump 7z 7za rar".split())),
    " -p": ("either", frozenset("sshpass mongo mongosh mongodump mongorestore login influx cqlsh clickhouse".split())),
    "-a": ("either", frozenset({"redis-cli"})),
    " -a": ("pair", frozenset({"http", "https", "xh"})),
    "-P": ("either", frozenset("sqlcmd bcp zip unzip".split())),
    "-U": ("percent", frozenset("smbclient rpcclient".split())),
}

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
    "outlook.office.com/webhook/",
)
