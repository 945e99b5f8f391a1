import { findGoFlag, isSwitchedOn } from '../../dockerfile/go-command/read-go-command.ts';
import { replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { GoUse } from '../facts/go-use.ts';
import { commandName } from '../reading/command-name.ts';
import { copyOfOutput } from '../reading/shipped-program.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const debugInfoLinkedAndShipped: BuildRule = {
  id: 'debug-info-linked-and-shipped',
  number: 52,
  subject: 'build',
  group: 'image',
  severity: 'info',
  fix: 'unsafe',
  summary: 'a release program is linked with DWARF, which is half of the link on each edit',
  check: (build) => (isForDebugging(build) ? [] : build.flows.flatMap(({ compile }) => checkCompile(build, compile))),
};

function checkCompile(build: ImageBuild, compile: CommandInRun): readonly Problem[] {
  const { run, command } = compile;
  const { go } = command;
  if (go === undefined || !isRelease(go) || hasNoDebugInfo(go)) return [];
  const isShipped = build.target.chain.includes(run.stage) || copyOfOutput(build, compile) !== undefined;
  if (!isShipped) return [];
  const edits = editsOf(build, compile, go);
  const fix: Fix | undefined = edits && { isSafe: false, title: 'Link without debug information', edits };
  return [
    {
      file: build.file,
      range: command.file === build.file ? command.range : run.node.keywordRange,
      message: `${commandName(command)} links DWARF into the program, and each edit links it anew: \`-ldflags="-s -w"\` leaves it out`,
      cost: 'about half of the time of a build with a warm cache, and a third of the file',
      ...(fix === undefined ? {} : { fix }),
    },
  ];
}

/** A debug variant by its name or its image, or programs that are stripped afterwards. */
function isForDebugging({ target, targetOrigin, file, runs }: ImageBuild): boolean {
  const image = target.chain.at(-1)?.image?.tag ?? '';
  return (
    targetOrigin === 'leaf' ||
    [target.name ?? '', file, image].some((name) =>
      /(?:^|[./_-])(?:debug\w*|dev|develop\w*|tests?)(?:$|[./_-])/i.test(name),
    ) ||
    runs.some(({ commands }) =>
      commands.some(({ text, program }) => /\bdlv\b|\bdelve\b/.test(text) || STRIPPERS.test(program)),
    )
  );
}

const STRIPPERS = /(?:^|-)(?:strip|upx)$/;

/** `go build` and `go install` of the repository's own program, with flags that can be read. */
function isRelease(go: GoUse): boolean {
  if (go.subcommand !== 'build' && go.subcommand !== 'install') return false;
  if (!/^(?:xx-)?go$/.test(go.program) || go.packages.some(({ text }) => text.includes('@'))) return false;
  const gcflags = findGoFlag(go, 'gcflags')?.value ?? '';
  return (
    go.isComplete &&
    !/-N\b|-dwarf/.test(gcflags) &&
    !isSwitchedOn(go, 'race') &&
    findGoFlag(go, 'buildmode') === undefined
  );
}

/** `-s` leaves DWARF out too. Source: https://pkg.go.dev/cmd/link */
function hasNoDebugInfo(go: GoUse): boolean {
  const value = findGoFlag(go, 'ldflags')?.value ?? '';
  return value.includes('$') || value.split(/[\s'"]+/).some((word) => /^--?[sw](?:=(?:true|1))?$/.test(word));
}

/** Into the quotes of `-ldflags`, or a flag of its own behind the subcommand. */
function editsOf(build: ImageBuild, { run, command }: CommandInRun, go: GoUse): readonly Edit[] | undefined {
  if (command.file !== build.file || run.isTrigger) return undefined;
  const flag = findGoFlag(go, 'ldflags');
  if (flag === undefined) {
    const word = command.words.find(({ text }) => text === go.subcommand);
    if (word?.isExact !== true) return undefined;
    return [replace(build.file, { start: word.range.end, end: word.range.end }, ' -ldflags="-s -w"')];
  }
  const word = flag.words.at(-1);
  if (word?.isExact !== true) return undefined;
  const text = build.text.slice(word.range.start, word.range.end);
  const opening = (flag.words.length === 2 ? /^["']/ : /^(?:["']--?ldflags=|--?ldflags=["'])/).exec(text)?.[0];
  if (opening === undefined) return undefined;
  const start = word.range.start + opening.length;
  return [replace(build.file, { start, end: start }, '-s -w ')];
}
