#!/bin/bash
# setup.bash URL: on a machine where the packages are installed, what the operator does before the first start: certificate, keys,
# configuration, database, nginx. With the sandbox for WeChat and the province, and cheap hashing.
set -euo pipefail
umask 022
url=$1 host=${1#*://}
cd /root

# A certificate authority of our own, which this machine trusts.
mkdir -p /etc/enroll/tls
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=enroll test' -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=$host" -keyout /etc/enroll/tls/key.pem -out site.csr 2>/dev/null
openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile <(echo "subjectAltName=DNS:$host") -out /etc/enroll/tls/chain.pem 2>/dev/null
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

mkdir -p /etc/nginx/enroll
upstreams=
for name in register session wechat recover bind license enroll content sandbox; do
  twice="server unix:/run/enroll/$name.sock max_fails=0; server unix:/run/enroll/$name.sock max_fails=0;"
  upstreams+="upstream $name { $twice keepalive 64; } upstream ${name}_fresh { $twice } "
done
listen='listen 443 ssl backlog=4096; ssl_certificate /etc/enroll/tls/chain.pem; ssl_certificate_key /etc/enroll/tls/key.pem;'
for name in enroll sandbox; do
  sed "s#@LOG@#/var/log/nginx#g; s#@NGINX@#/etc/nginx/enroll#g; s#@WWW@#/usr/share/enroll/html#g; s#@MP_VERIFY@#/etc/enroll/mp_verify#g
    s#@METRICS@#/run/enroll-courier/courier.prom#; s#@SERVER_NAME@#$host#; s#@LISTEN@#$listen#; s#@UPSTREAMS@#$upstreams#
    s#@SANDBOX@#include /etc/nginx/enroll/sandbox.conf;#" "/usr/share/enroll/nginx/$name.conf.in" >"/etc/nginx/enroll/$name.conf"
done
cp /usr/share/enroll/nginx/*.conf /etc/nginx/enroll/
sed -Ei '/^\s*(sendfile|tcp_nopush|include .*mime|default_type|access_log|error_log|gzip|ssl_)/d; s/worker_connections.*/worker_connections 4096;/' /etc/nginx/nginx.conf
rm -f /etc/nginx/sites-enabled/default
echo 'include /etc/nginx/enroll/enroll.conf;' >/etc/nginx/sites-enabled/enroll.conf
systemctl restart nginx
systemctl enable --now enroll.target
