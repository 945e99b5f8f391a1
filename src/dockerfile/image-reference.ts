/**
 * May the text name an image in FROM or `--from`?
 * Source: the grammar in github.com/distribution/reference/blob/v0.6.0/reference.go and ParseNormalizedNamed in normalize.go beside it
 */
export function isImageReference(text: string): boolean {
  // 64 hex digits would be an image id, which names nothing in a registry.
  if (/^[a-f0-9]{64}$/.test(text)) return false;
  const match = REFERENCE.exec(withDomain(text));
  if (match === null) return false;
  const [, name = '', , algorithm, hex = ''] = match;
  if (name.slice(name.indexOf('/') + 1).length > 255) return false;
  const length = algorithm === undefined ? undefined : DIGEST_LENGTHS[algorithm];
  return algorithm === undefined || (hex.length === length && /^[a-f0-9]+$/.test(hex));
}

const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])`;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(${HOST}(?::[0-9]+)?/${COMPONENT}(?:/${COMPONENT})*)(:\\w[\\w.-]{0,127})?(?:@([a-zA-Z0-9]+(?:[+.\\-_][a-zA-Z0-9]+)*):([0-9a-fA-F]{32,}))?$`,
);

/** The first part is a host when it looks like one; else the name is Docker Hub's. */
function withDomain(text: string): string {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  return isHost ? text : `docker.io/${text}`;
}
