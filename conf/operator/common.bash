# What the operator's scripts share; sourced by each. enrollctl runs a script as SCRIPT ENROLLCTL CONFIG WORD…
# shellcheck shell=bash
# shellcheck disable=SC2034 # names for whoever sources this
set -euo pipefail
umask 022

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
usage() {
  printf '用法：enrollctl %s\n' "$*" >&2
  exit 2
}

enrollctl=$1 config=$2
shift 2
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=fill.bash
source "$scripts/fill.bash"
services=(register session wechat recover bind license enroll content)

# conf KEY: what the configuration says, or its default.
conf() { "$enrollctl" --config "$config" conf "$1"; }

# The public URL's parts; the port is named in tests alone.
read_url() {
  local url
  url=$(conf public_url)
  [[ $url =~ ^https://([a-z0-9.-]+)(:([0-9]+))?$ ]] ||
    fail "配置项 public_url 应为 https:// 加主机名，例如 https://ruxue.example.cn，现在是：$url"
  host=${BASH_REMATCH[1]} port=${BASH_REMATCH[3]:-443}
}

# The nginx that serves the site: its configuration tested, and taken over without a break.
nginx() { PATH=$PATH:/usr/sbin command nginx -c "$(conf nginx_conf)" "$@"; }
nginx_test() {
  local words
  words=$(nginx -t -q 2>&1) && return
  printf '%s\n' "$words" >&2
  return 1
}
nginx_reload() {
  if [[ $(conf nginx_conf) == /etc/nginx/nginx.conf && -d /run/systemd/system ]]; then
    systemctl reload-or-restart nginx
  else
    nginx -s reload
  fi
}
