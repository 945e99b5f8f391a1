const START = '<!-- results: written by `node bench/report.ts` -->';
const END = '<!-- end of results -->';

/** The page with everything between the two markers replaced. */
export function replaceBetweenMarkers(page: string, text: string): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the page lacks its markers \`${START}\` and \`${END}\``);
  return `${page.slice(0, start)}${START}\n\n${text}\n\n${page.slice(end)}`;
}
