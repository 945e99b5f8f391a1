import type { Range } from '../dockerfile/tree.ts';
import { readComments } from './comments.ts';

/** One rule id of a `# slipway ignore=rule-id[,rule-id] reason` comment. */
export interface Suppression {
  readonly file: string;
  readonly ruleId: string;
  /** Of the id. */
  readonly range: Range;
  /** Where it holds; undefined = in the whole file. */
  readonly about: Range | undefined;
}

/** The suppressions that a file's comments make. */
export function readSuppressions(file: string, text: string, isDockerfile: boolean): readonly Suppression[] {
  if (!MARK.test(text)) return [];
  return readComments(text, isDockerfile).flatMap((comment) => {
    const match = IGNORE.exec(comment.text);
    const list = match?.groups?.['ids'];
    if (match === null || list === undefined) return [];
    const start = comment.start + match[0].length - list.length;
    return [...list.matchAll(/[\w-]+/g)].map(({ 0: ruleId, index }) => {
      const range = { start: start + index, end: start + index + ruleId.length };
      return { file, ruleId, range, about: comment.about };
    });
  });
}

const MARK = /\bslipway\s+ignore=/;
const IGNORE = /^slipway\s+ignore=(?<ids>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)/;
