import { SlipwayError } from '../../core/errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** `2GiB`, `500 MB`, `1.5TB`, a bare number of bytes; `none` for no limit. */
export function readSize(flag: string, text: string): number {
  if (text === 'none') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?i?b)?$/i.exec(text.trim());
  const unit = UNITS[(match?.[2] ?? 'b').toLowerCase()];
  if (match === null || unit === undefined) throw wrong(flag, text, 'a size such as `2GiB` or `500MB`, or `none`');
  return Math.round(Number(match[1]) * unit);
}

const SPANS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `24h`, `90m`, `7d`, `0`: a time in milliseconds. */
export function readSpan(flag: string, text: string): number {
  if (text.trim() === '0') return 0;
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text.trim());
  if (match === null) throw wrong(flag, text, 'a time such as `24h`, `90m` or `7d`, or `0`');
  return Number(match[1]) * (SPANS[match[2] ?? ''] ?? 0);
}

export function readCount(flag: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw wrong(flag, text, 'a number');
}

function wrong(flag: string, text: string, expected: string): SlipwayError {
  return new SlipwayError('USAGE', `\`--${flag}\` can't be \`${text}\``, { hint: `Write ${expected}.` });
}
