/*
 * courier: every second it chains the audit trail and delivers the outbox, now and then it sweeps; no socket, no threads. It
 * keeps nothing in memory that matters: killed at any instant, the next one goes on from the database. SIGTERM ends it at once.
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
#include "seal.h"

enum { ARENA_BYTES = 8 << 20, BEAT_MS = 10000, SWEEP_MS = 60000 };

struct beat_out {
	const char *code;
};

struct sweep_out {
	const char *code;
	int64_t swept;
};

static const struct door beat_door = {
	.name = "courier_beat",
	.sql = "select * from enroll.courier_beat()",
	.code_offset = offsetof(struct beat_out, code),
};

static const struct db_field sweep_fields[] = { { DB_INT, offsetof(struct sweep_out, swept) } };

static const struct door sweep_door = {
	.name = "courier_sweep",
	.sql = "select * from enroll.courier_sweep()",
	.out = sweep_fields,
	.n_out = 1,
	.code_offset = offsetof(struct sweep_out, code),
};

static const struct door *const doors[] = { &beat_door, &sweep_door, &chain_door, &take_door, &settle_door };

/* Sleep ${ms}, 0 to look only. Returns true if we are to stop. */
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

/* Say that we live; the operator's check looks at it. */
static bool
beat(struct arena *arena)
{
	struct beat_out out = { 0 };
	struct request req;

	db_worker_request(arena, &req);
	return db_call(&req, &beat_door, NULL, &out) == STATUS_OK;
}

/* What has served its time goes. */
static bool
sweep(struct arena *arena)
{
	struct sweep_out out = { 0 };
	struct request req;

	db_worker_request(arena, &req);
	return db_call(&req, &sweep_door, NULL, &out) == STATUS_OK;
}

static void
work(struct arena *arena)
{
	int64_t beaten_ms = -BEAT_MS, swept_ms = -SWEEP_MS;
	int n = 0;

	/* As long as there is more to deliver, go on without a pause. */
	while (!is_told_to_stop(n > 0 ? 0 : 1000)) {
		if (clock_monotonic_ms() - beaten_ms >= BEAT_MS && beat(arena))
			beaten_ms = clock_monotonic_ms();
		if (clock_monotonic_ms() - swept_ms >= SWEEP_MS && sweep(arena))
			swept_ms = clock_monotonic_ms();
		(void)chain_audit(arena);
		n = deliver_outbox(arena);
		arena_reset(arena);
	}
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
	if (!conf_open(config) || !seal_open_keys(conf_text("keys_dir"), keys_of("courier")))
		return false;
	if (conf_text("message_url")[0] == '\0')
		log_event(LOG_WARNING, NULL, "no_message_url", "message_url is not set: messages wait in the outbox");
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
	log_event(LOG_INFO, NULL, "started", "chaining the audit trail, delivering the outbox");
	work(arena);
	arena_free(arena);
	log_event(LOG_INFO, NULL, "stopped", "told to stop");
	return EXIT_SUCCESS;
}
