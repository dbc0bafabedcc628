/* Migrations: numbered, forward-only, recorded in the database; the doors and views after them. Used by enrollctl alone. */
#ifndef MIGRATE_H
#define MIGRATE_H

#include <stdbool.h>

enum migrate_result { MIGRATE_OK, MIGRATE_FAILED, MIGRATE_PENDING };

/**
 * migrate_run(conninfo, sql_dir):
 * Bring the database to what ${sql_dir} says, in one transaction under an advisory lock: each migrations/NNNN_name.sql not
 * yet recorded, then, if any file or grant of them changed, all of doors/ and views/ anew, as enroll_owner. Safe to repeat and
 * from two places at once. Prints a line for what it did; errors go to the log. ${conninfo} names a superuser.
 */
enum migrate_result migrate_run(const char *conninfo, const char *sql_dir);

/**
 * migrate_check(conninfo, sql_dir):
 * Is the database what ${sql_dir} says? MIGRATE_PENDING if migrate_run would do something.
 */
enum migrate_result migrate_check(const char *conninfo, const char *sql_dir);

#endif
