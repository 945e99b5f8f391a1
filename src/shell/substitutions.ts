import { forEachChild, type SyntaxNode } from 'unbash';
import { sliceMapped, sourceRange, standInText, type MappedText } from './mapped-text.ts';
import { copyScope } from './state.ts';
import type { WalkPlace } from './walk.ts';

/** Reads the scripts in `$(…)`, backticks and `<(…)` that stand in some nodes. */
export function readSubstitutions(
  nodes: readonly SyntaxNode[],
  place: WalkPlace,
  walkScript: (place: WalkPlace) => void,
): void {
  for (const node of nodes) readNode(node, place, walkScript);
}

function readNode(node: SyntaxNode, place: WalkPlace, walkScript: (place: WalkPlace) => void): void {
  switch (node.type) {
    case 'CommandExpansion':
    case 'ProcessSubstitution':
    case 'ArithmeticCommandExpansion':
      walkScript({
        ...place,
        script: innerScript(node, place.script),
        scope: copyScope(place.scope),
        blocks: [...place.blocks, 'substitution'],
        depth: place.depth + 1,
        isWholeScript: false,
        link: undefined,
      });
      return;
    case 'Word':
      if (node.parts === undefined) return;
      break;
    case 'Literal':
    case 'SingleQuoted':
    case 'SimpleExpansion':
      return;
  }
  forEachChild(node, (child) => {
    readNode(child, place, walkScript);
  });
}

function innerScript(
  node: { readonly pos: number; readonly end: number; readonly text: string },
  script: MappedText,
): MappedText {
  const { text } = node;
  if (text.startsWith('`')) {
    const range = { start: node.pos + 1, end: text.length > 1 && text.endsWith('`') ? node.end - 1 : node.end };
    const inner = script.text.slice(range.start, range.end);
    // Behind a backtick, `\``, `\\` and `\$` each stand for one character.
    const plain = inner.replace(/\\([`\\$])/g, '$1');
    return plain === inner ? sliceMapped(script, range) : standInText(plain, sourceRange(script, range));
  }
  // `$(…)`, `<(…)`, and the `${ …; }` of newer Bash.
  const close = text[1] === '{' ? '}' : ')';
  return sliceMapped(script, { start: node.pos + 2, end: text.endsWith(close) ? node.end - 1 : node.end });
}
