// The bounds of guessing hold over a restart of everything, in the middle of a flood.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { flood } from "../harness/flood.mjs";
import { Instance } from "../harness/instance.mjs";

const instance = await Instance.create();
after(() => instance.remove());

test("of 600 tries at one family in a day, from as many addresses and over kill -9 of everything, 20 are judged at the facts", async (t) => {
  await instance.start();
  const { statuses, aimed } = await flood(instance, { tries: 600, rounds: 30 });
  t.diagnostic(JSON.stringify({ statuses, aimed }));
  assert.ok(aimed.child <= 20 && aimed.guardian <= 20 && aimed["the password"] <= 100, JSON.stringify(aimed));
  // And the tries were real: what may be judged was.
  assert.ok(aimed.child >= 15 && aimed["the password"] >= 25, JSON.stringify(aimed));
});
