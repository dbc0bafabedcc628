/*
 * enrollctl password calibrate: what may a hash of a password cost on this machine? As much memory as allowed makes guessing
 * dear for whoever steals the hashes; about a quarter of a second is what a parent does not notice. So the largest memory that
 * meets the time is taken, and the lanes (p) fill the time up.
 */
#include <math.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "enrollctl.h"
#include "scrypt.h"

static const double target_ms = 250, tolerance_ms = 50, lanes_most = 16;

enum {
	R = 8,
	LN_MOST = 16, /* 128 * r * 2^16 = 64 MiB */
	LN_LEAST = 10,
	RUNS = 3,
	HASHING_EXECUTABLES = 3 /* register, session, recover: each has slots of its own */
};

struct proposal {
	struct scrypt_cost cost;
	double ms;
};

static double
cpu_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* How long does one lane take at ${ln}, of processor time? The quickest of some runs: what else the machine does only slows it.
 */
static double
measure_lane(unsigned ln)
{
	static const uint8_t salt[16];
	struct scrypt_cost cost = { ln, R, 1 };
	uint8_t out[SCRYPT_HASH_SIZE];
	double best_ms = 0;

	for (int i = 0; i < RUNS; i++) {
		double begin_ms = cpu_ms(), took_ms;

		if (!scrypt_derive((struct bytes){ (const uint8_t *)"Kuvat4m!", 8 }, (struct bytes){ salt, sizeof salt }, cost,
			out, sizeof out))
			return 0;
		took_ms = cpu_ms() - begin_ms;
		best_ms = i == 0 ? took_ms : fmin(best_ms, took_ms);
	}
	return best_ms;
}

/* The largest memory that comes near the time; if none does, the nearest. */
static bool
propose(struct proposal *out)
{
	bool is_found = false;

	for (unsigned ln = LN_MOST; ln >= LN_LEAST; ln--) {
		double lane_ms = measure_lane(ln), p;

		if (lane_ms <= 0)
			return false;
		p = fmin(fmax(round(target_ms / lane_ms), 1), lanes_most);
		if (!is_found || fabs(p * lane_ms - target_ms) < fabs(out->ms - target_ms))
			*out = (struct proposal){ { ln, R, (unsigned)p }, p * lane_ms };
		is_found = true;
		if (fabs(out->ms - target_ms) <= tolerance_ms)
			break;
	}
	return true;
}

/* All executables' slots together should not outnumber the processors. */
static long
propose_slots(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN), slots = cores / HASHING_EXECUTABLES;

	return slots > 1 ? slots : 1;
}

int
password_calibrate_command(int argc, char **argv)
{
	struct proposal proposal;
	long slots = propose_slots(), mib;

	(void)argv;
	if (argc != 0)
		return EXIT_USAGE;
	if (!propose(&proposal))
		return operator_fail("测算没有完成；原因见上面的日志行。");
	mib = (128L * R << proposal.cost.ln) >> 20;

	operator_say(
	    "# 本机测算：每次散列约 %.0f 毫秒、%ld MiB 内存。请在机器空闲时测算，再把下面几行写进 enroll.conf 并重启各服务。",
	    proposal.ms, mib);
	operator_say("# 散列最多同时占用 %d 个程序 × %ld 个槽位 × %ld MiB = %ld MiB 内存。", HASHING_EXECUTABLES, slots, mib,
	    HASHING_EXECUTABLES * slots * mib);
	operator_say("# 现在的设置：scrypt_ln = %ld，scrypt_r = %ld，scrypt_p = %ld，hash_slots = "
		     "%ld。改动后，每个账号下次登录时换用新强度。",
	    conf_number("scrypt_ln"), conf_number("scrypt_r"), conf_number("scrypt_p"), conf_number("hash_slots"));
	operator_say("scrypt_ln = %u", proposal.cost.ln);
	operator_say("scrypt_r = %u", proposal.cost.r);
	operator_say("scrypt_p = %u", proposal.cost.p);
	operator_say("hash_slots = %ld", slots);
	return EXIT_DONE;
}
