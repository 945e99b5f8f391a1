import { SlipwayError } from '../core/errors.ts';
import { cellKey, SCENARIOS, STRATEGIES } from './cells.ts';
import { array, boolean, count, date, integer, number, object, oneOf, type Place, record, text } from './members.ts';
import type { BenchMachine, BenchProject, BenchResults, BenchSample, BenchStep } from './results.ts';

/** Larger files are refused before they are read: a run of everything a hundred times over is below 20 MB. */
export const MAX_RESULTS_BYTES: number = 64 * 1024 * 1024;

/** The most rounds of a run; the exact intervals are worked out up to here. */
export const MAX_REPEATS = 100;

const KIND = 'slipway-bench';
const VERSION = 1;

/**
 * A results file's text, checked to the last member. Members that this version doesn't know are left out.
 * Throws INPUT_INVALID that names `path` and the member: `now.json: samples[3].seconds is -1, …`.
 */
export function readResults(document: string, path: string): BenchResults {
  if (document.length > MAX_RESULTS_BYTES) throw tooLarge(path);
  const root = object({ file: path, path: '', value: parse(document, path) });
  checkKind(root.member('kind'), root.member('schemaVersion'));
  const results: BenchResults = {
    schemaVersion: VERSION,
    kind: KIND,
    startedAt: date(root.member('startedAt')),
    finishedAt: date(root.member('finishedAt')),
    isQuick: boolean(root.member('isQuick')),
    isPartial: boolean(root.member('isPartial')),
    repeats: integer(root.member('repeats'), 1, MAX_REPEATS),
    isolation: oneOf(root.member('isolation'), ['fresh-workers', 'mount-namespaces']),
    machine: readMachine(root.member('machine')),
    project: readProject(root.member('project')),
    samples: array(root.member('samples')).map(readSample),
    left: array(root.member('left')).map(text),
  };
  checkSamples(results, path);
  return results;
}

/** For the one that opens the file, so that it needn't read all of it to refuse it. */
export function tooLarge(path: string): SlipwayError {
  return new SlipwayError('INPUT_INVALID', `${path} is larger than ${MAX_RESULTS_BYTES / 1024 / 1024} MiB`, {
    hint: 'Name a file that `slipway bench --out` wrote.',
    location: path,
  });
}

function parse(document: string, path: string): unknown {
  const fault = (what: string): SlipwayError =>
    new SlipwayError('INPUT_INVALID', `${path} ${what}`, {
      hint: 'Name a file that `slipway bench --out` wrote, whole and unchanged.',
      location: path,
    });
  const plain = document.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw fault('is empty');
  try {
    return JSON.parse(plain) as unknown;
  } catch {
    // V8 says the place only of some faults, and repeats some of the text, which may be anything.
    if (isCut(plain)) throw fault('is cut off: its JSON has no end');
    throw fault(`is not JSON: fault in line ${faultLine(plain)}`);
  }
}

/** Whether more text could make it JSON. */
function isCut(document: string): boolean {
  try {
    JSON.parse(document);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined
      ? message.startsWith('Unexpected end')
      : Number(position) >= document.trimEnd().length;
  }
}

/** By halving: what ends before the fault is only cut off. */
function faultLine(document: string): number {
  let good = 0;
  let bad = document.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isCut(document.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return document.slice(0, good).split('\n').length;
}

/** First what kind of file it is: all else would be said of the wrong thing. */
function checkKind(kind: Place, version: Place): void {
  if (kind.value !== KIND) {
    throw new SlipwayError(
      'INPUT_INVALID',
      `${kind.file} holds no results of \`slipway bench\`: \`kind\` is not \`${KIND}\``,
      {
        hint: 'Name a file that `slipway bench --out` wrote.',
        location: kind.file,
      },
    );
  }
  if (version.value === VERSION) return;
  const found = integer(version, 1);
  throw new SlipwayError('INPUT_INVALID', `${version.file} has schemaVersion ${found}; this slipway reads ${VERSION}`, {
    hint: 'Measure again with this slipway, or use the one that wrote the file.',
    location: version.file,
  });
}

function readMachine(place: Place): BenchMachine {
  const machine = object(place);
  return {
    cores: integer(machine.member('cores'), 1),
    cpu: text(machine.member('cpu')),
    memoryBytes: count(machine.member('memoryBytes')),
    kernel: text(machine.member('kernel')),
    diskWriteBytesPerSecond: number(machine.member('diskWriteBytesPerSecond')),
    tools: record(machine.member('tools'), text),
  };
}

function readProject(place: Place): BenchProject {
  const project = object(place);
  const revision = project.member('revision');
  return {
    module: text(project.member('module')),
    ...(revision.value === undefined ? {} : { revision: text(revision) }),
    isDirty: boolean(project.member('isDirty')),
    program: text(project.member('program')),
    packages: count(project.member('packages')),
    modules: count(project.member('modules')),
  };
}

function readSample(place: Place): BenchSample {
  const sample = object(place);
  const phases = object(sample.member('phases'));
  const packages = sample.member('packagesCompiled');
  return {
    strategy: oneOf(sample.member('strategy'), STRATEGIES),
    scenario: oneOf(sample.member('scenario'), SCENARIOS),
    cgo: oneOf(sample.member('cgo'), [0, 1] as const),
    repeat: integer(sample.member('repeat'), 1),
    isWarmUp: boolean(sample.member('isWarmUp')),
    seconds: number(sample.member('seconds')),
    phases: {
      before: number(phases.member('before')),
      build: number(phases.member('build')),
      after: number(phases.member('after')),
    },
    isCensored: boolean(sample.member('isCensored')),
    steps: array(sample.member('steps')).map(readStep),
    ...(packages.value === undefined ? {} : { packagesCompiled: count(packages) }),
    bytesDown: count(sample.member('bytesDown')),
    bytesUp: count(sample.member('bytesUp')),
    bytesStored: count(sample.member('bytesStored')),
    startedAfter: number(sample.member('startedAfter')),
  };
}

function readStep(place: Place): BenchStep {
  const step = object(place);
  return {
    name: text(step.member('name')),
    seconds: number(step.member('seconds')),
    isCached: boolean(step.member('isCached')),
  };
}

/** What no sample shows by itself: two that are one, and rounds that the run didn't have. */
function checkSamples({ samples, repeats }: BenchResults, file: string): void {
  const seen = new Map<string, number>();
  for (const [index, sample] of samples.entries()) {
    const at = `samples[${index}]`;
    const { strategy, scenario, repeat, isWarmUp } = sample;
    const build = `${cellKey(sample)}/${isWarmUp}/${repeat}`;
    const first = seen.get(build);
    if (first !== undefined) {
      throw new SlipwayError(
        'INPUT_INVALID',
        `${file}: ${at} measures the same as samples[${first}]: ${strategy}/${scenario}, ${isWarmUp ? 'warm-up' : 'repeat'} ${repeat}`,
        {
          hint: 'A build counts once: take one of the two out, or measure again.',
          location: file,
        },
      );
    }
    seen.set(build, index);
    if (!isWarmUp && repeat > repeats) {
      throw new SlipwayError('INPUT_INVALID', `${file}: ${at}.repeat is ${repeat}, but \`repeats\` is ${repeats}`, {
        hint: `Write a number from 1 to ${repeats}.`,
        location: file,
      });
    }
  }
}
