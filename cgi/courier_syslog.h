/* The one thing that the courier tells the system's log. */
#ifndef COURIER_SYSLOG_H
#define COURIER_SYSLOG_H

#include <stdint.h>

/**
 * syslog_anchor(seq, hash):
 * Send the head of the audit chain to syslog (authpriv.notice), which another machine may collect. Without a syslog it is lost.
 */
void syslog_anchor(int64_t seq, const char *hash);

#endif
