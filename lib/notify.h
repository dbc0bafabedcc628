/* What systemd is told (Type=notify): that we are ready, alive, about to end. Without systemd nobody is told anything. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

/**
 * notify_send(state):
 * Send ${state} ("READY=1", "STOPPING=1") to the socket that NOTIFY_SOCKET names, if it names one. A failure is logged: systemd
 * will then end us in its own time.
 */
void notify_send(const char *state);

/**
 * notify_watchdog_ms():
 * Return how often "WATCHDOG=1" must be sent: half of what systemd allows (WATCHDOG_USEC); 0 if nobody waits for it.
 */
int64_t notify_watchdog_ms(void);

#endif
