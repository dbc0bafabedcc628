# enrollctl(1): nouns and verbs, asked of the command itself. shellcheck shell=bash
_enrollctl() {
  local words at=1
  words=$(enrollctl --help 2>&1 | sed -n 's/^  \([a-z]\)/\1/p')
  [[ ${COMP_WORDS[1]} != --config ]] || at=3
  COMPREPLY=()
  if ((COMP_CWORD == at)); then
    mapfile -t COMPREPLY < <(compgen -W "--config $(cut -d' ' -f1 <<<"$words")" -- "${COMP_WORDS[COMP_CWORD]}")
  elif ((COMP_CWORD == at + 1)); then
    # After a noun its verbs: plain words, or alternatives parted by "|".
    mapfile -t COMPREPLY < <(compgen -W "$(sed -n "s/^${COMP_WORDS[at]} //p" <<<"$words" | tr '|' '\n' | sed -n 's/^ *\([a-z][a-z-]*\).*/\1/p')" \
      -- "${COMP_WORDS[COMP_CWORD]}")
  fi
  ((${#COMPREPLY[@]})) || mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o filenames -F _enrollctl enrollctl
