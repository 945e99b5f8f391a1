import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HERE, readInputs, type Inputs } from '../../../src/action/inputs.ts';
import { nameOf, planWords } from '../../../src/action/plan-words.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

function given(inputs: Readonly<Record<string, string>>): Inputs {
  return readInputs(
    Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  );
}

describe('inputs', () => {
  it('left out, empty or white space, mean the build in the working directory, and what the event allows', () => {
    const nothing = given({});
    expect(given({ context: '', store: ' \n ', images: '', lint: '' })).toEqual(nothing);
    expect(nothing).toMatchObject({ images: [], stores: [], mode: 'auto', lint: false });
  });

  it('take lists by line, and platforms by comma too', () => {
    const inputs = given({
      store: 'type=local,dest=/var/cache\n\n  type=gha ',
      platforms: 'linux/amd64, linux/arm64\nlinux/arm/v7',
      'build-args': 'A=1,2\nB=x y',
    });
    expect(inputs.stores).toEqual(['type=local,dest=/var/cache', 'type=gha']);
    expect(inputs.images[0]).toMatchObject({
      platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
      buildArgs: ['A=1,2', 'B=x y'],
    });
  });

  it('take several images, each with its own fields', () => {
    const { images } = given({
      images: 'context=services/api,target=prod\nfile=b c.Dockerfile,build-arg=A=1,build-arg=B=2',
    });
    expect(images.map(nameOf)).toEqual(['services/api/Dockerfile, target prod', 'b c.Dockerfile']);
    expect(images[1]).toMatchObject({ context: '.', buildArgs: ['A=1', 'B=2'] });
  });

  it.each([
    [{ images: 'context=a', file: 'Dockerfile' }, "`images` and `file` can't be given together"],
    [{ images: 'context=a', bake: 'docker-bake.hcl' }, "`images` and `bake` can't be given together"],
    [{ bake: 'docker-bake.hcl', target: 'x' }, "`bake` and `target` can't be given together"],
    [{ targets: 'api' }, '`targets` names targets of a bake file, and there is no `bake`'],
    [{ images: 'context=a\ncontex=b' }, 'line 2 of `images` has `contex=b`, which is none of its fields'],
    [{ images: 'services/api' }, 'line 1 of `images` has `services/api`, which is none of its fields'],
    [{ platforms: 'linux/amd64, linux amd64' }, "the input `platforms` can't be `linux amd64`"],
    [{ platforms: 'linux/arm/v7/x' }, "the input `platforms` can't be `linux/arm/v7/x`"],
    [{ 'build-args': 'A=1\n=x' }, "the input `build-args` can't be `=x`"],
    [{ 'build-contexts': 'proto' }, "the input `build-contexts` can't be `proto`"],
    [{ images: 'context=a\nbuild-arg==x' }, "`build-arg` in line 2 of `images` can't be `=x`"],
    [
      { context: 'https://example.com/app.git#main' },
      'the context `https://example.com/app.git#main` is an address, and mounts are found in files',
    ],
    [{ mode: 'readonly' }, "the input `mode` can't be `readonly`"],
    [{ trust: 'none' }, "the input `trust` can't be `none`"],
    [{ lint: 'yes' }, "the input `lint` can't be `yes`"],
  ])('refuse %j and say what to write', (inputs, message) => {
    expect(() => given(inputs)).toThrow(
      expect.objectContaining({ code: 'USAGE', message, hint: expect.stringMatching(/\w/) }),
    );
  });

  it('are those that the metadata of each action declares', () => {
    const source = readdirSync(join(PROJECT_ROOT, 'src/action'))
      .map((file) => readFileSync(join(PROJECT_ROOT, 'src/action', file), 'utf8'))
      .join('\n');
    const read = (name: string): boolean =>
      new RegExp(`(?:text|lines|readText)\\((?:runner\\.env, )?'${name}'\\)`).test(source);
    const declared = ['', 'restore', 'save', 'lint', 'prefetch'].flatMap((folder) => {
      const text = readFileSync(join(PROJECT_ROOT, folder, 'action.yml'), 'utf8');
      return Object.keys((parse(text) as { inputs: object }).inputs);
    });
    expect(declared.filter((name) => !read(name))).toEqual([]);
    const used = [...source.matchAll(/(?:text|lines|readText)\((?:runner\.env, )?'([\w-]+)'\)/g)].map(
      (match) => match[1],
    );
    expect(used.filter((name) => !declared.includes(name ?? ''))).toEqual([]);
    expect(used.length).toBeGreaterThan(15);
  });
});

describe('the command line of an image', () => {
  const settings = { isStoreChosen: false, isEngineChosen: false };
  const wordsOf = (inputs: Readonly<Record<string, string>>, more: object = {}): readonly string[] => {
    const read = given(inputs);
    return planWords('restore', read.images[0] ?? HERE, { inputs: read, settings, env: {}, ...more });
  };

  it('names GitHub’s cache where nobody named a store, and the builder of the build that follows', () => {
    expect(wordsOf({})).toEqual(['restore', '--format=json', '--store=type=gha', '--engine=buildx', '--', '.']);
  });

  it('leaves to the configuration what it decides', () => {
    const chosen = { settings: { isStoreChosen: true, isEngineChosen: true } };
    expect(wordsOf({}, chosen)).toEqual(['restore', '--format=json', '--', '.']);
    expect(wordsOf({ store: 's3://bucket/x' }, chosen)).toContain('--store=s3://bucket/x');
    expect(wordsOf({}, { env: { BUILDKIT_HOST: 'unix:///run/buildkitd.sock' } })).not.toContain('--engine=buildx');
  });

  it('keeps values that look like flags, have spaces or other scripts as they are', () => {
    const words = wordsOf({ context: '-dash', file: '--help', target: 'a b', scope: 'größe', 'build-args': '--x=1' });
    expect(words).toEqual(
      expect.arrayContaining(['--file=--help', '--target=a b', '--scope=größe', '--build-arg=--x=1']),
    );
    expect(words.slice(-2)).toEqual(['--', '-dash']);
  });

  it.each([
    ['read-only', '--read-only=true'],
    ['read-write', '--read-only=false'],
  ])('says mode %s by a flag, which alone may lift what the event forbids', (mode, word) => {
    expect(wordsOf({ mode })).toContain(word);
    expect(wordsOf({}).join(' ')).not.toContain('read-only');
  });

  it('never has the key', () => {
    expect(wordsOf({ 'signing-key': 'slipway-signing-key:x' }).join(' ')).not.toContain('slipway-signing-key');
  });
});
