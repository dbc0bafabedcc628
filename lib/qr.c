/*
 * libqrencode finds the modules; what is left is drawing them: one SVG path of unit squares, or PNG rows of one byte a pixel,
 * the same row repeated for the height of a module.
 */
#include "qr.h"

#include <png.h>
#include <qrencode.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

enum { QUIET = 4, MODULE_MAX_PX = 64 };

static bool
is_dark(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return (code->data[y * code->width + x] & 1) != 0;
}

/* Capital letters and digits alone take less room; the library finds them by itself. */
static QRcode *
encode(const char *text)
{
	return QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
}

bool
qr_svg(struct arena *arena, const char *text, const char *label, struct bytes *out)
{
	QRcode *code = encode(text);
	size_t limit, used;
	char *svg = NULL;
	int side;

	if (code == NULL)
		return false;

	/* Each dark module is at most "M177 177h1v1h-1z". */
	side = code->width + 2 * QUIET;
	limit = 512 + strlen(label) + (size_t)(code->width * code->width) * 20;
	if ((svg = arena_alloc(arena, limit)) == NULL)
		goto done;
	used = (size_t)snprintf(svg, limit,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\" role=\"img\" "
	    "aria-label=\"%s\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
	    side, side, label, side, side);
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			if (is_dark(code, x, y))
				used += (size_t)snprintf(svg + used, limit - used, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
	used += (size_t)snprintf(svg + used, limit - used, "\"/></svg>\n");
	*out = (struct bytes){ (const uint8_t *)svg, used };

done:
	QRcode_free(code);
	return svg != NULL;
}

/* Where libpng's output goes; what does not fit is a fault, the size is known before. */
struct sink {
	uint8_t *data;
	size_t used, limit;
};

static void
sink_write(png_structp png, png_bytep data, size_t size)
{
	struct sink *sink = png_get_io_ptr(png);

	if (size > sink->limit - sink->used)
		png_error(png, "picture larger than foreseen");
	memcpy(sink->data + sink->used, data, size);
	sink->used += size;
}

static void
sink_flush(png_structp png)
{
	(void)png;
}

/* Write header and rows; false if libpng gives up (it jumps back here). */
static bool
draw_png(const QRcode *code, unsigned module_px, uint8_t *row, struct sink *sink)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
	unsigned side_px = (unsigned)(code->width + 2 * QUIET) * module_px;

	if (info == NULL || setjmp(png_jmpbuf(png)) != 0) {
		png_destroy_write_struct(&png, &info);
		return false;
	}
	png_set_write_fn(png, sink, sink_write, sink_flush);
	png_set_IHDR(png, info, side_px, side_px, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
	    PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (unsigned y = 0; y < side_px; y++) {
		for (unsigned x = 0; x < side_px; x++)
			row[x] = is_dark(code, (int)(x / module_px) - QUIET, (int)(y / module_px) - QUIET) ? 0x00 : 0xff;
		png_write_row(png, row);
	}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return true;
}

bool
qr_png(struct arena *arena, const char *text, unsigned module_px, struct bytes *out)
{
	QRcode *code = encode(text);
	struct sink sink = { 0 };
	size_t side_px;
	uint8_t *row;
	bool is_drawn = false;

	if (code == NULL || module_px < 1 || module_px > MODULE_MAX_PX)
		goto done;

	/* Deflate never makes rows of two values larger than they were. */
	side_px = (size_t)(code->width + 2 * QUIET) * module_px;
	sink.limit = 4096 + side_px * (side_px + 1);
	row = arena_alloc(arena, side_px);
	sink.data = arena_alloc(arena, sink.limit);
	if (row == NULL || sink.data == NULL)
		goto done;
	is_drawn = draw_png(code, module_px, row, &sink);
	*out = (struct bytes){ sink.data, sink.used };

done:
	QRcode_free(code);
	return is_drawn;
}
