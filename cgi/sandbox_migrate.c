/*
 * The schema of the sandbox: all of sql_dir/sandbox in name order, in one transaction, by the role that owns it. What it holds
 * is made up and worth nothing, so there are no migrations: if any file has changed, the schema is built anew.
 */
#include <glob.h>
#include <libpq-fe.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "hex.h"
#include "log.h"
#include "sandbox.h"

enum { FILE_MAX_SIZE = 1 << 20, HASH_TEXT_SIZE = 2 * EVP_MAX_MD_SIZE + 1 };

/* The text of a file, or NULL after logging. The caller frees it. */
static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(FILE_MAX_SIZE);
	size_t n = 0;

	if (file != NULL && text != NULL)
		n = fread(text, 1, FILE_MAX_SIZE, file);
	if (file != NULL)
		(void)fclose(file);
	if (n == 0 || n == FILE_MAX_SIZE) {
		log_event(LOG_ERROR, NULL, "migrate_file", "%s: cannot be read", path);
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

/* One hash over all the files, as hexadecimal digits. */
static bool
hash_files(const glob_t *files, char out[static HASH_TEXT_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	bool is_ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; is_ok && i < files->gl_pathc; i++) {
		char *text = read_file(files->gl_pathv[i]);

		is_ok = text != NULL && EVP_DigestUpdate(context, text, strlen(text) + 1) == 1;
		free(text);
	}
	is_ok = is_ok && EVP_DigestFinal_ex(context, hash, &size) == 1;
	EVP_MD_CTX_free(context);
	if (is_ok)
		hex_write(hash, size, out);
	return is_ok;
}

/* Run statements that answer nothing of interest; SQLSTATE goes to the log. */
static bool
run(PGconn *pg, const char *what, const char *sql)
{
	PGresult *result = PQexec(pg, sql);
	ExecStatusType state = PQresultStatus(result);
	bool is_ok = state == PGRES_COMMAND_OK || state == PGRES_TUPLES_OK;

	if (!is_ok)
		log_event(LOG_ERROR, NULL, "migrate_sql", "%s: %s", what, PQresultErrorMessage(result));
	PQclear(result);
	return is_ok;
}

/* Does the database hold what the files say? */
static bool
is_current(PGconn *pg, const char *hash)
{
	const char *const values[] = { hash };
	PGresult *result = PQexecParams(pg, "select obj_description(to_regnamespace('sandbox'), 'pg_namespace') like '%' || $1",
	    1, NULL, values, NULL, NULL, 0);
	bool is_same = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == 't';

	PQclear(result);
	return is_same;
}

/* Build all of it, and note in the schema's comment what was built. ${hash} is hexadecimal, so it needs no quoting. */
static bool
build(PGconn *pg, const glob_t *files, const char *hash)
{
	char comment[HASH_TEXT_SIZE + 128];

	for (size_t i = 0; i < files->gl_pathc; i++) {
		char *text = read_file(files->gl_pathv[i]);
		bool is_ok = text != NULL && run(pg, files->gl_pathv[i], text);

		free(text);
		if (!is_ok)
			return false;
	}
	(void)snprintf(comment, sizeof comment, "comment on schema sandbox is '演示沙盒，只有虚构的人；SQL 文件 %s'", hash);
	return run(pg, "comment", comment);
}

bool
sandbox_migrate(void)
{
	const char *const keys[] = { "dbname", "user", "options", NULL };
	const char *const values[] = { conf_text("sandbox_database"), "sandbox", "-c client_min_messages=warning", NULL };
	char pattern[4096], hash[HASH_TEXT_SIZE] = "";
	glob_t files = { 0 };
	PGconn *pg = NULL;
	bool is_done = false;

	(void)snprintf(pattern, sizeof pattern, "%s/sandbox/*.sql", conf_text("sql_dir"));
	if (glob(pattern, 0, NULL, &files) != 0) {
		log_event(LOG_ERROR, NULL, "migrate_files", "no %s", pattern);
		goto out;
	}
	pg = PQconnectdbParams(keys, values, 1);
	if (PQstatus(pg) != CONNECTION_OK) {
		log_event(LOG_ERROR, NULL, "migrate_connect", "no connection as sandbox: %s", PQerrorMessage(pg));
		goto out;
	}
	/* Two at once build one after the other. */
	if (!hash_files(&files, hash) || !run(pg, "lock", "begin; select pg_advisory_xact_lock(hashtext('sandbox'))"))
		goto out;
	is_done = (is_current(pg, hash) || build(pg, &files, hash)) && run(pg, "commit", "commit");
out:
	PQfinish(pg);
	globfree(&files);
	return is_done;
}
