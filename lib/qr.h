/* QR codes: the poster and the desktop page. Error correction M, a quiet zone of four modules, as scanners want it. */
#ifndef QR_H
#define QR_H

#include <stdbool.h>

#include "arena.h"
#include "bytes.h"

/**
 * qr_svg(arena, text, out):
 * Draw ${text} as an SVG picture of one path. Returns false if it is too long or memory ends.
 */
bool qr_svg(struct arena *arena, const char *text, struct bytes *out);

/**
 * qr_png(arena, text, module_px, out):
 * Draw ${text} as a PNG picture in grey, ${module_px} pixels (1-64) a module. Returns false if it is too long or memory ends.
 */
bool qr_png(struct arena *arena, const char *text, unsigned module_px, struct bytes *out);

#endif
