/** What a person reads, before it is text or Markdown: both say the same. */
export interface Section {
  readonly title: string;
  readonly table?: Table;
  readonly lines: readonly Line[];
}

export type Tone = 'good' | 'bad' | 'unsure' | 'plain';

export interface Line {
  readonly tone: Tone;
  readonly text: string;
}

export interface Column {
  readonly title: string;
  readonly isRight: boolean;
  /** Where the terminal is too narrow, columns with a lower rank go first; `always` ones never. */
  readonly rank: number | 'always';
}

export interface Table {
  readonly columns: readonly Column[];
  /** One line for each column. */
  readonly rows: readonly (readonly Line[])[];
}

export function plain(text: string): Line {
  return { tone: 'plain', text };
}

/** A table without the columns in which no row has anything. */
export function withoutEmpty({ columns, rows }: Table): Table {
  const used = columns.map((_, i) => rows.some((row) => (row[i]?.text ?? '') !== ''));
  return {
    columns: columns.filter((_, i) => used[i]),
    rows: rows.map((row) => row.filter((_, i) => used[i])),
  };
}
