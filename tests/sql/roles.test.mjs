// Every service role × every function: what may be executed is what sql/doors says, and nothing else. A folder of doors belongs
// to one executable; only the functions in doors/common are granted to several, each by its own file.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Instance, project } from "../harness/instance.mjs";

const instance = await Instance.shared();
const doors = join(project, "sql/doors");
const areas = ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content", "courier", "operator"];

/** [{area, name, roles}] of every grant in the files. */
const granted = readdirSync(doors).flatMap((area) => readdirSync(join(doors, area)).flatMap((file) => {
  const text = readFileSync(join(doors, area, file), "utf8").replace(/^--.*$/gm, "");
  return [...text.matchAll(/grant\s+execute\s+on\s+function\s+enroll\.(\w+)\s*\([^)]*\)\s+to\s+([^;]+);/g)]
    .map(([, name, roles]) => ({ area, name, roles: roles.split(",").map((role) => role.trim()) }));
}));

test("a door in an executable's folder is granted to that executable alone", () => {
  for (const { area, name, roles } of granted)
    if (areas.includes(area)) assert.deepEqual(roles, [`enroll_${area}`], `${area}/${name}`);
});

test("a folder of doors is an executable's or common", () => {
  assert.deepEqual(readdirSync(doors).filter((area) => !areas.includes(area)), ["common"]);
});

for (const area of [...areas, "report"]) {
  test(`enroll_${area} may execute its own doors and nothing else`, async () => {
    const role = `enroll_${area}`;
    const may = await instance.sql(`select distinct p.proname from pg_proc p
      where p.pronamespace in ('enroll'::regnamespace, 'enroll_report'::regnamespace) and has_function_privilege('${role}', p.oid, 'execute') order by 1`);
    const should = [...new Set(granted.filter(({ roles }) => roles.includes(role)).map(({ name }) => name))].sort();
    assert.deepEqual(may.flat(), should);
  });
}

test("nobody outside may execute anything", async () => {
  const open = await instance.sql(`select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'enroll'::regnamespace and has_function_privilege('public', p.oid, 'execute')`);
  assert.deepEqual(open, []);
});
