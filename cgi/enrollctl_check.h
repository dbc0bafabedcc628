/* How the files of enrollctl check report. */
#ifndef ENROLLCTL_CHECK_H
#define ENROLLCTL_CHECK_H

/**
 * check_finding(remedy, format, ...):
 * Print one finding: what is wrong, then what to type (${remedy}); counted.
 */
void check_finding(const char *remedy, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * check_found():
 * Count a finding that somebody else has printed.
 */
void check_found(void);

/**
 * check_keys(), check_secrets(), check_certificate(), check_dumps(), check_disk():
 * Go through this machine: are keys and secrets there and nobody else's, how long does the certificate last, how old is the last
 * dump, is there room?
 */
void check_keys(void);
void check_secrets(void);
void check_certificate(void);
void check_dumps(void);
void check_disk(void);

/**
 * check_outside():
 * Go through what lies outside: can WeChat and the province be reached, do their clocks and ours agree, does WeChat give us a
 * token and a ticket?
 */
void check_outside(void);

#endif
