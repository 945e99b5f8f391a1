import type { FlagSpec } from '../flag-words.ts';
import { DEBUG_FLAG } from '../own-flags.ts';

export const CHANGE_FLAGS: readonly FlagSpec[] = [
  { name: 'change', arity: 'list', placeholder: 'PATH', help: 'A file or directory as if it were edited; repeat it' },
  {
    name: 'since',
    arity: 'value',
    placeholder: 'REV',
    help: 'What differs from a revision of git, the Dockerfile too',
  },
  {
    name: 'change-build-arg',
    arity: 'list',
    placeholder: 'NAME=VALUE',
    help: 'A build argument that gets this value now',
  },
];

export const PAST_FLAGS: readonly FlagSpec[] = [
  {
    name: 'from-log',
    arity: 'value',
    placeholder: 'FILE',
    help: 'A build by anything, by what `--progress=rawjson` wrote (`-`: standard input)',
  },
];

export const EXPLAIN_FLAGS: readonly FlagSpec[] = [
  { name: 'file', short: 'f', arity: 'value', placeholder: 'FILE', help: 'The Dockerfile (default: PATH/Dockerfile)' },
  { name: 'target', arity: 'value', placeholder: 'STAGE', help: 'Stage to build' },
  { name: 'build-arg', arity: 'list', placeholder: 'NAME=VALUE', help: 'A build argument, as in both builds' },
  { name: 'build-context', arity: 'list', placeholder: 'NAME=PATH', help: 'A named context, as in the build' },
  { name: 'platform', arity: 'value', placeholder: 'PLATFORM', help: 'Platform of the build' },
  { name: 'format', arity: 'value', placeholder: 'text|json', help: 'Form of the result' },
  DEBUG_FLAG,
];
