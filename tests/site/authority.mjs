// A made-up certificate authority: a root, an intermediate, and certificates for a name, right and wrong ones.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const openssl = (...words) => execute("openssl", words);

const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

/** The words for a life of so many days. Of one that is over OpenSSL 3.5 wants both ends; older ones know -days alone. */
async function lasting(days) {
  if (days >= 0 || !(await openssl("x509", "-help").then(({ stdout, stderr }) => stdout + stderr)).includes("-not_before")) return ["-days", String(days)];
  const at = (day) => new Date(Date.now() + day * 86400000).toISOString().replace(/[-:T]|\.\d+/g, "");
  return ["-not_before", at(days - 90), "-not_after", at(days)];
}

export class Authority {
  constructor(folder) {
    this.folder = folder;
  }

  path(name) {
    return join(this.folder, name);
  }

  async make() {
    await openssl("req", "-x509", ...EC, "-nodes", "-keyout", this.path("root.key"), "-out", this.path("root.pem"), "-days", "3650",
      "-subj", "/CN=Made-up Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign");
    await this.sign("between", { issuer: "root", subject: "/CN=Made-up Intermediate",
      extensions: "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign" });
    return this;
  }

  /** NAME.pem and NAME.key, and NAME.chain with the intermediate behind it. */
  async sign(name, { issuer = "between", subject = `/CN=${name}`, host = "localhost", days = 90, key = EC, digest = "sha256",
    extensions = `basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth${host ? `\nsubjectAltName=DNS:${host}` : ""}` } = {}) {
    await openssl("req", "-new", ...key, "-nodes", "-keyout", this.path(`${name}.key`), "-out", this.path(`${name}.csr`), "-subj", subject);
    await writeFile(this.path(`${name}.ext`), extensions);
    await openssl("x509", "-req", `-${digest}`, "-in", this.path(`${name}.csr`), "-CA", this.path(`${issuer}.pem`), "-CAkey", this.path(`${issuer}.key`),
      "-CAcreateserial", ...(await lasting(days)), "-extfile", this.path(`${name}.ext`), "-out", this.path(`${name}.pem`));
    await this.chain(`${name}.chain`, `${name}.pem`, ...(issuer === "between" ? ["between.pem"] : []));
  }

  /** A file of several, in this order. Returns its path. */
  async chain(name, ...parts) {
    const texts = await Promise.all(parts.map((part) => readFile(this.path(part), "utf8")));
    await writeFile(this.path(name), texts.join(""));
    return this.path(name);
  }
}
