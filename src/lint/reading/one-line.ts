/** A value as messages show it: broken files may hold line ends in it. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
