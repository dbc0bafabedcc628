# cmake -DPACKAGED=FILE -DOWN=FILE -DOUT=FILE -P common_passwords.cmake: write the entries of a C array, sorted, each once, of those
# common passwords that can pass the rule in the form in which they are compared: letters and digits, both. PACKAGED is the ranked
# list of Debian's libdata-password-zxcvbn-perl, a Perl hash with lines like "'abc123' => 15,"; OWN has one a line.
file(STRINGS ${PACKAGED} lines REGEX "^ *'[a-z0-9]+' => [0-9]+,?$")
list(TRANSFORM lines REPLACE "^ *'([a-z0-9]+)'.*" "\\1")
list(LENGTH lines n)
if(n LESS 20000)
  message(FATAL_ERROR "${PACKAGED} has ${n} passwords: has its form changed?")
endif()
file(STRINGS ${OWN} own REGEX "^[a-z0-9]+$")
list(APPEND lines ${own})
list(FILTER lines INCLUDE REGEX "[a-z]")
list(FILTER lines INCLUDE REGEX "[0-9]")
list(SORT lines)
list(REMOVE_DUPLICATES lines)
list(TRANSFORM lines REPLACE "(.+)" "\"\\1\",\n")
string(CONCAT text ${lines})
file(WRITE ${OUT} ${text})
