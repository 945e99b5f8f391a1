import { parseDockerfile } from '../dockerfile/parse.ts';
import type { Range } from '../dockerfile/tree.ts';

/** A comment line and what it is about: the instruction or line below it, or around it. */
export interface CommentLine {
  /** Behind the `#`. */
  readonly text: string;
  /** Of that text in the file. */
  readonly start: number;
  /** undefined: it stands above everything else, so it is about the whole file. */
  readonly about: Range | undefined;
}

/** The comments of a file. In a Dockerfile those inside an instruction are about that instruction. */
export function readComments(text: string, isDockerfile: boolean): readonly CommentLine[] {
  return isDockerfile ? dockerfileComments(text) : lineComments(text);
}

function dockerfileComments(text: string): readonly CommentLine[] {
  const { nodes, instructions } = parseDockerfile(text);
  const comments: CommentLine[] = [];
  const first = instructions[0]?.range.start ?? text.length;
  for (const [index, node] of nodes.entries()) {
    if (node.kind === 'instruction') comments.push(...innerComments(node.raw, node.range));
    if (node.kind !== 'comment') continue;
    const next = nodes.slice(index).find(({ kind }) => kind !== 'comment');
    const about = node.range.start < first ? undefined : next?.kind === 'instruction' ? next.range : node.range;
    comments.push({ text: node.text, start: text.indexOf(node.text, node.range.start), about });
  }
  return comments;
}

function innerComments(raw: string, about: Range): readonly CommentLine[] {
  return [...raw.matchAll(/^[ \t]*#[ \t]*(?<text>[^\r\n]*)/gm)].map((match) => {
    const text = match.groups?.['text'] ?? '';
    return { text, start: about.start + match.index + match[0].length - text.length, about };
  });
}

const COMMENT = /^[ \t]*(?:#|\/\/)[ \t]*/;

/** Files with a comment or a statement on each line: YAML, HCL, Makefiles, ignore files. A comment behind a statement is about its line. */
function lineComments(text: string): readonly CommentLine[] {
  const comments: CommentLine[] = [];
  let open: { text: string; start: number }[] = [];
  let isTop = true;
  const close = (about: Range | undefined): void => {
    comments.push(...open.map((each) => ({ ...each, about })));
    open = [];
  };
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).replace(/\r$/, '');
    const mark = COMMENT.exec(line)?.[0];
    const range = { start, end };
    if (mark !== undefined) open.push({ text: line.slice(mark.length), start: start + mark.length });
    else if (line.trim() === '') close(isTop ? undefined : range);
    else {
      close(isTop ? undefined : range);
      const behind = /[ \t]#[ \t]*(?<text>slipway [^\n]*)$/.exec(line);
      if (behind !== null) {
        const own = behind.groups?.['text'] ?? '';
        comments.push({ text: own, start: start + line.length - own.length, about: range });
      }
      isTop = false;
    }
    start = end + 1;
  }
  close(isTop ? undefined : { start: text.length, end: text.length });
  return comments;
}
