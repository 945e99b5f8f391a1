import { formatBytes } from '../core/size.ts';
import type { BenchMachine, BenchResults } from './results.ts';

/** Something besides the code that differs between two runs. */
export interface Caution {
  readonly kind: 'machine' | 'tool' | 'project' | 'isolation' | 'length' | 'all-moved';
  readonly text: string;
}

/** Memory and disk speed are never the same twice: from here on they count as another. */
const MEMORY_TOLERANCE = 1.1;
const DISK_TOLERANCE = 2;

/** Everything that two runs should have had in common, and hadn't. The revision is not: it is what one compares. */
export function compareSetups(before: BenchResults, after: BenchResults): readonly Caution[] {
  const cautions: Caution[] = [...compareMachines(before.machine, after.machine)];
  const differ = (kind: Caution['kind'], what: string, a: string, b: string): void => {
    if (a !== b) cautions.push({ kind, text: `${what}: ${a} before, ${b} after` });
  };
  const names = new Set([...Object.keys(before.machine.tools), ...Object.keys(after.machine.tools)]);
  // slipway's own version is, like the revision, what one may want to compare.
  for (const name of [...names].filter((name) => name !== 'slipway').toSorted()) {
    differ('tool', name, before.machine.tools[name] ?? 'none', after.machine.tools[name] ?? 'none');
  }
  differ('project', 'module', before.project.module, after.project.module);
  differ('project', 'program', before.project.program, after.project.program);
  differ('isolation', 'isolation', before.isolation, after.isolation);
  for (const [word, { isPartial, isQuick }] of [['before', before] as const, ['after', after] as const]) {
    if (isPartial) cautions.push({ kind: 'length', text: `the run ${word} was stopped before its end` });
    else if (isQuick) cautions.push({ kind: 'length', text: `the run ${word} was a quick one` });
  }
  return cautions;
}

function compareMachines(before: BenchMachine, after: BenchMachine): readonly Caution[] {
  const facts: readonly (readonly [string, string, string, boolean])[] = [
    ['processor', before.cpu, after.cpu, before.cpu !== after.cpu],
    ['cores', String(before.cores), String(after.cores), before.cores !== after.cores],
    ['kernel', before.kernel, after.kernel, before.kernel !== after.kernel],
    ['memory', ...sizes(before.memoryBytes, after.memoryBytes, MEMORY_TOLERANCE)],
    [
      'bytes written to disk in a second',
      ...sizes(before.diskWriteBytesPerSecond, after.diskWriteBytesPerSecond, DISK_TOLERANCE),
    ],
  ];
  return facts
    .filter(([, , , isOther]) => isOther)
    .map(([what, a, b]) => ({ kind: 'machine', text: `${what}: ${a} before, ${b} after` }));
}

function sizes(before: number, after: number, tolerance: number): readonly [string, string, boolean] {
  const isOther = Math.max(before, after) > tolerance * Math.min(before, after);
  return [formatBytes(before), formatBytes(after), isOther];
}
