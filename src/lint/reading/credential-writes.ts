import type { Range } from '../../dockerfile/tree.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { RunStep } from '../facts/step.ts';

/** A command that writes a credential to a file. */
export interface CredentialWrite {
  /** The word or redirection to look at. */
  readonly range: Range;
  /** The file, for messages: `~/.netrc`. */
  readonly file: string;
  /** `$TOKEN`, or `a password` where it stands there in clear. */
  readonly secret: string;
  /** Modules need it by https: a secret netrc file does the same. */
  readonly isForHttps: boolean;
}

/** `https://user:$TOKEN@host`, `https://${TOKEN}@host`, `https://user:password@host`; not `ssh://git@host`. */
const CREDENTIAL_URL = /:\/\/(?<user>[^\s/@"']*(?:\$|`|:[^\s/@"']+)(?:\([^)]*\)|[^@\s])*?)@/;

/** Files that hold nothing but credentials. */
const CREDENTIAL_FILE = /(?:^|[/\\])(?<name>[._]netrc|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519))["']?$/;

export function isCredentialUrl(text: string): boolean {
  return CREDENTIAL_URL.test(text);
}

/** What a command of a RUN leaves in its layer. Files under a mount, and those that the RUN removes again, aren't left. */
export function credentialWrite(run: RunStep, command: CommandFacts): CredentialWrite | undefined {
  const found = gitWrite(command) ?? goWrite(command) ?? fileWrite(run, command);
  if (found === undefined || isFromSecret(run, command) || isRemoved(run, command, found.file)) return undefined;
  return found;
}

/** `git config` and the remote that `git clone` notes down. */
function gitWrite({ program, words }: CommandFacts): CredentialWrite | undefined {
  if (program !== 'git') return undefined;
  const verb = words.find(({ text }) => text === 'config' || text === 'clone')?.text;
  if (verb === undefined) return undefined;
  const word = words.find(({ text }) => isCredentialUrl(text) || /authorization:.*(?:\$|`)/i.test(text));
  if (word === undefined) return undefined;
  return {
    range: word.range,
    file: verb === 'config' ? '~/.gitconfig' : '.git/config',
    secret: secretIn(word.text),
    isForHttps: verb === 'config',
  };
}

/** `go env -w GOPROXY=https://user:$TOKEN@host` */
function goWrite({ program, words }: CommandFacts): CredentialWrite | undefined {
  const isWriting = program === 'go' && words[1]?.text === 'env' && words.some(({ text }) => text === '-w');
  const word = isWriting ? words.find(({ text }) => isCredentialUrl(text) || /GOAUTH=.*\$/.test(text)) : undefined;
  return word && { range: word.range, file: "Go's env file", secret: secretIn(word.text), isForHttps: true };
}

/** `echo "machine … password $TOKEN" > ~/.netrc`, `cat <<EOF | tee ~/.netrc` */
function fileWrite(run: RunStep, command: CommandFacts): CredentialWrite | undefined {
  const { redirects, words, program } = command;
  const body = redirects.map((redirect) => redirect.body ?? '').join('\n');
  const targets = redirects.filter(({ operator }) => /^\d*&?>/.test(operator)).flatMap(({ target }) => target ?? []);
  const teed = program === 'tee' ? words.slice(1) : [];
  const target = [...targets, ...teed].find(({ text }) => CREDENTIAL_FILE.test(text));
  if (target === undefined || isMounted(run, target.value)) return undefined;
  const name = CREDENTIAL_FILE.exec(target.text)?.groups?.['name'] ?? '';
  const content = `${words.map(({ text }) => text).join(' ')}\n${body}`;
  const piped = program === 'tee' ? run.commands.map(({ text }) => text).join(' ') : content;
  if (!/\$|`/.test(piped) && !/\bpassword\b/.test(piped)) return undefined;
  return { range: target.range, file: name, secret: secretIn(piped), isForHttps: !name.startsWith('id_') };
}

function isMounted({ mounts }: RunStep, path: string | undefined): boolean {
  return path !== undefined && mounts.some(({ target }) => target !== undefined && isWithin(path, target));
}

function secretIn(text: string): string {
  const user = CREDENTIAL_URL.exec(text)?.groups?.['user'] ?? text;
  const names = [...user.matchAll(/\$\{?(?<name>[A-Za-z_]\w*)/g)].map((match) => match.groups?.['name'] ?? '');
  const name = names.find((each) => /tok|pass|key|secret|pat\b|cred|auth/i.test(each)) ?? names.at(-1);
  return name === undefined ? 'a password' : `\`$${name}\``;
}

/** The value comes from a secret mount of the RUN; then it is there on purpose, and what is left is a smaller matter. */
function isFromSecret({ mounts }: RunStep, { text, redirects }: CommandFacts): boolean {
  const all = `${text} ${redirects.map(({ body }) => body ?? '').join(' ')}`;
  return mounts.some(({ type, target, values, fields }) => {
    if (type !== 'secret') return false;
    const variable = fields.find(({ key }) => key === 'env')?.value;
    if (variable !== undefined && new RegExp(`\\$\\{?${variable.replace(/\W/g, '')}\\b`).test(all)) return true;
    return (
      all.includes('/run/secrets/') ||
      (target !== undefined && all.includes(target)) ||
      (values.id !== '' && all.includes(values.id))
    );
  });
}

function isRemoved({ commands }: RunStep, command: CommandFacts, file: string): boolean {
  const name = file.replace(/^~\//, '');
  return commands.slice(commands.indexOf(command) + 1).some(({ program, argv }) => {
    if (program === 'git')
      return argv.includes('config') && argv.some((word) => /^--(?:unset|unset-all|remove-section)$/.test(word));
    return (
      (program === 'rm' || program === 'shred') &&
      argv.some((word) => word.endsWith(name) || (name === '.git/config' && word.endsWith('.git')))
    );
  });
}
