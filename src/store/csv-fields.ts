/**
 * One line of CSV by RFC 4180 as Go's encoding/csv reads it: fields may be quoted, a quote inside is doubled. Undefined
 * where a quote stands anywhere else.
 */
export function parseCsvFields(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(rest);
    const plain = /^([^",]*)(,|$)/.exec(rest);
    const match = quoted ?? plain;
    if (!match) return undefined;
    fields.push(quoted ? match[1]!.replaceAll('""', '"') : match[1]!);
    if (match[2] === '') return fields;
    rest = rest.slice(match[0].length);
  }
}

export function formatCsvFields(fields: readonly string[]): string {
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
