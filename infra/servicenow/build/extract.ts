import fs from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { sourceHashes } from './sources.ts';

/** Files by their path below built/. */
export type Built = Readonly<Record<string, string>>;

type Fields = Readonly<Record<string, string>>;

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false });
const boring = new Set(['sys_scope', 'sys_update_name', 'sys_name', 'sys_policy', 'external_source']);

/**
 * What was built, in a form that people review and tests run without the SDK: the server modules as files, every other
 * record in one list, and the hash of each source it was built from.
 */
export function extract(folder: string): Built {
  const records = readRecords(path.join(folder, 'dist', 'app', 'update'));
  const modules = records.filter(
    ({ record, path: where }) => record === 'sys_module' && where?.endsWith('.ts'),
  );
  const others = records.filter(({ record }) => record !== 'sys_module');
  return {
    ...Object.fromEntries(modules.map((record) => [fileOf(record), record['content'] ?? ''])),
    'modules.json': json(Object.fromEntries(modules.map((record) => [record['path'], fileOf(record)]))),
    'records.json': json(others),
    'sources.json': json(sourceHashes(folder)),
  };
}

const fileOf = ({ path: where = '' }: Fields): string => `modules/${path.posix.basename(where, '.ts')}.js`;
const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

function readRecords(update: string): Fields[] {
  const records = fs.readdirSync(update).map((name) => {
    const { record_update: content } = parser.parse(fs.readFileSync(path.join(update, name), 'utf8'));
    const table = Object.keys(content).find((key) => !key.startsWith('@')) ?? '';
    return { record: table, ...fieldsOf(content[table]) };
  });
  return records.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The fields that say more than no. A reference is shown as the name beside it, where there is one. */
function fieldsOf(record: Readonly<Record<string, unknown>>): Fields {
  const fields = Object.entries(record).flatMap(([name, value]) => {
    if (name.startsWith('@') || boring.has(name)) return [];
    const text = typeof value === 'object' && value !== null ? named(value) : String(value);
    return text === '' || text === 'false' ? [] : [[name, text]];
  });
  return Object.fromEntries(fields);
}

const named = (value: object): string =>
  String(('@name' in value && value['@name']) || ('#text' in value && value['#text']) || '');
