import * as f from '../fakes/domain.ts';
import { person, type Stage } from './stage.ts';

export const votes =
  (who: string, revision = 1) =>
  (stage: Stage) =>
    stage.submit(person(who), { name: 'approve', revision });
export const passes = (minutes: number) => async (stage: Stage) => {
  stage.world.now = f.minutes(minutes);
};
export const says = (who: string, command: object, stream?: string) => (stage: Stage) =>
  stage.submit(person(who), command, stream);
export const runsToItsEnd = async (stage: Stage) => {
  await votes('arne')(stage);
  await stage.process.settle(stage.run);
};
