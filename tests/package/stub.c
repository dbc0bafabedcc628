/*
 * stub NAME: stands in NAME's unit for a program that somebody has taken over. It tries what such a one would, each attempt in
 * a process of its own, and prints a line for each: "DONE ATTEMPT" or "denied ATTEMPT". What fails for another reason than that
 * it may not is done: an attempt that is mistaken proves nothing. No attempt does harm where it goes through. Without NAME it
 * does nothing: that is how it is run where a program is what was not to be run.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_MAX_LENGTH = 256, PAGE = 4096 };

struct attempt {
	const char *name;
	bool (*is_done)(void);
};

static const char *own, *other; /* whose unit this is, and another's */

static bool
is_done(long result)
{
	return result != -1 || (errno != EPERM && errno != EACCES && errno != EROFS && errno != EAFNOSUPPORT);
}

/* ---- programs ---- */

static bool
runs(const char *path, const char *option, const char *word)
{
	return is_done(execl(path, path, option, word, NULL));
}

static bool
shell(void)
{
	return runs("/bin/sh", "-c", "exit 0");
}

static bool
enrollctl(void)
{
	return runs("/usr/bin/enrollctl", "conf", "public_url");
}

/* The loader may be run, so let it run the shell: it maps what it loads. */
static bool
loader(void)
{
	return runs("/usr/bin/ld.so", "/bin/true", NULL);
}

static bool
database_client(void)
{
	glob_t found;

	return glob("/usr/lib/postgresql/*/bin/psql", 0, NULL, &found) != 0 || runs(found.gl_pathv[0], "--version", NULL);
}

static bool
copy_self(int to)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat is;

	return self != -1 && fstat(self, &is) == 0 && sendfile(to, self, NULL, (size_t)is.st_size) == is.st_size;
}

/* Run what stands in a new file now; it may have no writer then. */
static bool
runs_copy(int to)
{
	char *words[] = { (char[]){ "stub" }, NULL };
	char path[PATH_MAX_LENGTH];
	int from;

	if (to == -1)
		return is_done(-1);
	if (!copy_self(to))
		return true;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", to);
	from = open(path, O_RDONLY | O_CLOEXEC);
	(void)close(to);
	return from == -1 || is_done(fexecve(from, words, environ));
}

static bool
runs_copy_in(const char *folder)
{
	return folder != NULL && runs_copy(open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0700));
}

static bool
copy_in_tmp(void)
{
	return runs_copy_in("/tmp");
}

static bool
copy_in_var_tmp(void)
{
	return runs_copy_in("/var/tmp");
}

static bool
copy_in_shared_memory(void)
{
	return runs_copy_in("/dev/shm");
}

/* Folders that only some have. */
static bool
copy_in_state(void)
{
	return runs_copy_in(getenv("STATE_DIRECTORY"));
}

static bool
copy_in_runtime(void)
{
	return runs_copy_in(getenv("RUNTIME_DIRECTORY"));
}

static bool
copy_in_memory(void)
{
	return runs_copy(memfd_create("stub", MFD_CLOEXEC));
}

static bool
writable_code(void)
{
	return is_done((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static bool
written_code(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED || is_done(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
}

/* ---- network and sockets ---- */

static bool
internet(void)
{
	struct sockaddr_in web = { .sin_family = AF_INET, .sin_port = htons(443), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? is_done(-1) : is_done(connect(fd, (struct sockaddr *)&web, sizeof web));
}

static bool
port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? is_done(-1) : is_done(bind(fd, (struct sockaddr *)&any, sizeof any));
}

static bool
unbound_port(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? is_done(-1) : is_done(listen(fd, 1));
}

static bool
raw_socket(void)
{
	return is_done(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}

static bool
packet_socket(void)
{
	return is_done(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static bool
routes(void)
{
	return is_done(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static bool
connects(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	return fd == -1 || is_done(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static bool
other_socket(void)
{
	char path[PATH_MAX_LENGTH];

	(void)snprintf(path, sizeof path, "/run/enroll/%s.sock", other);
	return connects(path);
}

static bool
system_bus(void)
{
	return connects("/run/dbus/system_bus_socket");
}

static bool
system_manager(void)
{
	return connects("/run/systemd/private");
}

/* ---- files ---- */

static bool
opens(const char *path, int flags)
{
	return is_done(open(path, flags | O_CLOEXEC, 0600));
}

static bool
makes(const char *path)
{
	bool is = opens(path, O_WRONLY | O_CREAT | O_EXCL);

	(void)unlink(path);
	return is;
}

static bool
own_credentials(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder != NULL && opens(folder, O_RDONLY | O_DIRECTORY);
}

static bool
other_credentials(void)
{
	char path[PATH_MAX_LENGTH];

	(void)snprintf(path, sizeof path, "/run/credentials/enroll-%s.service/index.1", other);
	errno = 0;
	return opens(path, O_RDONLY) && errno != ENOENT; /* no such file: not in its view of the system */
}

static bool
shadow(void)
{
	return opens("/etc/shadow", O_RDONLY);
}

static bool
keys(void)
{
	return opens("/etc/enroll/keys/index.1", O_RDONLY);
}

static bool
secrets(void)
{
	return opens("/etc/enroll/secrets", O_RDONLY | O_DIRECTORY);
}

static bool
home_of_root(void)
{
	return opens("/root", O_RDONLY | O_DIRECTORY);
}

static bool
dumps(void)
{
	return opens("/var/backups/enroll", O_RDONLY | O_DIRECTORY);
}

static bool
write_executable(void)
{
	char path[PATH_MAX_LENGTH];

	(void)snprintf(path, sizeof path, "/usr/lib/enroll/%s", own);
	return opens(path, O_WRONLY);
}

static bool
write_configuration(void)
{
	return opens("/etc/enroll/enroll.conf", O_WRONLY);
}

static bool
write_usr(void)
{
	return makes("/usr/lib/enroll/made");
}

static bool
write_etc(void)
{
	return makes("/etc/enroll/made");
}

static bool
write_state(void)
{
	return makes("/var/lib/enroll/made");
}

static bool
write_log(void)
{
	return makes("/var/log/made");
}

static bool
suid_file(void)
{
	int fd = open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0700);

	return fd == -1 || is_done(fchmod(fd, S_ISUID | S_IRWXU));
}

static bool
device(void)
{
	bool is = is_done(mknod("/tmp/null", S_IFCHR | S_IRUSR | S_IWUSR, makedev(1, 3)));

	(void)unlink("/tmp/null");
	return is;
}

/* ---- the kernel ---- */

static bool
mount_something(void)
{
	return is_done(mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID, NULL));
}

static bool
user_namespace(void)
{
	return is_done(unshare(CLONE_NEWUSER));
}

static bool
become_root(void)
{
	return is_done(setuid(0));
}

static bool
other_root(void)
{
	return is_done(chroot("/tmp"));
}

/* Nothing to load, no command that there is: refused as such, if it may be asked. */
static bool
restart(void)
{
	return is_done(syscall(SYS_reboot, 0, 0, 0, NULL));
}

static bool
other_kernel(void)
{
	return is_done(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

static bool
module(void)
{
	return is_done(syscall(SYS_init_module, NULL, 0, ""));
}

static bool
bpf(void)
{
	return is_done(syscall(SYS_bpf, 0, NULL, 0));
}

static bool
perf_event(void)
{
	struct perf_event_attr event = { .type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = PERF_COUNT_SW_CPU_CLOCK };

	return is_done(syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
}

static bool
kernel_keyring(void)
{
	return is_done(syscall(SYS_add_key, "user", "stub", "x", 1, -2 /* KEY_SPEC_PROCESS_KEYRING */));
}

/* Its requests are carried out past the filter of system calls. */
static bool
io_uring(void)
{
	return is_done(syscall(SYS_io_uring_setup, 1, NULL));
}

static bool
page_faults(void)
{
	return is_done(syscall(SYS_userfaultfd, 0));
}

/* ---- other processes ---- */

static bool
trace_init(void)
{
	return is_done(ptrace(PTRACE_SEIZE, 1, NULL, NULL));
}

static bool
trace_own_child(void)
{
	bool is;
	pid_t child = fork();

	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	is = is_done(ptrace(PTRACE_SEIZE, child, NULL, NULL));
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	return is;
}

static bool
memory_of_init(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &own, 1 };

	return is_done(process_vm_readv(1, &here, 1, &there, 1, 0));
}

static bool
signal_init(void)
{
	return is_done(kill(1, 0));
}

/* Others' in /proc: there is this process, and the one that it came from. */
static bool
see_processes(void)
{
	DIR *proc = opendir("/proc");
	int n = 0;

	if (proc == NULL)
		return is_done(-1);
	for (const struct dirent *entry; (entry = readdir(proc)) != NULL;)
		n += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	(void)closedir(proc);
	return n != 2;
}

/* ---- the database ---- */

static PGconn *
connection_as(const char *role)
{
	const char *words[] = { "host", "dbname", "user", "connect_timeout", NULL };
	const char *values[] = { "/run/postgresql", "enroll", role, "10", NULL };

	return PQconnectdbParams(words, values, 0);
}

static bool
signs_in_as(const char *role)
{
	PGconn *connection = connection_as(role);
	bool is =
	    PQstatus(connection) == CONNECTION_OK || strstr(PQerrorMessage(connection), "Peer authentication failed") == NULL;

	PQfinish(connection);
	return is;
}

/* Anything but "insufficient_privilege" is done. */
static bool
executes(const char *sql)
{
	char role[PATH_MAX_LENGTH];
	PGconn *connection;
	PGresult *result;
	const char *state;
	bool is;

	(void)snprintf(role, sizeof role, "enroll_%s", own);
	connection = connection_as(role);
	result = PQexec(connection, sql);
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	is = state == NULL || strcmp(state, "42501") != 0;
	PQclear(result);
	PQfinish(connection);
	return is;
}

static bool
own_role(void)
{
	char role[PATH_MAX_LENGTH];
	PGconn *connection;
	bool is;

	(void)snprintf(role, sizeof role, "enroll_%s", own);
	connection = connection_as(role);
	is = PQstatus(connection) == CONNECTION_OK;
	PQfinish(connection);
	return is;
}

static bool
other_role(void)
{
	char role[PATH_MAX_LENGTH];

	(void)snprintf(role, sizeof role, "enroll_%s", other);
	return signs_in_as(role);
}

static bool
superuser(void)
{
	return signs_in_as("postgres");
}

static bool
owner(void)
{
	return executes("set role enroll_owner");
}

static bool
read_families(void)
{
	return executes("select from enroll.guardian");
}

static bool
read_secrets_of_roles(void)
{
	return executes("select from pg_authid");
}

static bool
other_door(void)
{
	return executes(strcmp(own, "content") == 0 ? "select enroll.session_get('\\x01', '00000000')"
						    : "select enroll.content_list('00000000', 'guide')");
}

static bool
create_table(void)
{
	return executes("create table public.made ()");
}

static bool
create_temporary_table(void)
{
	return executes("create temporary table made ()");
}

static bool
create_function(void)
{
	return executes("create function public.made() returns int language sql return 1");
}

static bool
program_of_database(void)
{
	return executes("copy (select 1) to program 'true'");
}

static bool
file_of_database(void)
{
	return executes("select pg_read_file('/etc/passwd')");
}

static bool
large_object_of_file(void)
{
	return executes("select lo_import('/etc/passwd')");
}

static bool
settings_of_database(void)
{
	return executes("alter system set log_statement = 'all'");
}

#define ATTEMPT(name) { #name, name }
static const struct attempt attempts[] = {
	/* What the unit is for, lest a stub that can do nothing at all looks safe. */
	ATTEMPT(own_credentials),
	ATTEMPT(own_role),

	ATTEMPT(shell),
	ATTEMPT(enrollctl),
	ATTEMPT(loader),
	ATTEMPT(database_client),
	ATTEMPT(copy_in_tmp),
	ATTEMPT(copy_in_var_tmp),
	ATTEMPT(copy_in_shared_memory),
	ATTEMPT(copy_in_state),
	ATTEMPT(copy_in_runtime),
	ATTEMPT(copy_in_memory),
	ATTEMPT(writable_code),
	ATTEMPT(written_code),

	ATTEMPT(internet),
	ATTEMPT(port),
	ATTEMPT(unbound_port),
	ATTEMPT(raw_socket),
	ATTEMPT(packet_socket),
	ATTEMPT(routes),
	ATTEMPT(other_socket),
	ATTEMPT(system_bus),
	ATTEMPT(system_manager),

	ATTEMPT(other_credentials),
	ATTEMPT(shadow),
	ATTEMPT(keys),
	ATTEMPT(secrets),
	ATTEMPT(home_of_root),
	ATTEMPT(dumps),
	ATTEMPT(write_executable),
	ATTEMPT(write_configuration),
	ATTEMPT(write_usr),
	ATTEMPT(write_etc),
	ATTEMPT(write_state),
	ATTEMPT(write_log),
	ATTEMPT(suid_file),
	ATTEMPT(device),

	ATTEMPT(mount_something),
	ATTEMPT(user_namespace),
	ATTEMPT(become_root),
	ATTEMPT(other_root),
	ATTEMPT(restart),
	ATTEMPT(other_kernel),
	ATTEMPT(module),
	ATTEMPT(bpf),
	ATTEMPT(perf_event),
	ATTEMPT(kernel_keyring),
	ATTEMPT(io_uring),
	ATTEMPT(page_faults),

	ATTEMPT(trace_init),
	ATTEMPT(trace_own_child),
	ATTEMPT(memory_of_init),
	ATTEMPT(signal_init),
	ATTEMPT(see_processes),

	ATTEMPT(other_role),
	ATTEMPT(superuser),
	ATTEMPT(owner),
	ATTEMPT(read_families),
	ATTEMPT(read_secrets_of_roles),
	ATTEMPT(other_door),
	ATTEMPT(create_table),
	ATTEMPT(create_temporary_table),
	ATTEMPT(create_function),
	ATTEMPT(program_of_database),
	ATTEMPT(file_of_database),
	ATTEMPT(large_object_of_file),
	ATTEMPT(settings_of_database),
};

/* In a process of its own: it may become another program, or lose its root. */
static bool
try(const struct attempt *attempt)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(attempt->is_done() ? EXIT_SUCCESS : EXIT_FAILURE);
	if (child == -1 || waitpid(child, &status, 0) != child)
		return true;
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return EXIT_SUCCESS;
	own = argv[1];
	other = strcmp(own, "session") == 0 ? "register" : "session";
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		(void)printf("%s %s\n", try(&attempts[i]) ? "DONE" : "denied", attempts[i].name);
		(void)fflush(stdout);
	}
	return EXIT_SUCCESS;
}
