/*
 * supervise TABLE RUN LOG: keep a handful of processes alive, for the demo and the tests. (A district's server has systemd
 * for this.)
 *
 * TABLE has a line a process, "NAME SIGNAL SOCKET COMMAND…", words parted by blanks, "#" for comments. SOCKET is the path
 * of a Unix socket that is bound here, held for good and handed to the process as descriptor 0; "-" means none. As the
 * listener lives here, a process that dies costs what it had in hand and not one connection more: new ones wait in the
 * backlog for its successor. SIGNAL (TERM, INT, QUIT) is how the process is asked to end.
 *
 * Who dies is started again at once; who keeps dying within a second waits longer each time, up to a second. SIGHUP
 * reads TABLE again and starts the lines that are new (the demo has the database up before the rest). SIGTERM and SIGINT
 * end everything, last line first, each waited for: nginx stands last, PostgreSQL first. If this program itself is killed
 * the kernel hands each process its SIGNAL.
 *
 * Output goes to LOG/NAME.log. RUN/pids has a line "NAME PID" for each that runs, for tests that kill.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PROCESSES = 32,
	WORDS = 24,
	BACKLOG = 4096,
	STEADY_MS = 1000, /* who lived this long died by accident */
	BACK_OFF_MAX_MS = 1000,
	STOP_TIMEOUT_MS = 8000 /* who has not ended by then is killed */
};

struct process {
	char *line; /* its line of the table, cut into the words below */
	char *name, *socket_path;
	char *words[WORDS]; /* the command, NULL-terminated */
	int signal;
	int listener; /* -1: none */
	pid_t pid;    /* 0: not running */
	int64_t started_ms, start_at_ms;
	int64_t back_off_ms;
};

static struct process processes[PROCESSES];
static size_t n_processes;
static const char *run_dir, *log_dir;

static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
say(const char *name, const char *what, const char *why)
{
	(void)fprintf(stderr, "supervise: %s %s%s%s\n", name, what, *why ? ": " : "", why);
}

static int
signal_of(const char *name)
{
	return strcmp(name, "TERM") == 0 ? SIGTERM : strcmp(name, "INT") == 0 ? SIGINT : strcmp(name, "QUIT") == 0 ? SIGQUIT : 0;
}

/* Bind and listen. Mode 0660 from the first moment on: whoever may connect may send libfcgi hostile records. */
static int
listener_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, rc;

	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	(void)unlink(path);
	mask = umask(0117);
	rc = bind(fd, (struct sockaddr *)&address, sizeof address);
	(void)umask(mask);
	if (rc == -1 || listen(fd, BACKLOG) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Take one line of the table. Returns false, having said why, if it is none. */
static bool
process_add(const char *line)
{
	struct process *p = &processes[n_processes];
	char *rest, *signal_name;
	size_t n = 0;

	if (n_processes == PROCESSES) {
		say("table", "is too long", "");
		return false;
	}
	if ((p->line = strdup(line)) == NULL)
		return false;
	p->name = strtok_r(p->line, " \t\n", &rest);
	signal_name = strtok_r(NULL, " \t\n", &rest);
	p->socket_path = strtok_r(NULL, " \t\n", &rest);
	while (n < WORDS - 1 && (p->words[n] = strtok_r(NULL, " \t\n", &rest)) != NULL)
		n++;
	if (n == 0 || n == WORDS - 1 || (p->signal = signal_of(signal_name)) == 0) {
		say(p->name, "is no line of a table", "NAME TERM|INT|QUIT SOCKET|- COMMAND…");
		return false;
	}
	p->listener = -1;
	if (strcmp(p->socket_path, "-") != 0 && (p->listener = listener_open(p->socket_path)) == -1) {
		say(p->name, "has no socket", strerror(errno));
		return false;
	}
	n_processes++;
	return true;
}

/* Is there already a process of this line's name? */
static bool
is_known(const char *line)
{
	size_t length = strcspn(line, " \t\n");

	for (size_t i = 0; i < n_processes; i++)
		if (strlen(processes[i].name) == length && strncmp(processes[i].name, line, length) == 0)
			return true;
	return false;
}

/* Read the table, or what is new in it. */
static bool
table_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool is_good = file != NULL;

	if (file == NULL)
		say(path, "cannot be read", strerror(errno));
	while (is_good && getline(&line, &size, file) != -1)
		if (line[0] != '#' && line[strspn(line, " \t\n")] != '\0' && !is_known(line))
			is_good = process_add(line);
	free(line);
	if (file != NULL)
		(void)fclose(file);
	return is_good;
}

/* Tell tests and operators who runs: a whole file put in place of the old one. */
static void
pids_write(void)
{
	char path[512], fresh[sizeof path + 4];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/pids", run_dir);
	(void)snprintf(fresh, sizeof fresh, "%s.new", path);
	if ((file = fopen(fresh, "we")) == NULL) {
		say(fresh, "cannot be written", strerror(errno));
		return;
	}
	for (size_t i = 0; i < n_processes; i++)
		if (processes[i].pid != 0)
			(void)fprintf(file, "%s %d\n", processes[i].name, (int)processes[i].pid);
	if (fclose(file) == 0)
		(void)rename(fresh, path);
}

/* In the child: become the process. */
static _Noreturn void
process_exec(const struct process *p, pid_t parent)
{
	char path[512];
	sigset_t none;
	int log_fd, input = p->listener;

	/* A group of its own: Ctrl-C at the terminal reaches the supervisor alone, and leftovers can be killed together. */
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, p->signal);
	if (getppid() != parent)
		_exit(0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGINT, SIG_DFL); /* a shell's background jobs ignore it */

	(void)snprintf(path, sizeof path, "%s/%s.log", log_dir, p->name);
	log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (input == -1)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (log_fd == -1 || input == -1 || dup2(input, 0) == -1 || dup2(log_fd, 1) == -1 || dup2(log_fd, 2) == -1) {
		say(p->name, "has no input or log", strerror(errno));
		_exit(126);
	}
	(void)execv(p->words[0], p->words);
	say(p->name, "cannot be run", strerror(errno));
	_exit(127);
}

static void
process_start(struct process *p)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		process_exec(p, parent);
	p->started_ms = now_ms();
	if (pid == -1) {
		say(p->name, "cannot be started", strerror(errno));
		p->start_at_ms = p->started_ms + BACK_OFF_MAX_MS;
		return;
	}
	p->pid = pid;
	pids_write();
}

/* A process has ended: what it left of its group goes too (nginx's workers outlive their master), then its turn comes. */
static void
process_ended(struct process *p, int state)
{
	char why[64];

	if (WIFSIGNALED(state))
		(void)snprintf(why, sizeof why, "signal %d", WTERMSIG(state));
	else
		(void)snprintf(why, sizeof why, "status %d", WEXITSTATUS(state));
	say(p->name, "ended", why);
	(void)kill(-p->pid, SIGKILL);
	p->pid = 0;

	/* The first time at once; then a little later each time. */
	if (now_ms() - p->started_ms >= STEADY_MS)
		p->back_off_ms = 0;
	p->start_at_ms = now_ms() + p->back_off_ms;
	p->back_off_ms = p->back_off_ms == 0 ? 50 : 2 * p->back_off_ms;
	if (p->back_off_ms > BACK_OFF_MAX_MS)
		p->back_off_ms = BACK_OFF_MAX_MS;
}

/* Collect who ended, orphans of our processes included: they come to us as we are their reaper. */
static void
reap(void)
{
	pid_t pid;
	int state;

	while ((pid = waitpid(-1, &state, WNOHANG)) > 0)
		for (size_t i = 0; i < n_processes; i++)
			if (processes[i].pid == pid)
				process_ended(&processes[i], state);
	pids_write();
}

/* Start whose turn has come; return how long until the next one's, -1 if nobody waits. */
static int
start_due(void)
{
	int64_t now = now_ms(), next = -1;

	for (size_t i = 0; i < n_processes; i++) {
		struct process *p = &processes[i];

		if (p->pid == 0 && p->start_at_ms <= now)
			process_start(p);
		if (p->pid == 0 && (next == -1 || p->start_at_ms - now < next))
			next = p->start_at_ms - now;
	}
	return (int)next;
}

/* End one process: ask, wait, insist. */
static void
process_stop(struct process *p, int signals)
{
	struct pollfd wait = { .fd = signals, .events = POLLIN };
	struct signalfd_siginfo info;
	int64_t deadline = now_ms() + STOP_TIMEOUT_MS;

	if (p->pid == 0)
		return;
	(void)kill(p->pid, p->signal);
	while (p->pid != 0) {
		int64_t left = deadline - now_ms();

		if (left <= 0) {
			say(p->name, "does not end", "killed");
			(void)kill(-p->pid, SIGKILL);
			deadline = now_ms() + STOP_TIMEOUT_MS;
			continue;
		}
		if (poll(&wait, 1, (int)left) > 0)
			(void)!read(signals, &info, sizeof info);
		reap();
	}
}

/* End everything, last line first, and leave no socket behind. */
static void
stop_all(int signals)
{
	for (size_t i = n_processes; i-- > 0;) {
		struct process *p = &processes[i];

		process_stop(p, signals);
		if (p->listener != -1) {
			(void)unlink(p->socket_path);
			(void)close(p->listener);
		}
		free(p->line);
	}
}

/* Until told to end: start who is due, wait for a signal, see what it means. Returns false if the table became unreadable. */
static bool
serve(const char *table, int signals)
{
	struct pollfd wait = { .fd = signals, .events = POLLIN };
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(&wait, 1, start_due()) <= 0)
			continue;
		if (read(signals, &info, sizeof info) != sizeof info)
			continue;
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap();
			break;
		case SIGHUP:
			if (!table_read(table))
				return false;
			break;
		default:
			say("everything", "ends", strsignal((int)info.ssi_signo));
			return true;
		}
	}
}

int
main(int argc, char **argv)
{
	sigset_t set;
	int signals;
	bool is_good;

	if (argc != 4) {
		(void)fputs("usage: supervise TABLE RUN LOG\n", stderr);
		return 2;
	}
	run_dir = argv[2];
	log_dir = argv[3];

	/* All signals come through one descriptor, so that nothing happens between two lines of ours. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 || (signals = signalfd(-1, &set, SFD_CLOEXEC)) == -1) {
		say("signals", "cannot be awaited", strerror(errno));
		return 1;
	}
	/* What we inherited stays with us: the demo's lock on its state folder lasts as long as we do, and no longer. */
	(void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);

	is_good = table_read(argv[1]) && serve(argv[1], signals);
	stop_all(signals);
	return is_good ? 0 : 1;
}
