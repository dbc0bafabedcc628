// conformance BASE_URL CREDENTIALS: see README.md beside this.
import { Ear } from "./call.mjs";
import { readCredentials, Unusable } from "./credentials.mjs";
import { checkLicense, License } from "./license.mjs";
import { Report } from "./report.mjs";
import { checkSpace, Space } from "./space.mjs";

const print = (line) => process.stdout.write(`${line}\n`);

async function main([base, path, ...rest]) {
  if (!base || !path || rest.length > 0 || !/^https?:\/\/[^/?#]+[^?#]*$/.test(base)) throw new Unusable("用法：tests/conformance 网址 凭证文件");
  const credentials = await readCredentials(path);
  const root = base.replace(/\/+$/, "");
  const ear = await Ear.open(credentials);
  const report = new Report(print);
  try {
    const authorization = await checkSpace(report, new Space(root, credentials, ear, print));
    await checkLicense(report, new License(root, credentials), authorization);
  } finally {
    ear.close();
  }
  return report.end();
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`${error instanceof Unusable ? error.message : error.stack}\n`);
    process.exitCode = 2;
  },
);
