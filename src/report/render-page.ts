import { digestOf, hexOf } from '../core/digest.ts';
import { formatBytes, formatCount, formatSeconds } from '../core/size.ts';
import type { ReportData } from './data.ts';
import { html, ownMarkup, type Markup } from './html.ts';
import { benchSection } from './sections/bench.ts';
import { cacheSection } from './sections/cache.ts';
import { findingsSection, nextFix } from './sections/findings.ts';
import { formatTime } from './sections/format-time.ts';
import { growthSection } from './sections/growth.ts';
import { layersSection } from './sections/layers.ts';
import { packagesSection } from './sections/packages.ts';
import { timeSection } from './sections/time.ts';
import { STYLE } from './style.ts';
import { leadSentence, savedWords } from './words.ts';

/** A page in one file: no script, nothing to load, and a policy under which neither would run if a name smuggled it in. */
export function renderPage(data: ReportData): string {
  const sections = [
    layersSection(data),
    timeSection(data),
    packagesSection(data.packages),
    cacheSection(data.run),
    growthSection(data.history),
    findingsSection(data.findings),
    benchSection(data.bench),
  ].filter((section) => section !== undefined);
  const links = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${data.subject.name}: slipway report</title>
<link rel="icon" href="data:,">
<style>${ownMarkup(STYLE)}</style>
</head>
<body>
<header>
<p class="brand">slipway report</p>
<h1>${data.subject.name}</h1>
<p class="meta">${facts(data).join(' · ')}</p>
</header>
<main>
<p class="lead">${leadSentence(data)}</p>
${tiles(data)}
${nextFix(data.findings)}
<nav aria-label="Sections"><ul>${links}</ul></nav>
${sections.map(({ content }) => content)}
</main>
<footer><p class="quiet">Made by slipway ${data.slipwayVersion}, ${formatTime(data.madeAt)}. The same as data: <code>slipway report --format json</code>.</p></footer>
</body>
</html>
`;
  return page.text;
}

/** Only this one style may apply, told by its digest; `data:` is the icon that keeps browsers from asking for one. */
function policy(): string {
  const digest = Buffer.from(hexOf(digestOf(Buffer.from(STYLE))), 'hex').toString('base64');
  return `default-src 'none'; style-src 'sha256-${digest}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

function facts({ subject, run, madeAt }: ReportData): readonly string[] {
  return [
    subject.dockerfile,
    ...(subject.target === undefined ? [] : [`target ${subject.target}`]),
    formatTime(run?.finishedAt ?? madeAt),
    ...(run === undefined ? [] : [`scope ${run.scope}`, run.store, run.engine]),
  ];
}

function tiles({ run, counts, steps, packages, findings }: ReportData): Markup {
  const sum = (direction: 'down' | 'up'): number =>
    (run?.transfers ?? [])
      .filter((each) => each.direction === direction)
      .reduce((bytes, each) => bytes + each.bytes, 0);
  const all: readonly (readonly [string, string, string] | undefined)[] = [
    run && [
      'Time',
      formatSeconds(run.totalSeconds),
      run.savedSeconds === undefined ? '' : savedWords(run.savedSeconds),
    ],
    ['Steps re-ran', `${counts.rerun} of ${steps.length}`, `${counts.cached} cached`],
    packages && ['Compiled', formatCount(packages.count), packages.count === 1 ? 'package' : 'packages'],
    run && ['From the store', formatBytes(sum('down')), `${formatBytes(sum('up'))} back`],
    run && ['Entries used', formatCount(run.entries.used), `${formatCount(run.entries.new)} new`],
    ['Findings', formatCount(findings.length), 'of slipway lint'],
  ];
  const drawn = all.flatMap((tile) => {
    if (tile === undefined) return [];
    const [name, value, note] = tile;
    return [html`<div><dt>${name}</dt><dd>${value}${note === '' ? '' : html`<small>${note}</small>`}</dd></div>`];
  });
  return html`<dl class="tiles">${drawn}</dl>`;
}
