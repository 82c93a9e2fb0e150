import { nameOf } from '../people.ts';
import { allow, denyForNow, type Guardrail, unknown } from './verdict.ts';

/** Somebody has stopped everything: nothing runs until somebody resumes it. */
export const stopped: Guardrail = ({ control }) => {
  if (!control.ok) return unknown('whether everything is stopped', control);
  const { stopped: stop } = control.value;
  if (stop === undefined) return allow('nothing is stopped');
  const by = nameOf(stop.by);
  return denyForNow(`${by} stopped everything: ${stop.reason}`, { by, at: stop.at });
};
