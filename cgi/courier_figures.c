/*
 * The courier's figures for Prometheus. It has no socket to be asked at, so it writes them to a file (metrics_file) that nginx
 * shows to local addresses; node_exporter's textfile collector reads the same. Written beside it and renamed: nobody reads
 * half a file.
 */
#include "courier.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "conf.h"
#include "log.h"

struct figure {
	const char *code, *name, *label;
	int64_t value;
};

static const struct db_field fields[] = {
	{ DB_TEXT, offsetof(struct figure, name) },
	{ DB_TEXT, offsetof(struct figure, label) },
	{ DB_INT, offsetof(struct figure, value) },
};

const struct door figures_door = {
	.name = "figures",
	.sql = "select * from enroll.figures()",
	.out = fields,
	.n_out = sizeof fields / sizeof *fields,
	.code_offset = offsetof(struct figure, code),
};

static const struct {
	const char *name, *label, *help;
} known[] = {
	{ "outbox_waiting", "", "Messages that are not delivered yet." },
	{ "outbox_overdue_seconds", "", "How long the oldest message has been due." },
	{ "outbox_failed", "", "Messages given up in the last seven days." },
	{ "audit_unchained_seconds", "", "Age of the oldest audit row that is not chained." },
	{ "errands_pending", "purpose", "Bindings and authorizations that wait for the province." },
	{ "children", "step", "Children by the furthest step that they reached." },
};

/* All rows of one name stand beside each other: the door gives them in the order of the table above. */
static void
write_rows(FILE *out, const struct db_rows *rows)
{
	const struct figure *row = rows->items;

	for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
		(void)fprintf(out, "# HELP enroll_%s %s\n# TYPE enroll_%s gauge\n", known[k].name, known[k].help, known[k].name);
		for (size_t i = 0; i < rows->n; i++)
			if (strcmp(row[i].name, known[k].name) == 0 && row[i].label != NULL)
				(void)fprintf(out, "enroll_%s{%s=\"%s\"} %" PRId64 "\n", row[i].name, known[k].label,
				    row[i].label, row[i].value);
			else if (strcmp(row[i].name, known[k].name) == 0)
				(void)fprintf(out, "enroll_%s %" PRId64 "\n", row[i].name, row[i].value);
	}
	(void)fprintf(out,
	    "# HELP enroll_courier_written_seconds When this was written, seconds since 1970.\n"
	    "# TYPE enroll_courier_written_seconds gauge\nenroll_courier_written_seconds %" PRId64 "\n",
	    clock_wall_ms() / 1000);
}

bool
figures_write(struct arena *arena)
{
	const char *path = conf_text("metrics_file"), *beside = arena_printf(arena, "%s.new", path);
	struct db_rows rows;
	struct request req;
	FILE *out;
	bool is_written;

	if (path[0] == '\0')
		return true;
	db_worker_request(arena, &req);
	if (beside == NULL || db_call_rows(&req, &figures_door, NULL, sizeof(struct figure), &rows) != STATUS_OK)
		return false;
	if ((out = fopen(beside, "we")) == NULL) {
		log_event(LOG_WARNING, NULL, "figures", "cannot write metrics_file");
		return false;
	}
	write_rows(out, &rows);
	is_written = fflush(out) == 0 && fchmod(fileno(out), 0644) == 0;
	is_written = fclose(out) == 0 && is_written && rename(beside, path) == 0;
	if (!is_written)
		log_event(LOG_WARNING, NULL, "figures", "metrics_file was not written whole");
	return is_written;
}
