/*
 * Everything happens in one transaction: a migration that fails leaves the database as it was, and whoever comes second
 * waits at the advisory lock and then finds nothing to do. A migration that was edited after it ran is refused: its
 * SHA-256 is recorded beside it. Doors and views are not migrations: they are dropped and made anew whenever a file of them
 * changed, so that a removed file is a removed door, with its grants; and whenever somebody changed a grant by hand.
 */
#include "migrate.h"

#include <glob.h>
#include <libpq-fe.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "log.h"

enum { FILE_LIMIT = 1 << 20, HEX_SIZE = 65 };

static const char house_sql[] =
    "create schema if not exists enroll;"
    "create table if not exists enroll.migration ("
    "  version int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now());"
    "comment on table enroll.migration is '已执行的数据库迁移；版本 0 为函数与视图的整体版本，-1 为它们的权限';"
    "comment on column enroll.migration.version is '迁移编号';"
    "comment on column enroll.migration.name is '文件名';"
    "comment on column enroll.migration.sha256 is '文件内容的 SHA-256';"
    "comment on column enroll.migration.applied_at is '执行时间'";

/* What dropped doors and views leave: tables, and functions that triggers stand on (they belong to migrations). */
static const char drop_sql[] =
    "do $$ declare r record; begin"
    "  for r in select c.oid::regclass as v from pg_class c where c.relkind = 'v'"
    "    and c.relnamespace in ('enroll'::regnamespace, 'enroll_report'::regnamespace)"
    "  loop execute format('drop view if exists %s cascade', r.v); end loop;"
    "  for r in select p.oid::regprocedure as f from pg_proc p where p.pronamespace = 'enroll'::regnamespace"
    "    and not exists (select from pg_trigger t where t.tgfoid = p.oid)"
    "  loop execute format('drop routine if exists %s cascade', r.f); end loop;"
    "end $$";

/* Who may use which door and view, as one hash. */
static const char grants_sql[] =
    "select encode(sha256(convert_to(coalesce(string_agg(line, ' ' order by line collate \"C\"), ''), 'UTF8')), 'hex') from ("
    "  select concat(p.proname, '/', p.pronargs, ':', a.grantee::regrole, '=', a.privilege_type) from pg_proc p"
    "    cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where p.pronamespace = 'enroll'::regnamespace"
    "    and not exists (select from pg_trigger t where t.tgfoid = p.oid)"
    "  union all select concat(c.relname, ':', a.grantee::regrole, '=', a.privilege_type) from pg_class c"
    "    cross join aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a"
    "    where c.relnamespace = 'enroll_report'::regnamespace and c.relkind = 'v') l (line)";

/* Run one or more statements; a failure is logged with PostgreSQL's own words: it is the operator who reads them. */
static bool
execute(PGconn *pg, const char *sql, const char *what)
{
	PGresult *result = PQexec(pg, sql);
	ExecStatusType state = PQresultStatus(result);
	bool is_done = state == PGRES_COMMAND_OK || state == PGRES_TUPLES_OK;

	if (!is_done)
		log_event(LOG_ERROR, NULL, "migrate", "%s: %s", what, PQerrorMessage(pg));
	PQclear(result);
	return is_done;
}

/* Read a file whole; the caller frees. */
static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(FILE_LIMIT + 1);
	size_t n;

	if (file == NULL || text == NULL)
		goto err;
	n = fread(text, 1, FILE_LIMIT + 1, file);
	if (ferror(file) || n > FILE_LIMIT)
		goto err;
	text[n] = '\0';
	(void)fclose(file);
	return text;

err:
	log_event(LOG_ERROR, NULL, "migrate", "cannot read %s", path);
	if (file != NULL)
		(void)fclose(file);
	free(text);
	return NULL;
}

/* SHA-256 over files, in order, as hexadecimal. */
static bool
hash_files(const glob_t *files, size_t first, size_t n, char out[static HEX_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	bool is_done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	for (size_t i = first; is_done && i < first + n; i++) {
		char *text = read_file(files->gl_pathv[i]);

		is_done = text != NULL && EVP_DigestUpdate(context, text, strlen(text) + 1) == 1;
		free(text);
	}
	is_done = is_done && EVP_DigestFinal_ex(context, digest, NULL) == 1;
	EVP_MD_CTX_free(context);
	if (is_done)
		hex_write(digest, 32, out);
	return is_done;
}

/* What is recorded for a version: its hash, "" if nothing. */
static bool
recorded_hash(PGconn *pg, const char *version, char out[static HEX_SIZE])
{
	PGresult *result =
	    PQexecParams(pg, "select sha256 from enroll.migration where version = $1", 1, NULL, &version, NULL, NULL, 0);
	bool is_done = PQresultStatus(result) == PGRES_TUPLES_OK;

	out[0] = '\0';
	if (is_done && PQntuples(result) == 1)
		(void)snprintf(out, HEX_SIZE, "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return is_done;
}

static bool
present_grants(PGconn *pg, char out[static HEX_SIZE])
{
	PGresult *result = PQexec(pg, grants_sql);
	bool is_done = PQresultStatus(result) == PGRES_TUPLES_OK;

	if (is_done)
		(void)snprintf(out, HEX_SIZE, "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return is_done;
}

static bool
record(PGconn *pg, const char *version, const char *name, const char *hash)
{
	const char *const values[] = { version, name, hash };
	PGresult *result = PQexecParams(pg,
	    "insert into enroll.migration (version, name, sha256) values ($1, $2, $3)"
	    " on conflict (version) do update set sha256 = excluded.sha256, applied_at = now()",
	    3, NULL, values, NULL, NULL, 0);
	bool is_done = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return is_done;
}

static bool
execute_file(PGconn *pg, const char *path)
{
	char *sql = read_file(path);
	bool is_done = sql != NULL && execute(pg, sql, path);

	free(sql);
	return is_done;
}

/* One migration: run and record it, or see that it has run as it stands. */
static enum migrate_result
apply_migration(PGconn *pg, const glob_t *files, size_t i, bool is_check)
{
	const char *path = files->gl_pathv[i];
	const char *name = strrchr(path, '/') + 1;
	char hash[HEX_SIZE], recorded[HEX_SIZE], version[5];

	(void)snprintf(version, sizeof version, "%.4s", name);
	if (!hash_files(files, i, 1, hash) || !recorded_hash(pg, version, recorded))
		return MIGRATE_FAILED;
	if (strcmp(hash, recorded) == 0)
		return MIGRATE_OK;
	if (recorded[0] != '\0') {
		log_event(LOG_ERROR, NULL, "migrate", "%s was changed after it ran", name);
		return MIGRATE_FAILED;
	}
	if (is_check)
		return MIGRATE_PENDING;
	if (!execute_file(pg, path) || !execute(pg, "reset role", name) || !record(pg, version, name, hash))
		return MIGRATE_FAILED;
	printf("migrate: %s\n", name);
	return MIGRATE_OK;
}

/* All doors and views anew, if one of their files or of their grants changed. */
static enum migrate_result
apply_doors(PGconn *pg, const glob_t *files, size_t first, bool is_check)
{
	char hash[HEX_SIZE], recorded[HEX_SIZE], grants[HEX_SIZE], granted[HEX_SIZE];

	if (!hash_files(files, first, files->gl_pathc - first, hash) || !recorded_hash(pg, "0", recorded) ||
	    !present_grants(pg, grants) || !recorded_hash(pg, "-1", granted))
		return MIGRATE_FAILED;
	if (strcmp(hash, recorded) == 0 && strcmp(grants, granted) == 0)
		return MIGRATE_OK;
	if (is_check)
		return MIGRATE_PENDING;
	if (!execute(pg, drop_sql, "drop doors") || !execute(pg, "set local role enroll_owner", "set role"))
		return MIGRATE_FAILED;
	for (size_t i = first; i < files->gl_pathc; i++)
		if (!execute_file(pg, files->gl_pathv[i]))
			return MIGRATE_FAILED;
	if (!execute(pg, "reset role; alter table enroll.migration owner to enroll_owner", "reset role") ||
	    !record(pg, "0", "doors", hash) || !present_grants(pg, grants) || !record(pg, "-1", "grants", grants))
		return MIGRATE_FAILED;
	printf("migrate: doors and views made anew\n");
	return MIGRATE_OK;
}

/*
 * The files in their order: migrations, the functions that doors share, doors, views; replacing the shared ones twice does no
 * harm. Returns how many are migrations, -1 if none.
 */
static long
find_files(const char *sql_dir, glob_t *files)
{
	static const char *const patterns[] = { "migrations/[0-9][0-9][0-9][0-9]_*.sql", "doors/common/*.sql", "doors/*/*.sql",
		"views/*.sql" };
	long n_migrations = -1;

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		char pattern[512];
		int rc;

		if (snprintf(pattern, sizeof pattern, "%s/%s", sql_dir, patterns[i]) >= (int)sizeof pattern)
			return -1;
		rc = glob(pattern, i > 0 ? GLOB_APPEND : 0, NULL, files);
		if (rc != 0 && rc != GLOB_NOMATCH)
			return -1;
		if (i == 0)
			n_migrations = rc == 0 ? (long)files->gl_pathc : -1;
	}
	return n_migrations;
}

static enum migrate_result
apply(PGconn *pg, const char *sql_dir, bool is_check)
{
	glob_t files = { 0 };
	enum migrate_result result = MIGRATE_FAILED;
	long n_migrations = find_files(sql_dir, &files);

	if (n_migrations < 0) {
		log_event(LOG_ERROR, NULL, "migrate", "no migrations in %s", sql_dir);
		goto done;
	}
	for (size_t i = 0; i < (size_t)n_migrations; i++)
		if ((result = apply_migration(pg, &files, i, is_check)) != MIGRATE_OK)
			goto done;
	result = apply_doors(pg, &files, (size_t)n_migrations, is_check);

done:
	globfree(&files);
	return result;
}

static void
ignore_notice(void *unused, const char *message)
{
	(void)unused;
	(void)message;
}

static enum migrate_result
migrate(const char *conninfo, const char *sql_dir, bool is_check)
{
	PGconn *pg = PQconnectdb(conninfo);
	enum migrate_result result = MIGRATE_FAILED;

	if (PQstatus(pg) != CONNECTION_OK) {
		log_event(LOG_ERROR, NULL, "migrate", "%s", PQerrorMessage(pg));
		goto done;
	}
	PQsetNoticeProcessor(pg, ignore_notice, NULL);
	if (!execute(
		pg, "begin; set local statement_timeout = 0; select pg_advisory_xact_lock(hashtext('enroll.migrate'))", "lock") ||
	    !execute(pg, house_sql, "house"))
		goto done;
	result = apply(pg, sql_dir, is_check);
	if (is_check || result != MIGRATE_OK)
		(void)execute(pg, "rollback", "rollback");
	else if (!execute(pg, "commit", "commit"))
		result = MIGRATE_FAILED;

done:
	PQfinish(pg);
	return result;
}

enum migrate_result
migrate_run(const char *conninfo, const char *sql_dir)
{
	return migrate(conninfo, sql_dir, false);
}

enum migrate_result
migrate_check(const char *conninfo, const char *sql_dir)
{
	return migrate(conninfo, sql_dir, true);
}
