/* Receipts: what was signed is read back as it was, and nothing that is a bit different. */
#include "receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char keys_dir[] = "/tmp/enroll-receipt-XXXXXX";
static const char sha256[] = "0ffbd8d32f29bab20142870d2b1b6e5362a9984f0047ec6cc01a00a32d591818";

static int
setup(void **state)
{
	char path[64];
	FILE *file;

	assert_non_null(mkdtemp(keys_dir));
	assert_true(snprintf(path, sizeof path, "%s/receipt.7", keys_dir) > 0);
	assert_non_null(file = fopen(path, "w"));
	for (int i = 0; i < 32; i++)
		assert_int_not_equal(fputc(i, file), EOF);
	assert_int_equal(fclose(file), 0);
	assert_true(seal_open_keys(keys_dir, 1U << SEAL_RECEIPT));
	assert_non_null(*state = arena_new(64 << 20));
	return 0;
}

static int
teardown(void **state)
{
	char command[64];

	arena_free(*state);
	assert_true(snprintf(command, sizeof command, "rm -r '%s'", keys_dir) > 0);
	return system(command);
}

static struct receipt
make(void)
{
	return (struct receipt){ .number = "4821-7390-5512",
		.public_url = "https://enroll.example.gov.cn",
		.signed_s = 1764221234,
		.expires_s = 1779773234,
		.consent_version = "2026-11-27.2",
		.consent_sha256 = sha256,
		.persons = { { true, "林*雨", "4****************1", { "household_register", "real_estate" }, 2 },
		    { false, "A*** B", "H****************2", { "identity_credential", "birth_certificate" }, 2 },
		    { false, "温**", "4****************X", { NULL }, 0 } },
		.n_persons = 3 };
}

static void
what_was_signed_is_read_back(void **state)
{
	struct receipt given = make(), got;
	uint8_t key[SEAL_PUBLIC_SIZE];
	const char *payload, *code;

	assert_int_equal(seal_receipt_key(key), 7);
	assert_true(receipt_sign(*state, &given, &payload, &code));
	assert_string_equal(payload,
	    "1|7|4821-7390-5512|https://enroll.example.gov.cn|1764221234|1779773234|2026-11-27.2|"
	    "0ffbd8d32f29bab20142870d2b1b6e5362a9984f0047ec6cc01a00a32d591818|G林*雨;4*1;hr|SA*** B;H*2;bi|S温**;4*X;");
	assert_true(receipt_verify(*state, code, key, &got));
	assert_string_equal(got.number, given.number);
	assert_string_equal(got.public_url, given.public_url);
	assert_int_equal(got.signed_s, given.signed_s);
	assert_int_equal(got.expires_s, given.expires_s);
	assert_string_equal(got.consent_version, given.consent_version);
	assert_string_equal(got.consent_sha256, sha256);
	assert_int_equal(got.key_id, 7);
	assert_int_equal(got.n_persons, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(got.persons[i].is_guardian, given.persons[i].is_guardian);
		assert_string_equal(got.persons[i].name, given.persons[i].name);
		assert_string_equal(got.persons[i].id_no, given.persons[i].id_no);
		assert_int_equal(got.persons[i].n_licenses, given.persons[i].n_licenses);
	}
	assert_string_equal(got.persons[1].licenses[0], "birth_certificate");
}

static void
every_sign_counts(void **state)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567:1a =";
	struct receipt given = make(), got;
	uint8_t key[SEAL_PUBLIC_SIZE];
	const char *payload, *code;
	char *altered;

	assert_int_equal(seal_receipt_key(key), 7);
	assert_true(receipt_sign(*state, &given, &payload, &code));
	for (size_t at = 0; code[at] != '\0'; at++) {
		altered = arena_strdup(*state, code);
		altered[at] = signs[at % (sizeof signs - 1)];
		if (altered[at] == code[at])
			altered[at] = altered[at] == 'Q' ? 'R' : 'Q';
		assert_false(receipt_verify(*state, altered, key, &got));
		altered[at] = '\0';
		assert_false(receipt_verify(*state, altered, key, &got));
	}
	assert_false(receipt_verify(*state, arena_printf(*state, "%sA", code), key, &got));
	assert_false(receipt_verify(*state, arena_printf(*state, "%s%s", code, code), key, &got));
	assert_true(receipt_verify(*state, arena_printf(*state, " %.9s\r\n\t%s \n", code, code + 9), key, &got));
	key[3] ^= 1;
	assert_false(receipt_verify(*state, code, key, &got));
}

static void
what_would_break_the_line_is_not_signed(void **state)
{
	const char *payload, *code;
	struct receipt given;

	given = make();
	given.persons[0].name = "林|雨";
	assert_false(receipt_sign(*state, &given, &payload, &code));
	given = make();
	given.persons[2].id_no = "4;2";
	assert_false(receipt_sign(*state, &given, &payload, &code));
	given = make();
	given.persons[0].licenses[1] = "driving_license";
	assert_false(receipt_sign(*state, &given, &payload, &code));
	given = make();
	given.public_url = NULL;
	assert_false(receipt_sign(*state, &given, &payload, &code));
}

static void
a_public_key_goes_through_pem(void **state)
{
	uint8_t key[SEAL_PUBLIC_SIZE], read[4][SEAL_PUBLIC_SIZE];
	const char *pem, *two;

	assert_int_equal(seal_receipt_key(key), 7);
	assert_non_null(pem = receipt_key_pem(*state, key));
	assert_int_equal(receipt_keys_read((struct bytes){ (const uint8_t *)pem, strlen(pem) }, read, 4), 1);
	assert_memory_equal(read[0], key, sizeof key);
	two = arena_printf(*state, "%s\n%s", pem, pem);
	assert_int_equal(receipt_keys_read((struct bytes){ (const uint8_t *)two, strlen(two) }, read, 4), 2);
	assert_int_equal(receipt_keys_read((struct bytes){ (const uint8_t *)"x", 1 }, read, 4), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_signed_is_read_back),
		cmocka_unit_test(every_sign_counts),
		cmocka_unit_test(what_would_break_the_line_is_not_signed),
		cmocka_unit_test(a_public_key_goes_through_pem),
	};

	return cmocka_run_group_tests_name("receipt", tests, setup, teardown);
}
