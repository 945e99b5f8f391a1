import { joinPath } from '../../dockerfile/go-text.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';

/** A `git clone` of something that moves: a branch, or whatever the default one is. */
export interface Clone {
  /** Where it lies, absolute. */
  readonly directory: string;
  /** As written; undefined for the default one. */
  readonly branch: string | undefined;
}

/** Options of `git clone` that take the next word. Source: https://git-scm.com/docs/git-clone */
const WITH_VALUE =
  /^(?:-b|--branch|--depth|-o|--origin|-j|--jobs|-c|--config|--filter|--reference|--separate-git-dir|--template|-u|--upload-pack|--shallow-since|--shallow-exclude|--revision|--server-option|--bundle-uri)$/;

/** undefined for other commands, for a tag or a commit, and where words aren't known. */
export function readClone(command: CommandFacts): Clone | undefined {
  const { argv, words, program, cwd } = command;
  const at = argv.indexOf('clone');
  if (program !== 'git' || at < 0 || command.hasMoreWords || words.some(({ value }) => value === undefined))
    return undefined;
  const plain: string[] = [];
  let branch: string | undefined;
  for (let index = at + 1; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const inline = /^(?:--branch=|-b)(?<name>.+)$/.exec(word)?.groups?.['name'];
    if (/^--revision\b/.test(word)) return undefined;
    if (inline !== undefined) branch = inline;
    else if (WITH_VALUE.test(word)) {
      index++;
      if (word === '-b' || word === '--branch') branch = argv[index];
    } else if (!word.startsWith('-')) plain.push(word);
  }
  const [url = '', given] = plain;
  if (!/^(?:https?|git|ssh):\/\/|^git@/.test(url) || (branch !== undefined && !MOVING.test(branch))) return undefined;
  const name =
    given ??
    url
      .replace(/\/+$/, '')
      .split(/[/:]/)
      .at(-1)
      ?.replace(/\.git$/, '') ??
    '';
  if (name === '' || (!name.startsWith('/') && cwd === undefined)) return undefined;
  return { directory: joinPath(name.startsWith('/') ? '/' : (cwd ?? '/'), name), branch };
}

/** Names of branches; a release branch or a tag of any other name may stay where it is. */
const MOVING = /^(?:main|master|develop|dev|trunk|next|edge|nightly|HEAD|stable|latest)$/;

/** Does a later command set the clone to a commit or a tag, or may it? */
export function isPinnedLater(
  { runs }: ImageBuild,
  run: RunStep,
  { command, clone }: { readonly command: CommandFacts; readonly clone: Clone },
): boolean {
  const after = runs.filter((each) => each.stage.chain.includes(run.stage));
  const commands = after.flatMap((each) => each.commands);
  return commands.slice(commands.indexOf(command) + 1).some((each) => {
    if (each.program !== 'git') return false;
    const words = each.argv.slice(1);
    const at = words.findIndex((word) => /^(?:checkout|reset|switch|fetch|pull|apply|am|submodule)$/.test(word));
    if (at < 0 || /^(?:apply|am|submodule)$/.test(words[at] ?? '')) return false;
    const refs = words.slice(at + 1).filter((word) => !word.startsWith('-'));
    const isElsewhere =
      each.cwd !== undefined && !each.argv.includes('-C') && !`${each.cwd}/`.startsWith(`${clone.directory}/`);
    return !isElsewhere && refs.some((ref) => !MOVING.test(ref.replace(/^origin\//, '')) && ref !== 'origin');
  });
}
