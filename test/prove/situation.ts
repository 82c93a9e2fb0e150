import type { Person } from '../../src/domain/people.ts';
import { type GroupName, START } from './scenario.ts';

/** People by the id Entra gives them. Two of them have the same name; `twin` is somebody with the name of an approver. */
export const people = {
  olivia: 'Olivia',
  arne: 'Arne',
  arnold: 'Arne',
  mia: 'Mia',
  nadia: 'Nadia',
  bo: 'Bo',
  sven: 'Sven',
  manu: 'Manu',
  cora: 'Cora',
  rhea: 'Rhea',
  ada: 'Ada',
  dora: 'Dora',
  twin: 'Mia',
} as const;
export type Who = keyof typeof people;

export const someone = (id: Who, tenant = 'tenant-1', name: string = people[id]): Person => ({
  kind: 'person',
  id,
  name,
  tenant,
});

const usually: Readonly<Record<Who, readonly GroupName[]>> = {
  olivia: ['web-operations'],
  arne: ['web-approvers'],
  arnold: ['web-approvers'],
  mia: ['web-approvers'],
  nadia: ['web-operations', 'web-approvers'],
  bo: ['web-approvers', 'service-owners'],
  sven: ['service-owners'],
  manu: ['managers'],
  cora: ['commanders', 'reviewers'],
  rhea: ['reviewers'],
  ada: ['admins'],
  dora: ['deputies'],
  twin: [],
};

export const sources = [
  'incident',
  'ci',
  'changes',
  'history',
  'groups',
  'people',
  'control',
  'cards',
] as const;
export type Source = (typeof sources)[number];

/** Everything outside, at one moment. A value: a later situation is another one. */
export type Situation = {
  readonly now: number;
  readonly environment: 'production' | 'test' | 'development';
  readonly pool: 'shop' | 'checkout' | '';
  readonly edition: 1 | 2;
  /** An approved change covers now. */
  readonly change: boolean;
  /** When this runbook last ran on the item, for another run. */
  readonly ranAt: number | undefined;
  readonly incident: 'open' | 'resolved';
  /** The item the incident is on. */
  readonly names: 'this' | 'other';
  readonly down: readonly Source[];
  readonly groups: Readonly<Record<Who, readonly GroupName[]>>;
};

export const atFirst: Situation = {
  now: START,
  environment: 'production',
  pool: 'shop',
  edition: 1,
  change: true,
  ranAt: undefined,
  incident: 'open',
  names: 'this',
  down: [],
  groups: usually,
};

export const FORGED = 'f'.repeat(64);
export const SHOWN = 'a'.repeat(64);
