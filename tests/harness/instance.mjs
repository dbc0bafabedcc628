// An instance of the platform: conf/demo on a state folder of its own. tests/run starts one for all suites and names it in the
// environment; a test file that is run by itself gets one of its own; tests that break things start theirs.
import { spawn, execFile } from "node:child_process";
import { createServer } from "node:net";
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { after } from "node:test";

const execute = promisify(execFile);

export const project = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

// Hashing is not the point of most tests, and all of them come from one address.
export const cheap = "scrypt_ln = 4\nscrypt_p = 1\nhash_slots = 2\nhash_queue = 64\n";

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Ask until ask() gives something true; fail with words after timeoutMs. */
export async function until(words, ask, timeoutMs = 10000, everyMs = 50) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const got = await ask();
    if (got) return got;
    if (Date.now() > end) throw new Error(`${words}: not within ${timeoutMs} ms`);
    await sleep(everyMs);
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export class Instance {
  constructor(state, port) {
    this.state = state;
    this.port = port;
    this.url = `http://localhost:${port}`;
  }

  /** The one tests/run has started, or one made for this file alone. */
  static async shared() {
    const { ENROLL_TEST_STATE: state, ENROLL_TEST_PORT: port } = process.env;
    if (state) return new Instance(state, Number(port));
    const own = await Instance.create();
    after(() => own.remove());
    await own.start();
    return own;
  }

  /** A state folder of its own; builds are taken over from the one of tests/run, so that it starts in seconds. */
  static async create({ overrides = cheap, postgres = "", preset = process.env.ENROLL_TEST_PRESET ?? "release" } = {}) {
    const state = await mkdtemp(join(tmpdir(), "enroll-test-"));
    await execute("chmod", ["755", state]);
    const instance = new Instance(state, await freePort());
    instance.isOwnFolder = true;
    instance.preset = preset;
    await writeFile(join(state, "overrides.conf"), overrides);
    await writeFile(join(state, "postgres.overrides.conf"), postgres);
    const shared = process.env.ENROLL_TEST_STATE ?? process.env.ENROLL_TEST_BUILT;
    if (shared) {
      const from = await realpath(shared);
      await execute("ln", ["-s", join(from, "build"), join(state, "build")]);
      await execute("cp", ["-r", join(from, "npm"), join(state, "npm")]).catch(() => {});
    }
    return instance;
  }

  /** Run conf/demo until it is ready. Returns how long that took, in ms. */
  async start({ timeoutMs = 300000 } = {}) {
    const began = Date.now();
    this.output = "";
    this.demo = spawn(join(project, "conf/demo"), {
      env: { ...process.env, ENROLL_STATE: this.state, ENROLL_PORT: String(this.port), ENROLL_PRESET: this.preset },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = new Promise((done) => this.demo.once("exit", (code, signal) => done({ code, signal })));
    for (const stream of [this.demo.stdout, this.demo.stderr]) stream.on("data", (data) => (this.output += data));
    let end = null;
    this.ended.then((how) => (end = how));
    await until("conf/demo is ready", () => {
      if (end) throw new Error(`conf/demo ended with ${JSON.stringify(end)}:\n${this.output}`);
      return /^ready: /m.test(this.output);
    }, timeoutMs);
    return Date.now() - began;
  }

  /** Ask conf/demo to end, and wait until it has. */
  async stop(signal = "SIGTERM") {
    this.demo.kill(signal);
    return this.ended;
  }

  async remove() {
    if (this.demo && this.demo.exitCode === null && this.demo.signalCode === null) await this.stop();
    if (this.isOwnFolder) await rm(this.state, { recursive: true, force: true });
  }

  async runFolder() {
    return (await readFile(join(this.state, "run"), "utf8")).trim();
  }

  /** The processes the supervisor has running: a Map of name to pid. */
  async pids() {
    const text = await readFile(join(await this.runFolder(), "pids"), "utf8");
    return new Map(text.split("\n").filter(Boolean).map((line) => line.split(" ")).map(([name, pid]) => [name, Number(pid)]));
  }

  /** Send a signal to one of them. */
  async kill(name, signal = "SIGKILL") {
    process.kill((await this.pids()).get(name), signal);
  }

  /** SQL as superuser, rows as arrays of text. */
  async sql(text, { database = "enroll", user = "postgres" } = {}) {
    const { stdout } = await execute("psql", ["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1",
      "-h", await this.runFolder(), "-U", user, "-d", database, "-c", text], { maxBuffer: 64 << 20 });
    return stdout.split("\n").filter((line) => line !== "").map((line) => line.split("\t"));
  }

  /** The operator's command; returns what it printed. Throws if it failed. */
  async enrollctl(...words) {
    const { stdout } = await execute(join(this.state, "enrollctl"), words, { maxBuffer: 64 << 20 });
    return stdout;
  }

  /** Migrate one database of this cluster. Roles are the cluster's: two databases are not migrated at the same time. */
  migrate(config, lock = "--exclusive") {
    return execute("flock", [lock, join(this.state, "migrate.lock"), this.executable("enrollctl"), "--config", config, "migrate"]);
  }

  /** A further database in this cluster, migrated from nothing. Returns the configuration file that names it. */
  async migrated(name) {
    await this.sql(`drop database if exists ${name} with (force)`, { database: "postgres" });
    await this.sql(`create database ${name}`, { database: "postgres" });
    const config = join(this.state, `${name}.conf`);
    const text = await readFile(join(this.state, "enroll.conf"), "utf8");
    await writeFile(config, text.replace(/^(database = .*dbname=)enroll$/m, `$1${name}`));
    await this.migrate(config);
    return config;
  }

  /** The path of an executable of this instance. */
  executable(name) {
    return join(this.state, "build", this.preset ?? process.env.ENROLL_TEST_PRESET ?? "release", name);
  }

  /** Everything its processes have logged, as one text. */
  async logs() {
    const names = await readdir(join(this.state, "log"));
    return (await Promise.all(names.map((name) => readFile(join(this.state, "log", name), "utf8")))).join("\n");
  }
}
