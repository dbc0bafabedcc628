/* What the nouns of the operator's command share: how a command looks, how it asks the database, how it speaks. */
#ifndef ENROLLCTL_H
#define ENROLLCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"

/* Exit statuses: 0 done, 1 it did not work (said why), 2 typed wrong (said how). */
enum { EXIT_DONE = 0, EXIT_FAULT = 1, EXIT_USAGE = 2 };

struct command {
	const char *noun, *verb; /* verb NULL: the noun is the whole command */
	const char *arguments;   /* as the usage prints them */
	const char *purpose;     /* one line, Chinese */
	int (*run)(int argc, char **argv);
	bool needs_database; /* connect as enroll_operator first */
};

/**
 * operator_say(format, ...):
 * Print one line to the operator on standard output.
 */
void operator_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * operator_fail(format, ...):
 * Print one line on standard error and return EXIT_FAULT, so that a command can end with it.
 */
int operator_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * operator_request():
 * Return a request to call doors with; its arena lives as long as the command. Its deadline is renewed at each call.
 */
struct request *operator_request(void);

/**
 * operator_watch_url(name, what):
 * Return where a program's "health" or "metrics" is asked for on this machine, in the command's arena: at the port that nginx
 * keeps for that, or at the public URL where there is none. NULL if memory ends.
 */
const char *operator_watch_url(const char *name, const char *what);

/**
 * operator_unreachable(st):
 * Say that the database did not answer (${st}) and what to look at; returns EXIT_FAULT.
 */
int operator_unreachable(enum status st);

/**
 * operator_read_file(path, limit_bytes, out):
 * Read a whole file into the command's arena, NUL after its end. Returns false after saying what is wrong.
 */
bool operator_read_file(const char *path, size_t limit_bytes, struct bytes *out);

/**
 * operator_write_file(path, data):
 * Write ${data} to ${path}. Returns false after saying what is wrong.
 */
bool operator_write_file(const char *path, struct bytes data);

/**
 * operator_is_utf8(text):
 * Is ${text} valid UTF-8? If not it says "save as UTF-8" about ${path} (GBK is what Excel writes by default) and returns false.
 */
bool operator_is_utf8(const char *path, struct bytes text);

/* One option of a command line: "--register-from 2027-04-01". */
struct option_text {
	const char *name; /* without the dashes */
	const char *value;
};

/**
 * operator_options(argc, argv, options, n):
 * Read "--name value" pairs into ${options}. Returns false after saying which is unknown, twice or without a value.
 */
bool operator_options(int argc, char **argv, struct option_text *options, size_t n);

/**
 * operator_reason(argc, argv):
 * Read the one option of commands that decide about people, --reason, which must be there. Returns NULL after saying what is
 * wrong.
 */
const char *operator_reason(int argc, char **argv);

/* What operator_activity says: of one action, and of the database as a whole. */
struct activity_row {
	const char *code, *action;
	int64_t n_ok, n_other, n_connections, max_connections;
};

/* The commands, by noun. */
int conf_command(int argc, char **argv);
int migrate_command(int argc, char **argv);
int season_set_command(int argc, char **argv);
int season_sample_command(int argc, char **argv);
int season_show_command(int argc, char **argv);
int school_import_command(int argc, char **argv);
int content_publish_command(int argc, char **argv);
int password_calibrate_command(int argc, char **argv);
int account_confirm_command(int argc, char **argv);
int account_remove_command(int argc, char **argv);
int account_remove_trial_command(int argc, char **argv);
int student_confirm_command(int argc, char **argv);
int qr_command(int argc, char **argv);
int check_command(int argc, char **argv);
int status_command(int argc, char **argv);
int audit_verify_command(int argc, char **argv);
int why_command(int argc, char **argv);
int daily_freeze_command(int argc, char **argv);
int receipt_key_command(int argc, char **argv);
int receipt_verify_command(int argc, char **argv);

/* Their doors, prepared once. */
extern const struct door season_set_door, season_show_door, school_import_door, content_publish_door, check_door, grants_door,
    audit_state_door, audit_checkpoints_door, audit_page_door, audit_stray_door, why_door;
extern const struct door figures_door, activity_door;
extern const struct door account_find_door, account_confirm_door, account_remove_door, trial_remove_door, daily_freeze_door,
    student_find_door, student_confirm_door;

#endif
