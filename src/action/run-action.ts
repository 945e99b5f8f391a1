import { errorMessage, isSlipwayError } from '../core/errors.ts';
import { askBake } from './ask-bake.ts';
import { HERE, readInputs, type ImageInput, type Inputs } from './inputs.ts';
import {
  collectFaults,
  collectPointless,
  describeFaults,
  restoreOutputs,
  restoreSummary,
  saveSummary,
} from './results.ts';
import { nameOf } from './plan-words.ts';
import { startPrefetch, takeOverPrefetch } from './prefetch-process.ts';
import { planImages, runImages, type PlannedImage, type StepContext } from './run-images.ts';
import { runLint } from './run-lint.ts';
import { openRunner, type Runner } from './runner.ts';
import { workspaceTree } from './workspace-tree.ts';

/** Which action of this repository a step uses: both halves around a build, one of them, or the head start. */
export type Role = 'around' | 'restore' | 'save' | 'prefetch';

/**
 * Runs a step: reads its inputs, starts slipway, tells the runner what came of it. Whatever goes wrong with the cache is one
 * annotation and never the job's failure; only a signal ends the process with its own exit code.
 */
export async function runAction(role: Role): Promise<void> {
  const runner = openRunner(process.env, (text) => process.stdout.write(text));
  const abort = new AbortController();
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(name, () => {
      process.exitCode = code;
      abort.abort();
    });
  }
  try {
    await runStep(role, runner, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return runner.say('slipway: interrupted');
    runner.annotate('warning', describe(error));
  }
}

async function runStep(role: Role, runner: Runner, signal: AbortSignal): Promise<void> {
  const isPost = runner.env['STATE_isPost'] === 'true';
  // Before anything can fail: a post step that takes itself for the main one would restore once more.
  if (role === 'around' && !isPost) await runner.saveState('isPost', 'true');
  if (isPost && runner.env['STATE_images'] === undefined) {
    return runner.say('slipway: nothing is saved, since the first half of this step did not get to its build');
  }
  const inputs = readInputs(runner.env);
  if (inputs.signingKey !== undefined) runner.mask(inputs.signingKey);
  const context: StepContext = { runner, signal, env: slipwayEnvironment(inputs, runner.env) };
  if (isPost) return finish(JSON.parse(runner.env['STATE_images'] ?? '') as readonly PlannedImage[], context);
  if (role === 'prefetch') return startPrefetch(inputs, context);
  const images = await planImages(await meantImages(inputs, context), inputs, context);
  if (role === 'save') return save(images, context, []);
  if (role === 'around') await runner.saveState('images', JSON.stringify(images));
  await restore(images, context, role);
  if (inputs.lint) await runLint(['--failure-threshold=none'], context);
}

/** What the inputs say; where they say nothing, what the job's own workflow says, or else the Dockerfile at hand. */
async function meantImages({ images, bake }: Inputs, context: StepContext): Promise<readonly ImageInput[]> {
  if (bake !== undefined) return askBake(bake, context);
  if (images.length > 0) return images;
  const { findImages } = await import('./find-images.ts');
  const found = findImages(workspaceTree(process.cwd()), context.runner.env);
  if (found.length === 0) return [HERE];
  const names = found.map(nameOf).join('; ');
  await context.runner.quote('slipway: what the workflow builds', async () => context.runner.say(names));
  return found;
}

async function restore(images: readonly PlannedImage[], context: StepContext, role: Role): Promise<void> {
  const { runner } = context;
  await takeOverPrefetch(context);
  const { results, store } = await runImages('restore', images, context);
  for (const [name, value] of Object.entries(restoreOutputs(results))) await runner.setOutput(name, value);
  await runner.setOutput('scope', images.find(({ writeScope }) => writeScope !== undefined)?.writeScope ?? '');
  await runner.addSummary(restoreSummary(results, store));
  const faults = [...collectFaults(results), ...collectPointless(results)];
  if (role === 'around') await runner.saveState('told', JSON.stringify(faults.map(({ text }) => text)));
  if (faults.length > 0) runner.annotate('warning', describeFaults('restored', faults));
}

/** The post step. What main told already isn't told again. */
async function finish(images: readonly PlannedImage[], context: StepContext): Promise<void> {
  await save(images, context, JSON.parse(context.runner.env['STATE_told'] ?? '[]') as readonly string[]);
}

async function save(images: readonly PlannedImage[], context: StepContext, told: readonly string[]): Promise<void> {
  const { results, store } = await runImages('save', images, context);
  const reasons = new Map(images.map(({ name, readOnlyReason }) => [name, readOnlyReason]));
  await context.runner.addSummary(saveSummary(results, { place: store, reasons }));
  const faults = collectFaults(results).filter(({ text }) => !told.includes(text));
  if (faults.length > 0) context.runner.annotate('warning', describeFaults('saved', faults));
}

/** A step's inputs are its own; the key goes the way that no process list shows. */
function slipwayEnvironment({ signingKey }: Inputs, env: Runner['env']): Runner['env'] {
  const rest = Object.entries(env).filter(([name]) => !/^(?:INPUT|STATE)_/.test(name));
  return { ...Object.fromEntries(rest), ...(signingKey === undefined ? {} : { SLIPWAY_SIGNING_KEY: signingKey }) };
}

function describe(error: unknown): string {
  const hint = isSlipwayError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
  const place = isSlipwayError(error) ? '' : ' This is a fault of slipway itself.';
  return `Nothing is restored or saved: ${errorMessage(error)}.${hint}${place}`;
}
