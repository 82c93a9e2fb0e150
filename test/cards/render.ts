/**
 * Draws every card as Teams would, roughly, to look at: `node test/cards/render.ts <folder>` writes one sheet a theme
 * and width. On the second sheet of each, whatever can be opened is open.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { gallery } from './gallery.ts';
import { hostConfig, themes } from './host-config.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const findChromium = (): string => {
  const found = places.find(existsSync);
  if (found === undefined) throw new Error(`no Chromium in ${places.join(', ')}: install one`);
  return found;
};

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
    ],
  });

/** Runs in the page. Bold and backslashes are all the markdown our templates and texts use. */
const page = `
import * as AC from 'adaptivecards-renderer';
AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
  const html = text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
    .replace(/\\*\\*(.+?)\\*\\*/g, '<b>$1</b>').replace(/\\\\([^A-Za-z0-9\\s])/g, '$1');
  result.outputHtml = html; result.didProcess = true;
};
globalThis.show = ({ cards, config, open }) => {
  for (const { name, card } of cards) {
    const drawn = new AC.AdaptiveCard();
    drawn.hostConfig = new AC.HostConfig(config);
    drawn.parse(card, new AC.SerializationContext(AC.Versions.v1_5));
    const box = document.createElement('section');
    box.innerHTML = '<h6>' + name + '</h6>';
    const element = drawn.render();
    box.appendChild(element);
    const columns = [...document.querySelectorAll('main')];
    columns.sort((a, b) => a.offsetHeight - b.offsetHeight)[0].appendChild(box);
    if (!open) continue;
    const buttons = [...element.querySelectorAll('button')];
    for (const title of [/^Details$/, /…$/]) for (const b of buttons) if (title.test(b.textContent)) b.click();
  }
};`;

async function bundle(): Promise<string> {
  const built = await build({
    stdin: { contents: page, resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'error',
  });
  return built.outputFiles[0]?.text ?? '';
}

const style = (theme: 'light' | 'dark', width: number): string => {
  const { page: ground, card, text, line, words, subtle } = themes[theme];
  return `
body { margin: 12px; background: ${ground}; display: flex; align-items: start; gap: 16px; }
main { width: ${width}px; }
section { margin-bottom: 20px; }
section > .ac-adaptiveCard { border: 1px solid ${line}; border-radius: 6px; box-sizing: border-box; background: ${card}; overflow: hidden; }
h6 { margin: 0 0 4px; font: 11px sans-serif; color: ${subtle}; }
button { font: 600 14px 'Segoe UI', system-ui, sans-serif; padding: 6px 14px; border-radius: 4px; border: 1px solid ${line}; background: ${card}; color: ${text}; }
button.style-positive { background: ${words.accent}; color: ${card}; } button.style-destructive { color: ${words.attention}; }
input, textarea, select { width: 100%; box-sizing: border-box; font: 14px 'Segoe UI', system-ui, sans-serif; padding: 6px; border: 1px solid ${line}; border-radius: 4px; background: ${card}; color: ${text}; }
input[type=radio] { width: auto; } label { color: ${text}; }`;
};

const sheets = (['light', 'dark'] as const).flatMap((theme) =>
  [640, 360].flatMap((width) => [false, true].map((open) => ({ theme, width, open }))),
);

async function main(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const script = await bundle();
  const cards = gallery.map(({ name, card }) => ({ name, card: card() }));
  const browser = await launch();
  for (const { theme, width, open } of sheets) {
    const tab = await browser.newPage({ viewport: { width: 1500, height: 800 } });
    const columns = '<main></main>'.repeat(width > 400 ? 2 : 4);
    await tab.setContent(`<style>${style(theme, width)}</style><body>${columns}</body>`);
    await tab.addScriptTag({ content: script });
    const input = { cards, config: hostConfig(theme), open };
    await tab.evaluate((given) => Reflect.get(globalThis, 'show')(given), input);
    const file = path.join(folder, `${theme}-${width}${open ? '-open' : ''}.png`);
    await tab.screenshot({ path: file, fullPage: true });
    await tab.close();
  }
  await browser.close();
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node test/cards/render.ts <folder>');
await main(folder);
