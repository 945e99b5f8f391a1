import { SlipwayError } from '../core/errors.ts';
import { isRemoteContext } from '../definitions/values/tree-path.ts';
import { parsePlatform } from '../dockerfile/platform.ts';
import type { ImageInput } from './inputs.ts';

interface Grammar {
  /** How an input of the action is called, and a field of `images`. */
  readonly input: string;
  readonly field: string;
  readonly isValid: (value: string) => boolean;
  readonly example: string;
}

/** The lists of a build whose values have a grammar: what buildx would refuse later is refused here, where it is told. */
const GRAMMARS: Readonly<Record<'platforms' | 'buildArgs' | 'buildContexts', Grammar>> = {
  platforms: {
    input: 'platforms',
    field: 'platforms',
    isValid: (value) => parsePlatform(value) !== undefined,
    example: 'linux/amd64',
  },
  buildArgs: {
    input: 'build-args',
    field: 'build-arg',
    isValid: (value) => /^[^=\s]+(?:=|$)/.test(value),
    example: 'VERSION=1.2',
  },
  buildContexts: {
    input: 'build-contexts',
    field: 'build-context',
    isValid: (value) => /^[^=\s]+=./.test(value),
    example: 'proto=../proto',
  },
};

/** Gives the build back, or refuses what can't be one. `line`: of the input `images`, where that says the build. */
export function checkImage(image: ImageInput, line?: number): ImageInput {
  if (isRemoteContext(image.context)) {
    throw new SlipwayError('USAGE', `the context \`${image.context}\` is an address, and mounts are found in files`, {
      hint: 'Give the directory of the checkout as `context`, `.` for instance: the mounts are the same.',
    });
  }
  for (const list of ['platforms', 'buildArgs', 'buildContexts'] as const) {
    const { input, field, isValid, example } = GRAMMARS[list];
    const wrong = image[list].find((value) => !isValid(value));
    if (wrong === undefined) continue;
    const place = line === undefined ? `the input \`${input}\`` : `\`${field}\` in line ${line} of \`images\``;
    const shown = line === undefined ? example : `${field}=${example}`;
    throw new SlipwayError('USAGE', `${place} can't be \`${wrong}\``, { hint: `Write it like \`${shown}\`.` });
  }
  return image;
}
