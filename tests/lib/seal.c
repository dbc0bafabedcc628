/* Sealing: what is sealed opens only where it belongs, and an index tells fields apart. */
#include "seal.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys.h"

static const char row_a[] = "0b6a1d9e-0000-4000-8000-000000000001", row_b[] = "0b6a1d9e-0000-4000-8000-000000000002";
static char keys_dir[] = "/tmp/enroll-seal-XXXXXX";

static void
write_key(const char *name, size_t size, int fill)
{
	char path[128];
	FILE *file;

	assert_true(snprintf(path, sizeof path, "%s/%s", keys_dir, name) > 0);
	assert_non_null(file = fopen(path, "w"));
	for (size_t i = 0; i < size; i++)
		assert_int_not_equal(fputc(fill + (int)i, file), EOF);
	assert_int_equal(fclose(file), 0);
}

static int
setup(void **state)
{
	assert_non_null(mkdtemp(keys_dir));
	write_key("identity.1", 32, 1);
	write_key("contact.1", 32, 2);
	write_key("index.1", 32, 3);
	write_key("token.1", 32, 4);
	assert_true(seal_open_keys(keys_dir, 1U << SEAL_IDENTITY | 1U << SEAL_CONTACT | 1U << SEAL_INDEX | 1U << SEAL_TOKEN));
	assert_non_null(*state = arena_new(1 << 20));
	return 0;
}

static int
teardown(void **state)
{
	char command[160];

	arena_free(*state);
	assert_true(snprintf(command, sizeof command, "rm -r '%s'", keys_dir) > 0);
	return system(command);
}

static void
what_was_sealed_opens_in_its_own_place_and_row_only(void **state)
{
	struct bytes sealed;

	assert_true(seal_put(*state, SEAL_IDENTITY, "student.id_no", row_a, "441402202106159910", &sealed));
	assert_int_equal(sealed.size, 1 + 12 + 18 + 16);
	assert_string_equal(seal_get(*state, SEAL_IDENTITY, "student.id_no", row_a, sealed), "441402202106159910");
	assert_null(seal_get(*state, SEAL_IDENTITY, "student.id_no", row_b, sealed));
	assert_null(seal_get(*state, SEAL_IDENTITY, "guardian.id_no", row_a, sealed));
	assert_null(seal_get(*state, SEAL_CONTACT, "student.id_no", row_a, sealed));
}

static void
every_changed_bit_and_every_cut_is_noticed(void **state)
{
	struct bytes sealed;
	uint8_t copy[64];

	assert_true(seal_put(*state, SEAL_CONTACT, "phone.phone", row_a, "19900000001", &sealed));
	assert_true(sealed.size <= sizeof copy);
	for (size_t bit = 0; bit < sealed.size * 8; bit++) {
		memcpy(copy, sealed.data, sealed.size);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_null(seal_get(*state, SEAL_CONTACT, "phone.phone", row_a, (struct bytes){ copy, sealed.size }));
	}
	for (size_t size = 0; size < sealed.size; size++)
		assert_null(seal_get(*state, SEAL_CONTACT, "phone.phone", row_a, (struct bytes){ sealed.data, size }));
	assert_null(seal_get(*state, SEAL_CONTACT, "phone.phone", row_a, (struct bytes){ NULL, 0 }));
}

static void
the_same_text_seals_differently_each_time_and_an_empty_one_too(void **state)
{
	struct bytes first, second;

	assert_true(seal_put(*state, SEAL_IDENTITY, "student.id_no", row_a, "", &first));
	assert_true(seal_put(*state, SEAL_IDENTITY, "student.id_no", row_a, "", &second));
	assert_memory_not_equal(first.data, second.data, first.size);
	assert_string_equal(seal_get(*state, SEAL_IDENTITY, "student.id_no", row_a, first), "");
}

static void
a_class_that_is_not_held_neither_seals_nor_opens(void **state)
{
	struct bytes sealed = { (const uint8_t *)"\001..........................................", 40 };

	assert_false(seal_put(*state, SEAL_LICENSE, "license.data", row_a, "x", &sealed));
	assert_null(seal_get(*state, SEAL_LICENSE, "license.data", row_a, sealed));
}

static void
an_index_is_stable_and_differs_by_field_and_value(void **state)
{
	uint8_t a[SEAL_INDEX_SIZE], b[SEAL_INDEX_SIZE];

	(void)state;
	assert_true(seal_index("phone", "19900000001", a));
	assert_true(seal_index("phone", "19900000001", b));
	assert_memory_equal(a, b, sizeof a);
	assert_true(seal_index("openid", "19900000001", b));
	assert_memory_not_equal(a, b, sizeof a);
	assert_true(seal_index("phone", "19900000002", b));
	assert_memory_not_equal(a, b, sizeof a);

	/* The label ends before the value begins. */
	assert_true(seal_index("ab", "c", a));
	assert_true(seal_index("a", "bc", b));
	assert_memory_not_equal(a, b, sizeof a);
}

static void
a_newer_key_seals_and_the_older_still_opens(void **state)
{
	uint8_t before[SEAL_INDEX_SIZE], after[SEAL_INDEX_SIZE];
	struct bytes old, new;

	assert_true(seal_put(*state, SEAL_IDENTITY, "guardian.id_no", row_a, "old", &old));
	assert_true(seal_index("id_no", "x", before));
	write_key("identity.10", 32, 40);
	write_key("index.2", 32, 41);
	assert_true(seal_open_keys(keys_dir, 1U << SEAL_IDENTITY | 1U << SEAL_INDEX));
	assert_true(seal_put(*state, SEAL_IDENTITY, "guardian.id_no", row_a, "new", &new));
	assert_true(seal_index("id_no", "x", after));
	assert_int_equal(old.data[0], 1);
	assert_int_equal(new.data[0], 10);
	assert_int_equal(before[0], 1);
	assert_int_equal(after[0], 2);
	assert_string_equal(seal_get(*state, SEAL_IDENTITY, "guardian.id_no", row_a, old), "old");
	assert_string_equal(seal_get(*state, SEAL_IDENTITY, "guardian.id_no", row_a, new), "new");
}

static void
missing_and_misshapen_keys_are_refused(void **state)
{
	(void)state;
	assert_false(seal_open_keys(keys_dir, 1U << SEAL_LICENSE));
	write_key("license.1", 31, 5);
	assert_false(seal_open_keys(keys_dir, 1U << SEAL_LICENSE));
	assert_false(seal_open_keys("/nowhere", 1U << SEAL_INDEX));
	assert_true(seal_open_keys("/nowhere", 0));
}

static void
tokens_hashes_and_uuids_have_their_shapes(void **state)
{
	char token[44], other[44], uuid[37];
	uint8_t hash[SEAL_HASH_SIZE], again[SEAL_HASH_SIZE];

	(void)state;
	for (int i = 0; i < 200; i++) {
		seal_token(token);
		seal_token(other);
		assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
		assert_string_not_equal(token, other);
		seal_uuid(uuid);
		assert_int_equal(strlen(uuid), 36);
		assert_int_equal(uuid[14], '4');
		assert_non_null(strchr("89ab", uuid[19]));
	}
	seal_hash((struct bytes){ (const uint8_t *)"abc", 3 }, hash);
	assert_memory_equal(hash, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
	assert_true(seal_fingerprint("register", (struct bytes){ (const uint8_t *)"{}", 2 }, hash));
	assert_true(seal_fingerprint("submit", (struct bytes){ (const uint8_t *)"{}", 2 }, again));
	assert_memory_not_equal(hash, again, sizeof hash);
}

static void
a_code_is_six_digits_and_every_digit_stands_in_every_place(void **state)
{
	unsigned seen[SEAL_CODE_SIZE - 1] = { 0 };
	char code[SEAL_CODE_SIZE];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		seal_code(code);
		assert_int_equal(strlen(code), SEAL_CODE_SIZE - 1);
		for (size_t place = 0; place < SEAL_CODE_SIZE - 1; place++) {
			assert_in_range(code[place], '0', '9');
			seen[place] |= 1U << (code[place] - '0');
		}
	}
	for (size_t place = 0; place < SEAL_CODE_SIZE - 1; place++)
		assert_int_equal(seen[place], (1U << 10) - 1);
}

static void
a_mask_shows_the_first_and_last_character_only(void **state)
{
	assert_string_equal(seal_mask_id_no(*state, "44140220210615991X"), "4****************X");
	assert_string_equal(seal_mask_id_no(*state, "44"), "******************");
}

static void
each_executable_holds_what_the_design_says(void **state)
{
	(void)state;
	assert_int_equal(keys_of("content"), 0);
	assert_int_equal(keys_of("sandbox"), 0);
	assert_int_equal(keys_of("nobody"), 0);
	assert_int_equal(keys_of("courier"), 1U << SEAL_CONTACT);
	assert_int_equal(keys_of("session") & (1U << SEAL_IDENTITY | 1U << SEAL_LICENSE), 0);
	assert_int_equal(keys_of("register") & 1U << SEAL_LICENSE, 0);
	assert_true((keys_of("license") & 1U << SEAL_LICENSE) != 0 && (keys_of("license") & 1U << SEAL_CONTACT) == 0);
}

static void *
seal_often(void *arg)
{
	struct arena *arena = arena_new(1 << 20);
	struct bytes sealed;
	uint8_t index[SEAL_INDEX_SIZE];
	size_t bad = 0;

	for (int i = 0; i < 300; i++) {
		bad += !seal_put(arena, SEAL_CONTACT, "phone.phone", row_a, arg, &sealed) || !seal_index("phone", arg, index);
		bad += strcmp(seal_get(arena, SEAL_CONTACT, "phone.phone", row_a, sealed), arg) != 0;
	}
	arena_free(arena);
	return (void *)bad;
}

static void
many_threads_seal_beside_each_other(void **state)
{
	static char values[4][4] = { "a", "b", "c", "d" };
	pthread_t threads[4];
	void *bad;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, seal_often, values[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &bad), 0);
		assert_null(bad);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_opens_in_its_own_place_and_row_only),
		cmocka_unit_test(every_changed_bit_and_every_cut_is_noticed),
		cmocka_unit_test(the_same_text_seals_differently_each_time_and_an_empty_one_too),
		cmocka_unit_test(a_class_that_is_not_held_neither_seals_nor_opens),
		cmocka_unit_test(an_index_is_stable_and_differs_by_field_and_value),
		cmocka_unit_test(a_newer_key_seals_and_the_older_still_opens),
		cmocka_unit_test(missing_and_misshapen_keys_are_refused),
		cmocka_unit_test(tokens_hashes_and_uuids_have_their_shapes),
		cmocka_unit_test(a_code_is_six_digits_and_every_digit_stands_in_every_place),
		cmocka_unit_test(a_mask_shows_the_first_and_last_character_only),
		cmocka_unit_test(each_executable_holds_what_the_design_says),
		cmocka_unit_test(many_threads_seal_beside_each_other),
	};

	return cmocka_run_group_tests_name("seal", tests, setup, teardown);
}
