import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import type { Item } from '../../src/adapters/store/store.ts';
import type { NewEvent } from '../../src/domain/events.ts';
import { system } from '../../src/domain/people.ts';
import type { Clock } from '../../src/ports.ts';

/** A clock that is moved by hand, never backwards behind the real one. */
export type HandClock = Clock & { advance(seconds: number): void };

export function handClock(): HandClock {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    advance(seconds) {
      offset += seconds * 1000;
    },
  };
}

/** Real audit containers cannot be emptied: what a suite writes carries a mark of its own. */
export const mark = (): string => randomBytes(5).toString('hex');

let n = 0;
export function item(fields: Partial<Item> = {}): Item {
  n += 1;
  const id = `${mark()}.${n}`;
  return {
    pk: `p:${id}`,
    id,
    k: `k${String(n).padStart(8, '0')}|${id}`,
    kind: 'test',
    body: { n },
    ...fields,
  };
}

export const runId = (): string => ulid();

type Parts = Partial<Omit<NewEvent, 'type' | 'data'>>;
const envelope = (parts: Parts) => ({
  event: ulid(),
  at: '2026-11-22T10:00:00.000Z',
  actor: system('engine'),
  tenant: 'tenant-1',
  origin: { conversation: '19:abc@thread.tacv2', activity: '1700000000000' },
  subject: {
    incident: 'INC0010001',
    ci: 'b0c25d1a1b2c3d4e5f60718293a4b5c6',
    runbook: { id: 'restart-service', version: '1.0.0', hash: 'f'.repeat(64) },
  },
  ...parts,
});

/** An event with free text in it. */
export const cancelRequested = (reason = 'because', parts: Parts = {}): NewEvent => ({
  ...envelope(parts),
  type: 'cancel-requested',
  data: { reason },
});

/** An event with a phase. */
export const stepStarted = (parts: Parts = {}): NewEvent => ({
  ...envelope(parts),
  type: 'step-started',
  data: { step: 'restart', phase: 'remediation', executionId: 'x-1', deadline: '2026-11-22T10:05:00.000Z' },
});
