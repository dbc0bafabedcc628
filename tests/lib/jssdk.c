/* The signature over a page, by the example of WeChat's own documents (附录1-JS-SDK使用权限签名算法). */
#include "jssdk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
the_documented_example_is_signed_alike(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	char signature[JSSDK_SIGNATURE_SIZE];

	(void)state;
	assert_true(jssdk_sign(arena, "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
	    "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value", signature));
	assert_string_equal(signature, "0f9de62fce790f9a083d5c99e95740ceb90c27ed");
	arena_free(arena);
}

static void
another_page_has_another_signature_and_too_little_memory_none(void **state)
{
	struct arena *arena = arena_new(1 << 16), *small = arena_new(16);
	char one[JSSDK_SIGNATURE_SIZE], other[JSSDK_SIGNATURE_SIZE];

	(void)state;
	assert_true(jssdk_sign(arena, "ticket", "nonce", 1, "https://a.example/bind", one));
	assert_true(jssdk_sign(arena, "ticket", "nonce", 1, "https://a.example/bind?id=1", other));
	assert_string_not_equal(one, other);
	assert_false(jssdk_sign(small, "ticket", "nonce", 1, "https://a.example/bind", one));
	arena_free(arena);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_example_is_signed_alike),
		cmocka_unit_test(another_page_has_another_signature_and_too_little_memory_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
