import type { FlagSpec } from '../flag-words.ts';
import { DEBUG_FLAG } from '../own-flags.ts';

export const FORMATS: readonly string[] = ['text', 'json', 'sarif', 'github', 'checkstyle', 'gitlab'];

export const FIX_FLAGS: readonly FlagSpec[] = [
  { name: 'fix', arity: 'switch', help: 'Apply the safe fixes to the files' },
  { name: 'unsafe-fixes', arity: 'switch', help: 'With --fix or --diff: the others too' },
  { name: 'diff', arity: 'switch', help: 'Print the fixes as a patch and write nothing' },
];

export const LINT_FLAGS: readonly FlagSpec[] = [
  { name: 'format', arity: 'value', placeholder: FORMATS.join('|'), help: 'Form of the result' },
  {
    name: 'failure-threshold',
    arity: 'value',
    placeholder: 'SEVERITY',
    help: 'The lightest finding that gives exit code 1: info, low (default), medium, high or none',
  },
  { name: 'rule', arity: 'list', placeholder: 'ID=SETTING', help: 'A rule `off`, or with another severity' },
  { name: 'target', arity: 'value', placeholder: 'STAGE', help: 'The stage that is built (default: all that can be)' },
  { name: 'build-arg', arity: 'list', placeholder: 'NAME=VALUE', help: 'A build argument, as in the build' },
  {
    name: 'stdin',
    arity: 'value',
    placeholder: 'NAME',
    help: 'Read a Dockerfile from standard input; NAME is where it would lie',
  },
  DEBUG_FLAG,
];

export const ASK_FLAGS: readonly FlagSpec[] = [
  { name: 'list-rules', arity: 'switch', help: 'Print all rules' },
  { name: 'explain', arity: 'value', placeholder: 'RULE', help: "Print a rule's page" },
];
