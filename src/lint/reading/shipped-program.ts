import { posix } from 'node:path';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import { programName } from '../../golang/packages/main-packages.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { CopyStep } from '../facts/step.ts';
import { compiledPrograms } from './compiled-programs.ts';
import { pathPattern } from '../facts/path-pattern.ts';

/** Files that `go build` and `go install` write, absolute; empty when they aren't known. */
export function outputsOf(build: ImageBuild, { run, command }: CommandInRun): readonly string[] {
  const { go } = command;
  if (go?.directory === undefined) return [];
  const output = go.subcommand === 'build' ? findGoFlag(go, 'o')?.value : undefined;
  if (output?.includes('$') === true) return [];
  const mains = compiledPrograms(build, run, command)?.mains ?? [];
  const names = mains.map(({ importPath }) => programName(importPath));
  if (output !== undefined) {
    const path = posix.resolve(go.directory, output);
    return output.endsWith('/') ? names.map((name) => posix.join(path, name)) : [path];
  }
  const bin = command.env.get('GOBIN') ?? `${command.env.get('GOPATH') ?? '/go'}/bin`;
  const directory = go.subcommand === 'install' ? bin : go.directory;
  return names.map((name) => posix.join(directory, name));
}

/** The COPY of the image that takes what a compile of another stage wrote; undefined when none is seen to. */
export function copyOfOutput(build: ImageBuild, compile: CommandInRun): CopyStep | undefined {
  const outputs = outputsOf(build, compile);
  const steps = build.target.chain.flatMap((stage) => stage.steps);
  const copies = steps.filter(
    (step) => step.kind === 'copy' && step.fromStage?.chain.includes(compile.run.stage) === true,
  );
  return copies.find((step): step is CopyStep => {
    if (step.kind !== 'copy') return false;
    return step.sources.some(({ value }) => {
      const source = posix.resolve('/', value);
      if (outputs.length === 0) return !NO_PROGRAM.test(source);
      return outputs.some((output) =>
        source.includes('*') ? pathPattern(source).test(output) : isWithin(output, source),
      );
    });
  });
}

const NO_PROGRAM = /^\/(?:etc|lib|lib64|usr\/lib|usr\/share|var|tmp|root)(?:\/|$)|\/(?:zoneinfo|ca-certificates)/;
