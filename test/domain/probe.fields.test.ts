import assert from 'node:assert/strict';
import { z } from 'zod';
import {
  AzureMonitorProbe,
  DeviceComplianceProbe,
  HttpProbe,
  PrometheusProbe,
} from '../../src/domain/probe.ts';

const http = { url: 'http://site.example' };
const prometheus = { query: 'up', below: 1 };
const resource = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/shop';
const azure = { resource, metric: 'Http5xx', aggregation: 'total', below: 1 };
const text = (length: number): string => 'x'.repeat(length);

type Field = [name: string, fits: unknown[], doesNot: unknown[], told?: RegExp];
const seconds = [1.5, 5, '5', 'soon'];
const kinds: [kind: string, schema: z.ZodType, least: object, fields: Field[]][] = [
  [
    'HTTP',
    HttpProbe,
    http,
    [
      ['url', ['x'], ['', undefined]],
      ['status', [[100], [599, 200]], [[], [99], [600], [200.5], ['200']]],
      ['successes', [1, 20], [0, 21, 1.5]],
      ['attempts', [1, 20], [0, 21, 1.5]],
      ['every', ['0s', '60s'], ['60001ms'], /at most 60s/],
      ['within', ['1ms', '30s'], ['0ms', '30001ms'], /at most 30s/],
      ['every', [], seconds],
      ['body', ['', text(500)], [text(501), 5]],
      ['header', [], ['x']],
    ],
  ],
  [
    'Prometheus',
    PrometheusProbe,
    prometheus,
    [
      ['query', ['x', text(2_000)], ['', text(2_001), undefined]],
      ['below', [-1.5], [undefined, '1', Number.NaN], /./],
      ['above', [], [1], /needs exactly one of above, below, equals/],
      ['equals', [], [1], /needs exactly one of above, below, equals/],
      ['for', ['0s', '1h'], seconds],
      ['every', ['1s', '5m'], ['999ms', '300001ms'], /from 1s to 5m/],
      ['newerThanAction', [false], ['no']],
      ['warnings', ['ignore', 'fail'], ['show', '']],
      [
        'target',
        ['ab', `a${text(62)}`, 'eu-1'],
        ['a', `a${text(63)}`, 'EU', '1a', 'a_b'],
        /expected a lower-case name/,
      ],
      ['url', [], ['x']],
    ],
  ],
  [
    'Azure Monitor',
    AzureMonitorProbe,
    azure,
    [
      ['resource', ['x', text(1_000)], ['', text(1_001)]],
      ['metric', ['Http 5xx', text(200)], [text(201)]],
      ['metric', [], ['a,b', ',a', 'a,', ''], /expected the name of one metric/],
      ['namespace', ['x', text(200)], ['', text(201)]],
      ['aggregation', ['average', 'minimum', 'maximum', 'total', 'count'], ['sum', '', undefined]],
      ['above', [], [1], /needs exactly one of above, below/],
      ['below', [-1.5], [undefined, '1']],
      ['equals', [], [1]],
      ['for', ['0s', '1h'], seconds],
      ['interval', ['1m', '5m', '15m', '30m', '1h'], ['2m', '61s', '1d'], /one of 1m, 5m, 15m, 30m, 1h/],
      ['newerThanAction', [false], ['no']],
    ],
  ],
  [
    'Intune',
    DeviceComplianceProbe,
    { device: '{device}' },
    [
      ['device', ['x', text(200)], ['', text(201), undefined]],
      ['every', ['1s', '5m'], ['999ms', '300001ms'], /from 1s to 5m/],
      ['within', [], ['1s']],
    ],
  ],
];

for (const [kind, schema, least, fields] of kinds)
  describe(`a probe of the kind ${kind}`, () => {
    for (const [name, fits, doesNot, told = /./] of fields) {
      for (const value of fits)
        it(`may have ${name}: ${JSON.stringify(value)?.slice(0, 60)}`, () =>
          assert.ok(schema.safeParse({ ...least, [name]: value }).success));
      for (const value of doesNot)
        it(`may not have ${name}: ${JSON.stringify(value)?.slice(0, 60)}`, () => {
          const { error } = schema.safeParse({ ...least, [name]: value });
          assert.match(error?.message ?? '', told);
        });
    }
  });

describe('a limit of a probe', () => {
  it('is one of three, and of two where Azure is asked', () => {
    for (const one of ['above', 'below', 'equals'])
      assert.ok(PrometheusProbe.safeParse({ query: 'up', [one]: 0 }).success, one);
    const { below: _below, ...open } = azure;
    for (const one of ['above', 'below'])
      assert.ok(AzureMonitorProbe.safeParse({ ...open, [one]: 0 }).success, one);
  });

  it('is told to editors as a choice', () => {
    const choices = (schema: z.ZodType) =>
      (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as { oneOf?: unknown }).oneOf;
    const choice = (keys: readonly string[]) => keys.map((key) => ({ required: [key] }));
    assert.deepEqual(choices(PrometheusProbe), choice(['above', 'below', 'equals']));
    assert.deepEqual(choices(AzureMonitorProbe), choice(['above', 'below']));
  });
});
