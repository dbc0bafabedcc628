// The site of a district's server, from the same templates, by an nginx of its own in front of an instance's executables.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, project, until } from "../harness/instance.mjs";
import { Authority } from "./authority.mjs";

const execute = promisify(execFile);

export class Site {
  /** settings: lines that replace those of the instance's configuration. */
  static async start(instance, settings = {}) {
    const site = new Site();
    site.instance = instance;
    site.folder = await mkdtemp(join(tmpdir(), "enroll-site-"));
    await execute("chmod", ["755", site.folder]);
    [site.tlsPort, site.plainPort, site.watchPort] = [await freePort(), await freePort(), await freePort()];
    site.authority = await new Authority(site.folder).make();
    site.ca = await readFile(site.authority.path("root.pem"));
    await site.configure(settings);
    await site.authority.sign("first");
    await site.tls("install", site.authority.path("first.chain"), site.authority.path("first.key"));
    await site.enrollctl("site", "--try", site.folder, `tls=${site.tlsPort}`, `plain=${site.plainPort}`, `run=${await instance.runFolder()}`);
    site.nginx = spawn(process.env.NGINX ?? "/usr/sbin/nginx", ["-e", "stderr", "-p", site.folder, "-c", join(site.folder, "nginx.conf")], { stdio: ["ignore", "pipe", "pipe"] });
    site.output = "";
    for (const stream of [site.nginx.stdout, site.nginx.stderr]) stream.on("data", (data) => (site.output += data));
    await until("nginx answers", async () => {
      if (site.nginx.exitCode !== null) throw new Error(site.output);
      return site.send("GET", "/").then(() => true, () => false);
    });
    return site;
  }

  async configure(settings) {
    const own = { public_url: `https://localhost:${this.tlsPort}`, share_dir: project, tls_dir: join(this.folder, "tls"), maintenance_dir: join(this.folder, "maintenance"),
      nginx_conf: join(this.folder, "nginx.conf"), metrics_port: this.watchPort, ...settings };
    const lines = (await readFile(join(this.instance.state, "enroll.conf"), "utf8")).split("\n").filter((line) => !(line.split("=")[0].trim() in own));
    this.config = join(this.folder, "settings.conf");
    await writeFile(this.config, [...lines, ...Object.entries(own).map(([key, value]) => `${key} = ${value}`), ""].join("\n"));
  }

  /** The operator's command on this site. Returns {code, output}. */
  async run(...words) {
    const command = [this.instance.executable("enrollctl"), ["--config", this.config, ...words]];
    return execute(...command, { env: { ...process.env, SSL_CERT_FILE: this.authority.path("root.pem") } })
      .then(({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }), (error) => ({ code: error.code, output: error.stdout + error.stderr }));
  }

  async enrollctl(...words) {
    const { code, output } = await this.run(...words);
    if (code !== 0) throw new Error(`enrollctl ${words.join(" ")}: ${output}`);
    return output;
  }

  tls(...words) {
    return this.enrollctl("tls", ...words);
  }

  /** One request from an address of 127.0.0.0/8. Answers {status, headers, text}. */
  send(method, path, { from = "127.0.0.1", headers = {}, body, isPlain = false, host = "localhost", toTlsPort = !isPlain } = {}) {
    return new Promise((done, failed) => {
      const sent = (isPlain ? requestPlain : requestTls)({ host: "127.0.0.1", port: toTlsPort ? this.tlsPort : this.plainPort, servername: host, ca: this.ca, localAddress: from,
        method, path, headers: { Host: host, ...headers }, agent: false }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", failed);
        answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }));
      });
      sent.on("error", failed);
      sent.end(body);
    });
  }

  async log() {
    return readFile(join(this.folder, "access.log"), "utf8");
  }

  async stop() {
    if (this.nginx?.exitCode === null) {
      const ended = new Promise((done) => this.nginx.once("exit", done));
      this.nginx.kill("SIGTERM");
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
