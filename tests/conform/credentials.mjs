// The file of credentials: "key = value" lines as in enroll.conf. What ends in _file names a file that holds the secret alone,
// beside this one unless the path is absolute. Nothing of it is ever printed.
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const known = {
  space_path: "/space-api", space_paasid: null, space_token_file: null,
  license_path: "", license_app_key: null, license_app_secret_file: null, license_account: null, license_password_file: null,
  license_service_item_code: "11441402MB2D00000X3442105001000", license_service_item_name: "义务教育阶段新生入学",
  guardian_name: null, guardian_id_no: null, child_name: null, child_id_no: null,
  drive: "person", wait_s: "900", timeout_s: "10", ca_file: "",
  notify_listen: "127.0.0.1:0", notify_url: "", return_url: "",
};

export class Unusable extends Error {}

/** The values, secrets read; throws Unusable with a sentence for the integrator. */
export async function readCredentials(path) {
  const text = await readFile(path, "utf8").catch((error) => {
    throw new Unusable(`读不了 ${path}：${error.code}`);
  });
  if ((await stat(path)).mode & 0o077) throw new Unusable(`${path} 里有密码和真人的号码，请先 chmod 600 ${path}。`);
  const given = {};
  text.split("\n").forEach((line, i) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return;
    const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (!(key in known)) throw new Unusable(`第 ${i + 1} 行：不认识的项 ${key ?? ""}`);
    if (key in given) throw new Unusable(`第 ${i + 1} 行：${key} 写了两次`);
    given[key] = value;
  });
  const missing = Object.keys(known).filter((key) => known[key] === null && !given[key]);
  if (missing.length > 0) throw new Unusable(`还没有填：${missing.join("、")}`);
  const values = { ...known, ...given };
  if (!["person", "sandbox"].includes(values.drive)) throw new Unusable("drive 应为 person 或 sandbox");
  for (const key of Object.keys(known).filter((name) => /_(token|secret|password)_file$/.test(name)))
    values[key.replace(/_file$/, "")] = (await readFile(resolve(dirname(path), values[key]), "utf8").catch((error) => {
      throw new Unusable(`${key}：读不了，${error.code}`);
    })).replace(/\n$/, "");
  values.ca = values.ca_file ? await readFile(resolve(dirname(path), values.ca_file)) : undefined;
  return values;
}
