import type { Completion } from './plan-completion.ts';

/**
 * As cobra's `__complete` answers, so that docker can hand it on: a candidate per line, a tab before what it is about, and
 * at the end `:0` where the shell may add file names, `:4` where not.
 * Source: github.com/spf13/cobra v1.10.1, completions.go, ShellCompDirectiveNoFileComp
 */
export function formatCandidates({ candidates, withFiles }: Completion): string {
  const lines = candidates.map(({ word, about }) => (about === '' ? word : `${word}\t${about}`));
  return [...lines, withFiles ? ':0' : ':4', ''].join('\n');
}
