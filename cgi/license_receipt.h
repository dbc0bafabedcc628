/* GET /api/authorizations/{id}/receipt: what a signing allows, signed by us. */
#ifndef LICENSE_RECEIPT_H
#define LICENSE_RECEIPT_H

#include "db.h"
#include "reply.h"

extern const struct door authorization_receipt_door;

/**
 * license_receipt(req, rep):
 * Answer with the receipt of the authorization in the path: its facts, the line that is signed, and the QR code as an SVG.
 */
enum status license_receipt(struct request *req, struct reply *rep);

#endif
