/** The parts of docs/benchmarks.md and docs/scale.md that programs write, by name. */
const PARTS = {
  results: ['<!-- results: written by `node bench/report.ts` -->', '<!-- end of results -->'],
  trees: ['<!-- trees: written by `node bench/report.ts` -->', '<!-- end of trees -->'],
  article: ['<!-- article: written by `node bench/article.ts` -->', '<!-- end of article -->'],
  history: ['<!-- history: written by `node bench/history.ts` -->', '<!-- end of history -->'],
  transport: ['<!-- transport: written by `node bench/transport.ts` -->', '<!-- end of transport -->'],
  packs: ['<!-- packs: written by `node bench/packs.ts` -->', '<!-- end of packs -->'],
  'base images': ['<!-- base images: written by `node bench/base-image.ts` -->', '<!-- end of base images -->'],
  counts: ['<!-- counts: written by `node bench/scale.ts` -->', '<!-- end of counts -->'],
  costs: ['<!-- costs: written by `node bench/scale.ts` -->', '<!-- end of costs -->'],
} as const;

/** The page with everything between the two markers replaced. */
export function replaceBetweenMarkers(page: string, text: string, part: keyof typeof PARTS = 'results'): string {
  const [open, close] = PARTS[part];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`the page lacks its markers \`${open}\` and \`${close}\``);
  return `${page.slice(0, start)}${open}\n\n${text}\n\n${page.slice(end)}`;
}
