import type { GoFlag } from './types.ts';

/**
 * The flags in GOFLAGS: words apart by space, each `-name` or `-name=value`, quotes around a whole word.
 * Source: cmd/go/internal/base/goflags.go and cmd/internal/quoted of Go 1.26.
 */
export function readGoFlagsVariable(value: string): readonly GoFlag[] {
  const words = value.match(/'[^']*'|"[^"]*"|[^\s'"]\S*/g) ?? [];
  return words
    .map((word) => (/^['"]/.test(word) ? word.slice(1, -1) : word))
    .filter((word) => /^--?[^-=]/.test(word))
    .map((word) => {
      const bare = word.replace(/^--?/, '');
      const equals = bare.indexOf('=');
      return {
        name: equals < 0 ? bare : bare.slice(0, equals),
        value: equals < 0 ? undefined : bare.slice(equals + 1),
        words: [],
        isFromGoFlags: true,
      };
    });
}
