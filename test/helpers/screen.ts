/** A terminal's screen as far as the progress view needs one: wrapping, scrolling, cursor up, clear below. */
export interface Screen {
  write(text: string): void;
  /** All lines that ever were on it and were not overwritten, without trailing blanks. */
  lines(): readonly string[];
  readonly isCursorHidden: boolean;
}

export function createScreen(columns: number, rows: number): Screen {
  const grid: string[][] = [[]];
  let row = 0;
  let column = 0;
  let isCursorHidden = false;

  const goDown = (): void => {
    row += 1;
    if (row === grid.length) grid.push([]);
  };

  const put = (character: string): void => {
    if (column === columns) {
      column = 0;
      goDown();
    }
    const line = grid[row] as string[];
    while (line.length < column) line.push(' ');
    line[column] = character;
    column += 1;
  };

  const escape = (parameters: string, final: string): void => {
    if (final === 'A') {
      // What has scrolled off the top can't be reached any more.
      const top = Math.max(0, grid.length - rows);
      row = Math.max(top, row - (parameters === '' ? 1 : Number(parameters)));
    } else if (final === 'J') {
      grid.length = row + 1;
      (grid[row] as string[]).length = Math.min((grid[row] as string[]).length, column);
    } else if (final === 'h' || final === 'l') {
      isCursorHidden = final === 'l';
    } else if (final !== 'm') {
      throw new Error(`the screen does not know ESC[${parameters}${final}`);
    }
  };

  return {
    write: (text) => {
      for (const [whole, parameters, final] of text.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|[\s\S]/gu)) {
        if (final !== undefined) escape(parameters ?? '', final);
        else if (whole === '\n') {
          column = 0;
          goDown();
        } else if (whole === '\r') column = 0;
        else put(whole);
      }
    },
    lines: () => {
      const lines = grid.map((line) => line.join('').trimEnd());
      while (lines.at(-1) === '') lines.pop();
      return lines;
    },
    get isCursorHidden() {
      return isCursorHidden;
    },
  };
}
