import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownText } from '../../../src/report/markdown.ts';
import { MOST_MARKDOWN_BYTES, renderMarkdown } from '../../../src/report/render-markdown.ts';
import { FINDINGS, fullReport, hugeReport } from '../../helpers/report-shapes.ts';
import { anyText } from '../../helpers/any-text.ts';

describe('the job summary', () => {
  it('says what the page says', () => {
    const text = renderMarkdown(fullReport());
    for (const words of [
      '**4 of 7 steps re-ran because internal/word/word.go changed.**',
      '### Next best fix: Remove <code>-a</code>',
      '<code>slipway lint --fix</code> mends it.',
      '| build 5/5, line 6 | <code>RUN go build -o /bin/app ./cmd/app</code> | 🔴 re-ran | 6.4 s |',
      '| down | gocache | 25.8 MB |',
      '| edit-main | slipway | 29.0 s | 25.0 s | 33.0 s | 3 |',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('is text whatever a name holds: no tag, no cell, no link, no mention, no command', () => {
    fc.assert(
      fc.property(anyText(60), (value) => {
        expect(markdownText(value)).not.toMatch(/[<>|`*_[\]@\n\r\u001b]|::|https?:\/\/|www\./i);
      }),
    );
    const [first] = FINDINGS;
    if (first === undefined) throw new Error('the shapes hold findings');
    const message = '| x |\n\n::error::y <img src=x> @somebody https://e.example `<b>` ![i](j)';
    const text = renderMarkdown(fullReport({ findings: [{ ...first, message, ruleId: '](x)' }] }));
    expect(text).not.toMatch(/<img|<b>|@somebody|https:|^::|!\[|\]\(/m);
    expect(text).toContain('&#124; x &#124;');
  });

  it('keeps below 1 MiB by leaving out from the end, and says so', () => {
    const [first] = FINDINGS;
    if (first === undefined) throw new Error('the shapes hold findings');
    const findings = Array.from({ length: 5000 }, (_, index) => ({
      ...first,
      line: index + 1,
      message: '🦫<'.repeat(4000),
    }));
    const huge = { ...hugeReport(5000, 3000), findings };
    expect(Buffer.byteLength(renderMarkdown(huge))).toBeLessThanOrEqual(MOST_MARKDOWN_BYTES);
    const tight = renderMarkdown(huge, 3000);
    expect(Buffer.byteLength(tight)).toBeLessThanOrEqual(3000);
    expect(tight).toMatch(/^## slipway: app\n/);
    expect(tight).toMatch(/The rest is left out: a job summary holds 1 MiB\. .*\n$/);
    expect(renderMarkdown(huge, 10)).toBe('');
  });
});
