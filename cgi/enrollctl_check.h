/* How the files of enrollctl check report. */
#ifndef ENROLLCTL_CHECK_H
#define ENROLLCTL_CHECK_H

/**
 * check_finding(remedy, format, ...):
 * Print one finding: what is wrong, then what to type (${remedy}); counted.
 */
void check_finding(const char *remedy, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * check_outside():
 * Go through what lies outside: can WeChat and the province be reached, do their clocks and ours agree, does WeChat give us a
 * token and a ticket?
 */
void check_outside(void);

#endif
