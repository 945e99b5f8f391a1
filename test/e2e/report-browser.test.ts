import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPage } from '../../src/report/render-page.ts';
import { checkPage, showPage, startBrowser } from '../helpers/browser.ts';
import { documentOf, FINDINGS, fullReport, hugeReport, STEPS } from '../helpers/report-shapes.ts';

let directory: string;
let browser: Browser;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-page-'));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});

async function write(name: string, text: string): Promise<string> {
  const path = join(directory, `${name}.html`);
  await writeFile(path, text);
  return path;
}

/** Names as somebody else's Dockerfile, branch or package may have them. */
const HOSTILE =
  '<img src="https://e.example/x.png" onerror="alert(1)"><script>alert(2)</script></style></svg>"\' onload=alert(3)';

describe('the page in a browser', () => {
  it.each([
    ['light', 1100],
    ['dark', 1100],
    ['light', 360],
    ['dark', 360],
  ] as const)('is readable: %s, %i pixels wide', async (colorScheme, width) => {
    const path = await write('full', renderPage(fullReport()));
    await using shown = await showPage(browser, path, { colorScheme, viewport: { width, height: 800 } });
    // The page runs no script; the checks come from outside of it.
    expect(await checkPage(shown.page, 'structure')).toEqual([]);
    expect(await checkPage(shown.page, 'text')).toEqual([]);
    expect(await checkPage(shown.page, 'layout')).toEqual([]);
    expect(shown.complaints).toEqual([]);
    const paper = await shown.page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(paper).toBe(colorScheme === 'dark' ? 'rgb(20, 23, 27)' : 'rgb(255, 255, 255)');
  });

  it('is readable with everything unfolded, in wide letters too', async () => {
    const wide = STEPS.map((each) => ({ ...each, text: `RUN ${'WWW宽'.repeat(40)}` }));
    const path = await write('wide', renderPage(fullReport({ document: documentOf(wide) })));
    await using shown = await showPage(browser, path, { viewport: { width: 360, height: 800 } });
    await shown.page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
    expect(await checkPage(shown.page, 'text')).toEqual([]);
    expect(await checkPage(shown.page, 'layout')).toEqual([]);
  });

  it('is found all through with the keyboard, and shows where it is', async () => {
    const path = await write('full', renderPage(fullReport()));
    await using shown = await showPage(browser, path);
    const { page } = shown;
    const reached: string[] = [];
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const at = await focusOf(page);
      if (at === undefined) break;
      expect(at.isSeen, at.name).toBe(true);
      reached.push(at.name);
    }
    expect(reached.slice(0, 3)).toEqual(['Layers', 'Time', 'Compiled packages']);
    expect(reached).toContain('Layers of the build');
    expect(reached).toContain('All steps as a table');
    await page.locator('summary', { hasText: 'All steps as a table' }).press('Enter');
    await expect(page.locator('table', { hasText: 'go build -o /bin/app' }).isVisible()).resolves.toBe(true);
    await page.locator('nav a', { hasText: 'Benchmark' }).press('Enter');
    expect(await page.evaluate('document.getElementById("bench").getBoundingClientRect().top')).toBeLessThan(900);
  });

  it('prints: black on white, links left out, tables unfolded, nothing cut off', async () => {
    const path = await write('full', renderPage(fullReport()));
    await using shown = await showPage(browser, path, { colorScheme: 'dark', viewport: { width: 700, height: 1000 } });
    await shown.page.emulateMedia({ media: 'print' });
    expect(await shown.page.locator('nav').isVisible()).toBe(false);
    expect(await shown.page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
    expect(await shown.page.evaluate('document.querySelector("table").getBoundingClientRect().height')).toBeGreaterThan(
      100,
    );
    expect(await checkPage(shown.page, 'text')).toEqual([]);
    expect(await checkPage(shown.page, 'layout')).toEqual([]);
    expect((await shown.page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('lets nothing of a hostile name run or load, with JavaScript on', async () => {
    const [first] = FINDINGS;
    if (first === undefined) throw new Error('the shapes hold findings');
    const steps = STEPS.map((each) => ({
      ...each,
      stage: `${each.stage}${HOSTILE}`,
      text: `RUN ${HOSTILE}`,
      causes: [{ kind: 'file', subject: HOSTILE, detail: 'changed' }] as const,
    }));
    const packages = [{ path: HOSTILE, platform: HOSTILE, kind: 'sources', detail: HOSTILE } as const];
    const data = fullReport({
      subject: { name: HOSTILE, dockerfile: HOSTILE, target: HOSTILE },
      document: documentOf(steps, { packages }),
      findings: [{ ...first, message: HOSTILE, cost: HOSTILE, file: HOSTILE, ruleId: HOSTILE }],
    });
    const path = await write('hostile', renderPage(data));
    await using shown = await showPage(browser, path, { javaScriptEnabled: true });
    await shown.page.waitForTimeout(300);
    expect(shown.complaints).toEqual([]);
    expect(await shown.page.locator('img, script').count()).toBe(0);
    expect(await shown.page.locator('h1').textContent()).toBe(HOSTILE);
    expect(await checkPage(shown.page, 'structure')).toEqual([]);
  });

  it('runs and loads nothing even if a name got out of its text, by its policy', async () => {
    let asked = 0;
    const server = createServer((_, response) => response.end(String((asked += 1))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const image = `<img src="http://127.0.0.1:${port}/x.png">`;
      const smuggled = `<script>document.title="run"</script>${image}<p style="color:red" id="smuggled">x</p>`;
      const text = renderPage(fullReport()).replace('</main>', `${smuggled}</main>`);
      await using shown = await showPage(browser, await write('smuggled', text), { javaScriptEnabled: true });
      await shown.page.waitForTimeout(300);
      expect(await shown.page.title()).toBe('app: slipway report');
      expect(asked).toBe(0);
      const color = await shown.page.evaluate('getComputedStyle(document.getElementById("smuggled")).color');
      expect(color).toBe('rgb(27, 32, 38)');
      // The same without the policy: so it is the policy that does it.
      const open = text.replace(/<meta http-equiv=[^>]*>/, '');
      await using free = await showPage(browser, await write('open', open), { javaScriptEnabled: true });
      await free.page.waitForTimeout(300);
      expect(await free.page.title()).toBe('run');
      expect(asked).toBe(1);
    } finally {
      server.close();
    }
  });

  it('holds 300 steps and 3,000 packages', async () => {
    const path = await write('huge', renderPage(hugeReport(300, 3000)));
    await using shown = await showPage(browser, path);
    expect(await checkPage(shown.page, 'structure')).toEqual([]);
    expect(await shown.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(shown.complaints).toEqual([]);
  });
});

describe('the checks themselves', () => {
  it('find what is wrong', async () => {
    const bad = `<!doctype html><title>t</title><body style="background:#fff"><h1>a</h1><h3>b</h3>
      <p style="color:#999">pale</p><p style="font-size:9px">tiny</p><div style="width:3000px">wide</div>
      <img src="data:,"><table><tr><th>x</th></tr></table><a href="#nowhere">link</a><i id="x"></i><i id="x"></i>
      <svg role="img" aria-label="picture" width="100" height="40"><text x="5" y="20">first</text><text x="9" y="22">second</text><text x="90" y="38">sticks out</text></svg>`;
    await using shown = await showPage(browser, await write('bad', bad));
    const found = [
      ...(await checkPage(shown.page, 'structure')),
      ...(await checkPage(shown.page, 'text')),
      ...(await checkPage(shown.page, 'layout')),
    ].join('\n');
    for (const words of ['picture without a name', 'h3 follows h1', '0 main', 'no language', 'a th without scope']) {
      expect(found).toContain(words);
    }
    for (const words of ['a table without heads', 'a link to nothing', 'two of id x', 'contrast 2.85', '9 px']) {
      expect(found).toContain(words);
    }
    for (const words of ['the page is 3', 'overlap: first / second', 'sticks out: sticks out']) {
      expect(found).toContain(words);
    }
  });
});

/** What has the focus, and whether that can be seen; undefined at the page's end. */
function focusOf(page: Page): Promise<{ readonly name: string; readonly isSeen: boolean } | undefined> {
  return page.evaluate(`(() => {
    const active = document.activeElement;
    if (active === null || active === document.body) return undefined;
    const { outlineStyle, outlineWidth } = getComputedStyle(active);
    const name = (active.getAttribute('aria-label') ?? active.textContent).trim();
    return { name, isSeen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 };
  })()`);
}
