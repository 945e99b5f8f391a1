/**
 * A guide with the text of the files that it shows: each code block below `<!-- examples/… -->` is that file. `read` gives the
 * text of a path of the checkout. Throws where a comment of that kind has no code block, which would show nothing.
 */
export function withFiles(markdown: string, read: (path: string) => string): string {
  const shown = markdown.replace(
    /^<!-- (examples\/\S+) -->\n```(\w*)\n[^]*?^```$/gm,
    (_, path: string, language: string) => `<!-- ${path} -->\n\`\`\`${language}\n${read(path).trimEnd()}\n\`\`\``,
  );
  const empty = shown.match(/^<!-- examples\/\S+ -->\n(?!```)/m)?.[0];
  if (empty !== undefined) throw new Error(`${empty.trim()} has no code block below it`);
  return shown;
}

/** The paths of the files that a guide shows. */
export function filesIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^<!-- (examples\/\S+) -->$/gm)].map((match) => match[1] ?? '');
}
