/* QR codes: the poster, the desktop page, receipts. Error correction M, a quiet zone of four modules, as scanners want it. */
#ifndef QR_H
#define QR_H

#include <stdbool.h>

#include "arena.h"
#include "bytes.h"

/**
 * qr_svg(arena, text, label, out):
 * Draw ${text} as an SVG picture of one path, called ${label} to those who cannot see it (no sign that XML would have to
 * escape). Returns false if it is too long or memory ends.
 */
bool qr_svg(struct arena *arena, const char *text, const char *label, struct bytes *out);

/**
 * qr_png(arena, text, module_px, out):
 * Draw ${text} as a PNG picture in grey, ${module_px} pixels (1-64) a module. Returns false if it is too long or memory ends.
 */
bool qr_png(struct arena *arena, const char *text, unsigned module_px, struct bytes *out);

#endif
