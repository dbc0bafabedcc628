#!/bin/bash
# setup.bash URL: on a machine where the packages are installed, what the operator does: a certificate, a file of answers, "enrollctl
# setup". For a trial, with the sandbox for WeChat and the province, and cheap hashing.
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
grep -q " $host\$" /etc/hosts || echo "127.0.0.1 $host" >>/etc/hosts

mkdir -p /media/usb
echo 'a passphrase for tests' >passphrase
cat >answers <<END
public_url = $url
environment = test
certificate = /root/chain.pem
certificate_key = /root/key.pem
backup_dir = /media/usb
backup_passphrase_file = /root/passphrase
scrypt_ln = 4
scrypt_p = 1
hash_slots = 2
hash_queue = 64
END
enrollctl setup answers
