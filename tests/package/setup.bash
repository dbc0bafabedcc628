#!/bin/bash
# setup.bash URL: on a machine where the packages are installed, what the operator does before the first start: certificate, keys,
# configuration, database, nginx. With the sandbox for WeChat and the province, and cheap hashing.
set -euo pipefail
umask 022
url=$1 host=${1#*://}
cd /root

# A certificate authority of our own, which this machine trusts.
openssl req -x509 -newkey rsa:2048 -nodes -days 800 -subj '/CN=enroll test' -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=$host" -keyout key.pem -out site.csr 2>/dev/null
openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 700 -extfile <(echo "subjectAltName=DNS:$host") -out chain.pem 2>/dev/null
cp ca.pem /usr/local/share/ca-certificates/enroll-test.crt
update-ca-certificates >/dev/null 2>&1
echo "127.0.0.1 $host" >>/etc/hosts

umask 077
for name in identity contact license index token receipt; do openssl rand -out "/etc/enroll/keys/$name.1" 32; done
for name in wechat_secret space_token license_app_secret license_password; do openssl rand -hex -out "/etc/enroll/secrets/$name" 16; done
umask 022
sed "s#^environment = .*#environment = test#; s#^public_url = .*#public_url = $url#; s#^\(wechat_open\|wechat_api\) = .*#\1 = $url/sandbox/wechat#
  s#^space_url = .*#space_url = $url/sandbox/space-api#; s#^license_url = .*#license_url = $url/sandbox#; s#^message_url = .*#message_url = $url/sandbox/messages#" \
  /usr/share/doc/enroll/examples/enroll.conf |
  sed 's/^scrypt_ln = .*/scrypt_ln = 4/; s/^scrypt_p = .*/scrypt_p = 1/; s/^hash_slots = .*/hash_slots = 2/; s/^hash_queue = .*/hash_queue = 64/' >/etc/enroll/enroll.conf

hba=$(ls /etc/postgresql/*/main/pg_hba.conf)
sed -i '1i local all all peer map=enroll' "$hba"
printf 'enroll root postgres\nenroll root enroll_operator\nenroll /^(.*)$ \\1\n' >>"${hba%hba.conf}ident.conf"
systemctl reload postgresql
as() { setpriv --reuid="$1" --regid="$1" --init-groups "${@:2}"; }
as postgres psql -Xqc 'create database enroll' -c 'create role sandbox login' -c 'create database sandbox owner sandbox'
enrollctl migrate
as sandbox /usr/lib/enroll/sandbox --migrate --config /etc/enroll/enroll.conf
enrollctl season sample
enrollctl school import /usr/share/enroll/conf/sample/schools.csv
for kind in guide policy consent; do enrollctl content publish "$kind" "/usr/share/enroll/conf/sample/$kind.md"; done

enrollctl tls install chain.pem key.pem
enrollctl site
systemctl enable --now enroll.target
