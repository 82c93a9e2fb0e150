/**
 * What Handrail is measured against: the same job as one straightforward restify server over SQLite, as somebody would
 * write it in an afternoon. The same outbound calls through the same HTTP client, every step stored with a full fsync
 * before the next one; no guardrails, plan, votes, chain, recovery, retries, nor card templates.
 */
import { createHash, randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import axios from 'axios';
import restify, { type Next, type Request, type Response } from 'restify';
import { Webhook } from 'standardwebhooks';
import { arne, channel, jobs } from './ids.ts';

const { BARE_PORT = '0', BARE_DB = ':memory:', WORLD_URL = '', WEBHOOK_SECRET = '' } = process.env;

const db = new DatabaseSync(BARE_DB);
db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
  CREATE TABLE events(id TEXT PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL) STRICT;
  CREATE TABLE runs(id TEXT PRIMARY KEY, number TEXT NOT NULL, state TEXT NOT NULL, facts TEXT NOT NULL, card TEXT) STRICT;
  CREATE TABLE steps(run TEXT, step TEXT, state TEXT, external_id TEXT, log TEXT, PRIMARY KEY(run, step)) STRICT;`);
const insertEvent = db.prepare("INSERT OR IGNORE INTO events VALUES(?, ?, 'received')");
const finishEvent = db.prepare("UPDATE events SET state = 'done' WHERE id = ?");
const insertRun = db.prepare("INSERT INTO runs VALUES(?, ?, 'proposed', ?, NULL)");
const updateRun = db.prepare('UPDATE runs SET state = ? WHERE id = ?');
const setCard = db.prepare('UPDATE runs SET card = ? WHERE id = ?');
const getRun = db.prepare('SELECT * FROM runs WHERE id = ?');
const startStep = db.prepare("INSERT INTO steps VALUES(?, ?, 'started', NULL, NULL)");
const launchStep = db.prepare(
  "UPDATE steps SET state = 'launched', external_id = ? WHERE run = ? AND step = ?",
);
const endStep = db.prepare('UPDATE steps SET state = ?, log = ? WHERE run = ? AND step = ?');

// the global agent keeps connections alive, as it does for Handrail
const http = axios.create({ baseURL: WORLD_URL, timeout: 8_000, maxRedirects: 0, proxy: false });
const basic = `Basic ${Buffer.from('handrail.integration:secret').toString('base64')}`;
const itsm = { headers: { accept: 'application/json', authorization: basic } };
const ops = { headers: { accept: 'application/json', authorization: 'Bearer ops' } };

const raw = { sysparm_display_value: 'false', sysparm_exclude_reference_link: 'true' };
const incidentColumns =
  'sys_id,number,short_description,description,state,priority,sys_mod_count,sys_updated_by,cmdb_ci,assignment_group,assignment_group.name,category,impact,urgency,approval,opened_at,u_app_pool';
const ciColumns =
  'sys_id,name,sys_class_name,environment,used_for,classification,operational_status,install_status,fqdn,u_site,u_app_pool,u_health_url';

type Row = Record<string, string>;
type Facts = { incident: Row; ci: Row; changes: Row[] };
type Run = { id: string; number: string; state: string; facts: string; card: string | null };
type Where = { conversation: string; activity: string };

async function readOne(table: string, sysId: string, columns: string): Promise<Row> {
  const params = { ...raw, sysparm_fields: columns };
  return (await http.get(`/api/now/table/${table}/${sysId}`, { ...itsm, params })).data.result;
}

async function readList(path: string, query: string, columns: string): Promise<Row[]> {
  const params = { ...raw, sysparm_query: query, sysparm_fields: columns, sysparm_limit: '200' };
  return (await http.get(path, { ...itsm, params })).data.result;
}

/** The base table tells the class, the class's table has all columns. */
async function readCi(sysId: string): Promise<Row> {
  const base = await readOne('cmdb_ci', sysId, ciColumns);
  return { ...base, ...(await readOne(base['sys_class_name'] ?? '', sysId, ciColumns)) };
}

async function readFacts(sysId: string): Promise<Facts> {
  const incident = await readOne('incident', sysId, incidentColumns);
  const ciId = incident['cmdb_ci'] ?? '';
  const columns = 'number,state,approval,start_date,end_date';
  const [ci, changes, affecting] = await Promise.all([
    readCi(ciId),
    readList('/api/now/table/change_request', `cmdb_ci=${ciId}`, columns),
    readList(
      '/api/now/table/task_ci',
      `ci_item=${ciId}^task.active=true`,
      'task,ci_item,task.sys_class_name',
    ),
  ]);
  if (affecting.length > 0) throw new Error('a change lists the item');
  return { incident, ci, changes };
}

/** What depends on the item, how critical that is, and whether a major incident is open: asked once a run. */
async function readSurroundings(ciId: string): Promise<void> {
  const columns =
    'sys_id,parent,child,type,parent.name,parent.sys_class_name,child.name,child.sys_class_name';
  const edges = (query: string) => readList('/api/now/table/cmdb_rel_ci', query, columns);
  const [types] = await Promise.all([
    readList('/api/now/table/cmdb_rel_type', 'nameINDepends on::Used by,Members::Member of', 'sys_id,name'),
    readOne('cmdb_ci', ciId, 'sys_id'),
  ]);
  const type = types.map((one) => one['sys_id']).join(',');
  const [above] = await Promise.all([
    edges(`childIN${ciId}^typeIN${type}`),
    edges(`parentIN${ciId}^typeIN${type}`),
    edges(`childIN${ciId}^typeIN${types[1]?.['sys_id']}`),
  ]);
  const services = above.map((edge) => edge['parent']).join(',');
  await edges(`childIN${services}^typeIN${type}`);
  await readList('/api/now/table/cmdb_ci_service', `sys_idIN${services}`, 'sys_id,busines_criticality');
  const major = `active=true^major_incident_stateINaccepted^cmdb_ciIN${ciId},${services}`;
  await readList('/api/now/table/incident', major, 'sys_id,number,state,short_description');
}

/** A note is written once: its marker is looked for first. */
async function writeNote(run: string, sysId: string, text: string, fields: Row): Promise<void> {
  const marker = `[bare ${run} ${text}]`;
  await readOne('incident', sysId, 'sys_id,number,state,approval,sys_mod_count,sys_updated_by');
  const notes = await readList(
    '/api/now/table/sys_journal_field',
    `element_id=${sysId}^element=work_notes`,
    'sys_id,element_id,value,sys_created_by',
  );
  if (notes.some((note) => note['value']?.includes(marker))) return;
  const params = { ...raw, sysparm_fields: 'sys_id,number,state,approval,close_code,sys_mod_count' };
  const body = { work_notes: `${text}\n${marker}`, ...fields };
  await http.patch(`/api/now/table/incident/${sysId}`, body, { ...itsm, params });
}

async function attach(sysId: string, name: string, text: string): Promise<void> {
  const hash = createHash('sha256').update(text).digest('hex');
  const query = `table_name=incident^table_sys_id=${sysId}`;
  const files = await readList('/api/now/attachment', query, 'sys_id,file_name,hash');
  if (files.some((file) => file['file_name'] === name && file['hash'] === hash)) return;
  const params = { table_name: 'incident', table_sys_id: sysId, file_name: name };
  const headers = { ...itsm.headers, 'content-type': 'text/plain' };
  await http.post('/api/now/attachment/file', text, { headers, params });
}

/** Launches a job, asks how it is until it is over, and reads its log. */
async function runJob(run: string, job: string, ci: Row): Promise<string> {
  const key = randomUUID();
  startStep.run(run, job);
  const body = {
    runbook: job,
    parameters: { site: ci['u_site'], pool: ci['u_app_pool'] },
    execution_id: key,
    reference: run,
  };
  const headers = { ...ops.headers, 'idempotency-key': `"${key}"` };
  const { id } = (await http.post('/ops/runs', body, { headers })).data;
  launchStep.run(id, run, job);
  for (;;) {
    const { status } = (await http.get(`/ops/runs/${id}`, ops)).data;
    if (status === 'succeeded') break;
    if (status === 'failed') throw new Error(`${job} failed`);
    await new Promise((wake) => setTimeout(wake, 150));
  }
  const { text } = (await http.get(`/ops/runs/${id}/log`, { ...ops, params: { after: '0' } })).data;
  endStep.run('succeeded', text, run, job);
  return text;
}

function cardOf(run: string, { incident, ci }: Facts, state: string) {
  const lines = [
    `${incident['number']}: ${incident['short_description']}`,
    `On ${ci['name']}`,
    `State: ${state}`,
  ];
  const data = { run, revision: 1 };
  const content = {
    type: 'AdaptiveCard',
    version: '1.5',
    body: lines.map((text) => ({ type: 'TextBlock', text, wrap: true })),
    actions:
      state === 'waits for approval'
        ? [{ type: 'Action.Execute', title: 'Approve', verb: 'approve', data }]
        : [],
  };
  return {
    type: 'message',
    summary: `${incident['number']} · Recycle · ${state}`,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

async function redraw(run: string, facts: Facts, { conversation, activity }: Where, state: string) {
  const path = `/v3/conversations/${encodeURIComponent(conversation)}/activities/${activity}`;
  await http.put(path, { ...cardOf(run, facts, state), id: activity });
}

/** An event: read the truth, store a proposal, post the card, tell the ticket. */
async function propose(eventId: string, sysId: string): Promise<void> {
  const incident = await readOne('incident', sysId, incidentColumns);
  const matched = await readCi(incident['cmdb_ci'] ?? '');
  if (!/503/.test(incident['short_description'] ?? '') || matched['u_app_pool'] === '') return;
  const [facts] = await Promise.all([readFacts(sysId), readSurroundings(matched['sys_id'] ?? '')]);
  const run = randomUUID();
  insertRun.run(run, facts.incident['number'] ?? '', JSON.stringify(facts));
  const message = {
    isGroup: true,
    channelData: { channel: { id: channel } },
    activity: cardOf(run, facts, 'waits for approval'),
  };
  const { id, activityId } = (await http.post('/v3/conversations', message)).data;
  setCard.run(JSON.stringify({ conversation: id, activity: activityId }), run);
  await writeNote(run, sysId, 'asks for approval', { approval: 'requested' });
  finishEvent.run(eventId);
}

/** An approval: check again, then diagnostics, remediation, verification, and write back. */
async function remediate(run: Run, facts: Facts): Promise<void> {
  const { id } = run;
  const sysId = facts.incident['sys_id'] ?? '';
  const { ci, changes } = await readFacts(sysId);
  if (changes.length > 0) throw new Error('a change covers the item');
  const where: Where = JSON.parse(run.card ?? '{}');
  const told = redraw(id, facts, where, 'runs');
  await writeNote(id, sysId, 'approved', { approval: 'approved', state: '2' });
  // how it was before
  await http.get(ci['u_health_url'] ?? '', { responseType: 'text' });
  const saved = await runJob(id, jobs.diagnostics, ci);
  await attach(sysId, `${jobs.diagnostics}.log`, saved);
  const changed = await runJob(id, jobs.remediation, ci);
  await attach(sysId, `${jobs.remediation}.log`, changed);
  startStep.run(id, 'verification');
  const page = (await http.get(ci['u_health_url'] ?? '', { responseType: 'text' })).data;
  if (!String(page).includes('OK')) throw new Error('the site does not answer');
  endStep.run('succeeded', String(page), id, 'verification');
  updateRun.run('succeeded', id);
  await told;
  const close = { state: '6', close_code: 'Solution provided', close_notes: 'recycled and verified' };
  await writeNote(id, sysId, 'succeeded', close);
  await redraw(id, facts, where, 'succeeded');
}

type Click = { from: { aadObjectId: string }; value: { action: { data: { run: string } } } };

/** A click: who may approve is asked again, the vote is stored, and the person gets an answer before the work is done. */
async function clicked({ from, value }: Click): Promise<object> {
  const run = getRun.get(value.action.data.run) as Run | undefined;
  if (run === undefined || run.state !== 'proposed') return answer('This was decided already.');
  if (from.aadObjectId !== arne.id) return answer('You are not one of the approvers.');
  const facts: Facts = JSON.parse(run.facts);
  await readFacts(facts.incident['sys_id'] ?? '');
  updateRun.run('approved', run.id);
  remediate(run, facts).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  return answer('Recorded.');
}

const answer = (value: string) => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.activity.message',
  value,
});

const server = restify.createServer({ name: 'bare' });
const parser = restify.plugins.bodyParser({ mapParams: false });
server.post('/api/messages', parser, (req: Request, res: Response, next: Next) => {
  clicked(req.body).then(
    (body) => {
      res.send(200, body);
      next();
    },
    (error: unknown) => next(error),
  );
});
server.post('/api/servicenow/events', async (req: Request, res: Response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const event = new Webhook(WEBHOOK_SECRET).verify(body, req.headers as Record<string, string>);
  const id = String(req.headers['webhook-id']);
  insertEvent.run(id, body);
  res.send(202);
  const { sys_id } = event as { sys_id: string };
  propose(id, sys_id).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
});
server.get('/readyz', (_req: Request, res: Response, next: Next) => {
  res.send(200);
  next();
});
server.listen(Number(BARE_PORT), '127.0.0.1');
