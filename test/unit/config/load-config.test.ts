import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatOrigin, loadConfig, type Config, type ConfigInput } from '../../../src/config/load-config.ts';
import { OPTION_NAMES, OPTIONS } from '../../../src/config/options.ts';
import { SlipwayError } from '../../../src/core/errors.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-config-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const KEY = `ed25519:${Buffer.alloc(32, 7).toString('base64')}`;
const HOME = { HOME: '/home/ann' };

async function load(input: Partial<ConfigInput> = {}): Promise<Config> {
  return loadConfig({ flags: {}, env: HOME, directory, ...input });
}

async function failure(input: Partial<ConfigInput> = {}): Promise<SlipwayError> {
  const error = await load(input).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SlipwayError);
  return error as SlipwayError;
}

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);

describe('precedence', () => {
  it('is flag > variable > file > default, and each value tells its origin', async () => {
    await write('.slipway.yaml', '# ours\nscope: file\nengine: buildx\nhelper-image: alpine:3\n');
    const config = await load({
      flags: { scope: 'flag' },
      env: { ...HOME, SLIPWAY_SCOPE: 'env', SLIPWAY_ENGINE: 'buildctl' },
    });
    expect(config.settings).toMatchObject({ scope: 'flag', engine: 'buildctl', 'helper-image': 'alpine:3' });
    const origins = Object.fromEntries(OPTION_NAMES.map((name) => [name, formatOrigin(config.origins[name])]));
    expect(origins).toMatchObject({
      scope: 'flag --scope',
      engine: 'env SLIPWAY_ENGINE',
      'helper-image': `${join(directory, '.slipway.yaml')}:4`,
      store: 'default',
    });
  });

  it('has a variable for each option', async () => {
    const values: Record<string, string> = {
      store: 'type=local,dest=/x',
      scope: 'x',
      'helper-image': 'x',
      'cache-timeout': '2.5',
      trust: 'modules',
      engine: 'buildx',
      progress: 'plain',
      format: 'json',
      'log-level': 'error',
      modules: 'trees',
      fetch: 'client',
      'trusted-keys': `${KEY} ${KEY}@main,pr-*`,
      'signature-max-age': '2.5',
    };
    const env = Object.fromEntries(
      OPTIONS.map((option) => [
        option.name === 'signing-key'
          ? 'SLIPWAY_SIGNING_KEY_FILE'
          : `SLIPWAY_${option.name.toUpperCase().replaceAll('-', '_')}`,
        values[option.name] ?? '1',
      ]),
    );
    const { settings, origins, warnings } = await load({ env: { ...HOME, ...env } });
    expect(warnings).toEqual([]);
    for (const option of OPTIONS) {
      expect(origins[option.name].kind).toBe('env');
      const written = values[option.name] ?? true;
      const read: Readonly<Record<string, unknown>> = {
        'cache-timeout': 2.5,
        'signature-max-age': 2.5,
        'trusted-keys': [{ key: KEY }, { key: KEY, scopes: ['main', 'pr-*'] }],
        'signing-key': '1',
        repository: '1',
        store: [written],
      };
      expect(settings[option.name]).toEqual(read[option.name] ?? written);
    }
  });

  it('reads BUILDKIT_PROGRESS after its own variable, and takes an empty variable for unset', async () => {
    const env = { ...HOME, BUILDKIT_PROGRESS: 'plain', SLIPWAY_PROGRESS: '', SLIPWAY_STORE: '' };
    const config = await load({ env });
    expect(config.settings.progress).toBe('plain');
    expect(formatOrigin(config.origins.progress)).toBe('env BUILDKIT_PROGRESS');
    expect(config.origins.store.kind).toBe('default');
    expect((await load({ env: { ...env, SLIPWAY_PROGRESS: 'tty' } })).settings.progress).toBe('tty');
  });

  it.each([
    [{ HOME: '/home/ann' }, 'type=local,dest=/home/ann/.cache/slipway/store'],
    [{ HOME: '/home/ann', XDG_CACHE_HOME: '/c' }, 'type=local,dest=/c/slipway/store'],
    [{ HOME: '/home/ann', XDG_CACHE_HOME: 'relative' }, 'type=local,dest=/home/ann/.cache/slipway/store'],
    [{ HOME: '/home/a,b' }, 'type=local,"dest=/home/a,b/.cache/slipway/store"'],
  ])('the default store with %j', async (env, store) => {
    expect((await load({ env })).settings.store).toEqual([store]);
  });

  it('is frozen', async () => {
    const { settings } = await load();
    expect(() => Object.assign(settings, { scope: 'x' })).toThrow(TypeError);
  });
});

describe('several stores', () => {
  const [one, two] = ['type=local,dest=/a', 'type=registry,ref=r.example.com/a'];

  it('are repeated flags, a list in the file, or what `;` and line breaks part in the variable', async () => {
    expect((await load({ flags: { store: [one, ` ${two} `] } })).settings.store).toEqual([one, two]);
    await write('.slipway.yaml', `store:\n  - ${one}\n  - ${two}\n`);
    const inFile = await load();
    expect(inFile.settings.store).toEqual([one, two]);
    expect(formatOrigin(inFile.origins.store)).toBe(`${join(directory, '.slipway.yaml')}:1`);
    for (const text of [`${one};${two}`, `\n${one}\n${two}\n`, ` ${one} ;\n; ${two};`]) {
      expect((await load({ env: { ...HOME, SLIPWAY_STORE: text } })).settings.store).toEqual([one, two]);
    }
  });

  it('may have a `;` in their names, in quotes', async () => {
    const quoted = 'type=local,"dest=/a;b"';
    expect((await load({ env: { ...HOME, SLIPWAY_STORE: `${quoted};${one}` } })).settings.store).toEqual([quoted, one]);
    expect((await load({ env: { ...HOME, SLIPWAY_STORE: 'type=local,"dest=/a' } })).settings.store).toEqual([
      'type=local,"dest=/a',
    ]);
  });

  it('are not taken together from two places', async () => {
    await write('.slipway.yaml', 'store: [x, y]\n');
    expect((await load({ flags: { store: [two] } })).settings.store).toEqual([two]);
  });

  it.each([
    ['store: []\n', "`store` can't be `[]`"],
    [`store: [${Array.from({ length: 9 }, () => 'type=local').join(', ')}]\n`, "`store` can't be"],
    ['store: [1]\n', "`store` can't be `[1]`"],
    ['store: [""]\n', "`store` can't be"],
  ])('%j is refused', async (text, message) => {
    await write('.slipway.yaml', text);
    expect((await failure()).message).toContain(message);
  });

  it('can’t be empty', async () => {
    expect(await failure({ flags: { store: [''] } })).toMatchObject({ code: 'USAGE' });
    expect(await failure({ env: { ...HOME, SLIPWAY_STORE: ';;' } })).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('finding the file', () => {
  it('looks upwards to the git root and no further', async () => {
    await mkdir(join(directory, 'repo/.git'), { recursive: true });
    await mkdir(join(directory, 'repo/a/b'), { recursive: true });
    await write('.slipway.yaml', 'scope: outside\n');
    expect((await load({ directory: join(directory, 'repo/a/b') })).file).toBeUndefined();
    await write('repo/.slipway.json', '{ "$schema": "x", "scope": "root" }');
    const config = await load({ directory: join(directory, 'repo/a/b') });
    expect(config.settings.scope).toBe('root');
    expect(config.file).toBe(join(directory, 'repo/.slipway.json'));
    await write('repo/a/.slipway.yml', 'scope: nearer\n');
    expect((await load({ directory: join(directory, 'repo/a/b') })).settings.scope).toBe('nearer');
  });

  it('outside a checkout looks only where it starts', async () => {
    await mkdir(join(directory, 'a'));
    await write('.slipway.yaml', 'scope: parent\n');
    expect((await load({ directory: join(directory, 'a') })).settings.scope).toBeUndefined();
  });

  it('takes an empty file for no settings', async () => {
    await write('.slipway.yaml', '# nothing yet\n');
    expect((await load()).origins.scope.kind).toBe('default');
  });

  it('refuses two files in one directory', async () => {
    await write('.slipway.yaml', '');
    await write('.slipway.json', '{}');
    expect((await failure()).message).toContain('are both there');
  });
});

describe('bad values', () => {
  it.each([
    ['a: 1\nscpoe: x\n', 1, 'unknown option `a`', 'The options are store,'],
    ['\nscpoe: x\n', 2, 'unknown option `scpoe`', 'Did you mean `scope`?'],
    ['helperImage: x\n', 1, 'unknown option `helperImage`', 'Did you mean `helper-image`?'],
    ['store:\n  type: local\n', 1, '`store` can\'t be `{"type":"local"}`', 'Write a text such as'],
    ['scope: x\nread-only: yes\n', 2, '`read-only` can\'t be `"yes"`', 'Write `true` or `false`.'],
    ['cache-timeout: 10s\n', 1, '`cache-timeout` can\'t be `"10s"`', 'a number of seconds above 0'],
    ['cache-timeout: 0\n', 1, "`cache-timeout` can't be `0`", 'a number of seconds above 0'],
    ['\n\nengine: docker\n', 3, '`engine` can\'t be `"docker"`', 'one of `auto`, `buildx`'],
    ['scope:\n', 1, "`scope` can't be `null`", 'Write a text.'],
    ['- store\n', 1, 'the file must hold', 'Write for example'],
    ['just words\n', 1, 'the file must hold', 'Write for example'],
    ['scope: "x\n', 2, 'not valid YAML', undefined],
    ['scope: x\nscope: y\n', 2, 'not valid YAML', undefined],
  ])('%j is told with its line', async (text, line, message, hint) => {
    await write('.slipway.yaml', text);
    const error = await failure();
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.exitCode).toBe(2);
    expect(error.location).toBe(`${join(directory, '.slipway.yaml')}:${line}`);
    expect(error.message).toContain(`${error.location}: ${message}`);
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });

  it('tells the line of JSON too', async () => {
    await write('.slipway.json', '{\n  "scope": "x",\n  "engine": 5\n}\n');
    expect((await failure()).location).toMatch(/\.slipway\.json:3$/);
    await write('.slipway.json', '{\n  "scope": "x"\n  "engine": 5\n}\n');
    expect((await failure()).message).toMatch(/\.slipway\.json:[23]: not valid JSON/);
  });

  it.each([
    ['SLIPWAY_ENGINE', 'buildks', 'CONFIG_INVALID', 'Did you mean `buildx`?'],
    ['SLIPWAY_READ_ONLY', 'sure', 'CONFIG_INVALID', 'Write `true` or `false`.'],
    ['SLIPWAY_CACHE_TIMEOUT', '-1', 'CONFIG_INVALID', 'a number of seconds'],
    ['SLIPWAY_CACHE_TIMEOUT', '99999', 'CONFIG_INVALID', 'at most 3600'],
  ])('%s=%s', async (name, value, code, hint) => {
    const error = await failure({ env: { ...HOME, [name]: value } });
    expect(error).toMatchObject({ code, message: `\`${name}\` can't be \`${value}\`` });
    expect(error.hint).toContain(hint);
  });

  it('calls a bad flag a usage error', async () => {
    const error = await failure({ flags: { progress: 'plian' } });
    expect(error).toMatchObject({ code: 'USAGE', message: "`--progress` can't be `plian`" });
    expect(error.hint).toContain('Did you mean `plain`?');
  });

  it('warns of a variable that is one slip away from an option, and of no other', async () => {
    const env = { ...HOME, SLIPWAY_STOER: 'x', SLIPWAY_TOOLS: '/t', SLIPWAY_DEBUG: '1', SLIPWAY_READONLY: '1' };
    expect((await load({ env })).warnings).toEqual([
      'variable `SLIPWAY_STOER` is not read; did you mean `SLIPWAY_STORE`?',
      'variable `SLIPWAY_READONLY` is not read; did you mean `SLIPWAY_READ_ONLY`?',
    ]);
  });
});

describe('trusted keys', () => {
  const keys = async (text: string): Promise<Config['settings']['trusted-keys']> => {
    await write('.slipway.yaml', text);
    return (await load()).settings['trusted-keys'];
  };

  it('are texts, or have a name and scopes', async () => {
    const text = `trusted-keys:\n  - ${KEY}\n  - key: ${KEY}\n    name: ci\n    scopes: [main, 'release-*']\n`;
    expect(await keys(text)).toEqual([{ key: KEY }, { key: KEY, name: 'ci', scopes: ['main', 'release-*'] }]);
  });

  it('are none by default, and signatures are required where there are some', async () => {
    const { settings } = await load();
    expect(settings).toMatchObject({ 'trusted-keys': [], 'signature-max-age': 30 });
    expect(settings['require-signature']).toBeUndefined();
  });

  it.each([
    ['no list', `trusted-keys: ${KEY}\n`],
    ['a short key', 'trusted-keys: [ed25519:AAAA]\n'],
    ['bits that no byte holds', `trusted-keys: ['${KEY.replace(/.=$/, 'B=')}']\n`],
    ['an unknown member', `trusted-keys: [{key: '${KEY}', scope: main}]\n`],
    ['no scope at all', `trusted-keys: [{key: '${KEY}', scopes: []}]\n`],
    ['an empty scope', `trusted-keys: [{key: '${KEY}', scopes: ['']}]\n`],
    ['a name of two lines', `trusted-keys: [{key: '${KEY}', name: "a\\nb"}]\n`],
    ['no key', 'trusted-keys: [{name: ci}]\n'],
  ])('are refused: %s', async (_, text) => {
    await write('.slipway.yaml', `# ours\n${text}`);
    const error = await failure();
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', location: `${join(directory, '.slipway.yaml')}:2` });
    expect(error.hint).toContain('slipway key show');
  });

  it('never repeat a private key that was put there by mistake', async () => {
    const secret = Buffer.alloc(32, 9).toString('base64');
    await write('.slipway.yaml', `trusted-keys: ['slipway-signing-key:0123456789abcdef:${secret}']\n`);
    const error = await failure();
    expect(`${error.message} ${error.hint}`).not.toContain(secret);
  });

  it.each([
    ['', []],
    [`  ${KEY}\n${KEY}@a `, [{ key: KEY }, { key: KEY, scopes: ['a'] }]],
  ])('are read from a variable: %j', async (text, expected) => {
    const { settings } = await load({ env: { ...HOME, SLIPWAY_TRUSTED_KEYS: text } });
    expect(settings['trusted-keys']).toEqual(expected);
  });

  it.each([`${KEY}@`, `${KEY}@a,,b`, 'x', `${KEY},${KEY}`])('are refused in a variable: %s', async (text) => {
    expect((await failure({ env: { ...HOME, SLIPWAY_TRUSTED_KEYS: text } })).code).toBe('CONFIG_INVALID');
  });

  it.each(['0', '-1', '99999', 'x'])('signatures can not count for %s days', async (text) => {
    expect((await failure({ flags: { 'signature-max-age': text } })).hint).toContain('number of days');
  });
});

it('takes the variable of the private key for none that is misspelt', async () => {
  expect((await load({ env: { ...HOME, SLIPWAY_SIGNING_KEY: 'x' } })).warnings).toEqual([]);
});
