/* Fetching the licences that were signed. */
#ifndef LICENSE_WORK_H
#define LICENSE_WORK_H

#include <stdint.h>

#include "db.h"
#include "request.h"

extern const struct door license_due_door, license_store_door, license_archive_door;

/**
 * license_work(req):
 * One round for the asking threads: fetch the licences that are due and store them. Returns the milliseconds until more is due.
 */
int64_t license_work(struct request *req);

#endif
