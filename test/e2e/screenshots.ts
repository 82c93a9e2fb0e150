// Makes the pictures of the README anew, from the real page: node test/e2e/screenshots.ts
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { arne } from '../../src/sandbox/people.ts';
import { cardWithButton } from './cards.ts';
import { openStage, type Stage } from './stage.ts';

const folder = path.resolve(import.meta.dirname, '../../docs/images');

async function pictures({ page, client, incident }: Stage): Promise<void> {
  const number = await incident('iis-5xx');
  await page.openChannel();
  const card = page.posted(number);
  await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  await page.picture(card, path.join(folder, 'approval-card.png'));

  const asked = await cardWithButton(client, number, 'approve');
  await client.execute({ ...asked, as: arne.id }, 'approve', asked.data);
  await card.getByText('Succeeded').waitFor();
  await page.picture(card, path.join(folder, 'outcome-card.png'));
}

mkdirSync(folder, { recursive: true });
const stage = await openStage(2);
try {
  await pictures(stage);
} finally {
  await stage.close(false);
}
