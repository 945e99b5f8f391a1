import type { RestoreReport, SaveReport } from '../warm/types.ts';
import type { ImageInput, Inputs } from './inputs.ts';
import { askSettings, type Settings } from './ask-settings.ts';
import { joinImages } from './join-images.ts';
import { nameOf, planWords } from './plan-words.ts';
import type { Result } from './results.ts';
import { runSlipway, type Fault } from './run-slipway.ts';
import type { Environment, Runner } from './runner.ts';

/** One image, or several that are served together, with the command lines that its two halves run; plain data, which goes from main to post. */
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

/** The commands that serve the images; those that are configured alike and share all their mounts get one command together. */
export async function planImages(
  images: readonly ImageInput[],
  inputs: Inputs,
  { runner, env, signal }: StepContext,
): Promise<readonly PlannedImage[]> {
  const faulty: PlannedImage[] = [];
  const groups = new Map<string, { readonly settings: Settings; readonly images: ImageInput[] }>();
  for (const image of images) {
    const asked = await askSettings(inputs, image.context, { env, signal });
    if ('fault' in asked) {
      faulty.push({ name: nameOf(image), restore: [], save: [], fault: asked.fault });
      continue;
    }
    const { settings } = asked;
    const group = groups.get(settings.text) ?? { settings, images: [] };
    group.images.push(image);
    groups.set(settings.text, group);
  }
  const planned: PlannedImage[] = [];
  for (const { settings, images: alike } of groups.values()) {
    for (const { image, name } of await joinImages(alike, runner.env)) {
      planned.push({
        name,
        restore: planWords('restore', image, { inputs, settings, env: runner.env }),
        save: planWords('save', image, { inputs, settings, env: runner.env }),
        writeScope: settings.writeScope,
        readOnlyReason: settings.readOnlyReason,
        fault: undefined,
      });
    }
  }
  return [...planned, ...faulty];
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
