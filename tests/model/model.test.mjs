// The two state machines as Promela models: spin looks at every order in which notices, askings, crashes and the parent's steps
// can come. What it finds possible must be exactly what the database allows (sql/doors/common/transition.sql).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
let folder;
before(async () => (folder = await mkdtemp(join(tmpdir(), "enroll-model-"))));
after(() => rm(folder, { recursive: true, force: true }));

/** Every state of a model, after change(its text). Returns what pan printed. */
async function search(name, change = (text) => text) {
  const cwd = await mkdtemp(join(folder, `${name}-`));
  await cp(join(here, "names.h"), join(cwd, "names.h"));
  const text = await readFile(join(here, `${name}.pml`), "utf8");
  const changed = change(text);
  await writeFile(join(cwd, `${name}.pml`), changed);
  await execute("spin", ["-a", `${name}.pml`], { cwd, timeout: 60000 });
  await execute("gcc", ["-O2", "-DSAFETY", "-w", "-o", "pan", "pan.c"], { cwd });
  const { stdout } = await execute("./pan", ["-m100000", "-n"], { cwd, timeout: 300000, maxBuffer: 1 << 24 });
  return { stdout, isChanged: changed !== text };
}

const found = { bind: new Set(), authorize: new Set() };

for (const name of ["bind", "authorize"])
  test(`in every order of events ${name} keeps its promises and comes to an end`, async (t) => {
    const { stdout } = await search(name);
    assert.match(stdout, /errors: 0/, stdout);
    assert.doesNotMatch(stdout, /Search not completed|max search depth too small/);
    t.diagnostic(`${/(\d+) states, stored/.exec(stdout)[1]} states`);
    for (const [, transition] of stdout.matchAll(/^transition (.+)$/gm)) found[name].add(transition);
  });

test("what the models can do is what the database allows, step by step", async () => {
  const source = await readFile(join(here, "../../sql/doors/common/transition.sql"), "utf8");
  const body = /return array\[(.*?)\];/s.exec(source)[1];
  const allowed = [...body.matchAll(/'(\w+ \w+>\w+)'/g)].map(([, transition]) => transition);
  // A row that does not exist yet makes no step.
  const possible = [...new Set([...found.bind, ...found.authorize])].filter((one) => !/ nothing>/.test(one));
  assert.equal(new Set(allowed).size, allowed.length);
  assert.deepEqual(allowed.sort(), possible.sort());
});

for (const [name, words, from, to] of [
  ["bind", "a second proof takes nothing from the first", /SAME_CHILD && (is_proven\[1 - family\] ->|binding\[1 - family\] != TAKEN)/g, "false && $1"],
  ["bind", "an errand is left pending by its last word", "errand_move(errand, ENDED(known[errand]))\n}", "skip\n}"],
  ["authorize", "the guardian's register alone authorizes", "	:: HELD(0) && HELD(1) ->\n		if\n		:: DECIDES", "	:: HELD(0) ->\n		if\n		:: DECIDES"],
  ["authorize", "a crash makes a new request", "is_killed = true;", "is_killed = true; drawn++; number[r] = drawn;"],
])
  test(`and a fault would be found: ${words}`, async () => {
    const { stdout, isChanged } = await search(name, (text) => text.replace(from, to));
    assert.ok(isChanged, "the model no longer says that");
    assert.match(stdout, /errors: 1/);
  });
