import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureBrowser } from '../../src/sandbox/browser.ts';

/** Nothing but this machine is looked up: the browser and the page would ask for updates and fonts. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
];

export type OpenBrowser = { readonly browser: Browser; readonly page: Page };

/** A headless browser with one page in light colours. Throws AppError saying what to install when there is none. */
export async function openBrowser(scale = 1): Promise<OpenBrowser> {
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: quiet });
  const page = await browser.newPage({
    viewport: { width: 1280, height: 1000 },
    colorScheme: 'light',
    deviceScaleFactor: scale,
  });
  page.setDefaultTimeout(30_000);
  return { browser, page };
}
