import { readScriptBuilds } from '../commands/read-script.ts';
import type { BuildInvocation } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { treePath } from '../values/tree-path.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';
import { evaluateTemplate, type Lookup } from './expression.ts';
import { labelOf, type StepContext } from './step-context.ts';

/** The builds of a `run:` step. */
export function scriptBuilds(context: StepContext, placed: PlacedText): readonly BuildInvocation[] {
  const { tree, running, place, root } = context;
  const { step, lookup } = running;
  const folder = step.workingDirectory === undefined ? undefined : evaluateTemplate(step.workingDirectory.text, lookup);
  const directory =
    folder === undefined ? root : folder.certainty === 'known' ? treePath(root, folder.text) : undefined;
  return readScriptBuilds({
    tree,
    placed,
    place,
    label: labelOf(context),
    directory,
    followsCalls: true,
    variables: shellEnvironment(lookup, placed.text),
    template: (text) => evaluateTemplate(text, lookup),
    isMakefile: false,
  });
}

/** The `env` values that the script names. */
function shellEnvironment(lookup: Lookup, script: string): ReadonlyMap<string, Known> {
  const variables = new Map<string, Known>();
  for (const name of new Set(script.match(/[A-Za-z_][A-Za-z0-9_]*/g))) {
    const value = lookup(`env.${name}`);
    if (value !== undefined) variables.set(name, value);
  }
  return variables;
}
