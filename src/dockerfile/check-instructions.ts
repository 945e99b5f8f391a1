import { nearestWord } from '../core/nearest-word.ts';
import { readCsvFields } from './csv.ts';
import { isFlagProblem, readFlags, type FlagValues } from './flags.ts';
import { isGoDuration } from './go-duration.ts';
import { trimSpace } from './go-text.ts';
import { readHeredocStart } from './heredoc.ts';
import type { Instruction, InstructionNode, Problem } from './tree.ts';
import { WordError } from './word-error.ts';

type Trouble = Pick<Problem, 'message' | 'hint'>;

/**
 * What BuildKit refuses when it turns parsed lines into instructions.
 * Source: Parse, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/instructions/parse.go#L178
 */
export function checkInstructions(nodes: readonly InstructionNode[]): readonly Problem[] {
  const problems: Problem[] = [];
  let hasStage = false;
  for (const node of nodes) {
    const trouble =
      checkInstruction(node) ?? (hasStage || node.name === 'from' || node.name === 'arg' ? undefined : BEFORE_FROM);
    if (trouble !== undefined) problems.push({ phase: 'instruction', line: node.startLine, ...trouble });
    if (node.name === 'from') hasStage = true;
  }
  const last = nodes.at(-1);
  if (!hasStage && last !== undefined) {
    const hint = 'Add a FROM line, for example `FROM golang:1.26`.';
    problems.push({ phase: 'instruction', line: last.startLine, message: 'the file has no FROM', hint });
  }
  return problems;
}

const BEFORE_FROM: Trouble = { message: 'only ARG may stand before the first FROM', hint: 'Move it behind FROM.' };

/** What BuildKit refuses in one instruction by itself. */
export function checkInstruction(node: Instruction): Trouble | undefined {
  const { name, args } = node;
  switch (name) {
    case 'env':
    case 'label':
      return checkFlags(node) ?? checkPairs(node);
    case 'maintainer':
    case 'workdir':
    case 'user':
      return expectArguments(node, 1, 1) ?? checkFlags(node);
    case 'stopsignal':
      return expectArguments(node, 1, 1);
    case 'add':
    case 'copy':
      return expectArguments(node, 2) ?? checkFlags(node) ?? checkDestination(node);
    case 'from':
      return checkFrom(node) ?? checkFlags(node);
    case 'onbuild':
      return expectArguments(node, 1) ?? checkFlags(node) ?? checkTrigger(args[0] ?? '');
    case 'run':
      return checkRun(node);
    case 'cmd':
    case 'entrypoint':
      return checkFlags(node);
    case 'healthcheck':
      return checkHealthcheck(node);
    case 'expose':
      return expectArguments(node, 1) ?? checkFlags(node);
    case 'volume':
      return expectArguments(node, 1) ?? checkFlags(node) ?? checkVolumes(args);
    case 'arg':
      return expectArguments(node, 1) ?? (args.some((arg) => arg.startsWith('=')) ? blankName('ARG') : undefined);
    case 'shell':
      return checkFlags(node) ?? checkShell(node);
    default:
      return { message: `unknown instruction \`${node.keyword}\``, hint: unknownHint(node.keyword) };
  }
}

const KEYWORDS = [
  ...['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER'],
  ...['ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
];

function unknownHint(keyword: string): string {
  const nearest = nearestWord(keyword, KEYWORDS);
  return nearest === undefined ? 'Is a `\\` missing at the end of the line above?' : `Did you mean \`${nearest}\`?`;
}

function expectArguments(node: Instruction, least: number, most = Number.POSITIVE_INFINITY): Trouble | undefined {
  const count = node.args.length;
  if (count >= least && count <= most) return undefined;
  const keyword = node.name.toUpperCase();
  if (least === 2)
    return { message: `${keyword} needs a source and a destination`, hint: `Write ${keyword} source /destination/.` };
  const wanted = most === 1 ? 'exactly one argument' : 'at least one argument';
  return { message: `${keyword} needs ${wanted}`, hint: `Add it behind ${keyword}.` };
}

function checkFlags(node: Instruction): Trouble | undefined {
  const flags = readFlags(node);
  return isFlagProblem(flags) ? flags : undefined;
}

function checkPairs(node: Instruction): Trouble | undefined {
  const missing = expectArguments(node, 1);
  if (missing !== undefined) return missing;
  return node.args.some((arg, index) => index % 3 === 0 && arg === '') ? blankName(node.name.toUpperCase()) : undefined;
}

function blankName(keyword: string): Trouble {
  return { message: `a name in ${keyword} is blank`, hint: `Write ${keyword} name=value.` };
}

function checkDestination(node: Instruction): Trouble | undefined {
  const destination = node.args.at(-1) ?? '';
  try {
    if (readHeredocStart(destination) === undefined) return undefined;
  } catch (error) {
    // BuildKit takes a name with open quotes for a path.
    if (error instanceof WordError) return undefined;
    throw error;
  }
  return {
    message: `a here-document can't be the destination of ${node.name.toUpperCase()}`,
    hint: `Write ${node.name.toUpperCase()} ${destination} /path.`,
  };
}

function checkFrom(node: Instruction): Trouble | undefined {
  const [, as, name = ''] = node.args;
  if (node.args.length === 1) return undefined;
  if (node.args.length !== 3 || as?.toLowerCase() !== 'as') {
    return { message: 'FROM takes an image, or an image, AS and a name', hint: 'Write FROM image AS name.' };
  }
  if (/^[a-z][a-z0-9\-_.]*$/.test(name.toLowerCase())) return undefined;
  const hint = 'A name starts with a letter and has letters, digits, `-`, `_` and `.`.';
  return { message: `\`${name}\` can't be the name of a stage`, hint };
}

function checkTrigger(trigger: string): Trouble | undefined {
  const name = trimSpace(trigger).toUpperCase();
  if (name !== 'ONBUILD' && name !== 'MAINTAINER' && name !== 'FROM') return undefined;
  return {
    message: `${name} can't stand behind ONBUILD`,
    hint: 'Remove the line, or write it without ONBUILD in the other file.',
  };
}

function checkRun(node: Instruction): Trouble | undefined {
  const flags = readFlags(node);
  if (isFlagProblem(flags)) return flags;
  return checkMounts(flags) ?? checkNetwork(flags) ?? checkSecurity(flags) ?? checkDevices(flags);
}

/** Most of a mount is only looked at when its variables are expanded: see run-mount.ts. */
function checkMounts(flags: FlagValues): Trouble | undefined {
  for (const value of flags.get('mount') ?? []) {
    const fields = readCsvFields(value);
    if (fields === undefined)
      return {
        message: `\`--mount=${value}\` is no list of key=value`,
        hint: 'Write --mount=type=cache,target=/path.',
      };
    for (const field of fields) {
      const [key = '', ...rest] = field.split('=');
      const dollar = rest.join('=').indexOf('$');
      if (key.toLowerCase() === 'from' && dollar >= 0 && dollar !== rest.join('=').length - 1) {
        return {
          message: `\`${field}\` can't hold a variable`,
          hint: 'Name a stage with FROM ${variable} AS name and mount from that.',
        };
      }
    }
  }
  return undefined;
}

function checkNetwork(flags: FlagValues): Trouble | undefined {
  const [mode = 'default'] = flags.get('network') ?? [];
  if (mode === 'default' || mode === 'none' || mode === 'host') return undefined;
  return { message: `\`--network=${mode}\` is no network mode`, hint: 'Write default, none or host.' };
}

function checkSecurity(flags: FlagValues): Trouble | undefined {
  const [mode = 'sandbox'] = flags.get('security') ?? [];
  if (mode === 'sandbox' || mode === 'insecure') return undefined;
  return { message: `\`--security=${mode}\` is no security mode`, hint: 'Write sandbox or insecure.' };
}

/** Source: ParseDevice, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/instructions/commands_rundevice.go#L68 */
function checkDevices(flags: FlagValues): Trouble | undefined {
  for (const value of flags.get('device') ?? []) {
    const fields = readCsvFields(value);
    const trouble: Trouble = {
      message: `\`--device=${value}\` is no device`,
      hint: 'Write --device=vendor.com/class=name,required.',
    };
    if (fields === undefined) return trouble;
    let name = '';
    for (const field of fields) {
      const equals = field.indexOf('=');
      const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
      if (key === 'required') {
        if (equals >= 0 && !GO_BOOL.test(field.slice(equals + 1))) return trouble;
      } else if (name !== '') {
        return trouble;
      } else name = key === 'name' && equals >= 0 ? field.slice(equals + 1) : field;
    }
  }
  return undefined;
}

/** strconv.ParseBool */
export const GO_BOOL: RegExp = /^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/;

function checkHealthcheck(node: Instruction): Trouble | undefined {
  const missing = expectArguments(node, 1);
  if (missing !== undefined) return missing;
  const [type = '', ...command] = node.args;
  if (type.toUpperCase() === 'NONE') {
    return command.length === 0
      ? undefined
      : { message: 'HEALTHCHECK NONE takes no arguments', hint: 'Remove what follows NONE.' };
  }
  const flags = readFlags(node);
  if (isFlagProblem(flags)) return flags;
  if (type.toUpperCase() !== 'CMD')
    return { message: `HEALTHCHECK has no type \`${type}\``, hint: 'Write HEALTHCHECK CMD command.' };
  if (command.length === 0)
    return { message: 'HEALTHCHECK CMD needs a command', hint: 'Write HEALTHCHECK CMD command.' };
  for (const name of ['interval', 'timeout', 'start-period', 'start-interval']) {
    const [value = ''] = flags.get(name) ?? [];
    if (value !== '' && !isGoDuration(value)) {
      return { message: `\`--${name}=${value}\` is no duration of at least 1ms`, hint: `Write --${name}=30s.` };
    }
  }
  const [retries = ''] = flags.get('retries') ?? [];
  const count = /^[+-]?\d+$/.test(retries) ? Number(retries) : Number.NaN;
  if (retries === '' || (count >= 0 && count <= 0x7fffffff)) return undefined;
  return { message: `\`--retries=${retries}\` is no count`, hint: 'Write --retries=3.' };
}

function checkVolumes(args: readonly string[]): Trouble | undefined {
  if (args.every((arg) => trimSpace(arg) !== '')) return undefined;
  return { message: 'a VOLUME is empty', hint: 'Write VOLUME /path.' };
}

function checkShell(node: Instruction): Trouble | undefined {
  if (node.args.length === 0) return expectArguments(node, 1);
  if (node.json) return undefined;
  return { message: 'SHELL takes a JSON array only', hint: 'Write SHELL ["/bin/sh", "-c"].' };
}
