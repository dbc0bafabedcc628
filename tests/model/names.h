/* Included by each model's pan.c: prints every transition that the search makes, once. Not part of the state. */
static void
note(const char *machine, const char *const *names, int from, int to)
{
	static struct {
		const char *machine;
		char seen[16][16];
	} all[8];

	for (int i = 0; from != to && i < 8; i++) {
		if (all[i].machine == 0)
			all[i].machine = machine;
		if (strcmp(all[i].machine, machine) != 0)
			continue;
		if (!all[i].seen[from][to])
			printf("transition %s %s>%s\n", machine, names[from], names[to]);
		all[i].seen[from][to] = 1;
		return;
	}
}

static const char *const errand_names[] = { "nothing", "launching", "failed", "pending", "completed", "denied", "expired" };
static const char *const space_names[] = { "created", "identified", "completed", "denied", "expired" };
static const char *const binding_names[] = { "none", "pending", "bound", "incomplete", "expired", "confirmed_by_hand",
	"student_taken" };
static const char *const authorization_names[] = { "none", "pending", "authorized", "incomplete", "expired", "revoked",
	"confirmed_by_hand" };
static const char *const request_names[] = { "nothing", "due", "done", "failed" };
