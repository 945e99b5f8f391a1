/** One scheme of a `WWW-Authenticate` header with its parameters, names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;

/** Reads `Bearer realm="…",service="…",scope="a:b:c,d", Basic realm="x"`: RFC 9110 section 11.6.1. Stops at nonsense. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.slice(0, 8192);
  while ((rest = rest.replace(/^[\s,]+/, '')) !== '') {
    const word = TOKEN.exec(rest)?.[0];
    if (word === undefined) break;
    rest = rest.slice(word.length);
    const value = /^\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/.exec(rest);
    const current = challenges.at(-1);
    if (value && current) {
      current.parameters[word.toLowerCase()] = value[1]?.replace(/\\(.)/g, '$1') ?? value[2] ?? '';
      rest = rest.slice(value[0].length);
    } else if (value) {
      break;
    } else {
      challenges.push({ scheme: word.toLowerCase(), parameters: {} });
    }
  }
  return challenges;
}
