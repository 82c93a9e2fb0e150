// npm run mutate [-- [--concurrency N] [--incremental] [--quick] MODULE...]
// Changes the domain in every small way Stryker knows and runs its specs on each: a change that no spec finds is a rule
// nobody tests. Fails below the score, and for a survivor that survivors.yaml gives no reason for.
// For development: --incremental keeps earlier results where neither code nor specs changed, --quick leaves out code that
// only runs while a module is loaded (schemas, tables), which takes most of the time.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { parse, stringify } from 'yaml';
import { isMissed, nameMutant, ReviewedList, review, type Survivor, scoreOf } from './survivors.ts';

const wantedPercent = 90;
const domain = 'src/domain';
const config = 'test/mutation/stryker.json';
const list = 'test/mutation/survivors.yaml';
const unlistedFile = '.data/mutation/unlisted.yaml';

type Named = { readonly result: MutantResult; readonly name: Survivor };

/** The files of the modules named, e.g. `plan`, `guardrails/verdict` or `src/domain/plan.ts`; all, when none is. */
function filesOf(modules: readonly string[]): string[] {
  const all = fs.globSync(`${domain}/**/*.ts`).map((file) => file.replaceAll(path.sep, '/'));
  if (modules.length === 0) return all;
  return modules.flatMap((module) => {
    const wanted = module.replace(/^src\/domain\//, '').replace(/\.ts$/, '');
    const found = all.filter((file) => file === `${domain}/${wanted}.ts`);
    if (found.length === 0)
      throw new Error(`${domain}/${wanted}.ts does not exist: name a module of the domain`);
    return found;
  });
}

const inDomain = (file: string): string => path.relative(domain, file).replaceAll(path.sep, '/');

function byFile(results: readonly MutantResult[]): Map<string, Named[]> {
  const files = new Map<string, Named[]>();
  for (const result of results) {
    const file = inDomain(result.fileName);
    const text = fs.readFileSync(result.fileName, 'utf8');
    const named = { result, name: nameMutant(file, text, result) };
    files.set(file, [...(files.get(file) ?? []), named]);
  }
  return files;
}

function printScores(files: ReadonlyMap<string, readonly Named[]>): void {
  const row = (file: string, mutants: readonly MutantResult[]): string => {
    const { found, missed, percent } = scoreOf(mutants);
    return `${percent.toFixed(1).padStart(6)} %  ${String(found).padStart(5)} found  ${String(missed).padStart(4)} not  ${file}`;
  };
  for (const [file, named] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(
      row(
        file,
        named.map((one) => one.result),
      ),
    );
  console.log(
    row(
      'all',
      [...files.values()].flat().map((one) => one.result),
    ),
  );
}

/** They count as found. One that hangs only because the machine was busy shows here, and not in a second run. */
function printHanging(all: readonly Named[]): void {
  for (const { result, name } of all.filter((one) => one.result.status === 'Timeout'))
    console.log(
      `hangs: ${domain}/${name.file}:${result.location.start.line} ${name.from} -> ${name.to} ${result.statusReason ?? ''}`,
    );
}

function printUnlisted(unlisted: readonly Named[]): void {
  for (const { result, name } of unlisted)
    console.log(
      `\n${domain}/${name.file}:${result.location.start.line} ${result.mutatorName}` +
        `${result.status === 'NoCoverage' ? ', reached by no test' : ''}\n  ${name.line}\n- ${name.from}\n+ ${name.to}`,
    );
  if (unlisted.length === 0) return;
  fs.writeFileSync(unlistedFile, stringify([{ why: '', mutants: unlisted.map((one) => one.name) }]));
  console.log(
    `\n${unlisted.length} survivors without a reason. Write a test that finds each; for one that changes nothing anybody\n` +
      `could see, add it to ${list} with the reason (the entries are in ${unlistedFile}).`,
  );
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    options: {
      concurrency: { type: 'string' },
      incremental: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const mutate = filesOf(positionals);
  const files = new Set(mutate.map(inDomain));
  const reviewed = ReviewedList.parse(parse(fs.readFileSync(list, 'utf8')));
  const stryker = new Stryker({
    configFile: config,
    mutate,
    incremental: values.incremental,
    ignoreStatic: values.quick,
    ...(values.concurrency === undefined ? {} : { concurrency: Number(values.concurrency) }),
  });
  const results = byFile(await stryker.runMutationTest());
  const all = [...results.values()].flat();
  const { unlisted, outdated } = review(
    all.filter((one) => isMissed(one.result)),
    reviewed,
  );
  printHanging(all);
  printUnlisted(unlisted);
  for (const { file, line, from, to } of outdated.filter((one) => files.has(one.file)))
    console.log(`\nno survivor any more, take it off the list: ${file}: ${line}\n- ${from}\n+ ${to}`);
  console.log('');
  printScores(results);
  const { percent } = scoreOf(all.map((one) => one.result));
  if (percent < wantedPercent) console.log(`The score is below ${wantedPercent} %.`);
  return percent >= wantedPercent && unlisted.length === 0;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(
    'Nothing was measured. When a spec is named above: all of test/domain has to be green before that.',
  );
  process.exitCode = 1;
}
