/*
 * One table names every key once, with its default and, for a number, its bounds; the file may only say what stands in it.
 * A mistake in the file ends the program at start, with the line: a district that believes it set something must not run
 * with a default instead.
 */
#include "conf.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum { LINE_MAX_SIZE = 4096 };

/* A key with ${max} 0 is text. */
static const struct key {
	const char *name, *fallback;
	long min, max;
} keys[] = {
	{ "environment", "demo", 0, 0 },
	{ "public_url", "http://localhost:8080", 0, 0 },
	{ "hotline", "0753-0000000", 0, 0 },
	{ "phone_proof", "off", 0, 0 },

	{ "database", "host=/run/postgresql dbname=enroll", 0, 0 },
	{ "sandbox_database", "host=/run/postgresql dbname=sandbox", 0, 0 },
	{ "migrate_user", "postgres", 0, 0 },
	{ "sql_dir", "/usr/share/enroll/sql", 0, 0 },
	{ "share_dir", "/usr/share/enroll", 0, 0 },
	{ "scripts_dir", "/usr/lib/enroll", 0, 0 },
	{ "keys_dir", "/etc/enroll/keys", 0, 0 },
	{ "audit_anchor_file", "", 0, 0 },
	{ "mp_verify_dir", "", 0, 0 },
	{ "metrics_file", "", 0, 0 },
	{ "metrics_port", "9180", 0, 65535 },
	{ "dump_dir", "/var/backups/enroll", 0, 0 },
	{ "www_dir", "/var/lib/enroll/www", 0, 0 },
	{ "maintenance_dir", "/var/lib/enroll/maintenance", 0, 0 },
	{ "tls_dir", "/etc/enroll/tls", 0, 0 },
	{ "nginx_conf", "/etc/nginx/nginx.conf", 0, 0 },

	{ "trusted_proxies", "", 0, 0 },
	{ "network_rate", "300", 1, 100000 },
	{ "network_connections", "1000", 1, 100000 },
	{ "account_rate", "20", 1, 10000 },

	{ "db_connections", "4", 1, 16 },
	{ "workers", "16", 1, 256 },
	{ "request_timeout_ms", "5000", 100, 60000 },
	{ "hash_slots", "1", 1, 64 },
	{ "hash_queue", "8", 0, 1024 },
	{ "scrypt_ln", "15", 1, 20 },
	{ "scrypt_r", "8", 1, 32 },
	{ "scrypt_p", "3", 1, 16 },
	{ "outbound_slots", "4", 1, 64 },
	{ "outbound_timeout_ms", "3000", 100, 60000 },
	{ "outbound_proxy", "", 0, 0 },

	{ "wechat_appid", "", 0, 0 },
	{ "wechat_secret_file", "", 0, 0 },
	{ "wechat_open", "https://open.weixin.qq.com", 0, 0 },
	{ "wechat_api", "https://api.weixin.qq.com", 0, 0 },
	{ "wechat_ca", "", 0, 0 },
	{ "wechat_follow_name", "", 0, 0 },
	{ "wechat_follow_url", "", 0, 0 },
	{ "wechat_launch_weapp", "off", 0, 0 },
	{ "wechat_launch_username", "", 0, 0 },
	{ "wechat_launch_path", "", 0, 0 },
	{ "wechat_script", "https://res.wx.qq.com/open/js/jweixin-1.6.0.js", 0, 0 },

	{ "space_url", "", 0, 0 },
	{ "space_paasid", "", 0, 0 },
	{ "space_token_file", "", 0, 0 },
	{ "space_ca", "", 0, 0 },

	{ "license_url", "", 0, 0 },
	{ "license_app_key", "", 0, 0 },
	{ "license_app_secret_file", "", 0, 0 },
	{ "license_account", "", 0, 0 },
	{ "license_password_file", "", 0, 0 },
	{ "license_ca", "", 0, 0 },
	{ "license_service_item_code", "", 0, 0 },
	{ "license_service_item_name", "", 0, 0 },
	{ "license_archive", "off", 0, 0 },
	{ "license_archive_max_kb", "2048", 1, 8192 },
	{ "authorization_max_days", "180", 1, 730 },

	{ "message_url", "", 0, 0 },
};

enum { N_KEYS = sizeof keys / sizeof *keys };

/* What the file says; NULL where it is silent. Read-only once threads run. */
static char *values[N_KEYS];

/* The place of ${name} in the table, N_KEYS if there is none. */
static size_t
find_key(const char *name)
{
	size_t i = 0;

	while (i < N_KEYS && strcmp(keys[i].name, name) != 0)
		i++;
	return i;
}

/* Cut blanks, and the line's own end, off both ends of ${text}. */
static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		text[--length] = '\0';
	return text;
}

static bool
is_number_within(const char *text, long min, long max)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && number >= min && number <= max;
}

/* Take one line. Returns NULL or what is wrong with it. */
static const char *
take_line(char *line)
{
	char *name = trim(line), *equals, *value;
	size_t i;

	if (*name == '\0' || *name == '#')
		return NULL;
	if ((equals = strchr(name, '=')) == NULL)
		return "no \"=\"";
	*equals = '\0';
	name = trim(name);
	value = trim(equals + 1);
	if ((i = find_key(name)) == N_KEYS)
		return "unknown key";
	if (values[i] != NULL)
		return "key given twice";
	if (keys[i].max > 0 && !is_number_within(value, keys[i].min, keys[i].max))
		return "not a number within the key's bounds";
	return (values[i] = strdup(value)) != NULL ? NULL : "out of memory";
}

/* The mini-program is opened only by name and page, by a script with an address. */
static bool
is_launch_consistent(const char *path)
{
	const char *launch = conf_text("wechat_launch_weapp"), *script = conf_text("wechat_script");
	bool is_on = strcmp(launch, "on") == 0;

	if ((is_on || strcmp(launch, "off") == 0) &&
	    (!is_on || (conf_text("wechat_launch_username")[0] != '\0' && conf_text("wechat_launch_path")[0] != '\0' &&
			   strncmp(script, "http", 4) == 0)))
		return true;
	log_event(LOG_ERROR, NULL, "conf",
	    "%s: wechat_launch_weapp is on or off; on needs wechat_launch_username, _path and "
	    "wechat_script",
	    path);
	return false;
}

/* Values that are wrong only as a whole. */
static bool
is_consistent(const char *path)
{
	const char *environment = conf_text("environment"), *url = conf_text("public_url"), *proof = conf_text("phone_proof"),
		   *archive = conf_text("license_archive");
	size_t length = strlen(url);

	if (strcmp(environment, "demo") != 0 && strcmp(environment, "test") != 0 && strcmp(environment, "production") != 0) {
		log_event(LOG_ERROR, NULL, "conf", "%s: environment is none of demo, test, production", path);
		return false;
	}
	if (strcmp(archive, "off") != 0 && strcmp(archive, "keep") != 0) {
		log_event(LOG_ERROR, NULL, "conf", "%s: license_archive is neither off nor keep", path);
		return false;
	}
	if (length == 0 || url[length - 1] == '/') {
		log_event(LOG_ERROR, NULL, "conf", "%s: public_url is empty or ends in a slash", path);
		return false;
	}
	if (strcmp(proof, "off") != 0 && strcmp(proof, "sms") != 0) {
		log_event(LOG_ERROR, NULL, "conf", "%s: phone_proof is neither off nor sms", path);
		return false;
	}
	if (strcmp(proof, "sms") == 0 && conf_text("message_url")[0] == '\0') {
		log_event(LOG_ERROR, NULL, "conf", "%s: phone_proof = sms needs message_url", path);
		return false;
	}
	return is_launch_consistent(path);
}

bool
conf_open(const char *path)
{
	char line[LINE_MAX_SIZE];
	FILE *file = fopen(path, "r");
	bool is_good = true;

	if (file == NULL) {
		log_event(LOG_ERROR, NULL, "conf", "%s: %s", path, strerrordesc_np(errno));
		return false;
	}
	for (size_t i = 0; i < N_KEYS; i++) {
		free(values[i]);
		values[i] = NULL;
	}

	/* All faults are named, not only the first. */
	for (unsigned number = 1; fgets(line, sizeof line, file) != NULL; number++) {
		bool is_cut = strchr(line, '\n') == NULL && !feof(file);
		const char *fault = is_cut ? "too long" : take_line(line);

		if (fault != NULL) {
			log_event(LOG_ERROR, NULL, "conf", "%s: line %u: %s", path, number, fault);
			is_good = false;
		}
		if (is_cut)
			break;
	}
	if (ferror(file) != 0) {
		log_event(LOG_ERROR, NULL, "conf", "%s: cannot be read", path);
		is_good = false;
	}
	(void)fclose(file);
	return is_good && is_consistent(path);
}

const char *
conf_text(const char *key)
{
	size_t i = find_key(key);

	if (i == N_KEYS) {
		log_event(LOG_ERROR, NULL, "conf", "the program asks for the unknown key %s", key);
		return "";
	}
	return values[i] != NULL ? values[i] : keys[i].fallback;
}

long
conf_number(const char *key)
{
	return strtol(conf_text(key), NULL, 10);
}

/* Where systemd has put what LoadCredential names, alone for this unit; NULL if it has not. */
static const char *
credentials_dir(void)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	return dir != NULL && *dir != '\0' ? dir : NULL;
}

const char *
conf_keys_dir(void)
{
	const char *dir = credentials_dir();

	return dir != NULL ? dir : conf_text("keys_dir");
}

static FILE *
open_secret(const char *key)
{
	const char *dir = credentials_dir();
	char path[512];
	int length;

	if (dir == NULL)
		return fopen(conf_text(key), "r");
	length = snprintf(path, sizeof path, "%s/%.*s", dir, (int)(strlen(key) - strlen("_file")), key);
	if (length < 0 || length >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(path, "r");
}

bool
conf_secret(const char *key, char *out, size_t size)
{
	FILE *file = open_secret(key);
	size_t length = 0;
	const char *fault = NULL;

	if (file == NULL) {
		log_event(LOG_ERROR, NULL, "conf_secret", "%s: %s", key, strerrordesc_np(errno));
		return false;
	}
	/* stdio keeps a copy of what it read in a buffer of its own; a secret must not stay there. */
	(void)setvbuf(file, NULL, _IONBF, 0);
	length = fread(out, 1, size, file);
	if (ferror(file) != 0)
		fault = "cannot be read";
	else if (length == size && (out[size - 1] != '\n' || fgetc(file) != EOF))
		fault = "too long";
	else if (length > 0 && out[length - 1] == '\n')
		length--;
	if (fault == NULL && length == 0)
		fault = "empty";
	(void)fclose(file);
	if (fault != NULL) {
		log_event(LOG_ERROR, NULL, "conf_secret", "%s: %s", key, fault);
		OPENSSL_cleanse(out, size);
		return false;
	}
	out[length] = '\0';
	return true;
}

bool
conf_is_production(void)
{
	return strcmp(conf_text("environment"), "production") == 0;
}
