/* The e-license adapter against a system that is played: fetch_all and fetch_one stand here instead of lib/fetch. */
#include "license.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"
#include "fetch.h"
#include "log.h"

#define HOLDER "441402202106159910"
#define TWIN "441402202106159937"
#define GOOD "{\\\"ZZHM\\\":\\\"4414\\\"}"
#define FAILURE(code) "{\"ack_code\":\"FAILURE\",\"errors\":[{\"code\":\"" code "\",\"message\":\"m\"}]}"
#define ITEM(type, holder, auth_code)                                                                                            \
	"{\"name\":\"n\",\"license_type\":\"" type "\",\"holder_identity_num\":\"" holder "\",\"auth_code\":\"" auth_code        \
	"\",\"license_status\":\"ISSUED\"}"

/* What the system says next, and what it was asked. */
static struct {
	const char *auth, *first, *second; /* to license/auth; to get_license of auth codes A1 and A2 */
	int n_logins, n_refusals;          /* how often a token is refused first */
	bool is_login_down;
	char last_body[2000];
	const char *counterpart; /* of the last call */
} played;

static void
answer(struct fetch_call *call, const char *text)
{
	call->result = text != NULL ? FETCH_OK : FETCH_FAILED;
	call->http = 200;
	call->answer = (struct bytes){ (const uint8_t *)text, text != NULL ? strlen(text) : 0 };
}

enum fetch_result
fetch_one(struct arena *arena, struct fetch_call *call)
{
	(void)arena;
	played.n_logins++;
	assert_non_null(strstr(call->url, "/license-app/v1/security/login"));
	assert_non_null(strstr(call->body, "\"app_secret\":\"secret\""));
	answer(call, played.is_login_down ? NULL : "{\"ack_code\":\"SUCCESS\",\"access_token\":\"T\",\"errors\":[]}");
	return call->result;
}

void
fetch_all(struct arena *arena, struct fetch_call *calls, size_t n)
{
	(void)arena;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(strstr(calls[i].url, "access_token=T"));
		played.counterpart = calls[i].counterpart;
		if (played.n_refusals > 0) {
			played.n_refusals--;
			answer(&calls[i], FAILURE("ACCESS_TOKEN_INVALID"));
		} else if (strstr(calls[i].url, "/license/auth?") != NULL) {
			snprintf(played.last_body, sizeof played.last_body, "%s", calls[i].body);
			answer(&calls[i], played.auth);
		} else {
			answer(&calls[i], strstr(calls[i].url, "auth_code=A1&") != NULL ? played.first : played.second);
		}
	}
}

static bool
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return false;
	fputs(text, file);
	return fclose(file) == 0;
}

static int
setup(void **state)
{
	static char folder[] = "/tmp/enroll-license-XXXXXX";
	char secret[64], conf[64], text[400];
	bool is_open;

	log_open("test");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(secret, sizeof secret, "%s/secret", folder);
	snprintf(conf, sizeof conf, "%s/conf", folder);
	snprintf(text, sizeof text, "license_url = http://x\nlicense_app_secret_file = %s\nlicense_password_file = %s\n", secret,
	    secret);
	is_open = write_file(secret, "secret\n") && write_file(conf, text) && conf_open(conf) && license_open();
	(void)unlink(secret);
	(void)unlink(conf);
	(void)rmdir(folder);
	return !is_open || (*state = arena_new(16 << 20)) == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	memset(&played, 0, sizeof played);
	played.auth = "{\"ack_code\":\"SUCCESS\",\"data\":[" ITEM("household_register", HOLDER, "A1") "," ITEM(
	    "real_estate", HOLDER, "A2") "]}";
	played.first =
	    "{\"ack_code\":\"SUCCESS\",\"data\":{\"id_code\":\"4414\",\"issue_date\":\"2020-03-01\",\"data_fields\":\"" GOOD
	    "\"}}";
	played.second = played.first;
	return 0;
}

static struct license_request
fetch(void **state)
{
	struct license_request request = {
		.request_id = "R", .holder_id_no = HOLDER, .authorization_code = "C", .types = "household_register,real_estate"
	};

	license_fetch(*state, &request, 1);
	return request;
}

static void
what_was_signed_is_fetched(void **state)
{
	struct license_request request = fetch(state);

	assert_int_equal(request.failure, LICENSE_OK);
	assert_int_equal(request.n_documents, 2);
	assert_string_equal(request.documents[0].type, "household_register");
	assert_string_equal(request.documents[0].number, "4414");
	assert_string_equal(request.documents[0].issued_on, "2020-03-01");
	assert_non_null(strstr(request.documents[0].json, "\"fields\":{\"ZZHM\":\"4414\"}"));
	assert_non_null(strstr(played.last_body, "\"request_id\":\"R\""));
	assert_non_null(strstr(played.last_body, "\"authorization_code\":\"C\""));
}

static void
fields_in_lines_of_their_own_are_read(void **state)
{
	struct license_request request;

	played.first =
	    "{\"ack_code\":\"SUCCESS\",\"data\":{\"data_fields\":\"{\\n\\t'ZZHM': '4414',\\r\\n\\t'FZRQ': '0000-01-01'\\n}\"}}";
	request = fetch(state);
	assert_int_equal(request.documents[0].failure, LICENSE_OK);
	assert_string_equal(request.documents[0].number, "4414");
	assert_null(request.documents[0].issued_on);
}

static void
one_that_cannot_be_read_is_named_and_the_others_stand(void **state)
{
	struct license_request request;

	played.second = "{\"ack_code\":\"SUCCESS\",\"data\":{\"data_fields\":\"{'a':\"}}";
	request = fetch(state);
	assert_int_equal(request.n_documents, 2);
	assert_int_equal(request.documents[0].failure, LICENSE_OK);
	assert_int_equal(request.documents[1].failure, LICENSE_UNREADABLE);
	assert_string_equal(request.documents[1].type, "real_estate");
}

static void
a_document_belongs_to_its_holder_by_number(void **state)
{
	struct license_request request;

	played.auth = "{\"ack_code\":\"SUCCESS\",\"data\":[" ITEM("household_register", TWIN, "A1") "]}";
	request = fetch(state);
	assert_int_equal(request.failure, LICENSE_OK);
	assert_int_equal(request.n_documents, 0);
}

static void
failures_have_three_meanings(void **state)
{
	static const struct {
		const char *answer;
		enum license_failure failure;
	} cases[] = { { FAILURE("AUTH_CODE_INVALID"), LICENSE_WITHDRAWN }, { FAILURE("LICENSE_NOT_FOUND"), LICENSE_NOT_HELD },
		{ FAILURE("SYSTEM_BUSY"), LICENSE_UNAVAILABLE }, { "{\"ack_code\":\"FAILURE\"}", LICENSE_UNAVAILABLE },
		{ "garbage", LICENSE_UNAVAILABLE }, { NULL, LICENSE_UNAVAILABLE } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		played.first = cases[i].answer;
		assert_int_equal(fetch(state).documents[0].failure, cases[i].failure);
	}
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		played.auth = cases[i].answer;
		assert_int_equal(fetch(state).failure, cases[i].failure);
	}
	played.auth = FAILURE("AUTHORIZATION_CODE_USED");
	assert_int_equal(fetch(state).failure, LICENSE_WITHDRAWN);
}

static void
a_refused_token_is_replaced_once(void **state)
{
	(void)fetch(state);
	played.n_logins = 0;
	(void)fetch(state);
	assert_int_equal(played.n_logins, 0);

	played.n_refusals = 1;
	assert_int_equal(fetch(state).failure, LICENSE_OK);
	assert_int_equal(played.n_logins, 1);

	played.n_refusals = 2;
	assert_int_equal(fetch(state).failure, LICENSE_UNAVAILABLE);
	assert_int_equal(played.n_logins, 2);
}

static void
archives_that_fail_keep_no_licence_away(void **state)
{
	struct license_archive archive;

	played.second = NULL;
	assert_false(license_fetch_archive(*state, "A2", 1024, &archive));
	assert_string_equal(played.counterpart, "license_archive");
}

static void
without_a_login_everything_waits(void **state)
{
	played.n_refusals = 1;
	played.is_login_down = true;
	assert_int_equal(fetch(state).failure, LICENSE_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_signed_is_fetched, begin),
		cmocka_unit_test_setup(fields_in_lines_of_their_own_are_read, begin),
		cmocka_unit_test_setup(one_that_cannot_be_read_is_named_and_the_others_stand, begin),
		cmocka_unit_test_setup(a_document_belongs_to_its_holder_by_number, begin),
		cmocka_unit_test_setup(failures_have_three_meanings, begin),
		cmocka_unit_test_setup(a_refused_token_is_replaced_once, begin),
		cmocka_unit_test_setup(archives_that_fail_keep_no_licence_away, begin),
		cmocka_unit_test_setup(without_a_login_everything_waits, begin),
	};

	return cmocka_run_group_tests_name("license", tests, setup, teardown);
}
