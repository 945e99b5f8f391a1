/**
 * May the text stand for a HEALTHCHECK interval: a duration of Go's, zero or at least a millisecond?
 * Source: time.ParseDuration in Go's src/time/format.go, parseOptInterval in github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/instructions/parse.go#L603
 */
export function isGoDuration(text: string): boolean {
  const nanoseconds = parseGoDuration(text);
  return nanoseconds !== undefined && (nanoseconds === 0 || nanoseconds >= 1e6);
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};
const MAX_INT64 = 2 ** 63;

function parseGoDuration(text: string): number | undefined {
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0;
  for (const [, number = '', unit = ''] of body.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Math.trunc(Number(number) * (UNITS[unit] ?? 0));
    if (total > MAX_INT64 || (total === MAX_INT64 && !negative)) return undefined;
  }
  return negative ? -total : total;
}
