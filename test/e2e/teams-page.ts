import type { Locator, Page } from 'playwright-core';
import { playgroundWorld } from '../../src/sandbox/people.ts';

const { bot, team } = playgroundWorld;

/** The page of the Agents Playground, as Olivia uses it. */
export type TeamsPage = {
  open(url: string): Promise<void>;
  /** Operations > incidents. */
  openChannel(): Promise<void>;
  openPersonalChat(): Promise<void>;
  /** The card of the newest post about this, e.g. an incident number, in the channel that is open. */
  posted(about: string): Locator;
  /** The last card that says this in the chat that is open. */
  answered(text: string): Locator;
  /** Where this was said last in the conversation that is open. */
  said(text: string | RegExp): Locator;
  /** Types a line into the chat that is open. */
  say(text: string): Promise<void>;
  /** Begins a post in the channel that is open, mentioning the bot. */
  post(text: string): Promise<void>;
  screenshot(file: string): Promise<void>;
  /** A picture of a card in the channel with the line that says whose it is. */
  picture(card: Locator, file: string): Promise<void>;
};

/** Drives a browser page by what people see: names of buttons and texts on cards. */
export function teamsPage(page: Page): TeamsPage {
  const cards = page.locator('.ac-adaptiveCard');
  const openConversation = (name: string) => page.getByRole('treeitem', { name }).click();
  return {
    async open(url) {
      await page.goto(url, { timeout: 90_000 });
      // the log panel repeats every text of every message
      await page.getByRole('button', { name: 'Hide log panel' }).click();
    },
    openChannel: () => openConversation(`${team.name} - ${team.channel.name}`),
    openPersonalChat: () => openConversation('Personal Chat'),
    // lists of runs name the incident too
    posted: (about) => cards.filter({ hasText: about, hasNotText: 'Open runs' }).first(),
    answered: (text) => cards.filter({ hasText: text }).last(),
    // the list of chats repeats the last message
    said: (text) => page.getByText(text).and(page.locator(':not([role=treeitem] *)')).last(),
    async say(text) {
      await page.getByRole('textbox').last().click();
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
    },
    async post(text) {
      await page.getByRole('textbox').first().click();
      await page.keyboard.type('@');
      await page
        .getByRole('menuitem', { name: new RegExp(`^${bot.name}`) })
        .first()
        .click();
      await page.keyboard.type(` ${text}`);
      await page.getByRole('button', { name: 'Post', exact: true }).click();
    },
    async picture(card, file) {
      await page.mouse.move(0, 0);
      await card.scrollIntoViewIfNeeded();
      const { x, y, width, height } = await boxOf(card);
      const clip = { x: x - 12, y: y - 56, width: width + 24, height: height + 68 };
      await page.screenshot({ path: file, clip, animations: 'disabled' });
    },
    screenshot: async (file) => void (await page.screenshot({ path: file, timeout: 60_000 })),
  };
}

async function boxOf(card: Locator) {
  const box = await card.boundingBox();
  if (box === null) throw new Error('the card is not on the page');
  return box;
}
