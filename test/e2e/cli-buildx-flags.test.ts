import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { BUILDX_FLAGS } from '../../src/cli/buildx-flags.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../../src/cli/own-flags.ts';
import { toolPath } from '../helpers/tools.ts';

interface HelpFlag {
  readonly name: string;
  readonly short: string | undefined;
  readonly type: string | undefined;
}

/** cobra prints `  -f, --file string   Description`; a flag without a type word takes no value. */
function parseHelp(text: string): readonly HelpFlag[] {
  return [...text.matchAll(/^ {2}(?:-(\w), | {4})--([a-z-]+)(?: (\w+))? {2,}/gm)].map((match) => ({
    name: match[2] ?? '',
    short: match[1],
    type: match[3],
  }));
}

const help = execFileSync(toolPath('buildx'), ['build', '--help'], {
  encoding: 'utf8',
  env: { ...process.env, BUILDX_EXPERIMENTAL: '1' },
});
const real = parseHelp(help).filter((flag) => flag.name !== 'help');

describe('the table of buildx flags', () => {
  it('is compared with a help text that really lists flags', () => {
    expect(real.length).toBeGreaterThanOrEqual(37);
    expect(real).toContainEqual({ name: 'tag', short: 't', type: 'stringArray' });
  });

  it('has exactly the visible flags of the real buildx', () => {
    const visible = BUILDX_FLAGS.filter((flag) => flag.isHidden !== true).map((flag) => flag.name);
    expect([...visible].sort()).toEqual(real.map((flag) => flag.name).sort());
  });

  it.each(real)('knows short form and arity of --$name', ({ name, short, type }) => {
    const spec = BUILDX_FLAGS.find((flag) => flag.name === name);
    const isList = type === 'stringArray' || type === 'strings' || type === 'ulimit';
    expect(spec?.short).toBe(short);
    expect(spec?.arity).toBe(type === undefined ? 'switch' : isList ? 'list' : 'value');
  });

  it('takes the hidden flags that the real buildx takes, and with the same arity', () => {
    for (const spec of BUILDX_FLAGS.filter((flag) => flag.isHidden === true)) {
      const { stderr } = tryBuildx([`--${spec.name}`]);
      // A switch is parsed, so that only the context is missing; a value flag asks for its value.
      expect(stderr, spec.name).toContain(spec.arity === 'switch' ? 'requires 1 argument' : 'flag needs an argument');
      if (spec.short !== undefined) expect(tryBuildx([`-${spec.short}`]).stderr).toContain('flag needs an argument');
    }
  });

  it('does not clash with the flags of slipway', () => {
    const own = [...OPTION_FLAGS, DRY_RUN_FLAG];
    const names = [...BUILDX_FLAGS, ...own].map((flag) => flag.name);
    const shorts = [...BUILDX_FLAGS, ...own].flatMap((flag) => flag.short ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(shorts).size).toBe(shorts.length);
  });
});

function tryBuildx(args: readonly string[]): { readonly stderr: string } {
  try {
    execFileSync(toolPath('buildx'), ['build', ...args], { encoding: 'utf8', stdio: 'pipe' });
    return { stderr: '' };
  } catch (error) {
    return { stderr: String((error as { stderr?: string }).stderr) };
  }
}
