#include "conf.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char file[64];

static int
make_file(void **state)
{
	(void)state;
	(void)snprintf(file, sizeof file, "/tmp/enroll-conf-XXXXXX");
	return close(mkstemp(file));
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static void
write_file(const char *text, size_t size)
{
	int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_int_equal(write(fd, text, size), size);
	assert_int_equal(close(fd), 0);
}

static bool
opens(const char *text)
{
	write_file(text, strlen(text));
	return conf_open(file);
}

static void
values_are_trimmed_and_the_rest_has_defaults(void **state)
{
	(void)state;
	assert_true(
	    opens("# a remark\n\n  public_url\t=  https://a.example \r\nworkers=3\nspace_ca =\ndatabase = host=/run/x dbname=y"));
	assert_string_equal(conf_text("public_url"), "https://a.example");
	assert_string_equal(conf_text("database"), "host=/run/x dbname=y");
	assert_string_equal(conf_text("space_ca"), "");
	assert_int_equal(conf_number("workers"), 3);
	assert_int_equal(conf_number("scrypt_ln"), 15);
	assert_false(conf_is_production());

	/* A second reading forgets the first. */
	assert_true(opens("environment = production\n"));
	assert_true(conf_is_production());
	assert_int_equal(conf_number("workers"), 16);
}

static void
mistakes_are_refused(void **state)
{
	static const char *const wrong[] = {
		"nosuchkey = 1\n",
		"workers\n",
		"= 1\n",
		"workers = 3\nworkers = 3\n",
		"workers = 0\n",
		"workers = 3x\n",
		"workers =\n",
		"workers = 99999999999999999999\n",
		"environment = prod\n",
		"public_url = https://a.example/\n",
		"public_url =\n",
		"phone_proof = yes\nmessage_url = http://a.example\n",
		"phone_proof = sms\n",
		"wechat_launch_weapp = yes\n",
		"wechat_launch_weapp = on\n",
		"wechat_launch_weapp = on\nwechat_launch_username = gh_1\nwechat_launch_path = a\nwechat_script = jweixin.js\n",
	};
	char line[6000];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(opens(wrong[i]));
	(void)snprintf(line, sizeof line, "hotline = %05000d\n", 0);
	assert_false(opens(line));
	assert_false(conf_open("/nonexistent/enroll.conf"));
}

static void
the_example_is_accepted(void **state)
{
	(void)state;
	assert_true(conf_open(SOURCE_DIR "/conf/enroll.conf.example"));
}

static void
a_secret_is_read_from_its_file(void **state)
{
	char text[128], secret[8], other[80];
	int fd;

	(void)state;
	(void)snprintf(other, sizeof other, "%s.secret", file);
	(void)snprintf(text, sizeof text, "space_token_file = %s\n", other);
	assert_true(opens(text));
	assert_false(conf_secret("space_token_file", secret, sizeof secret));
	assert_false(conf_secret("wechat_secret_file", secret, sizeof secret));
	for (size_t size = 0; size < 10; size++) {
		bool is_right = size >= 1 && size <= 7;

		for (int with_end = 0; with_end < 2; with_end++) {
			fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
			assert_int_equal(write(fd, "abcdefghij", size), size);
			if (with_end)
				assert_int_equal(write(fd, "\n", 1), 1);
			(void)close(fd);
			assert_int_equal(conf_secret("space_token_file", secret, sizeof secret), is_right);
			if (is_right) {
				assert_int_equal(strlen(secret), size);
				assert_memory_equal(secret, "abcdefghij", size);
			}
		}
	}
	(void)unlink(other);
}

static void
under_systemd_keys_and_secrets_are_what_was_handed_over(void **state)
{
	char dir[] = "/tmp/enroll-credentials-XXXXXX", path[64], text[200], secret[16];
	int fd;

	(void)state;
	(void)snprintf(text, sizeof text, "space_token_file = %s\nwechat_secret_file = %s\nkeys_dir = /k\n", file, file);
	assert_true(opens(text));
	assert_string_equal(conf_keys_dir(), "/k");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/space_token", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "handed over\n", 12), 12);
	(void)close(fd);

	(void)setenv("CREDENTIALS_DIRECTORY", dir, 1);
	assert_string_equal(conf_keys_dir(), dir);
	assert_true(conf_secret("space_token_file", secret, sizeof secret));
	assert_string_equal(secret, "handed over");
	/* What was not handed over is not looked for elsewhere. */
	assert_false(conf_secret("wechat_secret_file", secret, sizeof secret));
	(void)unsetenv("CREDENTIALS_DIRECTORY");

	(void)unlink(path);
	(void)rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_are_trimmed_and_the_rest_has_defaults, make_file, remove_file),
		cmocka_unit_test_setup_teardown(mistakes_are_refused, make_file, remove_file),
		cmocka_unit_test(the_example_is_accepted),
		cmocka_unit_test_setup_teardown(a_secret_is_read_from_its_file, make_file, remove_file),
		cmocka_unit_test_setup_teardown(under_systemd_keys_and_secrets_are_what_was_handed_over, make_file, remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
