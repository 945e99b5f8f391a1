/** What a kind of credential looks like in a text. */
export interface SecretShape {
  /** As it is named in a warning. */
  readonly name: string;
  /** Texts without any of these have none: looked for first, since that is fast. In lower case where the pattern takes any. */
  readonly hints: readonly string[];
  readonly pattern: RegExp;
}

function shape(name: string, hint: string | readonly string[], pattern: RegExp): SecretShape {
  return { name, hints: typeof hint === 'string' ? [hint] : hint, pattern };
}

/**
 * Shapes that are certain: a prefix that the issuer chose so that scanners find it, or a word that names a credential with
 * something like one behind it. Words alone ("password", 32 hex digits) are left to others: they would drop honest entries.
 * All patterns are linear: every repetition is of one set of characters and ends at what isn't in it.
 */
export const SECRET_SHAPES: readonly SecretShape[] = [
  // Where code is kept, built and published.
  shape('GitHub token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /\bgh[opsur]_[A-Za-z0-9]{36}/),
  shape('GitHub fine-grained token', 'github_pat_', /\bgithub_pat_[A-Za-z0-9_]{50}/),
  shape('GitLab token', 'gl', /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt)-[A-Za-z0-9_-]{20}/),
  shape('Atlassian token', 'ATATT3', /\bATATT3[A-Za-z0-9_=-]{60}/),
  shape('Bitbucket app password', 'ATBB', /\bATBB[A-Za-z0-9]{32}/),
  shape('Buildkite token', 'bkua_', /\bbkua_[a-z0-9]{40}/),
  shape('CircleCI token', 'CCIPAT_', /\bCCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}/),
  shape('npm token', 'npm_', /\bnpm_[A-Za-z0-9]{36}/),
  shape('npm credential', '_authToken', /_authToken\s*=\s*[^\s$]{16}/),
  shape('PyPI token', 'pypi-', /\bpypi-AgE[A-Za-z0-9_-]{50}/),
  shape('RubyGems key', 'rubygems_', /\brubygems_[a-f0-9]{48}/),
  shape('crates.io token', 'cio', /\bcio[A-Za-z0-9]{32}\b/),
  shape('JFrog key', 'AKCp', /\bAKCp[A-Za-z0-9]{69}/),
  shape('Docker Hub token', 'dckr_', /\bdckr_[po]at_[A-Za-z0-9_-]{27}/),
  shape('Docker credential', '"auth"', /"auth"\s*:\s*"[A-Za-z0-9+/]{16,}={0,2}"/),
  // Clouds.
  shape('AWS access key', ['AKIA', 'ASIA'], /\b(?:AKIA|ASIA)(?![A-Z2-7]{9}EXAMPLE)[A-Z2-7]{16}\b/),
  shape(
    'AWS secret key',
    ['secret_access_key', 'secretaccesskey'],
    /secret_?access_?key["']?\s*[:=]\s*["']?(?![A-Za-z0-9/+]{30,33}EXAMPLEKEY)[A-Za-z0-9/+]{40}/i,
  ),
  shape(
    'AWS session token',
    ['session_token', 'sessiontoken'],
    /aws_?session_?token["']?\s*[:=]\s*["']?[A-Za-z0-9/+=]{80}/i,
  ),
  shape('signed S3 URL', 'x-amz-signature=', /[?&]X-Amz-Signature=[a-f0-9]{64}/i),
  shape('Google API key', 'AIza', /\bAIza[A-Za-z0-9_-]{35}/),
  shape('Google OAuth token', 'ya29.', /\bya29\.[A-Za-z0-9_-]{30}/),
  shape('Google client secret', 'GOCSPX-', /\bGOCSPX-[A-Za-z0-9_-]{28}/),
  shape('Google service account', 'private_key_id', /"private_key_id"\s*:\s*"[a-f0-9]{40}"/),
  shape('signed Google URL', 'x-goog-signature=', /[?&]X-Goog-Signature=[a-f0-9]{64}/i),
  shape('Azure storage key', 'accountkey=', /AccountKey=[A-Za-z0-9+/]{86}==/i),
  shape('Azure shared access signature', 'sig=', /[?&]sig=[A-Za-z0-9%+/]{43}/),
  shape('Azure client secret', '8Q~', /(?<![\w.~-])[\w.~-]{3}8Q~[\w.~-]{31,34}/),
  shape('DigitalOcean token', '_v1_', /\bdo[opr]_v1_[a-f0-9]{64}/),
  shape('Heroku key', 'HRKU-', /\bHRKU-[A-Za-z0-9_-]{36}/),
  shape('Fly.io token', 'FlyV1', /\bFlyV1 fm[12]_[A-Za-z0-9+/=_-]{40}/),
  shape('Databricks token', 'dapi', /\bdapi[a-f0-9]{32}/),
  // Operations.
  shape('HashiCorp Vault token', ['hvs.', 'hvb.', 'hvr.'], /\bhv[sbr]\.[A-Za-z0-9_-]{24}/),
  shape('Terraform token', '.atlasv1.', /\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60}/),
  shape('Pulumi token', 'pul-', /\bpul-[a-f0-9]{40}/),
  shape('Tailscale key', 'tskey-', /\btskey-[a-z]+-[A-Za-z0-9]{12}/),
  shape('Grafana token', ['glsa_', 'glc_'], /\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|\bglc_eyJ[A-Za-z0-9+/=]{40}/),
  shape('New Relic key', 'NRAK-', /\bNRAK-[A-Z0-9]{27}/),
  shape('Sentry token', 'sntry', /\bsntry[su]_[A-Za-z0-9+/=_-]{40}/),
  // Messages and money.
  shape('Slack token', 'xox', /\bxox[abeoprs]-[A-Za-z0-9-]{20}/),
  shape('Slack app token', 'xapp-', /\bxapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{20}/),
  shape('Slack webhook', 'hooks.slack.com', /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9+/]{40}/),
  shape('Discord webhook', '/api/webhooks/', /discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{60}/),
  shape('Telegram bot token', ':AA', /\b\d{8,10}:AA[A-Za-z0-9_-]{33}/),
  shape('Twilio key', 'SK', /\bSK[a-f0-9]{32}\b/),
  shape('SendGrid key', 'SG.', /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/),
  shape('Mailgun key', 'key-', /\bkey-[a-f0-9]{32}\b/),
  shape('Mailchimp key', '-us', /\b[a-f0-9]{32}-us\d{1,2}\b/),
  shape('Stripe key', ['sk_', 'rk_'], /\b[sr]k_(?:live|test)_[A-Za-z0-9]{24}/),
  shape('Stripe webhook secret', 'whsec_', /\bwhsec_[A-Za-z0-9+/]{32}/),
  shape('Shopify token', 'shp', /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/),
  shape('Square token', 'sq0', /\bsq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22}/),
  shape('Linear key', 'lin_api_', /\blin_api_[A-Za-z0-9]{40}/),
  shape('Hugging Face token', 'hf_', /\bhf_[A-Za-z]{34}/),
  shape('OpenAI key', 'T3BlbkFJ', /\bsk-[A-Za-z0-9_-]{20,160}T3BlbkFJ[A-Za-z0-9_-]{20}/),
  // Our own, and of no one's in particular.
  shape('slipway signing key', 'slipway-signing-key:', /slipway-signing-key:[A-Za-z0-9+/=:]{8}/),
  shape(
    'private key',
    'PRIVATE KEY',
    /-----BEGIN (?:[A-Z0-9]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|[\s"'`+]|[A-Z][A-Za-z-]+: [^\n]*\n){1,20}[A-Za-z0-9+/=]{40}/,
  ),
  shape('age key', 'AGE-SECRET-KEY-1', /\bAGE-SECRET-KEY-1[A-Z0-9]{58}/),
  shape('JSON web token', 'eyJ', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20}/),
  shape(
    'authorization header',
    'authorization',
    /\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+[A-Za-z0-9+/_.~=-]{16}/i,
  ),
  shape('.netrc line', 'password', /\bmachine\s+\S+\s+login\s+\S+\s+password\s+\S{4}/),
  shape(
    'URL with a password',
    '://',
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`<>]{0,64}:(?!\*|%|\$|x{2,}@)[^\s/:@"'`<>]{3,128}@[A-Za-z0-9[]/,
  ),
];

/** The name of the first shape that a text holds. Never the value: what is found must not be told further. */
export function findSecret(text: string): string | undefined {
  const lower = text.toLowerCase();
  const isPossible = ({ hints, pattern }: SecretShape): boolean =>
    hints.some((hint) => (pattern.ignoreCase ? lower : text).includes(hint));
  return SECRET_SHAPES.find((one) => isPossible(one) && one.pattern.test(text))?.name;
}
