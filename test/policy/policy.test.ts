import assert from 'node:assert/strict';
import { readCases } from '../../src/cli/case-files.ts';
import { runCase } from '../../src/policy-cases/run-case.ts';

/** Cases that an operator can read and add to: `npm run handrail -- test test/policy`. */
for (const folder of ['test/policy', 'runbooks']) {
  const { cases, faults } = await readCases(folder);
  describe(`the policy cases of ${folder}`, () => {
    it('can all be read', () => assert.deepEqual(faults, []));
    for (const { file, content, base } of cases)
      describe(`${content.about} (${file})`, () => {
        for (const one of content.cases)
          it(one.name, () => assert.deepEqual(runCase(base, content, one).differences, []));
      });
  });
}
