/* Telling PostgreSQL that nobody waits for an answer any more. */
#ifndef CANCEL_H
#define CANCEL_H

#include <libpq-fe.h>

/**
 * cancel_send(pg):
 * Ask PostgreSQL to stop what ${pg} is doing, best effort, without waiting: the role's statement_timeout says the same a
 * little later. ${pg} may be closed at once.
 */
void cancel_send(PGconn *pg);

#endif
