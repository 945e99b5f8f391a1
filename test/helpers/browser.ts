import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Debian's own browser, which the set-up scripts install: nothing is downloaded for it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], headless: true });
}

export interface ShownPage extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained of, and every address it asked for besides the page itself. */
  readonly complaints: readonly string[];
}

/** A file as a reader opens it, without JavaScript unless `javaScriptEnabled` says so. */
export async function showPage(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<ShownPage> {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width: 1100, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const url = `file://${path}`;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

const CHECKS = readFileSync(join(import.meta.dirname, 'page-checks.js'), 'utf8');

/** What one of the checks of page-checks.js finds wrong in the page as it is shown now. */
export function checkPage(page: Page, check: 'structure' | 'text' | 'layout'): Promise<readonly string[]> {
  return page.evaluate(`${CHECKS}pageChecks.${check}()`);
}
