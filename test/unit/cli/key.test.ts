import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planTrust, readTrust } from '../../../src/session/read-trust.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { takeSigningKey } from '../../../src/session/take-signing-key.ts';
import { loadConfig, type Config } from '../../../src/config/load-config.ts';
import { createLogger, silentLogger } from '../../../src/core/logger.ts';
import { redact } from '../../../src/core/redact.ts';
import { newSigningKey, parseSigningKeys } from '../../../src/trust/key-text.ts';
import { mayKeySign } from '../../../src/trust/trusted-key.ts';
import type { TrustSettings } from '../../../src/warm/types.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-key-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signingKey?: string;
}

async function run(words: readonly string[], options: RunOptions = {}) {
  let stdout = '';
  let stderr = '';
  const exitCode = await runCli(words, {
    env: { HOME: directory, ...options.env },
    signingKey: options.signingKey,
    cwd: directory,
    stdin: Readable.from([]),
    stdout: { write: (text) => ((stdout += text), true) },
    stderr: { write: (text) => ((stderr += text), true) },
    signal: new AbortController().signal,
    loadParts: () => Promise.reject(new Error('no key needs a store')),
  });
  return { exitCode, stdout, stderr };
}

const privatePart = (fileText: string): string => /^slipway-signing-key:\w+:(.*)$/m.exec(fileText)?.[1] ?? '';

describe('slipway key new', () => {
  it('writes a private key that only its owner can read, and prints lines that .slipway.yaml takes', async () => {
    const { exitCode, stdout, stderr } = await run(['key', 'new', '--out', 'keys/main']);
    expect(exitCode).toBe(0);
    const file = join(directory, 'keys/main');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    const [key] = parseSigningKeys(text, 'x');
    expect(stdout).toBe(`trusted-keys:\n  - key: ${key?.publicKey.text}  # ${key?.publicKey.keyId}\n`);
    expect(stderr).toBe(`slipway: wrote the private key ${key?.publicKey.keyId} to ${file}\n`);
    expect(privatePart(text)).toHaveLength(44);
    expect(stdout + stderr).not.toContain(privatePart(text));
    await writeFile(join(directory, '.slipway.yaml'), stdout);
    const { settings } = await loadConfig({ flags: {}, env: {}, directory });
    expect(settings['trusted-keys']).toEqual([{ key: key?.publicKey.text }]);
  });

  it.each([
    [{}, '.config/slipway/signing-key'],
    [{ XDG_CONFIG_HOME: 'relative' }, '.config/slipway/signing-key'],
  ])('goes to the user’s configuration by default: %j', async (env, place) => {
    expect((await run(['key', 'new'], { env })).exitCode).toBe(0);
    expect(parseSigningKeys(await readFile(join(directory, place), 'utf8'), 'x')).toHaveLength(1);
  });

  it('never replaces a file, nor follows a link to one', async () => {
    await run(['key', 'new', '--out', 'key']);
    const before = await readFile(join(directory, 'key'), 'utf8');
    const { exitCode, stdout, stderr } = await run(['key', 'new', '--out', 'key']);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('is there already');
    expect(await readFile(join(directory, 'key'), 'utf8')).toBe(before);
  });

  it('says in JSON where it is and what its public half is', async () => {
    const { stdout } = await run(['key', 'new', '--out', 'key', '--format', 'json']);
    const [key] = parseSigningKeys(await readFile(join(directory, 'key'), 'utf8'), 'x');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      file: join(directory, 'key'),
      keys: [{ keyId: key?.publicKey.keyId, publicKey: key?.publicKey.text }],
    });
  });

  it('writes the private half alone to standard output when told so', async () => {
    const { stdout, stderr } = await run(['key', 'new', '--out', '-']);
    const [key] = parseSigningKeys(stdout, 'x');
    expect(stderr).toContain(key?.publicKey.text ?? '?');
    expect(stderr).not.toContain(privatePart(stdout));
  });

  it('warns of a file in a git checkout', async () => {
    await mkdir(join(directory, '.git'));
    expect((await run(['key', 'new', '--out', 'key'])).stderr).toContain("don't commit it");
  });
});

describe('slipway key show', () => {
  const { key, fileText } = newSigningKey();
  const shown = `trusted-keys:\n  - key: ${key.publicKey.text}  # ${key.publicKey.keyId}\n`;

  it.each<[string, readonly string[], RunOptions]>([
    ['a file', ['key'], {}],
    ['--signing-key', ['--signing-key', 'key'], {}],
    ['the environment', [], { signingKey: fileText }],
    ['a variable with a file', [], { env: { SLIPWAY_SIGNING_KEY_FILE: 'key' } }],
    ['a flag before the environment', ['--signing-key', 'key'], { signingKey: newSigningKey().fileText }],
    [
      'the environment before a variable with a file',
      [],
      { signingKey: fileText, env: { SLIPWAY_SIGNING_KEY_FILE: 'x' } },
    ],
  ])('prints the public half of the key in %s', async (_, words, options) => {
    await writeFile(join(directory, 'key'), fileText, { mode: 0o600 });
    const flags = words.map((word) => (word === 'key' ? join(directory, 'key') : word));
    const env =
      options.env?.['SLIPWAY_SIGNING_KEY_FILE'] === 'key'
        ? { SLIPWAY_SIGNING_KEY_FILE: join(directory, 'key') }
        : options.env;
    const { exitCode, stdout, stderr } = await run(['key', 'show', ...flags], { ...options, ...(env && { env }) });
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: shown, stderr: '' });
  });

  it('warns when others can read the file', async () => {
    await writeFile(join(directory, 'key'), fileText);
    await chmod(join(directory, 'key'), 0o644);
    const { exitCode, stderr } = await run(['key', 'show', join(directory, 'key')]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('chmod 600');
  });

  it('of a damaged key says so and nothing of it', async () => {
    const { exitCode, stdout, stderr } = await run(['key', 'show'], {
      signingKey: fileText.replace(/.{3}=\n$/, 'AAA=\n'),
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('damaged');
    expect(stderr).not.toContain(privatePart(fileText).slice(0, 20));
  });
});

it.each<[readonly string[], string]>([
  [['key'], 'what shall `slipway key` do?'],
  [['key', 'make'], '`slipway key` has no `make`'],
  [['key', 'toString'], '`slipway key` has no `toString`'],
  [['key', 'new', 'file'], '`file` after `slipway key new` means nothing'],
  [['key', 'show', 'a', 'b'], '`b` after `slipway key show` means nothing'],
  [['key', 'show', 'a', '--out', 'b'], 'has no `--out`'],
  [['key', 'show'], 'no signing key is configured'],
  [['key', 'show', 'nowhere'], "the signing key `nowhere` can't be read"],
  [['key', 'new', '--out', '-', '--format', 'json'], 'would both write to standard output'],
  [['key', 'new', '--out='], '`--out` names no file'],
  [['key', 'new', '--out', '/dev/null/key'], "can't be written"],
])('%j is exit code 2', async (words, message) => {
  const { exitCode, stdout, stderr } = await run(words);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(message);
});

describe('the private key in the environment', () => {
  const { fileText } = newSigningKey();

  it('is taken out of it, so that no child inherits it, and is masked from then on', () => {
    const env: NodeJS.ProcessEnv = { SLIPWAY_SIGNING_KEY: fileText, PATH: '/bin' };
    expect(takeSigningKey(env)).toBe(fileText.trim());
    expect(env).toEqual({ PATH: '/bin' });
    expect(redact(`x ${privatePart(fileText)} y`)).not.toContain(privatePart(fileText));
  });

  it.each(['', ' \n'])('counts as none when it is %j, as CI leaves a secret that a run may not see', (text) => {
    const env: NodeJS.ProcessEnv = { SLIPWAY_SIGNING_KEY: text };
    expect(takeSigningKey(env)).toBeUndefined();
    expect(env).toEqual({});
  });

  it('is shown by `config show` as being there', async () => {
    const { stdout } = await run(['config', 'show'], { signingKey: fileText });
    expect(stdout).toMatch(/^signing-key +\(secret\) +env SLIPWAY_SIGNING_KEY$/m);
    const json = await run(['config', 'show', '--format', 'json'], { signingKey: fileText });
    expect(JSON.parse(json.stdout)).toMatchObject({ options: { 'signing-key': { value: '(secret)' } } });
    expect(stdout + json.stdout).not.toContain(privatePart(fileText));
  });

  it('is refused where others read it: a flag, a file', async () => {
    const line = fileText.split('\n')[1] ?? '';
    const { exitCode, stderr } = await run(['key', 'show', '--signing-key', line]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('where the path of its file belongs');
    expect(stderr).not.toContain(privatePart(fileText));
  });
});

it('`config show` prints keys with their scopes', async () => {
  const { key } = newSigningKey();
  const text = key.publicKey.text;
  await writeFile(
    join(directory, '.slipway.yaml'),
    `trusted-keys:\n  - {key: '${text}', name: ci, scopes: [main, pr-*]}\n  - '${text}'\n`,
  );
  const { stdout } = await run(['config', 'show']);
  expect(stdout).toContain(`ci ${text}@main,pr-*; ${text} `);
});

describe('whom a run believes', () => {
  const [main, pr] = [newSigningKey().key, newSigningKey().key];
  const config = async (text: string): Promise<Config> => {
    await writeFile(join(directory, '.slipway.yaml'), text);
    return loadConfig({ flags: {}, env: {}, directory });
  };
  const facts = { repository: 'example.com/team/app' };
  const plan = async (
    text: string,
    keys = [main],
    writeScope: string | undefined = 'pr-1',
  ): Promise<TrustSettings | undefined> => planTrust({ config: await config(text), facts, writeScope }, keys);
  const MAIN_ONLY = `trusted-keys: [{key: '${main.publicKey.text}', scopes: [main]}]\n`;

  it('nobody in particular, without keys', async () => {
    expect(await plan('', [])).toBeUndefined();
  });

  it('the listed keys, and signatures are required then', async () => {
    const trust = await plan(MAIN_ONLY, []);
    expect(trust).toMatchObject({ isRequired: true, signingKeys: [], policy: { repository: facts.repository } });
    expect(trust?.policy.maxAgeMs).toBe(30 * 24 * 3600 * 1000);
    expect(trust?.policy.keys.map(({ text, scopes }) => [text, scopes])).toEqual([[main.publicKey.text, ['main']]]);
  });

  it('unless that is switched off', async () => {
    expect(await plan(`require-signature: false\nsignature-max-age: 7\n${MAIN_ONLY}`, [])).toMatchObject({
      isRequired: false,
    });
  });

  it('a key of its own that is not on the list: in the scope it writes, nowhere else', async () => {
    const trust = await plan(MAIN_ONLY, [pr]);
    const own = trust?.policy.keys.find(({ text }) => text === pr.publicKey.text);
    expect(own && ['pr-1', 'pr-2', 'main'].filter((scope) => mayKeySign(own, scope))).toEqual(['pr-1']);
    expect(trust?.signingKeys).toEqual([pr]);
  });

  it('a key of its own that is on the list: where the list says', async () => {
    const trust = await plan(MAIN_ONLY, [main]);
    expect(trust?.policy.keys).toHaveLength(1);
    expect(trust?.policy.keys.filter((key) => mayKeySign(key, 'pr-1'))).toEqual([]);
  });

  it('itself, where it has a key and there is no list', async () => {
    expect(await plan('', [pr])).toMatchObject({ isRequired: true, policy: { keys: [{ scopes: ['pr-1'] }] } });
  });

  it('nobody can be believed where signatures are required and there is no key: said at once', async () => {
    await expect(plan('require-signature: true\n', [])).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('a key that can’t be read ends the run, rather than to leave it unsigned in silence', async () => {
    const input = { config: await config(''), facts, writeScope: 'main', logger: silentLogger };
    await expect(readTrust({ ...input, signingKeyText: 'nonsense' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const named = { ...input, config: await config('signing-key: nowhere\n'), signingKeyText: undefined };
    await expect(readTrust(named)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('warns once of a key that others can read', async () => {
    const file = join(directory, 'key');
    await writeFile(file, newSigningKey().fileText);
    const warnings: string[] = [];
    const logger = createLogger((_, line) => warnings.push(line));
    const trust = await readTrust({
      config: await config(`signing-key: ${file}\n`),
      facts,
      signingKeyText: undefined,
      writeScope: 'main',
      logger,
    });
    expect(trust?.signingKeys).toHaveLength(1);
    expect(warnings).toEqual([`others can read the signing key \`${file}\`: \`chmod 600\` it`]);
  });
});
