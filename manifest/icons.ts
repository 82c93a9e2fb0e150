// node manifest/icons.ts: draws color.png and outline.png from their SVG files. Only needed after changing one.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { ensureBrowser } from '../src/sandbox/browser.ts';

/** The sizes Teams wants: https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package */
const icons = [
  { name: 'color', size: 192 },
  { name: 'outline', size: 32 },
];

const browser = await chromium.launch({ executablePath: await ensureBrowser(), chromiumSandbox: false });
try {
  for (const { name, size } of icons) {
    const svg = fs.readFileSync(path.join(import.meta.dirname, `${name}.svg`), 'utf8');
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
    await page.screenshot({ path: path.join(import.meta.dirname, `${name}.png`), omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
