// A bare Debian, booted with systemd in a container (systemd-nspawn) that has a network of its own: what a district's server is
// before anybody has touched it. Made once by debootstrap, kept in .demo-test/machine, copied for each use. Needs root.
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { project, until } from "./instance.mjs";

const execute = promisify(execFile);
const cache = join(project, ".demo-test/machine");
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const MINUTE = 60000;

const release = (root) => /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync(join(root, "etc/os-release"), "utf8"))[1];
export const suite = process.env.ENROLL_TEST_SUITE ?? release("/");

/** Why there can be no such machine here; "" if there can. */
export function whyNot() {
  if (process.getuid() !== 0) return "not root";
  for (const tool of ["/usr/sbin/debootstrap", "/usr/bin/systemd-nspawn", keyring]) if (!existsSync(tool)) return `no ${tool}`;
  return "";
}

/** Why it turned out that there can be none: no mirror, or a container in a container that may not boot another. */
export class Impossible extends Error {}

/** The addresses that this machine has its own Debian from: [main, security]. */
function mirrors() {
  const own = release("/");
  const lines = execFileSync("apt-get", ["indextargets", "--no-release-info", "--format", "$(RELEASE) $(REPO_URI)", "Identifier: Packages"], { encoding: "utf8" });
  const of = (name) => lines.split("\n").map((line) => line.split(" ")).find(([found]) => found === name)?.[1];
  const plain = (uri) => (uri?.startsWith("mirror+file:") ? readFileSync(uri.slice(12), "utf8").split("\n").find((line) => /^[^#]/.test(line)).split(/\s/)[0] : uri);
  return [plain(of(own)) ?? "http://deb.debian.org/debian/", plain(of(`${own}-security`)) ?? "http://deb.debian.org/debian-security/"];
}

/** A bare Debian in cache, with what the packages depend on already fetched but not installed. */
async function base(packages) {
  const root = join(cache, suite);
  if (!existsSync(join(root, "etc/made"))) {
    const [main, security] = mirrors();
    await rm(root, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
    await execute("debootstrap", ["--variant=minbase", "--include=ca-certificates,systemd,systemd-sysv,dbus", `--keyring=${keyring}`, suite, root, main],
      { timeout: 10 * MINUTE, maxBuffer: 64 << 20 }).catch(({ stdout, message }) => {
      throw new Impossible(`debootstrap makes no ${suite}: ${(stdout || message).trim().split("\n").pop()}`);
    });
    const sources = [[main, suite], [main, `${suite}-updates`], [security, `${suite}-security`]];
    await writeFile(join(root, "etc/apt/sources.list"), sources.map(([uri, name]) => `deb [signed-by=${keyring}] ${uri} ${name} main\n`).join(""));
    const { stdout } = await execute("apt-config", ["dump"]);
    await writeFile(join(root, "etc/apt/apt.conf.d/99mirror"), stdout.split("\n").filter((line) => /^Acquire::(https?|Check|Retries)/i.test(line)).join("\n") + "\n");
    // It is thrown away: nothing need be safe on its disk.
    await writeFile(join(root, "etc/dpkg/dpkg.cfg.d/unsafe"), "force-unsafe-io\n");
    await execute("cp", ["-L", "/etc/ssl/certs/ca-certificates.crt", join(root, "etc/ssl/certs/")]);
    await writeFile(join(root, "etc/made"), "");
  }
  await execute("cp", [...packages, join(root, "root")]);
  await execute("chroot", [root, "sh", "-c", "apt-get update -qq && apt-get install -y -q --no-install-recommends --download-only /root/*.deb postgresql"],
    { timeout: 10 * MINUTE, maxBuffer: 64 << 20 });
  return root;
}

export class Machine {
  /** Boot a fresh one, with packages in /root. */
  static async boot(packages) {
    const from = await base(packages);
    // What was killed has left its folder.
    for (const name of readdirSync(cache)) if (/^run-/.test(name) && !existsSync(`/proc/${name.split("-")[1]}`)) await rm(join(cache, name), { recursive: true, force: true });
    const machine = new Machine();
    machine.folder = await mkdtemp(join(cache, `run-${process.pid}-`));
    machine.root = join(machine.folder, "root");
    await execute("cp", ["-a", "--reflink=auto", from, machine.root]);
    // There is no network but its own to wait for.
    await symlink("/dev/null", join(machine.root, "etc/systemd/system/systemd-networkd-wait-online.service"));
    await machine.switchOn();
    return machine;
  }

  async switchOn() {
    this.output = "";
    this.isGone = false;
    // Should we be killed, it goes too.
    this.nspawn = spawn("setpriv", ["--pdeathsig", "TERM", "systemd-nspawn", "-q", "-D", this.root, "--boot", "--register=no", "--keep-unit",
      "--private-network", "--link-journal=no"], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.nspawn.stdout, this.nspawn.stderr]) stream.on("data", (data) => (this.output += data));
    this.hasEnded = new Promise((done) => this.nspawn.once("exit", () => done((this.isGone = true))));
    await until("the machine is up", async () => {
      if (this.isGone) throw new Impossible(`systemd-nspawn boots nothing: ${this.output.trim().split("\n").pop()}`);
      if (!this.leader()) return false;
      const { stdout } = await this.try("systemctl is-system-running");
      return /running|degraded/.test(stdout);
    }, 2 * MINUTE, 500);
    // A container that shares its host's network may give another one of its own, but not raise the loopback there.
    if (/unreachable/.test((await this.try(": >/dev/tcp/127.0.0.1/1")).stderr)) {
      await this.remove();
      throw new Impossible("its network has no loopback: this machine is itself a container that may not configure networks");
    }
  }

  /** Ask it to end, and wait until it has; what does not end in time is killed. */
  async switchOff(verb = "poweroff") {
    await this.try(`systemctl ${verb}`, { timeoutMs: 10000 });
    const timer = setTimeout(() => this.nspawn.kill("SIGKILL"), MINUTE);
    await this.hasEnded;
    clearTimeout(timer);
  }

  /** The process that is number 1 in there. */
  leader() {
    if (this.isGone) throw new Error(`the machine is off:\n${this.output.slice(-2000)}`);
    const children = readFileSync(`/proc/${this.nspawn.pid}/task/${this.nspawn.pid}/children`, "utf8").trim().split(" ");
    return children.find((pid) => pid && /^(systemd|init)$/.test(readFileSync(`/proc/${pid}/comm`, "utf8").trim()));
  }

  /** Run a line of shell in there as root. Answers {status, stdout, stderr}; never longer than timeoutMs. */
  async try(line, { timeoutMs = 3 * MINUTE } = {}) {
    const words = ["-t", this.leader(), "-m", "-u", "-i", "-n", "-p", "-r", "-w", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
      "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "bash", "-c", line];
    try {
      const { stdout, stderr } = await execute("nsenter", words, { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: 64 << 20 });
      return { status: 0, stdout, stderr };
    } catch (error) {
      return { status: error.code ?? error.signal, stdout: error.stdout ?? "", stderr: error.stderr ?? String(error) };
    }
  }

  /** As try, but it must succeed; answers what it printed. */
  async run(line, options) {
    const { status, stdout, stderr } = await this.try(line, options);
    if (status !== 0) throw new Error(`${line}\nended with ${status}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
    return stdout.trim();
  }

  /** Start one of our own programs in the machine's network, on our own files. */
  spawn(command, ...words) {
    return spawn("nsenter", ["-t", this.leader(), "-n", command, ...words], { stdio: ["pipe", "pipe", "inherit"] });
  }

  async write(path, text) {
    await writeFile(join(this.root, path), text);
  }

  async reboot() {
    await this.switchOff("reboot");
    await this.switchOn();
  }

  async remove() {
    if (!this.isGone) await this.switchOff();
    await rm(this.folder, { recursive: true, force: true });
  }
}
