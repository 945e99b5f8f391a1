/** One example of a rule's page: the files of its fenced blocks. */
export interface PageExample {
  readonly kind: 'bad' | 'good';
  /** Texts by path; a block without `# file: path` is the Dockerfile. */
  readonly files: Readonly<Record<string, string>>;
}

export interface RulePage {
  /** Headings of the second level, in order. */
  readonly sections: readonly string[];
  readonly title: string;
  readonly examples: readonly PageExample[];
  /** Text of a section. */
  readonly textOf: (section: string) => string;
}

/** Reads `docs/rules/<id>.md`. Examples are blocks under `Bad:` and `Good:`; further ones of a kind start with the word again. */
export function readRulePage(text: string): RulePage {
  const parts = text.split(/^## (.+)$/m);
  const sections = parts.flatMap((part, index) => (index % 2 === 1 ? [part.trim()] : []));
  const textOf = (section: string): string => (parts[parts.indexOf(section) + 1] ?? '').trim();
  return {
    title: /^# (.+)$/m.exec(parts[0] ?? '')?.[1] ?? '',
    sections,
    textOf,
    examples: textOf('Examples')
      .split(/^(?=(?:Bad|Good)\b)/m)
      .flatMap(readExample),
  };
}

function readExample(text: string): readonly PageExample[] {
  const kind = /^(?<kind>Bad|Good)\b/.exec(text)?.groups?.['kind'];
  if (kind === undefined) return [];
  const files: Record<string, string> = {};
  for (const match of text.matchAll(/^```[^\n]*\n(?<body>[\s\S]*?)^```$/gm)) {
    const body = match.groups?.['body'] ?? '';
    const named = /^(?:#|\/\/) file: (?<path>\S+)\n/.exec(body);
    files[named?.groups?.['path'] ?? 'Dockerfile'] = named === null ? body : body.slice(named[0].length);
  }
  return [{ kind: kind === 'Bad' ? 'bad' : 'good', files }];
}
