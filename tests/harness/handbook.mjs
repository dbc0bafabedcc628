// What conf/IT.md and conf/DBA.md have somebody type, and how each of it is tried. A command that stands in the text and not here
// fails, and so does one that stands here and no longer in the text.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "./instance.mjs";

const PROGRAMS = /^(enrollctl|systemctl|journalctl|apt|nginx|df|du|timedatectl|psql|openssl|runuser) /;
const read = (page) => readFileSync(join(project, "conf", page), "utf8");
const blocks = (text, kind) => [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, block]) => block);

/** The lines of the blocks marked "sh", and what stands in the running text as a command, each once, in the order of the text. */
export function commands(page) {
  const text = read(page);
  const lines = blocks(text, "sh").flatMap((block) => block.split("\n")).filter((line) => line !== "");
  const inline = [...text.replace(/^```[^]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code).filter((code) => PROGRAMS.test(code));
  return [...new Set([...lines, ...inline])];
}

/** The blocks of SQL: those for the report role ("sql") or for the superuser ("sql postgres"), or settings ("conf"). */
export const sqlBlocks = (page, kind) => blocks(read(page), kind);

// How: "site" on an instance and a site of the tests, "machine" on a booted machine, "both", or a pattern of the tests of the package
// that do it anyway. code: what it may end with, 0 if not told. typed: what is typed at its prompts. first:
// what lies ready on the machine.
const site = (options = {}) => ({ on: "site", ...options });
const machine = (options = {}) => ({ on: "machine", ...options });
const both = (options = {}) => ({ on: "both", ...options });
// What cannot be done on a machine with one version of PostgreSQL: the program is there, and the line can be read.
const known = () => ({ on: "machine", isKnown: true });
const elsewhere = (pattern) => ({ on: "package", pattern });

export const tried = {
  "IT.md": {
    "openssl req -x509 -newkey rsa:4096 -nodes -days 3650 -subj /CN=enroll-backup -keyout backup.key -out backup.pem": site(),
    "apt install ./enroll_*.deb postgresql": elsewhere(/apt-get install -y .*enroll_\*\.deb .*postgresql/),
    "install -m 644 backup.pem /etc/enroll/backup.pem": machine(),
    "install -m 644 MP_verify_*.txt /etc/enroll/mp_verify/": machine(),
    "enrollctl setup": elsewhere(/enrollctl setup answers/),
    "cp /usr/share/doc/enroll/examples/answers.example answers": machine(),
    "enrollctl setup answers": elsewhere(/enrollctl setup answers/),
    "systemctl list-units 'enroll-*'": machine({ says: /enroll-session\.service/ }),
    "systemctl list-timers 'enroll-*'": machine({ says: /enroll-backup\.timer/ }),
    "enrollctl season set 2027 --register-from 2027-04-01 --opens 2027-05-01T09:00+08:00 --closes 2027-05-10T17:30+08:00 --birth-from 2020-09-01 --birth-to 2021-08-31": site(),
    "enrollctl season show": site({ says: /2027-05-01T09:00:00\+08:00/ }),
    "enrollctl school import schools.csv": site(),
    "enrollctl content publish guide guide.md": site(),
    "enrollctl content publish policy policy.md": site(),
    "enrollctl content publish consent consent.md": site(),
    "enrollctl qr --svg poster.svg --png poster.png": site(),
    "enrollctl check": both({ code: [0, 1], says: /一切正常|→/ }),
    "enrollctl walk": site({ says: /✓ 编造的家庭已删除/ }),
    "apt install ./enroll_*.deb ./enroll-sandbox_*.deb postgresql": elsewhere(/apt-get install -y .*enroll_\*\.deb .*enroll-sandbox_\*\.deb postgresql/),
    "enrollctl password calibrate": site({ says: /^scrypt_ln = \d+$/m }),
    "systemctl restart 'enroll-*.service'": machine(),
    "enrollctl status": site({ code: [0, 1], says: /^session +正常/m }),
    "journalctl -u 'enroll-*' -p warning --since '-15 min' --no-pager": machine(),
    "curl -s http://127.0.0.1:9180/api/session/metrics": site({ says: /^enroll_requests_total/m }),
    "enrollctl tls check": site({ code: [0, 1], says: /证书/ }),
    "cat 网站证书.pem 中间证书.pem >证书链.pem": site(),
    "openssl x509 -in 证书链.pem -noout -enddate -ext subjectAltName": site({ says: /DNS:localhost/ }),
    "enrollctl tls install 证书链.pem 私钥.pem": site({ says: /已启用/ }),
    "enrollctl tls back": site({ says: /已换回/ }),
    "apt install ./enroll_*.deb": machine(),
    "enrollctl migrate": both(),
    "systemctl try-restart 'enroll-*.service'": machine(),
    "enrollctl site": machine({ says: /已更新/ }),
    "enrollctl maintenance on --until '2027-05-01 06:30' --reason '更换服务器内存'": site({ says: /已进入维护/ }),
    "enrollctl maintenance status": site({ code: [3], says: /正在维护/ }),
    "enrollctl maintenance off": site({ says: /照常开放/ }),
    "systemctl start enroll-backup": machine(),
    "journalctl -u enroll-backup -n 5 --no-pager": machine({ says: /rows restored and counted/ }),
    "cp /var/backups/enroll/enroll-*.cms /media/usb/": machine(),
    "openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -md sha256 -in enroll-keys.enc | tar -C /etc/enroll -xf -": site(),
    "openssl cms -decrypt -binary -inform DER -in enroll.cms -inkey backup.key -out enroll.dump":
      machine({ first: "cp $(ls -t /var/backups/enroll/*.cms | head -n 1) enroll.cms && cp /var/lib/enroll/courier/audit.anchor ." }),
    "systemctl stop enroll.target": machine(),
    "runuser -u postgres -- dropdb --force enroll": machine(),
    "runuser -u postgres -- pg_restore --create --exit-on-error --dbname=postgres <enroll.dump": machine(),
    "systemctl start enroll.target": machine(),
    "rm enroll.dump": machine(),
    "enrollctl audit verify --anchor audit.anchor": machine({ code: [0, 1], says: /审计记录完整|链尾从第 \d+ 行起被删除/ }),
    [`awk -v last="$(runuser -u postgres -- psql -XAtd enroll -c 'select max(seq) from enroll.audit_chain')" '$2 <= last' audit.anchor >/var/lib/enroll/courier/audit.anchor`]: machine(),
    "enrollctl receipt key": site({ says: /BEGIN PUBLIC KEY/ }),
    "enrollctl audit verify": both(),
    "enrollctl account confirm-in-person --reason '到现场核对身份证'": site({ typed: "441402198001010001\n", code: [1] }),
    "enrollctl student confirm-by-hand --reason '到校核验户口簿和监护关系'": site({ typed: "441402198001010001\n", code: [1] }),
    "enrollctl account remove --reason '冒用他人号码'": site({ typed: "441402198001010001\n", code: [1] }),
    "enrollctl why 48213907": site({ says: /登录/ }),
    "journalctl -u 'enroll-*' --no-pager | grep 48213907": machine({ code: [0, 1] }),
    "grep 48213907 /var/log/nginx/enroll/access.log": site({ says: /"status":401/ }),
    "nginx -t": machine(),
    "systemctl status nginx --no-pager": machine(),
    "systemctl restart nginx": machine(),
    "systemctl status enroll-session --no-pager": machine(),
    "systemctl restart enroll-session": machine(),
    "journalctl -u enroll-session -n 30 --no-pager": machine(),
    "pg_lsclusters": machine({ says: /main/ }),
    "systemctl status postgresql --no-pager": machine(),
    "systemctl restart postgresql": machine(),
    "journalctl -u 'postgresql@*' -n 30 --no-pager": machine(),
    "df -h /var": machine(),
    "du -xh /var | sort -h | tail": machine(),
    "systemctl restart enroll-courier": machine(),
    "journalctl -u enroll-courier -n 30 --no-pager": machine(),
    "timedatectl": machine(),
    // A container's clock is its host's.
    "timedatectl set-ntp true": machine({ code: [0, 1] }),
    "apt remove enroll": elsewhere(/apt-get remove -y -q enroll /),
    "apt purge enroll enroll-sandbox": elsewhere(/apt-get purge -y -q enroll enroll-sandbox/),
    "enrollctl why": site({ typed: "13800000000\n", code: [0, 1] }),
  },
  "DBA.md": {
    "psql -h /run/postgresql -U enroll_report -d enroll -c 'table enroll_report.funnel_v1'": both({ says: /children/ }),
    "psql -h /run/postgresql -U postgres -d enroll -c 'select pg_reload_conf()'": machine(),
    "journalctl -u 'enroll-*' --no-pager | grep slow_door": machine({ code: [0, 1] }),
    "enrollctl maintenance on --reason '升级数据库'": site({ says: /已进入维护/ }),
    "systemctl start enroll-backup": machine(),
    "systemctl stop enroll.target": machine(),
    "pg_lsclusters": machine(),
    "pg_dropcluster 17 main --stop": known(),
    "pg_upgradecluster 15 main": known(),
    "runuser -u postgres -- vacuumdb --all --analyze-in-stages": machine(),
    "systemctl start enroll.target": machine(),
    "enrollctl check": both({ code: [0, 1], says: /一切正常|→/ }),
    "enrollctl maintenance off": site({ says: /照常开放/ }),
    "pg_dropcluster 15 main": known(),
    "enrollctl setup": elsewhere(/enrollctl setup answers/),
    "enrollctl why": site({ typed: "13800000000\n", code: [0, 1] }),
    "enrollctl why 48213907": site({ says: /登录/ }),
    "enrollctl audit verify": both(),
  },
};

export const pages = Object.keys(tried);
