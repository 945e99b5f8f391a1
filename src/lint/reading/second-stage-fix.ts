import { insertAfter, replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { Fix } from '../types.ts';
import { cgoSetting } from './cgo-setting.ts';
import type { ImageCommand } from './image-command.ts';
import { outputsOf } from './shipped-program.ts';

/**
 * A second stage with the program alone, for the plain case: one stage, a static program at an absolute path, nothing but settings of the
 * image behind the compile.
 */
export function secondStageFix(build: ImageBuild, compile: CommandInRun, command: ImageCommand): Fix | undefined {
  const { target, file } = build;
  const { run } = compile;
  const [output, ...more] = outputsOf(build, compile);
  const word = target.from.words[0]?.range;
  const isPlain = build.stages.length === 1 && compile.command.file === file && cgoSetting(compile.command) === 'off';
  if (!isPlain || output === undefined || more.length > 0 || word === undefined || target.platform !== undefined)
    return undefined;
  if (!command.isExecForm || command.words[0] !== output || /[^\w./-]/.test(output)) return undefined;
  const behind = target.steps.slice(run.index + 1);
  const before = target.steps.slice(0, run.index);
  if (behind.some(({ node }) => !SETTINGS.has(node.name))) return undefined;
  if (before.some((step) => step.kind === 'env' && step.declares.some(({ name }) => !/^(?:GO|CGO_)/.test(name))))
    return undefined;
  if (before.some(({ node }) => SETTINGS.has(node.name) && node.name !== 'env')) return undefined;
  const name = target.name ?? 'build';
  const naming = target.name === undefined ? [replace(file, { start: word.end, end: word.end }, ' AS build')] : [];
  return {
    isSafe: false,
    title: 'Put the program into a second stage',
    edits: [...naming, insertAfter(build, run, ['FROM alpine:3.22', `COPY --from=${name} ${output} ${output}`])],
  };
}

const SETTINGS: ReadonlySet<string> = new Set([
  'cmd',
  'entrypoint',
  'expose',
  'env',
  'label',
  'healthcheck',
  'stopsignal',
]);
