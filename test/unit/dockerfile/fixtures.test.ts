import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { INSTRUCTION_FLAGS } from '../../../src/dockerfile/flags.ts';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';
import type { Instruction } from '../../../src/dockerfile/tree.ts';
import { oracleModule } from '../../helpers/go-oracle.ts';
import { fixtures } from './fixtures.ts';

const trees = fixtures.map(({ name, text }) => ({ name, text, tree: parseDockerfile(text) }));
const instructions: readonly Instruction[] = trees.flatMap(({ tree }) =>
  tree.instructions.flatMap((node) => (node.child === undefined ? [node] : [node, node.child])),
);
const heredocs = trees.flatMap(({ tree }) =>
  tree.instructions.flatMap((node) => node.heredocs.map((heredoc) => ({ ...heredoc, node }))),
);

/** Sources of the very frontend the oracle is built from. */
async function readFrontend(directory: string): Promise<string> {
  const folder = path.join(
    await oracleModule('dockerfile', 'github.com/moby/buildkit'),
    'frontend/dockerfile',
    directory,
  );
  const names = readdirSync(folder).filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'));
  return names.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
}

describe('the fixture set', () => {
  it('has at least 150 files, no two with the same sequence of instructions', () => {
    const sequences = new Set(trees.map(({ tree }) => tree.instructions.map((node) => node.name).join(' ')));
    expect(fixtures.length).toBeGreaterThanOrEqual(150);
    expect(sequences.size).toBe(fixtures.length);
  });

  it('uses every instruction of the frontend', async () => {
    const names = [...(await readFrontend('command')).matchAll(/^\t\w+ += "(\w+)"$/gm)].map((match) => match[1]);
    expect(names.length).toBeGreaterThanOrEqual(18);
    expect(new Set(instructions.map((node) => node.name))).toEqual(new Set(names));
  });

  it('uses every flag of the frontend, and our table names exactly those', async () => {
    const flags = [...(await readFrontend('instructions')).matchAll(/\.Add(?:Bool|Strings?)\("([\w-]+)"/g)].map(
      (match) => match[1],
    );
    const ours = Object.values(INSTRUCTION_FLAGS).flatMap((known) => Object.keys(known));
    expect(flags.length).toBeGreaterThanOrEqual(20);
    expect(new Set(ours)).toEqual(new Set(flags));
    const used = new Set(
      instructions.flatMap((node) => node.flags.map(({ value }) => `${node.name} ${value.split('=')[0]}`)),
    );
    const wanted = Object.entries(INSTRUCTION_FLAGS).flatMap(([name, known]) =>
      Object.keys(known).map((flag) => `${name} --${flag}`),
    );
    expect(wanted.filter((each) => !used.has(each))).toEqual([]);
  });

  it('uses every kind of mount and every mount key', () => {
    const mounts = instructions.flatMap((node) =>
      node.flags.map(({ value }) => value).filter((value) => value.startsWith('--mount=')),
    );
    const keys = new Set(
      mounts.flatMap((mount) =>
        mount
          .slice(8)
          .split(',')
          .map((field) => (field.split('=')[0] ?? '').toLowerCase()),
      ),
    );
    const types = new Set(mounts.flatMap((mount) => /type=(\w+)/.exec(mount)?.[1] ?? []));
    expect([...types].sort()).toEqual(['bind', 'cache', 'secret', 'ssh', 'tmpfs']);
    for (const key of [
      'id',
      'target',
      'dst',
      'destination',
      'from',
      'source',
      'src',
      'uid',
      'gid',
      'mode',
      'sharing',
      'ro',
      'rw',
      'readonly',
      'readwrite',
      'required',
      'size',
      'env',
    ]) {
      expect(keys, key).toContain(key);
    }
  });

  it('uses every here-document form', () => {
    const forms: Record<string, boolean> = {
      'in RUN': heredocs.some(({ node }) => node.name === 'run'),
      'in COPY': heredocs.some(({ node }) => node.name === 'copy'),
      'in ADD': heredocs.some(({ node }) => node.name === 'add'),
      'in ONBUILD': heredocs.some(({ node }) => node.name === 'onbuild'),
      'with tabs taken off': heredocs.some(({ chomp }) => chomp),
      'with tabs taken off, quoted': heredocs.some(({ chomp, expand }) => chomp && !expand),
      'with a quoted name': heredocs.some(({ expand }) => !expand),
      'with a space in the name': heredocs.some(({ name }) => name.includes(' ')),
      'with a file descriptor': heredocs.some(({ fileDescriptor }) => fileDescriptor > 0),
      'several on a line': heredocs.some(({ node }) => node.heredocs.length > 1),
      'with an empty body': heredocs.some(({ content }) => content === ''),
      'with a script of its own': heredocs.some(({ content }) => content.startsWith('#!')),
      'with Windows line ends': heredocs.some(({ content }) => content.includes('\r\n')),
    };
    expect(Object.keys(forms).filter((form) => !forms[form])).toEqual([]);
  });

  it('uses every directive, line end, escape character and form', () => {
    const names = new Set(trees.flatMap(({ tree }) => tree.directives.map((directive) => directive.name)));
    expect([...names].sort()).toEqual(['check', 'escape', 'syntax']);
    expect(trees.some(({ tree }) => tree.escape === '`')).toBe(true);
    expect(trees.some(({ tree }) => tree.hasByteOrderMark)).toBe(true);
    expect(trees.some(({ text }) => text.startsWith('#!'))).toBe(true);
    expect(trees.some(({ text }) => text.includes('\r\n'))).toBe(true);
    expect(trees.some(({ text }) => !text.endsWith('\n'))).toBe(true);
    expect(trees.some(({ tree }) => tree.instructions.some((node) => node.emptyContinuationLines.length > 0))).toBe(
      true,
    );
    for (const name of ['run', 'cmd', 'entrypoint', 'copy', 'add', 'volume', 'shell', 'healthcheck']) {
      expect(
        instructions.some((node) => node.name === name && node.json),
        name,
      ).toBe(true);
    }
  });

  it('has no problems for our parser', () => {
    const broken = trees.filter(({ tree }) => tree.problems.length > 0);
    expect(broken.map(({ name, tree }) => [name, tree.problems])).toEqual([]);
  });
});
