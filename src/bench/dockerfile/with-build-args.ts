import { parseDockerfileStrictly } from '../../dockerfile/parse.ts';
import { applyTextEdits, type TextEdit } from './read-recipe.ts';

/**
 * The Dockerfile with each build argument written into its ARG: all that reads the file, and every builder, then sees the same
 * values. One that no ARG declares has no effect, as in a build.
 */
export function withBuildArgs(text: string, buildArgs: Readonly<Record<string, string | undefined>>): string {
  const { instructions } = parseDockerfileStrictly(text, 'Dockerfile');
  const edits = instructions
    .filter(({ name }) => name === 'arg')
    .flatMap(({ words }) =>
      words.flatMap(({ value, range }): readonly TextEdit[] => {
        const name = value.split('=')[0] ?? '';
        const given = Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
        return given === undefined ? [] : [{ ...range, text: `${name}=${quoted(given)}` }];
      }),
    );
  return applyTextEdits(text, edits);
}

/** In double quotes `\`, `"` and `$` are read by the Dockerfile's own rules. */
function quoted(value: string): string {
  return `"${value.replace(/[\\"$]/g, '\\$&')}"`;
}
