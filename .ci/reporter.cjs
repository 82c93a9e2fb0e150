// The spec reporter, which also writes mocha's own counts to the file HANDRAIL_TEST_TALLY names.
const fs = require('node:fs');
const { reporters } = require('mocha');

class SpecWithTally extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      const tally = `${passes} passed, ${failures} failed, ${pending} skipped\n`;
      // biome-ignore lint/style/noProcessEnv: set by .ci/run, which this belongs to
      fs.writeFileSync(process.env.HANDRAIL_TEST_TALLY, tally);
    });
  }
}

module.exports = SpecWithTally;
