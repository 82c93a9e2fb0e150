import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue } from '../../../src/adapters/catalogue/load.ts';
import { AppError } from '../../../src/domain/errors.ts';

export const recycle = `id: recycle
version: 1.0.0
title: Recycle
summary: Recycles it.
owner: web
author: nadia
match:
  symptoms: ['503']
  incident: { category: [software] }
parameters:
  pool: { type: string, title: Pool, from: [ci.u_app_pool], pattern: '[a-z]+' }
  drain: { type: integer, title: Drain, min: 0, max: 60, default: 30 }
  token: { type: secret, title: Token, reference: OPS_TOKEN }
steps:
  remediation:
    - id: recycle-pool
      title: Recycle
      target: ops
      job: recycle
      with: { pool: '{pool}', token: '{token}' }
  verification:
    - id: answers
      title: Answers
      http: { url: 'http://site.example/{pool}', body: OK }
rollback: { impossible: a recycled pool cannot be un-recycled }
cooldown: 30m
approval: { group: approvers }
requesters: [on-call]
escalate: { group: L3 }
`;
export const policy = `version: '1'
groups:
  approvers: { entra: 5b0f3c1e-0000-4000-8000-000000000001 }
  on-call: { entra: 5b0f3c1e-0000-4000-8000-000000000002 }
channels: { default: '19:incidents@thread.tacv2' }
changeWindowRequired: [production]
changeWindows:
  - name: nights
    environments: [production]
    days: [sat, sun]
    from: '22:00'
    to: '06:00'
    zone: Europe/Berlin
freezes:
  - name: year end
    environments: [production]
    from: '2026-12-20T00:00:00+01:00'
    to: '2027-01-06T00:00:00+01:00'
autoApprovals:
  - name: tests
    runbook: recycle
    environments: [test]
    owner: web
    until: '2027-06-30T00:00:00Z'
targets:
  ops: { runbooks: [recycle] }
`;

export type Files = Readonly<Record<string, string>>;
export const good: Files = { 'recycle.yaml': recycle, 'policy.yaml': policy };

/** When everything is read. */
export const now = new Date('2026-11-22T09:00:00Z');

/** The good files with one text replaced in one of them. */
export function edited(name: string, from: string, to: string): Files {
  const text = good[name] ?? '';
  assert.ok(text.includes(from), `${name} does not say ${from}`);
  return { ...good, [name]: text.replace(from, to) };
}

/** Loads files from a folder that goes away again. */
export async function load(files: Files) {
  const folder = mkdtempSync(join(tmpdir(), 'handrail-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await loadCatalogue(folder, now);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines that name the faults. */
export async function faults(files: Files): Promise<string[]> {
  const error: unknown = await load(files).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof AppError, 'it loads');
  assert.equal(error.code, 'runbook-invalid');
  assert.match(error.fix, /Correct the lines named above.*npm run lint:runbooks/);
  const [headline = '', ...lines] = error.message.split('\n');
  assert.match(headline, new RegExp(`^${lines.length} faults? in `));
  return lines.map((line) => line.trim());
}
