// The packages, on a server: built, judged by lintian, installed on a bare Debian that is booted with systemd, set up, walked through
// over HTTPS, restarted under load, rebooted, removed and purged. ENROLL_TEST_DEBS names a folder of packages built elsewhere
// (for another Debian: ENROLL_TEST_SUITE), ENROLL_TEST_RESTARTS how often each program is restarted under load.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { commands, pages, tried } from "../harness/handbook.mjs";
import { project, sleep, until } from "../harness/instance.mjs";
import { Impossible, Machine, whyNot } from "../harness/machine.mjs";

const execute = promisify(execFile);
const limits = { timeout: 600000, maxBuffer: 64 << 20 };
const built = join(process.env.ENROLL_TEST_BUILT ?? join(project, ".demo-test"), "build/release");
const debs = process.env.ENROLL_TEST_DEBS ?? built;
const url = "https://enroll.test";
const fastcgi = ["register", "session", "wechat", "recover", "bind", "license", "enroll", "content"];
const daemons = [...fastcgi, "courier"];
/** Who calls somebody outside. */
const callers = ["wechat", "bind", "license", "courier"];
const services = [...daemons, "sandbox"].map((name) => `enroll-${name}.service`);
let why = whyNot();
let machine, packages;

/** A test that needs the machine; where there can be none it says why. */
const onMachine = (name, work) => test(name, (t) => (machine ? work(t) : t.skip(`no machine can be booted here: ${why}`)));

/** The newest package of a name. */
const deb = (name) => join(debs, readdirSync(debs).filter((file) => file.startsWith(`${name}_`) && file.endsWith(".deb")).sort().pop());

before(async () => {
  if (debs === built) {
    await execute("cmake", ["--preset", "release", "-S", project, "-B", built, "--log-level=WARNING"], { ...limits, cwd: project });
    await execute("cmake", ["--build", built, "-j", "2", "--target", "package"], limits);
  }
  packages = [deb("enroll"), deb("enroll-sandbox")];
  if (why) return;
  machine = await Machine.boot(packages).catch((error) => {
    if (!(error instanceof Impossible)) throw error;
    why = error.message;
  });
});
after(() => machine?.remove());

/** Built only here, never packaged. Answers its path. */
async function buildStub() {
  const at = join(built, "../stub");
  await execute("cmake", ["--preset", "release", "-S", project, "-B", at, "-DTESTS=ON", "--log-level=WARNING"], { ...limits, cwd: project });
  await execute("cmake", ["--build", at, "--target", "stub"], limits);
  return join(at, "stub");
}

/** What stub.c printed: {done, denied}, the names of its attempts. */
function attempts(printed) {
  const named = (how) => [...printed.matchAll(new RegExp(`^${how} (\\w+)$`, "gm"))].map(([, name]) => name);
  return { done: named("DONE"), denied: named("denied") };
}

/** Run one of inside.mjs's actions in the machine's network. Answers {lines, ended}. */
function inside(action, ...words) {
  const child = machine.spawn(process.execPath, join(project, "tests/package/inside.mjs"), action, url, join(machine.root, "root/ca.pem"), ...words.map(String));
  const lines = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  const ended = new Promise((done) => child.once("close", (status) => done({ status, lines })));
  return { child, lines, ended };
}

async function walks() {
  const { status, lines } = await inside("walk").ended;
  assert.equal(status, 0, lines.join("\n"));
  assert.deepEqual(lines, ["submitted"]);
}

/** Do something while parents come at a steady rate. Answers what they met. */
async function underLoad(rate, work) {
  const { child, lines, ended } = inside("load", rate);
  let isOver = false;
  ended.then(() => (isOver = true));
  await until("parents come", () => assert.ok(!isOver, lines.join("\n")) ?? lines.includes("under load"), 60000);
  await work();
  child.stdin.end();
  return JSON.parse((await ended).lines.pop());
}

const property = (unit, key) => machine.run(`systemctl show -p ${key} --value ${unit}`);

test("lintian finds no error", async () => {
  await execute("lintian", ["--fail-on", "error", "--allow-root", ...packages], limits);
});

test("the sandbox is a package of its own", async () => {
  const files = async (path) => (await execute("dpkg-deb", ["--fsys-tarfile", path], { ...limits, encoding: "buffer" })
    .then(({ stdout }) => new Promise((done) => { const tar = execFile("tar", ["-t"], limits, (error, out) => done(out)); tar.stdin.end(stdout); }))).split("\n");
  const [platform, sandbox] = await Promise.all(packages.map(files));
  assert.deepEqual(platform.filter((file) => /sandbox/.test(file) && !/nginx\/sandbox.conf/.test(file)), []);
  for (const file of ["./usr/lib/enroll/sandbox", "./usr/share/enroll/html/sandbox/index.html", "./lib/systemd/system/enroll-sandbox.service"])
    assert.ok(sandbox.some((one) => one.endsWith(file.slice(1))), file);
  for (const name of [...daemons.map((one) => `lib/enroll/${one}`), "bin/enrollctl", "share/man/man1/enrollctl.1.gz", "share/bash-completion/completions/enrollctl",
    "share/enroll/sql/migrations/0001_house.sql", "share/enroll/html/index.html", "share/enroll/html/assets/weui.min.css", "share/doc/enroll/examples/enroll.conf",
    "share/doc/enroll/IT.md", "share/doc/enroll/DBA.md"])
    assert.ok(platform.includes(`./usr/${name}`), name);
});

onMachine("installed on a bare Debian, it waits to be set up", async () => {
  const said = await machine.run("apt-get install -y -q --no-install-recommends /root/enroll_*.deb /root/enroll-sandbox_*.deb postgresql 2>&1", { timeoutMs: 600000 });
  assert.match(said, /enrollctl setup/);
  assert.equal(await machine.run("systemctl list-units --no-legend --plain 'enroll*'"), "");
  assert.equal(await machine.run("stat -c '%a %U %n' /etc/enroll/keys /etc/enroll/secrets"), "700 root /etc/enroll/keys\n700 root /etc/enroll/secrets");
  assert.match(await machine.run("getent passwd enroll_register sandbox"), /enroll_register.*nologin\nsandbox.*nologin/);
});

onMachine("set up, everything runs and enrollctl finds nothing to say", async () => {
  await machine.write("root/setup.bash", readFileSync(join(project, "tests/package/setup.bash")));
  await machine.run(`bash /root/setup.bash ${url}`);
  for (const service of services) assert.equal(await property(service, "ActiveState"), "active", service);
  await until("the courier's heart beats", async () => (await machine.try("enrollctl check")).status === 0, 30000, 1000).catch(async () => assert.fail(await machine.run("enrollctl check")));
});

onMachine("systemd has nothing to say about the units, and finds them closed", async () => {
  const units = "/usr/lib/systemd/system/enroll*.service /usr/lib/systemd/system/enroll*.socket /usr/lib/systemd/system/enroll*.timer /usr/lib/systemd/system/enroll.target";
  const { status, stdout, stderr } = await machine.try(`systemd-analyze verify --man=no ${units}`);
  assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  const limit = (name) => (/^(wechat|bind|license|courier|sandbox|backup)$/.test(name) ? 1.2 : 0.5);
  for (const name of [...daemons, "sandbox", "daily", "backup"]) {
    const exposure = /exposure level for .*: ([\d.]+)/.exec(await machine.run(`systemd-analyze security --no-pager enroll-${name}.service`))[1];
    assert.ok(Number(exposure) <= limit(name), `${name}: ${exposure}`);
  }
  const nginx = /exposure level for .*: ([\d.]+)/.exec(await machine.run("systemd-analyze security --no-pager nginx.service"))[1];
  assert.ok(Number(nginx) <= 2.5, `nginx: ${nginx}`);
});

onMachine("a family walks the road over HTTPS", walks);

onMachine("a parent's browser walks it too", async (t) => {
  if (!existsSync("/usr/bin/chromium-headless-shell")) return t.skip("no chromium-headless-shell");
  const { status, lines } = await inside("browse", join(machine.root, "root/chain.pem")).ended;
  assert.equal(status, 0, lines.join("\n"));
  assert.match(lines.join("\n"), /^\d{4}-\d{4}-\d{4}$/);
});

onMachine("each program reads its own credentials alone", async () => {
  const [register, content] = await Promise.all(["register", "content"].map((name) => machine.try(`ls /run/credentials/enroll-${name}.service`)));
  assert.deepEqual(register.stdout.trim().split("\n"), ["contact.1", "identity.1", "index.1", "token.1"]);
  assert.notEqual(content.status, 0, "content is handed nothing");
  for (const path of ["/etc/enroll/keys/identity.1", "/run/credentials/enroll-register.service/identity.1", "/run/enroll/session.sock"])
    assert.notEqual((await machine.try(`setpriv --reuid=enroll_bind --regid=enroll_bind --clear-groups test -r ${path} -o -w ${path}`)).status, 0, path);
});

onMachine("taken over, a program gets no further than its work goes", async (t) => {
  const stub = "/usr/lib/enroll/stub";
  const units = daemons.map((name) => `enroll-${name}.service`).join(" ");
  await copyFile(await buildStub(), join(machine.root, stub));
  try {
    // As root and with no unit around it, it goes all the way: what is denied below is denied by the unit.
    const free = attempts(await machine.run(`systemd-run -q --pipe --wait unshare -m ${stub} register`));
    const all = [...free.done, ...free.denied].sort();
    assert.ok(all.length >= 60, `${all.length} attempts`);
    // A unit gives these; root is the roles' of pg_ident.conf alone; a container may not ask the kernel for the rest.
    const others = ["own_credentials", "own_role", "copy_in_state", "copy_in_runtime", "other_role", "other_kernel", "module", "bpf", "perf_event", "kernel_keyring",
      "io_uring", "page_faults"];
    assert.deepEqual(free.denied.filter((name) => !others.includes(name)), []);

    await machine.run(`for name in ${daemons.join(" ")}; do
        mkdir -p /run/systemd/system/enroll-$name.service.d
        printf '[Service]\\nType=oneshot\\nExecStart=\\nExecStart=${stub} %s\\nRestart=no\\nWatchdogSec=0\\n' $name >/run/systemd/system/enroll-$name.service.d/stub.conf
      done; systemctl daemon-reload; systemctl stop ${units} 2>&1; systemctl start ${units}; journalctl --sync`);
    for (const name of daemons) {
      await t.test(name, async () => {
        const { done, denied } = attempts(await machine.run(`journalctl --no-pager -o cat _SYSTEMD_INVOCATION_ID=${await property(`enroll-${name}.service`, "InvocationID")}`));
        assert.deepEqual([...done, ...denied].sort(), all, "each attempt was made");
        assert.deepEqual(done, [...(name === "content" ? [] : ["own_credentials"]), "own_role", ...(callers.includes(name) ? ["internet"] : [])]);
      });
    }
  } finally {
    await machine.run(`rm -rf ${stub} /run/systemd/system/enroll-*.service.d; systemctl daemon-reload; systemctl restart ${units}`);
  }
});

onMachine("the sandbox does not start beside a real district", async () => {
  await machine.run("sed -i 's/^environment = .*/environment = production/' /etc/enroll/enroll.conf");
  try {
    assert.notEqual((await machine.try("systemctl restart enroll-sandbox.service")).status, 0);
    assert.match(await machine.run("journalctl -u enroll-sandbox --no-pager -n 50"), /sandbox_refused/);
  } finally {
    await machine.run("sed -i 's/^environment = .*/environment = test/' /etc/enroll/enroll.conf; systemctl restart enroll-sandbox.service");
  }
});

onMachine("restarted under load, no request is lost", async () => {
  const times = Number(process.env.ENROLL_TEST_RESTARTS ?? 3);
  const { sent, failed, ...figures } = await underLoad(process.env.ENROLL_TEST_RESTARTS ? 200 : 100, () => machine.run(
    `for ((i = 0; i < ${times}; i++)); do for name in ${daemons.join(" ")}; do systemctl restart enroll-$name.service || { systemctl status --no-pager -n 20 enroll-$name; exit 1; }; done; done`, { timeoutMs: 3600000 }));
  if (process.env.ENROLL_TEST_RESTARTS) console.log(`# ${times} restarts of ${daemons.length} programs, ${sent} requests, ${JSON.stringify(figures)}`);
  assert.deepEqual(failed, []);
  assert.ok(sent > 100, `${sent} requests`);
});

onMachine("the package installed anew restarts by drain: no request is lost", async () => {
  const pids = () => Promise.all(daemons.map((name) => property(`enroll-${name}.service`, "MainPID")));
  const old = await pids();
  const { failed } = await underLoad(50, () => machine.run("dpkg -i /root/enroll_*.deb /root/enroll-sandbox_*.deb"));
  assert.deepEqual(failed, []);
  (await pids()).forEach((pid, i) => assert.ok(pid !== "0" && pid !== old[i], `${daemons[i]} is another process`));
});

onMachine("killed or stuck, a program is started again", async () => {
  const unit = "enroll-content.service";
  await machine.run(`kill -KILL $(systemctl show -p MainPID --value ${unit})`);
  await until("it runs again", async () => (await property(unit, "NRestarts")) === "1" && (await property(unit, "ActiveState")) === "active");
  await machine.run(`mkdir -p /run/systemd/system/${unit}.d; printf '[Service]\\nWatchdogSec=2\\nTimeoutAbortSec=1\\n' >/run/systemd/system/${unit}.d/short.conf
    systemctl daemon-reload; systemctl restart ${unit}; sleep 4`);
  assert.equal(await property(unit, "NRestarts"), "0", "one that works tells the watchdog in time");
  await machine.run(`kill -STOP $(systemctl show -p MainPID --value ${unit})`);
  await until("the watchdog has it started again", async () => (await property(unit, "NRestarts")) === "1" && (await property(unit, "ActiveState")) === "active", 30000);
  await machine.run(`rm -r /run/systemd/system/${unit}.d; systemctl daemon-reload; systemctl restart ${unit}`);
});

onMachine("the day's figures are frozen, the nightly dump can be read by its holder alone", async () => {
  await machine.run("systemctl start enroll-daily.service");
  const operator = (sql) => machine.run(`setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtqd enroll -c "${sql}"`);
  assert.ok(Number(await operator("select sum(children) from enroll_report.daily_v1")) > 0);

  assert.notEqual((await machine.try("systemctl start enroll-backup.service")).status, 0, "without a certificate there is no dump, and that is a failure");
  await machine.run("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=enroll-backup -keyout /root/backup.key -out /etc/enroll/backup.pem 2>/dev/null");
  await machine.run("systemctl start enroll-backup.service");
  assert.match(await machine.run("journalctl --no-pager -o cat -t backup"), /\d+ tables, \d{3,} rows restored and counted/);
  assert.equal(await operator("select count(*) from pg_database where datname like '%restore%'"), "0", "nothing is left of the trial");
  const file = await machine.run("ls /var/backups/enroll/*.cms");
  assert.equal(await machine.run(`stat -c %a%U ${file}`), "600enroll_backup");
  assert.equal((await machine.try(`grep -aq 'create table\\|PGDMP' ${file}`)).status, 1, "nothing readable is in it");
  await machine.run(`cd /root && openssl cms -decrypt -binary -inform DER -in ${file} -inkey backup.key -out plain.dump && chmod 644 plain.dump && mv plain.dump /tmp
    setpriv --reuid=postgres --regid=postgres --init-groups sh -c 'cd / && createdb again && pg_restore --dbname=again /tmp/plain.dump'; rm /tmp/plain.dump`);
  assert.equal(await machine.run("setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtqd again -c 'select count(*) > 20 from enroll.guardian'"), "t");
  await machine.run("setpriv --reuid=postgres --regid=postgres --init-groups dropdb again");
  for (const timer of ["enroll-daily.timer", "enroll-backup.timer"]) assert.equal(await property(timer, "ActiveState"), "active", timer);
  assert.match(await property("enroll-daily.timer", "TimersCalendar"), /17:00:00 Asia\/Shanghai/);
});

onMachine("what conf/IT.md and conf/DBA.md have somebody type works on a machine; the dump, restored, is walked on", async (t) => {
  const at = "/root/handbook";
  await machine.run(`mkdir ${at} && cd ${at} && ln -s ../*.deb . && cp /etc/enroll/backup.pem ../backup.key . && touch MP_verify_x.txt`);
  for (const page of pages) {
    for (const line of commands(page)) {
      const { on, code = [0], says = /(?:)/, first = "true", isKnown } = tried[page][line];
      if (on !== "machine" && on !== "both") continue;
      await t.test(`${page}: ${line}`, async () => {
        await machine.run(`cd ${at} && ${first}`);
        const how = isKnown ? `bash -nc '${line}' && command -v ${line.split(" ")[0]}` : line;
        const { status, stdout, stderr } = await machine.try(`cd ${at}\n${how}`, { timeoutMs: 120000 });
        assert.ok(code.includes(status), `ends with ${status}: ${stdout}${stderr}`);
        assert.match(stdout + stderr, says);
      });
    }
    await walks();
  }
});

onMachine("after a reboot it is there again, without anybody's hand", async () => {
  await machine.reboot();
  for (const service of services) await until(`${service} runs`, async () => (await property(service, "ActiveState")) === "active", 60000, 500);
  await walks();
});

onMachine("the target stops all and starts all", async () => {
  const active = () => machine.run("systemctl list-units --no-legend --plain --state=active 'enroll*' | wc -l");
  const before = await active();
  await machine.run("systemctl stop enroll.target");
  await until("all of it has stopped", async () => (await active()) === "0");
  await machine.run("systemctl start enroll.target");
  await until("all of it runs", async () => (await active()) === before);
});

onMachine("removed it is quiet, purged it leaves keys and data alone", async () => {
  const said = await machine.run("apt-get remove -y -q enroll 2>&1");
  assert.equal(await machine.run("systemctl list-units --no-legend --plain 'enroll*' | grep -v not-found || true"), "", said);
  assert.equal(await machine.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '/usr/lib/[e]nroll/' || true"), "0");
  await machine.run("nginx -t -q");
  assert.equal((await machine.try("systemctl is-active nginx")).stdout.trim(), "active");
  assert.match(await machine.run("ls /etc/enroll /etc/enroll/keys"), /enroll.conf[^]*identity.1/);

  const purged = await machine.run("apt-get purge -y -q enroll enroll-sandbox 2>&1");
  assert.match(purged, /kept, as it cannot be made again: \/etc\/enroll\/keys/);
  assert.deepEqual((await machine.run("ls -A /etc/enroll")).split("\n").sort(), ["backup.pem", "keys"]);
  assert.match(await machine.run("ls /etc/enroll/keys /var/backups/enroll"), /identity.1[^]*\.cms/);
  const left = "find /usr /etc /run -xdev -name '*enroll*' ! -name '*cryptenroll*' ! -path '/etc/enroll*' ! -path '/usr/local/*' ! -path '/etc/ssl/certs/*'";
  assert.equal(await machine.run(left), "");
  assert.equal(await machine.run("ls /var/lib/enroll"), "courier");
});
