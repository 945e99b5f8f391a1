import type { FileTree } from '../../core/file-tree.ts';

/** Why a file is taken for a credential: what it is, in words. */
export function credentialKind(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^[._]netrc$/.test(name)) return 'logins';
  if (name === '.git-credentials') return 'logins';
  if (/^id_(?:rsa|dsa|ecdsa|ed25519)$/.test(name)) return 'a private key';
  if (/\.(?:pem|key)$/.test(name)) return 'a private key';
  return name === '.env' ? 'secrets' : undefined;
}

/** Keys of tests and samples are no secrets. */
const SAMPLE = /(?:^|\/)(?:[^/]*(?:test|example|sample|fixture|mock|dummy)[^/]*)(?:\/|$)/i;

/** A file of the repository that holds a credential by its name and, where that isn't enough, by its text. */
export function holdsCredential(tree: FileTree, path: string): boolean {
  if (credentialKind(path) === undefined || SAMPLE.test(path)) return false;
  const text = tree.read(path);
  if (text === undefined) return false;
  if (/\.(?:pem|key)$/.test(path)) return /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text);
  if (/(?:^|\/)\.env$/.test(path)) return SECRET_LINE.test(text);
  return text.trim() !== '';
}

/** A name that says secret with a value that isn't a placeholder. */
const SECRET_LINE =
  /^\s*(?:export\s+)?\w*(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)\w*[ \t]*=[ \t]*["']?(?!["']?[ \t]*$|["']?(?:\$|<|xxx|change|your|example|todo|dummy|test|password|secret|none|null))\S{4,}/im;
