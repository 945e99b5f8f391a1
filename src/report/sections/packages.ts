import { formatCount } from '../../core/size.ts';
import type { CompiledPackages, PackageGroup } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { bars } from '../svg/bars.ts';
import { packagesSentence, plural } from '../words.ts';
import { section, type Section } from './section.ts';

const MOST_BARS = 12;

/** What the build compiled, by what made it compile. */
export function packagesSection(packages: CompiledPackages | undefined): Section | undefined {
  if (packages === undefined) return undefined;
  const finding = packagesSentence(packages);
  const { groups } = packages;
  if (groups.length === 0) return section('packages', 'Compiled packages', { finding, content: '' });
  const shown = groups.slice(0, MOST_BARS);
  const rest = groups.slice(MOST_BARS).reduce((sum, each) => sum + each.packages.length, 0);
  const rows = shown.map((group) => ({
    name: labelOf(group),
    value: group.packages.length,
    text: formatCount(group.packages.length),
    tone: 'hot' as const,
    isMono: isPackage(group),
  }));
  const other = {
    name: plural(groups.length - shown.length, 'other cause'),
    value: rest,
    text: formatCount(rest),
    tone: 'dim' as const,
  };
  const picture = bars(rest === 0 ? rows : [...rows, other]);
  const content = html`<figure><figcaption>Packages by what made them compile</figcaption>${picture}</figure>${groups.length > 60 ? oneList(groups) : groups.map(list)}`;
  return section('packages', 'Compiled packages', { finding, content });
}

function isPackage({ kind }: PackageGroup): boolean {
  return kind === 'sources' || kind === 'import';
}

function labelOf(group: PackageGroup): string {
  return isPackage(group) ? `${group.cause} changed` : group.cause;
}

function list(group: PackageGroup): Markup {
  const title = `${labelOf(group)}: ${plural(group.packages.length, 'package')}`;
  return html`<details><summary>${title}</summary>${paths(group.packages)}</details>`;
}

/** Many causes with few packages each read better as one list. */
function oneList(groups: readonly PackageGroup[]): Markup {
  const all = groups.flatMap(({ packages }) => packages);
  return html`<details><summary>All ${plural(all.length, 'package')}</summary>${paths(all)}</details>`;
}

/** A directory that all of them are in is said once. */
function paths(names: readonly string[]): Markup {
  const shared = sharedDirectory(names);
  const items = names.map((name) => html`<li>${name.slice(shared.length)}</li>`);
  return html`${shared === '' ? '' : html`<p class="quiet">All below <code>${shared}</code></p>`}<ul class="paths mono">${items}</ul>`;
}

/** `example.com/app/`: what all names begin with, up to a slash; '' for one name alone. */
function sharedDirectory(names: readonly string[]): string {
  const [first = ''] = names;
  let shared = names.length < 2 ? '' : first;
  for (const name of names) {
    while (!name.startsWith(shared)) shared = shared.slice(0, -1);
  }
  return shared.slice(0, shared.lastIndexOf('/') + 1);
}
