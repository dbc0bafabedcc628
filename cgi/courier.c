/*
 * courier: every second it chains the audit trail, now and then it sweeps; beside that a thread delivers the outbox. No socket.
 * It keeps nothing in memory that matters: killed at any instant, the next one goes on from the database. SIGTERM ends it as
 * soon as the call in hand is over.
 */
#include "courier.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "conf.h"
#include "keys.h"
#include "log.h"
#include "notify.h"
#include "seal.h"

enum { ARENA_BYTES = 8 << 20, PAUSE_MS = 1000, BEAT_MS = 10000, SWEEP_MS = 60000, FIGURES_MS = 15000 };

struct beat_in {
	bool is_start;
};

struct beat_out {
	const char *code;
};

struct sweep_out {
	const char *code;
	int64_t swept;
	const char *failed; /* SQLSTATE */
};

static const struct db_field beat_fields[] = { { DB_BOOL, offsetof(struct beat_in, is_start) } };

static const struct door beat_door = {
	.name = "courier_beat",
	.sql = "select * from enroll.courier_beat($1)",
	.in = beat_fields,
	.n_in = 1,
	.code_offset = offsetof(struct beat_out, code),
};

static const struct db_field sweep_fields[] = { { DB_INT, offsetof(struct sweep_out, swept) },
	{ DB_TEXT, offsetof(struct sweep_out, failed) } };

static const struct door sweep_door = {
	.name = "courier_sweep",
	.sql = "select * from enroll.courier_sweep()",
	.out = sweep_fields,
	.n_out = 2,
	.code_offset = offsetof(struct sweep_out, code),
};

static const struct door *const doors[] = { &beat_door, &sweep_door, &chain_door, &anchor_door, &take_door, &settle_door,
	&figures_door };

/* Sleep ${ms}. Returns true if we are to stop. */
static bool
is_told_to_stop(long ms)
{
	const struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t stop;
	int signal_no;

	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	do
		signal_no = sigtimedwait(&stop, NULL, &wait);
	while (signal_no < 0 && errno == EINTR);
	return signal_no > 0;
}

/* Say that we live, and the first time that we have started; the operator's check looks at it. */
static bool
beat(struct arena *arena, bool is_start)
{
	const struct beat_in in = { is_start };
	struct beat_out out = { 0 };
	struct request req;

	db_worker_request(arena, &req);
	return db_call(&req, &beat_door, &in, &out) == STATUS_OK;
}

/* What has served its time goes. */
static bool
sweep(struct arena *arena)
{
	struct sweep_out out = { 0 };
	struct request req;

	db_worker_request(arena, &req);
	if (db_call(&req, &sweep_door, NULL, &out) != STATUS_OK)
		return false;
	if (out.failed != NULL && out.failed[0] != '\0')
		log_event(LOG_ERROR, NULL, "courier_sweep", "an account could not be erased, SQLSTATE %s", out.failed);
	return true;
}

static void
work(struct arena *arena)
{
	int64_t beaten_ms = -BEAT_MS, swept_ms = -SWEEP_MS, figured_ms = -FIGURES_MS;
	bool is_start = true;

	do {
		if (clock_monotonic_ms() - beaten_ms >= BEAT_MS && beat(arena, is_start)) {
			beaten_ms = clock_monotonic_ms();
			is_start = false;
		}
		if (clock_monotonic_ms() - swept_ms >= SWEEP_MS && sweep(arena))
			swept_ms = clock_monotonic_ms();
		/* A figure that could not be written is not worth a second try at once. */
		if (clock_monotonic_ms() - figured_ms >= FIGURES_MS) {
			(void)figures_write(arena);
			figured_ms = clock_monotonic_ms();
		}
		(void)chain_audit(arena);
		arena_reset(arena);
		if (notify_watchdog_ms() > 0)
			notify_send("WATCHDOG=1");
	} while (!is_told_to_stop(PAUSE_MS));
}

static bool
prepare(const char *config, struct arena **arena)
{
	sigset_t stop;

	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return false;
	if (!conf_open(config) || !seal_open_keys(conf_keys_dir(), keys_of("courier")))
		return false;
	*arena = arena_new(ARENA_BYTES);
	return *arena != NULL && db_open(conf_text("database"), "enroll_courier", doors, sizeof doors / sizeof *doors);
}

int
main(int argc, char **argv)
{
	struct arena *arena;

	log_open("courier");
	if (argc != 3 || strcmp(argv[1], "--config") != 0) {
		(void)fprintf(stderr, "usage: courier --config FILE\n");
		return 2;
	}
	if (!prepare(argv[2], &arena))
		return EXIT_FAILURE;
	if (!outbox_start()) {
		log_event(LOG_ERROR, NULL, "outbox", "cannot start the thread that delivers");
		return EXIT_FAILURE;
	}
	log_event(LOG_INFO, NULL, "started", "chaining the audit trail, delivering the outbox");
	notify_send("READY=1");
	work(arena);
	notify_send("STOPPING=1");
	outbox_stop();
	arena_free(arena);
	log_event(LOG_INFO, NULL, "stopped", "told to stop");
	return EXIT_SUCCESS;
}
