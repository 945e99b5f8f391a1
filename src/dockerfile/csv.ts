/**
 * The fields of a one-line CSV value, or undefined when its quotes are wrong.
 * Source: github.com/tonistiigi/go-csvvalue/blob/v0.0.0-20240814133006-030d3b2625d0/csvvalue.go, used for --mount and --device.
 */
export function readCsvFields(value: string): readonly string[] | undefined {
  let line = value.replace(/\r?\n$/, '');
  if (line === '') return undefined;
  const fields: string[] = [];
  for (;;) {
    if (!line.startsWith('"')) {
      const comma = line.indexOf(',');
      const field = comma < 0 ? line : line.slice(0, comma);
      if (field.includes('"')) return undefined;
      fields.push(field);
      if (comma < 0) return fields;
      line = line.slice(comma + 1);
      continue;
    }
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(line);
    if (quoted === null) return undefined;
    fields.push((quoted[1] ?? '').replaceAll('""', '"'));
    if (quoted[2] === '') return fields;
    line = line.slice(quoted[0].length);
  }
}
