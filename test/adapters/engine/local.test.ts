import { localEngine } from '../../../src/adapters/engine/local.ts';
import { engineContract } from '../../contract/engine.ts';

const clock = { now: () => new Date() };

engineContract('the local engine', (settings) => localEngine({ clock, ...settings }));
