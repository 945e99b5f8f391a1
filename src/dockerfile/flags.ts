import type { Instruction } from './tree.ts';

type FlagType = 'bool' | 'string' | 'strings';

/**
 * Flags of each instruction in BuildKit 0.33.1; instructions that aren't listed take none.
 * Source: github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/instructions/parse.go and commands_run*.go.
 */
export const INSTRUCTION_FLAGS: Readonly<Record<string, Readonly<Record<string, FlagType>>>> = {
  add: {
    chown: 'string',
    chmod: 'string',
    link: 'bool',
    'keep-git-dir': 'bool',
    checksum: 'string',
    unpack: 'bool',
    exclude: 'strings',
  },
  copy: { chown: 'string', from: 'string', chmod: 'string', link: 'bool', exclude: 'strings', parents: 'bool' },
  from: { platform: 'string' },
  healthcheck: {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  },
  run: { mount: 'strings', network: 'string', security: 'string', device: 'strings' },
};

/** Values by flag name, each with all its values in order. A bool flag without a value is `true`. */
export type FlagValues = ReadonlyMap<string, readonly string[]>;

const NO_FLAGS: FlagValues = new Map();

/**
 * Reads the flags, or says what is wrong with the first bad one. A bare `--` ends them.
 * Source: BFlags.Parse, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/instructions/bflag.go#L142
 */
export function readFlags(instruction: Instruction): FlagValues | { readonly message: string; readonly hint: string } {
  if (instruction.flags.length === 0) return NO_FLAGS;
  const known = INSTRUCTION_FLAGS[instruction.name] ?? {};
  const values = new Map<string, string[]>();
  const keyword = instruction.name.toUpperCase();
  for (const { value: flag } of instruction.flags) {
    if (flag === '--') break;
    const equals = flag.indexOf('=');
    const name = flag.slice(2, equals < 0 ? undefined : equals);
    const value = equals < 0 ? undefined : flag.slice(equals + 1);
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    if (type === undefined) {
      const names = Object.keys(known).map((each) => `--${each}`);
      const hint = names.length === 0 ? `${keyword} takes no flags.` : `${keyword} takes ${names.join(', ')}.`;
      return { message: `${keyword} has no flag \`--${name}\``, hint };
    }
    const earlier = values.get(name);
    if (earlier !== undefined && type !== 'strings') {
      return { message: `\`--${name}\` is given twice`, hint: 'Keep one of them.' };
    }
    if (type !== 'bool' && value === undefined) {
      return { message: `\`--${name}\` has no value`, hint: `Write --${name}=value.` };
    }
    if (type === 'bool' && value !== undefined && !/^(?:true|false)$/i.test(value)) {
      return {
        message: `\`--${name}=${value}\` is neither true nor false`,
        hint: `Write --${name} or --${name}=false.`,
      };
    }
    const read = type === 'bool' ? (value ?? 'true').toLowerCase() : (value ?? '');
    if (earlier === undefined) values.set(name, [read]);
    else earlier.push(read);
  }
  return values;
}

export function isFlagProblem(
  flags: ReturnType<typeof readFlags>,
): flags is { readonly message: string; readonly hint: string } {
  return 'message' in flags;
}
