import { styleText } from 'node:util';
import type { OutputStream } from '../io.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

/** Colours as NO_COLOR > FORCE_COLOR > terminal decide; the environment is handed in, so a test can say what holds. */
export function createPaint(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Paint {
  if (!hasColours(stream, env)) return (_style, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}

/** no-color.org: any value that isn't empty. force-color.org: the same, and `0` or `false` mean no, as Node reads it. */
export function hasColours(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
