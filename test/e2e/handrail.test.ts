import path from 'node:path';
import { oliviaDecides, refusals } from './cases/decisions.ts';
import { devices } from './cases/devices.ts';
import { escalation } from './cases/escalation.ts';
import { events } from './cases/events.ts';
import { farms } from './cases/farms.ts';
import { goingOn } from './cases/going-on.ts';
import { governance } from './cases/governance.ts';
import { happyPath } from './cases/happy-path.ts';
import { integrations } from './cases/integrations.ts';
import { parameters } from './cases/parameters.ts';
import { restart } from './cases/restart.ts';
import { words } from './cases/words.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * The whole, as people use it: what `npm start` starts, in Microsoft's own test client, in a real browser. One start and
 * one page for all of it; every case works on a configuration item of its own, because of the cooldown.
 */
describe('Handrail from the incident to its end', function () {
  this.timeout(120_000);
  let stage: Stage | undefined;
  let failures = 0;
  const on = (): Stage => {
    if (stage === undefined) throw new Error('the stage is not open');
    return stage;
  };

  before(async function () {
    this.timeout(240_000);
    stage = await openStage();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed' || stage === undefined) return;
    failures += 1;
    const picture = path.join(stage.data, `failure-${failures}.png`);
    await stage.page.screenshot(picture);
    process.stderr.write(`the page: ${picture}\nthe output: ${stage.log}\n`);
  });
  after(() => stage?.close(failures > 0));

  describe('the way it should go', () => happyPath(on));
  describe('a decision by the buttons of the card', () => oliviaDecides(on));
  describe('what must not work', () => refusals(on));
  describe('words instead of buttons', () => words(on));
  describe('values that nobody knows, decisions that need nobody', () => parameters(on));
  describe('the rules of an emergency', () => governance(on));
  describe('MID servers that are down', () => integrations(on));
  describe('servers of a farm', () => farms(on));
  describe('a device that is not compliant', () => devices(on));
  describe('events from ServiceNow', () => events(on));
  describe('an end that needs somebody now', () => escalation(on));
  describe('going on with a run that failed', () => goingOn(on));
  describe('a restart of everything', () => restart(on));
});
