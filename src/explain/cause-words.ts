import type { Cause } from './types.ts';

const WORDS: Readonly<Record<Cause['kind'], string>> = {
  file: 'file',
  argument: 'build argument',
  variable: 'ENV',
  image: 'base image',
  instruction: 'instruction:',
  remote: 'remote source',
  output: 'stage',
  step: 'the step above:',
  new: 'new:',
  gone: '',
  unknown: '',
};

/** `file main.go changed`, `the step above: COPY in line 4 re-runs`. */
export function formatCause({ kind, subject, detail }: Cause): string {
  return `${WORDS[kind]} ${subject} ${kind === 'output' ? `re-runs: ${detail}` : detail}`.trimStart();
}
