import type { Fault } from './run-slipway.ts';

/** A fault as an annotation tells it: what is wrong and what to write instead, in the words of a workflow. */
export function tellFault(fault: Fault): string {
  return sentence(fault.message, hintFor(fault));
}

/** What is missing in a job is mostly a step before this one. */
function hintFor({ code, hint }: Fault): string | undefined {
  if (code === 'ENGINE_MISSING')
    return 'Put a step with `docker/setup-buildx-action` before this one, or name its `builder`.';
  if (code === 'DOCKERFILE_MISSING')
    return 'Correct `context` or `file`, or put a step with `actions/checkout` before this one.';
  return hint;
}

/** What is wrong, and what to write instead, as sentences in the words of a workflow. */
export function sentence(message: string, hint: string | undefined): string {
  const parts = hint === undefined ? [message] : [message, `${hint.charAt(0).toUpperCase()}${hint.slice(1)}`];
  return inputWords(parts.map((part) => (/[.?!]$/.test(part) ? part : `${part}.`)).join(' '));
}

/** Flags of the CLI that an input stands for, by the input's name where that is another one. */
const RENAMED: Readonly<Record<string, string>> = {
  '-f': 'file',
  '--platform': 'platforms',
  '--build-arg': 'build-args',
  '--build-context': 'build-contexts',
};
const SAME = ['file', 'target', 'builder', 'store', 'scope', 'trust', 'trusted-keys', 'failure-threshold'];

/** Who reads an annotation wrote inputs, and no flags. */
function inputWords(text: string): string {
  return text.replace(/`(--?[a-z-]+)`/g, (quoted, flag: string) => {
    const name = RENAMED[flag] ?? SAME.find((each) => flag === `--${each}`);
    return name === undefined ? quoted : `\`${name}\``;
  });
}
