import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, ownMarkup, plainText } from '../../../src/report/html.ts';
import { anyText } from '../../helpers/any-text.ts';

describe('html', () => {
  it('escapes values, joins lists, keeps markup, and leaves undefined out', () => {
    const inner = html`<b title="${'"\''}">${'<&>'}</b>`;
    expect(html`<p>${[inner, 1, undefined, 'x']}</p>`.text).toBe('<p><b title="&quot;&#39;">&lt;&amp;&gt;</b>1x</p>');
  });

  it('is no markup because it looks like it', () => {
    const lookalike: unknown = JSON.parse('{"text":"<b>"}');
    expect(() => html`${lookalike as string}`).toThrow(TypeError);
    expect(html`${ownMarkup('<b>')}`.text).toBe('<b>');
  });

  it('lets no text end the text or the attribute that it stands in', () => {
    fc.assert(
      fc.property(anyText(60), (value) => {
        const { text } = html`<a title="${value}">${value}</a>`;
        expect(/^<a title="[^"<>]*">[^<>]*<\/a>$/.test(text)).toBe(true);
      }),
    );
  });

  it('drops what steers terminals and what turns the direction of text', () => {
    expect(plainText('a\u001b[31mb\u202ec\u200bd\u0000\ud800')).toBe('a[31mbcd\ufffd');
  });
});
