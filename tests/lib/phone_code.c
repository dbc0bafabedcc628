/* The code that proves a phone: what the doors get of it, and when they get nothing. What becomes of it is tried in the doors. */
#include "phone_code.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"

static char folder[] = "/tmp/enroll-phone-code-XXXXXX";

static void
write_file(const char *name, const char *text, size_t size)
{
	char path[128];
	FILE *file;

	assert_true(snprintf(path, sizeof path, "%s/%s", folder, name) > 0);
	assert_non_null(file = fopen(path, "w"));
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void
configure(const char *text)
{
	char path[128];

	write_file("enroll.conf", text, strlen(text));
	assert_true(snprintf(path, sizeof path, "%s/enroll.conf", folder) > 0);
	assert_true(conf_open(path));
}

static int
setup(void **state)
{
	assert_non_null(mkdtemp(folder));
	write_file("token.1", "0123456789abcdef0123456789abcdef", 32);
	assert_true(seal_open_keys(folder, 1U << SEAL_TOKEN));
	return (*state = arena_new(1 << 16)) == NULL;
}

static int
teardown(void **state)
{
	char command[160];

	arena_free(*state);
	assert_true(snprintf(command, sizeof command, "rm -r '%s'", folder) > 0);
	return system(command);
}

static struct bytes
hash_of(void **state, const char *purpose, const char *phone, const char *code)
{
	struct bytes hash;

	assert_true(phone_code_hash(*state, purpose, phone, code, &hash));
	return hash;
}

static void
where_no_proof_is_asked_for_there_is_neither_field_nor_hash(void **state)
{
	configure("phone_proof = off\n");
	assert_false(phone_code_is_asked());
	assert_int_equal(phone_code_fields(5), 4);
	assert_null(hash_of(state, "register", "19900000001", "123456").data);
}

static void
a_code_is_hashed_with_its_number_and_its_purpose(void **state)
{
	struct bytes hash;

	configure("phone_proof = sms\nmessage_url = http://gateway.example\n");
	assert_true(phone_code_is_asked());
	assert_int_equal(phone_code_fields(5), 5);
	hash = hash_of(state, "register", "19900000001", "123456");
	assert_int_equal(hash.size, SEAL_HASH_SIZE);
	assert_memory_equal(hash.data, hash_of(state, "register", "19900000001", "123456").data, SEAL_HASH_SIZE);
	assert_memory_not_equal(hash.data, hash_of(state, "register", "19900000001", "123457").data, SEAL_HASH_SIZE);
	assert_memory_not_equal(hash.data, hash_of(state, "register", "19900000002", "123456").data, SEAL_HASH_SIZE);
	assert_memory_not_equal(hash.data, hash_of(state, "recover", "19900000001", "123456").data, SEAL_HASH_SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_no_proof_is_asked_for_there_is_neither_field_nor_hash),
		cmocka_unit_test(a_code_is_hashed_with_its_number_and_its_purpose),
	};

	return cmocka_run_group_tests_name("phone_code", tests, setup, teardown);
}
