import { SlipwayError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { checkImage } from './check-image.ts';
import type { Environment } from './runner.ts';

/** One build whose mounts are meant, in the words of `docker buildx build`. */
export interface ImageInput {
  /** How messages and tables call it, where its Dockerfile is not enough: `target api`. */
  readonly name?: string;
  readonly context: string;
  /** Undefined: `Dockerfile` in the context. */
  readonly file: string | undefined;
  /** Undefined: the last stage. */
  readonly target: string | undefined;
  readonly platforms: readonly string[];
  /** `NAME=VALUE`, or `NAME` from the environment. */
  readonly buildArgs: readonly string[];
  /** `NAME=SOURCE` */
  readonly buildContexts: readonly string[];
}

export interface BakeInput {
  readonly files: readonly string[];
  /** Targets and groups; bake's own default when empty. */
  readonly targets: readonly string[];
}

/** What a run may do with the store: `auto` leaves it to the event that started the run. */
export type Mode = 'auto' | 'read-only' | 'read-write';

export interface Inputs {
  /** Specs of stores, the nearest first; empty where the configuration, or the default of the action, decides. */
  readonly stores: readonly string[];
  readonly scope: string | undefined;
  /** Empty where a bake file says them, or where nothing does. */
  readonly images: readonly ImageInput[];
  /** Undefined where no bake file is meant. */
  readonly bake: BakeInput | undefined;
  readonly builder: string | undefined;
  readonly mode: Mode;
  /** Text of the private key that signs what is saved. */
  readonly signingKey: string | undefined;
  readonly trustedKeys: string | undefined;
  readonly trust: string | undefined;
  readonly lint: boolean;
}

/** `docker build .` */
export const HERE: ImageInput = {
  context: '.',
  file: undefined,
  target: undefined,
  platforms: [],
  buildArgs: [],
  buildContexts: [],
};

const MODES: readonly Mode[] = ['auto', 'read-only', 'read-write'];
const TRUSTS = ['auto', 'all', 'modules'];
/** Inputs that say what one build is; a list of images, or a bake file, says it of each in its own way. */
const SINGLE = ['context', 'file', 'target', 'platforms', 'build-args', 'build-contexts'];

/** Reads the inputs of a step, which the runner hands over as `INPUT_<NAME>`. An empty one counts as not given. */
export function readInputs(env: Environment): Inputs {
  const text = (name: string): string | undefined => readText(env, name);
  const lines = (name: string): readonly string[] => splitLines(text(name));
  refuseTogether(text, 'images', [...SINGLE, 'bake', 'targets']);
  refuseTogether(text, 'bake', SINGLE);
  if (text('targets') !== undefined && text('bake') === undefined) {
    throw invalid(
      '`targets` names targets of a bake file, and there is no `bake`',
      'Write `bake: docker-bake.hcl` too.',
    );
  }
  const single = checkImage({
    context: text('context') ?? '.',
    file: text('file'),
    target: text('target'),
    platforms: splitWords(text('platforms')),
    buildArgs: lines('build-args'),
    buildContexts: lines('build-contexts'),
  });
  const images = lines('images').map((line, index) => checkImage(readImage(line, index + 1), index + 1));
  const isBake = text('bake') !== undefined;
  return {
    stores: lines('store'),
    scope: text('scope'),
    images: images.length > 0 ? images : SINGLE.some((name) => text(name) !== undefined) ? [single] : [],
    bake: isBake ? { files: splitWords(text('bake')), targets: splitWords(text('targets')) } : undefined,
    builder: text('builder'),
    mode: readChoice(text('mode'), 'mode', MODES) ?? 'auto',
    signingKey: text('signing-key'),
    trustedKeys: text('trusted-keys'),
    trust: readChoice(text('trust'), 'trust', TRUSTS),
    lint: readSwitch(text('lint'), 'lint'),
  };
}

/** `INPUT_` and the name in capitals, spaces as `_`: a dash stays. Source: getInput, github.com/actions/toolkit, packages/core. */
export function readText(env: Environment, name: string): string | undefined {
  const value = env[`INPUT_${name.toUpperCase()}`]?.trim();
  return value === '' ? undefined : value;
}

const FIELDS = ['context', 'file', 'target', 'platforms', 'build-arg', 'build-context'];

/** `context=services/api,file=api.Dockerfile,target=prod`; a field that may be given several times is. */
function readImage(line: string, number: number): ImageInput {
  const values = new Map<string, string[]>();
  for (const field of line.split(',')) {
    const equals = field.indexOf('=');
    const name = field.slice(0, equals).trim();
    if (equals < 1 || !FIELDS.includes(name)) {
      const nearest = nearestWord(name === '' ? field : name, FIELDS);
      throw invalid(
        `line ${number} of \`images\` has \`${field.trim()}\`, which is none of its fields`,
        `${nearest === undefined ? '' : `Did you mean \`${nearest}\`? `}Write it like \`context=services/api,file=api.Dockerfile,target=prod\`.`,
      );
    }
    values.set(name, [...(values.get(name) ?? []), field.slice(equals + 1).trim()]);
  }
  const last = (name: string): string | undefined => values.get(name)?.at(-1) || undefined;
  return {
    context: last('context') ?? '.',
    file: last('file'),
    target: last('target'),
    platforms: values.get('platforms') ?? [],
    buildArgs: values.get('build-arg') ?? [],
    buildContexts: values.get('build-context') ?? [],
  };
}

function refuseTogether(text: (name: string) => string | undefined, one: string, others: readonly string[]): void {
  const other = others.find((name) => text(name) !== undefined);
  if (text(one) === undefined || other === undefined) return;
  const hint =
    one === 'images' ? 'Write it as a field of each line of `images`.' : 'The bake file says it of each target.';
  throw invalid(`\`${one}\` and \`${other}\` can't be given together`, hint);
}

/** Booleans as YAML 1.2 has them, as `getBooleanInput` of the toolkit. */
export function readSwitch(value: string | undefined, name: string): boolean {
  if (value === undefined || /^(?:false|False|FALSE)$/.test(value)) return false;
  if (/^(?:true|True|TRUE)$/.test(value)) return true;
  throw invalid(`the input \`${name}\` can't be \`${value}\``, 'Write `true` or `false`.');
}

function readChoice<T extends string>(value: string | undefined, name: string, choices: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  const nearest = nearestWord(value, choices);
  throw invalid(
    `the input \`${name}\` can't be \`${value}\``,
    `${nearest === undefined ? '' : `Did you mean \`${nearest}\`? `}Write one of ${choices.join(', ')}.`,
  );
}

function splitLines(value = ''): readonly string[] {
  return value.split('\n').flatMap((line) => line.trim() || []);
}

/** One in each line, or with commas between. */
function splitWords(value = ''): readonly string[] {
  return value.split(/[\n,]/).flatMap((word) => word.trim() || []);
}

function invalid(message: string, hint: string): SlipwayError {
  return new SlipwayError('USAGE', message, { hint });
}
