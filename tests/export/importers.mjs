// SPDX-License-Identifier: Apache-2.0
// Importers of other projects, for export_test.py. IGREC_NODE_MODULES is where tools/npm.sh put them.
//   node importers.mjs csv FILE      what DuckDB reads from FILE: types of columns, counts, sums
//   node importers.mjs chrome FILE   what Chromium's own importer of traces makes of FILE, as JSON
//   node importers.mjs otlp FILE     each line of FILE is a request that fits OpenTelemetry's schema
//   node importers.mjs receive FILE  an OTLP receiver: prints its port, a line for each request to FILE
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';

const modules = process.env.IGREC_NODE_MODULES;

// ---- CSV ------------------------------------------------------------------------------------

async function csv(path) {
  const { DuckDBInstance } = createRequire(`${modules}/`)('@duckdb/node-api');
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  const ask = async (query) => (await duckdb.runAndReadAll(query)).getRowsJson();
  const file = `read_csv('${path.replaceAll("'", "''")}')`;
  console.log(JSON.stringify({
    types: Object.fromEntries((await ask(`DESCRIBE SELECT * FROM ${file}`)).map((row) => row.slice(0, 2))),
    rows: await ask(`SELECT type, count(*), sum(duration_ns), sum(length(text)) FROM ${file} GROUP BY 1`),
  }));
}

// ---- Trace Event Format ---------------------------------------------------------------------

// Threads with their names, and how many events found their place in the nesting of each.
async function chrome(path) {
  globalThis.DOMRect = class {};
  const { Handlers, Processor } = await import(
    `${modules}/@paulirish/trace_engine/models/trace/trace.js`);
  const { traceEvents } = JSON.parse(fs.readFileSync(path));
  const processor = new Processor.TraceProcessor(Handlers.ModelHandlers);
  await processor.parse(traceEvents, {});
  const { Meta, Renderer } = processor.data ?? processor.parsedTrace;
  const threads = [];
  for (const [pid, process] of Renderer.processes) {
    for (const [tid, thread] of process.threads) {
      const placed = thread.entries.filter((entry) => Renderer.entryToNode.has(entry)).length;
      threads.push({ pid, tid, name: thread.name, process: Meta.processNames?.get(pid)?.args.name,
                     placed, events: thread.entries.length });
    }
  }
  console.log(JSON.stringify(threads));
}

// ---- OTLP -----------------------------------------------------------------------------------

const ids = { traceId: 32, spanId: 16, parentSpanId: 16 };

// In OTLP's JSON ids are hexadecimal, unlike other bytes in that of protobuf.
function withBinaryIds(value) {
  if (Array.isArray(value)) return value.map(withBinaryIds);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => {
    if (!(key in ids)) return [key, withBinaryIds(member)];
    if (!new RegExp(`^[0-9a-f]{${ids[key]}}$`).test(member) || /^0*$/.test(member))
      throw new Error(`${key}: ${member}`);
    return [key, Buffer.from(member, 'hex').toString('base64')];
  }));
}

// A request as the schema's own code has it after a way through its binary form: nothing may be
// lost or changed, so nothing was unknown, and no number or text of another type than it should be.
function check(signal, text) {
  const { opentelemetry } = createRequire(import.meta.url)(
    `${modules}/@opentelemetry/otlp-transformer/build/src/generated/root.js`);
  const service = opentelemetry.proto.collector[signal].v1;
  const Request = service[`Export${signal === 'trace' ? 'Trace' : 'Logs'}ServiceRequest`];
  const given = withBinaryIds(JSON.parse(text));
  const made = Request.fromObject(given);
  const fault = Request.verify(made);
  if (fault) throw new Error(fault);
  const back = Request.decode(Request.encode(made).finish());
  const seen = JSON.parse(JSON.stringify(
    Request.toObject(back, { longs: String, bytes: String, arrays: false })));
  // An empty list and an absent one are the same in protobuf.
  const lists = (value) => JSON.parse(JSON.stringify(value, (_, member) =>
    Array.isArray(member) && !member.length ? undefined : member));
  if (!isDeepStrictEqual(seen, lists(given)))
    throw new Error(`not the same after the schema: ${JSON.stringify(seen).slice(0, 2000)}`);
  return JSON.parse(text);
}

const signalOf = (text) => (text.startsWith('{"resourceSpans"') ? 'trace' : 'logs');

function otlp(path) {
  const lines = fs.readFileSync(path, 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  for (const line of lines) console.log(JSON.stringify(check(signalOf(line), line)));
}

// REFUSE=status answers that; REFUSE=partial takes the request but for one item.
function receive(path) {
  const note = (what) => fs.appendFileSync(path, `${JSON.stringify(what)}\n`);
  const refuse = process.env.REFUSE;
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const signal = { '/v1/traces': 'trace', '/v1/logs': 'logs' }[request.url];
      let status = 200;
      let answer = '{}';
      try {
        if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
          throw new Error(`${request.method} of ${request.headers['content-type']}`);
        const body = check(signal, text);
        note({ url: request.url, headers: request.headers, body });
      } catch (error) {
        status = 400;
        answer = String(error);
        note({ url: request.url, error: answer });
      }
      if (refuse === 'partial') {
        answer = JSON.stringify({ partialSuccess: { rejectedSpans: '3',
                                                    errorMessage: 'too\u001b[31m old' } });
      } else if (refuse) {
        status = Number(refuse);
        answer = 'quota\u001b[31m\nused up';
      }
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(answer);
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

const [, , what, path] = process.argv;
await { csv, chrome, otlp, receive }[what](path);
