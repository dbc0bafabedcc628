/* enrollctl qr: the registration QR code for posters, of the configured public URL. */
#include "enrollctl.h"

#include "conf.h"
#include "qr.h"

/* Large enough for a poster of A3 at 300 dpi. */
enum { POSTER_MODULE_PX = 40 };

int
qr_command(int argc, char **argv)
{
	struct option_text options[] = { { "svg", NULL }, { "png", NULL } };
	struct arena *arena = operator_request()->arena;
	struct bytes picture;
	char *url;

	if (!operator_options(argc, argv, options, sizeof options / sizeof *options))
		return EXIT_USAGE;
	if (options[0].value == NULL && options[1].value == NULL) {
		options[0].value = "qr.svg";
		options[1].value = "qr.png";
	}
	if ((url = arena_printf(arena, "%s/", conf_text("public_url"))) == NULL)
		return operator_fail("内存不足。");
	if (options[0].value != NULL) {
		if (!qr_svg(arena, url, "报名登记二维码", &picture))
			return operator_fail("网址太长，画不成二维码：%s", url);
		if (!operator_write_file(options[0].value, picture))
			return EXIT_FAULT;
		operator_say("已写入 %s（%s）", options[0].value, url);
	}
	if (options[1].value != NULL) {
		if (!qr_png(arena, url, POSTER_MODULE_PX, &picture))
			return operator_fail("网址太长，画不成二维码：%s", url);
		if (!operator_write_file(options[1].value, picture))
			return EXIT_FAULT;
		operator_say("已写入 %s（%s）", options[1].value, url);
	}
	return EXIT_DONE;
}
