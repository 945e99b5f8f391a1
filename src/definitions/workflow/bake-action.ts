import { bakeBuilds } from '../bake/bake-builds.ts';
import type { BuildInvocation } from '../types.ts';
import { treePath } from '../values/tree-path.ts';
import { labelOf, type StepContext } from './step-context.ts';
import { inputList, inputValue, mayBeTrue } from './step-inputs.ts';

/** The builds of a docker/bake-action step. Source: github.com/docker/bake-action/blob/v6/action.yml */
export function bakeAction(context: StepContext): readonly BuildInvocation[] {
  const { tree, running, place, root } = context;
  const inputs = { file: place.file, running };
  const texts = (name: string): readonly string[] =>
    inputList(inputs, name, /[,\n]/g).map(({ setting }) => setting.text);
  const folder = inputValue(inputs, 'workdir') ?? inputValue(inputs, 'source');
  const directory =
    folder === undefined ? root : treePath(root, folder.text.replace(/^\{\{\s*defaultContext\s*\}\}:?/, './'));
  const noCache = inputValue(inputs, 'no-cache');
  return bakeBuilds({
    tree,
    place,
    directory: directory ?? root,
    files: texts('files').filter((path) => !path.startsWith('cwd://') && !path.includes('${{')),
    targets: texts('targets').filter((name) => !name.includes('${{')),
    overrides: inputList(inputs, 'set').map(({ setting }) => setting),
    environment: (name) => running.lookup(`env.${name}`),
    noCache: noCache === undefined || noCache.text === 'false' ? undefined : noCache,
    isPushed: mayBeTrue(inputValue(inputs, 'push')),
    labelPrefix: `${labelOf(context)}, `,
  });
}
