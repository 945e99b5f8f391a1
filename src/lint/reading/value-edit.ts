import type { FileTree } from '../../core/file-tree.ts';
import type { Setting } from '../../definitions/types.ts';
import { replace } from '../edits.ts';
import type { Edit } from '../types.ts';

/**
 * Gives a setting another text. A plain YAML value inside `{ … }` or `[ … ]` is put in quotes, as a comma would end it there. undefined where
 * the text doesn't stand in the file as it is, the quotes around it can't hold the new one, or an expression would stand inside of another.
 */
export function valueEdit(tree: FileTree, { file, range, isExact }: Setting, text: string): Edit | undefined {
  const source = tree.read(file);
  if (source === undefined || !isExact) return undefined;
  const isInExpression = source.lastIndexOf('${{', range.start) > source.lastIndexOf('}}', range.start);
  if (isInExpression && text.includes('${{')) return undefined;
  const before = source[range.start - 1];
  if (before === "'") return text.includes("'") ? undefined : replace(file, range, text);
  if (before === '"') return /["\\]/.test(text) ? undefined : replace(file, range, text);
  const isInFlow = /\.ya?ml$/.test(file) && /^[ \t]*[,}\]]/.test(source.slice(range.end, range.end + 200));
  if (!isInFlow) return replace(file, range, text);
  return /["\\]/.test(text) ? undefined : replace(file, range, `"${text}"`);
}
