/* The QR code: both pictures are well-formed, grow with the module, and refuse what does not fit. */
#include "qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int
setup(void **state)
{
	return (*state = arena_new(8 << 20)) == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static unsigned
png_width(struct bytes png)
{
	return (unsigned)png.data[16] << 24 | (unsigned)png.data[17] << 16 | (unsigned)png.data[18] << 8 | png.data[19];
}

static void
an_svg_is_drawn_with_its_quiet_zone(void **state)
{
	struct bytes svg;

	assert_true(qr_svg(*state, "http://localhost:8080/", "报名登记二维码", &svg));
	assert_int_equal(strlen((const char *)svg.data), svg.size);
	assert_non_null(strstr((const char *)svg.data, "viewBox=\"0 0 33 33\""));
	/* The finder pattern's corner stands right behind four empty modules. */
	assert_non_null(strstr((const char *)svg.data, "d=\"M4 4h1v1h-1z"));
	assert_null(strstr((const char *)svg.data, "M3 "));
}

static void
a_png_grows_with_its_module(void **state)
{
	static const unsigned modules[] = { 1, 10, 40 };
	struct bytes png;

	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		assert_true(qr_png(*state, "http://localhost:8080/", modules[i], &png));
		assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n", 8);
		assert_int_equal(png_width(png), 33 * modules[i]);
	}
}

static void
what_does_not_fit_is_refused(void **state)
{
	struct arena *small = arena_new(64);
	char text[4000];
	struct bytes out;

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_false(qr_svg(*state, text, "x", &out));
	assert_false(qr_png(*state, text, 10, &out));
	assert_false(qr_png(*state, "x", 0, &out));
	assert_false(qr_png(*state, "x", 65, &out));
	assert_false(qr_svg(small, "x", "x", &out));
	assert_false(qr_png(small, "x", 10, &out));
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_svg_is_drawn_with_its_quiet_zone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_png_grows_with_its_module, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
