import type { RestoreReport, SaveReport } from '../warm/types.ts';
import type { ImageInput, Inputs } from './inputs.ts';
import { askSettings } from './ask-settings.ts';
import { nameOf, planWords } from './plan-words.ts';
import type { Result } from './results.ts';
import { runSlipway, type Fault } from './run-slipway.ts';
import type { Environment, Runner } from './runner.ts';

/** One image with the command lines that its two halves run; plain data, which goes from main to post. */
export interface PlannedImage {
  readonly name: string;
  readonly restore: readonly string[];
  readonly save: readonly string[];
  /** The scope that is written; undefined where this run may not. */
  readonly writeScope?: string | undefined;
  /** Why the run itself may not. */
  readonly readOnlyReason?: string | undefined;
  /** Why nothing can be run for it. */
  readonly fault: Fault | undefined;
}

export interface StepContext {
  readonly runner: Runner;
  readonly signal: AbortSignal;
  /** What slipway itself is given: the step's environment without its inputs, with the key. */
  readonly env: Environment;
}

export async function planImages(
  images: readonly ImageInput[],
  inputs: Inputs,
  { runner, env, signal }: StepContext,
): Promise<readonly PlannedImage[]> {
  const planned: PlannedImage[] = [];
  for (const image of images) {
    const asked = await askSettings(inputs, image.context, { env, signal });
    const name = nameOf(image);
    if ('fault' in asked) {
      planned.push({ name, restore: [], save: [], fault: asked.fault });
      continue;
    }
    const { settings } = asked;
    planned.push({
      name,
      restore: planWords('restore', image, { inputs, settings, env: runner.env }),
      save: planWords('save', image, { inputs, settings, env: runner.env }),
      writeScope: settings.writeScope,
      readOnlyReason: settings.readOnlyReason,
      fault: undefined,
    });
  }
  return planned;
}

interface Reports {
  readonly restore: RestoreReport;
  readonly save: SaveReport;
}

export interface Run<Verb extends keyof Reports> {
  readonly results: readonly Result<Reports[Verb]>[];
  /** The stores that were used, for a person. */
  readonly store: string;
}

/** Runs one half for each image in turn: they may share mounts, and one builder does the work. */
export async function runImages<Verb extends keyof Reports>(
  verb: Verb,
  images: readonly PlannedImage[],
  { runner, env, signal }: StepContext,
): Promise<Run<Verb>> {
  const results: Result<Reports[Verb]>[] = [];
  const stores = new Set<string>();
  for (const image of images) {
    const run =
      image.fault === undefined
        ? await runner.quote(`slipway ${verb} ${image.name}`, () =>
            runSlipway(image[verb], { env, signal, onLine: (line) => runner.say(line) }),
          )
        : { stdout: '', fault: image.fault };
    const document = run.stdout === '' ? undefined : (JSON.parse(run.stdout) as Reports & { readonly store: string });
    if (document !== undefined) stores.add(document.store);
    results.push({ image: image.name, report: document?.[verb], fault: run.fault });
  }
  return { results, store: stores.size === 0 ? 'the store' : [...stores].join(', ') };
}
