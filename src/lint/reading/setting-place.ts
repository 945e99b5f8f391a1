import { removeCommand, removeStep } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import type { Fix, Problem } from '../types.ts';

export interface SettingPlace {
  readonly file: string;
  readonly range: Problem['range'];
  /** Takes the setting out, where that is all its instruction or word does. */
  readonly fix: Fix | undefined;
}

export interface SettingQuestion {
  readonly command: CommandFacts;
  readonly name: string;
}

/** Where it is set: before the command, by an earlier one of the RUN, by `go env -w`, by ENV or ARG. */
export function settingPlace(build: ImageBuild, run: RunStep, { command, name }: SettingQuestion): SettingPlace {
  const earlier = run.commands.slice(0, run.commands.indexOf(command) + 1).toReversed();
  for (const each of earlier) {
    const own = each.assignments.find((one) => one.name === name);
    if (own === undefined || each.file !== build.file) continue;
    if (!own.isExact) return { file: build.file, range: own.range, fix: undefined };
    const isAlone = each.isSetting && each.assignments.length === 1;
    const end = own.range.end + (/^[ \t]*/.exec(build.text.slice(own.range.end))?.[0].length ?? 0);
    const edits = isAlone
      ? removeCommand(build, run, each)
      : [{ kind: 'replace' as const, file: build.file, range: { start: own.range.start, end }, text: '' }];
    return { file: build.file, range: own.range, fix: fixOf(name, edits) };
  }
  const steps = run.stage.chain.flatMap(({ steps: own }) => own).toReversed();
  for (const step of steps) {
    if (step.kind === 'run') {
      const each = step.commands.find(
        (one) => one.isSetting && /\bgo\s+env\s+-w\b/.test(one.text) && one.text.includes(name),
      );
      if (each !== undefined && each.file === build.file)
        return { file: build.file, range: each.range, fix: fixOf(name, removeCommand(build, step, each)) };
      continue;
    }
    if (step.kind !== 'env' && step.kind !== 'arg') continue;
    const declared = step.declares.find((one) => one.name === name);
    if (declared?.range === undefined) continue;
    const edits = step.declares.length === 1 ? [removeStep(build, step)] : undefined;
    return { file: build.file, range: declared.range, fix: fixOf(name, edits) };
  }
  const range = command.file === build.file ? command.range : run.node.keywordRange;
  return { file: build.file, range, fix: undefined };
}

function fixOf(name: string, edits: Fix['edits'] | undefined): Fix | undefined {
  return edits && { isSafe: false, title: `Remove ${name}`, edits };
}
