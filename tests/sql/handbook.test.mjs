// conf/DBA.md: its queries are run as the role that it says, its parameters are taken by PostgreSQL, and what it says of roles, tables
// and limits is what the database says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sqlBlocks } from "../harness/handbook.mjs";
import { Instance, project } from "../harness/instance.mjs";
import { registered } from "../harness/road.mjs";

const instance = await Instance.shared();
const text = readFileSync(join(project, "conf/DBA.md"), "utf8");
/** The rows of the table under a heading, as lists of cells. */
const table = (heading) => {
  const lines = text.slice(text.indexOf(heading)).split("\n");
  return lines.slice(lines.indexOf(heading) + 2).slice(0, -1).reduce((rows, line) => (rows.isOver || !line.startsWith("|") ? Object.assign(rows, { isOver: true }) : [...rows, line.split("|").slice(1, -1).map((cell) => cell.trim())]), []);
};

test("each query for the report role answers it, and needs no other", async () => {
  await registered(instance);
  const queries = sqlBlocks("DBA.md", "sql");
  assert.ok(queries.length >= 7);
  for (const query of queries) await instance.sql(query, { user: "enroll_report" });
  const [[children]] = await instance.sql(queries[0].replace(/^select[^]*?from/, "select sum(children) from").replace(/group by[^]*/, ""), { user: "enroll_report" });
  const all = await instance.sql(queries[0], { user: "enroll_report" });
  assert.equal(all.reduce((sum, row) => sum + Number(row[2]), 0), Number(children));
});

test("each query for the superuser works; what is changed by hand comes with its audit row", async () => {
  for (const query of sqlBlocks("DBA.md", "sql postgres")) {
    assert.ok(!/commit;/.test(query) || /audit_put/.test(query), "a change leaves an audit row");
    await instance.sql(query.replace("commit;", "rollback;").replace(/pg_terminate_backend\(pid\)/, "pid"));
  }
});

test("PostgreSQL takes each parameter", async () => {
  const [block] = sqlBlocks("DBA.md", "conf");
  for (const line of block.trim().split("\n")) {
    const [, name, value] = /^(\w+) = (.+)$/.exec(line);
    const [[type, unit]] = await instance.sql(`select vartype, coalesce(unit, '') from pg_settings where lower(name) = '${name}'`);
    assert.ok(type, `${name} is no parameter`);
    // Judged without being set: the value as the parser reads it, in the parameter's own unit.
    if (type === "bool") assert.match(value, /^(on|off)$/);
    if (type === "enum") assert.deepEqual(await instance.sql(`select true from pg_settings where name = '${name}' and ${value.replace(/^(\w+)$/, "'$1'")} = any (enumvals)`), [["t"]], line);
    if (type === "integer" && unit) assert.match(value, /^\d+(kB|MB|GB|ms|s|min)?$/, line);
  }
});

test("the page names every role, with its purpose and whether it may log in", async () => {
  const told = table("| 角色 | 用途 | 登录 | 能做的 |").map(([role, purpose, login]) => [role.replace(/`/g, ""), purpose, login]).sort();
  const found = await instance.sql("select role, purpose, case when can_log_in then '能' else '否' end from enroll_report.roles_v1 order by 1", { user: "enroll_report" });
  assert.deepEqual(told, found.sort());
});

test("the tables whose size it tells exist", async () => {
  const tables = (await instance.sql("select table_name from enroll_report.sizes_v1", { user: "enroll_report" })).flat();
  const told = table("| 表 | MiB | 每户几行 |").map(([name]) => /^`(\w+)`$/.exec(name)?.[1]).filter(Boolean);
  assert.ok(told.length >= 8);
  for (const name of told) assert.ok(tables.includes(name), name);
});

test("the limits of the roles are as it says", async () => {
  const limits = Object.fromEntries((await instance.sql(`select rolname, coalesce(array_to_string(rolconfig, ' '), '') from pg_roles where rolname like 'enroll\\_%'`)));
  for (const name of ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"])
    for (const limit of ["statement_timeout=2s", "lock_timeout=1500ms", "idle_in_transaction_session_timeout=5s"]) assert.ok(limits[`enroll_${name}`].includes(limit), `${name}: ${limit}`);
  for (const [name, limit] of [["courier", "30s"], ["operator", "60s"], ["report", "60s"], ["backup", "0"]]) assert.ok(limits[`enroll_${name}`].includes(`statement_timeout=${limit}`), name);
});
