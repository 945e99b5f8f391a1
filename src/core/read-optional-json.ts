import { readOptional } from './read-optional.ts';

/** A JSON file of our own; undefined when it is not there, or was cut or edited so that it is none. */
export async function readOptionalJson(path: string): Promise<unknown> {
  const text = await readOptional(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
