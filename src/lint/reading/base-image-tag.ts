import { goLanguageVersion } from '../../golang/module/go-version.ts';
import { replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { Edit } from '../types.ts';

/** Names of the variables in a stage's FROM. */
export function baseVariables({ from }: StageFacts): readonly string[] {
  return [...(from.args[0] ?? '').matchAll(/\$\{?(?<name>\w+)/g)].map((match) => match.groups?.['name'] ?? '');
}

/**
 * Edits that give the golang image of a stage a newer Go: in FROM, or in the default of the ARG that FROM takes it from. undefined with a
 * digest, with a release of Debian that newer images don't have, and where the version isn't written out.
 */
export function raiseGoTag(build: ImageBuild, stage: StageFacts, version: string): readonly Edit[] | undefined {
  const { image } = stage;
  const old = image?.goVersion;
  if (image === undefined || old === undefined || image.digest !== undefined) return undefined;
  const wanted = /^1\.\d+$/.test(old) ? (goLanguageVersion(version) ?? version) : version;
  const place = writtenAt(build, stage, old);
  if (place === undefined) return undefined;
  const behind = build.text.slice(place.end, place.wordEnd);
  const release = /^-alpine\d+\.\d+/.exec(behind)?.[0];
  if (/buster|bullseye|stretch|windows|nano/.test(image.tag ?? '')) return undefined;
  if (release === undefined && /alpine\d/.test(image.tag ?? '')) return undefined;
  return release === undefined
    ? [replace(build.file, place, wanted)]
    : [replace(build.file, { start: place.start, end: place.end + release.length }, `${wanted}-alpine`)];
}

interface WrittenVersion {
  readonly start: number;
  readonly end: number;
  /** Of the word that the version stands in. */
  readonly wordEnd: number;
}

function writtenAt(build: ImageBuild, stage: StageFacts, version: string): WrittenVersion | undefined {
  const word = stage.from.words[0]?.range;
  if (word === undefined) return undefined;
  const inFrom = build.text.slice(word.start, word.end).indexOf(`:${version}`);
  if (inFrom >= 0) {
    const start = word.start + inFrom + 1;
    return { start, end: start + version.length, wordEnd: word.end };
  }
  const names = baseVariables(stage);
  for (const node of build.tree.instructions) {
    if (node.name === 'from') break;
    if (node.name !== 'arg') continue;
    for (const { range } of node.words) {
      const text = build.text.slice(range.start, range.end);
      const name = /^\w+/.exec(text)?.[0] ?? '';
      const found = /^\w+=["']?(?:[^"'\s]*:)?/.exec(text)?.[0];
      if (!names.includes(name) || found === undefined || !text.slice(found.length).startsWith(version)) continue;
      const start = range.start + found.length;
      return { start, end: start + version.length, wordEnd: range.end };
    }
  }
  return undefined;
}
