# Templates of nginx's configuration, filled in by conf/demo and by "enrollctl site"; sourced by both.
# shellcheck shell=bash

# fill TEMPLATE: with its @NAMES@ filled in from the environment's FILL_NAME, which carries line feeds too.
fill() {
  awk '{
    while (match($0, /@[A-Z_]+@/)) {
      name = substr($0, RSTART + 1, RLENGTH - 2)
      $0 = substr($0, 1, RSTART - 1) ENVIRON["FILL_" name] substr($0, RSTART + RLENGTH)
    }
    print
  }' "$1"
}

# fill_all FROM TO BUT…: every template of nginx's configuration, but some.
fill_all() {
  local template name
  for template in "$1"/*.conf{,.in}; do
    name=${template##*/} name=${name%.in}
    [[ " ${*:3} " == *" ${name%.conf} "* ]] || fill "$template" >"$2/$name"
  done
}

# upstreams RUN NAME…: where nginx finds the executables' sockets.
upstreams() {
  local run=$1 name twice
  for name in "${@:2}"; do
    # Named twice, so that there is a "next" to send to again: it is the same socket, held by the supervisor or by systemd.
    twice="server unix:$run/$name.sock max_fails=0; server unix:$run/$name.sock max_fails=0;"
    printf 'upstream %s { %s keepalive 64; }\nupstream %s_fresh { %s }\n' "$name" "$twice" "$name" "$twice"
  done
}

# launch_script ENROLLCTL CONFIG: the host of WeChat's script as the pages' policy names it, with a blank in front; empty where the
# mini-program's button is off or the script is this site's own.
launch_script() {
  local origin
  [[ $("$1" --config "$2" conf wechat_launch_weapp) == on ]] || return 0
  origin=$("$1" --config "$2" conf wechat_script | sed -nE 's|^(https?://[^/]+).*|\1|p')
  [[ $origin == "$("$1" --config "$2" conf public_url)" ]] || echo " $origin"
}
