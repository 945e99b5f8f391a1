/** What the runner takes out of a step's log, and what is left for a person to read. */
export interface StepLog {
  readonly text: string;
  readonly annotations: readonly Annotation[];
  readonly masks: readonly string[];
}

export interface Annotation {
  readonly level: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * Reads commands out of both streams as the runner does: `::name key=value::text`, none while `stop-commands` holds, until
 * its token comes. Source: github.com/actions/runner, src/Runner.Worker/ActionCommandManager.cs
 */
export function readLog(output: string): StepLog {
  const text: string[] = [];
  const annotations: Annotation[] = [];
  const masks: string[] = [];
  let token: string | undefined;
  for (const line of output.split('\n')) {
    const command = /^::(?<name>[^\s:]+)(?: (?<list>.*?))?::(?<data>.*)$/.exec(line)?.groups;
    const name = command?.['name'] ?? '';
    const data = unescape(command?.['data'] ?? '');
    if (token !== undefined) {
      if (name === token) token = undefined;
      else text.push(line);
    } else if (name === 'stop-commands') {
      token = data;
    } else if (name === 'add-mask') {
      masks.push(data);
    } else if (['error', 'warning', 'notice'].includes(name)) {
      annotations.push({ level: name, message: data, properties: readProperties(command?.['list'] ?? '') });
    } else {
      text.push(line);
    }
  }
  const masked = masks.reduce((all, mask) => all.replaceAll(mask, '***'), text.join('\n'));
  return { text: masked, annotations, masks };
}

/** `NAME=VALUE`, or `NAME<<END`, lines, `END`, as the runner reads GITHUB_OUTPUT and GITHUB_STATE. */
export function readAssignments(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const [, name, end] = /^([^=]+?)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && end !== undefined) {
      const close = lines.indexOf(end, index + 1);
      if (close < 0) throw new Error(`\`${name}\` has no end`);
      values[name] = lines.slice(index + 1, close).join('\n');
      index = close;
    } else if (line !== '') {
      const equals = line.indexOf('=');
      if (equals < 1) throw new Error(`\`${line}\` assigns nothing`);
      values[line.slice(0, equals)] = line.slice(equals + 1);
    }
  }
  return values;
}

function readProperties(list: string): Readonly<Record<string, string>> {
  const pairs = list.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, unescape(value)]));
}

function unescape(text: string): string {
  return text
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%25', '%');
}
