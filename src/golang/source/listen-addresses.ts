import type { TextRange } from '../text-range.ts';
import type { GoImport } from './go-file.ts';
import type { GoToken } from './go-tokens.ts';

/** An address that a server listens on, as a literal. */
export interface ListenAddress {
  /** `:8080`, `127.0.0.1:9090` */
  readonly address: string;
  readonly port: number;
  /** Reachable from this machine only, and so not from outside a container. */
  readonly isLoopback: boolean;
  /**
   * How sure it is: `call` = argument of a Listen function or `Addr` of a server; `default` = default of a flag or of a setting
   * that falls back to it; `literal` = it only looks like an address.
   */
  readonly evidence: 'call' | 'default' | 'literal';
  readonly range: TextRange;
}

const ADDRESS = /^(?<host>|localhost|\[[0-9a-fA-F:]*\]|\d{1,3}(?:\.\d{1,3}){3}):(?<port>[1-9][0-9]{1,4})$/;
const BARE_PORT = /^(?<port>[1-9][0-9]{1,4})$/;

/** Packages of which a file that listens imports at least one. */
const SERVER_IMPORTS = /^(?:net|net\/http|crypto\/tls|flag|os)$|^[^/]+\.[^/]+\//;

/** Looks for literals that are addresses. Addresses put together at run time aren't seen. */
export function readListenAddresses(body: readonly GoToken[], imports: readonly GoImport[]): readonly ListenAddress[] {
  if (!imports.some(({ path }) => SERVER_IMPORTS.test(path))) return [];
  const hasPortVariable = body.some(({ kind, text }) => kind === 'string' && /^"(?:[A-Z0-9_]*_)?PORT"$/.test(text));
  return body.flatMap((token, index) => {
    const found =
      readAddress(body, index) ?? (hasPortVariable ? readPort(body, index) : undefined) ?? readIntFlag(body, index);
    if (found === undefined || found.port > 65_535) return [];
    return [{ ...found, range: { start: token.start, end: token.start + token.text.length } }];
  });
}

type Found = Omit<ListenAddress, 'range'>;

function readAddress(body: readonly GoToken[], index: number): Found | undefined {
  const token = body[index];
  if (token?.kind !== 'string' || token.text.length < 4) return undefined;
  const address = token.text.slice(1, -1);
  const groups = ADDRESS.exec(address)?.groups;
  const evidence = groups === undefined ? undefined : evidenceAt(body, index);
  if (groups === undefined || evidence === undefined) return undefined;
  const isLoopback = /^(?:localhost|127\.|\[::1\])/.test(groups['host'] ?? '');
  return { address, port: Number(groups['port']), isLoopback, evidence };
}

/** `port = "8080"` and `getenv("PORT", "8080")` in a file that reads a PORT variable. */
function readPort(body: readonly GoToken[], index: number): Found | undefined {
  const token = body[index];
  const port = token?.kind === 'string' ? BARE_PORT.exec(token.text.slice(1, -1))?.groups?.['port'] : undefined;
  if (port === undefined || evidenceAt(body, index) === undefined) return undefined;
  return { address: `:${port}`, port: Number(port), isLoopback: false, evidence: 'default' };
}

/** `flag.Int("port", 8080, …)` */
function readIntFlag(body: readonly GoToken[], index: number): Found | undefined {
  const token = body[index];
  const port = token?.kind === 'number' ? BARE_PORT.exec(token.text)?.groups?.['port'] : undefined;
  if (port === undefined || !/^U?[Ii]nt/.test(calleeOf(body, index) ?? '')) return undefined;
  const isNamed = body
    .slice(Math.max(0, index - 6), index)
    .some(({ kind, text }) => kind === 'string' && /port/i.test(text));
  return isNamed ? { address: `:${port}`, port: Number(port), isLoopback: false, evidence: 'default' } : undefined;
}

/** Judges by the call or key that the literal stands in. Undefined for what dials or tests. */
function evidenceAt(body: readonly GoToken[], index: number): ListenAddress['evidence'] | undefined {
  const before = body[index - 1]?.text;
  if (before === ':' && /^Addr(?:ess)?$/i.test(body[index - 2]?.text ?? '')) return 'call';
  const callee = calleeOf(body, index);
  if (callee === undefined) return before === '=' || before === ':' ? 'literal' : undefined;
  if (
    /^(?:Listen|ListenTCP|ListenPacket|ListenAndServe|ListenAndServeTLS|Start|StartTLS|Run|RunTLS|Serve)$/.test(callee)
  ) {
    return 'call';
  }
  if (/^(?:String|StringVar|StringP|StringVarP|StringFlag|TextVar|SetDefault|Or|Default)$/.test(callee))
    return 'default';
  // getenv("ADDR", ":8080") and its many names.
  return /env|default|or(?:else)?$/i.test(callee) && !/dial|get$/i.test(callee) ? 'default' : undefined;
}

/** The name before the parenthesis that encloses the token; undefined outside of calls. Looks a short way back only. */
function calleeOf(body: readonly GoToken[], index: number): string | undefined {
  let depth = 0;
  for (let at = index - 1; at >= Math.max(0, index - 60); at--) {
    const text = body[at]?.text;
    if (text === ')' || text === '}' || text === ']') depth++;
    else if (text === '(' && depth === 0) return body[at - 1]?.kind === 'name' ? body[at - 1]?.text : undefined;
    else if (text === '(' || text === '[') depth--;
    else if (text === '{' && depth === 0) return undefined;
    else if (text === '{') depth--;
  }
  return undefined;
}
