// Migrations: from nothing, twice, from two places at once, and what is refused.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Instance, project } from "../harness/instance.mjs";

const execute = promisify(execFile);
const instance = await Instance.shared();
// Several may migrate the one database of this file at once, none another database.
const migrate = (config) => instance.migrate(config, "--shared");

async function empty(name) {
  await instance.sql(`drop database if exists ${name} with (force)`, { database: "postgres" });
  await instance.sql(`create database ${name}`, { database: "postgres" });
  const config = join(instance.state, `${name}.conf`);
  const text = await readFile(join(instance.state, "enroll.conf"), "utf8");
  await writeFile(config, text.replace(/^(database = .*dbname=)enroll$/m, `$1${name}`));
  return config;
}

const recorded = (database) => instance.sql("select version, name, sha256 from enroll.migration order by version", { database });

test("a second migration changes nothing and says so", async () => {
  const config = await empty("enroll_twice");
  await migrate(config);
  const before = await recorded("enroll_twice");
  const { stdout } = await migrate(config);
  assert.doesNotMatch(stdout, /\.sql|anew/);
  assert.deepEqual(await recorded("enroll_twice"), before);
});

test("from two places at once it is done once", async () => {
  const config = await empty("enroll_race");
  const outputs = (await Promise.all([migrate(config), migrate(config), migrate(config)])).map(({ stdout }) => stdout);
  assert.equal(outputs.filter((text) => /0001_house/.test(text)).length, 1);
  const files = (await readdir(join(project, "sql/migrations"))).filter((name) => name.endsWith(".sql")).sort();
  assert.deepEqual((await recorded("enroll_race")).map(([, name]) => name), ["grants", "doors", ...files]);
});

test("a migration that was edited after it ran is refused, and nothing changes", async () => {
  const config = await empty("enroll_edited");
  await migrate(config);
  const before = await recorded("enroll_edited");
  const folder = await mkdtemp(join(tmpdir(), "enroll-sql-"));
  try {
    await cp(join(project, "sql"), folder, { recursive: true });
    await appendFile(join(folder, "migrations/0001_house.sql"), "\n-- a late thought\n");
    await writeFile(config, (await readFile(config, "utf8")).replace(/^sql_dir = .*$/m, `sql_dir = ${folder}`));
    await assert.rejects(migrate(config), /was changed after it ran/);
    assert.deepEqual(await recorded("enroll_edited"), before);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a door whose file is gone is gone, and so is its grant", async () => {
  const config = await empty("enroll_door");
  await migrate(config);
  const folder = await mkdtemp(join(tmpdir(), "enroll-sql-"));
  try {
    await cp(join(project, "sql"), folder, { recursive: true });
    await rm(join(folder, "doors/session/session_get.sql"));
    await writeFile(config, (await readFile(config, "utf8")).replace(/^sql_dir = .*$/m, `sql_dir = ${folder}`));
    await migrate(config);
    assert.deepEqual(await instance.sql("select to_regproc('enroll.session_get') is null", { database: "enroll_door" }), [["t"]]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
