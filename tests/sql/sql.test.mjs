// Runs the pgTAP files beside this one, each in a transaction of its own that it rolls back, against a database that was
// migrated from nothing. Every assertion becomes a test of its own here.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Instance } from "../harness/instance.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const instance = await Instance.shared();
const database = "enroll_sql";
await instance.migrated(database);
await instance.sql("create extension pgtap", { database });
const run = await instance.runFolder();

function psql(file) {
  const words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", run, "-U", "postgres", "-d", database, "-f", file];
  return new Promise((done) => execFile("psql", words, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => done({ error, stdout, stderr })));
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".sql")).sort()) {
  test(file, async (t) => {
    const { error, stdout, stderr } = await psql(join(folder, file));
    const lines = stdout.split("\n");
    const planned = lines.map((line) => /^1\.\.(\d+)/.exec(line)).find(Boolean);
    const results = lines.flatMap((line, i) => {
      const [, not, sentence] = /^(not )?ok \d+(?: - (.*))?/.exec(line) ?? [];
      return /^(not )?ok/.test(line) ? [{ isGood: !not, sentence: sentence ?? "", why: diagnosis(lines.slice(i + 1)) }] : [];
    });
    for (const { isGood, sentence, why } of results) await t.test(sentence, () => assert.ok(isGood, why));
    assert.equal(error, null, stderr);
    assert.equal(results.length, Number(planned?.[1]), `${file} ended early:\n${stderr}`);
    assert.ok(results.length > 0, `${file} has no assertion`);
  });
}

// The comment lines below a result, up to the next one.
function diagnosis(lines) {
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines.slice(0, end === -1 ? undefined : end).join("\n");
}
