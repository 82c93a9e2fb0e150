import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOptional } from '../../../src/adapters/catalogue/load-optional.ts';
import { MappingFile, mappingsIn } from '../../../src/adapters/servicenow/mapping-file.ts';
import { defaultMappings, type Mappings } from '../../../src/adapters/servicenow/mappings.ts';
import { AppError } from '../../../src/domain/errors.ts';

/** The mappings of a folder whose servicenow.yaml says this; undefined for no such file. */
async function load(text: string | undefined): Promise<Mappings> {
  const folder = mkdtempSync(join(tmpdir(), 'handrail-'));
  try {
    if (text !== undefined) writeFileSync(join(folder, 'servicenow.yaml'), text);
    return mappingsIn(await loadOptional(folder, 'servicenow.yaml', MappingFile));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function faults(text: string): Promise<string[]> {
  const error: unknown = await load(text).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof AppError, 'it loads');
  assert.equal(error.code, 'runbook-invalid');
  assert.match(error.fix, /Correct the lines named above/);
  return error.message
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}

describe('servicenow.yaml', () => {
  for (const [what, text] of [
    ['no file', undefined],
    ['an empty file', ''],
    ['comments alone', '# nothing differs\n\n  # here\n'],
  ] as const)
    it(`means a new instance with ${what}`, async () => {
      assert.deepEqual(await load(text), defaultMappings);
    });

  it('changes what it names and leaves the rest', async () => {
    const mappings = await load(`
incident:
  states: { in-progress: [10, 2], on-hold: [30] }
  closeCodes: { solved: Solved (Permanently) }
  approvals: { requested: pending }
  majorIncidentStates: []
  columns: { ci: u_configuration_item, approval: u_approval, tag: u_runbook }
change:
  states: { implement: [-1, 50] }
  approved: [approved, auto_approved]
  affected: false
  conflicts: true
  slots: 10
  columns: { ci: u_ci }
item:
  environments: { staging: [Vorproduktion], production: [TEST] }
  operationalStatus: { retired: [60] }
  installStatus: { absent: [101] }
  criticality: { Gold: 1 }
  relations: { dependents: [Uses::Used by] }
  columns: { environment: [u_env], criticality: u_criticality }
user:
  columns: { entraId: u_entra_id }
`);
    assert.deepEqual(mappings.incidentStates, {
      ...defaultMappings.incidentStates,
      'in-progress': ['10', '2'],
      'on-hold': ['30'],
    });
    assert.deepEqual(mappings.closeCodes, { solved: 'Solved (Permanently)' });
    assert.deepEqual(
      [mappings.approvals.requested, mappings.approvals['not-requested']],
      ['pending', 'not requested'],
    );
    assert.deepEqual(mappings.majorIncidentStates, []);
    assert.deepEqual(mappings.changeStates, { scheduled: ['-2'], implement: ['-1', '50'] });
    assert.deepEqual(mappings.changeApproved, ['approved', 'auto_approved']);
    assert.deepEqual(
      [mappings.changeAffected, mappings.changeConflicts, mappings.changeSlots],
      [false, true, 10],
    );
    assert.equal(mappings.environments['vorproduktion'], 'staging');
    assert.equal(mappings.environments['test'], 'production', 'a label of its own goes above the usual one');
    assert.equal(mappings.environments['qa'], 'test');
    assert.deepEqual(mappings.operations, { retired: ['60'] });
    assert.deepEqual(mappings.installations, { ...defaultMappings.installations, absent: ['101'] });
    assert.deepEqual(mappings.criticality, { gold: 1 });
    assert.deepEqual(mappings.relationTypes, {
      ...defaultMappings.relationTypes,
      dependents: ['Uses::Used by'],
    });
    assert.deepEqual(mappings.columns, {
      ...defaultMappings.columns,
      incidentCi: 'u_configuration_item',
      incidentApproval: 'u_approval',
      incidentTag: 'u_runbook',
      changeCi: 'u_ci',
      environment: ['u_env'],
      criticality: 'u_criticality',
      entraId: 'u_entra_id',
    });
  });

  for (const [text, wanted] of [
    ['incident:\n  status: {}\n', 'servicenow.yaml:2 incident.status: there is no such field'],
    ['incident:\n  states:\n    resolved: []\n', /^servicenow\.yaml:3 incident\.states\.resolved: .*1/],
    [
      'incident:\n  states:\n    resolved: [true]\n',
      /^servicenow\.yaml:3 incident\.states\.resolved\.0: expected a value/,
    ],
    [
      'incident:\n  states:\n    in-progress: [3]\n',
      'servicenow.yaml:3 incident.states.on-hold: 3 means in-progress already; what is left out keeps its usual values, so give in-progress others',
    ],
    [
      'item:\n  columns: { criticality: "u_x^ORname=y" }\n',
      /^servicenow\.yaml:2 item\.columns\.criticality: is not the name of a column/,
    ],
    [
      'item:\n  relations: { members: ["javascript:x"] }\n',
      /^servicenow\.yaml:2 item\.relations\.members\.0: is not the name of a relation type/,
    ],
    ['item:\n  criticality: { gold: 7 }\n', /^servicenow\.yaml:2 item\.criticality\.gold: /],
    [
      'item:\n  environments: { production: [Live], development: [live] }\n',
      /^servicenow\.yaml:2 item\.environments\.development: live means production already/,
    ],
    ['item:\n  environments: { prod: [live] }\n', /^servicenow\.yaml:2 item\.environments/],
    [
      'incident:\n  majorIncidentStates: ["accepted,^x"]\n',
      /^servicenow\.yaml:2 incident\.majorIncidentStates\.0: .*give that, not its label/,
    ],
    ['][', /^servicenow\.yaml:1 /],
  ] as const)
    it(`names file, line and field of ${JSON.stringify(text)}`, async () => {
      const [first = ''] = await faults(text);
      if (typeof wanted === 'string') assert.equal(first, wanted);
      else assert.match(first, wanted);
    });
});
