/** The members of a JSON object; none of anything else. */
export function members(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

export function member(value: unknown, name: string): unknown {
  return members(value).find(([key]) => key === name)?.[1];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `NAME=value` for each member, `NAME` alone where there is no value: it comes from the environment then. */
export function pairs(value: unknown): readonly string[] {
  return members(value).map(([name, each]) => (each === null ? name : `${name}=${scalar(each)}`));
}

/** An attribute list as flags take it: a string, or an object of its fields. */
export function fields(value: unknown): string {
  return text(value) ?? pairs(value).join(',');
}
