// Runs the specs of the domain for Stryker. Its own runner for mocha does not load mocha 12, and would start a process
// for each mutant in the top level of a module, which is where schemas are: here the modules are loaded anew instead.
import fs from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import Mocha from 'mocha';

/** The specs of the domain, and the cases of the policy, which run its decisions and nothing else. */
const specs = ['test/domain/**/*.test.ts', 'test/policy/*.test.ts'];
const { NAMESPACE } = INSTRUMENTER_CONSTANTS;

/** The instrumented code reads from this object which mutant is on, and counts in it. */
const context: InstrumenterContext = {};

/** The number of the present load. It is part of the address of every module under test, so none comes from a cache. */
let load = 0;
let loaded: Mocha | undefined;
let measuring = false;

const runner: TestRunner = {
  capabilities: () => ({ reloadEnvironment: true }),

  async init() {
    Object.assign(globalThis, { [NAMESPACE]: context });
    // the same cases each time: a survivor of one run is a survivor of the next; a smaller case finds no more mutants
    fc.configureGlobal({ seed: 20_261_122, endOnFailure: true });
    const here = pathToFileURL(`${process.cwd()}${path.sep}`).href;
    registerHooks({
      resolve(specifier, parent, next) {
        const found = next(specifier, parent);
        const isOurs = found.url.startsWith(here) && found.url.endsWith('.ts');
        return isOurs ? { ...found, url: `${found.url}?load=${load}` } : found;
      },
    });
  },

  async dryRun({ coverageAnalysis, disableBail }: DryRunOptions): Promise<DryRunResult> {
    measuring = coverageAnalysis === 'perTest';
    const tests = await run(await loadSpecs(specFiles()), disableBail);
    measuring = false;
    const mutantCoverage = context.mutantCoverage;
    return { status: DryRunStatus.Complete, tests, ...(mutantCoverage ? { mutantCoverage } : {}) };
  },

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, disableBail, hitLimit, mutantActivation, reloadEnvironment } = options;
    Object.assign(context, { hitLimit, hitCount: hitLimit ? 0 : undefined });
    if (mutantActivation === 'static') context.activeMutant = activeMutant.id;
    else delete context.activeMutant;
    const mutated = path.basename(activeMutant.fileName, '.ts');
    // most are found by the module's own spec, and loading that one alone is far quicker than loading all of them
    const attempts = reloadEnvironment
      ? [specFiles().filter(isSpecOf(mutated)), specFiles(mutated)]
      : [undefined];
    let result: MutantRunResult | undefined;
    for (const files of attempts) {
      if (files?.length === 0) continue;
      if (mutantActivation === 'static') context.activeMutant = activeMutant.id;
      try {
        if (files !== undefined) await loadSpecs(files);
      } catch (error) {
        // a suite that cannot even be loaded is a red one
        return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 0 };
      }
      context.activeMutant = activeMutant.id;
      const tests = await run(loaded ?? (await loadSpecs(specFiles())), disableBail, testFilter);
      result = toMutantRunResult(
        determineHitLimitReached(context.hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests },
      );
      if (result.status !== MutantRunStatus.Survived) break;
    }
    if (result === undefined) throw new Error('no spec was run');
    // with some specs only, or with a mutant in their top level, nothing else can be run
    if (reloadEnvironment) forget();
    return result;
  },
};

const isSpecOf =
  (mutated: string) =>
  (file: string): boolean =>
    path.basename(file).startsWith(`${mutated}.`);

/** The specs, the one named like the mutated module first and the slow ones last: the first find ends a run. */
function specFiles(mutated = ''): string[] {
  const rank = (file: string): number =>
    isSpecOf(mutated)(file) ? 0 : file.endsWith('.property.test.ts') ? 2 : 1;
  return fs
    .globSync(specs)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((file) => path.resolve(file));
}

function forget(): void {
  loaded?.dispose();
  loaded = undefined;
}

/** Imports specs and what they test once more, the way mocha does it. */
async function loadSpecs(files: readonly string[]): Promise<Mocha> {
  load += 1;
  forget();
  const mocha = new Mocha({ ui: 'bdd', timeout: 0, reporter: Mocha.reporters.Base });
  mocha.cleanReferencesAfterRun(false);
  mocha.suite.beforeEach(function () {
    if (measuring) context.currentTestId = this.currentTest?.fullTitle() ?? '';
  });
  for (const file of files) {
    mocha.suite.emit('pre-require', globalThis, file, mocha);
    await import(`${pathToFileURL(file).href}?load=${load}`);
  }
  loaded = mocha;
  return mocha;
}

/** Runs the named tests, or all. */
function run(mocha: Mocha, disableBail: boolean, only?: readonly string[]): Promise<TestResult[]> {
  const exactly = only?.map((title) => `^${title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`).join('|');
  mocha.grep(new RegExp(exactly ?? ''));
  bailIn(mocha.suite, !disableBail);
  const results: TestResult[] = [];
  return new Promise((resolve) => {
    const running = mocha.run(() => resolve(results));
    running.on('pass', (test) => results.push({ ...resultOf(test), status: TestStatus.Success }));
    running.on('fail', (test, error) =>
      results.push({
        ...resultOf(test),
        status: TestStatus.Failed,
        failureMessage: error?.message || 'failed',
      }),
    );
  });
}

/** Suites take this setting over from their parent when they are made, which is long before it is known. */
function bailIn(suite: Mocha.Suite, bail: boolean): void {
  suite.bail(bail);
  for (const one of suite.suites) bailIn(one, bail);
}

function resultOf(failed: Mocha.Test | Mocha.Hook) {
  const test = ('ctx' in failed ? failed.ctx?.currentTest : undefined) ?? failed;
  const name = test.fullTitle();
  return { id: name, name, timeSpentMs: test.duration ?? 0, ...(test.file ? { fileName: test.file } : {}) };
}

export const strykerPlugins = [declareValuePlugin(PluginKind.TestRunner, 'mocha-here', runner)];
