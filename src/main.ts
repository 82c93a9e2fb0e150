import { checkGroups } from './adapters/catalogue/check-directory.ts';
import { loadCatalogue } from './adapters/catalogue/load.ts';
import { incidentTag } from './adapters/servicenow/mappings.ts';
import { teamsBot } from './adapters/teams/bot.ts';
import { endOnFault } from './adapters/telemetry/faults.ts';
import { errorDetails } from './adapters/telemetry/lines.ts';
import * as compose from './compose.ts';
import { makeProbe } from './compose-probe.ts';
import { makeTargets } from './compose-targets.ts';
import { type Environment, readConfig } from './config.ts';
import { messageOf } from './domain/errors.ts';
import { handlers } from './flow/command.ts';
import type { Deps, Log } from './flow/deps.ts';
import { intake } from './flow/intake.ts';
import { freeLooks } from './flow/intake-considered.ts';
import { peopleDesk } from './flow/people-desk.ts';
import { reconciliation } from './flow/reconcile-incidents.ts';
import type { Chat } from './ports.ts';
import { keepLooking } from './rounds.ts';
import { createServer, listen } from './server.ts';

/** The composition root: every part is made here and handed on as an argument. */
async function main(config: Environment): Promise<void> {
  const clock = compose.systemClock;
  const ids = compose.freshIds();
  const { report, close: closeLog } = await compose.openLog(config, clock);
  endOnFault(process, report, closeLog);
  const catalogue = await loadCatalogue(config.HANDRAIL_RUNBOOKS, clock.now());
  const mappings = await compose.loadMappings(config);
  const store = await compose.openStore(config, clock);
  await store.log.ready();
  const directory = compose.makeDirectory(config, clock);
  await checkGroups(catalogue, directory, (...said) => report('warn', ...said));
  const engine = compose.makeEngine(config, store, clock, ids, report);

  const deps: Deps = {
    sights: new Map(),
    tenant: config.MICROSOFT_APP_TENANT_ID ?? '',
    catalogue,
    log: store.log,
    state: store.state,
    engine,
    itsm: compose.makeItsm(config, catalogue, mappings, clock),
    targets: makeTargets(config, catalogue),
    probe: makeProbe(config, catalogue),
    directory,
    // the bot needs the desk and the desk needs the bot's chat: the only knot, tied here
    get chat(): Chat {
      return bot.chat;
    },
    clock,
    ids,
    report,
  };
  const bot = teamsBot({
    ...compose.botSettings(config),
    desk: peopleDesk(deps),
    store: store.state,
    clock,
    ids,
    log: ({ level, message, error, ...details }) =>
      report(level, message, { ...details, ...(error === undefined ? {} : errorDetails(error)) }),
  });
  const events = intake(deps, { tag: incidentTag(mappings) });
  const server = createServer({
    messages: (req, res) => bot.process(req, res),
    intake: events,
    webhookSecrets: compose.webhookSecrets(config),
    ready: () => store.log.find({ where: {}, limit: 1 }).then(() => true),
    report,
  });

  await engine.start(handlers(deps));
  // this engine has the store to itself: what was being looked at was by a process that died
  if (config.HANDRAIL_ENGINE === 'local') await freeLooks(deps);
  const stopLooking = keepLooking(events, reconciliation(deps, events), report);
  const host = config.HOST ?? (config.HANDRAIL_MODE === 'production' ? '0.0.0.0' : '127.0.0.1');
  const port = await listen(server, config.PORT, host);
  report('info', 'Handrail is ready', { url: `http://${host}:${port}`, engine: config.HANDRAIL_ENGINE });

  onSignal(report, async () => {
    stopLooking();
    server.close();
    await bot.settled();
    await engine.stop();
    await store.close();
    await closeLog();
  });
}

/** Ends in order when asked to: what is in progress is finished or left where the log finds it again. */
function onSignal(report: Log, stop: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          report('error', 'the stop was not clean', errorDetails(error));
          process.exit(1);
        },
      );
    });
}

try {
  await main(readConfig());
} catch (error) {
  const { fix } = errorDetails(error);
  process.stderr.write(`Handrail cannot start: ${messageOf(error)}\n${fix === undefined ? '' : `${fix}\n`}`);
  process.exitCode = 1;
  process.exit();
}
